//! Says whether a run was a right one, from nothing but what it left behind.
//!
//! What there should be is computed anew from the raw records and the order in which their signatures came into the log:
//! each signature by signing its raw record, each decision by the pure fold, all that is published from the decisions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use wirefold::article::Reader;
use wirefold::fold::{Restore, State, Tally, Unpublished, judge, story_records, verdicts};
use wirefold::pipeline::port::{Inbound, TopicPartition};
use wirefold::record::{Decision, RawPosition, Rejection, Signature, Versioned};
use wirefold::sign::{self, sign};

use super::place::{
    DEAD_LETTERS, DECISIONS, FOLD, GENERATION, INPUT, LOG, SIGN, SIGN_GRACE, SOURCES, STORIES, VERDICTS, rules,
};
use super::run::Run;

type Headers = Vec<(String, Option<Vec<u8>>)>;

/// Values that stand under one key, in order.
type Values = Vec<(Option<Vec<u8>>, Headers)>;

type ByKey = BTreeMap<Vec<u8>, Values>;

/// Checks a run that has come to rest; the error says what is wrong with it.
pub(crate) fn check(run: &Run) -> Result<(), String> {
    let raw: BTreeMap<RawPosition, &Inbound> = run.records(INPUT).map(|record| (position(record), record)).collect();
    let signed = check_log(run, &raw)?;
    let rejected = check_dead_letters(run, &raw)?;
    if let Some(twice) = signed.intersection(&rejected).next() {
        return Err(format!("{twice} is in the log and among the dead letters"));
    }
    if let Some(lost) = raw.keys().find(|position| !signed.contains(position) && !rejected.contains(position)) {
        return Err(format!("{lost} is lost"));
    }
    check_decisions(run)?;
    check_published(run)?;
    check_positions(run)
}

/// Each signature is that of its raw record, of which there is one, and those of one input partition keep its order.
fn check_log(run: &Run, raw: &BTreeMap<RawPosition, &Inbound>) -> Result<BTreeSet<RawPosition>, String> {
    let mut seen = BTreeSet::new();
    let mut last: BTreeMap<i32, i64> = BTreeMap::new();
    for record in run.records(LOG) {
        let at = format!("the signature at {}", record.offset);
        let signature = Signature::from_bytes(value(record)?).map_err(|error| format!("{at}: {error}"))?;
        let origin = raw.get(&signature.raw).ok_or_else(|| format!("{at} is of no raw record: {}", signature.raw))?;
        let expected = expected(origin).map_err(|rejection| format!("{at} should be a dead letter: {rejection}"))?;
        same(&at, &signature, &expected)?;
        same(&format!("the headers of {at}"), &record.headers, &traced(origin))?;
        let before = last.insert(origin.from.partition, origin.offset);
        if !seen.insert(signature.raw.clone()) {
            return Err(format!("{} is in the log twice", signature.raw));
        }
        if before.is_some_and(|before| before > origin.offset) {
            return Err(format!("{at} comes after that of a later raw record"));
        }
    }
    Ok(seen)
}

fn check_dead_letters(run: &Run, raw: &BTreeMap<RawPosition, &Inbound>) -> Result<BTreeSet<RawPosition>, String> {
    let mut seen = BTreeSet::new();
    for record in run.records(DEAD_LETTERS) {
        let header = |name: &str| {
            let found = record.headers.iter().rev().find(|(of, _)| of == name).and_then(|(_, value)| value.clone());
            String::from_utf8(found.unwrap_or_default()).unwrap_or_default()
        };
        let number = |name: &str| header(name).parse::<i64>().unwrap_or(-1);
        let origin = RawPosition {
            topic: header("__connect.errors.topic").into(),
            partition: number("__connect.errors.partition") as i32,
            offset: number("__connect.errors.offset"),
        };
        let at = format!("the dead letter at {}", record.offset);
        let from = raw.get(&origin).ok_or_else(|| format!("{at} is of no raw record: {origin}"))?;
        let Err(rejection) = expected(from) else { return Err(format!("{at} should be in the log: {origin}")) };
        same(
            &format!("the reason of {at}"),
            &*header("__connect.errors.exception.class.name"),
            rejection.reason.name(),
        )?;
        same(&at, &(&record.key, &record.value), &(&from.key, &from.value))?;
        if !seen.insert(origin.clone()) {
            return Err(format!("{origin} is a dead letter twice"));
        }
    }
    Ok(seen)
}

/// What becomes of a raw record.
fn expected(record: &Inbound) -> Result<Signature, Rejection> {
    let incoming = Reader::default().read(record.key.as_deref(), record.value.as_deref())?;
    Ok(sign(incoming, position(record), record.timestamp, &sign::Rules { grace: SIGN_GRACE, ..Default::default() }))
}

