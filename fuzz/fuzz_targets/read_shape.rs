//! Records of known names with any values are read within bounds, and what does not change their meaning changes nothing:
//! another case of the names, an envelope, a list of one, or the frame of a Schema Registry.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use wirefold::article::{ArticleReader, DETAIL_BYTES_MAX, ParsedRecord, URI_BYTES_MAX};
use wirefold::record::Rejection;

static READER: LazyLock<ArticleReader> = LazyLock::new(ArticleReader::default);

/// Names at the top of a record. None of them marks an envelope.
const NAMES: [&str; 48] = [
    "uri",
    "id",
    "guid",
    "url",
    "link",
    "version",
    "title",
    "headline",
    "headlines",
    "bodies",
    "body",
    "text",
    "content",
    "content_html",
    "articleBody",
    "html",
    "summary",
    "description",
    "language",
    "in_language",
    "publisher",
    "source_domain",
    "site_name",
    "published_at",
    "date_published",
    "pubDate",
    "date",
    "date_gmt",
    "created",
    "updated",
    "timestamp",
    "modified",
    "pubStatus",
    "status",
    "is_published",
    "info_sources",
    "copyright_holder",
    "byline",
    "metadata",
    "fields",
    "attributes",
    "article",
    "item",
    "sections",
    "content_elements",
    "excerpt",
    "name",
    "unknown",
];

/// Names inside of values.
const INNER_NAMES: [&str; 24] = [
    "value",
    "role",
    "type",
    "contentType",
    "rendered",
    "name",
    "title",
    "text",
    "url",
    "domain",
    "children",
    "marks",
    "content",
    "paragraphs",
    "$date",
    "$numberLong",
    "string",
    "en",
    "#text",
    "items",
    "published_at",
    "id",
    "rel",
    "href",
];

const TEXTS: [&str; 20] = [
    "",
    " ",
    "One two three.",
    "<p>One</p><p>two</p>",
    "&lt;p&gt;One&lt;/p&gt;",
    "https://a.example/1",
    "a.example",
    "main",
    "lead",
    "text/html",
    "text/plain",
    "image",
    "2026-03-03T09:30:00Z",
    "03/04/2026",
    "1772530200",
    "canceled",
    "draft",
    "mC4",
    "{\"text\": \"One\"}",
    "[+310 chars]",
];

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = bytes.iter().copied();
    let record = object(&mut bytes, &NAMES, 0);
    let read = checked(&Value::Object(record.clone()));
    let same = |other: &Value, what: &str| {
        assert_eq!(meaning(&checked(other)), meaning(&read), "{what} changes the reading of {}", json!(record));
    };
    let shouted = record.iter().map(|(name, value)| (shouted(name), value.clone())).collect();
    same(&Value::Object(shouted), "the case of the names");
    same(&json!({"schema": {"type": "struct"}, "payload": record}), "Kafka Connect");
    same(&json!({"_index": "a", "_source": record}), "Elasticsearch");
    same(&json!([record]), "a list of one");
    let framed = [b"\0\0\0\0\x07", json!(record).to_string().as_bytes()].concat();
    assert_eq!(meaning(&READER.read("", None, Some(&framed))), meaning(&read), "a frame changes {}", json!(record));
});

fn object(bytes: &mut impl Iterator<Item = u8>, names: &[&str], depth: usize) -> Map<String, Value> {
    let size = bytes.next().unwrap_or(0) % 12;
    let mut object = Map::new();
    for _ in 0..size {
        let Some(name) = bytes.next() else { break };
        object.insert(names[usize::from(name) % names.len()].to_owned(), value(bytes, depth + 1));
    }
    object
}

fn value(bytes: &mut impl Iterator<Item = u8>, depth: usize) -> Value {
    let kind = bytes.next().unwrap_or(0);
    match kind % 16 {
        0 => Value::Null,
        1 => Value::Bool(kind < 128),
        2 => json!(u32::from(kind) * 8_000_000),
        3 => json!(f64::from(kind) + 0.5),
        4 => TEXTS[3].repeat(usize::from(kind)).into(),
        5 | 6 if depth < 5 => (0..kind / 64).map(|_| value(bytes, depth + 1)).collect(),
        7..=9 if depth < 5 => Value::Object(object(bytes, &INNER_NAMES, depth)),
        _ => TEXTS[usize::from(bytes.next().unwrap_or(0)) % TEXTS.len()].into(),
    }
}

/// The name in capitals and with hyphens. A underscore at the beginning has a meaning of its own.
fn shouted(name: &str) -> String {
    name.to_uppercase().replace('_', "-")
}

fn checked(record: &Value) -> Result<ParsedRecord, Rejection> {
    let read = READER.read("", None, Some(record.to_string().as_bytes()));
    match &read {
        Ok(parsed) => {
            assert!(parsed.uri.as_ref().is_none_or(|uri| !uri.is_empty() && uri.len() <= URI_BYTES_MAX), "{record}");
            assert!(
                !parsed.reading.found.iter().any(|found| found.path.is_empty()),
                "a value without a path: {record}"
            );
        }
        Err(rejection) => assert!((1..=DETAIL_BYTES_MAX).contains(&rejection.detail.len()), "{rejection}"),
    }
    read
}

/// What was read, without the names under which it was found.
fn meaning(read: &Result<ParsedRecord, Rejection>) -> impl PartialEq + std::fmt::Debug + use<> {
    match read {
        Ok(ParsedRecord { uri, id, source, version, content, .. }) => {
            Ok((uri.clone(), id.clone(), source.clone(), *version, content.clone()))
        }
        Err(rejection) => Err(rejection.reason),
    }
}
