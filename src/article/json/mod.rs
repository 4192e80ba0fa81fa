//! Bytes to a JSON object, with limits on size and depth.

mod encoding;
mod repair;
mod table;
mod value;

use std::borrow::Cow;

use serde_json::{Map, Value};

use self::repair::repaired;
use super::xml;
use crate::record::{Reason, Rejection};

pub use encoding::{is_binary, wide_encoding};

/// Largest raw record that is read, in bytes. The longest articles have some hundred kilobytes; pages saved with their
/// images reach a few megabytes, and a hundred such records in flight must fit into memory.
pub const RAW_RECORD_BYTES_MAX: usize = 8 << 20;

/// Deepest nesting that is read, in levels. Articles use five; reading and dropping the tree recurses, and this bound
/// keeps it within a small stack.
pub const DEPTH_MAX: usize = 64;

/// Longest detail of a rejection: it is for a person to read and is sent in a record header.
pub const DETAIL_BYTES_MAX: usize = 400;

/// The bytes that a serializer of Confluent's Schema Registry puts before a value: a zero, and the id of the schema as
/// four bytes, the highest first.
const SCHEMA_FRAME_BYTES: usize = 5;

/// How a file of Avro's object container format begins.
const AVRO_CONTAINER: &[u8] = b"Obj\x01";

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

