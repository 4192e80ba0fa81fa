//! Random logs: a few dozen records of a small world, with everything that can happen to an article.

use std::time::Duration;

use proptest::prelude::*;
use wirefold::article::{Article, Credit, Incoming, Published, Request};
use wirefold::fold::{Rules, State, Tally, judge};
use wirefold::record::{CreditPlace, Decision, Millis, Ratio, RawPosition, Signature};
use wirefold::sign::{self, sign};

const MINUTE: i64 = 60_000;

/// One record of a random log, and whether the rules change before it.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Minutes that ingestion moves on, now and then by a jump.
    advance: u16,
    /// How many minutes before its ingestion the article was published.
    delay: u16,
    uri: u8,
    version: Option<i64>,
    source: u8,
    /// Which text it starts from, how much of it is cut, and how many words are its own.
    text: u8,
    cut: u8,
    own: u8,
    what: What,
    rules: Option<u8>,
    /// The raw position of an earlier record again.
    repeated: bool,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Article,
    Empty,
    Withdrawal,
    Withheld,
}

/// Some forty records, of which about twenty are live at a time.
pub(crate) fn log() -> impl Strategy<Value = Vec<Step>> {
    let what = prop_oneof![
        20 => Just(What::Article),
        1 => Just(What::Empty),
        2 => Just(What::Withdrawal),
        1 => Just(What::Withheld),
    ];
    let step = (
        prop_oneof![20 => 0u16..10, 1 => 60u16..400],
        prop_oneof![6 => 0u16..30, 2 => 30u16..130],
        0u8..30,
        prop::option::weighted(0.4, 0i64..4),
        0u8..5,
        0u8..5,
        (prop_oneof![1 => Just(0), 2 => 0u8..30], prop_oneof![1 => Just(0), 2 => 0u8..30]),
        what,
        prop::option::weighted(0.05, 0u8..4),
        prop::bool::weighted(0.03),
    )
        .prop_map(|(advance, delay, uri, version, source, text, (cut, own), what, rules, repeated)| Step {
            advance,
            delay,
            uri,
            version,
            source,
            text,
            cut,
            own,
            what,
            rules,
            repeated,
        });
    prop::collection::vec(step, 1..60)
}

/// Rules of a small world: some tens of words an article, a window of some twenty articles.
pub(crate) fn rules(variant: u8) -> Rules {
    let minutes = |count: u64| Duration::from_mins(count);
    let small = Rules {
        window: minutes(60),
        grace: minutes(30),
        shared_min: 3,
        postings_min: 1,
        sample_max: 16,
        compared_max: 3,
        candidates_max: 4,
        sources_max: 3,
        ..Rules::default()
    };
    match variant {
        0 => small,
        1 => Rules { window: minutes(20), grace: minutes(5), ..small },
        2 => Rules { window: minutes(150), threshold: Ratio(2_000), mean_min: Ratio(1_500), ..small },
        _ => Rules {
            sources_max: 2,
            owners: [("Source 0".into(), "Source 1".into())].into_iter().collect(),
            threshold: Ratio(8_000),
            ..small
        },
    }
}

/// The signatures of a log, each with its offset (offsets have gaps) and the rules in force.
pub(crate) fn signatures(steps: &[Step]) -> Vec<(i64, Signature, Rules)> {
    let mut ingested = 1_000 * MINUTE;
    let mut in_force = rules(0);
    steps
        .iter()
        .enumerate()
        .map(|(at, step)| {
            ingested += i64::from(step.advance) * MINUTE;
            if let Some(variant) = step.rules {
                in_force = rules(variant);
            }
            let signing = sign::Rules { grace: Duration::from_hours(2), ..sign::Rules::default() };
            let offset = if step.repeated { at as i64 / 2 } else { at as i64 };
            let raw = RawPosition { topic: "articles".into(), partition: 0, offset };
            let published = Published::At(Millis(ingested - i64::from(step.delay) * MINUTE));
            let request = match step.what {
                What::Article => Request::Judge(Box::new(article(step, published, text(step)))),
                What::Empty => Request::Judge(Box::new(article(step, published, "…".into()))),
                What::Withdrawal => Request::Withdraw,
                What::Withheld => Request::Withhold,
            };
            let incoming = Incoming { uri: format!("urn:example:{}", step.uri), version: step.version, request };
            let signature = sign(incoming, raw, Millis(ingested), &signing);
            (3 * at as i64 + at as i64 % 2, signature, in_force.clone())
        })
        .collect()
}

fn article(step: &Step, published: Published, body: String) -> Article {
    Article {
        title: format!("Title {}", step.text),
        body,
        language: if step.text.is_multiple_of(2) { "en".into() } else { "ar".into() },
        source: format!("Source {}", step.source),
        published: Some(published),
        credits: credits(step),
    }
}

/// Names at two places: which of them an article has changes with its text and version.
fn credits(step: &Step) -> Vec<Credit> {
    let names = ["Reuters", "dpa", "Norwire"];
    let places = [CreditPlace::InfoSource, CreditPlace::Byline];
    let cut = usize::from(step.cut);
    let credit = |at: usize| Credit { name: names[(at + cut) % 3].into(), place: places[at % 2] };
    (0..cut % 3).map(credit).collect()
}

/// Thirty words of one of five texts, less a cut, then words of its own and a line that its source always prints.
fn text(step: &Step) -> String {
    let shared = (0..30 - step.cut.min(25)).map(|word| format!("t{}w{word}", step.text));
    let own = (0..step.own / 2).map(|word| format!("u{}o{word}", step.uri));
    let furniture = (0..5).map(|word| format!("s{}f{word}", step.source));
    shared.chain(own).chain(furniture).collect::<Vec<_>>().join(" ")
}

/// An uninterrupted run: each record with its decision, and the state's dump after it.
pub(crate) struct Run {
    pub(crate) records: Vec<(i64, Signature, Rules, Decision)>,
    pub(crate) dumps: Vec<String>,
    /// The state after each record.
    pub(crate) states: Vec<State>,
}

pub(crate) fn run(steps: &[Step]) -> Run {
    let mut state = State::new();
    let mut run = Run { records: Vec::new(), dumps: Vec::new(), states: Vec::new() };
    for (offset, signature, rules) in signatures(steps) {
        let decision = judge(&state, &signature, offset, &rules, &mut Tally::default());
        state.apply(&signature, &decision);
        run.dumps.push(state.dump());
        run.states.push(state.clone());
        run.records.push((offset, signature, rules, decision));
    }
    run
}
