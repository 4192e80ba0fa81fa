//! `wirefold cluster` on usual input.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::desk::{Desk, Prose, Ran, article, hour, strings};
use crate::wirefold;

/// Twelve invented days of a thousand wire stories, each with up to four copies, cuts or rewrites, and some lines
/// that cannot be read, in the order in which they were published.
fn log() -> Vec<String> {
    let mut prose = Prose::new(1);
    let mut log: Vec<(f64, String)> = Vec::new();
    for story in 0..1_000u32 {
        let start = prose.below(12 * 24 * 60) as f64 / 60.0;
        let text = prose.words(80);
        for copy in 0..=prose.below(4) {
            let at = start + prose.below(600) as f64 / 60.0;
            let text = match copy {
                1 => text.chars().take(400).collect(),
                2 => format!("{text}{}", prose.words(30)),
                _ => text.clone(),
            };
            let source = format!("outlet-{}.example", prose.below(20));
            log.push((at, article(&format!("urn:{story}:{copy}"), &source, at, &text).to_string()));
        }
        if story % 100 == 0 {
            log.push((start, format!("{{\"id\": \"urn:{story}\"")));
            log.push((start + 11.0, json!({ "id": format!("urn:{story}:0"), "pubStatus": "canceled" }).to_string()));
        }
    }
    log.sort_by(|a, b| a.0.total_cmp(&b.0));
    log.into_iter().map(|(_, line)| line).collect()
}

fn same(a: &Ran, b: &Ran, what: &str) {
    assert!(a.stories == b.stories, "the stories differ by {what}");
    assert!(a.verdicts == b.verdicts, "the verdicts differ by {what}");
    assert!(a.dead_letters == b.dead_letters, "the dead letters differ by {what}");
}

#[test]
fn the_output_is_the_same_for_any_number_of_threads() {
    let desk = Desk::new();
    for order in ["published", "input"] {
        let one = desk.cluster_lines(&log(), &["--order", order, "--threads", "1"]);
        assert!(one.members().iter().filter(|story| story.len() > 1).count() > 500);
        assert_eq!(one.dead_letters().len(), 10);
        for threads in ["2", "7"] {
            same(&one, &desk.cluster_lines(&log(), &["--order", order, "--threads", threads]), "threads");
        }
    }
}

#[test]
fn a_log_in_the_order_of_its_dates_gives_the_same_in_either_order() {
    // Lines that cannot be read have no date to be sorted by.
    let log: Vec<String> = log().into_iter().filter(|line| line.ends_with('}')).collect();
    let desk = Desk::new();
    let published = desk.cluster_lines(&log, &["--order", "published"]);
    same(&published, &desk.cluster_lines(&log, &["--order", "input"]), "order");
}

#[test]
fn packed_plain_and_piped_files_give_the_same() {
    let text = log().join("\n");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).expect("packed");
    let gzip = gzip.finish().expect("packed");
    let zstd = zstd::encode_all(text.as_bytes(), 1).expect("packed");
    let desk = Desk::new();
    // The name of a file is part of every position in it, and so of the ids: here it stays one name.
    let file = |bytes: &[u8]| {
        desk.write("articles", bytes);
        desk.cluster(&["articles"])
    };
    let pipe = |bytes: &[u8]| desk.cluster_from(&["-"], |out| out.write_all(bytes));
    let plain = file(text.as_bytes());
    assert_eq!(plain.code, Some(0), "{}", plain.errors);
    same(&plain, &file(&gzip), "gzip");
    same(&plain, &file(&zstd), "zstd");
    let piped = pipe(text.as_bytes());
    assert_eq!(plain.members(), piped.members());
    same(&piped, &pipe(&gzip), "gzip");
    same(&piped, &pipe(&zstd), "zstd");
}

#[test]
fn stories_below_the_smallest_size_asked_for_are_not_printed() {
    let desk = Desk::new();
    let all = desk.cluster_lines(&log(), &[]).stories();
    let size = |story: &Value| story["size"].as_u64().expect("a number");
    for smallest in [2, 3] {
        let expected: Vec<Value> = all.iter().filter(|story| size(story) >= smallest).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < all.len());
        assert_eq!(desk.cluster_lines(&log(), &["--min-size", &smallest.to_string()]).stories(), expected);
    }
}

