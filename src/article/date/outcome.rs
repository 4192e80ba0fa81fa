//! The result of reading a date, and which dates are believed.

use jiff::civil::{Date, Time, date};
use jiff::tz::Offset;
use jiff::{Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

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

/// The first year that is believed. The first newspaper was printed in 1605; the years of the Hijri, the Persian and the
/// Hebrew calendar lie outside.
const YEAR_MIN: i16 = 1600;

/// The last year that is believed. The years of the Buddhist calendar lie behind it.
const YEAR_MAX: i16 = 2099;

/// Days that programs write for "no date". Few articles are of these days; nearly every record with one lost its date.
const PLACEHOLDER_DAYS: [Date; 9] = [
    // The zeros of Windows, of SQL Server, of spreadsheets (two), of SQL types, and of Macintosh.
    date(1601, 1, 1),
    date(1753, 1, 1),
    date(1899, 12, 30),
    date(1899, 12, 31),
    date(1900, 1, 1),
    date(1904, 1, 1),
    // The zero of Unix, and the same in America.
    date(1970, 1, 1),
    date(1969, 12, 31),
    // The last day that is believed.
    date(2099, 12, 31),
];

impl ReadDate {
    /// The day alone, if it is believed.
    pub(super) fn day(day: Date, format: DateFormat) -> Option<Self> {
        if !is_believed(day) {
            return None;
        }
        let start = Offset::UTC.to_timestamp(day.to_datetime(Time::midnight())).ok()?.as_millisecond();
        let published = Published::Day { start: Millis(start), end: Millis(start + Millis::DAY - 1) };
        Some(Self { published, format })
    }

    /// The instant, if it is believed. `day` is the calendar date as it was written, whatever its time zone.
    pub(super) fn at(day: Date, instant: Timestamp, format: DateFormat) -> Option<Self> {
        // The largest 32-bit count of seconds: a count that overflowed.
        if !is_believed(day) || instant.as_second() == i64::from(i32::MAX) {
            return None;
        }
        Some(Self { published: Published::At(Millis(instant.as_millisecond())), format })
    }

    /// The instant of a date and time in UTC, if it is believed.
    pub(super) fn at_utc(civil: DateTime, format: DateFormat) -> Option<Self> {
        Self::at(civil.date(), Offset::UTC.to_timestamp(civil).ok()?, format)
    }
}

fn is_believed(day: Date) -> bool {
    (YEAR_MIN..=YEAR_MAX).contains(&day.year()) && !PLACEHOLDER_DAYS.contains(&day)
}
