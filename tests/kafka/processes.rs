//! Processes that crash or stand still: each is a run of this test binary of its own.

use std::env;
use std::process::{Command, Stdio};
use std::slice::from_ref;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use wirefold::pipeline::port::{Broker, Committed, GroupConsumer, PortError, Transaction, Writer};

use crate::harness::{
    WITHIN, bootstrap_servers, broker, committed_records, held, partition, poll_until, record, topic, unique,
};

/// A run of one of the ignored tests below.
fn other_process(test: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().expect("this binary has a path"));
    command
        .args(["--exact", "--ignored", &format!("processes::{test}")])
        .env("KAFKA_BOOTSTRAP", bootstrap_servers())
        .env("TEST_ARGUMENTS", arguments.join(" "))
        .stdout(Stdio::null());
    command
}

/// What the test that started this process has given it.
fn arguments() -> [Arc<str>; 3] {
    let given = env::var("TEST_ARGUMENTS").expect("this process is started by another test");
    let parts: Vec<Arc<str>> = given.split(' ').map(Arc::from).collect();
    parts.try_into().expect("three arguments")
}

#[test]
fn a_process_that_stood_still_past_its_session_commits_no_positions() {
    let (input, output, id) = (topic("input", 1), topic("output", 1), unique("group"));
    let mut zombie = other_process("stand_still_and_write", &[&input, &output, &id]).spawn().expect("the binary runs");
    let signal = |name: &str| {
        let sent = Command::new("kill").args([name, &zombie.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    };
    // It writes once to say that it holds the partition.
    let deadline = Instant::now() + WITHIN;
    while committed_records(&output, 0).is_empty() {
        assert!(Instant::now() < deadline, "the process has not joined");
    }
    signal("-STOP");
    // Its session is six seconds; its partition goes to another member meanwhile.
    let heir = broker(&id);
    let mut heir = heir.consumer(from_ref(&input)).expect("the group can be joined");
    poll_until(&mut heir, |all| held(&all.rebalances) == 1);
    signal("-CONT");
    assert!(zombie.wait().expect("the process ends").success(), "its second transaction was not aborted");
    assert_eq!(committed_records(&output, 0).len(), 1);
    let position = heir.committed(&[partition(&input, 0)]).expect("the group is asked");
    assert_eq!(position[0].as_ref().map(|committed| committed.next), Some(1));
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn stand_still_and_write() {
    let [input, output, id] = arguments();
    let mut broker = broker(&id);
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    poll_until(&mut consumer, |all| held(&all.rebalances) == 1);
    let transaction = |next| Transaction {
        records: vec![record(&output, 0, "mine")],
        positions: vec![(partition(&input, 0), Committed { next, note: String::new() })],
    };
    let mut writer = broker.writer(&id).expect("the writer opens");
    writer.transact(&mut consumer, &transaction(1)).expect("it goes through");

    let mut last = Instant::now();
    while last.elapsed() < Duration::from_secs(3) {
        last = Instant::now();
        thread::sleep(Duration::from_millis(50));
    }
    // Past the next heartbeat: the client has heard that it is no member any more, and the loop has not.
    thread::sleep(Duration::from_secs(5));
    let late = writer.transact(&mut consumer, &transaction(2));
    assert!(matches!(late, Err(PortError::Aborted(_))), "{late:?}");
}

#[cfg(feature = "failpoints")]
#[test]
fn a_crash_between_any_two_effects_of_a_transaction_leaves_all_of_it_or_nothing() {
    use std::os::unix::process::ExitStatusExt;
    use wirefold::pipeline::failpoint;

    for name in failpoint::NAMES.iter().filter(|name| name.starts_with("sign.")) {
        let (input, output, id) = (topic("input", 1), topic("output", 1), unique("writer"));
        let status = other_process("write_one_transaction", &[&input, &output, &id]).env("FAILPOINT", name).status();
        let signal = status.expect("the binary runs").signal();
        assert_eq!(signal, Some(6), "{name} was not reached, or the process lived on");

        let mut successor = broker(&id);
        let mut consumer = successor.consumer(from_ref(&input)).expect("the group can be joined");
        successor.writer(&id).expect("the successor opens");
        let written = committed_records(&output, 0).len();
        let position = consumer.committed(&[partition(&input, 0)]).expect("the group is asked");
        let position = position[0].as_ref().map_or(0, |committed| committed.next);
        let expected = if *name == "sign.after_commit" { (3, 3) } else { (0, 0) };
        assert_eq!((written, position), expected, "{name}");
    }
}

#[cfg(feature = "failpoints")]
#[test]
#[ignore = "run by the test above, in a process of its own"]
fn write_one_transaction() {
    let [input, output, id] = arguments();
    let mut broker = broker(&id);
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    poll_until(&mut consumer, |all| held(&all.rebalances) == 1);
    let transaction = Transaction {
        records: ["a", "b", "c"].iter().map(|value| record(&output, 0, value)).collect(),
        positions: vec![(partition(&input, 0), Committed { next: 3, note: String::new() })],
    };
    let mut writer = broker.writer(&id).expect("the writer opens");
    writer.transact(&mut consumer, &transaction).expect("it goes through where no fail point is set");
}
