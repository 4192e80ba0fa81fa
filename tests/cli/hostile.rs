//! `wirefold cluster` on input that is broken, or made to hurt: each line ends as a verdict or a dead letter, in bounded
//! time and memory, and a good neighbour is unharmed.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::desk::{Desk, Prose, Ran, article, count_lines, hour, json_lines};

/// What a good article and its copy, lines before and after the hostile ones, must come out as.
const NEIGHBOURS: [&str; 2] = ["urn:neighbour:copy", "urn:neighbour:first"];

/// Ten times what a run needs on two cores: a machine may be busy, and what grows with the square of the lines takes
/// longer still.
const PATIENCE: Duration = Duration::from_mins(2);

/// Floods come one at a time, so that they do not measure each other.
static FLOOD: Mutex<()> = Mutex::new(());

fn neighbour(which: &str, source: &str, hours: f64) -> Vec<u8> {
    let text = Prose::new(99).words(70);
    article(&format!("urn:neighbour:{which}"), source, hours, &text).to_string().into_bytes()
}

/// The hostile lines between a good article and its copy an hour later, judged in `order`.
fn beside_neighbours<L: AsRef<[u8]>>(hostile: &[L], order: &str) -> Ran {
    let mut lines = vec![neighbour("first", "first.example", 0.0)];
    lines.extend(hostile.iter().map(|line| line.as_ref().to_vec()));
    lines.push(neighbour("copy", "copy.example", 1.0));
    let started = Instant::now();
    let ran = Desk::new().cluster_lines(&lines, &["--order", order]);
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert_eq!(count_lines(&ran.verdicts) + count_lines(&ran.dead_letters), lines.len(), "a line was lost");
    assert_neighbours_unharmed(&ran);
    ran
}

fn assert_neighbours_unharmed(ran: &Ran) {
    let mut of_neighbours = ran.stories.split(|&byte| byte == b'\n').filter(|line| contains(line, NEIGHBOURS[0]));
    let story = json_lines(of_neighbours.next().expect("the neighbours have a story")).remove(0);
    assert_eq!(crate::desk::strings(&story["members"], "uri"), NEIGHBOURS);
    assert!(of_neighbours.next().is_none());
}

