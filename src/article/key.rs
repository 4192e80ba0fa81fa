//! Keys of Kafka records.

use super::uri::URI_BYTES_MAX;

/// A key without the quotes that a connector for JSON puts around it.
pub(super) fn key_text(key: &str) -> String {
    let key = key.trim();
    if key.starts_with('"') { serde_json::from_str(key).unwrap_or_else(|_| key.to_owned()) } else { key.to_owned() }
}

/// A key that can be an identity.
pub(super) fn uri_of_key(key: &[u8]) -> Option<String> {
    let key = key_text(std::str::from_utf8(key).ok()?);
    (!key.is_empty() && key.len() <= URI_BYTES_MAX && !key.contains('\0')).then_some(key)
}
