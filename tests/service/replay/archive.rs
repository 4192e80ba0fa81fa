//! Replays of an archive whose records were all written at once.

use std::fs;
use std::time::UNIX_EPOCH;

use serde_json::Value;
use wirefold::evaluation::Random;
use wirefold::kafka::RecordProducer;
use wirefold::record::Millis;

use super::Replay;
use crate::service::articles;
use crate::service::instance::wirefold;
use crate::service::namespace::Namespace;

/// The verdicts in the order of their records. The number of each story replaces its id, because the topics have different
/// names.
fn numbered(mut verdicts: Vec<Value>) -> Vec<Value> {
    verdicts.sort_by_key(|verdict| verdict["raw"]["offset"].as_i64());
    let mut stories = std::collections::HashMap::new();
    for verdict in &mut verdicts {
        let story = verdict["story_id"].as_str().map(ToOwned::to_owned);
        let count = stories.len();
        let number = story.map(|story| *stories.entry(story).or_insert(count));
        verdict["story_id"] = number.into();
        // Links too.
        for link in verdict["links"].as_array_mut().into_iter().flatten() {
            let id = link["story_id"].as_str().unwrap_or_default().to_owned();
            let count = stories.len();
            link["story_id"] = (*stories.entry(id).or_insert(count)).into();
        }
        verdict["raw"]["topic"] = Value::Null;
    }
    verdicts
}

#[test]
fn an_archive_in_any_order_gets_the_verdicts_of_cluster() {
    let namespace = Namespace::new("archive", 1);
    let lines = articles::lines(32, 700);
    let mut shuffled: Vec<&str> = lines.lines().collect();
    let mut random = Random::new(32);
    for at in (1..shuffled.len()).rev() {
        // By some tens of places: records without a date stay near their neighbours.
        let other = at.saturating_sub(random.below(40) as usize);
        shuffled.swap(at, other);
    }
    let now = Millis(UNIX_EPOCH.elapsed().expect("the clock is past 1970").as_millis() as i64);
    let producer = RecordProducer::new(&namespace.cluster).expect("a producer");
    for line in &shuffled {
        producer.send(&namespace.articles, None, line.as_bytes(), now).expect("sent");
    }
    producer.flush().expect("stored");

    let (archive, verdicts) = (namespace.file("archive.ndjson"), namespace.file("verdicts.ndjson"));
    fs::write(&archive, shuffled.join("\n")).expect("written");
    let clustered = wirefold().arg("cluster").arg("--verdicts").arg(&verdicts).arg(&archive).output();
    assert!(clustered.expect("the program starts").status.success());
    let expected = fs::read_to_string(&verdicts).expect("the verdicts of cluster");
    let expected: Vec<Value> = expected.lines().map(|line| serde_json::from_str(line).expect("a verdict")).collect();

    let undisturbed = Replay::of(&namespace, "undisturbed");
    undisturbed.run(&["--order", "published"]);
    // A merge publishes verdicts on older articles again: the first verdict on a record is that of its arrival.
    let mut seen = std::collections::HashSet::new();
    let mut found: Vec<Value> = Vec::new();
    for record in undisturbed.records("verdicts") {
        let mut verdict: Value = serde_json::from_slice(&record.value.expect("a value")).expect("JSON");
        verdict["revision"]["epoch"] = 0.into();
        if seen.insert(verdict["raw"]["offset"].as_i64()) {
            found.push(verdict);
        }
    }
    assert!(found.len() > 500, "{}", found.len());
    assert_eq!(numbered(found), numbered(expected));

    let crashed = Replay::of(&namespace, "crashed");
    let mut crashing = crashed.start(&["--order", "published"], &[("FAILPOINT", "signatures.after_commit:5")]);
    crashing.wait();
    crashed.run(&["--resume"]);
    assert_eq!(crashed.written(), undisturbed.written());
}
