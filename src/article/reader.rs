//! Raw record to article: which field means what. See `reader/tests.rs` for examples.

use serde_json::{Map, Value};

use super::field::{self, FieldMap, NamedValue};
use super::json::{cut, kind, object, reject};
use super::parsed::{Article, MetadataCredit, ParsedContent, ParsedRecord, Published};
use super::{date, html};
use crate::record::{CreditLocation, Reason, Rejection};

#[cfg(test)]
mod tests;

/// Longest uri that is accepted, in bytes. The uri is a Kafka key, and is kept in memory for every live article.
pub const URI_BYTES_MAX: usize = 1024;

/// Longest name of an outlet or credit, in bytes; the rest is cut off. Names are part of every signature, and a by-line
/// that contains the whole article must not be.
pub const NAME_BYTES_MAX: usize = 200;

/// Most credits that are kept of each location: a name after sixteen others is no origin.
pub const METADATA_CREDITS_MAX: usize = 16;

/// Longest language tag, in bytes: the buffer size that RFC 5646 recommends.
const LANGUAGE_BYTES_MAX: usize = 35;

// The built-in field names, in order: ninjs 3, ninjs 2, then those of crawlers. A `null` or blank string counts as absent.

/// `id` comes before `url` because a page that moves keeps its id.
const URI_FIELDS: &[&str] = &["uri", "id", "url"];
const MODIFIED_FIELDS: &[&str] = &["versionCreated", "versioncreated", "modified_at", "date_modify", "updated_at"];
const VERSION_FIELDS: &[&str] = &["version"];
const TITLE_FIELDS: &[&str] = &["headlines", "headline", "title"];
const BODY_FIELDS: &[&str] = &["bodies", "body_text", "body_xhtml", "body_html", "text", "body", "maintext", "content"];
/// The fields of [`BODY_FIELDS`] whose value is HTML whatever it looks like.
const HTML_BODY_FIELDS: &[&str] = &["body_xhtml", "body_html"];
const LANGUAGE_FIELDS: &[&str] = &["language", "lang"];
const SOURCE_FIELDS: &[&str] = &["source", "source_domain", "publisher"];
/// Published times come before the times that ninjs has for the version and the item.
const PUBLISHED_FIELDS: &[&str] = &[
    "published_at",
    "date_publish",
    "published",
    "date",
    "versionCreated",
    "versioncreated",
    "firstCreated",
    "firstcreated",
];
const STATUS_FIELDS: &[&str] = &["pubStatus", "pubstatus"];
const INFO_SOURCE_FIELDS: &[&str] = &["infoSources", "infosource"];
const COPYRIGHT_HOLDER_FIELDS: &[&str] = &["copyrightHolder", "copyrightholder"];
const BYLINE_FIELDS: &[&str] = &["by", "byline", "author", "authors"];

/// Parses raw records.
///
/// An article needs a uri and a text. For these two the first field with a value counts, and if it cannot be read the
/// record is rejected. For all other fields, values that cannot be read are skipped: an article with an odd by-line is
/// read without it.
#[derive(Debug, Clone, Default)]
pub struct ArticleReader {
    map: FieldMap,
}

impl ArticleReader {
    /// Makes a reader that tries the paths of this map before the built-in names.
    pub fn new(map: FieldMap) -> Self {
        Self { map }
    }

    /// Parses one record. A record without a value is a tombstone; its key is the uri of the article taken back.
    pub fn read(&self, key: Option<&[u8]>, value: Option<&[u8]>) -> Result<ParsedRecord, Rejection> {
        let Some(value) = value else { return tombstone(key) };
        let record = object(value)?;
        let uri = self.uri(&record)?;
        let version = self.version(&record);
        let content = match self.status(&record) {
            PublicationStatus::Usable => ParsedContent::Article(Box::new(self.article(&record, &uri)?)),
            PublicationStatus::Withheld => ParsedContent::Withheld,
            PublicationStatus::Canceled => ParsedContent::Withdrawal,
        };
        Ok(ParsedRecord { uri, version, content })
    }

    fn uri(&self, record: &Map<String, Value>) -> Result<String, Rejection> {
        let Some((name, value)) = field::non_blank_values(record, &self.map.uri, URI_FIELDS).next() else {
            return Err(reject(Reason::MissingUri, &format!("no value under {}", quoted(URI_FIELDS))));
        };
        match value {
            Value::String(text) => bounded_uri(name, text.trim()),
            Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
            // A float could round two long ids to the same number, and so make two articles one.
            Value::Number(_) => {
                Err(reject(Reason::WrongType, &format!("`{name}` is a number, but not a 64-bit integer")))
            }
            other => Err(reject(Reason::WrongType, &format!("`{name}` is {}, not text or an integer", kind(other)))),
        }
    }

