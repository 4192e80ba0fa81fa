//! The rules of the source tree that the compiler does not check. `ARCHITECTURE.md` gives their reasons.

mod circles;
mod source;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use source::source_files;

/// A file that is longer contains more than one idea.
const LINES_MAX: usize = 500;

/// What only some rooms may name, with these rooms.
const RESERVED: [(&str, &[&str]); 2] = [
    ("rdkafka", &["kafka"]),
    // Nobody else knows how a replay works: the command line calls its interface.
    ("replay", &["replay", "cli"]),
];

/// Modules whose results depend on their arguments alone.
const PURE: [&str; 7] = ["record", "article", "signature", "clustering", "explain", "inspection", "evaluation"];

/// What would make a result depend on something else, with the reason.
const IMPURE: [(&str, &str); 29] = [
    ("SystemTime", "a clock"),
    ("Instant", "a clock"),
    ("Timestamp::now", "a clock"),
    ("Zoned::now", "a clock"),
    ("std::fs", "files"),
    ("std::net", "the network"),
    ("std::env", "the environment"),
    ("std::process", "the process"),
    ("std::thread", "threads"),
    ("RandomState", "the order of iteration is random"),
    ("HashMap::new", "the order of iteration is random"),
    ("HashMap::with_capacity(", "the order of iteration is random"),
    ("HashSet::new", "the order of iteration is random"),
    ("HashSet::with_capacity(", "the order of iteration is random"),
    (".exp(", "differs by platform"),
    (".exp2(", "differs by platform"),
    (".exp_m1(", "differs by platform"),
    (".ln(", "differs by platform"),
    (".ln_1p(", "differs by platform"),
    (".log(", "differs by platform"),
    (".log2(", "differs by platform"),
    (".log10(", "differs by platform"),
    (".powf(", "differs by platform"),
    (".powi(", "differs by platform"),
    (".sin(", "differs by platform"),
    (".cos(", "differs by platform"),
    (".tan(", "differs by platform"),
    (".tanh(", "differs by platform"),
    (".cbrt(", "differs by platform"),
];

fn assert_none(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

/// The rooms, and the others that each may name, by the table of `ARCHITECTURE.md`.
fn rooms() -> Vec<(String, BTreeSet<String>)> {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).expect("the map");
    let table =
        map.lines().skip_while(|line| !line.contains("may name")).skip(2).take_while(|line| line.starts_with('|'));
    let names = |cell: &str| cell.split(',').map(|name| name.trim().trim_matches('`').to_owned()).collect();
    let room = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        (cells[1].trim_matches('`').to_owned(), names(cells[cells.len() - 2]))
    };
    table.map(room).collect()
}

/// Whether a code names this, and not merely a longer word that ends in it.
fn mentions(code: &str, what: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(what).any(|(at, _)| {
        let begins = what.starts_with('.') || !code[..at].ends_with(is_word);
        let ends = !what.ends_with(is_word) || !code[at + what.len()..].starts_with(is_word);
        begins && ends
    })
}

#[test]
fn a_room_names_only_those_it_may() {
    let rooms = rooms();
    assert!(rooms.len() > 10, "the table of ARCHITECTURE.md was not read: {rooms:?}");
    let mut broken = Vec::new();
    for file in source_files().iter().filter(|file| file.room() != "lib") {
        let path = file.path.display();
        let Some((_, allowed)) = rooms.iter().find(|(name, _)| name == file.room()) else {
            broken.push(format!("{path}: the table does not list {}", file.room()));
            continue;
        };
        for names in file
            .paths
            .iter()
            .filter(|names| matches!(names[..], [ref first, _, ..] if first == "crate" || first == "wirefold"))
        {
            let is_allowed = names[1] == file.room() || allowed.contains(&names[1]) || allowed.contains("all");
            if !is_allowed {
                broken.push(format!("{path}: {} must not name {}", file.room(), names[1]));
            }
        }
        if file.paths.iter().any(|names| names.starts_with(&["super".to_owned(), "super".to_owned()])) {
            broken.push(format!("{path}: a path through super::super:: hides what it names"));
        }
    }
    assert_none(&broken);
}

#[test]
fn what_is_reserved_to_a_room_is_named_in_no_other() {
    let mut broken = Vec::new();
    for file in source_files().iter().filter(|file| !["lib", "main"].contains(&file.room())) {
        for (what, rooms) in RESERVED.iter().filter(|(_, rooms)| !rooms.contains(&file.room())) {
            let is_named = |names: &Vec<String>| {
                let first = usize::from(names.first().is_some_and(|name| name == "crate"));
                names.get(first).is_some_and(|name| name == what) && names.len() > 1
            };
            if file.paths.iter().any(is_named) {
                broken.push(format!("{}: {what} is for {}", file.path.display(), rooms.join(" and ")));
            }
        }
    }
    assert_none(&broken);
}

#[test]
fn the_command_line_knows_replays_by_their_interface_only() {
    // What `replay/mod.rs` and `replay/promotion/mod.rs` export, and nothing below them.
    let mut broken = Vec::new();
    for file in source_files().iter().filter(|file| file.room() == "cli") {
        for names in file.paths.iter().filter(|names| names.starts_with(&["crate".to_owned(), "replay".to_owned()])) {
            let depth = if names.get(2).is_some_and(|name| name == "promotion") { 4 } else { 3 };
            if names.get(depth - 1).is_some_and(|name| name.starts_with(char::is_lowercase)) && names.len() > depth {
                broken.push(format!("{}: {}", file.path.display(), names.join("::")));
            }
        }
    }
    assert_none(&broken);
}

#[test]
fn decisions_are_taken_and_applied_in_one_place() {
    let calls = |code: &str| mentions(code, "decide(") && mentions(code, ".apply(");
    let found = source_files().into_iter().filter(|file| calls(&file.code)).map(|file| file.path.display().to_string());
    assert_eq!(found.collect::<Vec<_>>(), ["clustering/engine.rs"]);
}

#[test]
fn the_pure_rooms_depend_on_their_arguments_alone() {
    let mut broken = Vec::new();
    for file in source_files().iter().filter(|file| PURE.contains(&file.room())) {
        for (what, reason) in IMPURE.iter().filter(|(what, _)| mentions(&file.code, what)) {
            broken.push(format!("{}: {what}: {reason}", file.path.display()));
        }
    }
    assert_none(&broken);
}

#[test]
fn no_file_is_too_long_to_be_one_idea() {
    let long = source_files().into_iter().filter(|file| file.lines > LINES_MAX);
    assert_none(&long.map(|file| format!("{}: {} lines", file.path.display(), file.lines)).collect::<Vec<_>>());
}

#[test]
fn a_longer_word_is_not_a_mention() {
    assert!(mentions("let x = y.ln();", ".ln("));
    assert!(mentions("use std::time::Instant;", "Instant"));
    assert!(!mentions("let instants: Instants;", "Instant"));
    assert!(!mentions("undecide(", "decide("));
}
