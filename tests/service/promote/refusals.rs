//! What is not promoted, and what is not served.

use std::fs;

use wirefold::pipeline::port::Broker;
use wirefold::record::ReplayState;

use super::{output, promote, promoted, serve};
use crate::articles;
use crate::harness::{admin, broker, partition, unique};
use crate::instance::await_some;
use crate::namespace::{Namespace, port};
use crate::replay::{Replay, served};

/// All that a promotion could have written: where topics of one partition end, positions, and whether the service is retired.
fn footprint(replay: &Replay<'_>) -> (Vec<i64>, Vec<Option<i64>>, bool) {
    let namespace = replay.beside;
    let mut cluster = broker("spectators");
    let mut end = |topic: String| cluster.range(&partition(&topic.into(), 0)).expect("the broker answers").1;
    let topics = ["stories", "verdicts", "dead-letters", "signatures"].map(|topic| namespace.topic(topic).to_string());
    let own = ["replay", "signatures", "decisions", "stories"].map(|topic| format!("{}.{topic}", replay.name));
    let ends = topics.into_iter().chain(own).map(&mut end).collect();
    let read = admin().committed(&format!("{}.sign", replay.name), &[partition(&namespace.articles, 0)]);
    let read = read.expect("the broker answers").into_iter().map(|at| at.map(|at| at.next)).collect();
    let retired = admin().partitions(&format!("{}.replay", namespace.name)).expect("the broker answers").is_some();
    (ends, read, retired)
}

/// That this promotion is refused with these words and writes nothing.
fn assert_refused(replay: &Replay<'_>, arguments: &[&str], code: i32, said: &str) {
    let before = footprint(replay);
    let (ended, words) = output(promote(replay, arguments));
    assert_eq!(ended, Some(code), "{words}");
    assert!(words.contains(said), "{said:?} is not said of {arguments:?} in:\n{words}");
    assert_eq!(footprint(replay), before, "{said}");
}

/// That a namespace is not served, and why.
fn assert_not_served(replay: &Replay<'_>, said: &str) {
    let mut service = serve(replay, port(), &[]);
    assert_eq!(service.wait().code(), Some(1), "{}", service.logged());
    assert!(service.logged().contains(said), "{said:?} is not said in:\n{}", service.logged());
}

#[test]
fn what_cannot_take_over_is_refused_before_anything_is_written() {
    let namespace = served("unfit", 1, &articles::lines(47, 300));
    let nowhere = Replay::beside(&namespace, "nowhere");
    let (code, said) = output(promote(&nowhere, &[]));
    assert_eq!((code, said.contains("there is no replay nowhere-")), (Some(1), true), "{said}");
    assert_eq!(admin().partitions(&format!("{}.replay", nowhere.name)).expect("the broker answers"), None);
    let (code, said) = output(promote(&Replay { beside: &namespace, name: "Not a name".to_owned() }, &[]));
    assert_eq!((code, said.contains("expected the name of a namespace")), (Some(2), true), "{said}");

    let running = Replay::beside(&namespace, "running");
    running.start(&[], &[("FAILPOINT", "fold.after_commit:2")]).wait();
    assert_refused(&running, &[], 1, "--resume goes on with it");
    assert_not_served(&running, "is not at its end");

    let replay = Replay::beside(&namespace, "fit");
    replay.run(&["--to", "100"]);
    assert_not_served(&replay, "is not served until it takes the place of");
    assert_refused(&replay, &["--set", "match.threshold=0.5"], 1, "match.threshold was not set and is 0.5");
    assert_refused(&replay, &["--set", "namespace=elsewhere"], 1, "was replayed beside unfit-");
    let itself = format!("namespace={}", replay.name);
    assert_refused(&replay, &["--set", &itself], 1, "was replayed beside unfit-");
    let verdicts = format!("topics.verdicts={}", unique("missing"));
    assert_refused(&replay, &["--set", &verdicts], 1, "run: wirefold topics create");
    let taken = format!("topics.stories={}.stories", replay.name);
    assert_refused(&replay, &["--set", &taken], 1, "would write the topic fit-");

    let service = namespace.serve(port());
    service.await_logged("partition assigned");
    assert_refused(&replay, &[], 1, "stop every instance of it with SIGTERM");
    service.stop();
    admin().delete_records(&partition(&namespace.articles, 0), 150).expect("records can be deleted");
    assert_refused(&replay, &[], 1, "the first one kept is 150: what is between was deleted");
    assert_eq!(replay.plan().state, ReplayState::Finished);
}

