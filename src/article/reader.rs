//! Raw record to article: which value counts for each field. See `reader/tests.rs` for examples.

use serde_json::{Map, Value};

use super::body;
use super::candidates::{Candidate, Candidates, TEXT_BYTES_MIN};
use super::date::{self, DateOrder};
use super::field::{FieldMap, FieldPath};
use super::json::{self, cut, kind, reject};
use super::markup::plain_title;
use super::parsed::{
    Article, Field, FoundField, MetadataCredit, ParsedContent, ParsedRecord, Published, RecordReading, UnreadField,
};
use super::shapes::{FieldSlot, Opened, SHAPES, normal, open};
use super::unnamed;
use super::values::status::PublicationStatus;
use super::values::uri::{URI_BYTES_MAX, key_text, uri_of_key, uri_of_value};
use super::values::wrapped::{self, first, is_blank, untyped};
use super::values::{language, outlet, stated_date};
use crate::record::{CreditLocation, Reason, Rejection};

#[cfg(test)]
mod tests;

/// Longest name of an outlet or credit, in bytes; the rest is cut off. Names are part of every signature, and a by-line
/// that contains the whole article must not be.
pub const NAME_BYTES_MAX: usize = 200;

/// Most credits that are kept of each location: a name after sixteen others is no origin.
pub const METADATA_CREDITS_MAX: usize = 16;

/// Longest language tag, in bytes: the buffer size that RFC 5646 recommends.
const LANGUAGE_BYTES_MAX: usize = 35;

/// How much of a value that could not be read is reported, in bytes.
const SHOWN_VALUE_BYTES_MAX: usize = 80;

/// How many of the usual names a rejection lists.
const LISTED_NAMES: usize = 8;

/// How many names of the record a rejection lists.
const SHOWN_NAMES_MAX: usize = 12;

/// A field and what a text under it must be like.
type TextTest = (FieldSlot, fn(&str) -> bool);

/// Parses raw records.
///
/// An article needs a text; its identity may also be the key or the position of the record. Of several values for a
/// field the first one that can be read counts. Where none can, they are reported in [`RecordReading::unread`]: an
/// article with an odd by-line is read without it.
#[derive(Debug, Clone, Default)]
pub struct ArticleReader {
    map: FieldMap,
    dates: DateOrder,
}

impl ArticleReader {
    /// Makes a reader that tries the paths of this map before the usual names.
    pub fn new(map: FieldMap, dates: DateOrder) -> Self {
        Self { map, dates }
    }

    /// Parses one record. A record without a value is a tombstone; its key is the uri of the article taken back.
    pub fn read(&self, key: Option<&[u8]>, value: Option<&[u8]>) -> Result<ParsedRecord, Rejection> {
        let Some(value) = value else { return self.tombstone(key) };
        let mut opened = open(json::object(value)?, &SHAPES.envelopes);
        let inner_key = opened.key.take();
        let key = inner_key.as_deref().map(str::as_bytes).or(key);
        let Some(record) = opened.record.take() else {
            let empty = || reject(Reason::MissingText, &format!("the envelope ({}) holds no record", opened.name));
            return if opened.is_tombstone { self.tombstone(key) } else { Err(empty()) };
        };
        self.record(&record, &opened, key)
    }

