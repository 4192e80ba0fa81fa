//! A replay ends in the middle, and goes on.

use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::Duration;

use wirefold::pipeline::failpoint;

use super::{Replay, served};
use crate::articles::{self, Random};
use crate::harness::admin;
use crate::instance::page;
use crate::namespace::port;

#[test]
fn a_crash_at_any_named_point_and_a_resume_give_the_bytes_of_an_undisturbed_replay() {
    let namespace = served("crashes", 3, &articles::lines(26, 500));
    let undisturbed = Replay::beside(&namespace, "undisturbed");
    undisturbed.run(&[]);
    let expected = undisturbed.written();
    assert!(expected.stories.len() > 20 && expected.dead_letters.len() > 4, "the articles make a story of it");
    thread::scope(|scope| {
        for name in failpoint::NAMES {
            let (namespace, expected) = (&namespace, &expected);
            scope.spawn(move || {
                let replay =
                    Replay::beside(namespace, name.split('.').next_back().expect("a name").replace('_', "-").as_str());
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
fn a_replay_that_died_before_its_first_commit_and_again_begins_at_the_beginning() {
    let namespace = served("stillborn", 2, &articles::lines(33, 300));
    let undisturbed = Replay::beside(&namespace, "undisturbed");
    undisturbed.run(&[]);
    let replay = Replay::beside(&namespace, "stillborn");
    // The second one rolls back what the first one has left open: the log has an end then, and no record.
    for arguments in [&[][..], &["--resume"]] {
        let mut crashing = replay.start(arguments, &[("FAILPOINT", "sign.after_records:1")]);
        assert_eq!(crashing.wait().signal(), Some(6), "{}", crashing.logged());
    }
    replay.run(&["--resume"]);
    assert_eq!(replay.written(), undisturbed.written());
}

#[test]
fn of_two_that_go_on_at_once_one_does_all_and_the_other_says_so() {
    let namespace = served("twice", 1, &articles::lines(37, 600));
    let undisturbed = Replay::beside(&namespace, "undisturbed");
    undisturbed.run(&[]);
    let replay = Replay::beside(&namespace, "twice");
    let mut crashing = replay.start(&[], &[("FAILPOINT", "fold.after_commit:2")]);
    assert_eq!(crashing.wait().signal(), Some(6), "{}", crashing.logged());
    let outputs = thread::scope(|scope| {
        let running = [(); 2].map(|()| scope.spawn(|| replay.output(&["--resume"])));
        running.map(|running| running.join().expect("it ends"))
    });
    let mut codes = Vec::new();
    for output in &outputs {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || said.contains("another process has taken this replay over"), "{said}");
        codes.push(output.status.code());
    }
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(1)]);
    assert_eq!(replay.written(), undisturbed.written());
}

#[test]
fn a_replay_that_was_killed_can_be_thrown_away_at_once() {
    let namespace = served("forced", 1, &articles::lines(34, 300));
    let undisturbed = Replay::beside(&namespace, "undisturbed");
    undisturbed.run(&[]);
    let replay = Replay::beside(&namespace, "forced");
    let mut crashing = replay.start(&["--from", "100"], &[("FAILPOINT", "fold.after_commit:2")]);
    assert_eq!(crashing.wait().signal(), Some(6), "{}", crashing.logged());
    replay.run(&["--force"]);
    assert_eq!(replay.written(), undisturbed.written());
    // Kafka keeps the positions of a group whose topics somebody has deleted by hand.
    let topics = ["replay", "signatures", "decisions", "sources", "stories", "verdicts", "dead-letters"];
    admin().delete_topics(&topics.map(|topic| format!("{}.{topic}", replay.name))).expect("topics can be deleted");
    replay.run(&[]);
    assert_eq!(replay.written(), undisturbed.written());
}

#[test]
fn kills_at_random_and_a_stop_change_nothing_either() {
    let seed = u64::from(std::process::id());
    eprintln!("seed of the moments: {seed}");
    let mut random = Random::new(seed);
    let namespace = served("kills", 2, &articles::lines(27, 2_000));
    let undisturbed = Replay::beside(&namespace, "undisturbed");
    undisturbed.run(&["--source", "signatures"]);

    let killed = Replay::beside(&namespace, "killed");
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
