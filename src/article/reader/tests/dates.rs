//! The published time.

use super::*;

#[test]
fn a_published_time_comes_before_those_of_the_version_and_of_the_item() {
    let start = |fields: Value| article(&with(&fields)).published.map(|published| published.start().0);
    let (first, second, third) = (1_700_000_001, 1_700_000_002, 1_700_000_003);
    assert_eq!(
        start(json!({"published_at": first, "versionCreated": second, "firstCreated": third})),
        Some(first * 1000)
    );
    assert_eq!(
        start(json!({"published_at": "None", "versionCreated": second, "firstCreated": third})),
        Some(second * 1000)
    );
    assert_eq!(start(json!({"firstcreated": third.to_string()})), Some(third * 1000));
    assert_eq!(start(json!({"published_at": "03/02/2024", "created_at": second})), None, "another time is no stand-in");
    assert_eq!(start(json!({"created_at": second, "meta": {"published_at": third}})), Some(second * 1000));
    assert_eq!(start(json!({"date": "no date"})), None);
}

#[test]
fn the_offset_next_to_a_date_counts() {
    let start = |fields: Value| article(&with(&fields)).published.map(|published| published.start().to_string());
    let at = |text: &str| Some(format!("2026-03-03T{text}:00.000Z"));
    assert_eq!(start(json!({"pubDate": "2026-03-03 09:30:00", "pubDateTZ": "UTC"})), at("09:30"));
    assert_eq!(start(json!({"pubDate": "2026-03-03 09:30:00", "pubDateTZ": "Asia/Kolkata"})), at("04:00"));
    assert_eq!(start(json!({"pubDate": "2026-03-03T09:30:00+01:00", "pubDateTZ": "Asia/Kolkata"})), at("08:30"));
    assert_eq!(start(json!({"pubDate": "2026-03-03 09:30:00", "pubDateTZ": "Nowhere"})), None);
    assert_eq!(start(json!({"pubDate": "2026-03-03T09:30:00Z", "pubDateTZ": "Nowhere"})), at("09:30"));
    for name in [
        "timezone",
        "TimeZone",
        "time_zone",
        "tz",
        "timezone_name",
        "tz_name",
        "tzid",
        "utcOffset",
        "gmt_offset",
        "published_timezone",
        "published_at_timezone",
    ] {
        assert_eq!(start(json!({"published_at": "2026-03-03T09:30", name: "+01:00"})), at("08:30"), "{name}");
        assert_eq!(start(json!({"published_at": "2026-03-03T09:30Z", name: "+01:00"})), at("09:30"), "{name}");
    }
    let gmt = json!({"date_gmt": "2026-03-03T09:30:00", "timezone": "Europe/Berlin", "gmt_offset": 1});
    assert_eq!(start(gmt), at("09:30"));
    let own = json!({"pubDate": "2026-03-03 09:30", "pubDateTZ": "UTC", "timezone": "Asia/Kolkata"});
    assert_eq!(start(own), at("09:30"), "the zone of the date itself counts");
    for (offset, time) in [(json!(-5), at("14:30")), (json!(3600), at("08:30")), (json!(60), None)] {
        assert_eq!(start(json!({"pubDate": "2026-03-03 09:30", "utc_offset": offset})), time, "{offset}");
    }
    let other = json!({"date": "2026-03-03 09:30", "author": {"timezone": "Asia/Kolkata"}, "user_timezone": "x"});
    assert_eq!(start(other), at("09:30"));
}

#[test]
fn a_date_that_is_not_read_has_its_reason() {
    for (fields, reason) in [
        (json!({"date": "05/01/2024"}), UnreadDate::DayOrMonthFirst),
        (json!({"date": "5 Jan 2024 10:00 IST"}), UnreadDate::SeveralZones),
        (json!({"date": "2024-01-05 10:00", "timezone": "Nowhere"}), UnreadDate::UnknownZone),
        (json!({"date": "2024-01-05", "updated_at": "2 hours ago"}), UnreadDate::Relative),
        (json!({"date": {"type": "modified", "value": "2024-01-05"}}), UnreadDate::Change),
    ] {
        let unread = read(&with(&fields)).expect("is read").reading.unread;
        assert_eq!(unread.iter().map(|unread| unread.reason).collect::<Vec<_>>(), [reason.reason()], "{fields}");
    }
}
