//! Dates that are given in parts: year, month, day, hour, … each as a number.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde_json::{Map, Value};

use super::context::DateContext;
use super::count;
use super::local_zone::LocalZone;
use super::outcome::{DateFormat, ReadDate};
use super::unread::UnreadDate;
use super::words;

/// Names of seconds since 1970, and of the nanoseconds to be added to them: protobuf, Firestore, `java.time.Instant`.
const SECONDS_AND_NANOSECONDS: [(&str, &str); 7] = [
    ("seconds", "nanos"),
    ("seconds", "nanoseconds"),
    ("_seconds", "_nanoseconds"),
    ("epochSecond", "nano"),
    ("epochSeconds", "nanosecondsOfSecond"),
    ("epochSecond", "nanos"),
    ("seconds", "nano"),
];

/// Names of the parts of a time, each in the spellings that libraries have.
const CLOCK: [[&str; 2]; 3] = [["hour", "hours"], ["minute", "minutes"], ["second", "seconds"]];
const NANOSECONDS: [&str; 3] = ["nano", "nanos", "nanosecond"];

/// Reads an object of seconds and nanoseconds. None if it is another one.
pub(super) fn seconds(object: &Map<String, Value>, context: &DateContext<'_>) -> Option<Result<ReadDate, UnreadDate>> {
    let is_pair = |(seconds, nanoseconds): &(&str, &str)| {
        object.contains_key(*seconds) && object.keys().all(|name| name == seconds || name == nanoseconds)
    };
    let (seconds, nanoseconds) = SECONDS_AND_NANOSECONDS.into_iter().find(is_pair)?;
    let fraction = object.get(nanoseconds).map_or(Some(0), integer).filter(|part| (0..1_000_000_000).contains(part))?;
    let whole = match object.get(seconds)? {
        Value::Number(number) => count::from_number(number, context),
        Value::String(digits) => count::from_digits(digits.trim(), context)?,
        _ => return None,
    };
    Some(whole.and_then(|whole| {
        if whole.format != DateFormat::EpochSeconds {
            return Err(UnreadDate::Number);
        }
        let instant = Timestamp::from_millisecond(whole.published.start().0 + fraction / 1_000_000)
            .map_err(|_| UnreadDate::Number)?;
        ReadDate::at(Offset::UTC.to_datetime(instant).date(), instant, DateFormat::Object)
    }))
}

/// Reads an object of year, month and day, and perhaps of a time: the dates of protobuf and of Luxon, and those of Java by
/// Gson and by Jackson. None if it is another one.
///
/// Their months are counted from 1. Objects that count from 0 have other names: `dayOfMonth` in Java's calendar, `date` in
/// its older dates, `months` in Moment.
pub(super) fn calendar(object: &Map<String, Value>, context: &DateContext<'_>) -> Option<Result<ReadDate, UnreadDate>> {
    let parts = |name: &str| object.get(name).and_then(Value::as_object);
    let (date, time) = parts("date").zip(parts("time")).filter(|_| object.len() == 2).unwrap_or((object, object));
    // Jackson writes much more, and the month twice.
    let (month, day) = match (date.get("monthValue"), date.get("month")) {
        (Some(number), name) => {
            let is_month = |name: &Value| month(name).is_some_and(|month| Some(month) == integer(number));
            if !name.is_none_or(is_month) {
                return Some(Err(UnreadDate::Several));
            }
            (number, date.get("dayOfMonth").or_else(|| date.get("day"))?)
        }
        (None, month) if date.keys().all(|name| is_part(name)) => (month?, date.get("day")?),
        (None, _) => return None,
    };
    let civil = Date::new(
        integer(date.get("year")?)?.try_into().ok()?,
        self::month(month)?.try_into().ok()?,
        integer(day)?.try_into().ok()?,
    );
    let Ok(civil) = civil else { return Some(Err(UnreadDate::ImpossibleDay)) };
    let part = |names: &[&str]| names.iter().find_map(|name| time.get(*name)).map_or(Some(0), integer);
    if !CLOCK[0].iter().any(|name| time.contains_key(*name)) {
        return Some(ReadDate::day(civil, DateFormat::Object));
    }
    let clock = [part(&CLOCK[0])?, part(&CLOCK[1])?, part(&CLOCK[2])?, part(&NANOSECONDS)?];
    Some(local(civil, clock, DateFormat::Object, context))
}

fn is_part(name: &str) -> bool {
    ["year", "month", "day"].contains(&name)
        || CLOCK.as_flattened().contains(&name)
        || NANOSECONDS.contains(&name)
        || LocalZone::is_name(&name.to_lowercase())
}

fn month(value: &Value) -> Option<i64> {
    let name = || words::meaning(&words::folded(value.as_str()?))?.month.map(i64::from);
    integer(value).or_else(name)
}

/// An integer, as a number or as text.
fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Reads a list of numbers: `LocalDate` and `LocalDateTime` of Java, `struct_time` of Python.
pub(super) fn list(parts: &[Value], context: &DateContext<'_>) -> Result<ReadDate, UnreadDate> {
    let numbers = parts.iter().map(Value::as_i64).collect::<Option<Vec<_>>>().ok_or(UnreadDate::UnknownForm)?;
    let date = |year: i64, month: i64, day: i64| {
        let date = || Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok();
        date().ok_or(UnreadDate::ImpossibleDay)
    };
    let (date, clock) = match *numbers.as_slice() {
        [year, month, day] => return ReadDate::day(date(year, month, day)?, DateFormat::List),
        [year, month, day, hour, minute] => (date(year, month, day)?, [hour, minute, 0, 0]),
        [year, month, day, hour, minute, second] => (date(year, month, day)?, [hour, minute, second, 0]),
        // The seventh is nanoseconds in Java, which leaves a zero out. In JavaScript it is milliseconds, and the months are
        // counted from 0.
        [year, month, day, hour, minute, second, nanosecond @ 1000..=999_999_999] => {
            (date(year, month, day)?, [hour, minute, second, nanosecond])
        }
        [year, month, day, hour, minute, second, weekday, day_of_year, -1..=1] => {
            let date = date(year, month, day)?;
            let is_weekday = i64::from(date.weekday().to_monday_zero_offset()) == weekday;
            if !is_weekday || i64::from(date.day_of_year()) != day_of_year {
                return Err(UnreadDate::WrongWeekday);
            }
            (date, [hour, minute, second, 0])
        }
        _ => return Err(UnreadDate::UnknownForm),
    };
    local(date, clock, DateFormat::List, context)
}

/// `clock` is hour, minute, second and nanosecond.
fn local(date: Date, clock: [i64; 4], format: DateFormat, context: &DateContext<'_>) -> Result<ReadDate, UnreadDate> {
    let [hour, minute, second, nanosecond] = clock;
    let part = |value: i64| i8::try_from(value).ok();
    let local = || {
        let (hour, minute, second) = (part(hour)?, part(minute)?, part(second)?);
        DateTime::new(date.year(), date.month(), date.day(), hour, minute, second, nanosecond.try_into().ok()?).ok()
    };
    let local = local().ok_or(UnreadDate::UnclearTime)?;
    ReadDate::at(date, context.zone.instant(local)?, format)
}
