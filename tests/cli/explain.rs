//! `wirefold explain`, on invented articles.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::desk::{Desk, Prose, article, hour};
use crate::{run, wirefold};

/// Below the repository, where the command runs: ids hash the file's name as given, and snapshots show them.
const EXAMPLES: &str = "examples/articles.ndjson";

/// The command, about two articles.
fn explain(file: &str, a: &str, b: &str) -> Command {
    let mut command = wirefold(&["explain", file, "--uri", a, "--uri", b]);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    for name in ["CLICOLOR", "CLICOLOR_FORCE", "NO_COLOR"] {
        command.env_remove(name);
    }
    command
}

/// What it prints when it succeeds.
fn explained(file: &str, a: &str, b: &str) -> String {
    let (code, output, errors) = run(explain(file, a, b));
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{output}");
    output
}

/// The outlets of a small town: one puts a line of its own under every article, and one copies an agency.
fn town() -> Desk {
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
    let desk = Desk::new();
    desk.write("town.ndjson", articles.map(|article| article.to_string()).join("\n"));
    desk
}

fn about(desk: &Desk, a: &str, b: &str) -> Command {
    let mut command = explain("town.ndjson", a, b);
    command.current_dir(desk.path(""));
    command
}

fn json_about(desk: &Desk, a: &str, b: &str) -> Value {
    let mut command = about(desk, a, b);
    command.arg("--json");
    let (code, output, errors) = run(command);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    serde_json::from_str(&output).expect("JSON")
}

fn sentence(desk: &Desk, a: &str, b: &str) -> String {
    json_about(desk, a, b)["verdict"]["sentence"].as_str().expect("text").to_owned()
}

#[test]
fn two_english_texts_stand_side_by_side() {
    let [wire, rewrite] =
        ["https://norwire.example/2026/harrow-vale-1", "https://daily-lantern.example/regions/dam-again"];
    insta::assert_snapshot!(explained(EXAMPLES, wire, rewrite));
}

#[test]
fn arabic_texts_stand_one_above_the_other_and_the_page_around_them_is_left_out() {
    let [page, wire] = ["https://almizan.example/post/20418", "https://wikala-shamal.example/ar/5521"];
    insta::assert_snapshot!(explained(EXAMPLES, page, wire));
}

#[test]
fn what_an_outlet_prints_anyway_is_left_out_and_said() {
    let desk = town();
    let (_, output, _) = run(about(&desk, "urn:mill", "urn:wire"));
    insta::assert_snapshot!(output);
}

#[test]
fn all_of_it_is_one_json_document() {
    let desk = town();
    let report = json_about(&desk, "urn:wire", "urn:mill");
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
fn the_reference_rule_goes_by_containment_alone() {
    let desk = town();
    let mut command = about(&desk, "urn:wire", "urn:mill");
    command.args(["--set", "match.rule=containment"]);
    let (code, output, errors) = run(command);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(!output.contains("weight") && output.contains("agreement 0.9"), "{output}");
}

#[test]
fn the_order_of_the_uris_does_not_matter() {
    let desk = town();
    assert_eq!(json_about(&desk, "urn:wire", "urn:mill"), json_about(&desk, "urn:mill", "urn:wire"));
}

#[test]
fn each_reason_for_not_comparing_has_a_sentence() {
    let desk = town();
    for (other, expected) in [
        ("urn:mill", "together (near): the texts share "),
        ("urn:goose", "apart: of the pairs of words compared they share fewer than 7, "),
        ("urn:empty", "apart: an article without words matches nothing"),
        ("urn:again", "apart: 4 days lie between them, and articles are compared within 3 days"),
        ("urn:quiet", "apart: they never met, since not both of them were judged"),
    ] {
        let said = sentence(&desk, "urn:wire", other);
        assert!(said.starts_with(expected), "{other}: {said}");
    }
    let quiet = json_about(&desk, "urn:wire", "urn:quiet");
    let note = "town.ndjson line 8 says that it is not to be published, so it is not judged";
    let side = ["earlier", "later"].into_iter().find(|side| quiet[*side]["uri"] == "urn:quiet").expect("a side");
    assert_eq!(quiet[side]["notes"], json!([note]));
}

#[test]
fn an_article_that_is_not_there_is_named_with_the_line_that_could_not_be_read() {
    let desk = town();
    let (code, output, errors) = run(about(&desk, "urn:broken", "urn:nowhere"));
    assert_eq!((code, output.as_str()), (Some(2), ""));
    insta::assert_snapshot!(errors);
}

#[test]
fn two_different_uris_and_files_that_can_be_read_are_wanted() {
    let desk = town();
    let (code, _, errors) = run(about(&desk, "urn:wire", "urn:wire"));
    assert_eq!((code, errors.as_str()), (Some(2), "both --uri name urn:wire; name two articles\n"));
    let (code, _, errors) = run(wirefold(&["explain", EXAMPLES, "--uri", "urn:wire"]));
    assert_eq!((code, errors.as_str()), (Some(2), "--uri is wanted twice, and given 1 times\n"));
    let (code, _, errors) = run(explain("no/such/file", "urn:a", "urn:b"));
    assert_eq!(code, Some(1));
    assert!(errors.contains("no/such/file"), "{errors}");
}

#[test]
fn standard_input_and_colours_are_taken_when_asked_for() {
    let mut command =
        explain("-", "https://norwire.example/2026/harrow-vale-1", "https://metro-brief.example/2026/03/02/dam");
    command.env("CLICOLOR_FORCE", "1").args(["--order", "input", "--width", "60", "--full"]);
    command.stdin(std::fs::File::open(EXAMPLES).expect("the examples")).stdout(Stdio::piped());
    let (code, output, errors) = run(command);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(output.contains("\u{1b}[32m") && !output.contains('⟦'), "{output}");
    assert!(!output.contains('│'), "so narrow, the texts stand one above the other:\n{output}");
}
