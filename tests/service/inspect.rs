//! `wirefold inspect` on a topic.

use std::process::Output;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::{Value, json};

use crate::kit::broker::{settings, unique};
use crate::records::fits_schema;
use crate::service::namespace::Namespace;

const BODY: &str = "the ferry left the harbour on Friday evening despite the storm and arrived at the island before \
    midnight with all passengers on board said the captain after the landing";

/// 2026-03-02T00:00:00Z in milliseconds.
const BEGIN: i64 = 1_772_409_600_000;

/// Writes records, each with its partition, the minute of its time stamp, its key and its value.
fn produce(topic: &str, records: &[(i32, i64, Option<&str>, Option<String>)]) {
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", &settings().bootstrap_servers).create().expect("a producer");
    for (partition, minute, key, value) in records {
        let mut record = BaseRecord::<str, [u8]>::to(topic).partition(*partition).timestamp(BEGIN + minute * 60_000);
        record.key = *key;
        record.payload = value.as_deref().map(str::as_bytes);
        producer.send(record).map_err(|(error, _)| error).expect("sent");
    }
    producer.flush(Duration::from_mins(1)).expect("all are stored");
}

fn inspect(namespace: &Namespace, arguments: &[&str]) -> Output {
    namespace.command(&[&["inspect", "--json"], arguments].concat()).output().expect("the program starts")
}

fn reports(namespace: &Namespace, arguments: &[&str]) -> Vec<Value> {
    let output = inspect(namespace, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let reports: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for report in &reports {
        fits_schema("inspect", report);
    }
    reports
}

#[test]
fn a_topic_is_inspected_by_time_and_nothing_is_committed() {
    let namespace = Namespace::new("inspect", 2);
    let articles = namespace.articles.clone();
    let article = |uri: &str| Some(json!({ "uri": uri, "text": BODY, "source": uri }).to_string());
    produce(
        &articles,
        &[
            (0, 1, None, article("urn:first")),
            (0, 4, Some("urn:first"), None),
            (0, 5, None, Some("<rss/>".to_owned())),
            (1, 2, None, article("urn:second")),
            (1, 3, None, article("urn:third")),
        ],
    );
    let all = reports(&namespace, &["--topic"]);
    let place = |report: &Value| (report["partition"].as_i64(), report["offset"].as_i64());
    let expected = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 2)].map(|(partition, offset)| (Some(partition), Some(offset)));
    assert_eq!(all.iter().map(place).collect::<Vec<_>>(), expected);
    let fields = |field: &str| all.iter().map(|report| report[field].clone()).collect::<Vec<_>>();
    assert_eq!(fields("outcome"), ["article", "article", "article", "withdrawn", "refused"]);
    assert_eq!(all[3]["uri"], "urn:first", "the key of a tombstone");
    assert_eq!((&all[0]["topic"], &all[0]["line"], &all[0]["file"]), (&json!(*articles), &Value::Null, &Value::Null));
    assert!(fields("published_at").iter().all(Value::is_null), "the time of a record is not that of its article");
    let decisions: Vec<&Value> = all[..4].iter().map(|report| &report["decision"]["relation"]).collect();
    assert_eq!(decisions, [&json!("unique"), &json!("exact"), &json!("exact"), &Value::Null]);

    assert_eq!(reports(&namespace, &["--topic", &articles, "--limit", "2"]).len(), 2);
    let later = reports(&namespace, &["--topic", &articles, "--from", "2026-03-02T00:03:00Z"]);
    assert_eq!(later.iter().map(place).collect::<Vec<_>>(), expected[2..]);
    assert_eq!(reports(&namespace, &["--topic", "--from", "0:0,1:1"]).len(), 4);
    assert_eq!(namespace.committed("signatures", &articles), [None, None]);

    let nowhere = unique("nowhere");
    for (arguments, says) in [
        (vec!["--topic", nowhere.as_str()], "there is no topic"),
        (vec!["--topic", &articles, "--from", "0:3,1:2"], "holds no record"),
        (vec!["--topic", &articles, "--from", "0:2,1:2"], "the only record was refused"),
    ] {
        let output = inspect(&namespace, &arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.contains(says), "{errors}");
    }
}
