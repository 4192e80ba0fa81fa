//! An archive that was poured in at once unfolds as it was published.

use std::fs;
use std::time::UNIX_EPOCH;

use serde_json::Value;
use wirefold::kafka::ArticleProducer;
use wirefold::record::Millis;

use super::Replay;
use crate::articles::{self, Random};
use crate::instance::wirefold;
use crate::namespace::Namespace;

/// What was decided of each record, in the order of the records, and which of them are one story.
fn judged(mut verdicts: Vec<Value>) -> Vec<Value> {
    verdicts.sort_by_key(|verdict| verdict["raw"]["offset"].as_i64());
    let mut stories = std::collections::HashMap::new();
    for verdict in &mut verdicts {
        let story = verdict["story_id"].as_str().map(ToOwned::to_owned);
        let count = stories.len();
        let number = story.map(|story| *stories.entry(story).or_insert(count));
        verdict["story_id"] = number.into();
        // Ids and names of the input differ, and numbers of stories stand for them.
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
fn an_archive_in_any_order_and_without_times_is_judged_as_cluster_judges_it() {
    let namespace = Namespace::new("archive", 1);
    let lines = articles::lines(32, 700);
    let mut shuffled: Vec<&str> = lines.lines().collect();
    let mut random = Random::new(32);
    for at in (1..shuffled.len()).rev() {
        // By some tens of places: records without a date keep to their neighbours.
        let other = at.saturating_sub(random.below(40) as usize);
        shuffled.swap(at, other);
    }
    let now = Millis(UNIX_EPOCH.elapsed().expect("the clock is past 1970").as_millis() as i64);
    let producer = ArticleProducer::new(&namespace.cluster).expect("a producer");
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

    let undisturbed = Replay::beside(&namespace, "undisturbed");
    undisturbed.run(&["--order", "published"]);
    // A merge publishes verdicts on older articles again: of each record the first is that on its arrival.
    let mut seen = std::collections::HashSet::new();
    let mut found: Vec<Value> = Vec::new();
    for record in undisturbed.records("verdicts") {
        let mut verdict: Value = serde_json::from_slice(&record.value.expect("a value")).expect("JSON");
        verdict["revision"]["generation"] = 0.into();
        if seen.insert(verdict["raw"]["offset"].as_i64()) {
            found.push(verdict);
        }
    }
    assert!(found.len() > 500, "{}", found.len());
    assert_eq!(judged(found), judged(expected));

    let crashed = Replay::beside(&namespace, "crashed");
    let mut crashing = crashed.start(&["--order", "published"], &[("FAILPOINT", "sign.after_commit:5")]);
    crashing.wait();
    crashed.run(&["--resume"]);
    assert_eq!(crashed.written(), undisturbed.written());
}
