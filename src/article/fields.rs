//! Which value of a record counts for each field of the article.

use serde_json::{Map, Value};

use super::body;
use super::candidates::{Candidate, Candidates, TEXT_BYTES_MIN};
use super::date::{self, DateOrder, UnreadDate};
use super::field::{FieldMap, FieldPath};
use super::json::{cut, kind, reject};
use super::markup::plain_title;
use super::parsed::{Article, Field, FoundField, MetadataCredit, Published, RecordReading, UnreadField};
use super::shapes::{FieldSlot, Opened, SHAPES, normal};
use super::unnamed;
use super::values::language;
use super::values::outlet::{self, NAME_BYTES_MAX};
use super::values::stated_date::StatedZones;
use super::values::status::{self, PublicationStatus};
use super::values::uri::{StatedId, address, id_of_value, is_page, uri_of_value};
use super::values::wrapped::{self, is_blank, untyped};
use crate::record::{CreditLocation, Millis, Reason, Rejection, Version};

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

/// The status that a value under a name states.
type StatusRule = fn(&str, &Value) -> Option<PublicationStatus>;

/// A field and what a text under it must be like.
type TextTest = (FieldSlot, fn(&str) -> bool);

/// One record while it is read.
pub(super) struct RecordReader<'r> {
    map: &'r FieldMap,
    dates: DateOrder,
    object: &'r Map<String, Value>,
    /// Where the record lies in its envelopes.
    prefix: &'r str,
    candidates: Candidates<'r>,
    pub(super) reading: RecordReading,
}

