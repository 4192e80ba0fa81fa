//! The process ends: at fail points, by SIGKILL at random moments, and by SIGTERM.

use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::Duration;

use wirefold::evaluation::Random;
use wirefold::stream::failpoint;

use crate::service::articles;
use crate::service::instance::Process;
use crate::service::namespace::{Namespace, port};
use crate::service::oracle;

const SIGABRT: i32 = 6;

#[test]
fn a_crash_at_any_fail_point_does_not_change_the_results() {
    let undisturbed = Namespace::new("undisturbed", 1);
    undisturbed.produce(&articles::lines(1, 400));
    let service = undisturbed.serve(port());
    undisturbed.await_done();
    service.stop();
    let expected = oracle::check(&undisturbed);
    assert!(
        expected.stories() > 20 && expected.dead_letters.len() > 4,
        "the articles give too few stories or dead letters"
    );

    thread::scope(|scope| {
        for name in failpoint::STAGES {
            let (undisturbed, expected) = (&undisturbed, &expected);
            scope.spawn(move || {
                let namespace = Namespace::with_articles_of(undisturbed, name);
                let port = port();
                let mut crashing = namespace.serve_with(port, &[("FAILPOINT", &format!("{name}:3"))]);
                let status = crashing.wait();
                assert_eq!(status.signal(), Some(SIGABRT), "{name} was not reached: {status}");
                let service = namespace.serve(port);
                namespace.await_done();
                service.stop();
                oracle::check(&namespace).assert_same_as(expected);
            });
        }
    });
}

#[test]
fn three_kills_under_load_do_not_change_the_results() {
    let seed = u64::from(std::process::id());
    eprintln!("seed: {seed}");
    let mut random = Random::new(seed);
    let namespace = Namespace::new("kills", 1);
    let mut load = namespace.begin_to_produce(&articles::lines(2, 3_000), 100);
    let port = port();
    let mut service = namespace.serve(port);
    for kill in 1..=3 {
        namespace.await_processed(namespace.processed() + 200);
        thread::sleep(Duration::from_millis(random.below(500)));
        assert!(kill < 3 || load.exited().is_none(), "the load had ended before the last kill");
        service.kill();
        service = namespace.serve(port);
    }
    finish(&namespace, load, service);
    let disturbed = oracle::check(&namespace);

    let undisturbed = Namespace::with_articles_of(&namespace, "no-kills");
    let service = undisturbed.serve(crate::service::namespace::port());
    undisturbed.await_done();
    service.stop();
    disturbed.assert_same_as(&oracle::check(&undisturbed));
}

#[test]
fn a_stopped_service_finishes_its_batch_and_the_next_one_continues() {
    let namespace = Namespace::new("stop", 1);
    namespace.produce(&articles::lines(3, 1_500));
    let port = port();
    // Small batches: the signal arrives before the last of some three hundred transactions.
    let service = namespace.serve_with(port, &[("WIREFOLD_SERVE__BATCH_RECORDS", "5")]);
    namespace.await_processed(100);
    service.stop();
    assert!(namespace.processed() < 1_500, "it had processed everything before it was stopped");

    let service = namespace.serve(port);
    namespace.await_done();
    service.stop();
    assert!(oracle::check(&namespace).expected.decisions.len() > 1_300);
}

/// Waits until the load is written and processed, and stops the service.
pub(crate) fn finish(namespace: &Namespace, mut load: Process, service: Process) {
    assert!(load.wait().success(), "produce failed: {}", load.logged());
    namespace.await_done();
    service.stop();
}
