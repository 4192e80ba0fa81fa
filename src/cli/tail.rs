//! `wirefold tail`: follows a public topic in a terminal.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::config::client;
use super::signals::stop_flag;
use super::{Failure, TailArgs, TailTopic};
use crate::kafka::{Follower, StartAt};
use crate::pipeline::port::Inbound;
use crate::record::{StoryRecord, StoryState, VerdictRecord};

/// How much of a refused record is shown.
const SHOWN_CHARACTERS: usize = 120;

pub(super) fn run(args: &TailArgs) -> Result<(), Failure> {
    let (config, _) = args.config.load(&args.config.arguments())?;
    let topic = match args.topic {
        TailTopic::Stories => &config.topics.stories,
        TailTopic::Verdicts => &config.topics.verdicts,
        TailTopic::DeadLetters => &config.topics.dead_letters,
    };
    let start = if args.from_start { StartAt::Beginning } else { StartAt::End };
    let stop = stop_flag().map_err(|error| Failure::Other(format!("cannot listen for signals: {error}")))?;
    let mut follower = Follower::open(&client(&config)?, topic, start)?;
    let mut out = io::stdout().lock();
    while !stop.load(Ordering::Relaxed) {
        let Some(record) = follower.next(Duration::from_millis(200))? else { continue };
        let line = if args.json { raw(&record) } else { readable(args.topic, &record) };
        if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
            return Failure::output(error);
        }
    }
    Ok(())
}

fn raw(record: &Inbound) -> String {
    String::from_utf8_lossy(record.value.as_deref().unwrap_or(b"null")).into_owned()
}

/// One line for a person. What is no record of ours is shown as it is.
fn readable(topic: TailTopic, record: &Inbound) -> String {
    let value = record.value.as_deref().unwrap_or_default();
    match topic {
        TailTopic::Stories => serde_json::from_slice(value).map_or_else(|_| raw(record), |story| story_line(&story)),
        TailTopic::Verdicts => {
            serde_json::from_slice(value).map_or_else(|_| raw(record), |verdict| verdict_line(&verdict))
        }
        TailTopic::DeadLetters => dead_letter_line(record),
    }
}

fn story_line(story: &StoryRecord) -> String {
    let state = match story.state {
        StoryState::Open => "open",
        StoryState::Closed => "closed",
        StoryState::Merged => "merged",
    };
    let canonical = story.canonical.as_ref().map_or("-", |canonical| &canonical.uri);
    let mut line = format!(
        "{} {state:6} {:>4} articles {:>3} sources  {}  {canonical}",
        story.last_seen,
        story.size,
        story.sources,
        &story.story_id.to_string()[..12],
    );
    if let Some(into) = story.merged_into {
        let _ = write!(line, " -> {into}");
    }
    line
}

fn verdict_line(verdict: &VerdictRecord) -> String {
    let relation = verdict.relation.map_or("-", |relation| relation.name());
    let mut line = format!("{} {:14} {relation:9} {}", verdict.published_at, verdict.decision.name(), verdict.uri);
    if let Some(matched) = &verdict.matched {
        let _ = write!(line, "  {} like {}", matched.similarity, matched.matched_to);
    }
    line
}

fn dead_letter_line(record: &Inbound) -> String {
    let header = |name: &str| {
        let found = record.headers.iter().rev().find(|(header, _)| header == name);
        String::from_utf8_lossy(found.and_then(|(_, value)| value.as_deref()).unwrap_or(b"?")).into_owned()
    };
    let value = String::from_utf8_lossy(record.value.as_deref().unwrap_or_default());
    let shown: String = value.chars().take(SHOWN_CHARACTERS).collect::<String>().replace(['\n', '\r'], " ");
    format!(
        "{}[{}]@{}  {}: {}  {shown}",
        header("__connect.errors.topic"),
        header("__connect.errors.partition"),
        header("__connect.errors.offset"),
        header("__connect.errors.exception.class.name"),
        header("__connect.errors.exception.message"),
    )
}
