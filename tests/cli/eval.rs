//! `wirefold eval` and `wirefold sample`, on stories that no rule of folding had a part in.

use serde_json::{Value, json};

use crate::desk::{Desk, article};
use crate::wirefold;

/// What a command said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

pub(crate) fn wirefold_at(desk: &Desk, arguments: &[&str]) -> Said {
    let output = wirefold(arguments).current_dir(desk.path("")).output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Said { code: output.status.code(), output: text(output.stdout), errors: text(output.stderr) }
}

fn uri(name: &str) -> String {
    format!("urn:{name}")
}

/// A story of these articles, published an hour apart; each but the first is a near copy of the first.
pub(crate) fn story(id: u32, members: &[&str]) -> Value {
    let time = |hour: usize| format!("2026-03-02T{hour:02}:00:00.000Z");
    let member = |at: usize, name: &str| {
        let matched = json!({ "similarity": 0.8, "containment_in_story": 0.8, "containment_of_story": 0.7,
            "matched_to": uri(members[0]), "shared": 40, "compared": at, "agreeing": at });
        json!({ "uri": uri(name), "source": format!("{name}.example"), "published_at": time(at),
            "superseded": false,
            "relation": match (members.len(), at) { (1, _) => "unique", (_, 0) => "original", _ => "near" },
            "match": if at == 0 { Value::Null } else { matched } })
    };
    let listed: Vec<Value> = members.iter().enumerate().map(|(at, name)| member(at, name)).collect();
    json!({
        "schema": "wirefold.story/1", "story_id": format!("{id:0<32x}"), "revision": { "generation": 0, "seq": id },
        "state": "closed", "first_seen": time(0), "last_seen": time(members.len().saturating_sub(1)), "size": members.len(),
        "sources": members.len(), "languages": ["en"], "canonical": null,
        "origin": { "kind": "unknown", "name": null, "confidence": 0.0, "evidence": [] }, "members": listed,
    })
}