/// The decisions are dense, in the order of the log, and those of the pure fold over it.
fn check_decisions(run: &Run) -> Result<(), String> {
    let mut decisions = run.records(DECISIONS);
    fold(run, |at, state, signature, expected| {
        let record = decisions.next().ok_or_else(|| format!("the signature at {} has no decision", at.offset))?;
        let decision = decision(record)?;
        same("the number of a decision", &decision.seq, &expected.seq)?;
        same(&format!("the offset that decision {} names", decision.seq), &decision.log_offset, &at.offset)?;
        same(&format!("decision {}", decision.seq), &decision, &expected)?;
        state.apply(signature, &decision);
        Ok(())
    })?;
    match decisions.next() {
        Some(record) => Err(format!("the decision at {} is one too many", record.offset)),
        None => Ok(()),
    }
}

/// Stories, verdicts and source tables are what the decisions say, in order under each key, compacted and not.
fn check_published(run: &Run) -> Result<(), String> {
    let mut expected: BTreeMap<&str, ByKey> = BTreeMap::new();
    fold(run, |at, state, signature, decision| {
        let changes = state.apply(signature, &decision);
        let mut say = |topic: &'static str, key: Vec<u8>, value: Option<Vec<u8>>, headers: Headers| {
            expected.entry(topic).or_default().entry(key).or_default().push((value, headers));
        };
        for (source, table) in Restore::tables_after(state, &decision) {
            say(SOURCES, source.as_bytes().to_vec(), table.map(|table| table.to_bytes()), Vec::new());
        }
        for story in story_records(&decision, &changes, GENERATION, Unpublished::Closed) {
            say(STORIES, story.story_id.to_string().into_bytes(), serde_json::to_vec(&story).ok(), Vec::new());
        }
        let mut trace = traced(at);
        for verdict in verdicts(state, signature, &decision, &changes, GENERATION, Unpublished::Closed) {
            let headers = std::mem::take(&mut trace);
            say(VERDICTS, verdict.uri.as_bytes().to_vec(), serde_json::to_vec(&verdict).ok(), headers);
        }
        Ok(())
    })?;
    for topic in [SOURCES, STORIES, VERDICTS] {
        let expected = expected.remove(topic).unwrap_or_default();
        let mut found = ByKey::new();
        for record in run.records(topic) {
            let key = record.key.clone().ok_or_else(|| format!("a record of {topic} without a key"))?;
            found.entry(key).or_default().push((record.value.clone(), record.headers.clone()));
        }
        let keys: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
        for key in keys {
            let what = format!("what {topic} says under {}", String::from_utf8_lossy(key));
            same(&what, &readable(found.get(key)), &readable(expected.get(key)))?;
        }
        let latest = expected.into_iter().filter_map(|(key, mut values)| Some((key, values.pop()?.0?)));
        same(&format!("what compaction leaves of {topic}"), &run.latest[topic], &latest.collect())?;
    }
    Ok(())
}

/// Both groups stand behind the last record of what they read.
fn check_positions(run: &Run) -> Result<(), String> {
    for (group, topic) in [(SIGN, INPUT), (FOLD, LOG)] {
        for (name, records) in run.partitions(topic) {
            let position = run.positions.get(name).map(|committed| committed.next);
            if group == FOLD && position.is_none() && run.positions_forgotten {
                continue;
            }
            same(
                &format!("the position of {group} in {name}"),
                &position,
                &records.last().map(|last| last.offset + 1),
            )?;
        }
    }
    Ok(())
}

/// The pure fold over the log of a run: for each record the state before it, and the decision to take. The caller applies it.
fn fold(
    run: &Run,
    mut each: impl FnMut(&Inbound, &mut State, &Signature, Decision) -> Result<(), String>,
) -> Result<(), String> {
    let (mut state, rules) = (State::new(), rules());
    for record in run.records(LOG) {
        let signature = Signature::from_bytes(value(record)?).map_err(|error| error.to_string())?;
        let decision = judge(&state, &signature, record.offset, &rules, &mut Tally::default());
        each(record, &mut state, &signature, decision)?;
    }
    Ok(())
}

pub(crate) fn decision(record: &Inbound) -> Result<Decision, String> {
    Decision::from_bytes(value(record)?).map_err(|error| format!("the decision at {}: {error}", record.offset))
}

fn position(record: &Inbound) -> RawPosition {
    let TopicPartition { topic, partition } = &record.from;
    RawPosition { topic: Arc::clone(topic), partition: *partition, offset: record.offset }
}

fn value(record: &Inbound) -> Result<&[u8], String> {
    record.value.as_deref().ok_or_else(|| format!("{}@{} has no value", record.from, record.offset))
}

fn traced(record: &Inbound) -> Headers {
    record.headers.iter().filter(|(name, _)| name == "traceparent").cloned().collect()
}

fn readable(values: Option<&Values>) -> Vec<(Option<String>, Headers)> {
    let values = values.into_iter().flatten();
    let text = |bytes: &Vec<u8>| bytes.escape_ascii().to_string();
    values.map(|(value, headers)| (value.as_ref().map(text), headers.clone())).collect()
}

fn same<T: PartialEq + Debug + ?Sized>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what} is\n  {found:?}\nand should be\n  {expected:?}")) }
}
