//! `wirefold inspect` on invented articles.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::cli::fixture::{Fixture, article, json_lines};
use crate::cli::{run, wirefold};
use crate::records::fits_schema;

const REPORT: &str = "QUERN, March 3 (Reuters) - The old mill on the Ember burned down on Tuesday night, and the fire \
    brigade of three towns could save no more than its wheel.\nNobody was hurt. The owner, Hale Winter, had moved out in \
    January and says that the wiring was new.\nSource: Norwire";

/// The command in the repository: ids depend on the name of the file, and snapshots contain ids.
fn inspect(arguments: &[&str]) -> Command {
    let mut command = wirefold(&["inspect"]);
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    for name in ["CLICOLOR", "CLICOLOR_FORCE", "NO_COLOR"] {
        command.env_remove(name);
    }
    command
}

/// The reports on a file of these lines, which all fit the schema, and the summary.
fn reports(lines: &[Value], arguments: &[&str]) -> (Vec<Value>, String) {
    let fixture = Fixture::new();
    fixture.write("feed.ndjson", lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"));
    let mut command = inspect(&[&["--json", "feed.ndjson"], arguments].concat());
    command.current_dir(fixture.path(""));
    let (code, output, errors) = run(command);
    assert_eq!(code, Some(0), "{errors}");
    let reports = json_lines(output.as_bytes());
    for report in &reports {
        fits_schema("inspect", report);
    }
    (reports, errors)
}

fn field<'r>(reports: &'r [Value], path: &str) -> Vec<&'r Value> {
    reports.iter().map(|report| report.pointer(path).expect("the field is there")).collect()
}

#[test]
fn the_examples_are_reported_with_what_was_decided_on_arrival() {
    let (code, output, summary) = run(inspect(&["examples/articles.ndjson"]));
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(output);
    insta::assert_snapshot!("inspect_summary", summary);
}

#[test]
fn each_refused_record_has_its_reason_in_words() {
    let (code, output, errors) =
        run(inspect(&["examples/broken.ndjson", "examples/articles.ndjson", "--only", "refused"]));
    assert_eq!(code, Some(0), "{errors}");
    insta::assert_snapshot!(output);
}

#[test]
fn every_field_is_always_there_and_body_only_with_text() {
    let withdrawal = json!({ "id": "urn:gone", "pubStatus": "canceled" });
    let lines = [article("urn:a", "a.example", 1.0, REPORT), json!({ "id": "urn:b" }), json!([1]), withdrawal];
    let (plain, _) = reports(&lines[..2], &[]);
    let (with_text, _) = reports(&[lines[0].clone(), lines[3].clone(), lines[1].clone()], &["--text"]);
    let names = |report: &Value| report.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&plain[0]), names(&plain[1]));
    assert!(!names(&plain[0]).contains(&"body".to_owned()));
    assert!(with_text.iter().all(|report| names(report) == names(&with_text[0])), "{with_text:?}");
    assert!(with_text[0]["body"].is_string() && with_text[1]["body"].is_null());
    assert_eq!(field(&with_text, "/outcome"), ["article", "withdrawn", "refused"]);
    assert_eq!(field(&with_text, "/reason"), [&Value::Null, &Value::Null, &json!("missing_text")]);
    assert_eq!(with_text[2]["detail"].as_str().map(str::is_empty), Some(false));
}

#[test]
fn a_time_is_never_that_of_another_record() {
    let undated = json!({ "id": "urn:b", "source": "b.example", "text": REPORT, "published_at": "gestern" });
    let lines = [article("urn:a", "a.example", 1.0, REPORT), undated, article("urn:c", "c.example", 2.0, REPORT)];
    let (reports, summary) = reports(&lines, &[]);
    let times = ["2026-03-02T01:00:00.000Z", "2026-03-02T02:00:00.000Z"];
    assert_eq!(field(&reports, "/published_at"), [&json!(times[0]), &Value::Null, &json!(times[1])]);
    assert_eq!(field(&reports, "/decision/relation"), ["unique", "exact", "exact"], "it keeps its place all the same");
    assert!(summary.contains("without date      1 of 3 articles\n"), "{summary}");
    assert!(summary.contains("without language  1\n"), "{summary}");
}

