//! Decides whether a run was correct, from its committed records alone.
//!
//! The expected records are computed again from the raw records and the order of their signatures in the log: each
//! signature from its raw record, each decision and the records that it publishes by an engine that reads the log.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use wirefold::article::ArticleReader;
use wirefold::clustering::{ClusteringRules, Engine, Publication};
use wirefold::record::{Decision, LogEntry, RawPosition, Rejection, Signature, Versioned};
use wirefold::signature::{self, SignatureRules};
pub(crate) use wirefold::stream::port::Headers;
use wirefold::stream::port::{ConsumerRecord, TopicPartition};

/// The values and headers of one key, in order.
type Values = Vec<(Option<Vec<u8>>, Headers)>;

/// The records of a topic by their keys.
pub(crate) type ByKey = BTreeMap<Vec<u8>, Values>;

/// The rules of the run.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) clustering: ClusteringRules,
    /// How much older than its ingestion time an article may be for its published time to be credible.
    pub(crate) grace: Duration,
    pub(crate) epoch: u32,
}

/// All committed records of a run; those of a topic with several partitions are ordered by partition.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    pub(crate) articles: Vec<ConsumerRecord>,
    pub(crate) signatures: Vec<ConsumerRecord>,
    pub(crate) dead_letters: Vec<ConsumerRecord>,
    pub(crate) decisions: Vec<ConsumerRecord>,
    pub(crate) boilerplate: Vec<ConsumerRecord>,
    pub(crate) stories: Vec<ConsumerRecord>,
    pub(crate) verdicts: Vec<ConsumerRecord>,
    /// The committed offsets of both stages by the partitions that they read; nothing was committed for other partitions.
    pub(crate) committed: BTreeMap<TopicPartition, i64>,
    /// The committed offset of the stories stage expired during the run: it may be missing.
    pub(crate) committed_forgotten: bool,
}

/// The decisions of an engine that reads the log, and the records that it publishes.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    pub(crate) engine: Engine,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) boilerplate: ByKey,
    pub(crate) stories: ByKey,
    pub(crate) verdicts: ByKey,
    /// Why raw records are refused after their signatures were made.
    pub(crate) rejections: BTreeMap<RawPosition, Rejection>,
}

impl Expected {
    /// Processes the log.
    pub(crate) fn of(log: &[ConsumerRecord], rules: &ClusteringRules, epoch: u32) -> Result<Self, String> {
        let mut expected = Self { engine: Engine::new(rules.clone()), ..Self::default() };
        let Self { engine, decisions, boilerplate, stories, verdicts, rejections } = &mut expected;
        for record in log {
            let signature = Signature::from_bytes(value(record)?).map_err(|error| error.to_string())?;
            let is_warmup = record.headers.iter().any(|(name, _)| name == "wirefold.warmup");
            let publication = if is_warmup { Publication::WarmUp } else { Publication::Service };
            let processed = engine.process(&signature, LogEntry::new(record.offset, value(record)?), publication);
            for (source, table) in processed.filters() {
                add(boilerplate, source.as_bytes(), table.map(|table| table.to_bytes()), Vec::new());
            }
            for story in processed.stories(epoch) {
                add(stories, story.story_id.to_string().as_bytes(), serde_json::to_vec(&story).ok(), Vec::new());
            }
            let mut trace = traced(record);
            for verdict in processed.verdicts(epoch) {
                let headers = std::mem::take(&mut trace);
                add(verdicts, verdict.uri.as_bytes(), serde_json::to_vec(&verdict).ok(), headers);
            }
            rejections.extend(processed.rejection().map(|rejection| (signature.raw.clone(), rejection)));
            decisions.push(processed.decision);
        }
        Ok(expected)
    }
}

fn add(records: &mut ByKey, key: &[u8], value: Option<Vec<u8>>, headers: Headers) {
    records.entry(key.to_vec()).or_default().push((value, headers));
}

