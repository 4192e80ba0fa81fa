//! Time zones: offsets, names of the IANA database, and the abbreviations that mean one thing in news.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use super::unread::UnreadDate;

/// The database in the program, so that every machine reads the same time.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The abbreviations with one offset, in minutes.
///
/// `CST` is not one of them: it is read in dates of RFC 2822 only, because servers in China write it too.
const ABBREVIATIONS: &[(&str, i32)] = &[
    ("Z", 0),
    ("UT", 0),
    ("UTC", 0),
    ("GMT", 0),
    ("WET", 0),
    ("WEST", 60),
    ("CET", 60),
    ("MEZ", 60),
    ("CEST", 120),
    ("MESZ", 120),
    ("EET", 120),
    ("EEST", 180),
    ("TRT", 180),
    ("EST", -300),
    ("EDT", -240),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("COT", -300),
    ("PET", -300),
    ("CLT", -240),
    ("BRT", -180),
    ("ART", -180),
    ("BRST", -120),
    ("WAT", 60),
    ("CAT", 120),
    ("SAST", 120),
    ("EAT", 180),
    ("IRST", 210),
    ("IRDT", 270),
    ("PKT", 300),
    ("UZT", 300),
    ("NPT", 345),
    ("ICT", 420),
    ("WIB", 420),
    ("WITA", 480),
    ("HKT", 480),
    ("PHT", 480),
    ("SGT", 480),
    ("AWST", 480),
    ("JST", 540),
    ("KST", 540),
    ("WIT", 540),
    ("ACST", 570),
    ("ACDT", 630),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
];

/// Abbreviations whose offset depends on the day.
const REGIONS: &[(&str, &str)] =
    &[("ET", "America/New_York"), ("PT", "America/Los_Angeles"), ("MSK", "Europe/Moscow"), ("МСК", "Europe/Moscow")];

/// Abbreviations that mean several zones: a date with one stays unread, unless it has an offset too.
const AMBIGUOUS: &[&str] = &[
    "ADT", "AMT", "AST", "BDT", "BST", "CST", "ECT", "GST", "IDT", "IST", "LHST", "MMT", "PYT", "SST", "WST", "CT",
    "MT", "AT", "WAST", "VET", "CCT", "ACT", "AZT", "GET",
];

/// The offsets between the whole hours that some place has, or had since 1980, in minutes. `-10:30` is none of them: where
/// it stands, it is the end of a span of time.
const PARTS_OF_HOURS: [i32; 17] =
    [-570, -270, -210, -150, 210, 270, 330, 345, 390, 450, 510, 525, 570, 630, 690, 765, 825];

/// A time zone as it was written.
#[derive(Debug, Clone)]
pub(in crate::article) enum Zone {
    /// The distance from UTC.
    Fixed(Offset),
    /// A region with its rules.
    Region(TimeZone),
}

impl Zone {
    /// The instant of this local time, unless the clocks skip the time or show it twice.
    pub(super) fn instant(&self, local: DateTime) -> Result<Timestamp, UnreadDate> {
        match self {
            Self::Fixed(offset) => offset.to_timestamp(local).map_err(|_| UnreadDate::Year),
            Self::Region(region) => {
                region.to_ambiguous_timestamp(local).unambiguous().map_err(|_| UnreadDate::SkippedTime)
            }
        }
    }
}

/// The instant of this local time in all of these zones, which must agree. None if there is no zone.
pub(super) fn instant(zones: &[Zone], local: DateTime) -> Result<Option<Timestamp>, UnreadDate> {
    let mut found = None;
    for zone in zones {
        let instant = zone.instant(local)?;
        if *found.get_or_insert(instant) != instant {
            return Err(UnreadDate::ContradictoryZones);
        }
    }
    Ok(found)
}

/// The meaning of an abbreviation in capitals.
#[derive(Debug, Clone)]
pub(super) enum Abbreviation {
    /// It is one time zone.
    Known(Zone),
    /// It is several.
    Ambiguous,
    /// It is none.
    Unknown,
}

/// The meaning of an abbreviation.
pub(super) fn abbreviation(word: &str) -> Abbreviation {
    let word = word.to_uppercase();
    if let Some((_, minutes)) = ABBREVIATIONS.iter().find(|(name, _)| *name == word) {
        return Offset::from_seconds(minutes * 60)
            .map_or(Abbreviation::Unknown, |offset| Abbreviation::Known(Zone::Fixed(offset)));
    }
    if let Some((_, name)) = REGIONS.iter().find(|(name, _)| *name == word) {
        return region(name).map_or(Abbreviation::Unknown, |region| Abbreviation::Known(Zone::Region(region)));
    }
    if AMBIGUOUS.contains(&&*word) { Abbreviation::Ambiguous } else { Abbreviation::Unknown }
}

/// The region of a name such as `Europe/Berlin`.
pub(super) fn region(name: &str) -> Option<TimeZone> {
    // The database has a name for "unknown", too.
    DATABASE.get(name).ok().filter(|region| !region.is_unknown() && !name.eq_ignore_ascii_case("factory"))
}

/// `Z`, `+01`, `+0100` or `+01:00`.
pub(super) fn iso_offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    plain_offset(text).filter(|_| matches!(text.len(), 3 | 5 | 6))
}

/// An offset as ISO 8601 has it, or with an hour of one digit: `+1`, `+1:00`.
pub(super) fn plain_offset(text: &str) -> Option<Offset> {
    let direction = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits = &text[1..];
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) if (1..=2).contains(&hours.len()) && minutes.len() == 2 => (hours, minutes),
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None if (1..=2).contains(&digits.len()) => (digits, "0"),
        _ => return None,
    };
    let number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i32>().ok())?;
    offset(direction, number(hours)?, number(minutes)?)
}

/// An offset that some place has or had.
pub(super) fn offset(direction: i32, hours: i32, minutes: i32) -> Option<Offset> {
    let offset = Offset::from_seconds(direction * (hours * 3600 + minutes * 60)).ok()?;
    ((0..60).contains(&minutes) && is_offset(offset)).then_some(offset)
}

/// Whether some place has or had this offset.
pub(super) fn is_offset(offset: Offset) -> bool {
    let seconds = offset.seconds();
    let is_hour = (-12 * 3600..=14 * 3600).contains(&seconds) && seconds % 3600 == 0;
    is_hour || (seconds % 60 == 0 && PARTS_OF_HOURS.contains(&(seconds / 60)))
}

/// The region of a city, as in `(GMT+02:00) Berlin`.
pub(super) fn of_city(name: &str) -> Option<TimeZone> {
    let name = name.replace(' ', "_");
    let is_city = |region: &str| region.rsplit_once('/').is_some_and(|(_, city)| city.eq_ignore_ascii_case(&name));
    DATABASE.available().find(|region| is_city(region.as_str())).and_then(|found| region(found.as_str()))
}
