//! Time zones: offsets, names of the IANA database, and the abbreviations that mean one thing in news.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

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
    ("BRT", -180),
    ("ART", -180),
    ("WAT", 60),
    ("CAT", 120),
    ("SAST", 120),
    ("EAT", 180),
    ("PKT", 300),
    ("NPT", 345),
    ("WIB", 420),
    ("WITA", 480),
    ("HKT", 480),
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
const REGIONS: &[(&str, &str)] = &[("ET", "America/New_York"), ("PT", "America/Los_Angeles"), ("MSK", "Europe/Moscow")];

/// Abbreviations that mean several zones: a date with one stays unread, unless it has an offset too.
const AMBIGUOUS: &[&str] = &[
    "ADT", "AMT", "AST", "BDT", "BST", "CST", "ECT", "GST", "IDT", "IST", "LHST", "MMT", "PYT", "SST", "WST", "CT",
    "MT", "AT", "ICT", "PHT", "WAST", "BRST", "CLT", "COT", "PET", "IRST", "IRDT", "UZT", "VET", "CCT", "ACT", "AZT",
    "GET",
];

/// A time zone as it was written.
#[derive(Debug, Clone)]
pub(super) enum Zone {
    /// The distance from UTC.
    Fixed(Offset),
    /// A region with its rules.
    Region(TimeZone),
}

impl Zone {
    /// The instant of this local time. None if the clocks skip the time or show it twice.
    pub(super) fn instant(&self, local: DateTime) -> Option<Timestamp> {
        match self {
            Self::Fixed(offset) => offset.to_timestamp(local).ok(),
            Self::Region(region) => region.to_ambiguous_timestamp(local).unambiguous().ok(),
        }
    }
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
    let is_word = |name: &str| name.eq_ignore_ascii_case(word);
    if let Some((_, minutes)) = ABBREVIATIONS.iter().find(|(name, _)| is_word(name)) {
        return Offset::from_seconds(minutes * 60)
            .map_or(Abbreviation::Unknown, |offset| Abbreviation::Known(Zone::Fixed(offset)));
    }
    if let Some((_, name)) = REGIONS.iter().find(|(name, _)| is_word(name)) {
        return region(name).map_or(Abbreviation::Unknown, |region| Abbreviation::Known(Zone::Region(region)));
    }
    if AMBIGUOUS.iter().any(|name| is_word(name)) { Abbreviation::Ambiguous } else { Abbreviation::Unknown }
}

/// The region of a name such as `Europe/Berlin`.
pub(super) fn region(name: &str) -> Option<TimeZone> {
    DATABASE.get(name).ok()
}

/// The zone of a field for zones alone: an offset, a name or an abbreviation.
pub(super) fn stated(text: &str) -> Option<Zone> {
    if let Some(offset) = iso_offset(text) {
        return Some(Zone::Fixed(offset));
    }
    match abbreviation(text) {
        Abbreviation::Known(zone) => Some(zone),
        Abbreviation::Ambiguous => None,
        Abbreviation::Unknown => region(text).map(Zone::Region),
    }
}

/// `Z`, `+01`, `+0100` or `+01:00`.
pub(super) fn iso_offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let (direction, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = match rest.len() {
        2 => (rest, "0"),
        4 => (rest.get(..2)?, rest.get(2..)?),
        5 => rest.split_once(':').filter(|(hours, _)| hours.len() == 2)?,
        _ => return None,
    };
    let number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i32>().ok())?;
    offset(direction, number(hours)?, number(minutes)?)
}

/// An offset that some place has or had: from -12 to +14 hours, in quarters.
pub(super) fn offset(direction: i32, hours: i32, minutes: i32) -> Option<Offset> {
    let is_minute = (0..60).contains(&minutes) && minutes % 15 == 0;
    let offset = Offset::from_seconds(direction * (hours * 3600 + minutes * 60)).ok()?;
    (is_minute && is_offset(offset)).then_some(offset)
}

/// Whether some place has this offset.
pub(super) fn is_offset(offset: Offset) -> bool {
    (-12 * 3600..=14 * 3600).contains(&offset.seconds()) && offset.seconds() % 900 == 0
}
