//! Tests of `wirefold eval` and `wirefold sample` on hand-made stories, independent of the rules of clustering.

use serde_json::{Value, json};

use crate::cli::fixture::{Fixture, article};
use crate::cli::wirefold;

/// The exit code and the output of a command.
pub(crate) struct CommandOutput {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn wirefold_at(fixture: &Fixture, arguments: &[&str]) -> CommandOutput {
    let output = wirefold(arguments).current_dir(fixture.path("")).output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    CommandOutput { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn uri(name: &str) -> String {
    format!("urn:{name}")
}

/// A story of these articles, published an hour apart; all are near copies of the first.
pub(crate) fn story(id: u32, members: &[&str]) -> Value {
    let time = |hour: usize| format!("2026-03-02T{hour:02}:00:00.000Z");
    let member = |at: usize, name: &str| {
        let matched = json!({ "score": 0.8, "article_in_matched": 0.8, "matched_in_article": 0.7,
            "matched_to": uri(members[0]), "shared_shingles": 40, "members_compared": at, "members_matching": at });
        json!({ "uri": uri(name), "id": format!("id-{name}"), "url": null, "title": null, "source": format!("{name}.example"),
            "publisher": format!("{name}.example"), "published_at": null, "event_at": time(at),
            "raw": { "topic": "articles", "partition": 0, "offset": at },
            "superseded": false,
            "relation": match (members.len(), at) { (1, _) => "unique", (_, 0) => "original", _ => "near" },
            "match": if at == 0 { Value::Null } else { matched } })
    };
    let listed: Vec<Value> = members.iter().enumerate().map(|(at, name)| member(at, name)).collect();
    json!({
        "schema": "wirefold.story/1", "story_id": format!("{id:0<32x}"), "revision": { "epoch": 0, "seq": id },
        "state": "closed", "first_seen": time(0), "last_seen": time(members.len().saturating_sub(1)), "size": members.len(),
        "title": null, "url": null, "publisher": null,
        "sources": members.len(), "publishers": members.len(), "languages": ["en"], "canonical": null,
        "origin": { "kind": "unknown", "name": null, "confidence": 0.0, "evidence": [] }, "members": listed,
    })
}

pub(crate) fn lines(records: &[Value]) -> String {
    records.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

/// Labels of two sets, stories of two foldings, and what the articles say.
fn fixture() -> Fixture {
    let fixture = Fixture::new();
    let head = "article_a\tarticle_b\tlabel\tconfidence\tweight";
    let ports = [
        head,
        "urn:a\turn:b\tcopy\t3\t12.5",
        "urn:b\turn:c\trewrite\t2\t8",
        "urn:a\turn:d\tcopy\t3\t110",
        "urn:c\turn:e\tpartial\t1\t20",
        "urn:a\turn:e\tdifferent\t3\t40",
        "urn:f\turn:g\tsame_event\t2\t3",
        "urn:a\turn:g\t\t\t5",
    ];
    let rivers = [head, "urn:p\turn:q\tcopy\t3\t1", "urn:q\turn:r\trewrite\t3\t1", "urn:p\turn:lost\tdifferent\t1\t1"];
    fixture.write("ports.pairs.tsv", ports.join("\n"));
    fixture.write("rivers.pairs.tsv", rivers.join("\n"));
    fixture.write(
        "groups.tsv",
        "article\tcluster\tstory\nurn:a\t1\t1\nurn:b\t1\t1\nurn:d\t1\t1\nurn:c\t2\t1\nurn:e\t3\t3\nurn:p\t4\t4\nurn:q\t4\t4\n",
    );
    let new: [&[&str]; 5] = [&["a", "b", "c", "e"], &["d"], &["f"], &["g"], &["p", "q"]];
    let old: [&[&str]; 6] = [&["a", "b"], &["c", "e"], &["d"], &["f", "g"], &["p"], &["q", "r"]];
    let stories = |groups: &[&[&str]]| {
        let records: Vec<Value> = groups.iter().zip(1..).map(|(members, id)| story(id, members)).collect();
        lines(&records)
    };
    fixture.write("new.ndjson", stories(&new));
    fixture.write("old.ndjson", stories(&old));
    let texts = [
        article("urn:a", "a.example", 0.0, "The port of Norwick opens again after the storm."),
        article("urn:d", "d.example", 3.0, "After the storm,\nships may call at Norwick again."),
    ];
    fixture.write("articles.ndjson", lines(&texts));
    fixture
}

#[test]
fn the_report_covers_both_clusterings_with_all_scores() {
    let fixture = fixture();
    let result = wirefold_at(
        &fixture,
        &[
            "eval",
            "new.ndjson",
            "--pairs",
            "ports.pairs.tsv",
            "rivers.pairs.tsv",
            "--clusters",
            "groups.tsv",
            "--against",
            "old.ndjson",
            "--errors",
            "--articles",
            "articles.ndjson",
        ],
    );
    assert_eq!((result.code, result.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(result.stdout);
}

#[test]
fn the_json_contains_the_numbers_of_the_tables() {
    let fixture = fixture();
    let result = wirefold_at(&fixture, &["eval", "new.ndjson", "--pairs", "ports.pairs.tsv", "--errors", "--json"]);
    assert_eq!((result.code, result.stderr.as_str()), (Some(0), ""));
    let evaluation: Value = serde_json::from_str(&result.stdout).expect("JSON");
    let score = &evaluation["pairs"]["sets"][0];
    assert_eq!((&score["set"], &score["pairs"], &score["positive"]), (&json!("ports"), &json!(6), &json!(3)));
    // Two of three positive pairs are joined, and one pair labelled different.
    let f1 = score["unweighted"]["partial_ignored"]["f1"].as_f64().expect("a number");
    assert!((f1 - 2.0 / 3.0).abs() < 1e-12, "{f1}");
    assert_eq!(score["by_label"]["copy"], json!({ "joined": 1, "pairs": 2 }));
    assert_eq!(score["by_relation"]["near"]["partial"], 1);
    assert_eq!(evaluation["unlabelled"], 1);
    let wrong: Vec<&Value> = evaluation["mistakes"].as_array().expect("a list").iter().map(|m| &m["label"]).collect();
    assert_eq!(wrong, ["copy", "different", "partial"]);
    assert_eq!(evaluation["mistakes"][0]["story_sizes"], json!([4, 1]));
    assert_eq!(evaluation["largest"][0]["first"], "urn:a");
}

#[test]
fn a_run_agrees_with_itself_and_the_seed_determines_the_resamples() {
    let fixture = fixture();
    let result = wirefold_at(&fixture, &["eval", "new.ndjson", "--clusters", "new.ndjson", "--json"]);
    let evaluation: Value = serde_json::from_str(&result.stdout).expect("JSON");
    assert_eq!(evaluation["clusters"]["by_set"][0]["articles"], 9);
    assert_eq!(evaluation["clusters"]["mean"]["adjusted_rand"], 1.0);
    let pairs = ["a b", "a c", "a e", "b c", "b e", "c e", "a d", "b d", "c d", "d e", "f g", "f p", "g p"];
    let row = |pair: &str| format!("urn:{}\tcopy", pair.replace(' ', "\turn:"));
    fixture.write("many.tsv", format!("article_a\tarticle_b\tlabel\n{}", pairs.map(row).join("\n")));
    let of_seed = |seed| {
        let result = wirefold_at(
            &fixture,
            &["eval", "new.ndjson", "--pairs", "many.tsv", "--resamples", "20", "--seed", seed, "--json"],
        );
        let evaluation: Value = serde_json::from_str(&result.stdout).expect("JSON");
        evaluation["pairs"]["intervals"].clone()
    };
    assert_eq!(of_seed("5"), of_seed("5"));
    assert_ne!(of_seed("5"), of_seed("6"));
}

#[test]
fn the_two_halves_contain_all_pairs() {
    let fixture = fixture();
    let rows: Vec<String> = (0..20).map(|at| format!("urn:{at}\turn:{at}/copy\tcopy")).collect();
    fixture.write("many.tsv", format!("article_a\tarticle_b\tlabel\n{}", rows.join("\n")));
    let pairs = |arguments: &[&str]| {
        let all = [&["eval", "new.ndjson", "--pairs", "many.tsv", "--json"], arguments].concat();
        let evaluation: Value = serde_json::from_str(&wirefold_at(&fixture, &all).stdout).expect("JSON");
        evaluation["pairs"]["sets"][0]["pairs"].as_u64().expect("a number")
    };
    let (a, b) = (pairs(&["--half", "a"]), pairs(&["--half", "b"]));
    assert_eq!(a + b, pairs(&[]));
    assert!(a > 0 && b > 0, "{a} and {b}");
}

#[test]
fn unusable_input_is_reported_and_the_exit_code_tells_input_from_usage_errors() {
    let fixture = fixture();
    fixture.write("bad.tsv", "article_a\tarticle_b\tlabel\nurn:a\turn:b\tcpoy\n");
    let cases: [(&[&str], i32, &str); 8] = [
        (&["eval", "new.ndjson", "--pairs", "bad.tsv"], 1, "bad.tsv:2: unknown label `cpoy`; use one of copy, rewrite"),
        (&["eval", "new.ndjson", "--pairs", "missing.tsv"], 1, "cannot open missing.tsv"),
        (&["eval", "articles.ndjson", "--pairs", "ports.pairs.tsv"], 1, "articles.ndjson:1: not a wirefold.story/1"),
        (&["eval", "new.ndjson", "--clusters", "bad.tsv"], 1, "bad.tsv:1: no column article; the first line must"),
        (&["eval", "new.ndjson"], 2, "--pairs"),
        (&["eval", "-", "--pairs", "-"], 2, "standard input can be read only once"),
        (&["eval", "new.ndjson", "--clusters", "groups.tsv", "--errors"], 2, "--pairs"),
        (&["sample", "new.ndjson", "--texts", "texts.txt"], 2, "--articles"),
    ];
    for (arguments, code, message) in cases {
        let result = wirefold_at(&fixture, arguments);
        assert_eq!(result.code, Some(code), "{arguments:?}: {}", result.stderr);
        assert!(result.stderr.contains(message), "{arguments:?}: {}", result.stderr);
    }
}

#[test]
fn a_sample_becomes_a_label_file_once_labels_are_filled_in() {
    let fixture = fixture();
    let result = wirefold_at(
        &fixture,
        &["sample", "new.ndjson", "--number", "12", "--articles", "articles.ndjson", "--texts", "texts.txt"],
    );
    assert_eq!(result.code, Some(0), "{}", result.stderr);
    insta::assert_snapshot!(format!("{}\n{}", result.stdout, result.stderr));
    let texts = std::fs::read_to_string(fixture.path("texts.txt")).expect("texts");
    assert!(texts.contains("The port of Norwick opens again after the storm."), "{texts}");
    assert_eq!(texts.matches("======== pair ").count(), result.stdout.lines().count() - 1);

    fixture.write("unlabelled.tsv", &result.stdout);
    let unlabelled = wirefold_at(&fixture, &["eval", "new.ndjson", "--pairs", "unlabelled.tsv"]);
    assert_eq!(unlabelled.code, Some(1));
    assert!(unlabelled.stderr.contains("unlabelled.tsv:1: no row has a label yet"), "{}", unlabelled.stderr);

    // With the labels copy for joined pairs and different for all others, no pair is wrong.
    let labelled = result.stdout.lines().enumerate().map(|(at, row)| match at {
        0 => format!("{row}\n"),
        _ if row.contains("joined as") => row.replacen("\t\t", "\tcopy\t", 1) + "\n",
        _ => row.replacen("\t\t", "\tdifferent\t", 1) + "\n",
    });
    fixture.write("labelled.tsv", labelled.collect::<String>());
    let labelled = wirefold_at(&fixture, &["eval", "new.ndjson", "--pairs", "labelled.tsv", "--json"]);
    let evaluation: Value = serde_json::from_str(&labelled.stdout).expect("JSON");
    assert_eq!(evaluation["pairs"]["mean"]["partial_negative"]["f1"], 1.0);
}
