//! Processes that crash or freeze. Each is a run of this test binary.

use std::env;
use std::process::{Command, Stdio};
use std::slice::from_ref;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

#[cfg(feature = "failpoints")]
use wirefold::stream::failpoint;
use wirefold::stream::port::{Broker, OffsetStore, PortError, Transaction, TransactionalWriter};

use crate::kit::broker::{
    WITHIN, assigned_count, bootstrap_servers, broker, committed_records, poll_until, topic, unique,
};
use crate::kit::record::{partition, record};

/// The command that runs one of the ignored tests below.
fn other_process(test: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().expect("this binary has a path"));
    command
        .args(["--exact", "--ignored", &format!("kafka::processes::{test}")])
        .env("KAFKA_BOOTSTRAP", bootstrap_servers())
        .env("TEST_ARGUMENTS", arguments.join(" "))
        .stdout(Stdio::null());
    command
}

/// The arguments that the starting test gave to this process.
fn arguments() -> [Arc<str>; 3] {
    let given = env::var("TEST_ARGUMENTS").expect("this process is started by another test");
    let parts: Vec<Arc<str>> = given.split(' ').map(Arc::from).collect();
    parts.try_into().expect("three arguments")
}

#[test]
fn a_process_frozen_beyond_its_session_commits_no_offsets() {
    let (input, output, id) = (topic("input", 1), topic("output", 1), unique("group"));
    let mut zombie = other_process("freeze_and_write", &[&input, &output, &id]).spawn().expect("the binary runs");
    let signal = |name: &str| {
        let sent = Command::new("kill").args([name, &zombie.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    };
    // Its first record shows that the partition is assigned to it.
    let deadline = Instant::now() + WITHIN;
    while committed_records(&output, 0).is_empty() {
        assert!(Instant::now() < deadline, "the process did not join the group");
    }
    signal("-STOP");
    // Its session lasts six seconds. Then its partition is assigned to another member.
    let mut broker = broker(&id);
    let mut successor = broker.consumer(from_ref(&input)).expect("the group can be joined");
    poll_until(&mut successor, |all| assigned_count(&all.rebalances) == 1);
    signal("-CONT");
    assert!(zombie.wait().expect("the process ends").success(), "its second transaction was not aborted");
    assert_eq!(committed_records(&output, 0).len(), 1);
    let position = broker.committed(&[partition(&input, 0)]).expect("the committed offset");
    assert_eq!(position[0].as_ref().map(|committed| committed.next), Some(1));
}

#[test]
#[ignore = "the test above runs it in another process"]
fn freeze_and_write() {
    let [input, output, id] = arguments();
    let mut broker = broker(&id);
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    poll_until(&mut consumer, |all| assigned_count(&all.rebalances) == 1);
    let transaction = |next: i64| Transaction {
        records: vec![record(&output, 0, "written")],
        offsets: vec![(partition(&input, 0), next.into())],
    };
    let mut writer = broker.writer(&id).expect("the writer opens");
    writer.transact(&mut consumer, &transaction(1)).expect("the transaction is committed");

    let mut last = Instant::now();
    while last.elapsed() < Duration::from_secs(3) {
        last = Instant::now();
        thread::sleep(Duration::from_millis(50));
    }
    // After the next heartbeat the client knows that it is no member any more; the loop does not.
    thread::sleep(Duration::from_secs(5));
    let late = writer.transact(&mut consumer, &transaction(2));
    assert!(matches!(late, Err(PortError::Aborted(_))), "{late:?}");
}

#[cfg(feature = "failpoints")]
#[test]
fn a_crash_at_any_point_of_a_transaction_leaves_all_of_it_or_nothing() {
    use std::os::unix::process::ExitStatusExt;

    for name in failpoint::STAGES.iter().filter(|name| name.starts_with("signatures.")) {
        let (input, output, id) = (topic("input", 1), topic("output", 1), unique("writer"));
        let status = other_process("write_one_transaction", &[&input, &output, &id]).env("FAILPOINT", name).status();
        let signal = status.expect("the binary runs").signal();
        assert_eq!(signal, Some(6), "{name} was not reached, or the process did not abort");

        let mut successor = broker(&id);
        successor.writer(&id).expect("the successor opens");
        let written = committed_records(&output, 0).len();
        let position = successor.committed(&[partition(&input, 0)]).expect("the committed offset");
        let position = position[0].as_ref().map_or(0, |committed| committed.next);
        let expected = if *name == "signatures.after_commit" { (3, 3) } else { (0, 0) };
        assert_eq!((written, position), expected, "{name}");
    }
}

#[cfg(feature = "failpoints")]
#[test]
#[ignore = "the test above runs it in another process"]
fn write_one_transaction() {
    failpoint::enter("signatures");
    let [input, output, id] = arguments();
    let mut broker = broker(&id);
    let mut consumer = broker.consumer(from_ref(&input)).expect("the group can be joined");
    poll_until(&mut consumer, |all| assigned_count(&all.rebalances) == 1);
    let transaction = Transaction {
        records: ["a", "b", "c"].iter().map(|value| record(&output, 0, value)).collect(),
        offsets: vec![(partition(&input, 0), 3.into())],
    };
    let mut writer = broker.writer(&id).expect("the writer opens");
    writer.transact(&mut consumer, &transaction).expect("a transaction without a fail point");
}
