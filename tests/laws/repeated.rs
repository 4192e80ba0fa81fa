//! The law of repeated records: a raw record that is read a second time, e.g. when the input is read again from its start,
//! is a duplicate.

use std::time::Duration;

use wirefold::clustering::{Engine, Publication};
use wirefold::record::{LogEntry, Millis, Outcome, Signature};

use crate::kit::record;
use crate::laws::logs::rules;

const MINUTE: i64 = 60_000;

/// The signature of the record at this offset of the input, ingested at `minute` and published `delay` minutes before.
fn signature(offset: i64, minute: i64, delay: i64, text: &str) -> Signature {
    let words: Vec<String> = (0..30).map(|word| format!("{text}{word}")).collect();
    let article = record::article(Millis((minute - delay) * MINUTE), &words.join(" "));
    let uri = format!("urn:example:{text}{offset}");
    record::signature(
        record::article_record(&uri, &format!("Source {offset}"), None, article),
        offset,
        Millis(minute * MINUTE),
        Duration::from_hours(2),
    )
}

#[test]
fn the_first_record_of_a_live_story_is_a_duplicate_also_after_its_article_has_expired() {
    let mut engine = Engine::new(rules(0));
    let mut decide = |offset, signature: &Signature| {
        engine.process(signature, LogEntry::unlogged(offset), Publication::Service).decision
    };
    decide(0, &signature(0, 1_000, 40, "a"));
    let joined = decide(1, &signature(1, 1_001, 0, "a"));
    assert_eq!(joined.stories.first().map(|story| story.size), Some(2));

    // As an article it would begin a story with the id of the live one.
    let decision = decide(2, &signature(0, 1_060, 0, "b"));
    assert_eq!(decision.outcome, Outcome::Duplicate { existing: 1 });
}
