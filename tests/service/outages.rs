//! The broker goes away.

use crate::articles;
use crate::harness::{Cluster, unique};
use crate::instance::{Process, await_some, say};
use crate::namespace::{Namespace, port};
use crate::oracle;

/// The service as its supervisor runs it. It is meant to live through an outage; where a call into the client library hangs
/// (librdkafka#5456, #5511) it ends itself with 1 after `serve.stall_after`, and only then is it started again.
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

    fn look_after(&mut self) {
        if let Some(status) = self.service.exited() {
            let logged = self.service.logged();
            assert!(status.code() == Some(1) && logged.contains("a stage hangs"), "it ended with {status}: {logged}");
            say("the service has ended itself: a call into the client library hung; started again");
            self.service = self.namespace.serve(self.port);
        }
    }

    /// Waits until so many more records of the log are folded.
    fn await_progress(&mut self, records: i64) {
        let target = self.namespace.folded() + records;
        await_some(&format!("{} folded to {target}", self.namespace.name), || {
            self.look_after();
            let folded = self.namespace.folded();
            if folded >= target { Ok(()) } else { Err(format!("folded to {folded}")) }
        });
    }

    /// Waits until everything that the load brings is signed and folded, and stops the service.
    fn finish(mut self, mut load: Process) {
        assert!(load.wait().success(), "the load: {}", load.logged());
        await_some("the end of the backlog", || {
            self.look_after();
            let (signed, ends) = (self.namespace.signed(), self.namespace.input_ends());
            if ends == [signed] { Ok(()) } else { Err(format!("signed {signed} of {ends:?}")) }
        });
        self.namespace.await_done();
        self.service.stop();
    }
}

#[test]
fn a_crash_and_a_restart_of_the_broker_change_nothing_that_is_published() {
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

    let undisturbed = Namespace::beside(&namespace, "no-outage");
    let service = undisturbed.serve(port());
    undisturbed.await_done();
    service.stop();
    disturbed.assert_same_as(&oracle::check(&undisturbed));
}

#[test]
fn a_second_signal_ends_a_service_at_once_whose_transaction_hangs() {
    let cluster = Cluster::start(1);
    let namespace = Namespace::on(&cluster.settings(), "articles", unique("hang"), 1);
    namespace.produce(&articles::lines(7, 3_000));
    let port = port();
    let mut service = namespace.serve(port);
    namespace.await_signed(500);
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
