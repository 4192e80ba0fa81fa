//! Time zones, in the text of a date and beside it.

use serde_json::{Value, json};

use super::{all_read, unread};
use crate::article::date::{DateOrder, LocalZone, UnreadDate, read_in};

/// The time that a value has beside a field.
fn near(value: &Value, name: &str, zone: &Value) -> Result<String, UnreadDate> {
    let zone = LocalZone::of_field(name, zone);
    read_in(value, &zone, DateOrder::Unknown).map(|date| date.published.start().to_string())
}

const TEN_IN_UTC: &str = "2024-05-01T10:00:00.000Z";

#[test]
fn offsets_and_names_in_a_text_are_read() {
    all_read(
        TEN_IN_UTC,
        &[
            "2024-05-01 12:00:00 +2:00",
            "1 May 2024 15:30 +5:30",
            "1 May 2024 12:00 GMT +2",
            "1 May 2024 15:30 IST (GMT+5:30)",
            "1 May 2024 15:30 GMT+5:30 (IST)",
            "1 мая 2024, 13:00 МСК",
            "1 мая 2024, 13:00 (МСК)",
            "1 May 2024 17:00 ICT",
            "1 May 2024 05:00 COT",
            "1 May 2024 06:00 CLT",
            "1 May 2024 18:00 PHT",
        ],
    );
    unread(&[
        "1 May 2024 12:00 +2",
        "1 May 2024 12:00 GMT+2 Z",
        "1 May 2024 15:30 IST",
        "1 May 2024 15:30 IST Asia/Kolkata",
        "1 May 2024 12:00 GMT+2:20",
    ]);
}

/// All forms of 12 o'clock without a zone.
fn local() -> Vec<Value> {
    vec![
        json!("2024-05-01T12:00:00"),
        json!("2024-05-01 12:00"),
        json!("20240501T120000"),
        json!("20240501120000"),
        json!(20_240_501_120_000_i64),
        json!([2024, 5, 1, 12, 0]),
        json!([2024, 5, 1, 12, 0, 0, 2, 122, 0]),
        json!("1 May 2024, 12:00"),
        json!("01.05.2024 12:00 Uhr"),
        json!("2024-W18-3T12:00"),
        json!("2024-122T12:00"),
        json!({"value": "2024-05-01 12:00"}),
        json!({"date": "2024-05-01", "time": "12:00"}),
        json!({"year": 2024, "month": 5, "day": 1, "hour": 12}),
        json!(["2024-05-01 12:00", "2024-05-01 12:00"]),
        json!("<p>1 May 2024 12:00</p>"),
        json!("\"2024-05-01T12:00:00\""),
    ]
}

#[test]
fn what_is_stated_near_a_date_counts_for_all_local_forms() {
    for (name, zone) in [
        ("timezone", json!("Europe/Berlin")),
        ("timezone", json!("europe/berlin")),
        ("timezone", json!("+02:00")),
        ("timezone", json!("+0200")),
        ("timezone", json!("+2")),
        ("timezone", json!("+2:00")),
        ("timezone", json!("GMT+2")),
        ("timezone", json!("UTC +02:00")),
        ("timezone", json!("(GMT+02:00) Berlin")),
        ("timezone", json!("(UTC+02:00)")),
        ("timezone", json!(" CEST ")),
        ("timezone", json!({"name": "Europe/Berlin", "abbr": "CEST"})),
        ("timezone", json!({"id": "Europe/Berlin"})),
        ("utc_offset", json!(2)),
        ("utcOffset", json!("2")),
        ("gmt_offset", json!(7200)),
        ("timezone_offset", json!(7200.0)),
    ] {
        for value in local() {
            assert_eq!(near(&value, name, &zone).as_deref(), Ok(TEN_IN_UTC), "{value} in {zone}");
        }
    }
    for zone in [json!(null), json!(""), json!("UTC"), json!("Z"), json!("GMT"), json!("Etc/UTC"), json!("+00:00")] {
        for value in local() {
            assert_eq!(near(&value, "tz", &zone).as_deref(), Ok("2024-05-01T12:00:00.000Z"), "{value} in {zone}");
        }
    }
}

#[test]
fn an_unknown_place_makes_a_local_time_uncertain() {
    for (name, zone) in [
        ("timezone", json!("Middle Earth")),
        ("timezone", json!("local")),
        ("timezone", json!("IST")),
        ("timezone", json!("W. Europe Standard Time")),
        ("timezone", json!(2)),
        ("timezone", json!("2")),
        ("timezone", json!({"offset_hours": 2})),
        ("timezone", json!(["Europe/Berlin"])),
        ("timezone", json!("+02:20")),
        ("utc_offset", json!(120)),
        ("utc_offset", json!(-120)),
        ("utc_offset", json!(1e300)),
    ] {
        for value in local() {
            assert_eq!(near(&value, name, &zone), Err(UnreadDate::UnknownZone), "{value} in {zone}");
        }
    }
    let winter = json!("(GMT+01:00) Berlin");
    assert_eq!(near(&json!("2024-05-01 12:00"), "tz", &winter), Err(UnreadDate::ContradictoryZones));
}

#[test]
fn a_date_with_its_own_offset_needs_no_other() {
    for value in [
        json!("2024-05-01T10:00:00Z"),
        json!("2024-05-01T10:00:00+00:00"),
        json!("2024-05-01T06:00:00-04:00"),
        json!("2024-05-01T12:00:00+02:00[Europe/Berlin]"),
        json!("2024-05-01T12:00[Europe/Berlin]"),
        json!("2024-05-01 10:00:00 UTC"),
        json!("Wed, 01 May 2024 10:00:00 GMT"),
        json!("Wed, 01 May 2024 10:00:00 +0000"),
        json!("May 1, 2024 6:00 AM EDT"),
        json!("Wed May 01 2024 10:00:00 GMT+0000 (Coordinated Universal Time)"),
        json!("20240501120000+0200"),
        json!(1_714_557_600),
        json!("1714557600000"),
        json!("/Date(1714557600000+0200)/"),
        json!({"$date": 1_714_557_600_000_i64}),
        json!({"seconds": 1_714_557_600}),
        json!({"dateTime": "2024-05-01T12:00:00", "timeZone": "Europe/Berlin"}),
    ] {
        for zone in [json!("+02:00"), json!("Asia/Tokyo"), json!("EST"), json!("Middle Earth"), json!(7)] {
            assert_eq!(near(&value, "timezone", &zone).as_deref(), Ok(TEN_IN_UTC), "{value} beside {zone}");
        }
    }
    let day = near(&json!("2024-05-01"), "timezone", &json!("Middle Earth"));
    assert_eq!(day.as_deref(), Ok("2024-05-01T00:00:00.000Z"));
}
