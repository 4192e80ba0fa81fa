//! `wirefold tail`: follows a public topic in a terminal.

mod columns;

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::app::{Failure, SettingsArgs, client, stop_flag};
use crate::kafka::{Follower, StartAt};
use crate::stream::port::ConsumerRecord;
use columns::{STORY_HEADER, VERDICT_HEADER, story_line, verdict_line};

/// Arguments of `tail`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(after_long_help = include_str!("help/tail.txt").trim_end())]
pub(super) struct TailArgs {
    /// What to follow
    #[arg(long, value_enum, default_value_t = TailTopic::Stories)]
    topic: TailTopic,

    /// Begin with the first record that is kept, not with the next one
    #[arg(long)]
    from_start: bool,

    /// Print each record as it is in the topic, one a line
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TailTopic {
    /// Stories [setting: `topics.stories`]
    Stories,
    /// The verdict on each article [setting: `topics.verdicts`]
    Verdicts,
    /// Records that could not be read [setting: `topics.dead_letters`]
    DeadLetters,
}

/// How many characters of a dead letter are shown.
const SHOWN_CHARACTERS: usize = 120;

pub(super) fn run(args: &TailArgs) -> Result<(), Failure> {
    let (config, _) = args.settings.load()?;
    let topic = match args.topic {
        TailTopic::Stories => &config.topics.stories,
        TailTopic::Verdicts => &config.topics.verdicts,
        TailTopic::DeadLetters => &config.topics.dead_letters,
    };
    let start = if args.from_start { StartAt::Beginning } else { StartAt::End };
    let stop = stop_flag()?;
    let mut follower = Follower::open(&client(&config)?, topic, start)?;
    let mut out = io::stdout().lock();
    let header = match args.topic {
        TailTopic::Stories => Some(STORY_HEADER),
        TailTopic::Verdicts => Some(VERDICT_HEADER),
        TailTopic::DeadLetters => None,
    };
    if let Some(header) = header.filter(|_| out.is_terminal() && !args.json) {
        writeln!(out, "{header}").or_else(Failure::output)?;
    }
    while !stop.load(Ordering::Relaxed) {
        let Some(record) = follower.next(Duration::from_millis(200))? else { continue };
        let line = if args.json { raw(&record) } else { readable(args.topic, &record) };
        if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
            return Failure::output(error);
        }
    }
    Ok(())
}

fn raw(record: &ConsumerRecord) -> String {
    String::from_utf8_lossy(record.value.as_deref().unwrap_or(b"null")).into_owned()
}

/// One line for a person. Anything else than a record of wirefold is shown as it is.
fn readable(topic: TailTopic, record: &ConsumerRecord) -> String {
    let value = record.value.as_deref().unwrap_or_default();
    match topic {
        TailTopic::Stories => serde_json::from_slice(value).map_or_else(|_| raw(record), |story| story_line(&story)),
        TailTopic::Verdicts => {
            serde_json::from_slice(value).map_or_else(|_| raw(record), |verdict| verdict_line(&verdict))
        }
        TailTopic::DeadLetters => dead_letter_line(record),
    }
}

fn dead_letter_line(record: &ConsumerRecord) -> String {
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
