use std::collections::BTreeSet;
use std::fmt::Write;

use super::*;
use crate::record::{DecisionKind, Relation};

fn at(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition { topic: topic.into(), partition }
}

/// Metrics after each event has happened once.
fn after_all_events() -> Metrics {
    let metrics = Metrics::new();
    let (signatures, stories) = (Stage::Signatures, Stage::Stories);
    let (raw, log) = (at("articles", 3), at("live.signatures", 0));
    let took = Duration::from_millis(40);
    for event in [
        Event::Polled(signatures),
        Event::Assigned(signatures, &raw),
        Event::Assigned(stories, &log),
        Event::Revoked(stories, &at("live.signatures", 1)),
        Event::Worked { stage: signatures, records: 20, took },
        Event::Committed { stage: signatures, took },
        Event::Aborted { stage: signatures, reason: "a broker went away" },
        Event::Lag { stage: signatures, partition: &raw, messages: 7, behind: Duration::from_secs(90) },
        Event::DeadLetter(Reason::NotJson),
        Event::Bound(Bound::Shingles, 2),
        Event::Decided {
            kind: DecisionKind::Assigned,
            relation: Some(Relation::Near),
            late: true,
            warmup: false,
            latency: took,
        },
        Event::Decided { kind: DecisionKind::Retracted, relation: None, late: false, warmup: false, latency: took },
        Event::State { partition: 0, articles: 12, stories: 5, filters: 4 },
        Event::Restoring { partition: 0, remaining: 900 },
        Event::Restored { partition: 0, decisions: 450, took },
    ] {
        metrics.observe(event);
    }
    metrics
}

/// The text without values that differ from run to run, and without all buckets but the last.
fn stable(exposition: &str) -> String {
    let varies = ["wirefold_last_poll", "process_", "wirefold_build_info"];
    let mut text = String::new();
    for line in exposition.lines() {
        if varies.iter().any(|name| line.starts_with(name)) {
            let name = line.split(['{', ' ']).next().unwrap_or_default();
            writeln!(text, "{name} (varies)").expect("written");
        } else if !line.contains("_bucket{") || line.contains("le=\"+Inf\"") {
            writeln!(text, "{line}").expect("written");
        }
    }
    text
}

#[test]
fn every_event_shows_in_the_exposition() {
    let text = after_all_events().exposition(true).expect("text");
    insta::assert_snapshot!(stable(&text));
}

#[test]
fn closed_lists_of_labels_are_at_zero_before_the_first_event() {
    let text = Metrics::new().exposition(false).expect("text");
    for reason in Reason::VARIANTS {
        let line = format!("wirefold_dead_letters_total{{reason=\"{}\"}} 0\n", reason.name());
        assert!(text.contains(&line), "{line}");
    }
    for bound in Bound::VARIANTS {
        let line = format!("wirefold_bounds_hit_total{{bound=\"{}\"}} 0\n", bound.name());
        assert!(text.contains(&line), "{line}");
    }
    assert!(text.contains("wirefold_transactions_total{outcome=\"aborted\",stage=\"stories\"} 0\n"), "{text}");
    assert!(text.contains("wirefold_records_total{stage=\"signatures\"} 0\n"), "{text}");
    assert!(text.contains("wirefold_ready 0\n"), "{text}");
}

#[test]
fn the_metrics_of_a_partition_are_removed_when_it_is_revoked() {
    let metrics = Metrics::new();
    let log = at("live.signatures", 5);
    let events = [
        Event::Assigned(Stage::Stories, &log),
        Event::Lag { stage: Stage::Stories, partition: &log, messages: 1, behind: Duration::ZERO },
        Event::Restoring { partition: 5, remaining: 1 },
        Event::State { partition: 5, articles: 1, stories: 1, filters: 1 },
    ];
    for event in events {
        metrics.observe(event);
    }
    assert_eq!(metrics.exposition(true).expect("text").matches("partition=\"5\"").count(), 6);
    metrics.observe(Event::Revoked(Stage::Stories, &log));
    assert_eq!(metrics.exposition(true).expect("text").matches("partition=\"5\"").count(), 0);
}

#[test]
fn a_stage_that_has_read_everything_has_no_lag_even_if_the_last_record_is_old() {
    let metrics = Metrics::new();
    let behind = Duration::from_hours(9);
    metrics.observe(Event::Lag { stage: Stage::Signatures, partition: &at("articles", 0), messages: 0, behind });
    let text = metrics.exposition(true).expect("text");
    assert!(
        text.contains("wirefold_lag_seconds{partition=\"0\",stage=\"signatures\",topic=\"articles\"} 0\n"),
        "{text}"
    );
}

#[test]
fn the_table_for_operators_lists_every_metric() {
    let metrics = after_all_events();
    let mut table = String::from("| metric | type | labels | meaning |\n|---|---|---|---|\n");
    for family in metrics.registry.gather() {
        let labels: BTreeSet<String> = family
            .get_metric()
            .iter()
            .flat_map(|metric| metric.get_label().iter().map(|label| format!("`{}`", label.name())))
            .collect();
        let kind = format!("{:?}", family.get_field_type()).to_lowercase();
        let labels: Vec<String> = labels.into_iter().collect();
        writeln!(table, "| `{}` | {kind} | {} | {} |", family.name(), labels.join(", "), family.help())
            .expect("written");
    }
    let page = include_str!("../../../deploy/METRICS.md");
    assert!(page.ends_with(&table), "deploy/METRICS.md must end with:\n{table}");
}

#[test]
fn alerts_use_metrics_that_exist() {
    let metrics = after_all_events();
    let known: BTreeSet<String> = metrics.registry.gather().iter().map(|family| family.name().to_owned()).collect();
    let alerts = include_str!("../../../deploy/prometheus/alerts.yml");
    let words = alerts.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let named: BTreeSet<&str> = words.filter(|word| word.starts_with("wirefold_")).collect();
    assert!(named.len() > 5, "{named:?}");
    let unknown: Vec<&&str> = named.iter().filter(|name| !known.contains(**name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
