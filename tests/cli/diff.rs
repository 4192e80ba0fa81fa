//! Tests of `wirefold diff` on hand-made stories, independent of the rules of clustering.

use std::io::Write;
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::cli::eval::{CommandOutput, lines, story, wirefold_at};
use crate::cli::fixture::{Fixture, article};
use crate::cli::wirefold;

const OLD: [&[&str]; 6] = [&["a", "b", "c", "d", "e"], &["f", "g"], &["h"], &["i"], &["p", "q"], &["gone"]];
/// Compared with `OLD`: the first story is split in two, and one part is joined with another story; two single articles
/// are joined; one story is the same, and one is new.
const NEW: [&[&str]; 5] = [&["a", "b", "c"], &["d", "e", "f", "g"], &["i", "h"], &["p", "q"], &["new", "newer"]];

fn stories(groups: &[&[&str]]) -> String {
    let records: Vec<Value> = groups.iter().zip(1..).map(|(members, id)| story(id, members)).collect();
    lines(&records)
}

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fixture.write("old.ndjson", stories(&OLD));
    fixture.write("new.ndjson", stories(&NEW));
    let texts = [
        article("urn:a", "a.example", 0.0, "The port of Norwick opens again after the storm."),
        article("urn:d", "d.example", 3.0, "عاد ميناء نوريك إلى العمل\nبعد العاصفة."),
    ];
    fixture.write("articles.ndjson", lines(&texts));
    fixture
}

fn diff_of(result: &CommandOutput) -> Value {
    assert_eq!((result.code, result.stderr.as_str()), (Some(0), ""));
    serde_json::from_str(&result.stdout).expect("JSON")
}

