//! Objects with a date in them: what the value of each name says of it.

use serde_json::{Map, Value};

use super::context::DateContext;
use super::local_zone::LocalZone;
use super::outcome::{DateFormat, ReadDate};
use super::parts;
use super::unread::UnreadDate;
use super::words::{self, Role};

/// Names of the time of publication among other times.
const PUBLISHED: &str = "\
    published publishedat publishedon publisheddate datepublished publishdate publicationdate pubdate issued \
    firstpublished firstpublishedat";

/// Names under which libraries, databases and APIs have a date: `MongoDB`, JSON-LD and `BigQuery`, Parse, unions of Avro,
/// `DynamoDB`, Firestore, Microsoft Graph. Of several all must agree.
const TIMES: &str = "\
    date datetime time timestamp value iso iso8601 isodate isostring rfc822 rfc2822 rfc3339 utc gmt epoch unix \
    unixtime ms millis milliseconds numberlong numberint numberdouble numberdecimal long string double s n \
    timestampvalue stringvalue integervalue";

/// Names under which a date is written for readers, or in the local time: used if there is nothing else. Readers of XML
/// have the text of an element under some of them.
const SHOWN: &str = "t text raw display displayvalue formatted local localdatetime localtime";

/// Names of values that say nothing of the date beside them.
const NOTES: &str = "format lang language schema id style";

/// Names of values that say which date it is.
const TYPES: &str = "type datatype datetype kind label name role property";

/// Names under which readers of XML have all attributes of an element.
const ATTRIBUTES: &str = "text attributes attr";

/// Marks before the names of attributes of XML, and of the types of databases.
const MARKS: [char; 5] = ['@', '#', '$', '_', '-'];

/// Words of types that say no more than that a value is a date, or that of publication.
const TYPE_WORDS: &str = "\
    date datetime time timestamp iso iso8601 8601 rfc 822 2822 3339 rfc3339 rfc822 rfc2822 w3c w3cdtf xs xsd dc \
    dcterms xmlschema schema http https www w3 org 2001 string text plain html number int long utc gmt published \
    publication publish pub pubdate issued created released posted first true entry post article story meta";