impl<'r> RecordReader<'r> {
    pub(super) fn new(map: &'r FieldMap, dates: DateOrder, object: &'r Map<String, Value>, opened: &'r Opened) -> Self {
        let candidates = Candidates::of(object, opened);
        let reading =
            RecordReading { shape: candidates.shape, is_in_list: candidates.is_in_list, ..RecordReading::default() };
        Self { map, dates, object, prefix: &opened.prefix, candidates, reading }
    }

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
            // Other fields show the reason by their value.
            let is_date = matches!(candidate.slot, FieldSlot::Modified | FieldSlot::Embargo);
            let date = || date::read(untyped(candidate.value), self.dates);
            let reason = is_date.then(date).and_then(Result::err).map_or("", UnreadDate::reason);
            self.unread(field, path, candidate.value, reason);
        }
        None
    }

    fn unread(&mut self, field: Field, path: String, value: &Value, reason: &'static str) {
        let mut shown = match value {
            Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
            scalar => scalar.to_string(),
        };
        shown.truncate(shown.floor_char_boundary(SHOWN_VALUE_BYTES_MAX));
        // A field may be tried twice, by other rules.
        if !self.reading.unread.iter().any(|unread| unread.field == field && unread.path == path) {
            self.reading.unread.push(UnreadField { field, path, value: shown, reason });
        }
    }

    pub(super) fn url(&mut self) -> Option<String> {
        let map = self.map;
        let web = |value| address(value).filter(|url| outlet::host(url).is_some());
        let mapped = self.first(Field::Url, &map.url, &[], web);
        // Some hosts only lead on to the site.
        let of_site = |value| web(value).filter(|url| outlet::of_address(url).is_some());
        let page = mapped
            .or_else(|| self.first(Field::Url, &[], &[FieldSlot::Url], of_site))
            .or_else(|| self.first(Field::Url, &[], &[FieldSlot::Url], web));
        // The path of the page on its site is an identity too.
        page.or_else(|| {
            let paths = self.candidates.of_slot(FieldSlot::Url).filter_map(|candidate| uri_of_value(candidate.value));
            paths.into_iter().find(|path| path.starts_with('/'))
        })
    }

    /// What the record states of its identity, where its envelopes state no id. `outlet` is that of its topic, empty where
    /// unknown.
    pub(super) fn identity(&mut self, of_envelope: Option<String>, url: Option<&str>, outlet: &str) -> StatedId {
        let map = self.map;
        let own = of_envelope.or_else(|| self.first(Field::Uri, &map.uri, &[FieldSlot::Uri], id_of_value));
        let is_weak = own.is_none();
        let page = url.filter(|url| is_page(url)).map(str::to_owned);
        let id = own.or_else(|| self.first(Field::Uri, &[], &[FieldSlot::UriLast], id_of_value));
        let outlet = self.source(id.as_deref(), url, outlet);
        StatedId { id, is_weak, page, outlet }
    }

    pub(super) fn version(&mut self) -> Option<Version> {
        let (map, order) = (self.map, self.dates);
        let time = |value: &Value| {
            let date = date::read(untyped(value), order).ok()?;
            Some(Version::Time(date.published.start()))
        };
        self.first(Field::Version, &map.version, &[], |value| wrapped::version(value).or_else(|| time(value)))
            .or_else(|| self.first(Field::Version, &[], &[FieldSlot::Modified], time))
            .or_else(|| self.first(Field::Version, &[], &[FieldSlot::Version], wrapped::version))
    }

    /// The status that the owner of the feed has mapped; else the strictest of all that the record states.
    pub(super) fn status(&mut self) -> PublicationStatus {
        let mapped = self.mapped(&self.map.status);
        let status = |candidate: &Candidate<'_>| status::stated(candidate.name, candidate.value);
        if let Some(status) = self.first_of(Field::Status, &mapped, status) {
            return status;
        }
        let rules: [(FieldSlot, StatusRule); 6] = [
            (FieldSlot::Status, status::stated),
            (FieldSlot::Operation, status::after_change),
            (FieldSlot::AnyStatus, status::clearly_stated),
            (FieldSlot::Embargo, status::of_embargo),
            (FieldSlot::Live, status::of_live),
            (FieldSlot::Draft, status::of_draft),
        ];
        let mut strictest = (PublicationStatus::Usable, None);
        for (slot, rule) in rules {
            let candidates: Vec<_> = self.candidates.of_slot(slot).copied().collect();
            // What is around the record or describes it may have flags of its own.
            let is_flag = matches!(slot, FieldSlot::Embargo | FieldSlot::Live | FieldSlot::Draft);
            let is_own = |candidate: &&Candidate<'_>| candidate.is_own() || !is_flag;
            for candidate in candidates.iter().filter(is_own).filter(|candidate| !is_blank(candidate.value)) {
                match rule(candidate.name, candidate.value) {
                    Some(status) if status > strictest.0 => strictest = (status, Some(*candidate)),
                    None if slot == FieldSlot::Status => {
                        self.unread(Field::Status, self.candidates.path(candidate), candidate.value, "");
                    }
                    _ => {}
                }
            }
        }
        if let Some(candidate) = strictest.1 {
            let path = self.candidates.path(&candidate);
            self.reading.found.push(FoundField { field: Field::Status, path, format: "" });
        }
        strictest.0
    }

    /// The time before which the article must not be published.
    pub(super) fn embargoed_until(&mut self) -> Option<Millis> {
        let order = self.dates;
        let read = |candidate: &Candidate<'_>| date::read(untyped(candidate.value), order);
        let is_date = |candidate: &&Candidate<'_>| read(candidate) != Err(UnreadDate::NoDate);
        let stated: Vec<_> = self.candidates.of_slot(FieldSlot::Embargo).filter(is_date).copied().collect();
        self.first_of(Field::Status, &stated, |candidate| Some(read(candidate).ok()?.published.start()))
    }

    pub(super) fn article(&mut self, url: Option<String>) -> Result<Article, Rejection> {
        let language = self.language();
        let body = self.body(&language)?;
        self.note_longer_texts(&body);
        Ok(Article {
            body,
            title: self.title(&language),
            language,
            published: self.published(),
            credits: self.credits(),
            site: url.as_deref().and_then(outlet::of_address).unwrap_or_default(),
            url: url.filter(|url| outlet::host(url).is_some()),
        })
    }

    fn title(&mut self, language: &str) -> String {
        let map = self.map;
        let is_none = |title: &String| matches!(&*title.to_ascii_lowercase(), "" | "none" | "null" | "nan" | "n/a");
        let title =
            |value| wrapped::text(wrapped::localised(value, language)).map(plain_title).filter(|title| !is_none(title));
        self.first(Field::Title, &map.title, &[FieldSlot::Title], title).unwrap_or_default()
    }

    fn body(&mut self, language: &str) -> Result<String, Rejection> {
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
            if slot == FieldSlot::BodyLast && self.is_message() {
                continue;
            }
            let in_language: Vec<_> =
                self.candidates.of_slot(slot).map(|candidate| candidate.localised(language)).collect();
            let fullest = body::fullest(in_language.iter());
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

    /// Whether the record is the message of an API: it states a failure, or nothing by which an article is known.
    fn is_message(&self) -> bool {
        let is_failure = |candidate: &Candidate<'_>| {
            wrapped::text(candidate.value)
                .is_some_and(|status| matches!(status, "error" | "fail" | "failed" | "failure"))
        };
        let known_by = [
            FieldSlot::Uri,
            FieldSlot::Url,
            FieldSlot::UriLast,
            FieldSlot::Title,
            FieldSlot::Published,
            FieldSlot::Created,
        ];
        self.candidates.of_slot(FieldSlot::AnyStatus).any(is_failure)
            || !known_by.iter().any(|slot| self.candidates.of_slot(*slot).any(|candidate| !is_blank(candidate.value)))
    }

    /// Drops what could not be read of fields that another value gave. A date is kept: the one that counts instead means
    /// something else.
    pub(super) fn forget_what_another_value_gives(&mut self, has_uri: bool, has_source: bool) {
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
            let stated = wrapped::text(value)?.trim();
            if stated.len() > LANGUAGE_BYTES_MAX {
                return None;
            }
            let tag = language::tag(stated.replace('_', "-").to_lowercase());
            let is_tag = tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            is_tag.then_some(tag).filter(|tag| !matches!(&**tag, "none" | "unknown" | "null" | "und"))
        })
        .unwrap_or_default()
    }

    /// The outlet: of the object, the host of the url, that of the topic. `id` may name it too.
    fn source(&mut self, id: Option<&str>, url: Option<&str>, of_topic: &str) -> String {
        let read = |candidate: &Candidate<'_>| {
            let name = wrapped::name(candidate.value)?;
            // A `domain` may also be one of knowledge: "politics".
            let is_host = normal(candidate.name) != "domain" || name.contains('.');
            outlet::of_name(name).filter(|_| is_host)
        };
        let (own, around): (Vec<_>, Vec<_>) =
            self.candidates.of_slot(FieldSlot::Source).copied().partition(Candidate::is_own);
        let stated = [self.mapped(&self.map.source), own].concat();
        // What is around the record may be named after a program.
        let source = self
            .first_of(Field::Source, &stated, read)
            .or_else(|| url.and_then(outlet::of_address))
            .or_else(|| id.and_then(outlet::of_address))
            .or_else(|| Some(of_topic).filter(|outlet| !outlet.is_empty()).map(str::to_owned))
            .or_else(|| self.first_of(Field::Source, &around, read));
        cut(&source.unwrap_or_default(), NAME_BYTES_MAX).to_owned()
    }

    fn published(&mut self) -> Option<Published> {
        let mapped = self.mapped(&self.map.published);
        let mapped_count = mapped.len();
        let usual = self.candidates.by_layer(&[FieldSlot::Published, FieldSlot::Created]);
        let zones = StatedZones::of(self.object);
        let tried = mapped.into_iter().chain(usual).enumerate();
        for (at, candidate) in tried.filter(|(_, candidate)| !is_blank(candidate.value)) {
            let path = self.candidates.path(&candidate);
            match date::read_in(untyped(candidate.value), zones.of_date(candidate.name), self.dates) {
                Ok(date) => {
                    let format = date.format.into();
                    self.reading.found.push(FoundField { field: Field::Published, path, format });
                    return Some(date.published);
                }
                Err(unread) => {
                    self.unread(Field::Published, path, candidate.value, unread.reason());
                    // The time of the item or of the crawl is not the published time that could not be read.
                    let is_stated = at >= mapped_count && candidate.slot == FieldSlot::Published;
                    if is_stated && unread != UnreadDate::NoDate {
                        return None;
                    }
                }
            }
        }
        None
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
    pub(super) fn missing(&self, what: &str, slot: FieldSlot) -> String {
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
            "no {what} under {looked_for} or another name in docs/input.md{teaser}{elsewhere}; the record has {present}"
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