/// Checks a finished run; the error states what is wrong.
pub(crate) fn check(written: &Written, rules: &Rules) -> Result<Expected, String> {
    let raw: BTreeMap<RawPosition, &ConsumerRecord> =
        written.articles.iter().map(|record| (position(record), record)).collect();
    let in_log = check_log(written, &raw, rules)?;
    let expected = Expected::of(&written.signatures, &rules.clustering, rules.epoch)?;
    let rejected = check_dead_letters(written, &raw, rules, &expected.rejections)?;
    if let Some(twice) = in_log.intersection(&rejected).next() {
        return Err(format!("{twice} is in the log and among the dead letters"));
    }
    if let Some(lost) = raw.keys().find(|position| !in_log.contains(position) && !rejected.contains(position)) {
        return Err(format!("{lost} is lost"));
    }
    check_decisions(written, &expected)?;
    check_keyed("boilerplate", &written.boilerplate, &expected.boilerplate)?;
    check_keyed("stories", &written.stories, &expected.stories)?;
    check_keyed("verdicts", &written.verdicts, &expected.verdicts)?;
    check_committed("articles", &written.articles, written, false)?;
    check_committed("signatures", &written.signatures, written, written.committed_forgotten)?;
    Ok(expected)
}

/// Each signature is that of its raw record, each raw record has at most one, and those of one input partition keep its
/// order.
fn check_log(
    written: &Written,
    raw: &BTreeMap<RawPosition, &ConsumerRecord>,
    rules: &Rules,
) -> Result<BTreeSet<RawPosition>, String> {
    let mut seen = BTreeSet::new();
    let mut last: BTreeMap<TopicPartition, i64> = BTreeMap::new();
    for record in &written.signatures {
        let at = format!("the signature at {}", record.offset);
        let signature = Signature::from_bytes(value(record)?).map_err(|error| format!("{at}: {error}"))?;
        let origin = raw.get(&signature.raw).ok_or_else(|| format!("{at} has no raw record: {}", signature.raw))?;
        let expected =
            signature_of(origin, rules).map_err(|rejection| format!("{at} should be a dead letter: {rejection}"))?;
        same(&at, &signature, &expected)?;
        same(&format!("the headers of {at}"), &record.headers, &traced(origin))?;
        let before = last.insert(origin.from.clone(), origin.offset);
        if !seen.insert(signature.raw.clone()) {
            return Err(format!("{} is in the log twice", signature.raw));
        }
        if before.is_some_and(|before| before > origin.offset) {
            return Err(format!("{at} comes after the signature of a later raw record"));
        }
    }
    Ok(seen)
}

fn check_dead_letters(
    written: &Written,
    raw: &BTreeMap<RawPosition, &ConsumerRecord>,
    rules: &Rules,
    of_decisions: &BTreeMap<RawPosition, Rejection>,
) -> Result<BTreeSet<RawPosition>, String> {
    let mut seen = BTreeSet::new();
    let mut refused = BTreeSet::new();
    for record in &written.dead_letters {
        let origin = rejected_at(record);
        let at = format!("the dead letter at {}", record.offset);
        let from = raw.get(&origin).ok_or_else(|| format!("{at} has no raw record: {origin}"))?;
        if let Some(rejection) = of_decisions.get(&origin) {
            let detail = header(record, "__connect.errors.exception.message").unwrap_or_default();
            same(&format!("the detail of {at}"), &detail, &rejection.detail)?;
            if !refused.insert(origin.clone()) {
                return Err(format!("{origin} is a dead letter twice"));
            }
            continue;
        }
        let Err(rejection) = signature_of(from, rules) else {
            return Err(format!("{at} should be in the log: {origin}"));
        };
        let reason = header(record, "__connect.errors.exception.class.name").unwrap_or_default();
        same(&format!("the reason of {at}"), &*reason, rejection.reason.name())?;
        // A large value is cut to a prefix; headers state its size and hash.
        if header(record, "wirefold.value.bytes").is_none() {
            same(&at, &(&record.key, &record.value), &(&from.key, &from.value))?;
        }
        if !seen.insert(origin.clone()) {
            return Err(format!("{origin} is a dead letter twice"));
        }
    }
    match of_decisions.keys().find(|origin| !refused.contains(*origin)) {
        Some(lost) => Err(format!("{lost} was refused by its decision, and is no dead letter")),
        None => Ok(seen),
    }
}

/// The signature of a raw record, or its rejection.
fn signature_of(record: &ConsumerRecord, rules: &Rules) -> Result<Signature, Rejection> {
    let parsed = ArticleReader::default().read(&record.from.topic, record.key.as_deref(), record.value.as_deref())?;
    let rules = SignatureRules { grace: rules.grace, ..SignatureRules::default() };
    Ok(signature::build(parsed, position(record), record.timestamp, &rules))
}