/// What reads a value in an object.
type Inside<'i> = &'i dyn Fn(&Value, &DateContext<'_>) -> Result<ReadDate, UnreadDate>;

/// Reads an object.
pub(super) fn read(
    object: &Map<String, Value>,
    context: &DateContext<'_>,
    inside: Inside<'_>,
) -> Result<ReadDate, UnreadDate> {
    let zone = zone(object, context);
    let context = &DateContext { zone: &zone, ..*context };
    let whole = parts::seconds(object, context).or_else(|| parts::calendar(object, context));
    whole.or_else(|| program(object, context, inside)).unwrap_or_else(|| named(object, context, inside))
}

/// The zone that the object states, else that around it.
fn zone(object: &Map<String, Value>, context: &DateContext<'_>) -> LocalZone {
    let stated = object.iter().filter(|(name, _)| LocalZone::is_name(&plain(name)));
    let zone = stated.fold(LocalZone::Utc, |zone, (name, value)| zone.and(LocalZone::of_field(name, value)));
    if matches!(zone, LocalZone::Utc) { context.zone.clone() } else { zone }
}

/// Objects of programs that have much more than a date: a timestamp of `MongoDB`, `java.util.Date` by json-lib, Joda.
fn program(
    object: &Map<String, Value>,
    context: &DateContext<'_>,
    inside: Inside<'_>,
) -> Option<Result<ReadDate, UnreadDate>> {
    let read = |value: &Value, format: DateFormat| {
        let date = inside(value, context)?;
        if date.format == format { Ok(date) } else { Err(UnreadDate::Number) }
    };
    if let Some(count) = object.get("$timestamp") {
        return Some(read(count.get("t")?, DateFormat::EpochSeconds));
    }
    let pairs = [("time", "timezoneOffset"), ("millis", "chronology"), ("iMillis", "iChronology")];
    let (count, _) = pairs.into_iter().find(|(_, other)| object.contains_key(*other))?;
    let count = object.get(count).filter(|count| count.is_number())?;
    Some(read(count, DateFormat::EpochMilliseconds))
}

/// The date under a name that says so.
fn named(object: &Map<String, Value>, context: &DateContext<'_>, inside: Inside<'_>) -> Result<ReadDate, UnreadDate> {
    let members = members(object);
    if members.is_empty() {
        return Err(UnreadDate::NoDate);
    }
    let of = |names: &'static str| members.iter().filter(move |(name, _)| is_in(names, &plain(name)));
    // An attribute `@pubdate` only marks the date beside it.
    let is_published = of(PUBLISHED).any(|(name, _)| !name.starts_with(MARKS));
    if !is_published {
        members.iter().try_for_each(|(name, value)| note(name, value))?;
    }
    if let (Some(Value::String(date)), Some(Value::String(time)), false) =
        (object.get("date"), object.get("time"), is_published)
    {
        return inside(&Value::from(format!("{date} {time}")), context);
    }
    let mut found: Option<ReadDate> = None;
    for (name, value) in of(if is_published { PUBLISHED } else { TIMES }) {
        let date = inside(value, &context_of(name, context))?;
        // MongoDB counts milliseconds only; a number of another size is a mistake.
        let is_other_count = matches!(
            date.format,
            DateFormat::EpochSeconds | DateFormat::EpochMicroseconds | DateFormat::EpochNanoseconds
        );
        if is_other_count && name.ends_with("$date") {
            return Err(UnreadDate::Number);
        }
        found = Some(found.map_or(Ok(date), |found| found.and(date))?);
    }
    if let Some(date) = found {
        return Ok(date);
    }
    let mut shown = of(SHOWN);
    let (Some((name, value)), None) = (shown.next(), shown.next()) else { return Err(UnreadDate::UnknownForm) };
    inside(value, &context_of(name, context))
}

/// The values that are not blank by their names, those of attributes with an `@`.
fn members(object: &Map<String, Value>) -> Vec<(String, &Value)> {
    let mut members = Vec::new();
    for (name, value) in object {
        match value {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::Object(attributes) if name.starts_with(MARKS) && is_in(ATTRIBUTES, &plain(name)) => {
                members.extend(attributes.iter().map(|(name, value)| (format!("@{name}"), value)));
            }
            value => members.push((name.clone(), value)),
        }
    }
    members
}

/// What is known of a time under this name: `utc` has a zone in its name, and `local` needs one.
fn context_of<'c>(name: &str, context: &DateContext<'c>) -> DateContext<'c> {
    let name = plain(name);
    let zone = match context.zone {
        _ if name == "utc" || name == "gmt" => &LocalZone::Utc,
        LocalZone::Utc if name.starts_with("local") => &LocalZone::Unknown,
        zone => zone,
    };
    DateContext { zone, ..*context }
}

/// Fails if this member may say that the object is no date, or another one than that of publication.
fn note(name: &str, value: &Value) -> Result<(), UnreadDate> {
    let plain_name = plain(name);
    let is_known = [TIMES, SHOWN].iter().any(|names| is_in(names, &plain_name)) || LocalZone::is_name(&plain_name);
    let is_note = is_in(NOTES, &plain_name) || plain_name.starts_with("xmlns") || plain_name.starts_with("xml:");
    let is_type = name.starts_with(MARKS) || is_in(TYPES, &plain_name);
    match value {
        _ if is_known => Ok(()),
        Value::Array(_) | Value::Object(_) => Err(UnreadDate::UnknownForm),
        _ if is_note => Ok(()),
        _ if !is_type || ["unit", "calendar"].iter().any(|part| plain_name.contains(part)) => {
            Err(UnreadDate::UnknownForm)
        }
        Value::String(text) => said(text),
        Value::Number(_) | Value::Bool(_) | Value::Null => Ok(()),
    }
}

/// Fails if the type of a date may be that of another one.
fn said(text: &str) -> Result<(), UnreadDate> {
    let text = text.to_lowercase();
    let mut words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    match words.find(|word| !is_in(TYPE_WORDS, word)) {
        None => Ok(()),
        Some(word) if words::meaning(word).is_some_and(|meaning| meaning.is(Role::Change)) => Err(UnreadDate::Change),
        Some(_) => Err(UnreadDate::UnknownForm),
    }
}

fn is_in(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|other| other == name)
}

/// A name without marks before it, case, hyphens and underscores. Marks alone stand for the text of an element.
fn plain(name: &str) -> String {
    let name = name.trim_start_matches(MARKS);
    if name.is_empty() {
        return "text".to_owned();
    }
    name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}
