//! `wirefold cluster` on broken or hostile input: each line becomes a verdict or a dead letter, in bounded time and
//! memory, and the good articles next to it are clustered as usual.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cli::fixture::{Fixture, Prose, RunOutput, article, count_lines, hour, json_lines};

/// The members of the story that a good article and its copy, before and after the hostile lines, must make.
const NEIGHBOURS: [&str; 2] = ["urn:neighbour:copy", "urn:neighbour:first"];

/// Ten times the duration of a run on two cores: a machine may be busy, and work that grows with the square of the
/// lines takes even longer.
const RUN_TIME_MAX: Duration = Duration::from_mins(2);

/// Makes floods run one at a time, so that none slows another one down.
static FLOOD_LOCK: Mutex<()> = Mutex::new(());

fn neighbour(which: &str, source: &str, hours: f64) -> Vec<u8> {
    let text = Prose::new(99).words(70);
    article(&format!("urn:neighbour:{which}"), source, hours, &text).to_string().into_bytes()
}

/// Clusters the hostile lines, between a good article and its copy an hour later, in `order`.
fn cluster_between_neighbours<L: AsRef<[u8]>>(hostile: &[L], order: &str) -> RunOutput {
    let mut lines = vec![neighbour("first", "first.example", 0.0)];
    lines.extend(hostile.iter().map(|line| line.as_ref().to_vec()));
    lines.push(neighbour("copy", "copy.example", 1.0));
    let started = Instant::now();
    let output = Fixture::new().cluster_lines(&lines, &["--order", order]);
    assert!(started.elapsed() < RUN_TIME_MAX, "{:?}", started.elapsed());
    assert_eq!(count_lines(&output.verdicts) + count_lines(&output.dead_letters), lines.len(), "a line was lost");
    assert_neighbours_unharmed(&output);
    output
}

fn assert_neighbours_unharmed(output: &RunOutput) {
    let mut of_neighbours = output.stories.split(|&byte| byte == b'\n').filter(|line| contains(line, NEIGHBOURS[0]));
    let story = json_lines(of_neighbours.next().expect("the neighbours have a story")).remove(0);
    assert_eq!(crate::cli::fixture::strings(&story["members"], "uri"), NEIGHBOURS);
    assert!(of_neighbours.next().is_none());
}

