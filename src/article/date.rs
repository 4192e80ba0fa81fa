//! Dates as publishers write them.
//!
//! The parser reads ISO 8601 and RFC 3339 (blank or `T` before the time, fractions, `+03:00`, `+0300`, a day alone; UTC
//! if there is no time zone), RFC 2822, and counted time. Counted time is a number, or digits in a string:
//!
//! - Eight digits that are a calendar date (`20240131`) are that day: as seconds they would all lie in 1970.
//! - A count below 10¹¹ is seconds (up to the year 5138), a higher one milliseconds (from March 1973).
//!
//! A date that cannot be read is no date: the article loses its published time, but is still processed.

use jiff::civil::Time;
use jiff::fmt::{rfc2822, temporal::Pieces};
use jiff::tz::Offset;
use jiff::{Timestamp, civil::Date};
use serde_json::{Number, Value};

use super::parsed::Published;
use crate::record::Millis;

/// The smallest count that is milliseconds.
const MILLISECONDS_MIN: f64 = 1e11;

/// Some feeds name the wrong weekday, but mean the date.
const RFC_2822: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new().relaxed_weekday(true);

/// Reads the date in a field, if there is one.
pub(super) fn read(value: &Value) -> Option<Published> {
    match value {
        Value::String(text) => parse(text.trim()),
        Value::Number(number) => from_count(number),
        _ => None,
    }
}

fn parse(text: &str) -> Option<Published> {
    if let Ok(number) = text.parse::<i64>() {
        return from_count(&number.into());
    }
    iso_8601(text).or_else(|| {
        let instant = RFC_2822.parse_timestamp(text).ok()?;
        Some(Published::At(Millis(instant.as_millisecond())))
    })
}

fn from_count(number: &Number) -> Option<Published> {
    if let Some(day) =
        number.as_i64().filter(|digits| (10_000_000..100_000_000).contains(digits)).and_then(day_from_digits)
    {
        return Some(day);
    }
    let count = number.as_f64()?;
    let milliseconds = if count.abs() < MILLISECONDS_MIN { count * 1000.0 } else { count };
    let instant = Timestamp::from_millisecond(milliseconds.round() as i64).ok()?;
    Some(Published::At(Millis(instant.as_millisecond())))
}

fn day_from_digits(digits: i64) -> Option<Published> {
    let date = Date::new((digits / 10_000) as i16, (digits / 100 % 100) as i8, (digits % 100) as i8).ok()?;
    day(date)
}

fn iso_8601(text: &str) -> Option<Published> {
    let pieces = Pieces::parse(text).ok()?;
    let Some(time) = pieces.time() else { return day(pieces.date()) };
    let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
    let instant = offset.to_timestamp(pieces.date().to_datetime(time)).ok()?;
    Some(Published::At(Millis(instant.as_millisecond())))
}

fn day(date: Date) -> Option<Published> {
    let start = Offset::UTC.to_timestamp(date.to_datetime(Time::midnight())).ok()?.as_millisecond();
    Some(Published::Day { start: Millis(start), end: Millis(start + Millis::DAY - 1) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The time as RFC 3339, the first and last millisecond of a day, or `-`.
    fn formatted(value: impl Into<Value>) -> String {
        match read(&value.into()) {
            Some(Published::At(at)) => at.to_string(),
            Some(Published::Day { start, end }) => format!("{start} to {end}"),
            None => "-".to_owned(),
        }
    }

    #[test]
    fn iso_8601_is_read_in_all_its_spellings() {
        for text in [
            "2024-01-31T10:20:30Z",
            "2024-01-31T10:20:30.000Z",
            "2024-01-31t10:20:30z",
            "2024-01-31 10:20:30",
            " 2024-01-31T10:20:30 ",
            "2024-01-31T13:20:30+03:00",
            "2024-01-31T13:20:30+0300",
            "2024-01-31 13:20:30+03",
            "2024-01-31T05:20:30-05:00",
            "20240131T102030Z",
            "2024-01-31T10:20:30+00:00[UTC]",
        ] {
            assert_eq!(formatted(text), "2024-01-31T10:20:30.000Z", "{text}");
        }
        assert_eq!(formatted("2024-01-31T10:20:30.123456Z"), "2024-01-31T10:20:30.123Z");
        assert_eq!(formatted("2024-01-31T10:20"), "2024-01-31T10:20:00.000Z");
    }

    #[test]
    fn a_day_alone_is_that_day_in_utc() {
        let day = "2024-02-29T00:00:00.000Z to 2024-02-29T23:59:59.999Z";
        assert_eq!(formatted("2024-02-29"), day);
        assert_eq!(formatted("20240229"), day);
        assert_eq!(formatted(20_240_229), day);
    }

    #[test]
    fn rfc_2822_is_read_even_with_the_wrong_weekday() {
        assert_eq!(formatted("Wed, 31 Jan 2024 10:20:30 +0000"), "2024-01-31T10:20:30.000Z");
        assert_eq!(formatted("Mon, 31 Jan 2024 10:20:30 GMT"), "2024-01-31T10:20:30.000Z");
        assert_eq!(formatted("31 Jan 2024 05:20:30 EST"), "2024-01-31T10:20:30.000Z");
    }

    #[test]
    fn a_count_is_seconds_or_milliseconds_by_its_size() {
        for value in [json!(1_706_696_430), json!("1706696430"), json!(1_706_696_430_000_i64), json!("1706696430000")] {
            assert_eq!(formatted(value.clone()), "2024-01-31T10:20:30.000Z", "{value}");
        }
        assert_eq!(formatted(json!(1_706_696_430.123)), "2024-01-31T10:20:30.123Z");
        assert_eq!(formatted(99_999_999_999_i64), "5138-11-16T09:46:39.000Z");
        assert_eq!(formatted(100_000_000_000_i64), "1973-03-03T09:46:40.000Z");
        assert_eq!(formatted(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(formatted(-1), "1969-12-31T23:59:59.000Z");
        assert_eq!(formatted(20_241_399), "1970-08-23T06:36:39.000Z", "not a calendar date");
    }

    #[test]
    fn years_far_from_now_are_read() {
        assert_eq!(formatted("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00.000Z");
        assert_eq!(formatted("2050-06-01T00:00:00Z"), "2050-06-01T00:00:00.000Z");
        assert_eq!(formatted("0001-01-01"), "0001-01-01T00:00:00.000Z to 0001-01-01T23:59:59.999Z");
    }

    #[test]
    fn other_values_are_no_date() {
        for value in [
            json!("yesterday"),
            json!("2024-13-01"),
            json!("2024-02-30T00:00:00Z"),
            json!("31/01/2024"),
            json!(""),
            json!("99999999999999999999"),
            json!(i64::MAX),
            json!(1e300),
            json!(true),
            json!({}),
            json!("-9999-01-01T00:00:00+23:59"),
        ] {
            assert_eq!(formatted(value.clone()), "-", "{value}");
        }
    }
}
