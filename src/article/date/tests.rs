//! The dates that are read, those that are not, and laws for all.

mod forms;
mod laws;
mod unread;

use serde_json::Value;

use super::{DateOrder, read};
use crate::article::parsed::Published;

/// The time as RFC 3339, the day, or `-`.
fn read_as(value: &Value, order: DateOrder) -> String {
    match read(value, order).map(|date| date.published) {
        Some(Published::At(at)) => at.to_string(),
        Some(Published::Day { start, end }) => {
            assert_eq!(end.0 - start.0, 86_399_999);
            start.to_string()[..10].to_owned()
        }
        None => "-".to_owned(),
    }
}

fn formatted(text: &str) -> String {
    read_as(&Value::from(text), DateOrder::Unknown)
}
