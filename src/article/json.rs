//! Bytes to a JSON object, within bounds.

use serde_json::{Map, Value};

use crate::record::{Reason, Rejection};

/// Largest record read, in bytes. The longest articles have some hundred kilobytes; pages saved with their
/// images inside reach a few megabytes, and a hundred such records in flight must fit into memory.
pub const RECORD_BYTES_MAX: usize = 8 << 20;

/// Deepest nesting read. Articles use five levels; what reads and drops the tree recurses, so the bound is what
/// keeps it within a small stack.
pub const DEPTH_MAX: usize = 64;

/// A detail is for a person and travels in a header.
const DETAIL_BYTES_MAX: usize = 200;

/// A refusal, its detail cut to a length that a header carries.
pub(super) fn reject(reason: Reason, detail: &str) -> Rejection {
    Rejection { reason, detail: cut(detail, DETAIL_BYTES_MAX).to_owned() }
}

/// The longest start of `text` that has at most `max` bytes and ends between characters.
pub(super) fn cut(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What a value is, in words for a refusal.
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

/// Reads one JSON object. Of a key that stands twice the last one counts; a byte order mark is skipped.
pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Rejection> {
    if bytes.len() > RECORD_BYTES_MAX {
        let detail = format!("{} bytes; a record has at most {RECORD_BYTES_MAX}", bytes.len());
        return Err(reject(Reason::TooLarge, &detail));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| reject(Reason::NotUtf8, &format!("not UTF-8 from byte {} on", error.valid_up_to())))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Before parsing: the parser's own bound reports depth as a syntax error.
    if nests_too_deep(text) {
        return Err(reject(Reason::TooDeep, &format!("nested deeper than {DEPTH_MAX} levels")));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(reject(Reason::NotObject, &format!("the record is {}, not an object", kind(&other)))),
        Err(error) => Err(reject(Reason::NotJson, &error.to_string())),
    }
}

/// Whether brackets outside strings open more than [`DEPTH_MAX`] levels.
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

    fn refusal(bytes: impl AsRef<[u8]>) -> (Reason, String) {
        let rejection = object(bytes.as_ref()).expect_err("should be refused");
        (rejection.reason, rejection.detail)
    }

    fn nested(levels: usize) -> String {
        format!(r#"{{"a":{}{}}}"#, "[".repeat(levels - 1), "]".repeat(levels - 1))
    }

    #[test]
    fn a_record_above_the_bound_is_too_large() {
        let fits = format!(r#"{{"a":"{}"}}"#, "x".repeat(RECORD_BYTES_MAX - 8));
        assert_eq!(fits.len(), RECORD_BYTES_MAX);
        assert!(object(fits.as_bytes()).is_ok());
        assert_eq!(refusal(fits + " "), (Reason::TooLarge, "8388609 bytes; a record has at most 8388608".to_owned()));
    }

    #[test]
    fn invalid_utf8_is_told_with_its_place() {
        assert_eq!(refusal(b"{\"a\":\"\xff\"}"), (Reason::NotUtf8, "not UTF-8 from byte 6 on".to_owned()));
        assert_eq!(refusal(b"\xef\xbb\xbf{\"a\":\"\xff\"}"), (Reason::NotUtf8, "not UTF-8 from byte 9 on".to_owned()));
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert!(object(b"\xef\xbb\xbf{}").is_ok());
    }

    #[test]
    fn nesting_is_read_up_to_the_bound() {
        assert!(object(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert_eq!(refusal(nested(DEPTH_MAX + 1)).0, Reason::TooDeep);
        assert_eq!(refusal(nested(10_000)).0, Reason::TooDeep);
        assert_eq!(refusal("[".repeat(10_000)).0, Reason::TooDeep);
    }

    #[test]
    fn brackets_in_strings_nest_nothing() {
        let text = format!(r#"{{"a":"\"{}"}}"#, "[".repeat(1000));
        assert!(object(text.as_bytes()).is_ok());
    }

    #[test]
    fn a_list_or_a_text_is_no_object() {
        assert_eq!(refusal("[1]"), (Reason::NotObject, "the record is a list, not an object".to_owned()));
        assert_eq!(refusal(r#""a""#), (Reason::NotObject, "the record is text, not an object".to_owned()));
        assert_eq!(refusal("null"), (Reason::NotObject, "the record is null, not an object".to_owned()));
    }

    #[test]
    fn broken_json_is_told_with_its_place() {
        let (reason, detail) = refusal(r#"{"a" 1}"#);
        assert_eq!((reason, detail.as_str()), (Reason::NotJson, "expected `:` at line 1 column 6"));
        assert_eq!(refusal("").0, Reason::NotJson);
        assert_eq!(refusal("{} {}").0, Reason::NotJson);
    }

    #[test]
    fn a_lone_surrogate_is_not_json() {
        assert_eq!(refusal(r#"{"a":"\ud800"}"#).0, Reason::NotJson);
        assert_eq!(refusal(r#"{"a":"\udc00\ud800"}"#).0, Reason::NotJson);
        assert!(object(r#"{"a":"\ud83d\ude00"}"#.as_bytes()).is_ok());
    }

    #[test]
    fn of_a_key_that_stands_twice_the_last_one_counts() {
        assert_eq!(object(br#"{"a":1,"a":2}"#).expect("reads")["a"], 2);
    }

    #[test]
    fn a_detail_is_cut_between_characters() {
        let detail = reject(Reason::WrongType, &"ء".repeat(500)).detail;
        assert_eq!(detail, "ء".repeat(100));
        assert_eq!(cut("aء", 2), "a");
    }
}
