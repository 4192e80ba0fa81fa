//! Random logs: a few dozen records with everything that can happen to an article.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use wirefold::article::{Article, MetadataCredit, ParsedContent, ParsedRecord, Published};
use wirefold::clustering::{ClusteringRules, Engine, Publication, State};
use wirefold::record::{
    BoilerplateTable, CreditLocation, Decision, LogEntry, Millis, Ratio, Signature, Version, Versioned,
};

use crate::kit::record::{self, rules_for_short_articles};

const MINUTE: i64 = 60_000;

/// One record of a random log.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Minutes between the ingestion of the record before and of this one.
    advance: u16,
    /// Minutes between publication and ingestion.
    delay: u16,
    uri: u8,
    version: Option<i64>,
    source: u8,
    /// The number of the text that it is made from.
    text: u8,
    /// Words cut from the end of that text.
    cut: u8,
    /// Twice the number of words added.
    own: u8,
    kind: RecordKind,
    /// The rules that apply from this record on, where they change.
    rules: Option<u8>,
    /// Whether it has the raw position of an earlier record.
    repeated: bool,
}

#[derive(Debug, Clone, Copy)]
enum RecordKind {
    Article,
    Empty,
    Withdrawal,
    Withheld,
}

/// Up to sixty records, of which about twenty are live at a time.
pub(crate) fn log() -> impl Strategy<Value = Vec<Step>> {
    let kind = prop_oneof![
        20 => Just(RecordKind::Article),
        1 => Just(RecordKind::Empty),
        2 => Just(RecordKind::Withdrawal),
        1 => Just(RecordKind::Withheld),
    ];
    let step = (
        prop_oneof![20 => 0u16..10, 1 => 60u16..400],
        prop_oneof![6 => 0u16..30, 2 => 30u16..130],
        0u8..30,
        prop::option::weighted(0.4, 0i64..4),
        0u8..5,
        0u8..5,
        (prop_oneof![1 => Just(0), 2 => 0u8..30], prop_oneof![1 => Just(0), 2 => 0u8..30]),
        kind,
        prop::option::weighted(0.05, 0u8..4),
        prop::bool::weighted(0.03),
    )
        .prop_map(|(advance, delay, uri, version, source, text, (cut, own), kind, rules, repeated)| Step {
            advance,
            delay,
            uri,
            version,
            source,
            text,
            cut,
            own,
            kind,
            rules,
            repeated,
        });
    prop::collection::vec(step, 1..60)
}

/// Rules for articles of some thirty words, with a window of some twenty articles.
pub(crate) fn rules(variant: u8) -> ClusteringRules {
    let minutes = |count: u64| Duration::from_mins(count);
    let small = rules_for_short_articles(minutes(60), minutes(30));
    match variant {
        0 => small,
        1 => ClusteringRules { window: minutes(20), grace: minutes(5), ..small },
        2 => ClusteringRules { window: minutes(150), threshold: Ratio(2_000), mean_score_min: Ratio(1_500), ..small },
        _ => ClusteringRules { filters_max: 2, threshold: Ratio(8_000), ..small },
    }
}

/// The signatures of a log, each with its log offset (offsets have gaps) and the rules in force.
pub(crate) fn signatures(steps: &[Step]) -> Vec<(i64, Signature, ClusteringRules)> {
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
            let offset = if step.repeated { at as i64 / 2 } else { at as i64 };
            let published = Published::At(Millis(ingested - i64::from(step.delay) * MINUTE));
            let content = match step.kind {
                RecordKind::Article => ParsedContent::Article(Box::new(article(step, published, text(step)))),
                RecordKind::Empty => ParsedContent::Article(Box::new(article(step, published, "…".into()))),
                RecordKind::Withdrawal => ParsedContent::Withdrawal,
                RecordKind::Withheld => ParsedContent::Withheld,
            };
            // Some articles have the id of others, and some withdrawals name only that.
            let id = (step.uri % 4).to_string();
            let is_bare = step.uri % 3 == 0 && matches!(step.kind, RecordKind::Withdrawal | RecordKind::Withheld);
            let uri = if is_bare { id.clone() } else { format!("urn:example:{}", step.uri) };
            let source = if step.uri % 2 == 0 || !is_bare { format!("Source {}", step.source) } else { String::new() };
            let version = step.version.map(Version::Number);
            let incoming = ParsedRecord { id: Some(id), source, ..ParsedRecord::new(uri, version, content) };
            let signature = record::signature(incoming, offset, Millis(ingested), Duration::from_hours(2));
            (3 * at as i64 + at as i64 % 2, signature, in_force.clone())
        })
        .collect()
}

fn article(step: &Step, published: Published, body: String) -> Article {
    Article {
        title: format!("Title {}", step.text),
        body,
        language: if step.text.is_multiple_of(2) { "en".into() } else { "ar".into() },
        published: Some(published),
        credits: credits(step),
        // The sources 0 and 1 are of one publisher.
        site: format!("{}.example", step.source.max(1)),
        ..Article::default()
    }
}

/// Up to two credits, which depend on the cut.
fn credits(step: &Step) -> Vec<MetadataCredit> {
    let names = ["Reuters", "dpa", "Norwire"];
    let locations = [CreditLocation::InfoSource, CreditLocation::Byline];
    let cut = usize::from(step.cut);
    let credit = |at: usize| MetadataCredit { name: names[(at + cut) % 3].into(), location: locations[at % 2] };
    (0..cut % 3).map(credit).collect()
}

/// Thirty words of one of five texts, less a cut, then words of its own and the boilerplate of its source.
fn text(step: &Step) -> String {
    let shared = (0..30 - step.cut.min(25)).map(|word| format!("t{}w{word}", step.text));
    let own = (0..step.own / 2).map(|word| format!("u{}o{word}", step.uri));
    let boilerplate = (0..5).map(|word| format!("s{}f{word}", step.source));
    shared.chain(own).chain(boilerplate).collect::<Vec<_>>().join(" ")
}

/// The log entry of a signature.
pub(crate) fn entry(offset: i64, signature: &Signature) -> LogEntry {
    LogEntry::new(offset, &signature.to_bytes())
}

/// An uninterrupted run over a log.
pub(crate) struct Run {
    /// Each record with its log offset, the rules in force and the decision.
    pub(crate) records: Vec<(i64, Signature, ClusteringRules, Decision)>,
    /// The dump of the state after each record.
    pub(crate) dumps: Vec<String>,
    /// The state after each record.
    pub(crate) states: Vec<State>,
    /// The boilerplate filters written or deleted with each decision, by publisher.
    pub(crate) filters: Vec<Vec<(Arc<str>, Option<BoilerplateTable>)>>,
}

pub(crate) fn run(steps: &[Step]) -> Run {
    let mut run = Run { records: Vec::new(), dumps: Vec::new(), states: Vec::new(), filters: Vec::new() };
    let mut state = State::new();
    for (offset, signature, rules) in signatures(steps) {
        let mut engine = Engine::resume(state, rules.clone());
        let processed = engine.process(&signature, entry(offset, &signature), Publication::Service);
        run.filters.push(processed.filters());
        let decision = processed.decision;
        state = engine.state().clone();
        run.dumps.push(state.dump());
        run.states.push(state.clone());
        run.records.push((offset, signature, rules, decision));
    }
    run
}
