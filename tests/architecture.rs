//! The laws of the source tree that the compiler does not know. `ARCHITECTURE.md` says why they hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each top-level module, and the others that it may name.
const LAW: [(&str, &[&str]); 17] = [
    ("record", &[]),
    ("article", &["record"]),
    ("sign", &["record", "article"]),
    ("fold", &["record"]),
    ("pipeline", &["record", "article", "sign", "fold"]),
    ("config", &[]),
    ("telemetry", &["record", "pipeline"]),
    ("http", &["telemetry"]),
    ("kafka", &["record", "pipeline", "config"]),
    // It folds as any run does, and finds passages in texts, which only those that sign know how to read.
    ("explain", &["record", "article", "sign", "fold"]),
    ("local", &["record", "article", "sign", "fold", "explain"]),
    ("journal", &["record", "pipeline"]),
    // It asks a cluster what there is, and unfolds archives as files are: by the stamps of `local`.
    ("replay", &["record", "article", "pipeline", "kafka", "journal", "local"]),
    // It goes by the plans of replays, and moves what they have published.
    ("promote", &["record", "pipeline", "kafka", "replay"]),
    (
        "cli",
        &[
            "record",
            "article",
            "sign",
            "fold",
            "explain",
            "pipeline",
            "config",
            "telemetry",
            "http",
            "kafka",
            "journal",
            "local",
            "replay",
            "promote",
            "eval",
        ],
    ),
    // It scores what folding made: it reads the public records and must not know the rules it judges.
    ("eval", &["record"]),
    ("main", &["cli"]),
];

/// Modules whose results depend on their arguments alone.
const PURE: [&str; 6] = ["record", "article", "sign", "fold", "explain", "eval"];

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

/// A file that is longer holds more than one idea.
const LINES_MAX: usize = 500;

struct Source {
    path: PathBuf,
    /// The module under the crate's root that it belongs to.
    module: String,
    lines: usize,
    /// Its text without comments and tests.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a readable source");
                let path = path.strip_prefix(&root).expect("below the root").to_owned();
                let first = path.iter().next().unwrap_or_default().to_string_lossy();
                let is_test = path.file_stem().is_some_and(|name| name == "tests");
                sources.push(Source {
                    module: first.trim_end_matches(".rs").to_owned(),
                    lines: text.lines().count(),
                    code: if is_test { String::new() } else { code(&text) },
                    path,
                });
            }
        }
    }
    sources
}

/// A text without comments, and without the inline test module that ends a file.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = body.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The top-level modules that a code names: `crate::a::b`, `crate::{a, b::c}`.
fn named(code: &str) -> BTreeSet<String> {
    let ident = |text: &str| -> String {
        text.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
    };
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(ident(rest));
            continue;
        };
        let mut depth = 0;
        names.insert(ident(group));
        for (at, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    names.insert(ident(&group[at + 1..]));
                }
                _ => {}
            }
        }
    }
    names.remove("");
    names
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

fn assert_none(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn a_module_names_only_those_it_may() {
    let mut broken = Vec::new();
    for Source { path, module, code, .. } in sources() {
        if module == "lib" {
            continue;
        }
        let Some((_, allowed)) = LAW.iter().find(|(name, _)| *name == module) else {
            broken.push(format!("{}: no law for the module {module}", path.display()));
            continue;
        };
        let code = if module == "main" { code.replace("wirefold::", "crate::") } else { code };
        for name in named(&code) {
            if name != module && !allowed.contains(&name.as_str()) {
                broken.push(format!("{}: {module} must not name {name}", path.display()));
            }
        }
        if code.contains("super::super::") {
            broken.push(format!("{}: a path through super::super:: hides what it names", path.display()));
        }
    }
    assert_none(&broken);
}

#[test]
fn only_the_kafka_module_names_rdkafka() {
    let named = sources().into_iter().filter(|source| source.module != "kafka" && mentions(&source.code, "rdkafka::"));
    assert_none(&named.map(|source| source.path.display().to_string()).collect::<Vec<_>>());
}

#[test]
fn the_pure_modules_depend_on_their_arguments_alone() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.module.as_str())) {
        for (what, reason) in IMPURE.iter().filter(|(what, _)| mentions(&source.code, what)) {
            broken.push(format!("{}: {what}: {reason}", source.path.display()));
        }
    }
    assert_none(&broken);
}

#[test]
fn no_file_is_too_long_to_be_one_idea() {
    let long = sources().into_iter().filter(|source| source.lines > LINES_MAX);
    assert_none(&long.map(|source| format!("{}: {} lines", source.path.display(), source.lines)).collect::<Vec<_>>());
}

#[test]
fn every_way_to_name_a_module_is_seen() {
    let text = "use crate::{a::{B, C}, d, e::F};\nfn x() { crate::g::h() } // crate::comment\n#[cfg(test)]\nmod tests {\n use crate::test;";
    assert_eq!(named(&code(text)).into_iter().collect::<Vec<_>>(), ["a", "d", "e", "g"]);
}

#[test]
fn a_longer_word_is_not_a_mention() {
    assert!(mentions("let x = y.ln();", ".ln("));
    assert!(mentions("use std::time::Instant;", "Instant"));
    assert!(!mentions("let instants: Instants;", "Instant"));
    assert!(!mentions("a librdkafka::property", "rdkafka::"));
}