#[test]
fn a_namespace_that_was_replaced_is_neither_served_nor_replayed_nor_replaced_again() {
    let namespace = served("first", 1, &articles::lines(48, 300));
    let (second, other) = (Replay::beside(&namespace, "second"), Replay::beside(&namespace, "other"));
    second.run(&["--to", "200"]);
    other.run(&["--source", "signatures"]);
    let mut crashing = promote(&second, &[]);
    crashing.env("FAILPOINT", "promote.after_hand_off");
    assert_eq!(output(crashing).0, None);
    // On its way it is served no more than it is thrown away.
    assert_not_served(&second, "is being promoted");
    let said = String::from_utf8_lossy(&second.output(&["--force"]).stderr).into_owned();
    assert!(said.contains("is taking the place of"), "{said}");
    promoted(&second, &[]);
    let said = String::from_utf8_lossy(&second.output(&["--force"]).stderr).into_owned();
    assert!(said.contains("is a service now"), "{said}");

    let successor = format!("{} goes on in its place", second.name);
    let first = Replay { beside: &namespace, name: namespace.name.clone() };
    assert_not_served(&first, &successor);
    assert_refused(&other, &[], 1, &successor);
    let third = Replay::beside(&namespace, "third");
    let said = String::from_utf8_lossy(&third.output(&[]).stderr).into_owned();
    assert!(said.contains(&successor), "{said}");

    // The next one is replayed beside it, and has a generation more.
    let settings = fs::read_to_string(namespace.file("wirefold.toml")).expect("the settings");
    let now = settings.replacen(&namespace.name, &second.name, 1);
    fs::write(namespace.file("wirefold.toml"), now).expect("the settings are written");
    third.run(&["--source", "signatures"]);
    assert_eq!(third.plan().generation, 2);
    // A name that was retired is spent: promoted again, it and its successor would both be refused.
    let public = ["stories", "verdicts", "dead_letters"].map(|topic| format!("topics.{topic}=public.{topic}"));
    let elsewhere: Vec<&str> = public.iter().flat_map(|setting| ["--set", setting]).collect();
    let said = String::from_utf8_lossy(&first.output(&elsewhere).stderr).into_owned();
    assert!(said.contains(&format!("{successor}: choose another --namespace")), "{said}");
    promoted(&third, &[]);
    let service = serve(&third, port(), &[]);
    service.await_logged("\"restored\"");
    service.stop();
    assert_not_served(&second, &format!("{} goes on in its place", third.name));
    let live = Namespace::without_topics(&namespace.cluster, &namespace.articles, third.name.clone());
    assert_eq!(live.signed(), namespace.input_ends().iter().sum::<i64>());
}

#[test]
fn an_instance_that_stood_still_while_its_namespace_was_replaced_ends_before_it_writes() {
    let namespace = Namespace::new("zombie", 1);
    namespace.produce(&articles::lines(49, 300));
    let mut standing = namespace.serve(port());
    namespace.await_done();
    let replay = Replay::beside(&namespace, "heir");
    replay.run(&["--to", "200"]);
    standing.signal("STOP");
    // It is a member until its session is over.
    await_some("that the group forgets it", || match output(promote(&replay, &[])) {
        (Some(0), _) => Ok(()),
        (_, said) => Err(said),
    });
    namespace.produce(&articles::lines(50, 100));
    let before = footprint(&replay);
    standing.signal("CONT");
    let status = standing.wait();
    assert_eq!(status.code(), Some(1), "{}", standing.logged());
    assert!(standing.logged().contains("goes on in its place"), "{}", standing.logged());
    assert_eq!(footprint(&replay), before);
}
