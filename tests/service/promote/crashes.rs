//! A promotion that crashes or is killed, and is run again.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::Duration;

use wirefold::clustering::ClusteringRules;
use wirefold::evaluation::Random;
use wirefold::replay::ReplayState;
use wirefold::stream::failpoint;

use super::{assert_matches_log, check, promote, promoted_namespace, run_promotion, serve};
use crate::service::articles;
use crate::service::instance::Process;
use crate::service::namespace::{Namespace, port};
use crate::service::replay::{Published, Replay, published};

/// The settings of the services: a short window, so that articles some hours apart are not compared.
const LIVE: [(&str, &str); 1] = [("WIREFOLD_WINDOW__LENGTH", "3h")];

/// The settings of the replays: the default window joins those articles, and short copies no longer match.
const RULES: [&str; 2] = ["--set", "match.shared_min=60"];

/// The rules of these settings.
fn rules() -> ClusteringRules {
    ClusteringRules { shared_min: 60, ..ClusteringRules::default() }
}

/// Serves the articles in this namespace, stops, and replays three quarters of them.
fn replayed<'a>(namespace: &'a Namespace, what: &str) -> Replay<'a> {
    let service = namespace.serve_with(port(), &LIVE);
    namespace.await_done();
    service.stop();
    let replay = Replay::of(namespace, what);
    replay.run(&[&["--to", "600"][..], &RULES].concat());
    replay
}

/// All records of the public topics, by key.
fn public(namespace: &Namespace) -> BTreeMap<&'static str, Published> {
    ["stories", "verdicts"].into_iter().map(|topic| (topic, published(namespace, topic))).collect()
}

fn start(replay: &Replay<'_>, environment: &[(&str, &str)]) -> Process {
    let mut command = promote(replay, &RULES);
    command.envs(environment.iter().copied());
    Process::spawn(command, &replay.source.file(&format!("{}.promote.log", replay.name)))
}

#[test]
fn a_promotion_repeated_after_a_crash_at_any_step_publishes_the_same_records_once() {
    let undisturbed = Namespace::new("undisturbed", 1);
    undisturbed.produce(&articles::lines(43, 800));
    let replay = replayed(&undisturbed, "next");
    let summary = run_promotion(&replay, &RULES);
    assert!(
        summary.contains("are merged into new ones")
            && !summary.contains(" 0 are merged")
            && !summary.contains(" 0 are closed"),
        "{summary}"
    );
    let (expected, log) = (public(&undisturbed), replay.records("signatures").len());
    let of = |topic: &str, wanted: u64| {
        let values = expected[topic].values().flatten();
        values.filter(|value| value.contains(&format!("\"epoch\":{wanted},"))).count()
    };
    assert!(of("stories", 0) > 50 && of("stories", 1) > 30 && of("verdicts", 1) > 200);

    // After every step, twice while it catches up, and twice while it publishes.
    let within =
        ["signatures.after_records:3", "stories.after_commit:3", "publish.after_records:2", "publish.after_commit:3"];
    let points: Vec<&str> = failpoint::PROMOTION.into_iter().chain(within).collect();
    for some in points.chunks(7) {
        thread::scope(|scope| {
            for point in some {
                let (undisturbed, expected) = (&undisturbed, &expected);
                scope.spawn(move || {
                    let what = point.replace(['_', ':', '.'], "-");
                    let namespace = Namespace::with_articles_of(undisturbed, &what);
                    let replay = replayed(&namespace, "next");
                    let mut crashing = start(&replay, &[("FAILPOINT", point)]);
                    let status = crashing.wait();
                    assert_eq!(status.signal(), Some(6), "{point} was not reached: {status}: {}", crashing.logged());
                    assert_eq!(replay.plan().state, ReplayState::Promoting, "{point}");
                    run_promotion(&replay, &RULES);
                    assert!(public(&namespace) == *expected, "after a crash at {point}");
                    assert_eq!(replay.records("signatures").len(), log, "after a crash at {point}");
                    assert_eq!(replay.plan().state, ReplayState::Promoted);
                });
            }
        });
    }
}

#[test]
fn a_promotion_killed_at_random_publishes_everything_once() {
    let seed = u64::from(std::process::id());
    eprintln!("seed: {seed}");
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
        stopped.logged().contains("stopped; to continue, run")
            && stopped.logged().contains(&format!(" promote {}", replay.name)),
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
    run_promotion(&replay, &RULES);
    let rules = rules();
    let reader = check(&replay, &rules, 1);
    assert_matches_log(&replay, &reader, &rules, 1);

    // It is promoted only once, and served like any other namespace.
    let again = run_promotion(&replay, &RULES);
    assert!(again.contains("was promoted already"), "{again}");
    let service = serve(&replay, port(), &RULES);
    namespace.produce(&lines[1_200..].join("\n"));
    promoted_namespace(&replay).await_done();
    service.stop();
    check(&replay, &rules, 1);
}
