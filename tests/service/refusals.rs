//! Reasons not to start the service.

use wirefold::kafka::RecordProducer;
use wirefold::record::Millis;

use crate::kit::broker::{admin, settings, spec, unique};
use crate::kit::record::partition;
use crate::service::articles;
use crate::service::instance::Process;
use crate::service::namespace::{Namespace, port};
use crate::service::oracle;

/// Asserts that the service exits with `code` and logs all of `texts`.
fn assert_exits(mut service: Process, code: i32, texts: &[&str]) {
    let status = service.wait();
    let logged = service.logged();
    assert_eq!(status.code(), Some(code), "{logged}");
    for text in texts {
        assert!(logged.contains(text), "{text:?} is not in:\n{logged}");
    }
}

#[test]
fn wrong_topics_are_refused_with_the_command_that_helps() {
    let name = unique("wrong");
    let namespace = Namespace::without_topics(&settings(), &format!("{name}.articles"), name);
    assert_exits(
        namespace.serve(port()),
        3,
        &[&format!("topic {}: the topic is missing", namespace.topic("signatures")), "run: wirefold topics create"],
    );
    let (decisions, signatures) = (namespace.topic("decisions"), namespace.topic("signatures"));
    let wrong = [spec(&decisions, 2, &[("retention.ms", "-1")]), spec(&signatures, 1, &[("retention.ms", "3600000")])];
    admin().create(&wrong).expect("topics can be created");
    let created = namespace.command(&["topics", "create"]).output().expect("the program starts");
    assert_eq!(created.status.code(), Some(3), "{}", String::from_utf8_lossy(&created.stderr));
    assert_exits(
        namespace.serve(port()),
        3,
        &[
            &format!("topic {decisions}: the number of partitions is 2, should be 1"),
            "use another namespace and replay into it",
            &format!("topic {signatures}: retention.ms is 3600000, should be -1; run: kafka-configs.sh"),
        ],
    );
}

#[test]
fn a_log_trimmed_beyond_the_restore_point_fails_with_both_offsets() {
    let namespace = Namespace::new("cut", 1);
    namespace.produce(&articles::lines(8, 300));
    let service = namespace.serve(port());
    namespace.await_done();
    service.stop();
    let restore_point = oracle::check(&namespace).restore_point().log_offset;
    let (log, end) = (partition(&namespace.topic("signatures"), 0), namespace.clustered());
    assert!(0 < restore_point && restore_point < end);

    // Records before the restore point may be deleted.
    admin().delete_records(&log, restore_point).expect("records can be deleted");
    let service = namespace.serve(port());
    service.await_logged("\"restored\"");
    service.stop();
    admin().delete_records(&log, end).expect("records can be deleted");
    let text = format!("{log} starts at offset {end}, but live articles need it from offset {restore_point}");
    assert_exits(namespace.serve(port()), 1, &[&text]);
}

#[test]
fn internal_topics_of_another_format_are_refused_with_the_way_on() {
    for topic in ["signatures", "decisions", "boilerplate"] {
        let namespace = Namespace::new("formats", 1);
        let producer = RecordProducer::new(&namespace.cluster).expect("a producer");
        // The first byte of a binary record is its format version.
        producer.send(&namespace.topic(topic), Some(b"key"), &[1, 2, 3, 4], Millis(0)).expect("sent");
        producer.flush().expect("stored");
        let name = namespace.topic(topic);
        assert_exits(
            namespace.serve(port()),
            3,
            &[&format!("{name} has "), "replay --namespace NEW --source articles"],
        );
    }
}
