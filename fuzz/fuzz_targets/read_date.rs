//! Any text or JSON value is a date that is believed, or none; blanks around a text, a wrapper and a second reading change
//! nothing; and the order of day and month changes no date that is clear without it, unless it contradicts the date.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use wirefold::article::{DateFormat, DateOrder, Published, ReadDate, read_date};

/// 1600-01-01 and 2100-01-01, with a day for the time zone.
const BELIEVED: std::ops::RangeInclusive<i64> = -11_676_182_400_000..=4_102_531_200_000;

const DAY: i64 = 86_400_000;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        check(&value);
    }
    let text = &*String::from_utf8_lossy(bytes);
    let value = Value::from(text);
    let date = check(&value);
    assert_eq!(read_date(&json!(format!(" \t{text}\u{A0}\n")), DateOrder::Unknown), date, "blanks change {text:?}");
    assert_eq!(read_date(&json!([text]), DateOrder::Unknown), date, "a list changes {text:?}");
    assert_eq!(read_date(&json!({"@value": text}), DateOrder::Unknown), date, "an object changes {text:?}");
    if date.is_some() {
        assert!(text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}').len() <= 200, "too long: {text:?}");
        assert!(text.chars().any(char::is_numeric), "a date without a number: {text:?}");
        let with_word = format!("{text} Xyzzy");
        assert_eq!(read_date(&json!(with_word), DateOrder::Unknown), None, "an unknown word is skipped: {with_word:?}");
    }
});

fn check(value: &Value) -> Option<ReadDate> {
    let date = read_date(value, DateOrder::Unknown);
    assert_eq!(read_date(value, DateOrder::Unknown), date, "two readings differ: {value}");
    let orders = [DateOrder::DayFirst, DateOrder::MonthFirst].map(|order| read_date(value, order));
    for ordered in orders {
        match (date, ordered) {
            (Some(date), Some(ordered)) => assert_eq!(date, ordered, "an order changes a clear date: {value}"),
            (Some(date), None) => assert_eq!(date.format, DateFormat::Numeric, "an order loses a date: {value}"),
            (None, Some(ordered)) => assert_eq!(ordered.format, DateFormat::Numeric, "an order makes a date: {value}"),
            (None, None) => {}
        }
    }
    let date = date?;
    assert!(BELIEVED.contains(&date.published.start().0), "a year that is not believed: {value}");
    if let Published::Day { start, end } = date.published {
        assert!(start.0 % DAY == 0 && end.0 - start.0 == DAY - 1, "not a day: {value}");
    }
    Some(date)
}