#[test]
fn duplicates_new_versions_and_withdrawals_are_reported_as_they_were_decided() {
    let version = |number: i64, text: &str| json!({ "uri": "urn:a", "version": number, "source": "a.example", "text": text, "published_at": "2026-03-02T01:00:00Z" });
    let withdrawal = json!({ "uri": "urn:a", "version": 3, "pubStatus": "canceled" });
    let withheld = json!({ "uri": "urn:q", "pubStatus": "withheld" });
    let lines = [version(1, REPORT), version(2, REPORT), version(2, &format!("{REPORT} More.")), withdrawal, withheld];
    let (reports, summary) = reports(&lines, &[]);
    let decisions = ["assigned", "duplicate", "replaced", "retracted", "withheld"];
    assert_eq!(field(&reports, "/decision/decision"), decisions);
    assert_eq!(field(&reports, "/line"), [1, 2, 3, 4, 5]);
    assert_eq!(field(&reports, "/version"), [&json!("1"), &json!("2"), &json!("2"), &json!("3"), &Value::Null]);
    assert!(summary.contains("records           5 (article 3, withdrawn 1, withheld 1)\n"), "{summary}");
}

#[test]
fn a_duplicate_with_another_text_is_named_and_so_is_a_path_that_is_never_used() {
    let job = |version: u8, title: &str, text: &str| json!({ "id": "job-1", "version": version, "title": title, "text": text, "source": "a.example", "published_at": "2026-03-02T01:00:00Z" });
    let geese = "Geese stopped the morning train to Quern.";
    let lines = [job(2, "Mill", REPORT), job(2, "Mill", REPORT), job(1, "Geese", geese)];
    let (incomplete, summary) =
        reports(&lines, &["--only", "incomplete", "--set", "fields.published=pub_gues", "--set", "fields.uri=id"]);
    assert_eq!(field(&incomplete, "/line"), [3]);
    assert_eq!(field(&incomplete, "/same_uri_other_text"), [true]);
    assert!(
        summary.contains(
            "older versions    1 record has another text than the newer one of its uri, first line 3 (a.example/job-1)\n"
        ),
        "{summary}"
    );
    assert!(summary.contains("fields.published = \"pub_gues\" was never used\n"), "{summary}");
    assert!(!summary.contains("fields.uri"), "{summary}");
    let (all, _) = reports(&lines, &[]);
    assert_eq!(field(&all, "/same_uri_other_text"), [&Value::Null, &json!(false), &json!(true)]);
    let fixture = Fixture::new();
    fixture.write("feed.ndjson", lines.each_ref().map(ToString::to_string).join("\n"));
    let mut command = inspect(&["feed.ndjson"]);
    command.current_dir(fixture.path(""));
    let output = run(command).1;
    assert_eq!(output.matches("-> duplicate: a known version, nothing changed").count(), 1, "{output}");
    assert!(output.contains("an article of this uri with another text is newer: this one changes nothing"), "{output}");
}