fn contains(line: &[u8], text: &str) -> bool {
    line.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Asserts that a single hostile line becomes a dead letter with this reason, in both orders.
fn assert_dead_letter(line: &[u8], reason: &str) {
    for order in ["published", "input"] {
        let letters = cluster_between_neighbours(&[line], order).dead_letters();
        assert_eq!(letters.len(), 1);
        assert_eq!((&letters[0]["reason"], &letters[0]["raw"]["offset"]), (&json!(reason), &json!(1)), "{letters:?}");
        assert_eq!(letters[0]["bytes"], line.len());
    }
}

/// Asserts this decision on a single hostile line, in both orders; returns its verdict.
fn assert_decided(line: &Value, decision: &str) -> Value {
    let verdicts = ["published", "input"].map(|order| {
        let output = cluster_between_neighbours(&[line.to_string()], order);
        let verdict = output.verdicts().remove(1);
        assert_eq!((&verdict["decision"], &verdict["relation"]), (&json!(decision), &json!("unique")));
        assert_eq!(output.members().len(), 2, "a story of its own");
        verdict
    });
    verdicts[1].clone()
}

#[test]
fn broken_json_is_a_dead_letter() {
    for line in [&br#"{"id": "urn:x", "text": "The line ends too ea"#[..], b"}{", b"\0\0\0", b"{\"id\": nan}"] {
        assert_dead_letter(line, "not_json");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_a_dead_letter_that_contains_the_valid_ones() {
    assert_dead_letter(b"{\"id\": \"urn:x\", \"text\": \"\xC3\x28 and \xFF\"}", "not_utf8");
    let output = cluster_between_neighbours(&[b"{\"id\": \"urn:\xFFx\"}"], "input");
    assert_eq!(output.dead_letters()[0]["value"], "{\"id\": \"urn:\u{FFFD}x\"}");
}

#[test]
fn a_line_of_50_mb_is_a_dead_letter_and_takes_little_memory() {
    let mut line = br#"{"id": "urn:x", "text": ""#.to_vec();
    line.resize(50_000_000, b'x');
    line.extend_from_slice(b"\"}");
    let output = cluster_between_neighbours(&[&line], "input");
    let letter = output.dead_letters().remove(0);
    assert_eq!((&letter["reason"], &letter["bytes"]), (&json!("too_large"), &json!(line.len())));
    assert!(letter["value"].as_str().expect("text").len() < 100_000);
    assert!(output.peak_memory() < 200_000_000, "{}", output.errors);
}

#[test]
fn many_lines_above_the_bound_take_no_more_memory_than_one() {
    let mut line = vec![b'x'; 9_000_000];
    line.push(b'\n');
    let output =
        Fixture::new().cluster_from(&["-", "--order", "input"], |out| (0..40).try_for_each(|_| out.write_all(&line)));
    assert_eq!((output.code, output.dead_letters().len()), (Some(1), 40), "{}", output.errors);
    assert!(output.peak_memory() < 200_000_000, "{}", output.errors);
}

#[test]
fn brackets_ten_thousand_deep_are_a_dead_letter() {
    assert_dead_letter("[".repeat(10_000).as_bytes(), "too_deep");
    let closed = format!("{{\"id\": \"urn:x\", \"text\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    assert_dead_letter(closed.as_bytes(), "too_deep");
    assert_dead_letter(r#"{"a":"#.repeat(10_000).as_bytes(), "too_deep");
}

#[test]
fn an_article_without_an_id_has_its_position() {
    for record in [json!({"text": "A text of five words."}), json!({"id": true, "text": "A text of five words."})] {
        let verdict = assert_decided(&record, "assigned");
        assert!(verdict["uri"].as_str().is_some_and(|uri| uri.ends_with("[0]@1")), "{verdict}");
    }
}

#[test]
fn a_withdrawal_without_an_id_or_an_article_without_a_text_is_a_dead_letter() {
    assert_dead_letter(br#"{"title": "No id", "pubStatus": "canceled"}"#, "missing_uri");
    assert_dead_letter(br#"{"id": "urn:x", "title": "No text"}"#, "missing_text");
    assert_dead_letter(br#"{"id": "urn:x", "text": null}"#, "missing_text");
    assert_dead_letter(br#"["urn:x", "A text of five words."]"#, "not_object");
    assert_dead_letter(br#"{"id": "urn:x", "text": 7}"#, "wrong_type");
    assert_dead_letter(b"\0\0\0\0\x07\x02\x06abc", "unsupported_format");
}

#[test]
fn three_words_are_an_article_of_their_own() {
    let verdict = assert_decided(&article("urn:x", "x.example", 0.5, "Dam reopens today"), "assigned");
    assert_eq!(verdict["story_id"].as_str().map(str::len), Some(32));
}

#[test]
fn articles_of_punctuation_alone_match_nothing() {
    assert_decided(&article("urn:x", "x.example", 0.5, "… — !? ()"), "empty");
    let empty: Vec<String> = (0..2_000)
        .map(|i| {
            let text = ["… — !?", "***", "<p>&nbsp;</p>", "\u{200B}"][i % 4];
            article(&format!("urn:{i}"), &format!("{}.example", i % 3), 0.5, text).to_string()
        })
        .collect();
    for order in ["published", "input"] {
        let output = cluster_between_neighbours(&empty, order);
        let verdicts = output.verdicts();
        let decided: Vec<&Value> = verdicts.iter().filter(|verdict| verdict["decision"] == "empty").collect();
        let stories: BTreeSet<&str> = decided.iter().filter_map(|verdict| verdict["story_id"].as_str()).collect();
        assert_eq!((decided.len(), stories.len()), (2_000, 2_000), "two articles without words share a story");
        assert!(output.members().iter().all(|story| story.len() == 1 || *story == NEIGHBOURS));
    }
}

/// 200,000 articles with the same text by so many sources, within one hour, and another one four weeks later, which
/// makes all the others expire.
fn flood(text: &str, sources: usize) -> Vec<String> {
    let of = |i: usize, hours| article(&format!("urn:flood:{i}"), &format!("{}.example", i % sources), hours, text);
    let mut lines: Vec<String> = (0..200_000).map(|i| of(i, i as f64 / 200_000.0).to_string()).collect();
    lines.push(of(200_000, 28.0 * 24.0).to_string());
    lines
}

/// How many articles each story has, largest first, without the story of the neighbours.
fn sizes(output: &RunOutput) -> Vec<usize> {
    let lines = output.stories.split(|&byte| byte == b'\n').filter(|line| contains(line, "\"urn:flood:"));
    let mut sizes: Vec<usize> = lines
        .map(|line| {
            let line = std::str::from_utf8(line).expect("UTF-8");
            let size = line.split_once("\"size\":").and_then(|(_, rest)| rest.split_once(','));
            size.expect("a size").0.parse().expect("a number")
        })
        .collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes
}

fn twenty_words() -> String {
    Prose::new(5).words(20)
}

#[test]
fn short_equal_pages_of_one_source_200_000_times_make_one_story() {
    let output = flood_between_neighbours(&twenty_words(), 1);
    assert_eq!(sizes(&output), [200_000, 1]);
}

#[test]
fn short_equal_pages_of_1_000_sources_200_000_times_make_one_story() {
    let output = flood_between_neighbours(&twenty_words(), 1_000);
    assert_eq!(sizes(&output), [200_000, 1]);
}

#[test]
fn short_equal_pages_of_200_000_sources_make_one_story() {
    let output = flood_between_neighbours(&twenty_words(), 200_000);
    assert_eq!(sizes(&output), [200_000, 1]);
}

#[test]
fn pages_of_three_words_200_000_times_are_stories_of_their_own() {
    for sources in [1, 1_000] {
        let output = flood_between_neighbours("Dam reopens today", sources);
        assert_eq!(sizes(&output), vec![1; 200_001]);
    }
}

/// Clusters a flood around the copy of the good article, which is in the middle: the flood comes before and after it.
fn flood_between_neighbours(text: &str, sources: usize) -> RunOutput {
    let _alone = FLOOD_LOCK.lock().unwrap_or_else(PoisonError::into_inner);
    let mut lines = flood(text, sources);
    let end = lines.split_off(100_000);
    lines.insert(0, String::from_utf8(neighbour("first", "first.example", 0.0)).expect("UTF-8"));
    lines.push(String::from_utf8(neighbour("copy", "copy.example", 0.5)).expect("UTF-8"));
    lines.extend(end);
    let started = Instant::now();
    let output = Fixture::new().cluster_lines(&lines, &["--order", "input"]);
    assert!(started.elapsed() < RUN_TIME_MAX, "{:?}", started.elapsed());
    assert_eq!(count_lines(&output.verdicts), lines.len());
    assert_neighbours_unharmed(&output);
    output
}

#[test]
fn a_story_of_50_000_articles_that_are_all_taken_back_disappears() {
    let mut lines = flood(&twenty_words(), 1_000);
    lines.truncate(50_000);
    let withdrawals = (0..50_000).map(|i| format!("{{\"id\":\"urn:flood:{i}\",\"pubStatus\":\"canceled\"}}"));
    lines.extend(withdrawals);
    let output = cluster_between_neighbours(&lines, "input");
    assert_eq!(sizes(&output), [0; 0]);
}

#[test]
fn one_uri_in_ten_thousand_lines_has_ten_thousand_verdicts() {
    let same: Vec<String> =
        (0..10_000).map(|_| article("urn:x", "x.example", 0.5, &twenty_words()).to_string()).collect();
    let newer: Vec<String> = (0..10_000)
        .map(|i| {
            let mut line = article("urn:x", "x.example", 0.5, &format!("{} number{i}", twenty_words()));
            line["version"] = json!(i);
            line.to_string()
        })
        .collect();
    for (lines, decision) in [(same, "duplicate"), (newer, "replaced")] {
        let output = cluster_between_neighbours(&lines, "input");
        let verdicts = output.verdicts();
        let of_x: Vec<&Value> = verdicts.iter().filter(|verdict| verdict["uri"] == "urn:x").collect();
        assert_eq!((of_x.len(), &of_x[0]["decision"]), (10_000, &json!("assigned")));
        assert!(of_x[1..].iter().all(|verdict| verdict["decision"] == decision));
        assert_eq!(output.members(), [NEIGHBOURS.map(str::to_owned).to_vec(), vec!["urn:x".to_owned()]]);
    }
}

#[test]
fn dates_in_the_years_1_and_2050_are_ignored() {
    for date in ["0001-01-01T00:00:00Z", "2050-01-01T00:00:00Z"] {
        let mut line = article("urn:x", "x.example", 0.0, &twenty_words());
        line["published_at"] = json!(date);
        let verdict = assert_decided(&line, "assigned");
        assert_eq!(verdict["event_at"], hour(0.0).replace('Z', ".000Z"), "it gets the time of the line before");
        assert_eq!(verdict["late"], false);
    }
}

#[test]
fn an_article_without_a_date_gets_the_time_of_the_line_before() {
    let mut line = article("urn:x", "x.example", 0.0, &twenty_words());
    line.as_object_mut().expect("an object").remove("published_at");
    let verdict = assert_decided(&line, "assigned");
    assert_eq!(verdict["event_at"], hour(0.0).replace('Z', ".000Z"));
}

/// The peak memory of a run over this many articles from standard input, all different, 3,333 per day.
fn peak_memory_of(articles: usize) -> u64 {
    let output = Fixture::new().cluster_from(&["-", "--order", "input", "--min-size", "2"], |out| {
        let mut prose = Prose::new(6);
        for i in 0..articles {
            let source = format!("{}.example", i % 20);
            let hours = i as f64 * 60.0 * 24.0 / 200_000.0;
            writeln!(out, "{}", article(&format!("urn:{i}"), &source, hours, &prose.words(60)))?;
        }
        Ok(())
    });
    assert_eq!((output.code, count_lines(&output.verdicts)), (Some(0), articles), "{}", output.errors);
    output.peak_memory()
}

#[test]
fn in_input_order_memory_depends_on_the_live_articles_and_not_on_the_length_of_the_file() {
    let (six_days, sixty_days) = (peak_memory_of(20_000), peak_memory_of(200_000));
    assert!(2 * sixty_days < 3 * six_days, "{six_days} bytes for 6 days, {sixty_days} for 60");
}
