//! The time zone that is stated beside a date, for times that are written without one.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde_json::Value;

use super::unread::UnreadDate;
use super::zones::{self, Abbreviation, Zone};

/// Names under which an object holds the name of its time zone.
const NAMES: [&str; 4] = ["name", "id", "tzid", "zone"];

/// Most zones that are compared: more than a few fields of a record state none.
const ZONES_MAX: usize = 8;

/// The time zone of a date that has none of its own.
#[derive(Debug, Clone, Default)]
pub(in crate::article) enum LocalZone {
    /// None is stated: such a time is UTC.
    #[default]
    Utc,
    /// The zones that are stated, which must agree.
    Stated(Vec<Zone>),
    /// One is stated, but it is not known: such a time is uncertain.
    Unknown,
}

impl LocalZone {
    /// Whether an object has a time zone under this name, in lower case and without hyphens and underscores.
    pub(super) fn is_name(name: &str) -> bool {
        name.contains("zone") || name.contains("offset") || matches!(name, "tz" | "tzid" | "tzname")
    }

    /// The zone in the field of this name. Numbers are offsets only under names that say so: there are also numbers of
    /// the zones of a program.
    pub(in crate::article) fn of_field(name: &str, value: &Value) -> Self {
        let stated = match value {
            Value::Null => return Self::Utc,
            Value::String(text) if text.trim().is_empty() => return Self::Utc,
            Value::String(text) => stated(text.trim()).or_else(|| number(name, text.trim().parse().ok()?)),
            Value::Number(hours) => hours.as_f64().and_then(|hours| number(name, hours)),
            Value::Object(object) => {
                NAMES.iter().find_map(|name| object.get(*name)?.as_str()).and_then(|name| stated(name.trim()))
            }
            Value::Bool(_) | Value::Array(_) => None,
        };
        stated.map_or(Self::Unknown, Self::Stated)
    }

    /// What two fields state together.
    pub(in crate::article) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Stated(zones), Self::Stated(_)) if zones.len() >= ZONES_MAX => Self::Unknown,
            (Self::Stated(mut zones), Self::Stated(more)) => {
                zones.extend(more);
                Self::Stated(zones)
            }
            (Self::Stated(zones), _) | (_, Self::Stated(zones)) => Self::Stated(zones),
            (Self::Utc, Self::Utc) => Self::Utc,
            _ => Self::Unknown,
        }
    }

    /// The instant of a local time.
    pub(super) fn instant(&self, local: DateTime) -> Result<Timestamp, UnreadDate> {
        let utc = || Zone::Fixed(Offset::UTC).instant(local);
        match self {
            Self::Utc => utc(),
            Self::Stated(zones) => zones::instant(zones, local)?.map_or_else(utc, Ok),
            Self::Unknown => Err(UnreadDate::UnknownZone),
        }
    }
}

/// An offset, a name or an abbreviation, also `GMT+2`; and `(GMT+02:00) Berlin`, where both must agree.
fn stated(text: &str) -> Option<Vec<Zone>> {
    if let Some((first, city)) = text.strip_prefix('(').and_then(|text| text.split_once(')')) {
        let mut zones = stated(first)?;
        if !city.trim().is_empty() {
            zones.push(Zone::Region(zones::of_city(city.trim())?));
        }
        return Some(zones);
    }
    let after_utc =
        ["GMT", "UTC"].iter().find_map(|name| text.get(3..).filter(|_| text[..3].eq_ignore_ascii_case(name)));
    if let Some(offset) = zones::plain_offset(after_utc.map_or(text, str::trim_start)) {
        return Some(vec![Zone::Fixed(offset)]);
    }
    match zones::abbreviation(text) {
        Abbreviation::Known(zone) => Some(vec![zone]),
        Abbreviation::Ambiguous => None,
        Abbreviation::Unknown => zones::region(text).map(|region| vec![Zone::Region(region)]),
    }
}

/// An offset in hours or in seconds, under a name such as `utc_offset`; the two have no number in common but zero. Minutes
/// stay unread: JavaScript counts them to the west.
fn number(name: &str, number: f64) -> Option<Vec<Zone>> {
    let name = name.to_ascii_lowercase();
    let is_offset = name.contains("offset") && ["utc", "gmt", "tz", "zone"].iter().any(|part| name.contains(part));
    let seconds = match number.abs() {
        0.0..=14.0 => number * 3600.0,
        3600.0.. => number,
        _ => return None,
    };
    let offset = Offset::from_seconds(seconds as i32).ok()?;
    (is_offset && seconds.fract() == 0.0 && zones::is_offset(offset)).then(|| vec![Zone::Fixed(offset)])
}