    fn version(&self, record: &Map<String, Value>) -> Option<i64> {
        let modified = |(_, value): NamedValue<'_>| date::read(value).map(|date| date.start().0);
        let mapped = field::non_blank_values(record, &self.map.version, &[]);
        mapped
            .filter_map(|named| integer(named.1).or_else(|| modified(named)))
            .chain(field::non_blank_values(record, &[], MODIFIED_FIELDS).filter_map(modified))
            .chain(field::non_blank_values(record, &[], VERSION_FIELDS).filter_map(|(_, value)| integer(value)))
            .next()
    }

    fn status(&self, record: &Map<String, Value>) -> PublicationStatus {
        let status =
            field::non_blank_values(record, &self.map.status, STATUS_FIELDS).find_map(|(_, value)| value.as_str());
        match status.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
            // The standard writes one `l`; a withdrawal must not be lost because of a second one.
            Some("canceled" | "cancelled") => PublicationStatus::Canceled,
            Some("withheld") => PublicationStatus::Withheld,
            _ => PublicationStatus::Usable,
        }
    }

    fn article(&self, record: &Map<String, Value>, uri: &str) -> Result<Article, Rejection> {
        Ok(Article {
            title: self.title(record),
            body: self.body(record)?,
            language: self.language(record),
            source: self.source(record, uri),
            published: self.published(record),
            credits: self.credits(record),
        })
    }

    fn title(&self, record: &Map<String, Value>) -> String {
        let titles = field::non_blank_values(record, &self.map.title, TITLE_FIELDS)
            .filter_map(|(_, value)| text_of(value).ok()?);
        let title = titles.map(|text| text.plain(false)).find(|title| !title.trim().is_empty()).unwrap_or_default();
        title.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The first text that is not blank. If all are blank the body is empty: such an article is still processed.
    fn body(&self, record: &Map<String, Value>) -> Result<String, Rejection> {
        let mut blank = false;
        for (name, value) in field::values(record, &self.map.body, BODY_FIELDS) {
            let text =
                text_of(value).map_err(|found| reject(Reason::WrongType, &format!("`{name}` {found}, not text")))?;
            match text {
                Some(text) if text.is_blank() => blank = true,
                Some(text) => return Ok(text.plain(HTML_BODY_FIELDS.contains(&name))),
                None => {}
            }
        }
        if blank {
            Ok(String::new())
        } else {
            Err(reject(Reason::MissingText, &format!("no value under {}", quoted(BODY_FIELDS))))
        }
    }

    fn language(&self, record: &Map<String, Value>) -> String {
        let tags = field::non_blank_values(record, &self.map.language, LANGUAGE_FIELDS)
            .filter_map(|(_, value)| value.as_str());
        tags.map(|tag| tag.trim().replace('_', "-").to_ascii_lowercase())
            .find(|tag| tag.len() <= LANGUAGE_BYTES_MAX && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
            .unwrap_or_default()
    }

    fn source(&self, record: &Map<String, Value>, uri: &str) -> String {
        let named =
            field::non_blank_values(record, &self.map.source, SOURCE_FIELDS).find_map(|(_, value)| value.as_str());
        named
            .map(|name| cut(name.trim(), NAME_BYTES_MAX).to_owned())
            .or_else(|| record.get("url").and_then(Value::as_str).and_then(host))
            .or_else(|| host(uri))
            .unwrap_or_default()
    }

    fn published(&self, record: &Map<String, Value>) -> Option<Published> {
        field::non_blank_values(record, &self.map.published, PUBLISHED_FIELDS).find_map(|(_, value)| date::read(value))
    }

    fn credits(&self, record: &Map<String, Value>) -> Vec<MetadataCredit> {
        let fields = [
            (CreditLocation::InfoSource, &self.map.info_source, INFO_SOURCE_FIELDS),
            (CreditLocation::CopyrightHolder, &self.map.copyright_holder, COPYRIGHT_HOLDER_FIELDS),
            (CreditLocation::Byline, &self.map.byline, BYLINE_FIELDS),
        ];
        let credits = fields.into_iter().flat_map(|(location, mapped, built_in)| {
            let mut credited =
                field::non_blank_values(record, mapped, built_in).map(|(_, value)| credited_names(value));
            let names = credited.find(|names| !names.is_empty()).unwrap_or_default();
            names.into_iter().map(move |name| MetadataCredit { name: name.to_owned(), location })
        });
        credits.collect()
    }
}

enum PublicationStatus {
    Usable,
    Withheld,
    Canceled,
}

fn tombstone(key: Option<&[u8]>) -> Result<ParsedRecord, Rejection> {
    let keyless = |detail| reject(Reason::TombstoneWithoutKey, detail);
    let key = key.ok_or_else(|| keyless("neither a value nor a key"))?;
    let key = std::str::from_utf8(key).map_err(|error| {
        reject(Reason::NotUtf8, &format!("the key is not UTF-8 from byte {} on", error.valid_up_to()))
    })?;
    if key.trim().is_empty() {
        return Err(keyless("no value, and a blank key"));
    }
    Ok(ParsedRecord { uri: bounded_uri("the key", key.trim())?, version: None, content: ParsedContent::Withdrawal })
}

fn bounded_uri(name: &str, uri: &str) -> Result<String, Rejection> {
    if uri.len() > URI_BYTES_MAX {
        let detail = format!("`{name}` has {} bytes; a uri has at most {URI_BYTES_MAX}", uri.len());
        return Err(reject(Reason::WrongType, &detail));
    }
    Ok(uri.to_owned())
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A text field with its content type, if the record states one.
#[derive(Clone, Copy)]
struct TextField<'r> {
    value: &'r str,
    content_type: Option<&'r str>,
}

impl TextField<'_> {
    fn is_blank(self) -> bool {
        self.value.trim().is_empty()
    }

    /// The text without markup. A text whose type is unknown is HTML if it clearly looks like it.
    fn plain(self, html_by_name: bool) -> String {
        let html = match self.content_type {
            Some(content_type) => {
                let essence = content_type.split(';').next().unwrap_or_default().trim();
                ["text/html", "application/xhtml+xml"].iter().any(|html| html.eq_ignore_ascii_case(essence))
            }
            None => html_by_name || html::is_markup(self.value),
        };
        if html { html::to_text(self.value) } else { self.value.replace("\r\n", "\n") }
    }
}

