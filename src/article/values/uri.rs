//! Identities of articles: in values, and in the keys of Kafka records.

use serde_json::Value;

use super::outlet::NAME_BYTES_MAX;
use super::wrapped;
use crate::article::json::cut;
use crate::article::shapes::SHAPES;

/// Longest uri that is accepted, in bytes. The uri is a Kafka key, and is kept in memory for every live article.
pub const URI_BYTES_MAX: usize = 1024;

/// Longest id without a scheme, in bytes: the outlet before it must fit into the uri too.
const BARE_ID_BYTES_MAX: usize = URI_BYTES_MAX - NAME_BYTES_MAX - 1;

/// What a record states of the identity of its article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::article) struct StatedId {
    /// The id, as it came.
    pub(in crate::article) id: Option<String>,
    /// It stands under a name that often is that of something else: the address of the page says more.
    pub(in crate::article) is_weak: bool,
    /// The address of the page, if it can be an identity.
    pub(in crate::article) page: Option<String>,
    /// The outlet; empty where unknown.
    pub(in crate::article) outlet: String,
}

impl StatedId {
    /// The uri of the article: an id with a scheme, else the address, else the id at its outlet, else the bare id. Two sites
    /// may give one number to two articles.
    pub(in crate::article) fn uri(&self) -> Option<String> {
        let absolute = self.id.as_ref().filter(|id| has_scheme(id));
        let first = if self.is_weak { self.page.as_ref().or(absolute) } else { absolute.or(self.page.as_ref()) };
        let at_outlet = || {
            let id = self.id.as_deref()?;
            let outlet = self.outlet.to_lowercase();
            // Some capitals take fewer bytes than their small letters.
            let outlet = cut(&outlet, NAME_BYTES_MAX);
            Some(if outlet.is_empty() { id.to_owned() } else { format!("{outlet}/{}", id.trim_start_matches('/')) })
        };
        first.cloned().or_else(at_outlet)
    }
}

/// Whether an id begins with a scheme (RFC 3986, section 3.1), so that it is unique by itself. One letter is a drive, and a
/// name with a dot is a host with its port.
pub(in crate::article) fn has_scheme(id: &str) -> bool {
    let Some((scheme, rest)) = id.split_once(':') else { return false };
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-".contains(&byte));
    is_scheme && !rest.is_empty() && !id.contains(char::is_whitespace)
}

/// The id in a value. One without a scheme must leave room for an outlet.
pub(in crate::article) fn id_of_value(value: &Value) -> Option<String> {
    uri_of_value(value).filter(|id| id.len() <= BARE_ID_BYTES_MAX || has_scheme(id))
}

/// An address without what makes no other page: the scheme is https, the host is in lower case, and fragment and
/// parameters for tracking are gone. An id that is no web address stays as it is.
pub(in crate::article) fn normalised(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else { return uri.to_owned() };
    if !["http", "https"].iter().any(|http| http.eq_ignore_ascii_case(scheme)) {
        return uri.to_owned();
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (rest, query) = rest.split_once('?').map_or((rest, ""), |(rest, query)| (rest, query));
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let is_tracking = |parameter: &&str| {
        let name = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
        SHAPES.values.tracking.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *known,
        })
    };
    let kept: Vec<&str> = query.split('&').filter(|part| !part.is_empty() && !is_tracking(part)).collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    let normalised = format!("https://{}{path}{mark}{}", host.to_lowercase(), kept.join("&"));
    if normalised.len() > URI_BYTES_MAX { uri.to_owned() } else { normalised }
}

/// The identity or address in a value, if it is no longer than a uri may be.
pub(in crate::article) fn uri_of_value(value: &Value) -> Option<String> {
    wrapped::identity(value).filter(|uri| uri.len() <= URI_BYTES_MAX)
}

