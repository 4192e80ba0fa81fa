//! Raw record to article. See `reader/tests.rs` for examples.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::candidates::TEXT_BYTES_MIN;
use super::date::DateOrder;
use super::field::FieldMap;
use super::fields::RecordReader;
use super::json::{self, reject};
use super::parsed::{Field, ParsedContent, ParsedRecord};
use super::shapes::{FieldSlot, Opened, SHAPES, open};
use super::values::status::PublicationStatus;
use super::values::uri::{StatedId, URI_BYTES_MAX, id_of_value, key_text, normalised, uri_of_key};
use super::values::wrapped;
use crate::record::{Reason, Rejection};

#[cfg(test)]
mod tests;

/// Parses raw records.
///
/// An article needs a text; its identity may also be the key or the position of the record. Of several values for a
/// field the first one that can be read counts. Where none can, they are reported in [`RecordReading::unread`](super::parsed::RecordReading::unread): an
/// article with an odd by-line is read without it.
#[derive(Debug, Clone, Default)]
pub struct ArticleReader {
    map: FieldMap,
    dates: DateOrder,
    outlets: BTreeMap<String, String>,
    normalises_urls: bool,
}

impl ArticleReader {
    /// Makes a reader that tries the paths of this map before the usual names.
    pub fn new(map: FieldMap, dates: DateOrder) -> Self {
        Self { map, dates, ..Self::default() }
    }

    /// Gives the articles of a topic, or of a file by its name, an outlet where the record states none: topic to outlet.
    #[must_use]
    pub fn with_outlets(self, outlets: BTreeMap<String, String>) -> Self {
        Self { outlets, ..self }
    }

    /// Takes urls for the same that differ only in scheme, case of the host, fragment or parameters for tracking.
    #[must_use]
    pub fn with_normalised_urls(self, normalises_urls: bool) -> Self {
        Self { normalises_urls, ..self }
    }

    /// Parses one record of a topic, or of a file by its name. A record without a value is a tombstone; its key names the
    /// article taken back.
    pub fn read(&self, topic: &str, key: Option<&[u8]>, value: Option<&[u8]>) -> Result<ParsedRecord, Rejection> {
        let Some(value) = value else { return self.tombstone(topic, key) };
        let object = json::object(value)?;
        json::refuse_table(&object)?;
        let mut opened = open(object, &SHAPES.envelopes);
        let inner_key = opened.key.take();
        let key = inner_key.as_deref().map(str::as_bytes).or(key);
        let Some(record) = opened.record.take() else {
            let Opened { name, several, .. } = &opened;
            if *several > 0 {
                let detail = format!("the envelope ({name}) holds {several} records: send each in one of its own");
                return Err(reject(Reason::NotObject, &detail));
            }
            let is_withdrawal = opened.is_tombstone || after_envelopes(&opened) == PublicationStatus::Canceled;
            let empty = || reject(Reason::MissingText, &format!("the envelope ({name}) holds no record"));
            return if is_withdrawal { self.tombstone(topic, key) } else { Err(empty()) };
        };
        json::refuse_table(&record)?;
        self.record(topic, &record, &opened, key)
    }

    /// Whether a JSON object is a record of its own, and not an answer that wraps a list of records: it takes an article
    /// back, or it has a text that is neither in a list nor the description of a feed. In an inner object, short texts are
    /// messages of an API.
    pub fn is_record(&self, object: &[u8]) -> bool {
        let ParsedRecord { uri, content, reading, .. } = match self.read("", None, Some(object)) {
            Ok(record) => record,
            // An envelope of several records with one operation: taken apart, each would be lost of it.
            Err(rejection) => return rejection.reason == Reason::NotObject,
        };
        match content {
            ParsedContent::Article(article) => {
                let path = reading.found(Field::Body).map_or("", |found| &*found.path);
                let is_mapped = self.map.body.iter().any(|mapped| mapped.as_str() == path);
                let is_text = article.body.len() >= TEXT_BYTES_MIN || !path.contains('.') || is_mapped;
                is_text && !reading.is_in_list && !reading.is_teaser
            }
            ParsedContent::Withdrawal | ParsedContent::Withheld => uri.is_some() && !reading.is_in_list,
        }
    }

