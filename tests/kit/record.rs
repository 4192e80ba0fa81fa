//! Builders for articles, signatures, records of Kafka, and rules for short articles.

use std::time::Duration;

use wirefold::article::{Article, ParsedContent, ParsedRecord, Published};
use wirefold::clustering::ClusteringRules;
use wirefold::record::{Millis, RawPosition, Signature, Version};
use wirefold::signature::{self, SignatureRules};
use wirefold::stream::port::{ProducerRecord, TopicPartition};

/// An article with this body.
pub(crate) fn article(published: Millis, body: &str) -> Article {
    let (body, published) = (body.to_owned(), Some(Published::At(published)));
    Article { body, published, language: "en".to_owned(), ..Article::default() }
}

/// The record of an article of a source.
pub(crate) fn article_record(uri: &str, source: &str, version: Option<i64>, article: Article) -> ParsedRecord {
    let content = ParsedContent::Article(Box::new(article));
    ParsedRecord { source: source.to_owned(), ..ParsedRecord::new(uri, version.map(Version::Number), content) }
}

/// The record that takes an article back.
pub(crate) fn withdrawal(uri: &str) -> ParsedRecord {
    ParsedRecord::new(uri, None, ParsedContent::Withdrawal)
}

/// The signature of the record at this offset of the topic `articles`.
pub(crate) fn signature(record: ParsedRecord, offset: i64, ingested: Millis, grace: Duration) -> Signature {
    let raw = RawPosition { topic: "articles".into(), partition: 0, offset };
    signature::build(record, raw, ingested, &SignatureRules { grace, ..SignatureRules::default() })
}

/// Rules for articles of some tens of words, with bounds that a few articles reach.
pub(crate) fn rules_for_short_articles(window: Duration, grace: Duration) -> ClusteringRules {
    ClusteringRules {
        window,
        grace,
        shared_min: 3,
        postings_min: 1,
        sample_max: 16,
        compared_max: 3,
        candidates_max: 4,
        filters_max: 3,
        ..ClusteringRules::default()
    }
}

/// A partition.
pub(crate) fn partition(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition { topic: topic.into(), partition }
}

/// A record without key and headers.
pub(crate) fn record(topic: &str, partition: i32, value: &str) -> ProducerRecord {
    let value = Some(value.as_bytes().to_vec());
    ProducerRecord { topic: topic.into(), partition: Some(partition), key: None, value, headers: Vec::new() }
}