#[test]
fn changes_are_shown_with_excerpts_of_the_articles() {
    let fixture = fixture();
    let result = wirefold_at(&fixture, &["diff", "old.ndjson", "new.ndjson", "--articles", "articles.ndjson"]);
    assert_eq!((result.code, result.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(result.stdout);
}

#[test]
fn the_json_contains_the_numbers_of_the_table_and_what_the_limit_leaves_out() {
    let fixture = fixture();
    let diff = diff_of(&wirefold_at(&fixture, &["diff", "old.ndjson", "new.ndjson", "--json", "--limit", "1"]));
    assert_eq!(diff["articles"], json!({ "both": 11, "moved": 3, "vanished": 1, "appeared": 2 }));
    assert_eq!(diff["stories"], json!({ "same": 1, "split": 1, "joined": 2, "vanished": 1, "appeared": 1 }));
    assert_eq!((&diff["a"]["stories"], &diff["b"]["articles"]), (&json!(6), &json!(13)));
    assert_eq!((diff["changes"].as_array().map(Vec::len), &diff["changes_left_out"]), (Some(1), &json!(2)));
    let change = &diff["changes"][0];
    let articles = json!([{ "uri": "urn:d", "source": "d.example" }, { "uri": "urn:e", "source": "e.example" }]);
    assert_eq!((&change["kind"], &change["parts"][1]["articles"]), (&json!("split"), &articles));
}

#[test]
fn equal_clusterings_have_no_changes() {
    let fixture = fixture();
    let result = wirefold_at(&fixture, &["diff", "old.ndjson", "old.ndjson"]);
    assert_eq!(result.code, Some(0), "{}", result.stderr);
    assert!(result.stdout.ends_with("12 articles in both, 0 moved; adjusted Rand index 1.0000\n"), "{}", result.stdout);
}

#[test]
fn a_note_reports_that_two_runs_have_no_article_in_common() {
    let fixture = fixture();
    fixture.write("other.ndjson", stories(&[&["x", "y"]]));
    let result = wirefold_at(&fixture, &["diff", "old.ndjson", "other.ndjson"]);
    assert_eq!(result.code, Some(0), "{}", result.stderr);
    assert!(result.stdout.contains("note: no article is in both; were both made"), "{}", result.stdout);
}

/// The dump contains what topics contain: earlier revisions, records of merged and closed stories, tombstones, and verdicts
/// on single articles.
#[test]
fn a_dump_of_topics_is_read_by_its_highest_revisions() {
    let fixture = fixture();
    let revision = |mut record: Value, epoch: u32, seq: u32, state: &str| {
        record["revision"] = json!({ "epoch": epoch, "seq": seq });
        record["state"] = json!(state);
        record
    };
    let single = |name: &str, story: u32| {
        json!({ "schema": "wirefold.verdict/1", "uri": format!("urn:{name}"), "decision": "assigned", "late": false,
            "revision": { "epoch": 0, "seq": 1 }, "raw": { "topic": "t", "partition": 0, "offset": 0 },
            "source": "x.example", "event_at": "2026-03-02T08:00:00Z", "story_id": format!("{story:0<32x}"),
            "relation": "unique", "match": null, "links": [] })
    };
    let mut merged = revision(story(7, &[]), 1, 9, "merged");
    merged["merged_into"] = story(1, &["a"])["story_id"].clone();
    let dump = [
        merged,
        revision(story(7, &["d", "e"]), 1, 8, "open"),
        revision(story(1, OLD[0]), 1, 2, "closed"),
        revision(story(1, &["a", "x"]), 0, 99, "open"),
        revision(story(2, OLD[1]), 1, 3, "open"),
        Value::Null,
        revision(story(5, OLD[4]), 1, 4, "closed"),
        single("h", 3),
        single("i", 4),
        single("gone", 6),
        single("e", 7),
    ];
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(lines(&dump).as_bytes()).expect("packed");
    fixture.write("dump.gz", packed.finish().expect("packed"));
    let diff = diff_of(&wirefold_at(&fixture, &["diff", "dump.gz", "old.ndjson", "--json"]));
    assert_eq!(diff["articles"], json!({ "both": 12, "moved": 0, "vanished": 0, "appeared": 0 }));
    assert_eq!(diff["stories"]["same"], 6);
}

#[test]
fn the_directory_of_a_replay_is_read_from_its_stories_and_verdicts() {
    let fixture = fixture();
    std::fs::create_dir(fixture.path("replayed")).expect("made");
    let unfinished = wirefold_at(&fixture, &["diff", "replayed", "old.ndjson"]);
    assert_eq!(unfinished.code, Some(1), "{}", unfinished.stdout);
    assert!(unfinished.stderr.contains("cannot open replayed/stories.ndjson"), "{}", unfinished.stderr);
    let all: Vec<Value> = (1..).zip(OLD).map(|(number, articles)| story(number, articles)).collect();
    fixture.write("replayed/stories.ndjson", lines(&all[..2]));
    fixture.write("replayed/verdicts.ndjson", lines(&all[2..]));
    let diff = diff_of(&wirefold_at(&fixture, &["diff", "replayed", "old.ndjson", "--json"]));
    assert_eq!(diff["stories"]["same"], 6);
}

#[test]
fn one_side_can_be_standard_input() {
    let fixture = fixture();
    let mut command = wirefold(&["diff", "-", "new.ndjson", "--json"]);
    command.current_dir(fixture.path("")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child.stdin.take().expect("piped").write_all(stories(&OLD).as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    let diff: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&diff["a"]["name"], &diff["articles"]["moved"]), (&json!("-"), &json!(3)));
}

#[test]
fn unusable_sides_are_reported_and_the_exit_code_tells_input_from_usage_errors() {
    let fixture = fixture();
    let nobody = "kafka.bootstrap_servers=127.0.0.1:1";
    let cases: [(&[&str], i32, &str); 6] = [
        (&["diff", "old.ndjson"], 2, "<B>"),
        (&["diff", "-", "-"], 2, "standard input can be read only once"),
        (&["diff", "old.ndjson", "-", "--articles", "-"], 2, "standard input can be read only once"),
        (&["diff", "old.ndjson", "missing.ndjson"], 1, "cannot open missing.ndjson"),
        (&["diff", "articles.ndjson", "old.ndjson"], 1, "articles.ndjson:1: not a wirefold.story/1"),
        (
            &["diff", "old.ndjson", "march", "--set", nobody],
            1,
            "march is not a file and cannot be read as a namespace: no Kafka broker answers at 127.0.0.1:1",
        ),
    ];
    for (arguments, code, message) in cases {
        let result = wirefold_at(&fixture, arguments);
        assert_eq!(result.code, Some(code), "{arguments:?}: {}", result.stderr);
        assert!(result.stderr.contains(message), "{arguments:?}: {}", result.stderr);
    }
}
