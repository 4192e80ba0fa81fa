//! The result of reading a date, and which dates are believed.

use jiff::Timestamp;
use jiff::civil::{Date, Time, date};
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use super::unread::UnreadDate;
use crate::article::parsed::Published;
use crate::record::Millis;

/// The form in which a date was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum DateFormat {
    /// Year, month and day with hyphens, as in ISO 8601 and RFC 3339.
    #[strum(serialize = "iso_8601")]
    Iso8601,
    /// A week date of ISO 8601: `2024-W01-5`.
    Week,
    /// A day of the year: `2024-005`.
    Ordinal,
    /// The date of mails and RSS: `Fri, 5 Jan 2024 10:00:00 GMT`.
    #[strum(serialize = "rfc_2822")]
    Rfc2822,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMilliseconds,
    /// Microseconds since 1970.
    EpochMicroseconds,
    /// Nanoseconds since 1970.
    EpochNanoseconds,
    /// Digits alone: `20240105`, `202401051000`.
    Compact,
    /// The month as a word.
    MonthName,
    /// Numbers with other separators than those of ISO 8601: `05.01.2024`, `2024/01/05`.
    Numeric,
    /// A list of numbers: `[2024, 1, 5, 10, 0]`.
    List,
    /// An object of several parts: `{"seconds": 1704448800, "nanos": 0}`.
    Object,
}

/// The order of day and month in dates such as `05/01/2024`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// Nobody said: such a date stays unread.
    #[default]
    Unknown,
    /// The day comes first.
    DayFirst,
    /// The month comes first.
    MonthFirst,
}

/// A date that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadDate {
    /// The point in time or the day.
    pub published: Published,
    /// The form in which it was written.
    pub format: DateFormat,
}

/// The first year that is believed. The years of the Hijri, the Persian, the Hebrew and the Coptic calendar lie outside: the
/// Coptic year that began in 2024 is 1741.
pub(super) const YEAR_MIN: i16 = 1760;

/// The last year that is believed: some twenty years ahead, because this module knows no clock. The years of the Buddhist
/// calendar lie behind it, and those of Nepal from 1990 on.
pub(super) const YEAR_MAX: i16 = 2046;

/// Days that programs write for "no date". Few articles are of these days; nearly every record with one lost its date.
const PLACEHOLDER_DAYS: [Date; 5] = [
    // The zeros of spreadsheets (two), of SQL types and of Macintosh.
    date(1899, 12, 30),
    date(1899, 12, 31),
    date(1900, 1, 1),
    date(1904, 1, 1),
    // The zero of Unix in America.
    date(1969, 12, 31),
];

/// Years that programs write for "no date", before the first and after the last one that are believed.
const PLACEHOLDER_YEARS: [i16; 3] = [0, 1, 9999];

impl ReadDate {
    /// The day alone, if it is believed.
    pub(super) fn day(day: Date, format: DateFormat) -> Result<Self, UnreadDate> {
        check(day)?;
        let start = Offset::UTC
            .to_timestamp(day.to_datetime(Time::midnight()))
            .map_err(|_| UnreadDate::ImpossibleDay)?
            .as_millisecond();
        let published = Published::Day { start: Millis(start), end: Millis(start + Millis::DAY - 1) };
        Ok(Self { published, format })
    }

    /// The instant, if it is believed. `day` is the calendar date as it was written, whatever its time zone.
    pub(super) fn at(day: Date, instant: Timestamp, format: DateFormat) -> Result<Self, UnreadDate> {
        check(day)?;
        // The largest 32-bit count of seconds: a count that overflowed.
        if instant.as_second() == i64::from(i32::MAX) {
            return Err(UnreadDate::Placeholder);
        }
        Ok(Self { published: Published::At(Millis(instant.as_millisecond())), format })
    }

    /// The date that both state, the finer one. A day agrees with each time that is on it somewhere on earth.
    pub(super) fn and(self, other: Self) -> Result<Self, UnreadDate> {
        let agree = match (self.published, other.published) {
            (Published::Day { start, .. }, Published::Day { start: second, .. }) => (start == second).then_some(self),
            (Published::At(first), Published::At(second)) => {
                let finer = if first.0 % 1000 == 0 { other } else { self };
                ((first.0 - second.0).abs() < 1000).then_some(finer)
            }
            (Published::Day { start, end }, Published::At(at)) => is_on_day(start, end, at).then_some(other),
            (Published::At(at), Published::Day { start, end }) => is_on_day(start, end, at).then_some(self),
        };
        agree.ok_or(UnreadDate::Several)
    }
}

fn is_on_day(start: Millis, end: Millis, at: Millis) -> bool {
    const HOUR: i64 = Millis::DAY / 24;
    (start.0 - 14 * HOUR..=end.0 + 12 * HOUR).contains(&at.0)
}

fn check(day: Date) -> Result<(), UnreadDate> {
    // All of January 1970: seconds that were taken for milliseconds lie there.
    let is_zero_of_unix = (day.year(), day.month()) == (1970, 1);
    if is_zero_of_unix || PLACEHOLDER_DAYS.contains(&day) || PLACEHOLDER_YEARS.contains(&day.year()) {
        return Err(UnreadDate::Placeholder);
    }
    if (YEAR_MIN..=YEAR_MAX).contains(&day.year()) { Ok(()) } else { Err(UnreadDate::Year) }
}
