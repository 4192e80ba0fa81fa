//! ISO 8601 and RFC 9557, by jiff; and what jiff does not read of them: week dates, days of the year, 24 o'clock.

use jiff::civil::{Date, ISOWeekDate, Time, Weekday};
use jiff::fmt::temporal::{Pieces, PiecesOffset, TimeZoneAnnotation, TimeZoneAnnotationKind};
use jiff::tz::Offset;

use super::outcome::{DateFormat, ReadDate};
use super::zones::{self, Zone};

/// Reads a date that begins with a year of four digits.
pub(super) fn iso_8601(text: &str) -> Option<ReadDate> {
    if !text.as_bytes().get(..4)?.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if let Some((date, rest)) = week_date(text) {
        return calendar(&format!("{date}{rest}"), DateFormat::Week);
    }
    if let Some((date, rest)) = day_of_year(text) {
        return calendar(&format!("{date}{rest}"), DateFormat::Ordinal);
    }
    calendar(text, DateFormat::Iso8601)
}

fn calendar(text: &str, format: DateFormat) -> Option<ReadDate> {
    // The separator between date and time, and the time.
    let date_length = if text.as_bytes().get(4) == Some(&b'-') { 10 } else { 8 };
    let time = text.get(date_length + 1..).unwrap_or_default();
    let is_blank_hour = text.as_bytes().get(date_length) == Some(&b' ') && time.len() <= 2;
    if is_blank_hour && !time.is_empty() {
        // `2024-01-05 10` may be an hour, or anything else.
        return None;
    }
    if let Some(rest) = time.strip_prefix("24") {
        let midnight = format!("{}00{rest}", text.get(..=date_length)?);
        return pieces(&Pieces::parse(&midnight).ok()?, true, format);
    }
    if let Ok(found) = Pieces::parse(text) {
        return pieces(&found, false, format);
    }
    // A day with a time zone, as XML Schema has it. A negative offset would look like a time.
    let zone = text.get(date_length..).filter(|zone| !zone.starts_with('-'))?;
    zones::iso_offset(zone)?;
    ReadDate::day(Pieces::parse(text.get(..date_length)?).ok()?.date(), format)
}

/// With `is_next_day` the time must be midnight, and the next day is meant.
fn pieces(pieces: &Pieces<'_>, is_next_day: bool, format: DateFormat) -> Option<ReadDate> {
    let Some(time) = pieces.time() else { return ReadDate::day(pieces.date(), format) };
    let mut date = pieces.date();
    if is_next_day {
        if time != Time::midnight() {
            return None;
        }
        date = date.tomorrow().ok()?;
    }
    let local = date.to_datetime(time);
    let named = match pieces.time_zone_annotation().map(TimeZoneAnnotation::kind) {
        Some(TimeZoneAnnotationKind::Named(name)) => Some(Zone::Region(zones::region(name.as_str())?)),
        Some(TimeZoneAnnotationKind::Offset(offset)) => Some(Zone::Fixed(*offset)),
        None => None,
        Some(_) => return None,
    };
    let instant = match (pieces.offset(), named) {
        // `Z` says what the instant is, and nothing of the place.
        (Some(PiecesOffset::Zulu), _) | (None, None) => Offset::UTC.to_timestamp(local).ok()?,
        (Some(PiecesOffset::Numeric(numeric)), named) => {
            let instant = numeric.offset().to_timestamp(local).ok()?;
            let is_right = match named {
                Some(Zone::Region(region)) => region.to_offset(instant) == numeric.offset(),
                Some(Zone::Fixed(offset)) => offset == numeric.offset(),
                None => true,
            };
            if !is_right || !zones::is_offset(numeric.offset()) {
                return None;
            }
            instant
        }
        (None, Some(zone)) => zone.instant(local)?,
        _ => return None,
    };
    ReadDate::at(local.date(), instant, format)
}

/// `2024-W01-5` or `2024W015`, and the rest of the text.
fn week_date(text: &str) -> Option<(Date, &str)> {
    let (year, rest) = text.split_at_checked(4)?;
    let (rest, has_hyphens) = match rest.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let (week, rest) = rest.strip_prefix(['W', 'w'])?.split_at_checked(2)?;
    let rest = if has_hyphens { rest.strip_prefix('-')? } else { rest };
    let (day, rest) = rest.split_at_checked(1)?;
    let weekday = Weekday::from_monday_one_offset(number(day)? as i8).ok()?;
    let date = ISOWeekDate::new(number(year)?, number(week)? as i8, weekday).ok()?.date();
    Some((date, rest))
}

/// `2024-005`, and the rest of the text.
fn day_of_year(text: &str) -> Option<(Date, &str)> {
    let (year, rest) = text.split_at_checked(4)?;
    let (day, rest) = rest.strip_prefix('-')?.split_at_checked(3)?;
    if !rest.is_empty() && !rest.starts_with(['T', 't', ' ']) {
        return None;
    }
    let date = Date::new(number(year)?, 1, 1).ok()?.with().day_of_year(number(day)?).build().ok()?;
    Some((date, rest))
}

fn number(digits: &str) -> Option<i16> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}