    fn record(
        &self,
        topic: &str,
        object: &Map<String, Value>,
        opened: &Opened,
        key: Option<&[u8]>,
    ) -> Result<ParsedRecord, Rejection> {
        let mut record = RecordReader::new(&self.map, self.dates, object, opened);
        let url = record.url();
        let of_envelope = opened.identity.as_ref().and_then(id_of_value);
        let stated = record.identity(of_envelope, url.as_deref(), self.outlet(topic));
        let uri = stated.uri().map(|uri| if self.normalises_urls { normalised(&uri) } else { uri });
        let uri = uri.or_else(|| key.and_then(uri_of_key));
        let version = record.version();
        let status = record.status().max(after_envelopes(opened));
        let mut embargoed_until = None;
        let content = match status {
            PublicationStatus::Usable => {
                embargoed_until = record.embargoed_until();
                ParsedContent::Article(Box::new(record.article(url)?))
            }
            PublicationStatus::Withheld => ParsedContent::Withheld,
            PublicationStatus::Canceled => ParsedContent::Withdrawal,
        };
        if uri.is_none() && status != PublicationStatus::Usable {
            return Err(reject(Reason::MissingUri, &record.missing("uri", FieldSlot::Uri)));
        }
        let StatedId { id, outlet: source, .. } = stated;
        record.forget_what_another_value_gives(uri.is_some(), !source.is_empty());
        Ok(ParsedRecord { uri, id, source, version, embargoed_until, content, reading: record.reading })
    }

    /// The outlet of a topic by the settings; empty where they name none.
    fn outlet(&self, topic: &str) -> &str {
        self.outlets.get(topic).map_or("", String::as_str)
    }

    fn tombstone(&self, topic: &str, key: Option<&[u8]>) -> Result<ParsedRecord, Rejection> {
        let keyless = |detail| reject(Reason::TombstoneWithoutKey, detail);
        let key = key.ok_or_else(|| keyless("neither a value nor a key"))?;
        if key.trim_ascii().is_empty() {
            return Err(keyless("no value, and a blank key"));
        }
        // Connectors write keys as objects too.
        if let Ok(object) = json::object(key) {
            // Kafka Connect puts a key that is no object into its envelope too.
            if let Some(uri) = object.get("payload").filter(|payload| !payload.is_object()).and_then(wrapped::identity)
            {
                return Ok(self.withdrawal(topic, uri));
            }
            let mut opened = open(object, &SHAPES.envelopes);
            opened.is_deleted = true;
            if let Some(object) = opened.record.take() {
                return self.record(topic, &object, &opened, None);
            }
        }
        let text = std::str::from_utf8(key).map_err(|error| {
            reject(Reason::NotUtf8, &format!("the key is not UTF-8 from byte {} on", error.valid_up_to()))
        })?;
        let uri = key_text(text);
        if uri.len() > URI_BYTES_MAX {
            let detail = format!("the key has {} bytes; a uri has at most {URI_BYTES_MAX}", uri.len());
            return Err(reject(Reason::WrongType, &detail));
        }
        Ok(self.withdrawal(topic, uri))
    }

    /// The withdrawal of the article that a key names.
    fn withdrawal(&self, topic: &str, key: String) -> ParsedRecord {
        let uri = if self.normalises_urls { normalised(&key) } else { key.clone() };
        let source = self.outlet(topic).to_owned();
        ParsedRecord { id: Some(key), source, ..ParsedRecord::new(uri, None, ParsedContent::Withdrawal) }
    }
}

/// The status after what the envelopes state that happened.
fn after_envelopes(opened: &Opened) -> PublicationStatus {
    let changes = opened.operations.iter().filter_map(|change| PublicationStatus::of_change(change));
    let deleted = opened.is_deleted.then_some(PublicationStatus::Canceled);
    changes.chain(deleted).max().unwrap_or(PublicationStatus::Usable)
}
