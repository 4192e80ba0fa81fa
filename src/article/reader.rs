//! A record to an article: which field says what. `tests` beside this file is the table of examples.

use serde_json::{Map, Value};

use super::field::{self, FieldMap, Named};
use super::json::{cut, kind, object, reject};
use super::{Article, Credit, Incoming, Published, Request, date, html};
use crate::record::{CreditPlace, Reason, Rejection};

#[cfg(test)]
mod tests;

/// Longest uri read, in bytes. It is a Kafka key, and every live article keeps it in memory.
pub const URI_BYTES_MAX: usize = 1024;

/// Longest outlet or credit kept, in bytes; the rest is cut. They travel with every signature, and a by-line that
/// holds the whole article must not.
pub const NAME_BYTES_MAX: usize = 200;

/// Most credits kept of each place: a name after the sixteenth origin is no origin.
pub const CREDITS_MAX: usize = 16;

/// Longest language tag, in bytes: what RFC 5646 asks implementations to hold.
const LANGUAGE_BYTES_MAX: usize = 35;

// The names looked under, in order: ninjs 3, ninjs 2, then what crawlers write. `null` and blank strings are absent.

/// An `id` before the `url`: a page moves, and keeps its id.
const URI: &[&str] = &["uri", "id", "url"];
const MODIFIED: &[&str] = &["versionCreated", "versioncreated", "modified_at", "date_modify", "updated_at"];
const VERSION: &[&str] = &["version"];
const TITLE: &[&str] = &["headlines", "headline", "title"];
const BODY: &[&str] = &["bodies", "body_text", "body_xhtml", "body_html", "text", "body", "maintext", "content"];
/// Those of [`BODY`] that hold HTML whatever they look like.
const HTML_BODY: &[&str] = &["body_xhtml", "body_html"];
const LANGUAGE: &[&str] = &["language", "lang"];
const SOURCE: &[&str] = &["source", "source_domain", "publisher"];
/// A published time before ninjs' times of the version and of the item.
const PUBLISHED: &[&str] = &[
    "published_at",
    "date_publish",
    "published",
    "date",
    "versionCreated",
    "versioncreated",
    "firstCreated",
    "firstcreated",
];
const STATUS: &[&str] = &["pubStatus", "pubstatus"];
const INFO_SOURCE: &[&str] = &["infoSources", "infosource"];
const COPYRIGHT_HOLDER: &[&str] = &["copyrightHolder", "copyrightholder"];
const BYLINE: &[&str] = &["by", "byline", "author", "authors"];

/// Reads raw records.
///
/// Identity and text decide what an article is: there the first name that holds anything counts, and what can't be
/// read under it refuses the record. All else is passed over until a name holds what can be read: an odd by-line
/// costs an article its by-line.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    map: FieldMap,
}

impl Reader {
    /// A reader that tries the paths of this map before the built-in names.
    #[must_use]
    pub fn new(map: FieldMap) -> Self {
        Self { map }
    }

    /// Reads one record. Without a value it is a tombstone, and its key the uri of the article taken back.
    pub fn read(&self, key: Option<&[u8]>, value: Option<&[u8]>) -> Result<Incoming, Rejection> {
        let Some(value) = value else { return tombstone(key) };
        let record = object(value)?;
        let uri = self.uri(&record)?;
        let version = self.version(&record);
        let request = match self.status(&record) {
            Status::Usable => Request::Judge(Box::new(self.article(&record, &uri)?)),
            Status::Withheld => Request::Withhold,
            Status::Canceled => Request::Withdraw,
        };
        Ok(Incoming { uri, version, request })
    }

    fn uri(&self, record: &Map<String, Value>) -> Result<String, Rejection> {
        let Some((name, value)) = field::present(record, &self.map.uri, URI).next() else {
            return Err(reject(Reason::MissingUri, &format!("nothing under {}", names(URI))));
        };
        match value {
            Value::String(text) => bounded_uri(name, text.trim()),
            Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
            // Two long ids that a float rounds to one would be one article.
            Value::Number(_) => {
                Err(reject(Reason::WrongType, &format!("`{name}` is a number that is no 64-bit integer")))
            }
            other => Err(reject(Reason::WrongType, &format!("`{name}` is {}, not text or an integer", kind(other)))),
        }
    }

    fn version(&self, record: &Map<String, Value>) -> Option<i64> {
        let modified = |(_, value): Named<'_>| date::read(value).map(|date| date.start().0);
        let mapped = field::present(record, &self.map.version, &[]);
        mapped
            .filter_map(|named| integer(named.1).or_else(|| modified(named)))
            .chain(field::present(record, &[], MODIFIED).filter_map(modified))
            .chain(field::present(record, &[], VERSION).filter_map(|(_, value)| integer(value)))
            .next()
    }

