//! The JSON Schemas of the public records, tested against real output.

use std::process::Command;
use std::sync::Arc;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};
use strum::VariantArray;
use wirefold::evaluation::Diff;
use wirefold::explain::Report;
use wirefold::inspection::InspectedRecord;
use wirefold::record::{
    DeadLetter, Decision, DecisionKind, Millis, Outcome, RawPosition, Reason, Relation, Revision, StoryRecord,
    StoryState, VerdictRecord,
};
use wirefold::replay::ReplayPlan;

use crate::records::{assert_committed, repository, samples};

/// The schema of a record. The `$id` of a record inside another one is removed: references would be relative to it.
fn schema<T: JsonSchema>() -> Value {
    let mut schema =
        SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>().to_value();
    for inner in schema["$defs"].as_object_mut().into_iter().flat_map(|inner| inner.values_mut()) {
        inner.as_object_mut().map(|inner| inner.remove("$id"));
    }
    schema
}

fn check_committed<T: JsonSchema>(name: &str) {
    let text = serde_json::to_string_pretty(&schema::<T>()).expect("JSON") + "\n";
    assert_committed(&format!("schemas/{name}.json"), text.as_bytes(), "UPDATE_SCHEMAS");
}

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    check_committed::<StoryRecord>("story");
    check_committed::<VerdictRecord>("verdict");
    check_committed::<DeadLetter>("dead-letter");
    check_committed::<Report>("explain");
    check_committed::<Diff>("diff");
    check_committed::<InspectedRecord>("inspect");
    check_committed::<ReplayPlan>("replay");
}

