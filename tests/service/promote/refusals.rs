//! Namespaces that are not promoted, and namespaces that are not served.

use std::fs;

use wirefold::replay::ReplayState;
use wirefold::stream::port::LogStore;

use super::{output, promote, run_promotion, serve};
use crate::kit::broker::{admin, broker, settle, unique};
use crate::kit::record::partition;
use crate::service::articles;
use crate::service::instance::wait_for;
use crate::service::namespace::{Namespace, port};
use crate::service::replay::{Replay, served};

/// Everything that a promotion could have written: end offsets of topics, committed offsets, and whether the service is retired.
fn footprint(replay: &Replay<'_>) -> (Vec<i64>, Vec<Option<i64>>, bool) {
    let namespace = replay.source;
    let mut cluster = broker("readers");
    let mut end = |topic: String| cluster.range(&partition(&topic, 0)).expect("the broker answers").1;
    let topics = ["stories", "verdicts", "dead-letters", "signatures"].map(|topic| namespace.topic(topic).to_string());
    let own = ["replay", "signatures", "decisions", "stories"].map(|topic| format!("{}.{topic}", replay.name));
    let ends = topics.into_iter().chain(own).map(&mut end).collect();
    let read = admin().committed(&format!("{}.signatures", replay.name), &[partition(&namespace.articles, 0)]);
    let read = read.expect("the broker answers").into_iter().map(|at| at.map(|at| at.next)).collect();
    let retired = admin().partitions(&format!("{}.replay", namespace.name)).expect("the broker answers").is_some();
    (ends, read, retired)
}

/// Asserts that this promotion is refused with this text and writes nothing.
fn assert_refused(replay: &Replay<'_>, arguments: &[&str], text: &str) {
    let before = footprint(replay);
    let (code, stderr) = output(promote(replay, arguments));
    assert_eq!(code, Some(3), "{stderr}");
    assert!(stderr.contains(text), "{arguments:?}: {text:?} is not in:\n{stderr}");
    assert_eq!(footprint(replay), before, "{text}");
}

/// Asserts that serve refuses a namespace with this text.
fn assert_not_served(replay: &Replay<'_>, text: &str) {
    let mut service = serve(replay, port(), &[]);
    assert_eq!(service.wait().code(), Some(3), "{}", service.logged());
    assert!(service.logged().contains(text), "{text:?} is not in:\n{}", service.logged());
}

#[test]
fn a_replay_that_cannot_be_promoted_is_refused_before_anything_is_written() {
    let namespace = served("unfit", 1, &articles::lines(47, 300));
    let nowhere = Replay::of(&namespace, "nowhere");
    let (code, stderr) = output(promote(&nowhere, &[]));
    assert_eq!((code, stderr.contains("there is no replay nowhere-")), (Some(3), true), "{stderr}");
    assert_eq!(admin().partitions(&format!("{}.replay", nowhere.name)).expect("the broker answers"), None);
    let (code, stderr) = output(promote(&Replay { source: &namespace, name: "Not a name".to_owned() }, &[]));
    assert_eq!((code, stderr.contains("expected the name of a namespace")), (Some(2), true), "{stderr}");

    let running = Replay::of(&namespace, "running");
    running.start(&[], &[("FAILPOINT", "stories.after_commit:2")]).wait();
    // Kafka aborts what the crash has left open: only then does the footprint stay the same.
    for topic in ["signatures", "decisions", "stories"] {
        settle(&partition(&format!("{}.{topic}", running.name), 0));
    }
    assert_refused(&running, &[], "--resume continues it");
    assert_not_served(&running, "is a replay that is not finished");

    let replay = Replay::of(&namespace, "fit");
    replay.run(&["--to", "100"]);
    assert_not_served(&replay, "cannot be served before it replaces unfit-");
    assert_refused(&replay, &["--set", "match.threshold=0.5"], "match.threshold was not set and is 0.5");
    assert_refused(&replay, &["--set", "namespace=elsewhere"], "is a replay of unfit-");
    let itself = format!("namespace={}", replay.name);
    assert_refused(&replay, &["--set", &itself], "is a replay of unfit-");
    let verdicts = format!("topics.verdicts={}", unique("missing"));
    assert_refused(&replay, &["--set", &verdicts], "run: wirefold topics create");
    let taken = format!("topics.stories={}.stories", replay.name);
    assert_refused(&replay, &["--set", &taken], "would write the topic fit-");

    let service = namespace.serve(port());
    service.await_logged("partition assigned");
    assert_refused(&replay, &[], "Stop every instance with SIGTERM");
    service.stop();
    admin().delete_records(&partition(&namespace.articles, 0), 150).expect("records can be deleted");
    assert_refused(&replay, &[], "its first offset is 150: records between were deleted");
    assert_eq!(replay.plan().state, ReplayState::Finished);
}

