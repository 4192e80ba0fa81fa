//! The topic that holds the plan of a replay.

use wirefold::kafka::RecordProducer;
use wirefold::record::Millis;

use super::{Replay, served};
use crate::kit::broker::{admin, spec};
use crate::service::articles;

#[test]
fn records_and_fields_of_a_newer_build_do_not_hide_the_plan() {
    let namespace = served("newer", 1, &articles::lines(53, 100));
    let replay = Replay::of(&namespace, "newer");
    replay.run(&[]);
    let mut plan = serde_json::to_value(replay.plan()).expect("JSON");
    plan["invented"] = "a field of a newer build".into();
    let topic = format!("{}.replay", replay.name);
    let producer = RecordProducer::new(&namespace.cluster).expect("a producer");
    producer.send(&topic, Some(b"plan"), plan.to_string().as_bytes(), Millis(0)).expect("sent");
    producer.send(&topic, Some(b"invented"), b"{}", Millis(0)).expect("sent");
    producer.flush().expect("stored");

    let serve = namespace.command(&["serve", "--set", &format!("namespace={}", replay.name)]).output();
    let serve = serve.expect("the program starts");
    let stderr = String::from_utf8_lossy(&serve.stderr);
    assert_eq!(serve.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains(&format!("wirefold promote {}", replay.name)), "{stderr}");
    assert!(stderr.contains("is ignored: its key is"), "{stderr}");

    let stderr = replay.run(&["--resume"]);
    assert!(stderr.contains("is finished already") && stderr.contains("is ignored: its key is"), "{stderr}");
}

#[test]
fn a_plan_that_cannot_be_written_fails_with_the_name_of_its_topic() {
    let namespace = served("unwritten", 1, &articles::lines(54, 50));
    let replay = Replay::of(&namespace, "unwritten");
    let topic = format!("{}.replay", replay.name);
    admin().create(&[spec(&topic, 1, &[("max.message.bytes", "100")])]).expect("the topic can be created");
    let output = replay.output(&[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(&format!("writing to {topic}")), "{stderr}");
    let log = format!("{}.signatures", replay.name);
    assert_eq!(admin().partitions(&log).expect("the broker answers"), None, "topics were created without a plan");
}
