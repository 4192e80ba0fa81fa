//! Several processes: one that stands still, and more or fewer of them.

use crate::articles;
use crate::instance::{Process, await_some, page};
use crate::kills::finish;
use crate::namespace::{Namespace, port};
use crate::oracle;

#[test]
fn a_process_that_stood_still_past_its_session_does_no_harm() {
    const LINES: usize = 6_000;
    let namespace = Namespace::new("zombie", 1);
    let load = namespace.begin_to_produce(&articles::lines(4, LINES), 150);
    let mut standing = namespace.serve(port());
    namespace.await_signed(300);
    let mut heir = namespace.serve(port());
    for _ in 0..2 {
        let losses = |process: &Process| process.logged().matches("partition revoked").count();
        let before = losses(&standing);
        standing.signal("STOP");
        // What the one that stands still has not done, the other does once the session of six seconds is over.
        namespace.await_signed((namespace.signed() + 300).min(LINES as i64));
        namespace.await_folded(namespace.folded() + 300);
        standing.signal("CONT");
        await_some("that the process hears of its loss", || {
            if losses(&standing) > before { Ok(()) } else { Err(standing.logged()) }
        });
        std::mem::swap(&mut standing, &mut heir);
    }
    finish(&namespace, load, heir);
    // It goes on as a member, and stops in good order.
    standing.stop();
    oracle::check(&namespace);
}

#[test]
fn a_second_process_joins_and_leaves_under_load() {
    let namespace = Namespace::new("instances", 3);
    let load = namespace.begin_to_produce(&articles::lines(5, 3_000), 150);
    let first = namespace.serve(port());
    namespace.await_signed(300);
    let second_port = port();
    let second = namespace.serve(second_port);
    // One of the three partitions is its own now, and it works.
    await_some("work of the second process", || {
        let (_, metrics) = page(second_port, "/metrics").ok_or("it does not answer")?;
        let worked = "wirefold_records_total{stage=\"sign\"} ";
        let count = metrics.lines().find_map(|line| line.strip_prefix(worked)).ok_or("no such metric")?;
        if count.parse::<f64>().is_ok_and(|count| count > 50.0) { Ok(()) } else { Err(count.to_owned()) }
    });
    second.stop();
    namespace.await_signed(namespace.signed() + 100);
    finish(&namespace, load, first);
    oracle::check(&namespace);
}
