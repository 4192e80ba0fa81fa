//! The broker stops.

use crate::kit::broker::{Cluster, unique};
use crate::service::articles;
use crate::service::instance::{Process, print, wait_for};
use crate::service::namespace::{Namespace, port};
use crate::service::oracle;

/// The service under a supervisor. It survives an outage; where a call of the client library hangs (librdkafka#5456, #5511) it
/// exits with 1 after `serve.stall_after`, and only then is it started again.
struct Supervised<'a> {
    namespace: &'a Namespace,
    port: u16,
    service: Process,
}

impl<'a> Supervised<'a> {
    fn start(namespace: &'a Namespace) -> Self {
        let port = port();
        Self { namespace, port, service: namespace.serve(port) }
    }

    fn restart_if_stuck(&mut self) {
        if let Some(status) = self.service.exited() {
            let logged = self.service.logged();
            assert!(status.code() == Some(1) && logged.contains("a stage hangs"), "it exited with {status}: {logged}");
            print("the service has exited because a call of the client library hung; it is started again");
            self.service = self.namespace.serve(self.port);
        }
    }

    /// Waits until this number of further log offsets is clustered.
    fn await_progress(&mut self, records: i64) {
        let target = self.namespace.clustered() + records;
        wait_for(&format!("{} to cluster the log up to {target}", self.namespace.name), || {
            self.restart_if_stuck();
            let clustered = self.namespace.clustered();
            if clustered >= target { Ok(()) } else { Err(format!("clustered up to {clustered}")) }
        });
    }

    /// Waits until the load is written and processed, and stops the service.
    fn finish(mut self, mut load: Process) {
        assert!(load.wait().success(), "produce failed: {}", load.logged());
        wait_for("the end of the backlog", || {
            self.restart_if_stuck();
            let (processed, ends) = (self.namespace.processed(), self.namespace.input_ends());
            if ends == [processed] { Ok(()) } else { Err(format!("processed {processed} of {ends:?}")) }
        });
        self.namespace.await_done();
        self.service.stop();
    }
}

#[test]
fn a_crash_and_a_restart_of_the_broker_do_not_change_the_results() {
    let cluster = Cluster::start(1);
    let namespace = Namespace::on(&cluster.settings(), "articles", unique("outage"), 1);
    let load = namespace.begin_to_produce(&articles::lines(6, 3_000), 100);
    let mut service = Supervised::start(&namespace);
    service.await_progress(200);
    cluster.kill(1);
    cluster.restart(1);
    service.await_progress(200);
    cluster.stop();
    cluster.restart(1);
    service.await_progress(200);
    service.finish(load);
    let disturbed = oracle::check(&namespace);

    let undisturbed = Namespace::with_articles_of(&namespace, "no-outage");
    let service = undisturbed.serve(port());
    undisturbed.await_done();
    service.stop();
    disturbed.assert_same_as(&oracle::check(&undisturbed));
}

#[test]
fn a_second_signal_ends_a_service_whose_transaction_hangs() {
    let cluster = Cluster::start(1);
    let namespace = Namespace::on(&cluster.settings(), "articles", unique("hang"), 1);
    namespace.produce(&articles::lines(7, 3_000));
    let port = port();
    let mut service = namespace.serve(port);
    namespace.await_processed(500);
    cluster.kill(1);
    service.signal("TERM");
    service.await_logged("stopping");
    service.signal("TERM");
    let status = service.wait();
    assert_eq!(status.code(), Some(1), "{}", service.logged());
    assert!(service.logged().contains("second signal"), "{}", service.logged());

    cluster.restart(1);
    let service = namespace.serve(port);
    namespace.await_done();
    service.stop();
    oracle::check(&namespace);
}
