//! Unreadable records between readable ones.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use wirefold::record::{DecisionKind, RawPosition, Reason, Relation};
use xxhash_rust::xxh3::xxh3_64;

use crate::kit::broker::{admin, settings, spec, unique};
use crate::kit::oracle::header;
use crate::service::namespace::{Namespace, port};
use crate::service::oracle::check;

const BODY: &str = "the ferry left the harbour on Friday evening despite the storm and arrived at the island before \
    midnight with all passengers on board said the captain after the landing";

/// A key, a value, and the reason of the dead letter; none where the record can be read.
type Record = (Option<&'static str>, Option<Vec<u8>>, Option<Reason>);

fn records() -> Vec<Record> {
    let article =
        |uri: &str, body: &str| Some(format!(r#"{{"uri":"{uri}","text":"{body}","source":"a"}}"#).into_bytes());
    let mut huge = br#"{"uri":"urn:huge","text":""#.to_vec();
    huge.resize(50_000_000, b'x');
    huge.extend(b"\"}");
    let deep = [br#"{"uri":"urn:deep","text":"#.to_vec(), vec![b'['; 10_000], vec![b']'; 10_000], vec![b'}']].concat();
    vec![
        (Some("urn:good:1"), article("urn:good:1", BODY), None),
        (Some("broken"), Some(br#"{"uri":"urn:broken","#.to_vec()), Some(Reason::NotJson)),
        (None, Some(b"{\"uri\":\"urn:latin\",\"text\":\"caf\xe9\"}".to_vec()), Some(Reason::NotUtf8)),
        (Some("huge"), Some(huge), Some(Reason::TooLarge)),
        (None, Some(deep), Some(Reason::TooDeep)),
        (None, Some(b"[1, 2]".to_vec()), Some(Reason::NotObject)),
        (None, Some(Vec::new()), Some(Reason::NotJson)),
        (None, None, Some(Reason::TombstoneWithoutKey)),
        (Some("urn:gone"), article("urn:gone", &format!("{BODY} and went home")), None),
        (Some("urn:gone"), None, None),
        (None, Some(br#"{"pubStatus":"canceled"}"#.to_vec()), Some(Reason::MissingUri)),
        (None, Some(b"\0\0\0\0\x07\x02\x06abc".to_vec()), Some(Reason::UnsupportedFormat)),
        (None, Some(br#"{"uri":"urn:empty"}"#.to_vec()), Some(Reason::MissingText)),
        (None, article("urn:dots:1", "... !!! ،؟"), None),
        (None, article("urn:dots:2", "... !!! ،؟"), None),
        (Some("urn:good:2"), article("urn:good:2", BODY), None),
    ]
}

#[test]
fn an_unreadable_record_becomes_a_dead_letter_and_the_others_are_processed() {
    let articles = unique("poison-articles");
    admin().create(&[spec(&articles, 1, &[("max.message.bytes", "64000000")])]).expect("the topic can be created");
    let namespace = Namespace::on(&settings(), &articles, unique("poison"), 1);
    let records = records();
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", &settings().bootstrap_servers)
        .set("message.max.bytes", "64000000")
        .create()
        .expect("a producer");
    for (key, value, _) in &records {
        let headers = OwnedHeaders::new()
            .insert(Header {
                key: "traceparent",
                value: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            })
            .insert(Header { key: "crawler", value: Some(&[0xff, 0]) });
        let record = BaseRecord::<str, [u8]> { key: *key, payload: value.as_deref(), ..BaseRecord::to(&articles) };
        producer.send(record.headers(headers)).map_err(|(error, _)| error).expect("sent");
    }
    producer.flush(Duration::from_mins(1)).expect("all are stored");

    let service = namespace.serve(port());
    namespace.await_done();
    service.stop();
    let run = check(&namespace);

    let mut letters = run.dead_letters.clone();
    for (offset, (key, value, reason)) in records.iter().enumerate() {
        let at = RawPosition { topic: articles.as_str().into(), partition: 0, offset: offset as i64 };
        let letter = letters.remove(&at);
        let Some(reason) = reason else {
            assert_eq!(letter, None, "record {offset} is readable");
            continue;
        };
        let letter = letter.unwrap_or_else(|| panic!("record {offset} is {}", reason.name()));
        let letter_header =
            |name: &str| header(&letter, name).unwrap_or_else(|| panic!("record {offset}: no header {name}"));
        assert_eq!(letter_header("__connect.errors.exception.class.name"), reason.name(), "record {offset}");
        assert_eq!(letter_header("__connect.errors.stage"), "signatures");
        assert!(!letter_header("__connect.errors.exception.message").is_empty());
        assert_eq!(letter.headers[0].0, "traceparent");
        assert_eq!(letter.headers[1], ("crawler".to_owned(), Some(vec![0xff, 0])));
        assert_eq!(letter.key.as_deref(), key.map(str::as_bytes));
        match value {
            Some(whole) if whole.len() > 1_000_000 => {
                let prefix = letter.value.as_deref().unwrap_or_default();
                assert!(prefix.len() > 1_000 && whole.starts_with(prefix), "a prefix of {} bytes", prefix.len());
                assert_eq!(letter_header("wirefold.value.bytes"), whole.len().to_string());
                assert_eq!(letter_header("wirefold.value.xxh3"), format!("{:016x}", xxh3_64(whole)));
            }
            _ => assert_eq!(&letter.value, value, "record {offset}"),
        }
    }

    let (first, second) = (run.verdict("urn:good:1"), run.verdict("urn:good:2"));
    assert!(first.story_id.is_some() && first.story_id == second.story_id, "{first:?} {second:?}");
    assert_eq!(second.relation, Some(Relation::Exact));
    assert_eq!((run.verdict("urn:gone").decision, run.verdict("urn:gone").story_id), (DecisionKind::Retracted, None));
    let (dots, more) = (run.verdict("urn:dots:1"), run.verdict("urn:dots:2"));
    assert_eq!((dots.decision, dots.relation), (DecisionKind::Empty, Some(Relation::Unique)));
    assert_ne!(dots.story_id, more.story_id, "articles without words are not copies of each other");
}