    /// Whether a JSON object is a record of its own, and not an answer that wraps a list of records: it takes an article
    /// back, or it has a text that is neither in a list nor the description of a feed. In an inner object, short texts are
    /// messages of an API.
    pub fn is_record(&self, object: &[u8]) -> bool {
        let Ok(ParsedRecord { uri, content, reading, .. }) = self.read(None, Some(object)) else { return false };
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
        object: &Map<String, Value>,
        opened: &Opened,
        key: Option<&[u8]>,
    ) -> Result<ParsedRecord, Rejection> {
        let mut record = RecordReader {
            map: &self.map,
            dates: self.dates,
            object,
            prefix: &opened.prefix,
            candidates: Candidates::of(object, opened),
            reading: RecordReading::default(),
        };
        let url = record.url();
        let stated = opened.identity.as_ref().and_then(uri_of_value);
        let uri = stated.or_else(|| record.uri(url.as_deref())).or_else(|| key.and_then(uri_of_key));
        let version = record.version();
        let status = if opened.is_deleted { PublicationStatus::Canceled } else { record.status() };
        let content = match status {
            PublicationStatus::Usable => {
                ParsedContent::Article(Box::new(record.article(uri.as_deref(), url.as_deref())?))
            }
            PublicationStatus::Withheld => ParsedContent::Withheld,
            PublicationStatus::Canceled => ParsedContent::Withdrawal,
        };
        if uri.is_none() && status != PublicationStatus::Usable {
            return Err(reject(Reason::MissingUri, &record.missing("uri", FieldSlot::Uri)));
        }
        record.reading.shape = record.candidates.shape;
        record.reading.is_in_list = record.candidates.is_in_list;
        record.forget_what_another_value_gives(&content, uri.is_some());
        Ok(ParsedRecord { uri, version, content, reading: record.reading })
    }

    fn tombstone(&self, key: Option<&[u8]>) -> Result<ParsedRecord, Rejection> {
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
                return Ok(ParsedRecord::new(uri, None, ParsedContent::Withdrawal));
            }
            let mut opened = open(object, &SHAPES.envelopes);
            opened.is_deleted = true;
            if let Some(object) = opened.record.take() {
                return self.record(&object, &opened, None);
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
        Ok(ParsedRecord::new(uri, None, ParsedContent::Withdrawal))
    }
}

/// One record while it is read.
struct RecordReader<'r> {
    map: &'r FieldMap,
    dates: DateOrder,
    object: &'r Map<String, Value>,
    /// Where the record lies in its envelopes.
    prefix: &'r str,
    candidates: Candidates<'r>,
    reading: RecordReading,
}

