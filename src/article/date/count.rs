//! Counts since 1970, and dates of digits alone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde_json::Number;

use super::outcome::{DateFormat, ReadDate};
use super::zones;

/// 1990-01-01 and 2100-01-01 in seconds. A count is believed only between them: the ranges of the four units then have no
/// number in common, and days, versions and other small numbers are no date.
const SECONDS: std::ops::Range<i64> = 631_152_000..4_102_444_800;

/// Counts a second, and the form that they are.
const UNITS: [(i64, DateFormat); 4] = [
    (1, DateFormat::EpochSeconds),
    (1_000, DateFormat::EpochMilliseconds),
    (1_000_000, DateFormat::EpochMicroseconds),
    (1_000_000_000, DateFormat::EpochNanoseconds),
];

/// The ticks of .NET, of 100 ns since the year 1, from 2000 to 2100. As nanoseconds they all lie in 1990.
const DOTNET_TICKS: std::ops::Range<i64> = 630_822_816_000_000_000..662_380_416_000_000_000;

/// The years that ten or sixteen digits may begin with if they are read as a calendar date.
const COMPACT_YEARS: std::ops::RangeInclusive<i16> = 1900..=2099;

/// Reads a JSON number.
pub(super) fn from_number(number: &Number) -> Option<ReadDate> {
    if let Some(count) = number.as_i64() {
        return from_integer(count, 0);
    }
    let count = number.as_f64()?;
    // Up to here a float is exact to the unit; larger ones are not written as floats.
    if !(0.0..=9_007_199_254_740_992.0).contains(&count) {
        return None;
    }
    let whole = count.floor();
    // Milliseconds are rounded, because a float of seconds is not exact to them.
    let thousandths = ((count - whole) * 1000.0).round();
    from_integer(whole as i64, thousandths as i64)
}

/// Reads a text that begins with a digit and has at most a fraction and a time zone behind its digits.
pub(super) fn from_digits(text: &str) -> Option<ReadDate> {
    let (digits, rest) = split_digits(text);
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let (fraction, zone) = split_digits(rest);
            if !(1..=9).contains(&fraction.len()) {
                return None;
            }
            (fraction, zone)
        }
        None => ("", rest),
    };
    let thousandths = thousandths(fraction)?;
    if !zone.is_empty() {
        let civil = compact_time(digits)?;
        let offset = zones::iso_offset(zone)?;
        let at = Timestamp::from_millisecond(offset.to_timestamp(civil).ok()?.as_millisecond() + thousandths).ok()?;
        return ReadDate::at(civil.date(), at, DateFormat::Compact);
    }
    if digits.starts_with('0') {
        return None;
    }
    from_integer(digits.parse().ok()?, thousandths)
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len()))
}

/// The first three digits of a fraction.
fn thousandths(fraction: &str) -> Option<i64> {
    let first = fraction.get(..fraction.len().min(3))?;
    let digits = if first.is_empty() { 0 } else { first.parse::<i64>().ok()? };
    Some(digits * [1, 100, 10, 1][first.len()])
}

/// `thousandths` is the fraction of the count.
fn from_integer(count: i64, thousandths: i64) -> Option<ReadDate> {
    let unit = UNITS.into_iter().find(|(unit, _)| (SECONDS.start * unit..SECONDS.end * unit).contains(&count));
    if let Some((unit, format)) = unit {
        if is_ambiguous(count, format) {
            return None;
        }
        let milliseconds = match unit {
            1 => count * 1000 + thousandths,
            _ => count / (unit / 1000),
        };
        let instant = Timestamp::from_millisecond(milliseconds).ok()?;
        return ReadDate::at(Offset::UTC.to_datetime(instant).date(), instant, format);
    }
    let digits = count.to_string();
    if digits.len() == 8 {
        return if thousandths == 0 { ReadDate::day(compact_day(&digits)?, DateFormat::Compact) } else { None };
    }
    let civil = compact_time(&digits)?;
    let at = Timestamp::from_millisecond(Offset::UTC.to_timestamp(civil).ok()?.as_millisecond() + thousandths).ok()?;
    ReadDate::at(civil.date(), at, DateFormat::Compact)
}

/// Whether a count in its range has digits that are also a date, or is also a count of another kind.
fn is_ambiguous(count: i64, format: DateFormat) -> bool {
    let is_date = |digits: &str| compact_time(digits).is_some_and(|civil| COMPACT_YEARS.contains(&civil.year()));
    match format {
        // `2024010510` is also 10 o'clock on a day.
        DateFormat::EpochSeconds => is_date(&format!("{count}00")),
        DateFormat::EpochMicroseconds => is_date(&(count / 100).to_string()),
        DateFormat::EpochNanoseconds => DOTNET_TICKS.contains(&count),
        _ => false,
    }
}

fn compact_day(digits: &str) -> Option<Date> {
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    Date::new(part(0, 4)?, part(4, 6)? as i8, part(6, 8)? as i8).ok()
}

/// A date and time of 12, 14 or 17 digits: to the minute, the second or the millisecond.
fn compact_time(digits: &str) -> Option<DateTime> {
    if ![12, 14, 17].contains(&digits.len()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to).map_or(Some(0), |part| part.parse::<i32>().ok());
    let (hour, minute, second, millisecond) = (part(8, 10)?, part(10, 12)?, part(12, 14)?, part(14, 17)?);
    compact_day(digits)?
        .at(0, 0, 0, 0)
        .with()
        .hour(i8::try_from(hour).ok()?)
        .minute(i8::try_from(minute).ok()?)
        .second(i8::try_from(second).ok()?)
        .subsec_nanosecond(millisecond * 1_000_000)
        .build()
        .ok()
}
