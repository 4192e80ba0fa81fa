//! Dates among the other fields of their record.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::wrapped::untyped;
use crate::article::date::{self, DateOrder};
use crate::article::shapes::{SHAPES, ValueNames};

/// The text of a date with the time zone that the field next to it states, as in `pubDate` and `pubDateTZ`.
pub(in crate::article) fn with_offset<'r>(record: &Map<String, Value>, name: &str, date: &'r Value) -> Cow<'r, Value> {
    let Value::String(text) = date else { return Cow::Borrowed(date) };
    let ValueNames { offset, offset_endings, .. } = &SHAPES.values;
    let next_to_it = offset_endings.iter().find_map(|ending| record.get(&format!("{name}{ending}"))?.as_str());
    let stated = next_to_it.or_else(|| offset.iter().find_map(|name| record.get(name)?.as_str()));
    // Where the text has a zone of its own, it is not a date with a second one.
    let is_local = |text: &str| date::read(&Value::from(format!("{text} UTC")), DateOrder::Unknown).is_some();
    match stated {
        Some(zone) if !zone.trim().is_empty() && is_local(text) => Cow::Owned(Value::from(format!("{text} {zone}"))),
        _ => Cow::Borrowed(date),
    }
}

/// Whether a value says that there is no date.
pub(in crate::article) fn is_no_date(value: &Value) -> bool {
    let text = match untyped(value) {
        Value::String(text) => text.trim().to_ascii_lowercase(),
        Value::Bool(_) => return true,
        Value::Number(number) => return number.as_i64() == Some(0),
        _ => return false,
    };
    matches!(&*text, "" | "none" | "null" | "n/a" | "nan" | "nat" | "unknown" | "-" | "0")
}
