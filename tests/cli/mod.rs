//! The program, run from the command line.

mod cluster;
mod diff;
mod eval;
mod explain;
mod files;
mod fixture;
mod hostile;
mod inspect;

use std::process::{Command, Output};

/// The program with these arguments, without the environment variables that would change its settings or its width.
fn wirefold(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirefold"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("WIREFOLD_") || name == "COLUMNS" {
            command.env_remove(name);
        }
    }
    command.args(arguments);
    command
}

fn run(mut command: Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

/// Every command; the first is the program itself.
const COMMANDS: [&str; 18] = [
    "",
    "inspect",
    "cluster",
    "serve",
    "replay",
    "promote",
    "topics",
    "topics create",
    "topics check",
    "produce",
    "tail",
    "eval",
    "diff",
    "explain",
    "sample",
    "config",
    "completions",
    "man",
];

#[test]
fn every_command_has_a_help_page() {
    for command in COMMANDS {
        let mut arguments: Vec<&str> = command.split_whitespace().collect();
        arguments.push("--help");
        let (code, help, errors) = run(wirefold(&arguments));
        assert_eq!((code, errors.as_str()), (Some(0), ""));
        let name = format!("help {command}").trim_end().replace(' ', "_");
        insta::assert_snapshot!(name, help);
    }
}

/// The terminal wraps paragraphs: one that is broken into lines already is wrapped twice where the terminal is narrow.
#[test]
fn no_paragraph_of_a_help_text_is_broken_into_lines() {
    let help = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/help");
    for entry in std::fs::read_dir(help).expect("the help texts") {
        let path = entry.expect("a readable entry").path();
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        for (line, next) in text.lines().zip(text.lines().skip(1)) {
            let is_prose = |line: &str| line.starts_with(char::is_alphabetic) && !line.ends_with(':');
            assert!(!(is_prose(line) && is_prose(next)), "{}: {line}", path.display());
        }
    }
}

#[test]
fn a_completion_script_and_a_manual_page_exist_for_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, script, errors) = run(wirefold(&["completions", shell]));
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{shell}");
        for word in COMMANDS.iter().flat_map(|command| command.split_whitespace()).chain(["--min-size", "--resume"]) {
            assert!(script.contains(word.trim_start_matches('-')), "{shell} does not complete {word}");
        }
    }
    let directory = tempfile::tempdir().expect("a directory");
    let pages = directory.path().join("new/man1");
    let (code, output, errors) = run(wirefold(&["man", &pages.to_string_lossy()]));
    assert_eq!((code, output.as_str(), errors.as_str()), (Some(0), "", ""));
    for command in COMMANDS {
        let name = format!("wirefold {command}").trim_end().replace(' ', "-");
        let page = std::fs::read_to_string(pages.join(format!("{name}.1"))).expect("a page");
        assert!(page.contains(".TH") && page.contains(".SH SYNOPSIS"), "{name}: {page}");
    }
}

#[test]
fn the_version_is_that_of_the_crate() {
    let (code, version, _) = run(wirefold(&["--version"]));
    assert_eq!((code, version), (Some(0), format!("wirefold {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_command_that_does_not_exist_is_a_usage_error() {
    let (code, output, errors) = run(wirefold(&["clutser"]));
    assert_eq!((code, output.as_str()), (Some(2), ""));
    assert!(errors.contains("'cluster'"), "{errors}");
}

#[test]
fn config_prints_each_setting_with_its_origin() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("my.toml"), "[window]\nlength = \"48h\"\n").expect("written");
    let mut command = wirefold(&["config", "--config", "my.toml", "--set", "serve.instance=a", "--log", "debug"]);
    command
        .args(["--set", "serve.threads=2", "--set", "kafka.properties.sasl.password=hush"])
        .env("WIREFOLD_KAFKA__BOOTSTRAP_SERVERS", "kafka:9092")
        .current_dir(directory.path());
    let (code, output, errors) = run(command);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    insta::assert_snapshot!(output);
}

#[test]
fn all_wrong_settings_are_reported_together_and_the_exit_code_is_2() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("my.toml"), "[window]\nlenght = \"48h\"\n").expect("written");
    let mut command = wirefold(&["config", "--log", "loud=very"]);
    command.env("WIREFOLD_CONFIG", "my.toml").env("WIREFOLD_HTTP__LISTEN", "9464").current_dir(directory.path());
    let (code, output, errors) = run(command);
    assert_eq!((code, output.as_str()), (Some(2), ""));
    insta::assert_snapshot!(errors);
}