/// Reads one record: a JSON object, also behind the frame of a Schema Registry or as the only element of a list, or an
/// article as XML. A byte order mark is skipped.
pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Rejection> {
    if bytes.len() > RAW_RECORD_BYTES_MAX {
        let detail = format!("{} bytes; a record has at most {RAW_RECORD_BYTES_MAX}", bytes.len());
        return Err(reject(Reason::TooLarge, &detail));
    }
    let text = std::str::from_utf8(unframed(bytes)?).map_err(|error| {
        let detail = format!("not UTF-8 from byte {} on; {}", error.valid_up_to(), encoding::remedy(bytes));
        reject(Reason::NotUtf8, &detail)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('<') {
        return xml::record(text).map_err(|error| reject(Reason::UnsupportedFormat, &error));
    }
    match parse(text)? {
        Value::Object(object) => Ok(object),
        Value::Array(mut list) => match (list.pop(), list.len()) {
            (Some(Value::Object(object)), 0) => Ok(object),
            (Some(Value::Object(_)), others) => {
                let detail = format!(
                    "the record is a list of {} objects: make each a record of its own, for example with \
                     jq -c 'arrays[] // .'",
                    others + 1
                );
                Err(reject(Reason::NotObject, &detail))
            }
            _ => Err(reject(Reason::NotObject, "the record is a list, not an object")),
        },
        other => Err(reject(Reason::NotObject, &format!("the record is {}, not an object", kind(&other)))),
    }
}

/// Refuses an object that is a table of many articles, or a part of an export.
pub(super) fn refuse_table(object: &Map<String, Value>) -> Result<(), Rejection> {
    let rejection = |refusal| reject(Reason::NotObject, &format!("the record is {refusal}"));
    table::refusal(object).map(rejection).map_or(Ok(()), Err)
}

/// Reads a JSON value. Of several values under one name the last one counts that is not blank. What JSON does not
/// allow but some writers produce is repaired, see [`repaired`].
pub(super) fn parse(text: &str) -> Result<Value, Rejection> {
    // Checked before parsing because the parser's own limit reports depth as a syntax error.
    if nests_too_deep(text) {
        return Err(reject(Reason::TooDeep, &format!("nested deeper than {DEPTH_MAX} levels")));
    }
    value::from_str(text).or_else(|error| match repaired(text) {
        Cow::Borrowed(_) => Err(not_json(&error)),
        Cow::Owned(text) => value::from_str(&text).map_err(|error| not_json(&error)),
    })
}

/// The fault and its place. A record may be anywhere in its file, so its lines are told from those of the file.
fn not_json(error: &serde_json::Error) -> Rejection {
    let text = error.to_string();
    let fault = text.rsplit_once(" at line ").map_or(&*text, |(fault, _)| fault);
    let place = match (error.line(), error.column()) {
        (1, column) => format!("column {column}"),
        (line, 0) => format!("the end of its line {}", line.saturating_sub(1)),
        (line, column) => format!("column {column} of its line {line}"),
    };
    reject(Reason::NotJson, &format!("{fault} at {place}"))
}

/// The value behind the frame of a Schema Registry. JSON has no use for a zero byte, so a value that begins with one is
/// framed.
fn unframed(bytes: &[u8]) -> Result<&[u8], Rejection> {
    if bytes.starts_with(AVRO_CONTAINER) {
        return Err(reject(Reason::UnsupportedFormat, "a file of Avro records; only JSON and XML are read"));
    }
    if wide_encoding(bytes).is_some() {
        return Err(reject(Reason::NotUtf8, &encoding::remedy(bytes)));
    }
    let Some((&[0, a, b, c, d], value)) = bytes.split_first_chunk::<SCHEMA_FRAME_BYTES>() else { return Ok(bytes) };
    if value.trim_ascii_start().starts_with(b"{") {
        return Ok(value);
    }
    let id = u32::from_be_bytes([a, b, c, d]);
    let detail =
        format!("Avro or Protobuf behind the frame of a Schema Registry (schema id {id}); only JSON is read there");
    Err(reject(Reason::UnsupportedFormat, &detail))
}

/// Checks whether brackets outside strings open more than [`DEPTH_MAX`] levels.
fn nests_too_deep(text: &str) -> bool {
    // As a rule there are fewer brackets than levels, and they are counted many bytes at a time.
    if text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() <= DEPTH_MAX {
        return false;
    }
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
        assert_eq!(rejection(b"{\"a\":\"\xff\"}"), (Reason::NotUtf8, not_utf8(6)));
        assert_eq!(rejection(b"\xef\xbb\xbf{\"a\":\"\xff\"}"), (Reason::NotUtf8, not_utf8(9)));
    }

    fn not_utf8(byte: usize) -> String {
        let remedy = "convert it from the encoding that its source writes: iconv -f ENCODING -t UTF-8";
        format!("not UTF-8 from byte {byte} on; {remedy}")
    }

    #[test]
    fn utf_16_is_told_from_a_framed_value() {
        for bytes in [&b"{\0\"\0"[..], b"\0{\0\"", b"\xFF\xFE{\0"] {
            assert!(rejection(bytes).1.starts_with("it looks like UTF-16"), "{bytes:?}");
        }
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
        assert_eq!(rejection("[]"), (Reason::NotObject, "the record is a list, not an object".to_owned()));
        let (reason, detail) = rejection("[{}, {}]");
        assert_eq!(reason, Reason::NotObject);
        assert!(detail.starts_with("the record is a list of 2 objects: "), "{detail}");
        assert!(object(b"[{}]").is_ok());
        assert_eq!(rejection(r#""a""#), (Reason::NotObject, "the record is text, not an object".to_owned()));
        assert_eq!(rejection("null"), (Reason::NotObject, "the record is null, not an object".to_owned()));
    }

    #[test]
    fn broken_json_is_reported_with_its_position() {
        let (reason, detail) = rejection(r#"{"a" 1}"#);
        assert_eq!((reason, detail.as_str()), (Reason::NotJson, "expected `:` at column 6"));
        assert_eq!(rejection("{\n \"a\": 1\n").1, "EOF while parsing an object at the end of its line 2");
        assert_eq!(rejection("{\n \"a\": 1\n \"b\"}").1, "expected `,` or `}` at column 2 of its line 3");
        assert_eq!(rejection("").0, Reason::NotJson);
        assert_eq!(rejection("{} {}").0, Reason::NotJson);
    }

    #[test]
    fn what_some_writers_produce_against_the_standard_is_repaired() {
        let object = object(br#"{"a":"x\ud800y","b":NaN,"c":[-Infinity,],"d":1e999,"e":007}"#).expect("an object");
        let expected = serde_json::json!({"a": "x\u{fffd}y", "b": null, "c": [null], "d": null, "e": "007"});
        assert_eq!(Value::Object(object), expected);
        assert_eq!(rejection(r#"{"a":"\ud800","b":nan}"#).0, Reason::NotJson);
    }

    #[test]
    fn json_behind_the_frame_of_a_schema_registry_is_read_and_nothing_else_is() {
        assert!(object(b"\0\0\0\x01\x07 {\"a\":1}").is_ok());
        let detail = "Avro or Protobuf behind the frame of a Schema Registry (schema id 263); only JSON is read there";
        assert_eq!(rejection(b"\0\0\0\x01\x07\x02\x04ab"), (Reason::UnsupportedFormat, detail.to_owned()));
        assert_eq!(rejection(b"\0\0\0\x01\x07").0, Reason::UnsupportedFormat);
        assert_eq!(rejection(b"\0\0").0, Reason::NotJson);
        assert_eq!(rejection(b"Obj\x01\x04").0, Reason::UnsupportedFormat);
    }

    #[test]
    fn a_detail_is_cut_between_characters() {
        let detail = reject(Reason::WrongType, &"ء".repeat(500)).detail;
        assert_eq!(detail, "ء".repeat(200));
        assert_eq!(cut("aء", 2), "a");
    }
}
