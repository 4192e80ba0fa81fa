//! A JSON value to a date: which part of an object or list is the text or number.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde_json::{Map, Value};

use super::iso::iso_8601;
use super::outcome::{DateFormat, DateOrder, ReadDate};
use super::rfc_2822::rfc_2822;
use super::{count, written, zones};

/// Longest text that is looked at, in bytes: the longest dates, in Arabic with a label, have some 150.
const TEXT_BYTES_MAX: usize = 200;

/// Most objects and lists around a date. Avro around `MongoDB` has three.
const NESTING_MAX: usize = 4;

/// Names under which libraries and databases wrap a date that is otherwise a text or a number: `MongoDB`, JSON-LD and
/// `BigQuery`, readers of XML, Parse, unions of Avro, `DynamoDB`, Firestore.
const WRAPPERS: &[&str] = &[
    "$date",
    "$$date",
    "$numberLong",
    "$numberInt",
    "$numberDouble",
    "$numberDecimal",
    "@value",
    "value",
    "#text",
    "_",
    "$",
    "$t",
    "$text",
    "__text",
    "_text",
    "iso",
    "long",
    "string",
    "double",
    "S",
    "N",
    "timestampValue",
    "stringValue",
    "integerValue",
];

/// Names of values that say nothing of a date beside them. Attributes of XML begin with one of [`ATTRIBUTE_MARKS`].
const DESCRIPTIONS: &[&str] = &["type", "format", "datatype", "lang"];
const ATTRIBUTE_MARKS: [char; 4] = ['@', '$', '_', '-'];

/// Reads the date in a value, if there is exactly one and it means one time.
///
/// `order` is the order of day and month where a text does not tell it.
pub fn read(value: &Value, order: DateOrder) -> Option<ReadDate> {
    nested(value, order, NESTING_MAX)
}

fn nested(value: &Value, order: DateOrder, nesting: usize) -> Option<ReadDate> {
    match value {
        Value::String(text) => self::text(text, order),
        Value::Number(number) => count::from_number(number),
        Value::Object(object) => self::object(object, order, nesting.checked_sub(1)?),
        Value::Array(list) => match list.as_slice() {
            [only] => nested(only, order, nesting.checked_sub(1)?),
            parts => self::list(parts),
        },
        Value::Null | Value::Bool(_) => None,
    }
}

fn text(text: &str, order: DateOrder) -> Option<ReadDate> {
    let text = trimmed(text);
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    if text.as_bytes().first()?.is_ascii_digit()
        && let Some(date) = count::from_digits(text).or_else(|| iso_8601(text))
    {
        return Some(date);
    }
    rfc_2822(text).or_else(|| unwrapped(text, order)).or_else(|| written::written(text, order))
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || character == '\u{FEFF}')
}

/// Dates with a bit of a program around them.
fn unwrapped(text: &str, order: DateOrder) -> Option<ReadDate> {
    let between = |start: &str, end: &str| text.strip_prefix(start)?.strip_suffix(end);
    // JSON of .NET, and JavaScript. The offset says where it was written; the count is in UTC.
    if let Some(count) = between("/Date(", ")/").or_else(|| between("new Date(", ")")) {
        let digits = count.split_once(['+', '-']).map_or(count, |(digits, _)| digits);
        return milliseconds(count::from_digits(digits)?);
    }
    // A shell of MongoDB, and text that was made JSON twice.
    let quoted = between("ISODate(", ")").unwrap_or(text);
    let inner = ['"', '\''].iter().find_map(|quote| quoted.strip_prefix(*quote)?.strip_suffix(*quote));
    if let Some(inner) = inner {
        return self::text(inner, order);
    }
    // A time of Go ends with its monotonic clock.
    let (time, clock) = text.split_once(" m=")?;
    let is_clock = clock.starts_with(['+', '-']) && clock[1..].bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if is_clock { self::text(time, order) } else { None }
}

fn milliseconds(date: ReadDate) -> Option<ReadDate> {
    (date.format == DateFormat::EpochMilliseconds).then_some(date)
}

fn object(object: &Map<String, Value>, order: DateOrder, nesting: usize) -> Option<ReadDate> {
    if object.contains_key("timezone_type") {
        return php(object);
    }
    if let Some(date) = seconds_and_nanoseconds(object).or_else(|| java(object)) {
        return Some(date);
    }
    let mut wrapped =
        object.iter().filter(|(name, _)| WRAPPERS.contains(&name.as_str()) && !is_attributes(name, object));
    let (name, value) = wrapped.next()?;
    let is_alone = object.keys().all(|other| other == name || is_description(other));
    if !is_alone || wrapped.next().is_some() {
        return None;
    }
    let date = nested(value, order, nesting)?;
    // MongoDB counts milliseconds only; a number of another size is a mistake.
    let is_count =
        matches!(date.format, DateFormat::EpochSeconds | DateFormat::EpochMicroseconds | DateFormat::EpochNanoseconds);
    if name.ends_with("$date") && is_count { None } else { Some(date) }
}

/// Whether `$` holds the attributes of an XML element, and not its text.
fn is_attributes(name: &str, object: &Map<String, Value>) -> bool {
    name == "$" && object.get(name).is_some_and(Value::is_object)
}

/// Whether the value of this name changes nothing in the date beside it.
fn is_description(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_plain = DESCRIPTIONS.contains(&name) || name.starts_with(ATTRIBUTE_MARKS);
    is_plain && !["zone", "offset", "tz", "unit", "calendar"].iter().any(|part| lower.contains(part))
}

