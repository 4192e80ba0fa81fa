//! `wirefold diff` on topics of the service.

use std::fs;

use serde_json::{Value, json};

use crate::kit::broker::unique;
use crate::service::articles;
use crate::service::namespace::{Namespace, port};

/// Standard output of `diff`, or its exit code and standard error where it failed.
fn diff(namespace: &Namespace, arguments: &[&str]) -> Result<Value, (Option<i32>, String)> {
    let output = namespace.command(&["diff", "--json"]).args(arguments).output().expect("the program starts");
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).expect("JSON"))
    } else {
        Err((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

#[test]
fn a_namespace_and_a_dump_of_its_topics_are_equal() {
    let namespace = Namespace::new("diff", 2);
    namespace.produce(&articles::lines(11, 400));
    let service = namespace.serve(port());
    namespace.await_done();
    service.stop();

    let records = |topic: &str| namespace.records(&namespace.topic(topic)).concat();
    let lines = |topic: &str| -> Vec<String> {
        let values = records(topic).into_iter().filter_map(|record| record.value);
        values.map(|value| String::from_utf8(value).expect("JSON is text")).collect()
    };
    let (stories, verdicts) = (lines("stories"), lines("verdicts"));
    assert!(!stories.is_empty() && verdicts.len() > stories.len());
    let dump = namespace.file("dump.ndjson");
    fs::write(&dump, [stories, verdicts].concat().join("\n")).expect("written");

    let dump = dump.to_string_lossy();
    let found = diff(&namespace, &[&namespace.name, &dump]).expect("both can be read");
    let both = found["articles"]["both"].as_u64().expect("a number");
    assert!(both > 200, "{found}");
    assert_eq!(found["articles"], json!({ "both": both, "moved": 0, "vanished": 0, "appeared": 0 }));
    assert_eq!((&found["a"]["unlisted"], &found["changes"]), (&json!(0), &json!([])));
    assert_eq!(found["stories"]["same"], found["a"]["stories"]);

    let nowhere = unique("nowhere");
    let (code, stderr) = diff(&namespace, &[&namespace.name, &nowhere]).expect_err("a missing namespace");
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains(&format!(
            "{nowhere} is not a file and cannot be read as a namespace: there is no topic {nowhere}.stories at"
        )),
        "{stderr}"
    );
}