/// The web address in a value. One without a scheme gets `https`.
pub(in crate::article) fn address(value: &Value) -> Option<String> {
    let stated = uri_of_value(value)?;
    if stated.contains("://") {
        return Some(stated);
    }
    let rest = stated.strip_prefix("//").unwrap_or(&stated);
    let (host, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_host = host.contains('.')
        && host.split('.').all(is_label)
        && host.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let is_address = is_host && (path.is_some() || host.starts_with("www."));
    is_address.then(|| format!("https://{rest}")).filter(|address| address.len() <= URI_BYTES_MAX)
}

/// Whether an address is that of a page, and not of a site or of a feed: as an identity these would make all their
/// articles one.
pub(in crate::article) fn is_page(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return true };
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (path, query) = rest[..end].split_once('/').map_or(("", &rest[end..]), |(_, path)| (path, &rest[end..]));
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_site = last.is_empty() && query.len() <= 1;
    let is_feed = matches!(&*last, "feed" | "rss" | "atom" | "feeds")
        || [".rss", ".atom", "feed.xml", "rss.xml", "index.xml", "atom.xml"]
            .iter()
            .any(|ending| last.ends_with(ending));
    !is_site && !is_feed
}

/// A key without the quotes that a connector for JSON puts around it.
pub(in crate::article) fn key_text(key: &str) -> String {
    let key = key.trim();
    if key.starts_with('"') { serde_json::from_str(key).unwrap_or_else(|_| key.to_owned()) } else { key.to_owned() }
}

/// A key that can be an identity.
pub(in crate::article) fn uri_of_key(key: &[u8]) -> Option<String> {
    let key = key_text(std::str::from_utf8(key).ok()?);
    (!key.is_empty() && key.len() <= URI_BYTES_MAX && !key.contains('\0')).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_an_identity_with_a_scheme_or_with_its_outlet() {
        let uri = |id: &str, page: Option<&str>, outlet: &str| {
            let stated = StatedId {
                id: (!id.is_empty()).then(|| id.to_owned()),
                page: page.map(str::to_owned),
                outlet: outlet.to_owned(),
                is_weak: false,
            };
            stated.uri().unwrap_or_default()
        };
        let page = Some("https://a.example/x");
        assert_eq!(uri("urn:a:7", page, "a.example"), "urn:a:7");
        assert_eq!(uri("7", page, "a.example"), "https://a.example/x");
        assert_eq!(uri("7", None, "A.example"), "a.example/7");
        assert_eq!(uri("/x/7", None, "The Post"), "the post/x/7");
        assert_eq!(uri("7", None, ""), "7");
        assert_eq!(uri("", None, "a.example"), "");
        let weak = StatedId { id: Some("tag:7".to_owned()), is_weak: true, ..StatedId::default() };
        assert_eq!(weak.uri().as_deref(), Some("tag:7"));
        assert_eq!(StatedId { page: Some("https://a.example/x".to_owned()), ..weak }.uri().as_deref(), page);
    }

    #[test]
    fn no_uri_is_longer_than_one_may_be() {
        let outlet = "İ".repeat(NAME_BYTES_MAX / "İ".len());
        let id = "u".repeat(BARE_ID_BYTES_MAX);
        let stated = StatedId { id: Some(id), outlet, ..StatedId::default() };
        assert_eq!(stated.uri().map(|uri| uri.len()), Some(URI_BYTES_MAX - 1), "a letter of three bytes does not fit");
        let longest = format!("http://a.example/{}", "x".repeat(URI_BYTES_MAX - "http://a.example/".len()));
        assert_eq!(normalised(&longest), longest);
    }

    #[test]
    fn a_scheme_is_no_drive_and_no_port() {
        for id in ["urn:x:1", "tag:a.example,2026:7", "https://a.example/", "reuters:KBN7"] {
            assert!(has_scheme(id), "{id}");
        }
        for id in ["7", "c:\\texts\\7", "a.example:443/x", "10:30", "id:", "Note: a title", "/x:y", ""] {
            assert!(!has_scheme(id), "{id}");
        }
    }

    #[test]
    fn a_normalised_address_keeps_what_tells_pages_apart() {
        for (address, same) in [
            ("http://A.example/X?utm_source=b&id=7#top", "https://a.example/X?id=7"),
            ("https://a.example/x?fbclid=1", "https://a.example/x"),
            ("https://a.example?p=3", "https://a.example?p=3"),
            ("urn:x:1#a", "urn:x:1#a"),
        ] {
            assert_eq!(normalised(address), same);
        }
    }
}
