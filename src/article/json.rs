//! Bytes to a JSON object, with limits on size and depth.

use serde_json::{Map, Value};

use crate::record::{Reason, Rejection};

/// Largest raw record that is read, in bytes. The longest articles have some hundred kilobytes; pages saved with their
/// images reach a few megabytes, and a hundred such records in flight must fit into memory.
pub const RAW_RECORD_BYTES_MAX: usize = 8 << 20;

/// Deepest nesting that is read, in levels. Articles use five; reading and dropping the tree recurses, and this bound
/// keeps it within a small stack.
pub const DEPTH_MAX: usize = 64;

/// Longest detail of a rejection: it is for a person to read and is sent in a record header.
const DETAIL_BYTES_MAX: usize = 200;

/// Makes a rejection and cuts its detail to [`DETAIL_BYTES_MAX`].
pub(super) fn reject(reason: Reason, detail: &str) -> Rejection {
    Rejection { reason, detail: cut(detail, DETAIL_BYTES_MAX).to_owned() }
}

/// The longest start of `text` that has at most `max` bytes and ends between characters.
pub(super) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// The type of a value, in words for a rejection.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Reads one JSON object. If a key occurs twice the last one counts; a byte order mark is skipped.
pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Rejection> {
    if bytes.len() > RAW_RECORD_BYTES_MAX {
        let detail = format!("{} bytes; a record has at most {RAW_RECORD_BYTES_MAX}", bytes.len());
        return Err(reject(Reason::TooLarge, &detail));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| reject(Reason::NotUtf8, &format!("not UTF-8 from byte {} on", error.valid_up_to())))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Checked before parsing because the parser's own limit reports depth as a syntax error.
    if nests_too_deep(text) {
        return Err(reject(Reason::TooDeep, &format!("nested deeper than {DEPTH_MAX} levels")));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(reject(Reason::NotObject, &format!("the record is {}, not an object", kind(&other)))),
        Err(error) => Err(reject(Reason::NotJson, &error.to_string())),
    }
}

/// Checks whether brackets outside strings open more than [`DEPTH_MAX`] levels.
fn nests_too_deep(text: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(bytes: impl AsRef<[u8]>) -> (Reason, String) {
        let rejection = object(bytes.as_ref()).expect_err("a rejection");
        (rejection.reason, rejection.detail)
    }

    fn nested(levels: usize) -> String {
        format!(r#"{{"a":{}{}}}"#, "[".repeat(levels - 1), "]".repeat(levels - 1))
    }

    #[test]
    fn a_record_above_the_limit_is_too_large() {
        let fits = format!(r#"{{"a":"{}"}}"#, "x".repeat(RAW_RECORD_BYTES_MAX - 8));
        assert_eq!(fits.len(), RAW_RECORD_BYTES_MAX);
        assert!(object(fits.as_bytes()).is_ok());
        assert_eq!(rejection(fits + " "), (Reason::TooLarge, "8388609 bytes; a record has at most 8388608".to_owned()));
    }

    #[test]
    fn invalid_utf8_is_reported_with_its_position() {
        assert_eq!(rejection(b"{\"a\":\"\xff\"}"), (Reason::NotUtf8, "not UTF-8 from byte 6 on".to_owned()));
        assert_eq!(
            rejection(b"\xef\xbb\xbf{\"a\":\"\xff\"}"),
            (Reason::NotUtf8, "not UTF-8 from byte 9 on".to_owned())
        );
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert!(object(b"\xef\xbb\xbf{}").is_ok());
    }

    #[test]
    fn nesting_is_read_up_to_the_limit() {
        assert!(object(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert_eq!(rejection(nested(DEPTH_MAX + 1)).0, Reason::TooDeep);
        assert_eq!(rejection(nested(10_000)).0, Reason::TooDeep);
        assert_eq!(rejection("[".repeat(10_000)).0, Reason::TooDeep);
    }

    #[test]
    fn brackets_in_strings_do_not_count_as_nesting() {
        let text = format!(r#"{{"a":"\"{}"}}"#, "[".repeat(1000));
        assert!(object(text.as_bytes()).is_ok());
    }

    #[test]
    fn a_list_or_a_text_is_not_an_object() {
        assert_eq!(rejection("[1]"), (Reason::NotObject, "the record is a list, not an object".to_owned()));
        assert_eq!(rejection(r#""a""#), (Reason::NotObject, "the record is text, not an object".to_owned()));
        assert_eq!(rejection("null"), (Reason::NotObject, "the record is null, not an object".to_owned()));
    }

    #[test]
    fn broken_json_is_reported_with_its_position() {
        let (reason, detail) = rejection(r#"{"a" 1}"#);
        assert_eq!((reason, detail.as_str()), (Reason::NotJson, "expected `:` at line 1 column 6"));
        assert_eq!(rejection("").0, Reason::NotJson);
        assert_eq!(rejection("{} {}").0, Reason::NotJson);
    }

    #[test]
    fn a_lone_surrogate_is_not_json() {
        assert_eq!(rejection(r#"{"a":"\ud800"}"#).0, Reason::NotJson);
        assert_eq!(rejection(r#"{"a":"\udc00\ud800"}"#).0, Reason::NotJson);
        assert!(object(r#"{"a":"\ud83d\ude00"}"#.as_bytes()).is_ok());
    }

    #[test]
    fn the_last_value_of_a_repeated_key_counts() {
        assert_eq!(object(br#"{"a":1,"a":2}"#).expect("an object")["a"], 2);
    }

    #[test]
    fn a_detail_is_cut_between_characters() {
        let detail = reject(Reason::WrongType, &"ء".repeat(500)).detail;
        assert_eq!(detail, "ء".repeat(100));
        assert_eq!(cut("aء", 2), "a");
    }
}
