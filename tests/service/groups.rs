//! Several instances: one that freezes, and one that joins and leaves.

use crate::service::articles;
use crate::service::instance::{Process, page, wait_for};
use crate::service::kills::finish;
use crate::service::namespace::{Namespace, port};
use crate::service::oracle;

#[test]
fn a_process_frozen_beyond_its_session_does_not_change_the_results() {
    const LINES: usize = 6_000;
    let namespace = Namespace::new("zombie", 1);
    let load = namespace.begin_to_produce(&articles::lines(4, LINES), 150);
    let mut frozen = namespace.serve(port());
    namespace.await_processed(300);
    let mut other = namespace.serve(port());
    for _ in 0..2 {
        let losses = |process: &Process| process.logged().matches("partition revoked").count();
        let before = losses(&frozen);
        frozen.signal("STOP");
        // The other instance takes over once the session of six seconds has ended.
        namespace.await_processed((namespace.processed() + 300).min(LINES as i64));
        namespace.await_clustered(namespace.clustered() + 300);
        frozen.signal("CONT");
        wait_for("the frozen process to lose its partitions", || {
            if losses(&frozen) > before { Ok(()) } else { Err(frozen.logged()) }
        });
        std::mem::swap(&mut frozen, &mut other);
    }
    finish(&namespace, load, other);
    // The process that was frozen is a member again, and stops in good order.
    frozen.stop();
    oracle::check(&namespace);
}

#[test]
fn a_second_process_joins_and_leaves_under_load() {
    let namespace = Namespace::new("instances", 3);
    let load = namespace.begin_to_produce(&articles::lines(5, 3_000), 150);
    let first = namespace.serve(port());
    namespace.await_processed(300);
    let second_port = port();
    let second = namespace.serve(second_port);
    // One of the three partitions is assigned to it, and it processes records.
    wait_for("records processed by the second process", || {
        let (_, metrics) = page(second_port, "/metrics").ok_or("it does not answer")?;
        let series = "wirefold_records_total{stage=\"signatures\"} ";
        let count = metrics.lines().find_map(|line| line.strip_prefix(series)).ok_or("no such metric")?;
        if count.parse::<f64>().is_ok_and(|count| count > 50.0) { Ok(()) } else { Err(count.to_owned()) }
    });
    second.stop();
    namespace.await_processed(namespace.processed() + 100);
    finish(&namespace, load, first);
    oracle::check(&namespace);
}
