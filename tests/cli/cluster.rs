//! `wirefold cluster` on ordinary input.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::cli::fixture::{Fixture, Prose, RunOutput, article, hour};
use crate::cli::wirefold;

/// Twelve days of a thousand invented wire stories, each with up to four copies, cuts or rewrites, and some unreadable
/// lines and withdrawals, in the order in which they were published.
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

fn assert_same(a: &RunOutput, b: &RunOutput, what: &str) {
    assert!(a.stories == b.stories, "the stories differ by {what}");
    assert!(a.verdicts == b.verdicts, "the verdicts differ by {what}");
    assert!(a.dead_letters == b.dead_letters, "the dead letters differ by {what}");
}

#[test]
fn the_output_is_the_same_for_any_number_of_threads() {
    let fixture = Fixture::new();
    for order in ["published", "input"] {
        let one = fixture.cluster_lines(&log(), &["--order", order, "--threads", "1"]);
        assert!(one.members().iter().filter(|story| story.len() > 1).count() > 500);
        assert_eq!(one.dead_letters().len(), 10);
        for threads in ["2", "7"] {
            assert_same(&one, &fixture.cluster_lines(&log(), &["--order", order, "--threads", threads]), "threads");
        }
    }
}

#[test]
fn a_log_sorted_by_date_has_the_same_results_in_either_order() {
    // Unreadable lines have no date to be sorted by.
    let log: Vec<String> = log().into_iter().filter(|line| line.ends_with('}')).collect();
    let fixture = Fixture::new();
    let published = fixture.cluster_lines(&log, &["--order", "published"]);
    assert_same(&published, &fixture.cluster_lines(&log, &["--order", "input"]), "order");
}

#[test]
fn compressed_plain_and_piped_files_have_the_same_results() {
    let text = log().join("\n");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).expect("compressed");
    let gzip = gzip.finish().expect("compressed");
    let zstd = zstd::encode_all(text.as_bytes(), 1).expect("compressed");
    let fixture = Fixture::new();
    // Ids depend on raw positions, which contain the name of the file, so the file keeps one name.
    let file = |bytes: &[u8]| {
        fixture.write("articles", bytes);
        fixture.cluster(&["articles"])
    };
    let pipe = |bytes: &[u8]| fixture.cluster_from(&["-"], |out| out.write_all(bytes));
    let plain = file(text.as_bytes());
    assert_eq!(plain.code, Some(0), "{}", plain.errors);
    assert_same(&plain, &file(&gzip), "gzip");
    assert_same(&plain, &file(&zstd), "zstd");
    let piped = pipe(text.as_bytes());
    assert_eq!(plain.members(), piped.members());
    assert_same(&piped, &pipe(&gzip), "gzip");
    assert_same(&piped, &pipe(&zstd), "zstd");
}

#[test]
fn stories_below_the_minimum_size_are_not_printed() {
    let fixture = Fixture::new();
    let all = fixture.cluster_lines(&log(), &[]).stories();
    let size = |story: &Value| story["size"].as_u64().expect("a number");
    for min_size in [2, 3] {
        let expected: Vec<Value> = all.iter().filter(|story| size(story) >= min_size).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < all.len());
        assert_eq!(fixture.cluster_lines(&log(), &["--min-size", &min_size.to_string()]).stories(), expected);
    }
}

#[test]
fn each_readable_line_has_a_verdict_in_the_order_of_the_lines() {
    let mut log = log();
    let mut prose = Prose::new(2);
    for at in (1..log.len()).rev() {
        log.swap(at, prose.below(at + 1));
    }
    for order in ["published", "input"] {
        let output = Fixture::new().cluster_lines(&log, &["--order", order]);
        let lines = |records: &[Value]| -> Vec<usize> {
            records.iter().map(|record| record["raw"]["offset"].as_u64().expect("a line") as usize).collect()
        };
        let (decided, unreadable) = (lines(&output.verdicts()), lines(&output.dead_letters()));
        assert!(decided.is_sorted() && unreadable.is_sorted());
        assert_eq!(decided.len() + unreadable.len(), log.len());
        assert!(unreadable.iter().all(|&line| !log[line].ends_with('}')));
        for verdict in output.verdicts() {
            let line: Value = serde_json::from_str(&log[lines(std::slice::from_ref(&verdict))[0]]).expect("JSON");
            assert_eq!(line["id"], verdict["uri"]);
        }
    }
}