impl<'r> RecordReader<'r> {
    /// The first value of a field that `read` accepts: of the field map, then under the usual names. Values that it does
    /// not accept are reported.
    fn first<T>(
        &mut self,
        field: Field,
        mapped: &'r [FieldPath],
        slots: &[FieldSlot],
        mut read: impl FnMut(&'r Value) -> Option<T>,
    ) -> Option<T> {
        let mut candidates = self.mapped(mapped);
        candidates.extend(slots.iter().flat_map(|slot| self.candidates.of_slot(*slot).copied()));
        self.first_of(field, &candidates, |candidate| read(candidate.value))
    }

    /// The values under the paths of the field map.
    fn mapped(&self, paths: &'r [FieldPath]) -> Vec<Candidate<'r>> {
        let found = |path: &'r FieldPath| Some(Candidate::mapped(path.as_str(), path.find(self.object, self.prefix)?));
        paths.iter().filter_map(found).collect()
    }

    /// The first of these values that `read` accepts. Those before it are reported.
    fn first_of<T>(
        &mut self,
        field: Field,
        candidates: &[Candidate<'r>],
        mut read: impl FnMut(&Candidate<'r>) -> Option<T>,
    ) -> Option<T> {
        for candidate in candidates.iter().filter(|candidate| !is_blank(candidate.value)) {
            let path = self.candidates.path(candidate);
            if let Some(found) = read(candidate) {
                self.reading.found.push(FoundField { field, path, format: "" });
                return Some(found);
            }
            self.unread(field, path, candidate.value);
        }
        None
    }

    fn unread(&mut self, field: Field, path: String, value: &Value) {
        let mut shown = match value {
            Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
            scalar => scalar.to_string(),
        };
        shown.truncate(shown.floor_char_boundary(SHOWN_VALUE_BYTES_MAX));
        let has_order = || date::read(untyped(value), DateOrder::DayFirst).is_some();
        let reason = match field {
            Field::Published if self.dates == DateOrder::Unknown && has_order() => {
                "the day or the month may come first: set input.date_order"
            }
            _ => "",
        };
        self.reading.unread.push(UnreadField { field, path, value: shown, reason });
    }

    fn url(&mut self) -> Option<String> {
        let map = self.map;
        let page = self.first(Field::Url, &map.url, &[FieldSlot::Url], |value| {
            uri_of_value(value).filter(|url| outlet::host(url).is_some())
        });
        // The path of the page on its site is an identity too.
        page.or_else(|| {
            let paths = self.candidates.of_slot(FieldSlot::Url).filter_map(|candidate| uri_of_value(candidate.value));
            paths.into_iter().find(|path| path.starts_with('/'))
        })
    }

    fn uri(&mut self, url: Option<&str>) -> Option<String> {
        let map = self.map;
        self.first(Field::Uri, &map.uri, &[FieldSlot::Uri], uri_of_value)
            .or_else(|| url.map(str::to_owned))
            .or_else(|| self.first(Field::Uri, &[], &[FieldSlot::UriLast], uri_of_value))
    }

    fn version(&mut self) -> Option<i64> {
        let (map, order) = (self.map, self.dates);
        let time = |value: &Value| date::read(untyped(value), order).map(|date| date.published.start().0);
        self.first(Field::Version, &map.version, &[], |value| wrapped::integer(value).or_else(|| time(value)))
            .or_else(|| self.first(Field::Version, &[], &[FieldSlot::Modified], time))
            .or_else(|| self.first(Field::Version, &[], &[FieldSlot::Version], wrapped::integer))
    }

    fn status(&mut self) -> PublicationStatus {
        let mut stated = self.mapped(&self.map.status);
        stated.extend(self.candidates.of_slot(FieldSlot::Status));
        let status = self.first_of(Field::Status, &stated, |candidate| {
            let (name, value) = (normal(candidate.name), untyped(candidate.value));
            let text = match value {
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                other => wrapped::text(other)?.trim().to_ascii_lowercase(),
            };
            Some(match &*name {
                "__op" => PublicationStatus::of_deletion(text == "d"),
                _ if name.contains("delet") => {
                    PublicationStatus::of_deletion(!matches!(&*text, "false" | "0" | "no" | "f" | "n"))
                }
                _ => PublicationStatus::of(&text),
            })
        });
        // A field `status` also tells whether an article was read or an answer is fine: only clear words count.
        let word =
            || self.candidates.of_slot(FieldSlot::AnyStatus).find_map(|candidate| wrapped::text(candidate.value));
        let status = status.or_else(|| word().and_then(PublicationStatus::of_clear_word));
        let is_withheld = self.candidates.of_slot(FieldSlot::Live).any(|candidate| {
            let value = first(candidate.value);
            let value = untyped(value.get("value").unwrap_or(value));
            matches!(value, Value::Bool(false)) || matches!(value.to_string().trim_matches('"'), "0" | "false")
        });
        status.unwrap_or(if is_withheld { PublicationStatus::Withheld } else { PublicationStatus::Usable })
    }

    fn article(&mut self, uri: Option<&str>, url: Option<&str>) -> Result<Article, Rejection> {
        let body = self.body()?;
        self.note_longer_texts(&body);
        Ok(Article {
            body,
            title: self.title(),
            language: self.language(),
            source: self.source(uri, url),
            published: self.published(),
            credits: self.credits(),
        })
    }

    fn title(&mut self) -> String {
        let map = self.map;
        let is_none = |title: &String| matches!(&*title.to_ascii_lowercase(), "" | "none" | "null" | "nan" | "n/a");
        let title = |value| wrapped::text(value).map(plain_title).filter(|title| !is_none(title));
        self.first(Field::Title, &map.title, &[FieldSlot::Title], title).unwrap_or_default()
    }

    fn body(&mut self) -> Result<String, Rejection> {
        let mapped = self.mapped(&self.map.body);
        // The owner of the feed has said where the text is: its first value counts, also if it is short.
        for candidate in &mapped {
            if let Some((_, text)) = body::fullest(std::iter::once(candidate)) {
                return Ok(self.found_body(candidate.name.to_owned(), text));
            }
        }
        let tests: [TextTest; 5] = [
            (FieldSlot::Body, |_| true),
            (FieldSlot::BodyLast, |text| text.len() >= TEXT_BYTES_MIN),
            (FieldSlot::Page, |text| text.len() >= TEXT_BYTES_MIN),
            (FieldSlot::Teaser, body::is_article),
            (FieldSlot::BodyLast, |text| text.contains(char::is_whitespace)),
        ];
        for (slot, is_text) in tests {
            let fullest = body::fullest(self.candidates.of_slot(slot));
            if let Some((candidate, text)) = fullest.filter(|(_, text)| is_text(text)) {
                self.reading.is_teaser = slot == FieldSlot::Teaser;
                let path = self.candidates.path(candidate);
                return Ok(self.found_body(path, text));
            }
        }
        let stated: Vec<Candidate<'r>> =
            mapped.into_iter().chain(self.candidates.of_slot(FieldSlot::Body).copied()).collect();
        if let Some(blank) = stated.iter().find(|candidate| body::is_blank_text(candidate.value)) {
            let path = self.candidates.path(blank);
            return Ok(self.found_body(path, String::new()));
        }
        match stated.iter().find(|candidate| !is_blank(candidate.value)) {
            Some(other) if !body::is_text(other.value) => {
                let path = self.candidates.path(other);
                let detail = match other.value {
                    Value::Array(_) | Value::Object(_) => format!("`{path}` is {} without a text", kind(other.value)),
                    scalar => format!("`{path}` is {}, not text", kind(scalar)),
                };
                Err(reject(Reason::WrongType, &detail))
            }
            _ => Err(reject(Reason::MissingText, &self.missing("text", FieldSlot::Body))),
        }
    }

    /// Drops what could not be read of fields that another value gave. A date is kept: the one that counts instead means
    /// something else.
    fn forget_what_another_value_gives(&mut self, content: &ParsedContent, has_uri: bool) {
        let has_source = matches!(content, ParsedContent::Article(article) if !article.source.is_empty());
        let RecordReading { found, unread, .. } = &mut self.reading;
        unread.retain(|unread| match unread.field {
            Field::Published => true,
            Field::Uri | Field::Url => !has_uri,
            Field::Source => !has_source,
            field => !found.iter().any(|found| found.field == field),
        });
    }

    fn found_body(&mut self, path: String, text: String) -> String {
        self.reading.found.push(FoundField { field: Field::Body, path, format: "" });
        text
    }

    fn language(&mut self) -> String {
        let map = self.map;
        self.first(Field::Language, &map.language, &[FieldSlot::Language], |value| {
            let tag = wrapped::text(value)?.trim().replace('_', "-").to_ascii_lowercase();
            let is_tag = tag.len() <= LANGUAGE_BYTES_MAX && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            is_tag.then(|| language::tag(tag)).filter(|tag| !matches!(&**tag, "none" | "unknown" | "null" | "und"))
        })
        .unwrap_or_default()
    }

    fn source(&mut self, uri: Option<&str>, url: Option<&str>) -> String {
        let read = |candidate: &Candidate<'_>| outlet::of_name(wrapped::name(candidate.value)?);
        let (own, around): (Vec<_>, Vec<_>) =
            self.candidates.of_slot(FieldSlot::Source).copied().partition(Candidate::is_own);
        let stated = [self.mapped(&self.map.source), own].concat();
        // What is around the record may be named after a program.
        let source = self
            .first_of(Field::Source, &stated, read)
            .or_else(|| url.and_then(outlet::host))
            .or_else(|| uri.and_then(outlet::host))
            .or_else(|| self.first_of(Field::Source, &around, read));
        cut(&source.unwrap_or_default(), NAME_BYTES_MAX).to_owned()
    }

    fn published(&mut self) -> Option<Published> {
        let (object, order) = (self.object, self.dates);
        let mut format = "";
        let mut read = |candidate: &Candidate<'_>| {
            let stated = stated_date::with_offset(object, candidate.name, untyped(candidate.value));
            let date = date::read(&stated, order)?;
            format = date.format.into();
            Some(date.published)
        };
        let mapped = self.first_of(Field::Published, &self.mapped(&self.map.published), &mut read);
        let published = mapped.or_else(|| {
            let tried = self.candidates.by_layer(&[FieldSlot::Published, FieldSlot::Created]);
            for candidate in tried.iter().filter(|candidate| !is_blank(candidate.value)) {
                let path = self.candidates.path(candidate);
                if let Some(published) = read(candidate) {
                    self.reading.found.push(FoundField { field: Field::Published, path, format: "" });
                    return Some(published);
                }
                self.unread(Field::Published, path, candidate.value);
                // The time of the item or of the crawl is not the published time that could not be read.
                if candidate.slot == FieldSlot::Published && !stated_date::is_no_date(candidate.value) {
                    return None;
                }
            }
            None
        })?;
        if let Some(found) = self.reading.found.last_mut() {
            found.format = format;
        }
        Some(published)
    }

    fn credits(&mut self) -> Vec<MetadataCredit> {
        let map = self.map;
        let fields = [
            (CreditLocation::InfoSource, Field::InfoSource, &map.info_source, FieldSlot::InfoSource),
            (
                CreditLocation::CopyrightHolder,
                Field::CopyrightHolder,
                &map.copyright_holder,
                FieldSlot::CopyrightHolder,
            ),
            (CreditLocation::Byline, Field::Byline, &map.byline, FieldSlot::Byline),
        ];
        let mut credits = Vec::new();
        for (location, field, mapped, slot) in fields {
            let names = |value| Some(wrapped::names(value)).filter(|names| !names.is_empty());
            let names = self.first(field, mapped, &[slot], names).unwrap_or_default();
            credits.extend(names.into_iter().take(METADATA_CREDITS_MAX).map(|name| {
                let name = cut(name, NAME_BYTES_MAX).to_owned();
                MetadataCredit { name, location }
            }));
        }
        credits
    }

    /// What a rejection says of a field that was not found: the names that were looked for, and those that are there.
    fn missing(&self, what: &str, slot: FieldSlot) -> String {
        let list = |names: Vec<&String>, max: usize| {
            let mut shown: Vec<String> = names.iter().take(max).map(|name| format!("`{name}`")).collect();
            shown.extend((names.len() > max).then(|| "…".to_owned()));
            shown.join(", ")
        };
        let looked_for = list(SHAPES.usual_names(slot).iter().take(LISTED_NAMES).collect(), LISTED_NAMES);
        let present = list(self.object.keys().collect(), SHOWN_NAMES_MAX);
        let elsewhere = if slot == FieldSlot::Body { unnamed::where_else(self.object) } else { String::new() };
        let teaser = self.candidates.of_slot(FieldSlot::Teaser).find(|_| slot == FieldSlot::Body);
        let teaser = teaser.map_or(String::new(), |teaser| {
            format!("; `{}` is too short for an article", self.candidates.path(teaser))
        });
        format!(
            "no {what} under {looked_for} or another name in docs/input.md; the record has {present}{teaser}{elsewhere}"
        )
    }

    /// Texts under unknown names that are longer than the body.
    fn note_longer_texts(&mut self, body: &str) {
        let is_known = |name: &str| SHAPES.names.find(name, &normal(name)).is_some();
        let longer = self.object.iter().filter(|(name, value)| {
            value.as_str().is_some_and(|text| text.len() > body.len().max(TEXT_BYTES_MIN) && text.contains(' '))
                && !is_known(name)
        });
        let prefix = self.prefix;
        let longer = longer.map(|(name, _)| format!("{prefix}{name}"));
        let is_used = |path: &String| self.reading.found.iter().any(|found| found.path == *path);
        self.reading.longer_texts = longer.filter(|path| !is_used(path)).collect();
    }
}
