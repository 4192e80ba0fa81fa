//! An engine that invented articles come in to, one after the other.

use std::collections::BTreeMap;

use wirefold::article::{Article, ParsedRecord};
use wirefold::clustering::{Engine, Publication};
use wirefold::record::{Assignment, LogEntry, Match, Millis, Outcome, Relation, StoryId};
use wirefold::signature::SignatureRules;

use crate::kit::record;

const MINUTE: i64 = 60_000;

/// 2026-03-02T06:00:00Z.
const START: i64 = 1_772_431_200_000;

/// The minute, counted from the start, at which `days` days have passed.
pub(crate) fn day(days: i64) -> i64 {
    days * 24 * 60
}

/// `count` words that occur in no text of another name.
pub(crate) fn words(name: &str, count: usize) -> String {
    let words: Vec<String> = (0..count).map(|word| format!("{name}{word}")).collect();
    words.join(" ")
}

/// The words of a text from `from` to before `to`.
pub(crate) fn part(text: &str, from: usize, to: usize) -> String {
    text.split_whitespace().skip(from).take(to - from).collect::<Vec<_>>().join(" ")
}

/// Texts one after the other, each as a paragraph.
pub(crate) fn paragraphs(texts: &[&str]) -> String {
    texts.join("\n")
}

/// An engine, and the assignments of the articles that came in.
#[derive(Default)]
pub(crate) struct Fixture {
    engine: Engine,
    arrived: u64,
    assignments: BTreeMap<String, Assignment>,
}

impl Fixture {
    /// Processes an article of `source` that comes in `minute` minutes after the start. Returns its relation.
    pub(crate) fn arrive(&mut self, uri: &str, source: &str, minute: i64, body: &str) -> Relation {
        self.arrive_as_version(uri, 0, source, minute, body)
    }

    /// Processes a version of an article, which replaces a lower one.
    pub(crate) fn arrive_as_version(
        &mut self,
        uri: &str,
        version: i64,
        source: &str,
        minute: i64,
        body: &str,
    ) -> Relation {
        let at = Millis(START + minute * MINUTE);
        let article = Article { title: format!("Headline of {uri}"), ..record::article(at, body) };
        let outcome = self.decide(record::article_record(uri, source, Some(version), article), at);
        let Outcome::Assigned(assignment) = outcome else { panic!("{uri} was not assigned") };
        for merged in &assignment.merged {
            for earlier in self.assignments.values_mut().filter(|earlier| earlier.story == *merged) {
                earlier.story = assignment.story;
            }
        }
        let relation = assignment.relation;
        self.assignments.insert(uri.into(), *assignment);
        relation
    }

    /// Takes an article back.
    pub(crate) fn withdraw(&mut self, uri: &str, minute: i64) {
        let at = Millis(START + minute * MINUTE);
        self.decide(record::withdrawal(uri), at);
        self.assignments.remove(uri);
    }

    fn decide(&mut self, incoming: ParsedRecord, at: Millis) -> Outcome {
        let offset = self.arrived as i64;
        self.arrived += 1;
        let signature = record::signature(incoming, offset, at, SignatureRules::default().grace);
        self.engine.process(&signature, LogEntry::unlogged(offset), Publication::Service).decision.outcome
    }

    /// The superseded members of an article's story, sorted.
    pub(crate) fn superseded(&self, uri: &str) -> Vec<String> {
        let story = self.story(uri);
        let summaries = self.engine.state().live_summaries();
        let summary = summaries.iter().find(|summary| summary.id == story).expect("a live story");
        let members = summary.members.iter().filter(|member| member.superseded);
        let mut uris: Vec<String> = members.map(|member| member.uri.to_string()).collect();
        uris.sort_unstable();
        uris
    }

    /// How an article matched its story.
    pub(crate) fn matched(&self, uri: &str) -> &Match {
        self.assignments[uri].matched.as_ref().expect("a match")
    }

    /// The story of an article.
    pub(crate) fn story(&self, uri: &str) -> StoryId {
        self.assignments[uri].story
    }

    /// Whether two articles are of one story.
    pub(crate) fn in_one_story(&self, a: &str, b: &str) -> bool {
        self.story(a) == self.story(b)
    }

    /// The stories that an article is linked to, with the relation of each link.
    pub(crate) fn links(&self, uri: &str) -> Vec<(StoryId, Relation)> {
        self.assignments[uri].links.iter().map(|link| (link.story_id, link.relation)).collect()
    }

    /// The sizes of the stories, the largest first.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let mut sizes: BTreeMap<StoryId, usize> = BTreeMap::new();
        for assignment in self.assignments.values() {
            *sizes.entry(assignment.story).or_default() += 1;
        }
        let mut sizes: Vec<usize> = sizes.into_values().collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes
    }
}
