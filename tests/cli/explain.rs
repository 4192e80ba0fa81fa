//! `wirefold explain` on invented articles.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::cli::fixture::{Fixture, Prose, article, hour};
use crate::cli::{run, wirefold};

/// Relative to the repository, where the command runs: ids depend on the name of the file, and snapshots contain ids.
const EXAMPLES: &str = "examples/articles.ndjson";

/// The command for two articles.
fn explain(file: &str, a: &str, b: &str) -> Command {
    let mut command = wirefold(&["explain", file, "--uri", a, "--uri", b]);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    for name in ["CLICOLOR", "CLICOLOR_FORCE", "NO_COLOR"] {
        command.env_remove(name);
    }
    command
}

/// The output of the command, which must succeed.
fn explained(file: &str, a: &str, b: &str) -> String {
    let (code, output, errors) = run(explain(file, a, b));
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{output}");
    output
}

/// Articles of two outlets: one ends every article with the same line and copies the other, which is an agency.
fn town_fixture() -> Fixture {
    const FOOTER: &str = "Write to the editors of the Lantern about anything you saw on your way to work this morning.";
    const REPORT: &str = "QUERN, March 3 (Norwire) - The old mill on the Ember burned down on Tuesday night, and the \
        fire brigade of three towns could save no more than its wheel.\nNobody was hurt. The owner, Hale Winter, had moved out in \
        January and says that the wiring was new. \"I heard the beams crack from across the river,\" said the baker Ida Brook.\n\
        An inspector of the county is to look at the ruin on Thursday.";
    let lantern = |id: &str, at: f64, text: &str| article(id, "lantern.example", at, &format!("{text}\n{FOOTER}"));
    let articles = [
        lantern("urn:goose", 1.0, &Prose::new(1).words(80)),
        lantern("urn:choir", 2.0, &Prose::new(2).words(80)),
        article("urn:wire", "norwire.example", 30.0, REPORT),
        lantern("urn:mill", 33.0, &REPORT.replace("QUERN, March 3 (Norwire) - ", "").replace("Nobody was hurt. ", "")),
        lantern(
            "urn:bridge",
            34.0,
            "The bridge over the Ember stays closed, since nobody has found the key of the barrier.",
        ),
        article("urn:empty", "norwire.example", 35.0, "…"),
        article("urn:again", "norwire.example", 140.0, REPORT),
        json!({ "id": "urn:quiet", "source": "norwire.example", "published_at": hour(36.0), "text": REPORT, "pubStatus": "withheld" }),
        json!({ "id": "urn:broken", "source": "norwire.example", "text": 7 }),
    ];
    let fixture = Fixture::new();
    fixture.write("town.ndjson", articles.map(|article| article.to_string()).join("\n"));
    fixture
}

fn explain_in(fixture: &Fixture, a: &str, b: &str) -> Command {
    let mut command = explain("town.ndjson", a, b);
    command.current_dir(fixture.path(""));
    command
}

fn json_report(fixture: &Fixture, a: &str, b: &str) -> Value {
    let mut command = explain_in(fixture, a, b);
    command.arg("--json");
    let (code, output, errors) = run(command);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    serde_json::from_str(&output).expect("JSON")
}

fn sentence(fixture: &Fixture, a: &str, b: &str) -> String {
    json_report(fixture, a, b)["verdict"]["sentence"].as_str().expect("text").to_owned()
}

#[test]
fn two_english_texts_are_printed_side_by_side() {
    let [wire, rewrite] =
        ["https://norwire.example/2026/harrow-vale-1", "https://daily-lantern.example/regions/dam-again"];
    insta::assert_snapshot!(explained(EXAMPLES, wire, rewrite));
}

#[test]
fn arabic_texts_are_printed_one_above_the_other_and_page_segments_are_left_out() {
    let [page, wire] = ["https://almizan.example/post/20418", "https://wikala-shamal.example/ar/5521"];
    insta::assert_snapshot!(explained(EXAMPLES, page, wire));
}

#[test]
fn boilerplate_of_an_outlet_is_left_out_and_named() {
    let fixture = town_fixture();
    let (_, output, _) = run(explain_in(&fixture, "urn:mill", "urn:wire"));
    insta::assert_snapshot!(output);
}

