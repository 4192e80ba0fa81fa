//! One word for one thing: retired words are used nowhere, and a name is defined once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::assert_none;
use super::source::{files_below, identifiers, source_files};

/// Words of an earlier vocabulary. Each has a word in `docs/glossary.md` that replaced it.
const RETIRED: &str = "admission admit admitted agreement agreeing beside closing desk evidence fold folded folder folding \
    folds furniture gather gathered generation glance horizon inquiry judge judged judgement judges judging notebook \
    notices opening openings owner owners pen placed postman receipt sign signed signer signing sister sisters sole \
    standing stretch tally taught teach teaches unfold weighing zone zones";

/// Identifiers with such a word that are something else.
const OTHER_MEANINGS: [(&str, &str); 10] = [
    ("fold", "`Iterator::fold`, and the letters of a text"),
    ("try_fold", "`Iterator::try_fold`"),
    ("fold_char fold_letters folded FoldedChar FoldedText FOLDED_ASCII FOLDED_CHARS", "the letters of a text"),
    ("gather", "`Registry::gather` of the crate prometheus"),
    ("evidence EVIDENCE_BYTES_MAX", "the quoted words in which a credit was found"),
    ("generation", "of a consumer group, in Kafka's own words"),
    ("self_closing", "HTML"),
    (
        "TimeZone TimeZoneDatabase TimeZoneAnnotation TimeZoneAnnotationKind time_zone_annotation Zone zone zones is_zone \
         LocalZone local_zone WrittenZones written_zone StatedZones UnknownZone SeveralZones ContradictoryZones ZONES_MAX",
        "of calendars",
    ),
    ("cast_sign_loss cast_signed is_sign_off sign_off sign_offs", "the sign of a number, and the end of a report"),
    ("BeforeOpening AfterOpening", "of a writer"),
];

/// The words of a name in any of the usual styles.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphabetic() || (letter.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        was_lower = letter.is_lowercase();
        if letter.is_alphabetic() {
            words.last_mut().expect("one word").extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn retired_in(name: &str) -> Option<String> {
    let retired: BTreeSet<&str> = RETIRED.split_whitespace().collect();
    let is_other = OTHER_MEANINGS.iter().any(|(names, _)| names.split_whitespace().any(|other| other == name));
    words(name).into_iter().find(|word| !is_other && retired.contains(word.as_str()))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_identifier_has_a_retired_word() {
    let mut found = Vec::new();
    for directory in ["src", "tests", "benches", "examples", "fuzz/fuzz_targets"] {
        for path in files_below(&root().join(directory), "rs") {
            let text = fs::read_to_string(&path).expect("a readable file");
            let file = path.strip_prefix(root()).expect("below the root").display().to_string();
            let module = words(&file).into_iter().find(|word| word != "folded" && retired_in(word).is_some());
            found.extend(module.map(|word| format!("{file}: {word}")));
            let is_of_letters = |word: &String| word.starts_with("fold") && file.starts_with("src/signature");
            for name in identifiers(&text) {
                let word = retired_in(&name).filter(|word| !is_of_letters(word));
                found.extend(word.map(|word| format!("{file}: {name}: {word}")));
            }
        }
    }
    assert_none(&found);
}

#[test]
fn no_setting_metric_topic_field_or_command_has_a_retired_word() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a readable file");
    let mut names = BTreeSet::new();
    for line in read("deploy/wirefold.toml").lines() {
        let line = line.trim_start_matches(['#', ' ']);
        let key = line.split_once(" = ").map(|(key, _)| key).or_else(|| line.strip_prefix('[')?.split(']').next());
        names.extend(key.filter(|key| !key.contains(' ')).map(str::to_owned));
    }
    // The names of metrics and labels are code in the table for operators.
    names.extend(read("deploy/METRICS.md").split('`').skip(1).step_by(2).map(str::to_owned));
    for path in files_below(&root().join("schemas"), "json") {
        let schema: Value = serde_json::from_slice(&fs::read(path).expect("a readable file")).expect("JSON");
        add_fields(&schema, &mut names);
    }
    let topics = wirefold::config::TopicNames::of_replay("live", vec!["articles".to_owned()]);
    names.extend(topics.internal());
    names.extend([topics.stories_group(), topics.replay_writer(), topics.promotion_group()]);
    // Commands and flags, with their values.
    for path in files_below(&root().join("tests/cli/snapshots"), "snap") {
        let is_help = path.to_string_lossy().contains("__help");
        let text = fs::read_to_string(path).expect("a readable file");
        names.extend(text.split_whitespace().filter(|word| is_help && word.starts_with("--")).map(str::to_owned));
        let listed = text
            .lines()
            .filter(|line| is_help && line.starts_with("  "))
            .filter_map(|line| line.split_whitespace().next());
        names.extend(listed.map(str::to_owned));
    }
    assert!(names.len() > 200, "only {} names were found", names.len());
    assert_none(&names.iter().filter_map(|name| Some(format!("{name}: {}", retired_in(name)?))).collect::<Vec<_>>());
}

/// The names of fields in a JSON Schema, and the values of its enumerations.
fn add_fields(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                if let ("properties" | "$defs", Value::Object(fields)) = (key.as_str(), value) {
                    names.extend(fields.keys().cloned());
                }
                if let ("enum" | "const", Value::String(_) | Value::Array(_)) = (key.as_str(), value) {
                    names.extend(value.as_str().map(str::to_owned));
                    names.extend(value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
                }
                add_fields(value, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| add_fields(item, names)),
        _ => {}
    }
}

#[test]
fn a_type_or_constant_has_a_name_of_its_own() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in source_files() {
        for (_, name) in file.items.iter().filter(|(kind, _)| *kind != "fn") {
            places.entry(name.clone()).or_default().push(file.path.display().to_string());
        }
    }
    let twice = places.iter().filter(|(_, places)| places.len() > 1);
    assert_none(&twice.map(|(name, places)| format!("{name}: {}", places.join(", "))).collect::<Vec<_>>());
}

#[test]
fn a_retired_word_is_found_in_every_style_of_names() {
    for name in ["judged_at", "JudgeLoop", "FURNITURE_MAX", "--unfold", "teach", "wirefold_sisters_total"] {
        assert!(retired_in(name).is_some(), "{name}");
    }
    for name in ["wirefold", "design_max", "signature", "fold_letters", "PenaltyOf"] {
        assert_eq!(retired_in(name), None, "{name}");
    }
}
