//! The program as it is typed.

mod cluster;
mod desk;
mod diff;
mod eval;
mod explain;
mod hostile;

use std::process::{Command, Output};

/// The program with these arguments, away from the settings of whoever runs the tests.
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

#[test]
fn every_command_explains_itself() {
    for command in [
        "",
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
    ] {
        let mut arguments: Vec<&str> = command.split_whitespace().collect();
        arguments.push("--help");
        let (code, help, errors) = run(wirefold(&arguments));
        assert_eq!((code, errors.as_str()), (Some(0), ""));
        let name = format!("help {command}").trim_end().replace(' ', "_");
        insta::assert_snapshot!(name, help);
    }
}

#[test]
fn the_version_is_the_crate_s() {
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
fn config_prints_what_holds_and_where_it_comes_from() {
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
fn wrong_settings_of_every_layer_are_said_at_once_and_exit_with_2() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("my.toml"), "[window]\nlenght = \"48h\"\n").expect("written");
    let mut command = wirefold(&["config", "--log", "loud=very"]);
    command.env("WIREFOLD_CONFIG", "my.toml").env("WIREFOLD_HTTP__LISTEN", "9464").current_dir(directory.path());
    let (code, output, errors) = run(command);
    assert_eq!((code, output.as_str()), (Some(2), ""));
    insta::assert_snapshot!(errors);
}
