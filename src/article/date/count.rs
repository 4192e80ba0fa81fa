//! Counts since 1970, and dates of digits alone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde_json::Number;

use super::context::DateContext;
use super::outcome::{DateFormat, ReadDate};
use super::unread::UnreadDate;
use super::zones;

/// 1990-01-01 and 2047-01-01 in seconds. A count is believed only between them: the ranges of the four units then have no
/// number in common, and days, versions and other small numbers are no date.
const SECONDS: std::ops::Range<i64> = 631_152_000..2_429_913_600;

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

/// From this second on, in 2033, a count has digits that are also a date with a year of two digits: `2405011015`.
const SHORT_YEAR_SECONDS_MIN: i64 = 2_000_000_000;

/// Up to here a float is exact to the unit; larger ones are not written as floats.
const EXACT_FLOAT_MAX: f64 = 9_007_199_254_740_992.0;

/// Reads a JSON number.
pub(super) fn from_number(number: &Number, context: &DateContext<'_>) -> Result<ReadDate, UnreadDate> {
    match (number.as_i64(), number.as_f64()) {
        (Some(count), _) => from_integer(count, 0, context),
        (None, Some(count)) => from_float(count, context),
        (None, None) => Err(UnreadDate::Number),
    }
}

fn from_float(count: f64, context: &DateContext<'_>) -> Result<ReadDate, UnreadDate> {
    if !(0.0..=EXACT_FLOAT_MAX).contains(&count) {
        return Err(UnreadDate::Number);
    }
    let whole = count.floor();
    // Milliseconds are rounded, because a float of seconds is not exact to them.
    let thousandths = ((count - whole) * 1000.0).round();
    from_integer(whole as i64, thousandths as i64, context)
}

/// Reads a text of digits, with at most a fraction, an exponent or a time zone behind them. None if it is another form.
pub(super) fn from_digits(text: &str, context: &DateContext<'_>) -> Option<Result<ReadDate, UnreadDate>> {
    let (digits, rest) = split_digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("", rest),
    };
    if rest.is_empty() && !digits.is_empty() && text.len() <= 30 {
        return Some(from_plain_digits(digits, fraction, text, context));
    }
    // Java writes a float with all its digits, and no sign: `1.7145576E9`. Spreadsheets round, and write `1.71456E+09`.
    let is_exponent = |exponent: &str| exponent.len() <= 2 && exponent.bytes().all(|byte| byte.is_ascii_digit());
    if !fraction.is_empty() && rest.strip_prefix('E').is_some_and(is_exponent) {
        return Some(from_float(text.parse().ok()?, context));
    }
    let (civil, offset) = (compact_time(digits)?, zones::iso_offset(rest)?);
    let instant = offset.to_timestamp(civil).ok()?.as_millisecond() + thousandths(fraction)?;
    Some(ReadDate::at(civil.date(), Timestamp::from_millisecond(instant).ok()?, DateFormat::Compact))
}

fn from_plain_digits(
    digits: &str,
    fraction: &str,
    text: &str,
    context: &DateContext<'_>,
) -> Result<ReadDate, UnreadDate> {
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let is_padded = digits.starts_with('0') || text.ends_with('.');
    match (digits.parse(), thousandths(fraction)) {
        _ if is_zero => Err(UnreadDate::NoDate),
        (Ok(count), Some(thousandths)) if !is_padded => from_integer(count, thousandths, context),
        _ => Err(UnreadDate::Number),
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len()))
}

/// The first three digits of a fraction, of which there are at most nine.
fn thousandths(fraction: &str) -> Option<i64> {
    let first = fraction.get(..fraction.len().min(3)).filter(|_| fraction.len() <= 9)?;
    let digits = if first.is_empty() { 0 } else { first.parse::<i64>().ok()? };
    Some(digits * [1, 100, 10, 1][first.len()])
}

/// `thousandths` is the fraction of the count.
fn from_integer(count: i64, thousandths: i64, context: &DateContext<'_>) -> Result<ReadDate, UnreadDate> {
    let unit = UNITS.into_iter().find(|(unit, _)| (SECONDS.start * unit..SECONDS.end * unit).contains(&count));
    if let Some((unit, format)) = unit {
        if is_ambiguous(count, format) {
            return Err(UnreadDate::AmbiguousNumber);
        }
        let milliseconds = match unit {
            1 => count * 1000 + thousandths,
            _ => count / (unit / 1000),
        };
        let instant = Timestamp::from_millisecond(milliseconds).map_err(|_| UnreadDate::Number)?;
        return ReadDate::at(Offset::UTC.to_datetime(instant).date(), instant, format);
    }
    if count == 0 {
        return Err(UnreadDate::NoDate);
    }
    let digits = count.to_string();
    if digits.len() == 8 && thousandths == 0 {
        return ReadDate::day(compact_day(&digits).ok_or(UnreadDate::Number)?, DateFormat::Compact);
    }
    let civil = compact_time(&digits).ok_or(UnreadDate::Number)?;
    let instant = context.zone.instant(civil)?.as_millisecond() + thousandths;
    let instant = Timestamp::from_millisecond(instant).map_err(|_| UnreadDate::Number)?;
    ReadDate::at(civil.date(), instant, DateFormat::Compact)
}

/// Whether a count in its range has digits that are also a date, or is also a count of another kind.
fn is_ambiguous(count: i64, format: DateFormat) -> bool {
    let is_date = |digits: &str| compact_time(digits).is_some_and(|civil| COMPACT_YEARS.contains(&civil.year()));
    match format {
        // `2024010510` is also 10 o'clock on a day.
        DateFormat::EpochSeconds => {
            is_date(&format!("{count}00")) || (count >= SHORT_YEAR_SECONDS_MIN && is_date(&format!("20{count}")))
        }
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