#[test]
fn many_records_that_are_refused_alike_are_one_report_for_people() {
    let lines = vec![json!({ "id": "urn:a" }); 14];
    let fixture = Fixture::new();
    fixture.write("feed.ndjson", lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"));
    let mut command = inspect(&["feed.ndjson"]);
    command.current_dir(fixture.path(""));
    let output = run(command).1;
    assert_eq!((output.lines().count(), output.lines().last()), (3, Some("    … and 13 more like it")), "{output}");
}

#[test]
fn the_text_is_what_explain_compares() {
    let fixture = Fixture::new();
    let lines = [article("urn:a", "a.example", 1.0, REPORT), article("urn:b", "b.example", 2.0, REPORT)];
    fixture.write("feed.ndjson", lines.each_ref().map(ToString::to_string).join("\n"));
    let mut explain = wirefold(&["explain", "feed.ndjson", "--uri", "urn:a", "--uri", "urn:b", "--json"]);
    explain.current_dir(fixture.path(""));
    let explanation: Value = serde_json::from_str(&run(explain).1).expect("JSON");
    let (reports, _) = reports(&lines, &["--text"]);
    let (article, report) = (&explanation["earlier"], &reports[0]);
    assert_eq!((&article["words"], &article["words_compared"]), (&report["words"], &report["words_compared"]));
    let shared = article["passages"].as_array().expect("passages").iter().filter(|passage| passage["kind"] == "shared");
    let offset = |passage: &Value, end: &str| passage[end].as_u64().expect("an offset") as usize;
    let text = article["text"].as_str().expect("text");
    let compared: Vec<&str> = shared.map(|passage| &text[offset(passage, "start")..offset(passage, "end")]).collect();
    assert_eq!(report["body"], format!("{}.", compared.join("\n")));
    assert_eq!(field(&reports[..1], "/cut/0/kind"), ["dateline"]);
    assert_eq!(report["cut"][1]["text"], "Source: Norwire");
}

#[test]
fn only_some_records_are_printed_or_read_when_that_is_asked_for() {
    let undated = json!({ "id": "urn:b", "source": "b.example", "text": REPORT });
    let lines = [article("urn:a", "a.example", 1.0, REPORT), undated, json!({ "id": "urn:c" })];
    let (incomplete, summary) = reports(&lines, &["--only", "incomplete"]);
    assert_eq!(field(&incomplete, "/line"), [2, 3]);
    assert!(summary.contains("records           3 "), "all are counted: {summary}");
    let (both, _) = reports(&lines, &["--only", "article", "--only", "refused"]);
    assert_eq!(both.len(), 3);
    let (first, summary) = reports(&lines, &["--limit", "1"]);
    assert_eq!(first.len(), 1);
    assert!(summary.contains("records           1 (article 1)"), "{summary}");
}

#[test]
fn nothing_that_can_be_read_is_an_error_that_says_what_to_do() {
    let fixture = Fixture::new();
    fixture.write("feed.xml", "<rss>\n<item/>\n</rss>\n");
    fixture.write("empty.ndjson", "\n");
    fixture.write("names.ndjson", json!({ "id": "urn:a", "beitrag": REPORT }).to_string());
    for (file, says) in [
        ("names.ndjson", "docs/input.md lists the shapes"),
        ("feed.xml", "it looks like RSS"),
        ("empty.ndjson", "empty"),
        ("missing.ndjson", "cannot open"),
    ] {
        let mut command = inspect(&[file]);
        command.current_dir(fixture.path(""));
        let (code, _, errors) = run(command);
        assert_eq!(code, Some(1), "{errors}");
        assert!(errors.contains(says), "{errors}");
        assert_eq!(errors.contains("[fields]"), file == "names.ndjson", "only names can be mended: {errors}");
    }
    for wrong in [&[][..], &["feed.xml", "--limit", "0"], &["feed.xml", "--topic", "wires"], &["--from", "7"]] {
        assert_eq!(run(inspect(wrong)).0, Some(2), "{wrong:?}");
    }
}

#[test]
fn a_record_of_several_lines_is_found_by_its_number_and_its_line() {
    let pretty = |record: &Value| serde_json::to_string_pretty(record).expect("JSON");
    let records = [article("urn:a", "a.example", 1.0, REPORT), json!({ "id": "urn:b" })];
    let text = records.each_ref().map(pretty).join("\n");
    let fixture = Fixture::new();
    fixture.write("feed.json", &text);
    let line = text.lines().count() - 2;
    let run_in = |arguments: &[&str]| {
        let mut command = inspect(arguments);
        command.current_dir(fixture.path(""));
        run(command).1
    };
    let reports = json_lines(run_in(&["feed.json", "--json"]).as_bytes());
    fits_schema("inspect", &reports[1]);
    assert_eq!(field(&reports, "/line"), [&json!(1), &json!(line)]);
    assert_eq!(field(&reports, "/record"), [1, 2]);
    assert!(run_in(&["feed.json"]).contains(&format!("\nrecord 2 (line {line})  refused ")));
    let both = run_in(&["feed.json", "feed.json"]);
    assert!(both.contains(&format!("\nfeed.json record 2 (line {line})  refused ")), "{both}");
}

#[test]
fn a_feed_cannot_control_the_terminal_and_colours_are_printed_when_asked_for() {
    let hostile =
        json!({ "id": "urn:\u{1b}[2J", "source": "a\u{1b}\u{202E}b", "title": "\u{7}", "text": "x\u{1b}[31m y" });
    let fixture = Fixture::new();
    fixture.write("feed.ndjson", hostile.to_string());
    let mut command = inspect(&["-", "--text"]);
    command.stdin(Stdio::from(std::fs::File::open(fixture.path("feed.ndjson")).expect("a file")));
    let (code, output, summary) = run(command);
    assert_eq!(code, Some(0));
    assert!(!(output + &summary).contains(['\u{1b}', '\u{7}', '\u{202E}']), "the summary has names too");
    let mut command = inspect(&["examples/articles.ndjson"]);
    command.env("CLICOLOR_FORCE", "1");
    assert!(run(command).1.contains("\u{1b}[1m"));
}
