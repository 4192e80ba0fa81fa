//! Replays that crash, are killed or stopped, and are resumed.

use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::Duration;

use wirefold::evaluation::Random;
use wirefold::stream::failpoint;

use super::{Replay, served};
use crate::kit::broker::admin;
use crate::service::articles;
use crate::service::instance::page;
use crate::service::namespace::port;

#[test]
fn a_replay_resumed_after_a_crash_at_any_fail_point_gives_the_same_bytes() {
    let namespace = served("crashes", 3, &articles::lines(26, 500));
    let undisturbed = Replay::of(&namespace, "undisturbed");
    undisturbed.run(&[]);
    let expected = undisturbed.written();
    assert!(
        expected.stories.len() > 20 && expected.dead_letters.len() > 4,
        "the articles give too few stories or dead letters"
    );
    thread::scope(|scope| {
        for name in failpoint::STAGES {
            let (namespace, expected) = (&namespace, &expected);
            scope.spawn(move || {
                let replay =
                    Replay::of(namespace, name.split('.').next_back().expect("a name").replace('_', "-").as_str());
                let mut crashing = replay.start(&[], &[("FAILPOINT", &format!("{name}:4"))]);
                let status = crashing.wait();
                assert_eq!(status.signal(), Some(6), "{name} was not reached: {status}: {}", crashing.logged());
                replay.run(&["--resume"]);
                assert_eq!(&replay.written(), expected, "after a crash at {name}");
                assert_eq!(replay.plan().run, 2);
            });
        }
    });
}

#[test]
fn a_replay_that_crashed_twice_before_its_first_commit_starts_at_the_beginning() {
    let namespace = served("stillborn", 2, &articles::lines(33, 300));
    let undisturbed = Replay::of(&namespace, "undisturbed");
    undisturbed.run(&[]);
    let replay = Replay::of(&namespace, "stillborn");
    // The second run aborts the open transaction of the first: the log has an end offset then, and no record.
    for arguments in [&[][..], &["--resume"]] {
        let mut crashing = replay.start(arguments, &[("FAILPOINT", "signatures.after_records:1")]);
        assert_eq!(crashing.wait().signal(), Some(6), "{}", crashing.logged());
    }
    replay.run(&["--resume"]);
    assert_eq!(replay.written(), undisturbed.written());
}

#[test]
fn when_two_processes_resume_one_replay_one_is_refused() {
    let namespace = served("twice", 1, &articles::lines(37, 600));
    let undisturbed = Replay::of(&namespace, "undisturbed");
    undisturbed.run(&[]);
    let replay = Replay::of(&namespace, "twice");
    let mut crashing = replay.start(&[], &[("FAILPOINT", "stories.after_commit:2")]);
    assert_eq!(crashing.wait().signal(), Some(6), "{}", crashing.logged());
    let outputs = thread::scope(|scope| {
        let running = [(); 2].map(|()| scope.spawn(|| replay.output(&["--resume"])));
        running.map(|running| running.join().expect("it ends"))
    });
    let mut codes = Vec::new();
    for output in &outputs {
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || stderr.contains("another process runs this replay now"), "{stderr}");
        codes.push(output.status.code());
    }
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(3)]);
    assert_eq!(replay.written(), undisturbed.written());
}

#[test]
fn a_killed_replay_can_be_forced_to_start_again() {
    let namespace = served("forced", 1, &articles::lines(34, 300));
    let undisturbed = Replay::of(&namespace, "undisturbed");
    undisturbed.run(&[]);
    let replay = Replay::of(&namespace, "forced");
    let mut crashing = replay.start(&["--from", "100"], &[("FAILPOINT", "stories.after_commit:2")]);
    assert_eq!(crashing.wait().signal(), Some(6), "{}", crashing.logged());
    replay.run(&["--force"]);
    assert_eq!(replay.written(), undisturbed.written());
    // Kafka keeps the committed offsets of a group whose topics were deleted by hand.
    let topics = ["replay", "signatures", "decisions", "boilerplate", "stories", "verdicts", "dead-letters"];
    admin().delete_topics(&topics.map(|topic| format!("{}.{topic}", replay.name))).expect("topics can be deleted");
    replay.run(&[]);
    assert_eq!(replay.written(), undisturbed.written());
}

#[test]
fn a_replay_killed_at_random_and_stopped_gives_the_same_bytes() {
    let seed = u64::from(std::process::id());
    eprintln!("seed: {seed}");
    let mut random = Random::new(seed);
    let namespace = served("kills", 2, &articles::lines(27, 2_000));
    let undisturbed = Replay::of(&namespace, "undisturbed");
    undisturbed.run(&["--source", "signatures"]);

    let killed = Replay::of(&namespace, "killed");
    let (small, port) = ([("WIREFOLD_SERVE__BATCH_RECORDS", "2")], port());
    let mut replay = killed.start(&["--source", "signatures"], &small);
    for _ in 0..3 {
        replay.await_logged("\"restored\"");
        thread::sleep(Duration::from_millis(random.below(400)));
        replay.kill();
        replay = killed.start(&["--resume", "--listen", &format!("127.0.0.1:{port}")], &small);
    }
    replay.await_logged("\"restored\"");
    let (status, metrics) = page(port, "/metrics").expect("it is served");
    assert!(status == 200 && metrics.contains("wirefold_restored_decisions_total"), "{status}: {metrics}");
    replay.signal("INT");
    let status = replay.wait();
    assert_eq!(status.code(), Some(130), "{}", replay.logged());
    assert!(replay.logged().contains("--resume"), "{}", replay.logged());
    killed.run(&["--resume"]);
    assert_eq!(killed.written(), undisturbed.written());
}
