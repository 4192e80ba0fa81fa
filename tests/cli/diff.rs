//! `wirefold diff`, on stories that no rule of folding had a part in.

use std::io::Write;
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::desk::{Desk, article};
use crate::eval::{Said, lines, story, wirefold_at};
use crate::wirefold;

const OLD: [&[&str]; 6] = [&["a", "b", "c", "d", "e"], &["f", "g"], &["h"], &["i"], &["p", "q"], &["gone"]];
/// The first story in two, one of which takes in another story; two single ones together; one that is the same, and one
/// that is new.
const NEW: [&[&str]; 5] = [&["a", "b", "c"], &["d", "e", "f", "g"], &["i", "h"], &["p", "q"], &["new", "newer"]];

fn stories(groups: &[&[&str]]) -> String {
    let records: Vec<Value> = groups.iter().zip(1..).map(|(members, id)| story(id, members)).collect();
    lines(&records)
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("old.ndjson", stories(&OLD));
    desk.write("new.ndjson", stories(&NEW));
    let texts = [
        article("urn:a", "a.example", 0.0, "The port of Norwick opens again after the storm."),
        article("urn:d", "d.example", 3.0, "عاد ميناء نوريك إلى العمل\nبعد العاصفة."),
    ];
    desk.write("articles.ndjson", lines(&texts));
    desk
}

fn diff_of(said: &Said) -> Value {
    assert_eq!((said.code, said.errors.as_str()), (Some(0), ""));
    serde_json::from_str(&said.output).expect("JSON")
}

#[test]
fn what_changed_is_shown_with_the_openings_of_articles() {
    let desk = desk();
    let said = wirefold_at(&desk, &["diff", "old.ndjson", "new.ndjson", "--articles", "articles.ndjson"]);
    assert_eq!((said.code, said.errors.as_str()), (Some(0), ""));
    insta::assert_snapshot!(said.output);
}

#[test]
fn the_json_says_what_the_table_says_and_the_limit_what_is_left_out() {
    let desk = desk();
    let diff = diff_of(&wirefold_at(&desk, &["diff", "old.ndjson", "new.ndjson", "--json", "--limit", "1"]));
    assert_eq!(diff["articles"], json!({ "both": 11, "moved": 3, "vanished": 1, "appeared": 2 }));
    assert_eq!(diff["stories"], json!({ "same": 1, "split": 1, "joined": 2, "vanished": 1, "appeared": 1 }));
    assert_eq!((&diff["a"]["stories"], &diff["b"]["articles"]), (&json!(6), &json!(13)));
    assert_eq!((diff["changes"].as_array().map(Vec::len), &diff["changes_left_out"]), (Some(1), &json!(2)));
    let change = &diff["changes"][0];
    let articles = json!([{ "uri": "urn:d", "source": "d.example" }, { "uri": "urn:e", "source": "e.example" }]);
    assert_eq!((&change["kind"], &change["parts"][1]["articles"]), (&json!("split"), &articles));
}

#[test]
fn equal_foldings_list_nothing() {
    let desk = desk();
    let said = wirefold_at(&desk, &["diff", "old.ndjson", "old.ndjson"]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    assert!(said.output.ends_with("12 articles in both, 0 moved; adjusted Rand index 1.0000\n"), "{}", said.output);
}

#[test]
fn runs_that_have_no_article_in_common_are_said_to_have_none() {
    let desk = desk();
    desk.write("other.ndjson", stories(&[&["x", "y"]]));
    let said = wirefold_at(&desk, &["diff", "old.ndjson", "other.ndjson"]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    assert!(said.output.contains("note: no article is in both; do their uris"), "{}", said.output);
}

/// As a topic holds them: earlier revisions, records of stories that were merged and closed, tombstones, and verdicts on
/// articles that stand alone.
#[test]
fn a_dump_of_topics_is_what_its_highest_revisions_say() {
    let desk = desk();
    let revision = |mut record: Value, generation: u32, seq: u32, state: &str| {
        record["revision"] = json!({ "generation": generation, "seq": seq });
        record["state"] = json!(state);
        record
    };
    let alone = |name: &str, story: u32| {
        json!({ "schema": "wirefold.verdict/1", "uri": format!("urn:{name}"), "decision": "judged", "late": false,
            "revision": { "generation": 0, "seq": 1 }, "raw": { "topic": "t", "partition": 0, "offset": 0 },
            "source": "x.example", "published_at": "2026-03-02T08:00:00Z", "story_id": format!("{story:0<32x}"),
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
        alone("h", 3),
        alone("i", 4),
        alone("gone", 6),
        alone("e", 7),
    ];
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(lines(&dump).as_bytes()).expect("packed");
    desk.write("dump.gz", packed.finish().expect("packed"));
    let diff = diff_of(&wirefold_at(&desk, &["diff", "dump.gz", "old.ndjson", "--json"]));
    assert_eq!(diff["articles"], json!({ "both": 12, "moved": 0, "vanished": 0, "appeared": 0 }));
    assert_eq!(diff["stories"]["same"], 6);
}

#[test]
fn a_directory_of_a_replay_is_its_stories_and_verdicts() {
    let desk = desk();
    std::fs::create_dir(desk.path("replayed")).expect("made");
    let unfinished = wirefold_at(&desk, &["diff", "replayed", "old.ndjson"]);
    assert_eq!(unfinished.code, Some(1), "{}", unfinished.output);
    assert!(unfinished.errors.contains("cannot open replayed/stories.ndjson"), "{}", unfinished.errors);
    let all: Vec<Value> = (1..).zip(OLD).map(|(number, articles)| story(number, articles)).collect();
    desk.write("replayed/stories.ndjson", lines(&all[..2]));
    desk.write("replayed/verdicts.ndjson", lines(&all[2..]));
    let diff = diff_of(&wirefold_at(&desk, &["diff", "replayed", "old.ndjson", "--json"]));
    assert_eq!(diff["stories"]["same"], 6);
}

#[test]
fn one_of_the_two_may_be_standard_input() {
    let desk = desk();
    let mut command = wirefold(&["diff", "-", "new.ndjson", "--json"]);
    command.current_dir(desk.path("")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child.stdin.take().expect("piped").write_all(stories(&OLD).as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    let diff: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&diff["a"]["name"], &diff["articles"]["moved"]), (&json!("-"), &json!(3)));
}

#[test]
fn what_cannot_be_compared_is_named_and_the_exit_code_says_whose_fault_it_is() {
    let desk = desk();
    let nobody = "kafka.bootstrap_servers=127.0.0.1:1";
    let cases: [(&[&str], i32, &str); 6] = [
        (&["diff", "old.ndjson"], 2, "<B>"),
        (&["diff", "-", "-"], 2, "standard input can be read once"),
        (&["diff", "old.ndjson", "-", "--articles", "-"], 2, "standard input can be read once"),
        (&["diff", "old.ndjson", "missing.ndjson"], 1, "cannot open missing.ndjson"),
        (&["diff", "articles.ndjson", "old.ndjson"], 1, "articles.ndjson:1: no wirefold.story/1"),
        (
            &["diff", "old.ndjson", "march", "--set", nobody],
            1,
            "march is no file, and as a namespace it cannot be read: no Kafka broker answers at 127.0.0.1:1",
        ),
    ];
    for (arguments, code, message) in cases {
        let said = wirefold_at(&desk, arguments);
        assert_eq!(said.code, Some(code), "{arguments:?}: {}", said.errors);
        assert!(said.errors.contains(message), "{arguments:?}: {}", said.errors);
    }
}