/// `DateTime` of PHP.
fn php(object: &Map<String, Value>) -> Option<ReadDate> {
    let zone = zones::stated(object.get("timezone")?.as_str()?)?;
    // jiff would skip an offset within the text; PHP never writes one.
    let text = object.get("date")?.as_str().filter(|text| !text.contains(['+', '[']))?;
    let local: DateTime = text.parse().ok()?;
    ReadDate::at(local.date(), zone.instant(local)?, DateFormat::Object)
}

/// Protobuf, Firestore, `java.time.Instant`, and the timestamp of `MongoDB`.
fn seconds_and_nanoseconds(object: &Map<String, Value>) -> Option<ReadDate> {
    const NAMES: [(&str, &str); 7] = [
        ("seconds", "nanos"),
        ("seconds", "nanoseconds"),
        ("_seconds", "_nanoseconds"),
        ("epochSecond", "nano"),
        ("epochSeconds", "nanosecondsOfSecond"),
        ("epochSecond", "nanos"),
        ("seconds", "nano"),
    ];
    if let Some(Value::Object(timestamp)) = object.get("$timestamp") {
        let date = count::from_number(timestamp.get("t")?.as_number()?)?;
        return (date.format == DateFormat::EpochSeconds).then_some(date);
    }
    let is_pair = |(seconds, nanoseconds): &(&str, &str)| {
        object.contains_key(*seconds) && object.keys().all(|name| name == seconds || name == nanoseconds)
    };
    let (seconds, nanoseconds) = NAMES.into_iter().find(is_pair)?;
    let whole = match object.get(seconds)? {
        Value::Number(number) => count::from_number(number)?,
        Value::String(digits) => count::from_digits(trimmed(digits))?,
        _ => return None,
    };
    if whole.format != DateFormat::EpochSeconds {
        return None;
    }
    let fraction = object.get(nanoseconds).map_or(Some(0), Value::as_i64)?;
    if !(0..1_000_000_000).contains(&fraction) {
        return None;
    }
    let at = Timestamp::from_millisecond(whole.published.start().0 + fraction / 1_000_000).ok()?;
    ReadDate::at(Offset::UTC.to_datetime(at).date(), at, DateFormat::Object)
}

/// `LocalDateTime` of Java by Gson and by Jackson, and `java.util.Date` by json-lib.
fn java(object: &Map<String, Value>) -> Option<ReadDate> {
    let part = |object: &Map<String, Value>, name: &str| object.get(name).map_or(Some(0), Value::as_i64);
    if let (Some(time), Some(_)) = (object.get("time").and_then(Value::as_number), object.get("timezoneOffset")) {
        return milliseconds(count::from_number(time)?);
    }
    let (date, time, month) = match (object.get("date"), object.get("time")) {
        (Some(Value::Object(date)), Some(Value::Object(time))) if object.len() == 2 => (date, time, "month"),
        // Only Jackson counts its months from 1: a month alone may be counted from 0.
        _ if object.contains_key("monthValue") => (object, object, "monthValue"),
        _ => return None,
    };
    let day = if date.contains_key("day") { "day" } else { "dayOfMonth" };
    let date = civil_date(date.get("year")?.as_i64()?, date.get(month)?.as_i64()?, date.get(day)?.as_i64()?)?;
    if !time.contains_key("hour") {
        return ReadDate::day(date, DateFormat::Object);
    }
    let clock = [part(time, "hour")?, part(time, "minute")?, part(time, "second")?, part(time, "nano")?];
    ReadDate::at_utc(civil_time(date, clock)?, DateFormat::Object)
}

/// Lists of numbers: `LocalDate` and `LocalDateTime` of Java, `struct_time` of Python.
fn list(parts: &[Value]) -> Option<ReadDate> {
    let numbers = parts.iter().map(Value::as_i64).collect::<Option<Vec<_>>>()?;
    let (date, clock) = match *numbers.as_slice() {
        [year, month, day] => return ReadDate::day(civil_date(year, month, day)?, DateFormat::List),
        [year, month, day, hour, minute] => (civil_date(year, month, day)?, [hour, minute, 0, 0]),
        [year, month, day, hour, minute, second] => (civil_date(year, month, day)?, [hour, minute, second, 0]),
        // The seventh is nanoseconds in Java, which leaves a zero out. In JavaScript it is milliseconds, and the months are
        // counted from 0.
        [year, month, day, hour, minute, second, nanosecond @ 1000..=999_999_999] => {
            (civil_date(year, month, day)?, [hour, minute, second, nanosecond])
        }
        [year, month, day, hour, minute, second, weekday, day_of_year, -1..=1] => {
            let date = civil_date(year, month, day)?;
            let is_weekday = i64::from(date.weekday().to_monday_zero_offset()) == weekday;
            if !is_weekday || i64::from(date.day_of_year()) != day_of_year {
                return None;
            }
            (date, [hour, minute, second, 0])
        }
        _ => return None,
    };
    ReadDate::at_utc(civil_time(date, clock)?, DateFormat::List)
}

fn civil_date(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

/// `clock` is hour, minute, second and nanosecond.
fn civil_time(date: Date, clock: [i64; 4]) -> Option<DateTime> {
    let [hour, minute, second, nanosecond] = clock;
    let part = |value: i64| i8::try_from(value).ok();
    DateTime::new(
        date.year(),
        date.month(),
        date.day(),
        part(hour)?,
        part(minute)?,
        part(second)?,
        nanosecond.try_into().ok()?,
    )
    .ok()
}
