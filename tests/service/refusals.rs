//! What the service does not start on.

use crate::articles;
use crate::harness::{admin, partition, settings, spec, unique};
use crate::instance::Process;
use crate::namespace::{Namespace, port};
use crate::oracle;

/// Asserts that the service ends with 1 and says all of this.
fn assert_refuses(mut service: Process, said: &[&str]) {
    let status = service.wait();
    let logged = service.logged();
    assert_eq!(status.code(), Some(1), "{logged}");
    for text in said {
        assert!(logged.contains(text), "{text:?} is not said in:\n{logged}");
    }
}

#[test]
fn topics_that_would_lose_something_are_refused_with_what_to_do() {
    let name = unique("wrong");
    let namespace = Namespace::without_topics(&settings(), &format!("{name}.articles"), name);
    assert_refuses(
        namespace.serve(port()),
        &[&format!("topic {}: the topic is missing", namespace.topic("signatures")), "run: wirefold topics create"],
    );
    let (decisions, signatures) = (namespace.topic("decisions"), namespace.topic("signatures"));
    let wrong = [spec(&decisions, 2, &[("retention.ms", "-1")]), spec(&signatures, 1, &[("retention.ms", "3600000")])];
    admin().create(&wrong).expect("topics can be created");
    let created = namespace.command(&["topics", "create"]).output().expect("the program starts");
    assert_eq!(created.status.code(), Some(1), "{}", String::from_utf8_lossy(&created.stderr));
    assert_refuses(
        namespace.serve(port()),
        &[
            &format!("topic {decisions}: the number of partitions is 2, should be 1"),
            "use another namespace and replay into it",
            &format!("topic {signatures}: retention.ms is 3600000, should be -1; run: kafka-configs.sh"),
        ],
    );
}

#[test]
fn a_log_that_was_cut_where_live_articles_need_it_is_refused_with_both_offsets() {
    let namespace = Namespace::new("cut", 1);
    namespace.produce(&articles::lines(8, 300));
    let service = namespace.serve(port());
    namespace.await_done();
    service.stop();
    let low = oracle::check(&namespace).low().log_offset;
    let (log, end) = (partition(&namespace.topic("signatures"), 0), namespace.folded());
    assert!(0 < low && low < end);

    // What no live article needs may go.
    admin().delete_records(&log, low).expect("records can be deleted");
    let service = namespace.serve(port());
    service.await_logged("\"restored\"");
    service.stop();
    admin().delete_records(&log, end).expect("records can be deleted");
    let said = format!("{log} starts at offset {end}, but live articles need it from offset {low}");
    assert_refuses(namespace.serve(port()), &[&said]);
}
