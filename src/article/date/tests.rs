//! The dates that are read, those that are not, and laws for all.

mod forms;
mod laws;
mod objects;
mod reasons;
mod times;
mod unread;
mod zones;

use serde_json::Value;

use super::{DateOrder, read};
use crate::article::parsed::Published;

/// The time as RFC 3339, the day, or `-`.
fn read_as(value: &Value, order: DateOrder) -> String {
    match read(value, order).map(|date| date.published) {
        Ok(Published::At(at)) => at.to_string(),
        Ok(Published::Day { start, end }) => {
            assert_eq!(end.0 - start.0, 86_399_999);
            start.to_string()[..10].to_owned()
        }
        Err(_) => "-".to_owned(),
    }
}

fn formatted(text: &str) -> String {
    read_as(&Value::from(text), DateOrder::Unknown)
}

/// All texts are read as this time, or day, or `-`.
#[track_caller]
fn all_read(expected: &str, texts: &[&str]) {
    let wrong: Vec<_> =
        texts.iter().map(|text| (*text, formatted(text))).filter(|(_, found)| found != expected).collect();
    assert!(wrong.is_empty(), "not {expected}: {wrong:#?}");
}

#[track_caller]
fn unread(texts: &[&str]) {
    all_read("-", texts);
}
