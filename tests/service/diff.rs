//! `wirefold diff` on topics that the service wrote.

use std::fs;

use serde_json::{Value, json};

use crate::articles;
use crate::harness::unique;
use crate::namespace::{Namespace, port};

/// Standard output of `diff`, and its exit code with standard error where it failed.
fn diff(namespace: &Namespace, arguments: &[&str]) -> Result<Value, (Option<i32>, String)> {
    let output = namespace.command(&["diff", "--json"]).args(arguments).output().expect("the program starts");
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).expect("JSON"))
    } else {
        Err((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

#[test]
fn a_namespace_is_read_to_its_end_and_is_what_a_dump_of_its_topics_is() {
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
    let (code, said) = diff(&namespace, &[&namespace.name, &nowhere]).expect_err("there is no such namespace");
    assert_eq!(code, Some(1));
    assert!(
        said.contains(&format!(
            "{nowhere} is no file, and as a namespace it cannot be read: there is no topic {nowhere}.stories at"
        )),
        "{said}"
    );
}