fn contains(line: &[u8], text: &str) -> bool {
    line.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The one hostile line is refused for this reason, in both orders.
fn assert_refused(line: &[u8], reason: &str) {
    for order in ["published", "input"] {
        let letters = beside_neighbours(&[line], order).dead_letters();
        assert_eq!(letters.len(), 1);
        assert_eq!((&letters[0]["reason"], &letters[0]["raw"]["offset"]), (&json!(reason), &json!(1)), "{letters:?}");
        assert_eq!(letters[0]["bytes"], line.len());
    }
}

/// The one hostile line is judged as this, in both orders; returns its verdict.
fn assert_judged(line: &Value, decision: &str) -> Value {
    let judged = ["published", "input"].map(|order| {
        let ran = beside_neighbours(&[line.to_string()], order);
        let verdict = ran.verdicts().remove(1);
        assert_eq!((&verdict["decision"], &verdict["relation"]), (&json!(decision), &json!("unique")));
        assert_eq!(ran.members().len(), 2, "a story of its own");
        verdict
    });
    judged[1].clone()
}

#[test]
fn broken_json_is_a_dead_letter() {
    for line in [&br#"{"id": "urn:x", "text": "The line ends too ea"#[..], b"}{", b"\0\0\0", b"{\"id\": nan}"] {
        assert_refused(line, "not_json");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_a_dead_letter_that_shows_the_rest() {
    assert_refused(b"{\"id\": \"urn:x\", \"text\": \"\xC3\x28 and \xFF\"}", "not_utf8");
    let ran = beside_neighbours(&[b"{\"id\": \"urn:\xFFx\"}"], "input");
    assert_eq!(ran.dead_letters()[0]["value"], "{\"id\": \"urn:\u{FFFD}x\"}");
}

#[test]
fn a_line_of_50_mb_is_a_dead_letter_and_no_weight() {
    let mut line = br#"{"id": "urn:x", "text": ""#.to_vec();
    line.resize(50_000_000, b'x');
    line.extend_from_slice(b"\"}");
    let ran = beside_neighbours(&[&line], "input");
    let letter = ran.dead_letters().remove(0);
    assert_eq!((&letter["reason"], &letter["bytes"]), (&json!("too_large"), &json!(line.len())));
    assert!(letter["value"].as_str().expect("text").len() < 100_000);
    assert!(ran.peak_memory() < 200_000_000, "{}", ran.errors);
}

#[test]
fn many_lines_above_the_bound_weigh_no_more_than_one() {
    let mut line = vec![b'x'; 9_000_000];
    line.push(b'\n');
    let ran =
        Desk::new().cluster_from(&["-", "--order", "input"], |out| (0..40).try_for_each(|_| out.write_all(&line)));
    assert_eq!((ran.code, ran.dead_letters().len()), (Some(0), 40), "{}", ran.errors);
    assert!(ran.peak_memory() < 200_000_000, "{}", ran.errors);
}

#[test]
fn brackets_ten_thousand_deep_are_a_dead_letter() {
    assert_refused("[".repeat(10_000).as_bytes(), "too_deep");
    let closed = format!("{{\"id\": \"urn:x\", \"text\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    assert_refused(closed.as_bytes(), "too_deep");
    assert_refused(r#"{"a":"#.repeat(10_000).as_bytes(), "too_deep");
}

#[test]
fn an_article_without_an_id_or_without_a_text_is_a_dead_letter() {
    assert_refused(br#"{"title": "No id", "text": "A text of five words."}"#, "missing_uri");
    assert_refused(br#"{"id": "", "text": "A text of five words."}"#, "missing_uri");
    assert_refused(br#"{"id": "urn:x", "title": "No text"}"#, "missing_text");
    assert_refused(br#"{"id": "urn:x", "text": null}"#, "missing_text");
    assert_refused(br#"["urn:x", "A text of five words."]"#, "not_object");
    assert_refused(br#"{"id": "urn:x", "text": 7}"#, "wrong_type");
}

#[test]
fn three_words_are_an_article_of_their_own() {
    let verdict = assert_judged(&article("urn:x", "x.example", 0.5, "Dam reopens today"), "judged");
    assert_eq!(verdict["story_id"].as_str().map(str::len), Some(32));
}

#[test]
fn punctuation_alone_has_no_fingerprint_and_equals_nothing() {
    assert_judged(&article("urn:x", "x.example", 0.5, "… — !? ()"), "no_fingerprint");
    let empty: Vec<String> = (0..2_000)
        .map(|i| {
            let text = ["… — !?", "***", "<p>&nbsp;</p>", "\u{200B}"][i % 4];
            article(&format!("urn:{i}"), &format!("{}.example", i % 3), 0.5, text).to_string()
        })
        .collect();
    for order in ["published", "input"] {
        let ran = beside_neighbours(&empty, order);
        let verdicts = ran.verdicts();
        let judged: Vec<&Value> = verdicts.iter().filter(|verdict| verdict["decision"] == "no_fingerprint").collect();
        let stories: BTreeSet<&str> = judged.iter().filter_map(|verdict| verdict["story_id"].as_str()).collect();
        assert_eq!((judged.len(), stories.len()), (2_000, 2_000), "two articles without words share a story");
        assert!(ran.members().iter().all(|story| story.len() == 1 || *story == NEIGHBOURS));
    }
}

/// 200,000 articles of one text by so many sources, within one hour, and one four weeks later, which makes all others expire.
fn flood(text: &str, sources: usize) -> Vec<String> {
    let of = |i: usize, hours| article(&format!("urn:flood:{i}"), &format!("{}.example", i % sources), hours, text);
    let mut lines: Vec<String> = (0..200_000).map(|i| of(i, i as f64 / 200_000.0).to_string()).collect();
    lines.push(of(200_000, 28.0 * 24.0).to_string());
    lines
}

/// How many articles each story has, largest first, but for the neighbours.
fn sizes(ran: &Ran) -> Vec<usize> {
    let lines = ran.stories.split(|&byte| byte == b'\n').filter(|line| contains(line, "\"urn:flood:"));
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
fn of_200_000_equal_short_pages_of_one_source_one_story_is_made() {
    let ran = flood_beside_neighbours(&twenty_words(), 1);
    assert_eq!(sizes(&ran), [200_000, 1]);
}

#[test]
fn of_200_000_equal_short_pages_of_1_000_sources_one_story_is_made() {
    let ran = flood_beside_neighbours(&twenty_words(), 1_000);
    assert_eq!(sizes(&ran), [200_000, 1]);
}

#[test]
fn of_200_000_equal_short_pages_each_of_its_own_source_one_story_is_made() {
    let ran = flood_beside_neighbours(&twenty_words(), 200_000);
    assert_eq!(sizes(&ran), [200_000, 1]);
}

#[test]
fn of_200_000_pages_of_three_words_each_is_a_story_of_its_own() {
    for sources in [1, 1_000] {
        let ran = flood_beside_neighbours("Dam reopens today", sources);
        assert_eq!(sizes(&ran), vec![1; 200_001]);
    }
}

/// The flood around the copy of the good article: in its middle, so that the flood is before and after it.
fn flood_beside_neighbours(text: &str, sources: usize) -> Ran {
    let _alone = FLOOD.lock().unwrap_or_else(PoisonError::into_inner);
    let mut lines = flood(text, sources);
    let end = lines.split_off(100_000);
    lines.insert(0, String::from_utf8(neighbour("first", "first.example", 0.0)).expect("UTF-8"));
    lines.push(String::from_utf8(neighbour("copy", "copy.example", 0.5)).expect("UTF-8"));
    lines.extend(end);
    let started = Instant::now();
    let ran = Desk::new().cluster_lines(&lines, &["--order", "input"]);
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert_eq!(count_lines(&ran.verdicts), lines.len());
    assert_neighbours_unharmed(&ran);
    ran
}

#[test]
fn a_story_of_50_000_whose_articles_are_all_taken_back_leaves_nothing() {
    let mut lines = flood(&twenty_words(), 1_000);
    lines.truncate(50_000);
    let withdrawals = (0..50_000).map(|i| format!("{{\"id\":\"urn:flood:{i}\",\"pubStatus\":\"canceled\"}}"));
    lines.extend(withdrawals);
    let ran = beside_neighbours(&lines, "input");
    assert_eq!(sizes(&ran), [0; 0]);
}

#[test]
fn one_uri_ten_thousand_times_gives_ten_thousand_verdicts() {
    let same: Vec<String> =
        (0..10_000).map(|_| article("urn:x", "x.example", 0.5, &twenty_words()).to_string()).collect();
    let newer: Vec<String> = (0..10_000)
        .map(|i| {
            let mut line = article("urn:x", "x.example", 0.5, &twenty_words());
            line["version"] = json!(i);
            line.to_string()
        })
        .collect();
    for (lines, decision) in [(same, "duplicate"), (newer, "replaced")] {
        let ran = beside_neighbours(&lines, "input");
        let verdicts = ran.verdicts();
        let of_x: Vec<&Value> = verdicts.iter().filter(|verdict| verdict["uri"] == "urn:x").collect();
        assert_eq!((of_x.len(), &of_x[0]["decision"]), (10_000, &json!("judged")));
        assert!(of_x[1..].iter().all(|verdict| verdict["decision"] == decision));
        assert_eq!(ran.members(), [NEIGHBOURS.map(str::to_owned).to_vec(), vec!["urn:x".to_owned()]]);
    }
}

#[test]
fn dates_in_the_years_1_and_2050_move_no_time() {
    for date in ["0001-01-01T00:00:00Z", "2050-01-01T00:00:00Z"] {
        let mut line = article("urn:x", "x.example", 0.0, &twenty_words());
        line["published_at"] = json!(date);
        let verdict = assert_judged(&line, "judged");
        assert_eq!(verdict["published_at"], hour(0.0).replace('Z', ".000Z"), "it takes the time of the line before");
        assert_eq!(verdict["late"], false);
    }
}

#[test]
fn an_article_without_a_date_takes_that_of_the_line_before() {
    let mut line = article("urn:x", "x.example", 0.0, &twenty_words());
    line.as_object_mut().expect("an object").remove("published_at");
    let verdict = assert_judged(&line, "judged");
    assert_eq!(verdict["published_at"], hour(0.0).replace('Z', ".000Z"));
}

/// The peak memory of a run over this many articles, all different, 3,333 a day, from standard input.
fn peak_memory_of(articles: usize) -> u64 {
    let ran = Desk::new().cluster_from(&["-", "--order", "input", "--min-size", "2"], |out| {
        let mut prose = Prose::new(6);
        for i in 0..articles {
            let source = format!("{}.example", i % 20);
            let hours = i as f64 * 60.0 * 24.0 / 200_000.0;
            writeln!(out, "{}", article(&format!("urn:{i}"), &source, hours, &prose.words(60)))?;
        }
        Ok(())
    });
    assert_eq!((ran.code, count_lines(&ran.verdicts)), (Some(0), articles), "{}", ran.errors);
    ran.peak_memory()
}

#[test]
fn in_input_order_memory_follows_the_live_articles_and_not_the_length_of_the_file() {
    let (six_days, sixty_days) = (peak_memory_of(20_000), peak_memory_of(200_000));
    assert!(2 * sixty_days < 3 * six_days, "{six_days} bytes for 6 days, {sixty_days} for 60");
}