#[test]
fn every_article_that_was_not_taken_back_is_in_exactly_one_story() {
    let output = Fixture::new().cluster_lines(&log(), &[]);
    let mut members: Vec<String> = output.members().concat();
    members.sort();
    let count = members.len();
    members.dedup();
    assert_eq!(members.len(), count, "an article is in two stories");
    let (mut articles, mut taken_back) = (Vec::new(), Vec::new());
    for verdict in output.verdicts() {
        let uri = verdict["uri"].as_str().expect("a uri").to_owned();
        match verdict["decision"].as_str() {
            Some("assigned") => articles.push(uri),
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
fn exit_codes_distinguish_file_errors_from_wrong_settings() {
    let fixture = Fixture::new();
    fixture.write("good", article("urn:a", "a.example", 0.0, "One article of a few words.").to_string());
    fixture.write("bad", "no JSON\n");
    fixture.write("wrong.toml", "[window]\nlenght = \"48h\"\n");
    let cases: [(&[&str], i32, &str); 12] = [
        (&["good"], 0, "stories"),
        (&["bad"], 1, "nothing was read: no line of 1 could be read"),
        (&["good", "bad"], 0, "not_json 1"),
        (&["good", "bad", "--strict"], 1, "1 records could not be read"),
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
        let output = command.args(arguments).current_dir(fixture.path("")).output().expect("the program starts");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.contains(message), "{arguments:?}: {errors}");
    }
}

#[test]
fn without_a_terminal_a_summary_is_printed_but_no_progress_bar() {
    let output = Fixture::new().cluster_lines(&log(), &[]);
    assert!(output.errors.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", output.errors);
    let headings: Vec<&str> = output.errors.lines().filter_map(|line| line.split("  ").next()).collect();
    let expected = [
        "records",
        "decisions",
        "relations",
        "stories",
        "largest",
        "",
        "",
        "",
        "",
        "candidates",
        "dead letters",
        "",
        "peak memory",
    ];
    assert_eq!(headings, expected, "{}", output.errors);
}

#[test]
fn a_closed_output_pipe_is_no_error() {
    let fixture = Fixture::new();
    fixture.write("articles", log().join("\n"));
    for order in ["published", "input"] {
        let mut command = wirefold(&["cluster", "articles", "--order", order]);
        command.current_dir(fixture.path("")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut first = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut first).expect("a line");
        let output = child.wait_with_output().expect("the program ends");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        serde_json::from_str::<Value>(&first).expect("a story");
    }
}

/// The results for three copies of one text by three outlets, followed by `line`.
fn after_three_copies(line: &Value) -> RunOutput {
    let text = Prose::new(3).words(90);
    let copies =
        ["a", "b", "c"].map(|outlet| article(&format!("urn:{outlet}"), &format!("{outlet}.example"), 1.0, &text));
    let lines: Vec<String> = copies.iter().chain([line]).map(Value::to_string).collect();
    Fixture::new().cluster_lines(&lines, &[])
}

#[test]
fn an_article_taken_back_is_not_a_member() {
    for status in ["canceled", "withheld"] {
        let output = after_three_copies(&json!({ "id": "urn:b", "pubStatus": status, "text": "Void." }));
        assert_eq!(output.members(), [["urn:a", "urn:c"]]);
        assert_eq!(output.stories()[0]["size"], 2);
        assert_eq!(output.stories()[0]["sources"], 2);
        let verdict = output.verdicts().pop().expect("four verdicts");
        let expected = if status == "canceled" { "retracted" } else { "withheld" };
        assert_eq!((&verdict["decision"], &verdict["story_id"]), (&json!(expected), &Value::Null));
    }
}

#[test]
fn a_dated_withdrawal_is_processed_after_its_article_even_behind_older_lines() {
    let lines = [
        article("urn:late", "a.example", 9.0, &Prose::new(5).words(90)),
        article("urn:early", "b.example", 1.0, &Prose::new(6).words(90)),
        json!({ "uri": "urn:late", "pubStatus": "canceled", "versionCreated": hour(10.0) }),
    ];
    let output = Fixture::new().cluster_lines(&lines.map(|line| line.to_string()), &[]);
    assert_eq!(output.members(), [["urn:early"]]);
}

#[test]
fn a_newer_version_replaces_the_older_one() {
    let newer = |text: &str, version: f64| {
        let mut line = article("urn:b", "b.example", 2.0, text);
        line["versionCreated"] = json!(hour(version));
        after_three_copies(&line)
    };
    let other_text = newer(&Prose::new(4).words(90), 2.0);
    assert_eq!(other_text.members(), [vec!["urn:a", "urn:c"], vec!["urn:b"]]);
    assert_eq!(other_text.verdicts()[3]["decision"], "replaced");
    let same_text = newer(&Prose::new(3).words(90), 2.0);
    assert_eq!(same_text.verdicts()[3]["decision"], "duplicate");
    assert_eq!(same_text.members(), [["urn:a", "urn:b", "urn:c"]]);
}

#[test]
fn an_article_that_is_replaced_while_its_story_is_merged_is_counted_once() {
    let text = Prose::new(3).words(90);
    let of = |outlet: &str, hours| article(&format!("urn:{outlet}"), &format!("{outlet}.example"), hours, &text);
    // The first article is further from the next two than the window, but closer to the newer version.
    let mut newer = of("c", 71.0);
    newer["version"] = json!(1);
    newer["title"] = json!("Another headline");
    let mut older = of("c", 74.5);
    older["version"] = json!(0);
    let lines = [of("a", 0.0), of("b", 74.0), older, newer].map(|line| line.to_string());
    let output = Fixture::new().cluster_lines(&lines, &["--order", "input"]);
    assert_eq!(output.verdicts()[3]["decision"], "replaced");
    assert_eq!(output.members(), [["urn:a", "urn:b", "urn:c"]]);
    assert_eq!(output.stories()[0]["size"], 3);
}

#[test]
fn a_record_of_a_known_uri_replaces_the_article_if_its_text_is_another_and_it_is_later() {
    let again = |hours: f64, version: [Option<&str>; 2], text: u64| {
        let mut first = article("urn:b", "b.example", 1.0, &Prose::new(3).words(90));
        let mut again = article("urn:b", "b.example", hours, &Prose::new(text).words(90));
        for (line, version) in [&mut first, &mut again].into_iter().zip(version) {
            line["version"] = json!(version);
        }
        let lines = [article("urn:a", "a.example", 0.0, &Prose::new(3).words(90)), first, again];
        let output = Fixture::new().cluster_lines(&lines.map(|line| line.to_string()), &["--order", "input"]);
        output.verdicts()[2]["decision"].as_str().expect("a decision").to_owned()
    };
    let versions = |first, again| [Some(first), Some(again)];
    for (hours, version, text, decision) in [
        // Crawled again: without a version, the record time counts, or the order of the records.
        (1.0, [None, None], 4, "replaced"),
        (1.0, [None, None], 3, "duplicate"),
        (2.0, [None, None], 4, "replaced"),
        (0.5, [None, None], 4, "duplicate"),
        (1.0, versions("1.9", "1.10"), 4, "replaced"),
        (1.0, versions("1.10", "1.9"), 4, "duplicate"),
        (1.0, versions("2", "2"), 4, "replaced"),
        (0.5, versions("2", "2"), 4, "duplicate"),
        // What does not compare says nothing.
        (1.0, versions("2026-03-02T00:00:00Z", "3"), 4, "replaced"),
        (2.0, [Some("3"), None], 4, "replaced"),
    ] {
        assert_eq!(again(hours, version, text), decision, "{hours} {version:?} {text}");
    }
}

#[test]
fn a_bare_id_is_one_article_of_its_outlet_and_a_withdrawal_takes_the_one_that_has_it() {
    let page = |host: &str, seed| {
        let mut line = article("", host, 1.0, &Prose::new(seed).words(90));
        line["id"] = json!(7);
        line["url"] = json!(format!("https://{host}/page"));
        line.to_string()
    };
    let withdrawal = |source: Option<&str>| json!({ "id": 7, "source": source, "status": "deleted" }).to_string();
    let run = |lines: &[String]| {
        let output = Fixture::new().cluster_lines(lines, &["--order", "input"]);
        (output.verdicts(), output.dead_letters())
    };
    let (verdicts, letters) =
        run(&[page("a.example", 5), page("b.example", 6), withdrawal(Some("www.B.example")), withdrawal(None)]);
    let decisions: Vec<_> = verdicts.iter().map(|verdict| verdict["decision"].clone()).collect();
    assert_eq!(decisions, ["assigned", "assigned", "retracted", "retracted"]);
    assert_eq!(verdicts[0]["uri"], "https://a.example/page");
    assert_eq!((&verdicts[0]["id"], &verdicts[1]["id"]), (&json!("7"), &json!("7")));
    assert!(letters.is_empty());
    // Its uri is the bare id, and another article has that id too.
    let bare = json!({ "id": 7, "text": Prose::new(8).words(90), "published_at": hour(1.0) }).to_string();
    let (verdicts, letters) = run(&[bare.clone(), withdrawal(None), bare, page("a.example", 5), withdrawal(None)]);
    let decisions: Vec<_> = verdicts.iter().map(|verdict| verdict["decision"].clone()).collect();
    assert_eq!(decisions, ["assigned", "retracted", "assigned", "assigned"]);
    assert_eq!(letters.len(), 1);
    let (verdicts, letters) = run(&[page("a.example", 5), page("b.example", 6), withdrawal(None)]);
    assert_eq!((verdicts.len(), letters.len()), (2, 1));
    assert_eq!((&letters[0]["reason"], &letters[0]["raw"]["offset"]), (&json!("ambiguous_id"), &json!(2)));
    assert!(letters[0]["detail"].as_str().is_some_and(|detail| detail.contains("2 live articles have it")));
}

#[test]
fn an_unknown_article_taken_back_leaves_no_story() {
    let output = Fixture::new().cluster_lines(&[r#"{"id": "urn:a", "pubStatus": "canceled"}"#], &[]);
    assert!(output.stories.is_empty());
    assert_eq!(output.verdicts()[0]["decision"], "retracted");
}