pub(crate) fn lines(records: &[Value]) -> String {
    records.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

/// Labels of two sets, stories of two foldings, and what the articles say.
fn desk() -> Desk {
    let desk = Desk::new();
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
    desk.write("ports.pairs.tsv", ports.join("\n"));
    desk.write("rivers.pairs.tsv", rivers.join("\n"));
    desk.write(
        "groups.tsv",
        "article\tcluster\tstory\nurn:a\t1\t1\nurn:b\t1\t1\nurn:d\t1\t1\nurn:c\t2\t1\nurn:e\t3\t3\nurn:p\t4\t4\nurn:q\t4\t4\n",
    );
    let new: [&[&str]; 5] = [&["a", "b", "c", "e"], &["d"], &["f"], &["g"], &["p", "q"]];
    let old: [&[&str]; 6] = [&["a", "b"], &["c", "e"], &["d"], &["f", "g"], &["p"], &["q", "r"]];
    let stories = |groups: &[&[&str]]| {
        let records: Vec<Value> = groups.iter().zip(1..).map(|(members, id)| story(id, members)).collect();
        lines(&records)
    };
    desk.write("new.ndjson", stories(&new));
    desk.write("old.ndjson", stories(&old));
    let texts = [
        article("urn:a", "a.example", 0.0, "The port of Norwick opens again after the storm."),
        article("urn:d", "d.example", 3.0, "After the storm,\nships may call at Norwick again."),
    ];
    desk.write("articles.ndjson", lines(&texts));
    desk
}

#[test]
fn everything_is_said_of_two_foldings_side_by_side() {
    let desk = desk();
    let said = wirefold_at(
        &desk,
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
    assert_eq!((said.code, said.errors.as_str()), (Some(0), ""));
    insta::assert_snapshot!(said.output);
}

#[test]
fn the_json_says_what_the_tables_say() {
    let desk = desk();
    let said = wirefold_at(&desk, &["eval", "new.ndjson", "--pairs", "ports.pairs.tsv", "--errors", "--json"]);
    assert_eq!((said.code, said.errors.as_str()), (Some(0), ""));
    let evaluation: Value = serde_json::from_str(&said.output).expect("JSON");
    let score = &evaluation["pairs"]["sets"][0];
    assert_eq!((&score["set"], &score["pairs"], &score["positive"]), (&json!("ports"), &json!(6), &json!(3)));
    // Two of three are joined, and one pair that is different.
    let f1 = score["unweighted"]["partial_ignored"]["f1"].as_f64().expect("a number");
    assert!((f1 - 2.0 / 3.0).abs() < 1e-12, "{f1}");
    assert_eq!(score["by_label"]["copy"], json!({ "joined": 1, "pairs": 2 }));
    assert_eq!(score["by_relation"]["near"]["partial"], 1);
    assert_eq!(evaluation["unjudged"], 1);
    let wrong: Vec<&Value> = evaluation["mistakes"].as_array().expect("a list").iter().map(|m| &m["label"]).collect();
    assert_eq!(wrong, ["copy", "different", "partial"]);
    assert_eq!(evaluation["mistakes"][0]["story_sizes"], json!([4, 1]));
    assert_eq!(evaluation["largest"][0]["first"], "urn:a");
}

#[test]
fn a_run_agrees_with_itself_and_the_seed_decides_the_rest() {
    let desk = desk();
    let said = wirefold_at(&desk, &["eval", "new.ndjson", "--clusters", "new.ndjson", "--json"]);
    let evaluation: Value = serde_json::from_str(&said.output).expect("JSON");
    assert_eq!(evaluation["clusters"]["agreements"][0]["articles"], 9);
    assert_eq!(evaluation["clusters"]["mean"]["adjusted_rand"], 1.0);
    let pairs = ["a b", "a c", "a e", "b c", "b e", "c e", "a d", "b d", "c d", "d e", "f g", "f p", "g p"];
    let row = |pair: &str| format!("urn:{}\tcopy", pair.replace(' ', "\turn:"));
    desk.write("many.tsv", format!("article_a\tarticle_b\tlabel\n{}", pairs.map(row).join("\n")));
    let of_seed = |seed| {
        let said = wirefold_at(
            &desk,
            &["eval", "new.ndjson", "--pairs", "many.tsv", "--resamples", "20", "--seed", seed, "--json"],
        );
        let evaluation: Value = serde_json::from_str(&said.output).expect("JSON");
        evaluation["pairs"]["intervals"].clone()
    };
    assert_eq!(of_seed("5"), of_seed("5"));
    assert_ne!(of_seed("5"), of_seed("6"));
}

#[test]
fn the_halves_are_the_whole() {
    let desk = desk();
    let rows: Vec<String> = (0..20).map(|at| format!("urn:{at}\turn:{at}/copy\tcopy")).collect();
    desk.write("many.tsv", format!("article_a\tarticle_b\tlabel\n{}", rows.join("\n")));
    let pairs = |arguments: &[&str]| {
        let all = [&["eval", "new.ndjson", "--pairs", "many.tsv", "--json"], arguments].concat();
        let evaluation: Value = serde_json::from_str(&wirefold_at(&desk, &all).output).expect("JSON");
        evaluation["pairs"]["sets"][0]["pairs"].as_u64().expect("a number")
    };
    let (a, b) = (pairs(&["--half", "a"]), pairs(&["--half", "b"]));
    assert_eq!(a + b, pairs(&[]));
    assert!(a > 0 && b > 0, "{a} and {b}");
}

#[test]
fn what_cannot_be_used_is_named_and_the_exit_code_says_whose_fault_it_is() {
    let desk = desk();
    desk.write("bad.tsv", "article_a\tarticle_b\tlabel\nurn:a\turn:b\tcpoy\n");
    let cases: [(&[&str], i32, &str); 8] = [
        (&["eval", "new.ndjson", "--pairs", "bad.tsv"], 1, "bad.tsv:2: no label `cpoy`; use one of copy, rewrite"),
        (&["eval", "new.ndjson", "--pairs", "missing.tsv"], 1, "cannot open missing.tsv"),
        (&["eval", "articles.ndjson", "--pairs", "ports.pairs.tsv"], 1, "articles.ndjson:1: no wirefold.story/1"),
        (&["eval", "new.ndjson", "--clusters", "bad.tsv"], 1, "bad.tsv:1: no column article; the first line must"),
        (&["eval", "new.ndjson"], 2, "--pairs"),
        (&["eval", "-", "--pairs", "-"], 2, "standard input can be read once"),
        (&["eval", "new.ndjson", "--clusters", "groups.tsv", "--errors"], 2, "--pairs"),
        (&["sample", "new.ndjson", "--texts", "texts.txt"], 2, "--articles"),
    ];
    for (arguments, code, message) in cases {
        let said = wirefold_at(&desk, arguments);
        assert_eq!(said.code, Some(code), "{arguments:?}: {}", said.errors);
        assert!(said.errors.contains(message), "{arguments:?}: {}", said.errors);
    }
}

#[test]
fn a_sample_is_a_label_file_that_waits_for_its_labels() {
    let desk = desk();
    let said = wirefold_at(
        &desk,
        &["sample", "new.ndjson", "--number", "12", "--articles", "articles.ndjson", "--texts", "texts.txt"],
    );
    assert_eq!(said.code, Some(0), "{}", said.errors);
    insta::assert_snapshot!(format!("{}\n{}", said.output, said.errors));
    let texts = std::fs::read_to_string(desk.path("texts.txt")).expect("texts");
    assert!(texts.contains("The port of Norwick opens again after the storm."), "{texts}");
    assert_eq!(texts.matches("======== pair ").count(), said.output.lines().count() - 1);

    desk.write("unjudged.tsv", &said.output);
    let unjudged = wirefold_at(&desk, &["eval", "new.ndjson", "--pairs", "unjudged.tsv"]);
    assert_eq!(unjudged.code, Some(1));
    assert!(unjudged.errors.contains("unjudged.tsv:1: no row has a label yet"), "{}", unjudged.errors);

    // A judge who says that joined articles are copies and others differ finds nothing wrong.
    let judged = said.output.lines().enumerate().map(|(at, row)| match at {
        0 => format!("{row}\n"),
        _ if row.contains("joined as") => row.replacen("\t\t", "\tcopy\t", 1) + "\n",
        _ => row.replacen("\t\t", "\tdifferent\t", 1) + "\n",
    });
    desk.write("judged.tsv", judged.collect::<String>());
    let judged = wirefold_at(&desk, &["eval", "new.ndjson", "--pairs", "judged.tsv", "--json"]);
    let evaluation: Value = serde_json::from_str(&judged.output).expect("JSON");
    assert_eq!(evaluation["pairs"]["mean"]["partial_negative"]["f1"], 1.0);
}
