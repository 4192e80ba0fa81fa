//! `wirefold cluster` and `explain` on files of every format, on damaged archives, and on files without articles.

use std::io::Write;

use serde_json::{Value, json};

use crate::cli::fixture::{Fixture, Prose, RunOutput, article};
use crate::cli::{run, wirefold};

/// Two copies of each of twenty invented texts, in the order of publication.
fn articles() -> Vec<Value> {
    let mut prose = Prose::new(7);
    let of = |story: u32, outlet: &str, hours: f64, text: &str| {
        article(&format!("urn:{story}:{outlet}"), &format!("{outlet}.example"), hours, text)
    };
    let copies = (0..20u32).flat_map(|story| {
        let text = prose.words(60);
        [of(story, "a", f64::from(story), &text), of(story, "b", f64::from(story) + 0.5, &text)]
    });
    copies.collect()
}

fn lines(articles: &[Value]) -> String {
    articles.iter().flat_map(|article| [article.to_string(), "\n".to_owned()]).collect()
}

/// The articles in every format, by name.
fn formats(articles: &[Value]) -> Vec<(&'static str, String)> {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).expect("JSON");
    let pages = articles.chunks(7).map(|page| json!({ "status": "ok", "totalResults": 40, "articles": page }));
    vec![
        ("lines", lines(articles)),
        ("list", json!(articles).to_string()),
        ("pretty list", pretty(&json!(articles))),
        ("pretty values", articles.iter().map(pretty).collect::<Vec<_>>().join("\n")),
        ("wrapper", json!({ "status": "ok", "results": articles }).to_string()),
        ("pretty wrapper", pretty(&json!({ "took": 3, "hits": { "total": 40, "hits": articles } }))),
        ("pages", lines(&pages.collect::<Vec<_>>())),
    ]
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text).expect("compressed");
    gzip.finish().expect("compressed")
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 1).expect("compressed")
}

fn cluster_file(bytes: impl AsRef<[u8]>, arguments: &[&str]) -> RunOutput {
    let fixture = Fixture::new();
    fixture.write("articles", bytes);
    fixture.cluster(&[&["articles"], arguments].concat())
}

#[test]
fn each_format_has_the_stories_of_the_lines() {
    let articles = articles();
    let expected = cluster_file(lines(&articles), &[]);
    assert_eq!((expected.code, expected.members().len()), (Some(0), 20), "{}", expected.errors);
    for (format, text) in formats(&articles) {
        for bytes in [text.as_bytes().to_vec(), gzip(text.as_bytes()), zstd(text.as_bytes())] {
            for order in ["published", "input"] {
                let output = cluster_file(&bytes, &["--order", order, "--strict"]);
                assert_eq!(output.code, Some(0), "{format}: {}", output.errors);
                // The records have the numbers of the lines, and so the ids.
                assert!(output.stories == expected.stories, "{format} in {order} order");
                assert!(output.verdicts == expected.verdicts, "{format} in {order} order");
            }
        }
    }
}

#[test]
fn a_truncated_archive_gives_its_good_articles_and_then_its_error() {
    let articles = articles();
    for (format, text) in formats(&articles) {
        for (compression, bytes) in [("gzip", gzip(text.as_bytes())), ("zstd", flushed_zstd(text.as_bytes()))] {
            for order in ["published", "input"] {
                let fixture = Fixture::new();
                fixture.write("bad", &bytes[..bytes.len() * 2 / 3]);
                let late = article("urn:late", "late.example", 30.0, &Prose::new(8).words(60));
                fixture.write("good", late.to_string());
                let output = fixture.cluster(&["bad", "good", "--order", order]);
                let what = format!("{format}, {compression}, {order}: {}", output.errors);
                assert_eq!(output.code, Some(1), "{what}");
                let verdicts = output.verdicts();
                assert!(verdicts.len() > 3 && verdicts.len() < 41, "{what}");
                assert_eq!(verdicts.last().expect("some")["uri"], "urn:late", "{what}");
                let good: Vec<&Value> = verdicts[..verdicts.len() - 1].iter().map(|verdict| &verdict["uri"]).collect();
                let expected: Vec<&Value> = articles[..good.len()].iter().map(|article| &article["id"]).collect();
                assert_eq!(good, expected, "{what}");
                let members = output.members();
                assert!(members.contains(&vec!["urn:0:a".to_owned(), "urn:0:b".to_owned()]), "{what}");
                let unit = if format == "lines" { "line" } else { "record" };
                let error = format!("cannot read bad beyond {unit} {}: ", good.len());
                let last = output.errors.lines().last().expect("an error");
                assert!(last.starts_with(&error) && output.errors.starts_with("records "), "{what}");
            }
        }
    }
}

/// Zstandard in several blocks, so that a part of it can be decompressed.
fn flushed_zstd(text: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("an encoder");
    for part in text.chunks(1000) {
        encoder.write_all(part).expect("compressed");
        encoder.flush().expect("compressed");
    }
    encoder.finish().expect("compressed")
}