#[test]
fn a_retired_namespace_is_not_served_replayed_or_replaced_again() {
    let namespace = served("first", 1, &articles::lines(48, 300));
    let (second, other) = (Replay::of(&namespace, "second"), Replay::of(&namespace, "other"));
    second.run(&["--to", "200"]);
    other.run(&["--source", "signatures"]);
    let mut crashing = promote(&second, &[]);
    crashing.env("FAILPOINT", "promote.after_handover");
    assert_eq!(output(crashing).0, None);
    // While it is being promoted it is neither served nor deleted.
    assert_not_served(&second, "is being promoted");
    let stderr = String::from_utf8_lossy(&second.output(&["--force"]).stderr).into_owned();
    assert!(stderr.contains("is being promoted to replace"), "{stderr}");
    run_promotion(&second, &[]);
    let stderr = String::from_utf8_lossy(&second.output(&["--force"]).stderr).into_owned();
    assert!(stderr.contains("is a service now"), "{stderr}");

    let successor = format!("{} has replaced it", second.name);
    let first = Replay { source: &namespace, name: namespace.name.clone() };
    assert_not_served(&first, &successor);
    assert_refused(&other, &[], &successor);
    let third = Replay::of(&namespace, "third");
    let stderr = String::from_utf8_lossy(&third.output(&[]).stderr).into_owned();
    assert!(stderr.contains(&successor), "{stderr}");

    // The next replay reads the promoted namespace, and its epoch is one higher.
    let settings = fs::read_to_string(namespace.file("wirefold.toml")).expect("the settings");
    let now = settings.replacen(&namespace.name, &second.name, 1);
    fs::write(namespace.file("wirefold.toml"), now).expect("the settings are written");
    third.run(&["--source", "signatures"]);
    assert_eq!(third.plan().epoch, 2);
    // The name of a retired namespace cannot be used again: promoted, it and its successor would both be refused.
    let public = ["stories", "verdicts", "dead_letters"].map(|topic| format!("topics.{topic}=public.{topic}"));
    let elsewhere: Vec<&str> = public.iter().flat_map(|setting| ["--set", setting]).collect();
    let stderr = String::from_utf8_lossy(&first.output(&elsewhere).stderr).into_owned();
    assert!(stderr.contains(&format!("{successor}: choose another --namespace")), "{stderr}");
    run_promotion(&third, &[]);
    let service = serve(&third, port(), &[]);
    service.await_logged("\"restored\"");
    service.stop();
    assert_not_served(&second, &format!("{} has replaced it", third.name));
    let live = Namespace::without_topics(&namespace.cluster, &namespace.articles, third.name.clone());
    assert_eq!(live.processed(), namespace.input_ends().iter().sum::<i64>());
}

#[test]
fn an_instance_frozen_during_the_promotion_exits_before_it_writes() {
    let namespace = Namespace::new("zombie", 1);
    namespace.produce(&articles::lines(49, 300));
    let mut frozen = namespace.serve(port());
    namespace.await_done();
    let replay = Replay::of(&namespace, "successor");
    replay.run(&["--to", "200"]);
    frozen.signal("STOP");
    // It stays a member until its session ends.
    wait_for("the session of the frozen instance to end", || match output(promote(&replay, &[])) {
        (Some(0), _) => Ok(()),
        (_, stderr) => Err(stderr),
    });
    namespace.produce(&articles::lines(50, 100));
    let before = footprint(&replay);
    frozen.signal("CONT");
    let status = frozen.wait();
    assert_eq!(status.code(), Some(3), "{}", frozen.logged());
    assert!(frozen.logged().contains("has replaced it"), "{}", frozen.logged());
    assert_eq!(footprint(&replay), before);
}