    fn status(&self, record: &Map<String, Value>) -> Status {
        let status = field::present(record, &self.map.status, STATUS).find_map(|(_, value)| value.as_str());
        match status.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
            // The standard writes one `l`; a recall must not be lost for the other.
            Some("canceled" | "cancelled") => Status::Canceled,
            Some("withheld") => Status::Withheld,
            _ => Status::Usable,
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
        let titles = field::present(record, &self.map.title, TITLE).filter_map(|(_, value)| text_of(value).ok()?);
        let title = titles.map(|text| text.plain(false)).find(|title| !title.trim().is_empty()).unwrap_or_default();
        title.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The first text that is not blank. A blank one is a text too: an article without a word is judged as such.
    fn body(&self, record: &Map<String, Value>) -> Result<String, Rejection> {
        let mut blank = false;
        for (name, value) in field::values(record, &self.map.body, BODY) {
            let text =
                text_of(value).map_err(|found| reject(Reason::WrongType, &format!("`{name}` {found}, not text")))?;
            match text {
                Some(text) if text.is_blank() => blank = true,
                Some(text) => return Ok(text.plain(HTML_BODY.contains(&name))),
                None => {}
            }
        }
        if blank {
            Ok(String::new())
        } else {
            Err(reject(Reason::MissingText, &format!("nothing under {}", names(BODY))))
        }
    }

    fn language(&self, record: &Map<String, Value>) -> String {
        let tags = field::present(record, &self.map.language, LANGUAGE).filter_map(|(_, value)| value.as_str());
        tags.map(|tag| tag.trim().replace('_', "-").to_ascii_lowercase())
            .find(|tag| tag.len() <= LANGUAGE_BYTES_MAX && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
            .unwrap_or_default()
    }

    fn source(&self, record: &Map<String, Value>, uri: &str) -> String {
        let named = field::present(record, &self.map.source, SOURCE).find_map(|(_, value)| value.as_str());
        named
            .map(|name| cut(name.trim(), NAME_BYTES_MAX).to_owned())
            .or_else(|| record.get("url").and_then(Value::as_str).and_then(host))
            .or_else(|| host(uri))
            .unwrap_or_default()
    }

    fn published(&self, record: &Map<String, Value>) -> Option<Published> {
        field::present(record, &self.map.published, PUBLISHED).find_map(|(_, value)| date::read(value))
    }

    fn credits(&self, record: &Map<String, Value>) -> Vec<Credit> {
        let places = [
            (CreditPlace::InfoSource, &self.map.info_source, INFO_SOURCE),
            (CreditPlace::CopyrightHolder, &self.map.copyright_holder, COPYRIGHT_HOLDER),
            (CreditPlace::Byline, &self.map.byline, BYLINE),
        ];
        let credits = places.into_iter().flat_map(|(place, mapped, built_in)| {
            let mut credited = field::present(record, mapped, built_in).map(|(_, value)| credited_names(value));
            let names = credited.find(|names| !names.is_empty()).unwrap_or_default();
            names.into_iter().map(move |name| Credit { name: name.to_owned(), place })
        });
        credits.collect()
    }
}

enum Status {
    Usable,
    Withheld,
    Canceled,
}

fn tombstone(key: Option<&[u8]>) -> Result<Incoming, Rejection> {
    let missing = |found| reject(Reason::TombstoneWithoutKey, found);
    let key = key.ok_or_else(|| missing("neither a value nor a key"))?;
    let key = std::str::from_utf8(key).map_err(|error| {
        reject(Reason::NotUtf8, &format!("the key is not UTF-8 from byte {} on", error.valid_up_to()))
    })?;
    if key.trim().is_empty() {
        return Err(missing("no value, and a blank key"));
    }
    Ok(Incoming { uri: bounded_uri("the key", key.trim())?, version: None, request: Request::Withdraw })
}

fn bounded_uri(name: &str, uri: &str) -> Result<String, Rejection> {
    if uri.len() > URI_BYTES_MAX {
        let detail = format!("`{name}` has {} bytes; a uri has at most {URI_BYTES_MAX}", uri.len());
        return Err(reject(Reason::WrongType, &detail));
    }
    Ok(uri.to_owned())
}

fn names(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A text and what it says of its own type.
#[derive(Clone, Copy)]
struct Text<'r> {
    value: &'r str,
    content_type: Option<&'r str>,
}

impl Text<'_> {
    fn is_blank(self) -> bool {
        self.value.trim().is_empty()
    }

    /// The text without markup. What says that it is HTML is read as such; what says nothing, if it clearly is.
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

/// The text of a string, of a ninjs object (`value`, `contentType`), or of a list of these: there the one whose role
/// is `main`, else the first without a role, else the first. The error says what was found instead.
fn text_of(value: &Value) -> Result<Option<Text<'_>>, String> {
    let Value::Array(list) = value else { return single_text(value) };
    let mut best: Option<((bool, u8), Text<'_>)> = None;
    for item in list {
        let text = single_text(item).map_err(|found| format!("is a list in which one {found}"))?;
        let Some(text) = text else { continue };
        let role = match item.get("role").and_then(Value::as_str) {
            Some("main") => 0,
            None => 1,
            Some(_) => 2,
        };
        let rank = (text.is_blank(), role);
        if best.is_none_or(|(standing, _)| rank < standing) {
            best = Some((rank, text));
        }
    }
    Ok(best.map(|(_, text)| text))
}

fn single_text(value: &Value) -> Result<Option<Text<'_>>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(Text { value: text, content_type: None })),
        Value::Object(object) => match object.get("value") {
            Some(Value::String(text)) => {
                Ok(Some(Text { value: text, content_type: object.get("contentType").and_then(Value::as_str) }))
            }
            Some(Value::Null) => Ok(None),
            Some(other) => Err(format!("is an object whose `value` is {}", kind(other))),
            None => Err("is an object without `value`".to_owned()),
        },
        other => Err(format!("is {}", kind(other))),
    }
}

/// The names in a string, an object with a `name`, or a list of these.
fn credited_names(value: &Value) -> Vec<&str> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter()
        .filter_map(|item| item.as_str().or_else(|| item.get("name")?.as_str()))
        .map(|name| cut(name.trim(), NAME_BYTES_MAX))
        .filter(|name| !name.is_empty())
        .take(CREDITS_MAX)
        .collect()
}

/// The host of an http address in lower case, without `www.`, user and port.
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