#[test]
fn a_list_that_is_cut_off_gives_its_good_articles_and_then_an_error() {
    let text = json!(articles()).to_string();
    let output = cluster_file(&text[..text.len() / 2], &[]);
    assert_eq!((output.code, output.dead_letters().len()), (Some(1), 1), "{}", output.errors);
    assert_eq!(output.dead_letters()[0]["reason"], "not_json");
    let record = output.verdicts().len() + 1;
    let says = format!("\narticles is damaged: record {record}, which begins in line 1, is not closed; ");
    assert!(output.errors.contains(&says), "{}", output.errors);
    assert!(output.members().len() > 5);
}

#[test]
fn a_record_that_is_not_closed_costs_only_itself_where_lines_show_the_next_one() {
    let articles = articles();
    for (format, text) in formats(&articles) {
        let third = articles[2]["id"].as_str().expect("an id");
        let id = text.find(third).expect("the article");
        // The quotation mark that ends its id.
        let mark = id + third.len();
        let output = cluster_file(format!("{}{}", &text[..mark], &text[mark + 1..]), &[]);
        let (verdicts, refused) = (output.verdicts().len(), output.dead_letters().len());
        let what = format!("{format}: {}", output.errors);
        if format == "lines" || format.starts_with("pretty") {
            assert_eq!((output.code, verdicts, refused), (Some(0), 39, 1), "{what}");
        } else {
            assert_eq!(output.code, Some(1), "{what}");
            assert!(verdicts >= 2 && output.errors.contains("\narticles is damaged: "), "{what}");
        }
    }
}

#[test]
fn a_file_of_another_kind_is_refused_as_a_whole_and_the_others_are_read() {
    let fixture = Fixture::new();
    let mut tar = b"articles.ndjson".to_vec();
    tar.resize(257, 0);
    tar.extend_from_slice(b"ustar\0");
    tar.resize(512, 0);
    tar.extend_from_slice(lines(&articles()).as_bytes());
    fixture.write("a.tar.gz", gzip(&tar));
    fixture.write("good", lines(&articles()));
    let output = fixture.cluster(&["a.tar.gz", "good"]);
    assert_eq!((output.code, output.verdicts().len(), output.dead_letters().len()), (Some(1), 40, 0));
    let last = output.errors.lines().last().expect("an error");
    assert!(last.starts_with("cannot read a.tar.gz: it looks like a tar archive: "), "{}", output.errors);
}

#[test]
fn results_that_cannot_be_printed_are_an_error() {
    let fixture = Fixture::new();
    fixture.write("articles", lines(&articles()));
    let program = wirefold(&[]).get_program().to_string_lossy().into_owned();
    for command in ["cluster articles", "inspect articles", "explain articles --uri urn:0:a --uri urn:0:b", "config"] {
        for to in [">&-", "> /dev/full"] {
            let mut shell = std::process::Command::new("sh");
            shell.args(["-c", &format!("'{program}' {command} {to}")]).current_dir(fixture.path(""));
            let (code, _, errors) = run(shell);
            assert_eq!(code, Some(1), "{command} {to}: {errors}");
            assert!(errors.contains("cannot write to standard output: "), "{command} {to}: {errors}");
        }
    }
}

#[test]
fn notes_that_cannot_be_printed_stop_nothing() {
    let fixture = Fixture::new();
    fixture.write("articles", format!("{}<rss/>\n", lines(&articles())));
    let program = wirefold(&[]).get_program().to_string_lossy().into_owned();
    for command in ["cluster articles", "inspect --json articles"] {
        let results = [" 2> /dev/null", " 2> /dev/full"].map(|to| {
            let mut shell = std::process::Command::new("sh");
            shell.args(["-c", &format!("'{program}' {command} {to}")]).current_dir(fixture.path(""));
            let (code, output, _) = run(shell);
            (code, output)
        });
        assert_eq!(results[0], results[1], "{command}");
        assert_eq!(results[0].0, Some(0), "{command}");
    }
}

#[test]
fn nothing_is_started_when_a_file_cannot_be_opened() {
    let fixture = Fixture::new();
    fixture.write("good", lines(&articles()));
    for command in ["cluster", "explain", "produce"] {
        let uris: &[&str] = if command == "explain" { &["--uri", "urn:0:a", "--uri", "urn:0:b"] } else { &[] };
        let mut command = wirefold(&[&[command, "missing", "good", "."], uris].concat());
        command.current_dir(fixture.path(""));
        let (code, output, errors) = run(command);
        assert_eq!((code, output.as_str()), (Some(1), ""), "{errors}");
        let lines: Vec<&str> = errors.lines().collect();
        assert!(lines.len() == 2 && lines[0].starts_with("cannot open missing: "), "{errors}");
        assert!(lines[1].starts_with("cannot open .: "), "{errors}");
    }
}

