//! Identities of articles: in values, and in the keys of Kafka records.

use serde_json::Value;

use super::wrapped;

/// Longest uri that is accepted, in bytes. The uri is a Kafka key, and is kept in memory for every live article.
pub const URI_BYTES_MAX: usize = 1024;

/// The identity or address in a value, if it is no longer than a uri may be.
pub(in crate::article) fn uri_of_value(value: &Value) -> Option<String> {
    wrapped::identity(value).filter(|uri| uri.len() <= URI_BYTES_MAX)
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
