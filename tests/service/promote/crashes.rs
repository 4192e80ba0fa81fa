//! A promotion ends in the middle, and is run again.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::Duration;

use wirefold::fold::Rules;
use wirefold::pipeline::failpoint;
use wirefold::record::ReplayState;

use super::{assert_folded, check, promote, promoted, seen, serve};
use crate::articles::{self, Random};
use crate::instance::Process;
use crate::namespace::{Namespace, port};
use crate::replay::{Published, Replay, published};

/// The settings of the services, which part what lies hours apart.
const LIVE: [(&str, &str); 1] = [("WIREFOLD_WINDOW__LENGTH", "3h")];

/// The settings of the replays, which join that, and part copies that are short.
const RULES: [&str; 2] = ["--set", "match.evidence_min=60"];

/// What they mean.
fn rules() -> Rules {
    Rules { shared_min: 60, ..Rules::default() }
}

/// A service that has judged the articles of another and stopped, and a replay beside it of three quarters of them.
fn replayed<'a>(namespace: &'a Namespace, what: &str) -> Replay<'a> {
    let service = namespace.serve_with(port(), &LIVE);
    namespace.await_done();
    service.stop();
    let replay = Replay::beside(namespace, what);
    replay.run(&[&["--to", "600"][..], &RULES].concat());
    replay
}

/// All that stands in the public topics, in the order of each key.
fn public(namespace: &Namespace) -> BTreeMap<&'static str, Published> {
    ["stories", "verdicts"].into_iter().map(|topic| (topic, published(namespace, topic))).collect()
}

fn start(replay: &Replay<'_>, environment: &[(&str, &str)]) -> Process {
    let mut command = promote(replay, &RULES);
    command.envs(environment.iter().copied());
    Process::spawn(command, &replay.beside.file(&format!("{}.promote.log", replay.name)))
}

#[test]
fn a_crash_after_any_step_and_a_second_run_publish_what_an_undisturbed_one_does_and_nothing_twice() {
    let undisturbed = Namespace::new("undisturbed", 1);
    undisturbed.produce(&articles::lines(43, 800));
    let replay = replayed(&undisturbed, "next");
    let said = promoted(&replay, &RULES);
    assert!(
        said.contains("go on in others") && !said.contains(" 0 go on") && !said.contains(" 0 are closed"),
        "{said}"
    );
    let (expected, log) = (public(&undisturbed), replay.records("signatures").len());
    let of = |topic: &str, wanted: u64| {
        let values = expected[topic].values().flatten();
        values.filter(|value| value.contains(&format!("\"generation\":{wanted},"))).count()
    };
    assert!(of("stories", 0) > 50 && of("stories", 1) > 30 && of("verdicts", 1) > 200);

    // Two in the middle of catching up, two in the middle of publishing, and after every step.
    let within = ["sign.after_records:3", "fold.after_commit:3", "sign.after_records:5", "sign.after_commit:6"];
    let points: Vec<&str> = failpoint::PROMOTE.into_iter().chain(within).collect();
    for some in points.chunks(7) {
        thread::scope(|scope| {
            for point in some {
                let (undisturbed, expected) = (&undisturbed, &expected);
                scope.spawn(move || {
                    let what = point.replace(['_', ':', '.'], "-");
                    let namespace = Namespace::beside(undisturbed, &what);
                    let replay = replayed(&namespace, "next");
                    let mut crashing = start(&replay, &[("FAILPOINT", point)]);
                    let status = crashing.wait();
                    assert_eq!(status.signal(), Some(6), "{point} was not reached: {status}: {}", crashing.logged());
                    assert_eq!(replay.plan().state, ReplayState::Promoting, "{point}");
                    promoted(&replay, &RULES);
                    assert!(public(&namespace) == *expected, "after a crash at {point}");
                    assert_eq!(replay.records("signatures").len(), log, "after a crash at {point}");
                    assert_eq!(replay.plan().state, ReplayState::Promoted);
                });
            }
        });
    }
}

#[test]
fn kills_at_random_leave_nothing_out_and_nothing_twice() {
    let seed = u64::from(std::process::id());
    eprintln!("seed of the moments: {seed}");
    let mut random = Random::new(seed);
    let namespace = Namespace::new("killed", 1);
    let lines = articles::lines(44, 1_300);
    let lines: Vec<&str> = lines.lines().collect();
    namespace.produce(&lines[..1_200].join("\n"));
    let replay = replayed(&namespace, "next");
    let mut stopped = start(&replay, &[("WIREFOLD_SERVE__BATCH_RECORDS", "1")]);
    stopped.await_logged("\"restored\"");
    stopped.signal("INT");
    assert_eq!(stopped.wait().code(), Some(130), "{}", stopped.logged());
    assert!(
        stopped.logged().contains("stopped; go on") && stopped.logged().contains(&format!(" promote {}", replay.name)),
        "{}",
        stopped.logged()
    );
    for _ in 0..4 {
        let mut promotion = start(&replay, &[("WIREFOLD_SERVE__BATCH_RECORDS", "1")]);
        thread::sleep(Duration::from_millis(500 + random.below(8_000)));
        if promotion.exited().is_none() {
            promotion.kill();
        }
    }
    promoted(&replay, &RULES);
    let rules = rules();
    let reader = check(&replay, &rules, 1);
    assert_folded(&replay, &reader, &rules, 1);

    // It is served like any other, and promoted only once.
    let again = promoted(&replay, &RULES);
    assert!(again.contains("was promoted already"), "{again}");
    let service = serve(&replay, port(), &RULES);
    namespace.produce(&lines[1_200..].join("\n"));
    seen(&replay).await_done();
    service.stop();
    check(&replay, &rules, 1);
}