#[test]
fn verdicts_come_in_the_order_of_the_lines_one_for_each_that_can_be_read() {
    let mut log = log();
    let mut prose = Prose::new(2);
    for at in (1..log.len()).rev() {
        log.swap(at, prose.below(at + 1));
    }
    for order in ["published", "input"] {
        let ran = Desk::new().cluster_lines(&log, &["--order", order]);
        let lines = |records: &[Value]| -> Vec<usize> {
            records.iter().map(|record| record["raw"]["offset"].as_u64().expect("a line") as usize).collect()
        };
        let (judged, refused) = (lines(&ran.verdicts()), lines(&ran.dead_letters()));
        assert!(judged.is_sorted() && refused.is_sorted());
        assert_eq!(judged.len() + refused.len(), log.len());
        assert!(refused.iter().all(|&line| !log[line].ends_with('}')));
        for verdict in ran.verdicts() {
            let line: Value = serde_json::from_str(&log[lines(std::slice::from_ref(&verdict))[0]]).expect("JSON");
            assert_eq!(line["id"], verdict["uri"]);
        }
    }
}

#[test]
fn every_article_that_was_not_taken_back_stands_in_one_story() {
    let ran = Desk::new().cluster_lines(&log(), &[]);
    let mut members: Vec<String> = ran.members().concat();
    members.sort();
    let count = members.len();
    members.dedup();
    assert_eq!(members.len(), count, "an article stands in two stories");
    let (mut articles, mut taken_back) = (Vec::new(), Vec::new());
    for verdict in ran.verdicts() {
        let uri = verdict["uri"].as_str().expect("a uri").to_owned();
        match verdict["decision"].as_str() {
            Some("judged") => articles.push(uri),
            Some("retracted") => taken_back.push(uri),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(taken_back.len(), 10);
    articles.sort();
    assert!(members.iter().all(|uri| articles.binary_search(uri).is_ok()));
    let missing = articles.iter().filter(|uri| members.binary_search(uri).is_err());
    assert!(missing.clone().count() > 0 && missing.into_iter().all(|uri| taken_back.contains(uri)));
}

#[test]
fn exit_codes_tell_files_from_settings() {
    let desk = Desk::new();
    desk.write("good", article("urn:a", "a.example", 0.0, "One article of a few words.").to_string());
    desk.write("bad", "no JSON\n");
    desk.write("wrong.toml", "[window]\nlenght = \"48h\"\n");
    let cases: [(&[&str], i32, &str); 11] = [
        (&["good"], 0, "stories"),
        (&["bad"], 0, "not_json 1"),
        (&["good", "bad", "--strict"], 1, "1 lines could not be read"),
        (&["good", "--strict"], 0, "stories"),
        (&["good", "missing"], 1, "cannot open missing"),
        (&["good", "--verdicts", "no/such/place"], 1, "no/such/place"),
        (&[], 2, "FILES"),
        (&["good", "--colour"], 2, "--colour"),
        (&["good", "--threads", "0"], 2, "--threads"),
        (&["good", "--config", "wrong.toml"], 2, "lenght"),
        (&["good", "--set", "windwo.length=3h"], 2, "windwo"),
    ];
    for (arguments, code, message) in cases {
        let mut command = wirefold(&["cluster"]);
        let output = command.args(arguments).current_dir(desk.path("")).output().expect("the program starts");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.contains(message), "{arguments:?}: {errors}");
    }
}

#[test]
fn in_a_pipe_there_is_a_summary_and_no_progress() {
    let ran = Desk::new().cluster_lines(&log(), &[]);
    assert!(ran.errors.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", ran.errors);
    let headings: Vec<&str> = ran.errors.lines().filter_map(|line| line.split("  ").next()).collect();
    let expected = [
        "lines",
        "decisions",
        "relations",
        "stories",
        "largest",
        "",
        "",
        "",
        "",
        "compared",
        "dead letters",
        "peak memory",
    ];
    assert_eq!(headings, expected, "{}", ran.errors);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let desk = Desk::new();
    desk.write("articles", log().join("\n"));
    for order in ["published", "input"] {
        let mut command = wirefold(&["cluster", "articles", "--order", order]);
        command.current_dir(desk.path("")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut first = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut first).expect("a line");
        let output = child.wait_with_output().expect("the program ends");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        serde_json::from_str::<Value>(&first).expect("a story");
    }
}

/// Three outlets print one text; what `line` says of the second one's follows.
fn after_three_copies(line: &Value) -> Ran {
    let text = Prose::new(3).words(90);
    let copies =
        ["a", "b", "c"].map(|outlet| article(&format!("urn:{outlet}"), &format!("{outlet}.example"), 1.0, &text));
    let lines: Vec<String> = copies.iter().chain([line]).map(Value::to_string).collect();
    Desk::new().cluster_lines(&lines, &[])
}

#[test]
fn an_article_taken_back_is_no_member() {
    for status in ["canceled", "withheld"] {
        let ran = after_three_copies(&json!({ "id": "urn:b", "pubStatus": status, "text": "Void." }));
        assert_eq!(ran.members(), [["urn:a", "urn:c"]]);
        assert_eq!(ran.stories()[0]["size"], 2);
        assert_eq!(ran.stories()[0]["sources"], 2);
        let verdict = ran.verdicts().pop().expect("four");
        let expected = if status == "canceled" { "retracted" } else { "withheld" };
        assert_eq!((&verdict["decision"], &verdict["story_id"]), (&json!(expected), &Value::Null));
    }
}

#[test]
fn a_recall_with_a_time_comes_after_what_it_recalls_also_behind_older_lines() {
    let lines = [
        article("urn:late", "a.example", 9.0, &Prose::new(5).words(90)),
        article("urn:early", "b.example", 1.0, &Prose::new(6).words(90)),
        json!({ "uri": "urn:late", "pubStatus": "canceled", "versionCreated": hour(10.0) }),
    ];
    let ran = Desk::new().cluster_lines(&lines.map(|line| line.to_string()), &[]);
    assert_eq!(ran.members(), [["urn:early"]]);
}

#[test]
fn a_newer_version_takes_the_place_of_the_older_one() {
    let newer = |text: &str, version: f64| {
        let mut line = article("urn:b", "b.example", 2.0, text);
        line["versionCreated"] = json!(hour(version));
        after_three_copies(&line)
    };
    let elsewhere = newer(&Prose::new(4).words(90), 2.0);
    assert_eq!(elsewhere.members(), [vec!["urn:a", "urn:c"], vec!["urn:b"]]);
    assert_eq!(elsewhere.verdicts()[3]["decision"], "replaced");
    let in_place = newer(&Prose::new(3).words(90), 2.0);
    assert_eq!(in_place.members(), [["urn:a", "urn:b", "urn:c"]]);
    assert_eq!(in_place.stories()[0]["size"], 3);
    assert_eq!(
        strings(&in_place.stories()[0]["members"], "published_at").last(),
        Some(&hour(2.0).replace('Z', ".000Z"))
    );
}

#[test]
fn an_article_replaced_while_its_story_goes_on_in_another_is_gone() {
    let text = Prose::new(3).words(90);
    let of = |outlet: &str, hours| article(&format!("urn:{outlet}"), &format!("{outlet}.example"), hours, &text);
    // More than the window lies between the first article and the next two, and less between it and the newer version.
    let mut newer = of("c", 71.0);
    newer["version"] = json!(1);
    let lines = [of("a", 0.0), of("b", 74.0), of("c", 74.5), newer].map(|line| line.to_string());
    let ran = Desk::new().cluster_lines(&lines, &["--order", "input"]);
    assert_eq!(ran.verdicts()[3]["decision"], "replaced");
    assert_eq!(ran.members(), [["urn:a", "urn:b", "urn:c"]]);
    assert_eq!(ran.stories()[0]["size"], 3);
}

#[test]
fn the_same_version_again_changes_nothing() {
    let ran = after_three_copies(&article("urn:b", "b.example", 2.0, &Prose::new(4).words(90)));
    assert_eq!(ran.members(), [["urn:a", "urn:b", "urn:c"]]);
    let verdicts = ran.verdicts();
    assert_eq!(verdicts[3]["decision"], "duplicate");
    assert_eq!(verdicts[3]["story_id"], verdicts[1]["story_id"]);
}

#[test]
fn an_unknown_article_taken_back_leaves_no_story() {
    let ran = Desk::new().cluster_lines(&[r#"{"id": "urn:a", "pubStatus": "canceled"}"#], &[]);
    assert!(ran.stories.is_empty());
    assert_eq!(ran.verdicts()[0]["decision"], "retracted");
}
