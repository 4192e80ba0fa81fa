//! A raw record that comes again, as it does when the input is read from its start once more.

use std::time::Duration;

use wirefold::article::{Article, Incoming, Published, Request};
use wirefold::fold::{State, Tally, judge};
use wirefold::record::{Millis, Outcome, RawPosition, Signature};
use wirefold::sign::{self, sign};

use crate::logs::rules;

const MINUTE: i64 = 60_000;

/// The record at this offset of the input, read at this minute and published so many minutes before.
fn signature(offset: i64, minute: i64, delay: i64, text: &str) -> Signature {
    let words: Vec<String> = (0..30).map(|word| format!("{text}{word}")).collect();
    let article = Article {
        body: words.join(" "),
        source: format!("Source {offset}"),
        published: Some(Published::At(Millis((minute - delay) * MINUTE))),
        ..Article::default()
    };
    let incoming = Incoming {
        uri: format!("urn:example:{text}{offset}"),
        version: None,
        request: Request::Judge(Box::new(article)),
    };
    let raw = RawPosition { topic: "articles".into(), partition: 0, offset };
    sign(incoming, raw, Millis(minute * MINUTE), &sign::Rules { grace: Duration::from_hours(2), ..Default::default() })
}

#[test]
fn the_first_record_of_a_live_story_is_known_though_its_article_has_expired() {
    let mut state = State::new();
    let mut decide = |offset, signature: &Signature| {
        let decision = judge(&state, signature, offset, &rules(0), &mut Tally::default());
        state.apply(signature, &decision);
        decision
    };
    decide(0, &signature(0, 1_000, 40, "a"));
    let joined = decide(1, &signature(1, 1_001, 0, "a"));
    assert_eq!(joined.stories.first().map(|story| story.size), Some(2));

    // A story of its own would bear the id of the one that is live.
    let decision = decide(2, &signature(0, 1_060, 0, "b"));
    assert_eq!(decision.outcome, Outcome::Duplicate { standing: 1 });
}
