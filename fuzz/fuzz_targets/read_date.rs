//! Any text or JSON value is a date that is believed, or none; blanks around a text, a wrapper and a second reading change
//! nothing; and the order of day and month changes no date that is clear without it, unless it contradicts the date.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use wirefold::article::{DateFormat, DateOrder, Published, ReadDate, UnreadDate, read_date};

/// 1760-01-01 and 2047-01-01, with a day for the time zone.
const BELIEVED: std::ops::RangeInclusive<i64> = -6_627_052_800_000..=2_430_000_000_000;

const DAY: i64 = 86_400_000;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        let _ = check(&value);
    }
    let text = &*String::from_utf8_lossy(bytes);
    let value = Value::from(text);
    let date = check(&value);
    assert_eq!(read_date(&json!(format!(" \t{text}\u{A0}\n")), DateOrder::Unknown), date, "blanks change {text:?}");
    assert_eq!(read_date(&json!([text]), DateOrder::Unknown), date, "a list changes {text:?}");
    assert_eq!(read_date(&json!({"@value": text}), DateOrder::Unknown), date, "an object changes {text:?}");
    if date.is_ok() {
        assert!(text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}').len() <= 1000, "too long: {text:?}");
        assert!(text.chars().any(char::is_numeric), "a date without a number: {text:?}");
        let with_word = format!("Xyzzy {text}");
        assert!(read_date(&json!(with_word), DateOrder::Unknown).is_err(), "an unknown word is skipped: {with_word:?}");
    }
});

fn check(value: &Value) -> Result<ReadDate, UnreadDate> {
    let date = read_date(value, DateOrder::Unknown);
    assert_eq!(read_date(value, DateOrder::Unknown), date, "two readings differ: {value}");
    let orders = [DateOrder::DayFirst, DateOrder::MonthFirst].map(|order| read_date(value, order));
    for ordered in orders {
        match (date, ordered) {
            (Ok(date), Ok(ordered)) => assert_eq!(date, ordered, "an order changes a clear date: {value}"),
            (Ok(date), Err(_)) => assert_eq!(date.format, DateFormat::Numeric, "an order loses a date: {value}"),
            (Err(_), Ok(ordered)) => assert_eq!(ordered.format, DateFormat::Numeric, "an order makes a date: {value}"),
            (Err(_), Err(_)) => {}
        }
    }
    let date = date?;
    assert!(BELIEVED.contains(&date.published.start().0), "a year that is not believed: {value}");
    if let Published::Day { start, end } = date.published {
        assert!(start.0 % DAY == 0 && end.0 - start.0 == DAY - 1, "not a day: {value}");
    }
    Ok(date)
}
