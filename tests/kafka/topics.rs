//! Creating and checking topics.

use wirefold::config::TopicNames;
use wirefold::kafka::{Admin, ClientSettings, Severity, topic_specs};
use wirefold::stream::port::PortError;

use crate::kit::broker::{admin, settings, spec, topic_with, unique};

fn names(namespace: &str) -> TopicNames {
    TopicNames {
        namespace: namespace.to_owned(),
        articles: vec![format!("{namespace}-articles")],
        stories: format!("{namespace}-stories"),
        verdicts: format!("{namespace}-verdicts"),
        dead_letters: format!("{namespace}-articles.dead-letters"),
    }
}

#[test]
fn created_topics_pass_the_check_and_are_not_created_again() {
    let names = names(&unique("ns"));
    let specs = topic_specs(&names, 2, 3);
    let admin = admin();
    let missing = admin.check(&specs).expect("the topics are checked");
    assert_eq!(missing.len(), 7, "{missing:?}");
    assert!(missing.iter().all(|problem| problem.to_string().contains("wirefold topics create")), "{missing:?}");

    assert_eq!(admin.create(&specs).expect("the topics are created").len(), 7);
    assert_eq!(admin.check(&specs).expect("the topics are checked"), []);
    assert_eq!(admin.create(&specs).expect("the topics exist"), Vec::<String>::new());
    assert_eq!(admin.partitions(&names.signatures()).expect("the topic is asked for"), Some(2));
    assert_eq!(admin.partitions(&names.articles[0]).expect("the topic is asked for"), Some(3));
    assert_eq!(admin.partitions(&unique("none")).expect("the topic is asked for"), None);
}

#[test]
fn a_topic_that_is_created_again_has_another_id() {
    let (topic, other) = (unique("again"), unique("other"));
    let admin = admin();
    let create = || admin.create(&[spec(&topic, 1, &[]), spec(&other, 1, &[])]).expect("the topics are created");
    let ids = || {
        let missing = unique("none");
        let ids = admin.topic_ids(&[&topic, &missing, &other]).expect("the ids are asked for");
        assert_eq!(ids[1], None, "there is no such topic");
        (ids[0].expect("an id"), ids[2].expect("an id"))
    };
    create();
    let first = ids();
    assert!(!first.0.is_none() && first.0 != first.1, "{first:?}");
    assert_eq!(ids(), first);
    admin.delete_topics(std::slice::from_ref(&topic)).expect("the topic is deleted");
    create();
    let second = ids();
    assert_eq!(second.1, first.1);
    assert_ne!(second.0, first.0);
    assert_eq!(admin.topic_ids(&[]).expect("nothing is asked for"), []);
}

#[test]
fn retention_is_an_error_for_the_log_and_a_warning_for_the_input() {
    let names = names(&unique("ns"));
    let wanted = topic_specs(&names, 1, 1);
    let find = |name: &str| wanted.iter().find(|spec| spec.name == name).cloned().expect("a known topic");
    let admin = admin();
    let log = find(&names.signatures());
    let input = find(&names.articles[0]);
    admin
        .create(&[
            spec(&log.name, 2, &[("retention.ms", "604800000"), ("message.timestamp.type", "LogAppendTime")]),
            spec(&input.name, 1, &[("max.message.bytes", "20000000")]),
        ])
        .expect("the topics are created");

    let problems = admin.check(&[log.clone(), input.clone()]).expect("the topics are checked");
    let of = |topic: &str| -> Vec<(&str, Severity)> {
        let mine = problems.iter().filter(|problem| problem.topic == topic);
        mine.map(|problem| (problem.what.as_str(), problem.severity)).collect()
    };
    assert_eq!(
        of(&log.name),
        [
            ("the number of partitions", Severity::Error),
            ("retention.ms", Severity::Error),
            ("max.message.bytes", Severity::Error)
        ]
    );
    assert_eq!(of(&input.name), [("retention.ms", Severity::Warning)], "a larger max.message.bytes is no problem");
    let retention = problems.iter().find(|problem| problem.what == "retention.ms").expect("a problem of retention.ms");
    assert_eq!((retention.found.as_str(), retention.wanted.as_str()), ("604800000", "-1"));
    assert!(retention.remedy.contains("--add-config retention.ms=-1"), "{}", retention.remedy);
    assert!(retention.remedy.contains(&log.name), "{}", retention.remedy);
}

#[test]
fn cleanup_policies_are_compared_in_any_order() {
    let name = topic_with("stories", 1, &[("cleanup.policy", "delete,compact")]);
    let compacted = spec(&name, 1, &[("cleanup.policy", "compact,delete")]);
    assert_eq!(admin().check(&[compacted]).expect("the topic is checked"), []);
    let deleted = spec(&name, 1, &[("cleanup.policy", "delete")]);
    assert_eq!(admin().check(&[deleted]).expect("the topic is checked").len(), 1);
}

#[test]
fn an_unreachable_broker_is_named_in_the_error() {
    let nowhere = ClientSettings { bootstrap_servers: "127.0.0.1:9".to_owned(), ..settings() };
    match Admin::connect(&nowhere) {
        Err(PortError::Fatal(reason)) => {
            assert!(reason.contains("127.0.0.1:9") && reason.contains("kafka.bootstrap_servers"), "{reason}");
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a broker answers on the discard port"),
    }
}
