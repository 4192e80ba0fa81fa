//! What the records of the signatures stage are, and how a signature is made of each.

use super::port::{ConsumerRecord, PortError, TopicPartition};
use crate::article::{ArticleReader, Gaps};
use crate::record::{Millis, RawPosition, Rejection, SIGNATURE_SHINGLES_MAX, Signature, Versioned};
use crate::signature::{self, SignatureRules};

/// Makes a signature, or a rejection, of each record that the stage polls.
pub trait SignatureInput: Send + Sync {
    /// Reads one record. Called on many threads; an error ends the stage.
    fn read(&self, record: &ConsumerRecord, now: Millis) -> Result<BuiltRecord, PortError>;
}

/// A record on its way to the log or to the dead letters.
#[derive(Debug)]
pub struct BuiltRecord {
    /// The raw record, where it is another one than was polled.
    pub raw: Option<ConsumerRecord>,
    /// It is warm-up in the log that it comes from.
    pub is_warmup: bool,
    /// Its signature, or why it has none.
    pub built: Built,
}

/// A signature, or why there is none.
#[derive(Debug)]
pub enum Built {
    /// An encoded signature.
    Signature {
        /// The bytes of the record.
        bytes: Vec<u8>,
        /// The body had more shingles than a signature carries.
        is_sampled: bool,
        /// What the raw record lacks.
        gaps: Gaps,
    },
    /// The raw record is no article.
    Rejected(Rejection),
}

impl From<Built> for BuiltRecord {
    fn from(built: Built) -> Self {
        Self { raw: None, is_warmup: false, built }
    }
}

/// Raw articles, as they come from the input topics.
#[derive(Debug)]
pub struct RawArticles {
    /// Parses them.
    pub reader: ArticleReader,
    /// The rules by which their signatures are made.
    pub rules: SignatureRules,
    /// The latest ingestion time; none is the clock's. A replay has a fixed one, so that it gives the same result twice.
    pub latest: Option<Millis>,
}

impl RawArticles {
    /// Makes the signature of a raw record.
    pub fn build(&self, record: &ConsumerRecord, now: Millis) -> Built {
        let TopicPartition { topic, partition } = record.from.clone();
        let raw = RawPosition { topic, partition, offset: record.offset };
        let latest = self.latest.unwrap_or(now);
        match self.reader.read(&record.from.topic, record.key.as_deref(), record.value.as_deref()) {
            Ok(parsed) => {
                let parsed = parsed.at(latest);
                let ingested = if record.timestamp.0 < 0 { latest } else { record.timestamp.min(latest) };
                let gaps = parsed.gaps();
                let signature: Signature = signature::build(parsed, raw, ingested, &self.rules);
                let article = signature.article();
                let is_sampled = article.is_some_and(|article| article.shingles.rate() > 0);
                debug_assert!(article.is_none_or(|article| article.shingles.hashes().len() <= SIGNATURE_SHINGLES_MAX));
                Built::Signature { bytes: signature.to_bytes(), is_sampled, gaps }
            }
            Err(rejection) => Built::Rejected(rejection),
        }
    }
}

impl SignatureInput for RawArticles {
    fn read(&self, record: &ConsumerRecord, now: Millis) -> Result<BuiltRecord, PortError> {
        Ok(self.build(record, now).into())
    }
}
