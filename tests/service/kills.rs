//! The process ends: at named points, at random, by a signal that asks for it.

use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::Duration;

use wirefold::pipeline::failpoint;

use crate::articles::{self, Random};
use crate::instance::Process;
use crate::namespace::{Namespace, port};
use crate::oracle;

const SIGABRT: i32 = 6;

#[test]
fn a_crash_at_any_named_point_changes_nothing_that_is_published() {
    let undisturbed = Namespace::new("undisturbed", 1);
    undisturbed.produce(&articles::lines(1, 400));
    let service = undisturbed.serve(port());
    undisturbed.await_done();
    service.stop();
    let expected = oracle::check(&undisturbed);
    assert!(expected.stories() > 20 && expected.dead_letters.len() > 4, "the articles make a story of it");

    thread::scope(|scope| {
        for name in failpoint::NAMES {
            let (undisturbed, expected) = (&undisturbed, &expected);
            scope.spawn(move || {
                let namespace = Namespace::beside(undisturbed, name);
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
fn three_kills_under_load_change_nothing_that_is_published() {
    let seed = u64::from(std::process::id());
    eprintln!("seed of the moments: {seed}");
    let mut random = Random::new(seed);
    let namespace = Namespace::new("kills", 1);
    let mut load = namespace.begin_to_produce(&articles::lines(2, 3_000), 100);
    let port = port();
    let mut service = namespace.serve(port);
    for kill in 1..=3 {
        namespace.await_signed(namespace.signed() + 200);
        thread::sleep(Duration::from_millis(random.below(500)));
        assert!(kill < 3 || load.exited().is_none(), "the last kill came after the load");
        service.kill();
        service = namespace.serve(port);
    }
    finish(&namespace, load, service);
    let disturbed = oracle::check(&namespace);

    let undisturbed = Namespace::beside(&namespace, "no-kills");
    let service = undisturbed.serve(crate::namespace::port());
    undisturbed.await_done();
    service.stop();
    disturbed.assert_same_as(&oracle::check(&undisturbed));
}

#[test]
fn a_service_that_is_asked_to_stop_finishes_its_batch_and_the_next_one_goes_on() {
    let namespace = Namespace::new("stop", 1);
    namespace.produce(&articles::lines(3, 1_500));
    let port = port();
    // Small batches: some three hundred transactions take longer than a signal does.
    let service = namespace.serve_with(port, &[("WIREFOLD_SERVE__BATCH_RECORDS", "5")]);
    namespace.await_signed(100);
    service.stop();
    assert!(namespace.signed() < 1_500, "it was stopped at the end and not in the middle");

    let service = namespace.serve(port);
    namespace.await_done();
    service.stop();
    assert!(oracle::check(&namespace).decisions.len() > 1_300);
}

/// Waits for the end of load and work, and stops the service.
pub(crate) fn finish(namespace: &Namespace, mut load: Process, service: Process) {
    assert!(load.wait().success(), "the load: {}", load.logged());
    namespace.await_done();
    service.stop();
}