#[test]
fn files_without_articles_are_named() {
    let fixture = Fixture::new();
    fixture.write("good", lines(&articles()));
    fixture.write("empty", "");
    fixture.write("blank", " \n\n");
    fixture.write("list", "[]");
    let output = fixture.cluster(&["empty", "good", "blank", "list"]);
    assert_eq!(output.code, Some(0));
    let notes: Vec<&str> = output.errors.lines().rev().take(3).collect();
    assert_eq!(notes, ["list has no records", "blank is empty", "empty is empty"]);
    let output = fixture.cluster(&["empty"]);
    assert_eq!(output.code, Some(1));
    assert!(output.errors.ends_with("empty is empty\nnothing was read: there are no records\n"), "{}", output.errors);
}

#[test]
fn a_run_that_reads_nothing_says_what_is_wrong() {
    let fixture = Fixture::new();
    fixture.write("table.csv", "id,title,text\n1,Dam,The dam reopens\n");
    let output = fixture.cluster(&["table.csv"]);
    assert_eq!(output.code, Some(1));
    for expected in [
        "dead letters  not_json 2\n              first: table.csv line 1: not_json: ",
        "\ntable.csv: 2 of 2 lines could not be read; it looks like CSV: ",
        "\nnothing was read: no line of 2 could be read\n",
    ] {
        assert!(output.errors.contains(expected), "{expected}: {}", output.errors);
    }
}

#[test]
fn the_summary_shows_the_first_dead_letter_of_each_reason() {
    let mut articles = articles();
    articles[3].as_object_mut().expect("an object").remove("text");
    articles[5].as_object_mut().expect("an object").remove("text");
    articles[1]["pubStatus"] = json!("canceled");
    articles[1].as_object_mut().expect("an object").remove("id");
    let output = cluster_file(json!(articles).to_string(), &[]);
    assert_eq!(output.code, Some(0));
    let first: Vec<&str> = output.errors.lines().filter_map(|line| line.trim_start().strip_prefix("first: ")).collect();
    assert!(first[0].starts_with("articles record 4 (line 1): missing_text: "), "{first:?}");
    assert!(first[1].starts_with("articles record 2 (line 1): missing_uri: "), "{first:?}");
    assert_eq!(first.len(), 2);
}

#[test]
fn explain_uses_what_is_good_of_a_damaged_archive() {
    let fixture = Fixture::new();
    let bytes = gzip(lines(&articles()).as_bytes());
    fixture.write("bad", &bytes[..bytes.len() * 2 / 3]);
    let explain = |a: &str, b: &str| {
        let mut command = wirefold(&["explain", "bad", "--json", "--uri", a, "--uri", b]);
        command.current_dir(fixture.path(""));
        run(command)
    };
    let (code, output, errors) = explain("urn:0:a", "urn:0:b");
    assert_eq!(code, Some(1), "{errors}");
    let report: Value = serde_json::from_str(&output).expect("a report");
    assert_eq!(report["verdict"]["together"], true);
    assert!(errors.starts_with("cannot read bad beyond line "), "{errors}");
    let (code, output, errors) = explain("urn:0:a", "urn:19:b");
    assert_eq!((code, output.as_str()), (Some(1), ""));
    assert!(
        errors.starts_with("no article has the uri or id urn:19:b") && errors.contains("cannot read bad"),
        "{errors}"
    );
}

#[test]
fn explain_reads_every_format() {
    for (format, text) in formats(&articles()) {
        let fixture = Fixture::new();
        fixture.write("articles", text);
        let mut command = wirefold(&["explain", "articles", "--json", "--uri", "urn:4:a", "--uri", "urn:4:b"]);
        command.current_dir(fixture.path(""));
        let (code, output, errors) = run(command);
        assert_eq!(code, Some(0), "{format}: {errors}");
        assert_eq!(
            errors.contains("what is next to the lists is dropped"),
            format.contains("wrapper") || format == "pages",
            "{format}: {errors}"
        );
        assert_eq!(serde_json::from_str::<Value>(&output).expect("a report")["verdict"]["together"], true);
    }
}

#[test]
fn one_hundred_thousand_brackets_are_refused() {
    for text in ["[".repeat(100_000), "{\"a\":".repeat(100_000), "{\"items\":[".repeat(100_000)] {
        let output = cluster_file(&text, &[]);
        assert_eq!((output.code, output.dead_letters().len()), (Some(1), 1), "{}", output.errors);
        assert_eq!(output.dead_letters()[0]["reason"], "too_deep");
    }
}

#[test]
fn a_large_list_takes_little_memory() {
    let fixture = Fixture::new();
    let long = json!({ "id": "urn:long", "text": "x".repeat(50_000_000) }).to_string();
    let good = lines(&articles()).trim_end().replace('\n', ",");
    let output = fixture.cluster_from(&["-", "--order", "input"], |out| {
        write!(out, "{{\"status\": \"ok\", \"articles\": [{good}")?;
        (0..20).try_for_each(|_| write!(out, ",{long}"))?;
        write!(out, ",{good}]}}")
    });
    assert_eq!((output.code, output.verdicts().len(), output.dead_letters().len()), (Some(0), 80, 20));
    assert!(output.dead_letters().iter().all(|letter| letter["reason"] == "too_large"));
    assert!(output.peak_memory() < 200_000_000, "{}", output.errors);
}
