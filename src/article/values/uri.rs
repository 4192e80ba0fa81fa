//! Identities of articles: in values, and in the keys of Kafka records.

use serde_json::Value;

use super::wrapped;

/// Longest uri that is accepted, in bytes. The uri is a Kafka key, and is kept in memory for every live article.
pub const URI_BYTES_MAX: usize = 1024;

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