/// The errors of a record by a committed schema.
fn errors(name: &str, record: &Value) -> Vec<String> {
    let schema = std::fs::read_to_string(repository(&format!("schemas/{name}.json"))).expect("a schema");
    let schema = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a valid schema");
    validator.iter_errors(record).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Fails where a record does not fit a committed schema.
pub(crate) fn fits_schema(name: &str, record: &Value) {
    assert_eq!(errors(name, record), [""; 0], "{name} {record}");
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

/// Stories, verdicts and dead letters of the examples, from the program itself.
fn output() -> [Vec<Value>; 3] {
    let directory = tempfile::tempdir().expect("a directory");
    let (verdicts, dead_letters) = (directory.path().join("verdicts"), directory.path().join("dead-letters"));
    let output = Command::new(env!("CARGO_BIN_EXE_wirefold"))
        .args(["cluster", "--verdicts"])
        .arg(&verdicts)
        .arg("--dead-letters")
        .arg(&dead_letters)
        .args([repository("examples/articles.ndjson"), repository("examples/broken.ndjson")])
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |path| lines(&std::fs::read_to_string(path).expect("written"));
    [lines(&String::from_utf8(output.stdout).expect("UTF-8")), read(verdicts), read(dead_letters)]
}

#[test]
fn an_explanation_fits_its_schema() {
    let uris = ["https://almizan.example/post/20418", "https://wikala-shamal.example/ar/5521"];
    let output = Command::new(env!("CARGO_BIN_EXE_wirefold"))
        .args(["explain", "--json", "--uri", uris[0], "--uri", uris[1]])
        .arg(repository("examples/articles.ndjson"))
        .output()
        .expect("the program starts");
    let report = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(errors("explain", &report), [""; 0]);
}

#[test]
fn a_comparison_fits_its_schema() {
    let directory = tempfile::tempdir().expect("a directory");
    let articles = repository("examples/articles.ndjson");
    let wirefold = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wirefold"));
        let output =
            command.args(arguments).arg(&articles).current_dir(&directory).output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let write = |name, bytes| std::fs::write(directory.path().join(name), bytes).expect("written");
    write("a", wirefold(&["cluster"]));
    write("b", wirefold(&["cluster", "--set", "window.length=3h"]));
    let diff: Value = serde_json::from_slice(&wirefold(&["diff", "a", "b", "--json", "--articles"])).expect("JSON");
    assert_eq!(errors("diff", &diff), [""; 0]);
    let excerpts = diff["excerpts"].as_object().expect("an object");
    assert!(diff["changes"].get(0).is_some() && !excerpts.is_empty(), "{diff}");
}

#[test]
fn the_output_of_the_program_fits_the_schemas() {
    for (name, records) in ["story", "verdict", "dead-letter"].into_iter().zip(output()) {
        assert!(records.len() > 1, "the examples have no {name}");
        for record in records {
            assert_eq!(errors(name, &record), [""; 0], "{name} {record}");
        }
    }
}

#[test]
fn every_kind_of_story_verdict_and_dead_letter_fits_the_schemas() {
    for record in [json!(story()), json!(merged_story())] {
        assert_eq!(errors("story", &record), [""; 0]);
    }
    for &decision in DecisionKind::VARIANTS {
        assert_eq!(errors("verdict", &json!(VerdictRecord { decision, ..verdict() })), [""; 0]);
    }
    for &reason in Reason::VARIANTS {
        assert_eq!(errors("dead-letter", &json!(DeadLetter { reason, ..dead_letter() })), [""; 0]);
    }
}

#[test]
fn a_record_with_an_altered_field_does_not_fit_its_schema() {
    let other = |record: &Value, field: &str, value: Value| {
        let mut record = record.clone();
        record[field] = value;
        record
    };
    let [story, verdict, letter] = [json!(story()), json!(verdict()), json!(dead_letter())];
    let altered = [
        ("story", other(&story, "schema", json!("wirefold.story/2"))),
        ("story", other(&story, "story_id", json!("0123"))),
        ("story", other(&story, "state", json!("ajar"))),
        ("story", other(&story, "size", json!(-1))),
        ("story", other(&story, "first_seen", json!("yesterday"))),
        ("story", other(&story, "members", json!([{ "uri": "urn:a" }]))),
        ("verdict", other(&verdict, "schema", json!("wirefold.story/1"))),
        ("verdict", other(&verdict, "decision", json!("guessed"))),
        ("verdict", other(&verdict, "relation", json!("cousin"))),
        ("verdict", other(&verdict, "match", json!({ "score": 1.5 }))),
        ("verdict", other(&verdict, "raw", json!("articles[3]@41"))),
        ("dead-letter", other(&letter, "schema", json!("wirefold.dead-letter/0"))),
        ("dead-letter", other(&letter, "reason", json!("bad_mood"))),
        ("dead-letter", other(&letter, "bytes", json!("many"))),
    ];
    for (name, record) in altered {
        assert_ne!(errors(name, &record), [""; 0], "{record}");
    }
}

#[test]
fn every_field_that_is_always_written_is_required() {
    for (name, record) in
        [("story", json!(story())), ("verdict", json!(verdict())), ("dead-letter", json!(dead_letter()))]
    {
        for field in record.as_object().expect("an object").keys() {
            let mut without = record.clone();
            without.as_object_mut().expect("an object").remove(field);
            assert_ne!(errors(name, &without), [""; 0], "{name} without {field}");
        }
    }
}

fn assignment_of(decision: &Decision) -> &wirefold::record::Assignment {
    match &decision.outcome {
        Outcome::Assigned(assignment) => assignment,
        other => panic!("{other:?}"),
    }
}

fn story() -> StoryRecord {
    StoryRecord::new(&samples::decisions()[1].stories[0], 2, 1_000_007, StoryState::Open)
}

fn merged_story() -> StoryRecord {
    let emptied = &samples::decisions()[1].stories[1];
    let merged_into = Some(assignment_of(&samples::decisions()[1]).merged[0]);
    StoryRecord { merged_into, ..StoryRecord::new(emptied, 2, 1_000_007, StoryState::Merged) }
}

fn verdict() -> VerdictRecord {
    let decision = &samples::decisions()[1];
    let assignment = assignment_of(decision);
    VerdictRecord {
        schema: VerdictRecord::SCHEMA.into(),
        uri: "https://ashing-herald.example/news/48112".into(),
        id: Some("48112".into()),
        url: Some("https://ashing-herald.example/news/48112".into()),
        title: Some("Harrow Vale dam spillway reopens".into()),
        revision: Revision { epoch: 2, seq: decision.seq },
        decision: DecisionKind::Replaced,
        raw: RawPosition { topic: "articles".into(), partition: 3, offset: 41 },
        late: true,
        source: Some("ashing-herald.example".into()),
        publisher: Some("ashing-herald.example".into()),
        published_at: None,
        event_at: Millis(1_772_431_800_000),
        story_id: Some(assignment.story),
        relation: Some(assignment.relation),
        matched: assignment.matched.clone(),
        links: assignment.links.clone(),
        reason: None,
    }
}

fn quarantined() -> VerdictRecord {
    VerdictRecord {
        decision: DecisionKind::Quarantined,
        story_id: None,
        relation: None,
        matched: None,
        links: Vec::new(),
        reason: Some(Arc::from("an assertion failed")),
        ..verdict()
    }
}

fn dead_letter() -> DeadLetter {
    DeadLetter {
        schema: DeadLetter::SCHEMA.into(),
        raw: RawPosition { topic: "examples/broken.ndjson".into(), partition: 0, offset: 0 },
        reason: Reason::NotJson,
        detail: "EOF while parsing a string at column 67".to_owned(),
        value: "{\"id\": \"https://norwire.example/1".to_owned(),
        bytes: 67,
        xxh3: "00c0ffee00c0ffee".to_owned(),
    }
}

#[test]
fn the_public_json_is_as_it_was() {
    let pretty = |record: Value| serde_json::to_string_pretty(&record).expect("JSON");
    assert_eq!(verdict().relation, Some(Relation::Abridged));
    insta::assert_snapshot!("story", pretty(json!(story())));
    insta::assert_snapshot!("story_merged", pretty(json!(merged_story())));
    insta::assert_snapshot!("verdict", pretty(json!(verdict())));
    insta::assert_snapshot!("verdict_quarantined", pretty(json!(quarantined())));
    insta::assert_snapshot!("dead_letter", pretty(json!(dead_letter())));
}