#[test]
fn an_article_may_be_named_by_the_id_in_its_record() {
    let text = Prose::new(3).words(90);
    let page = |id: u32, host: &str, text: &str| {
        let url = format!("https://{host}/{id}");
        json!({ "id": id, "url": url, "text": text, "published_at": hour(f64::from(id)) }).to_string()
    };
    let lines = [page(1, "a.example", &text), page(2, "b.example", &text), page(2, "c.example", "Another text.")];
    let fixture = Fixture::new();
    fixture.write("town.ndjson", lines.join("\n"));
    let report = json_report(&fixture, "1", "2");
    assert_eq!(report["verdict"]["together"], true);
    assert_eq!(
        (&report["earlier"]["uri"], &report["later"]["uri"]),
        (&json!("https://a.example/1"), &json!("https://b.example/2"))
    );
    let remark = report["later"]["remarks"][0].as_str().expect("a remark");
    assert_eq!(remark, "town.ndjson line 3 has this id too: it is https://c.example/2");
}

#[test]
fn the_explanation_is_one_json_document() {
    let fixture = town_fixture();
    let report = json_report(&fixture, "urn:wire", "urn:mill");
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).expect("JSON"));
    for side in ["earlier", "later"] {
        let text = report[side]["text"].as_str().expect("text");
        for passage in report[side]["passages"].as_array().expect("a list") {
            let [start, end] = ["start", "end"].map(|end| passage[end].as_u64().expect("a number") as usize);
            assert!(text.get(start..end).is_some_and(|passage| passage.trim() == passage), "{passage}");
        }
    }
}

#[test]
fn the_rule_containment_uses_no_other_feature() {
    let fixture = town_fixture();
    let mut command = explain_in(&fixture, "urn:wire", "urn:mill");
    command.args(["--set", "match.rule=containment"]);
    let (code, output, errors) = run(command);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(!output.contains("weight") && output.contains("match score 0.9"), "{output}");
}

#[test]
fn the_order_of_the_uris_does_not_matter() {
    let fixture = town_fixture();
    assert_eq!(json_report(&fixture, "urn:wire", "urn:mill"), json_report(&fixture, "urn:mill", "urn:wire"));
}

#[test]
fn each_reason_for_not_comparing_has_a_sentence() {
    let fixture = town_fixture();
    for (other, expected) in [
        ("urn:mill", "together (near): the texts share "),
        ("urn:goose", "apart: without boilerplate, they share fewer than 7 of the pairs of words compared"),
        ("urn:empty", "apart: an article without words matches no other"),
        ("urn:again", "apart: they are 4 days apart, and articles more than 3 days apart are not compared"),
        ("urn:quiet", "apart: they were never compared, because at least one of them was not clustered"),
    ] {
        let sentence = sentence(&fixture, "urn:wire", other);
        assert!(sentence.starts_with(expected), "{other}: {sentence}");
    }
    let quiet = json_report(&fixture, "urn:wire", "urn:quiet");
    let remark = "town.ndjson line 8 is marked as not to be published and was not clustered";
    let side = ["earlier", "later"].into_iter().find(|side| quiet[*side]["uri"] == "urn:quiet").expect("a side");
    assert_eq!(quiet[side]["remarks"], json!([remark]));
}

#[test]
fn a_missing_article_is_reported_with_the_unreadable_line_that_mentions_it() {
    let fixture = town_fixture();
    let (code, output, errors) = run(explain_in(&fixture, "urn:broken", "urn:nowhere"));
    assert_eq!((code, output.as_str()), (Some(2), ""));
    insta::assert_snapshot!(errors);
}

#[test]
fn equal_uris_a_single_uri_and_unreadable_files_are_errors() {
    let fixture = town_fixture();
    let (code, _, errors) = run(explain_in(&fixture, "urn:wire", "urn:wire"));
    assert_eq!((code, errors.as_str()), (Some(2), "both --uri are urn:wire; give two different articles\n"));
    let (code, _, errors) = run(wirefold(&["explain", EXAMPLES, "--uri", "urn:wire"]));
    assert_eq!((code, errors.as_str()), (Some(2), "--uri must be given exactly twice; it was given 1 times\n"));
    let (code, _, errors) = run(explain("no/such/file", "urn:a", "urn:b"));
    assert_eq!(code, Some(1));
    assert!(errors.contains("no/such/file"), "{errors}");
}

#[test]
fn standard_input_is_read_and_colours_are_printed_when_asked_for() {
    let mut command =
        explain("-", "https://norwire.example/2026/harrow-vale-1", "https://metro-brief.example/2026/03/02/dam");
    command.env("CLICOLOR_FORCE", "1").args(["--order", "input", "--width", "60", "--full"]);
    command.stdin(std::fs::File::open(EXAMPLES).expect("the examples")).stdout(Stdio::piped());
    let (code, output, errors) = run(command);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(output.contains("\u{1b}[32m") && !output.contains('⟦'), "{output}");
    assert!(!output.contains('│'), "on a page this narrow, the texts are one above the other:\n{output}");
}