/// The decisions are dense, in the order of the log, and equal to those of the engine.
fn check_decisions(written: &Written, expected: &Expected) -> Result<(), String> {
    let mut decisions = written.decisions.iter();
    for (at, expected) in written.signatures.iter().zip(&expected.decisions) {
        let record = decisions.next().ok_or_else(|| format!("the signature at {} has no decision", at.offset))?;
        let decision = decision(record)?;
        same("the seq of a decision", &decision.seq, &expected.seq)?;
        same(&format!("the log offset of decision {}", decision.seq), &decision.log_offset, &at.offset)?;
        same(&format!("decision {}", decision.seq), &decision, expected)?;
    }
    match decisions.next() {
        Some(record) => Err(format!("the decision at {} belongs to no signature", record.offset)),
        None => Ok(()),
    }
}

/// The records of a keyed topic are those that the decisions publish, in order for each key.
fn check_keyed(topic: &str, records: &[ConsumerRecord], expected: &ByKey) -> Result<(), String> {
    let mut found = ByKey::new();
    for record in records {
        let key = record.key.as_deref().ok_or_else(|| format!("a record of {topic} without a key"))?;
        add(&mut found, key, record.value.clone(), record.headers.clone());
    }
    let keys: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    for key in keys {
        let what = format!("the records of {topic} under {}", String::from_utf8_lossy(key));
        same(&what, &readable(found.get(key)), &readable(expected.get(key)))?;
    }
    Ok(())
}

/// The committed offset of a stage follows the last record of each partition that it reads.
fn check_committed(topic: &str, records: &[ConsumerRecord], written: &Written, may_miss: bool) -> Result<(), String> {
    let mut ends: BTreeMap<&TopicPartition, i64> = BTreeMap::new();
    for record in records {
        ends.insert(&record.from, record.offset + 1);
    }
    for (partition, end) in ends {
        let committed = written.committed.get(partition).copied();
        if !(may_miss && committed.is_none()) {
            same(&format!("the committed offset of {topic} in {partition}"), &committed, &Some(end))?;
        }
    }
    Ok(())
}

/// Decodes the decision of a record.
pub(crate) fn decision(record: &ConsumerRecord) -> Result<Decision, String> {
    Decision::from_bytes(value(record)?).map_err(|error| format!("the decision at {}: {error}", record.offset))
}

/// The raw position of a raw record.
pub(crate) fn position(record: &ConsumerRecord) -> RawPosition {
    let TopicPartition { topic, partition } = &record.from;
    RawPosition { topic: Arc::clone(topic), partition: *partition, offset: record.offset }
}

/// The raw position in the headers of a dead letter.
pub(crate) fn rejected_at(letter: &ConsumerRecord) -> RawPosition {
    let number = |name: &str| header(letter, name).and_then(|text| text.parse::<i64>().ok()).unwrap_or(-1);
    RawPosition {
        topic: header(letter, "__connect.errors.topic").unwrap_or_default().into(),
        partition: number("__connect.errors.partition") as i32,
        offset: number("__connect.errors.offset"),
    }
}

/// The last header of this name, as text.
pub(crate) fn header(record: &ConsumerRecord, name: &str) -> Option<String> {
    let (_, value) = record.headers.iter().rev().find(|(header, _)| header == name)?;
    String::from_utf8(value.clone()?).ok()
}

fn value(record: &ConsumerRecord) -> Result<&[u8], String> {
    record.value.as_deref().ok_or_else(|| format!("{}@{} has no value", record.from, record.offset))
}

fn traced(record: &ConsumerRecord) -> Headers {
    record.headers.iter().filter(|(name, _)| name == "traceparent").cloned().collect()
}

fn readable(values: Option<&Values>) -> Vec<(Option<String>, Headers)> {
    let values = values.into_iter().flatten();
    let text = |bytes: &Vec<u8>| bytes.escape_ascii().to_string();
    values.map(|(value, headers)| (value.as_ref().map(text), headers.clone())).collect()
}

/// Fails where the values differ, with both of them.
pub(crate) fn same<T: PartialEq + Debug + ?Sized>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what} is\n  {found:?}\nand should be\n  {expected:?}")) }
}
