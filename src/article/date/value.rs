//! A JSON value to a date: a text, a number, a list, or an object with one of them.

use serde_json::Value;

use super::cleaned::cleaned;
use super::context::DateContext;
use super::iso::iso_8601;
use super::local_zone::LocalZone;
use super::outcome::{DateFormat, DateOrder, ReadDate};
use super::parts;
use super::rfc_2822::rfc_2822;
use super::unread::UnreadDate;
use super::{count, object, written};

/// Longest text that is looked at, in bytes: the longest dates, in Arabic with a label, have some 150.
const TEXT_BYTES_MAX: usize = 200;

/// Longest text with HTML around a date that is looked at, in bytes.
const MARKUP_BYTES_MAX: usize = 1000;

/// Most objects and lists around a date. Avro around `MongoDB` has three.
const NESTING_MAX: usize = 4;

/// Reads the date in a value, if there is exactly one and it means one time.
///
/// `order` is the order of day and month where a text does not tell it.
pub fn read(value: &Value, order: DateOrder) -> Result<ReadDate, UnreadDate> {
    read_in(value, &LocalZone::Utc, order)
}

/// Reads the date in a value like [`read`]. A time without a zone is in this one.
pub(in crate::article) fn read_in(value: &Value, zone: &LocalZone, order: DateOrder) -> Result<ReadDate, UnreadDate> {
    nested(value, &DateContext { order, zone }, NESTING_MAX)
}

fn nested(value: &Value, context: &DateContext<'_>, nesting: usize) -> Result<ReadDate, UnreadDate> {
    let inside = |value: &Value, context: &DateContext<'_>| match nesting.checked_sub(1) {
        Some(nesting) => nested(value, context, nesting),
        None => Err(UnreadDate::UnknownForm),
    };
    match value {
        Value::String(text) => self::text(text, context),
        Value::Number(number) => count::from_number(number, context),
        Value::Object(object) => object::read(object, context, &inside),
        Value::Array(list) => match list.as_slice() {
            [] => Err(UnreadDate::NoDate),
            [Value::Number(_), _, ..] => parts::list(list, context),
            // A date that is given twice is one.
            [first, others @ ..] => {
                others.iter().try_fold(inside(first, context)?, |date, other| date.and(inside(other, context)?))
            }
        },
        Value::Null | Value::Bool(_) => Err(UnreadDate::NoDate),
    }
}

fn text(text: &str, context: &DateContext<'_>) -> Result<ReadDate, UnreadDate> {
    let text = trimmed(text);
    if text.len() > MARKUP_BYTES_MAX {
        return Err(UnreadDate::TooLong);
    }
    match cleaned(text) {
        Some(cleaned) => plain_text(trimmed(&cleaned), context),
        None => plain_text(text, context),
    }
}

fn plain_text(text: &str, context: &DateContext<'_>) -> Result<ReadDate, UnreadDate> {
    let is_none = ["none", "null", "n/a", "nan", "nat", "unknown", "undefined", "-"];
    if text.is_empty() || is_none.iter().any(|none| text.eq_ignore_ascii_case(none)) {
        return Err(UnreadDate::NoDate);
    }
    if text.len() > TEXT_BYTES_MAX {
        return Err(UnreadDate::TooLong);
    }
    let machine = count::from_digits(text, context)
        .or_else(|| iso_8601(text, context))
        .or_else(|| rfc_2822(text).map(Ok))
        .or_else(|| unwrapped(text, context));
    machine.unwrap_or_else(|| written::written(text, context))
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || character == '\u{FEFF}')
}

/// Dates with a bit of a program around them. None if there is nothing around it.
fn unwrapped(text: &str, context: &DateContext<'_>) -> Option<Result<ReadDate, UnreadDate>> {
    let between = |start: &str, end: &str| text.strip_prefix(start)?.strip_suffix(end);
    // JSON of .NET, and JavaScript. The offset says where it was written; the count is in UTC.
    if let Some(count) = between("/Date(", ")/").or_else(|| between("new Date(", ")")) {
        let digits = count.split_once(['+', '-']).map_or(count, |(digits, _)| digits);
        return Some(count::from_digits(digits, context)?.and_then(milliseconds));
    }
    // PDF: `D:20240105100000+01'00'`.
    if let Some(digits) = text.strip_prefix("D:") {
        return count::from_digits(&digits.replace('\'', ""), context);
    }
    // A shell of MongoDB, and text that was made JSON twice.
    let quoted = between("ISODate(", ")").unwrap_or(text);
    let inner = ['"', '\''].iter().find_map(|quote| quoted.strip_prefix(*quote)?.strip_suffix(*quote));
    if let Some(inner) = inner {
        return Some(plain_text(trimmed(inner), context));
    }
    // A time of Go ends with its monotonic clock.
    let (time, clock) = text.split_once(" m=")?;
    let is_clock = clock.starts_with(['+', '-']) && clock[1..].bytes().all(|b| b.is_ascii_digit() || b == b'.');
    is_clock.then(|| plain_text(trimmed(time), context))
}

/// The date, if it was a count of milliseconds.
fn milliseconds(date: ReadDate) -> Result<ReadDate, UnreadDate> {
    if date.format == DateFormat::EpochMilliseconds { Ok(date) } else { Err(UnreadDate::Number) }
}
