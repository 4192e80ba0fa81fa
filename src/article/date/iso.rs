//! ISO 8601 and RFC 9557, by jiff; and what jiff does not read of them: week dates, days of the year, 24 o'clock.

use jiff::civil::{Date, ISOWeekDate, Time, Weekday};
use jiff::fmt::temporal::{Pieces, PiecesOffset, TimeZoneAnnotation, TimeZoneAnnotationKind};
use jiff::tz::Offset;

use super::context::DateContext;
use super::outcome::{DateFormat, ReadDate};
use super::unread::UnreadDate;
use super::zones::{self, Zone};

/// Reads a date that begins with a year of four digits. None if it is another form.
pub(super) fn iso_8601(text: &str, context: &DateContext<'_>) -> Option<Result<ReadDate, UnreadDate>> {
    if !text.as_bytes().get(..4)?.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if let Some((date, rest)) = week_date(text) {
        return calendar(&format!("{date}{rest}"), DateFormat::Week, context);
    }
    if let Some((date, rest)) = day_of_year(text) {
        return calendar(&format!("{date}{rest}"), DateFormat::Ordinal, context);
    }
    calendar(text, DateFormat::Iso8601, context)
}

fn calendar(text: &str, format: DateFormat, context: &DateContext<'_>) -> Option<Result<ReadDate, UnreadDate>> {
    // The separator between date and time, and the time.
    let date_length = if text.as_bytes().get(4) == Some(&b'-') { 10 } else { 8 };
    let time = text.get(date_length + 1..).unwrap_or_default();
    // `2024-01-05 10` may be an hour, or anything else; `2024-01-05 10:00-11:00` may be a span of time.
    let is_unclear = matches!(time.len(), 1 | 2) || time.as_bytes().get(5) == Some(&b'-');
    if is_unclear && text.as_bytes().get(date_length) == Some(&b' ') {
        return None;
    }
    if let Some(rest) = time.strip_prefix("24") {
        let midnight = format!("{}00{rest}", text.get(..=date_length)?);
        let midnight = Pieces::parse(&midnight).ok().filter(|pieces| pieces.time() == Some(Time::midnight()))?;
        return Some(pieces(&midnight, midnight.date().tomorrow().ok()?, format, context));
    }
    if let Ok(found) = Pieces::parse(text) {
        return Some(pieces(&found, found.date(), format, context));
    }
    // A day with a time zone, as XML Schema has it. A negative offset would look like a time.
    let zone = text.get(date_length..).filter(|zone| !zone.starts_with('-'))?;
    zones::iso_offset(zone)?;
    Some(ReadDate::day(Pieces::parse(text.get(..date_length)?).ok()?.date(), format))
}

fn pieces(
    pieces: &Pieces<'_>,
    date: Date,
    format: DateFormat,
    context: &DateContext<'_>,
) -> Result<ReadDate, UnreadDate> {
    let Some(time) = pieces.time() else { return ReadDate::day(date, format) };
    let local = date.to_datetime(time);
    let named = match pieces.time_zone_annotation().map(TimeZoneAnnotation::kind) {
        Some(TimeZoneAnnotationKind::Named(name)) => {
            Some(Zone::Region(zones::region(name.as_str()).ok_or(UnreadDate::UnknownZone)?))
        }
        Some(TimeZoneAnnotationKind::Offset(offset)) => Some(Zone::Fixed(*offset)),
        None => None,
        Some(_) => return Err(UnreadDate::UnknownZone),
    };
    let instant = match (pieces.offset(), named) {
        // `Z` says what the instant is, and nothing of the place.
        (Some(PiecesOffset::Zulu), _) => Zone::Fixed(Offset::UTC).instant(local)?,
        (None, None) => context.zone.instant(local)?,
        (None, Some(zone)) => zone.instant(local)?,
        (Some(PiecesOffset::Numeric(numeric)), named) => {
            let offset = numeric.offset();
            let instant = Zone::Fixed(offset).instant(local)?;
            let agrees = match named {
                Some(Zone::Region(region)) => region.to_offset(instant) == offset,
                Some(Zone::Fixed(other)) => other == offset,
                None => true,
            };
            match agrees {
                _ if !zones::is_offset(offset) => return Err(UnreadDate::ImpossibleOffset),
                false => return Err(UnreadDate::ContradictoryZones),
                true => instant,
            }
        }
        _ => return Err(UnreadDate::UnknownForm),
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