/// The text of a string, of a ninjs object (`value`, `contentType`), or of a list of these. From a list it takes the text
/// with the role `main`, else the first without a role, else the first. The error describes a value of another type.
fn text_of(value: &Value) -> Result<Option<TextField<'_>>, String> {
    let Value::Array(list) = value else { return single_text(value) };
    let mut best: Option<((bool, u8), TextField<'_>)> = None;
    for item in list {
        let text = single_text(item).map_err(|found| format!("is a list with an element that {found}"))?;
        let Some(text) = text else { continue };
        let role = match item.get("role").and_then(Value::as_str) {
            Some("main") => 0,
            None => 1,
            Some(_) => 2,
        };
        let rank = (text.is_blank(), role);
        if best.is_none_or(|(best, _)| rank < best) {
            best = Some((rank, text));
        }
    }
    Ok(best.map(|(_, text)| text))
}

fn single_text(value: &Value) -> Result<Option<TextField<'_>>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(TextField { value: text, content_type: None })),
        Value::Object(object) => match object.get("value") {
            Some(Value::String(text)) => {
                Ok(Some(TextField { value: text, content_type: object.get("contentType").and_then(Value::as_str) }))
            }
            Some(Value::Null) => Ok(None),
            Some(other) => Err(format!("is an object whose `value` is {}", kind(other))),
            None => Err("is an object without `value`".to_owned()),
        },
        other => Err(format!("is {}", kind(other))),
    }
}

/// The names in a string, in an object with a `name`, or in a list of these.
fn credited_names(value: &Value) -> Vec<&str> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter()
        .filter_map(|item| item.as_str().or_else(|| item.get("name")?.as_str()))
        .map(|name| cut(name.trim(), NAME_BYTES_MAX))
        .filter(|name| !name.is_empty())
        .take(METADATA_CREDITS_MAX)
        .collect()
}

/// The host of an http or https address in lower case, without `www.`, user and port.
fn host(url: &str) -> Option<String> {
    let (scheme, rest) = url.trim().split_once("://")?;
    if !["http", "https"].iter().any(|http| http.eq_ignore_ascii_case(scheme)) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let address = authority.rsplit('@').next()?;
    let host = address.split(':').next()?.to_ascii_lowercase();
    let host = cut(host.strip_prefix("www.").unwrap_or(&host), NAME_BYTES_MAX);
    (!host.is_empty()).then(|| host.to_owned())
}
