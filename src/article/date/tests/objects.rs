//! Dates in objects and lists.

use serde_json::json;

use super::read_as;
use crate::article::date::DateOrder;

#[test]
fn objects_and_lists_are_read() {
    for value in [
        json!({"$date": "2024-01-05T10:00:00Z"}),
        json!({"$date": 1_704_448_800_000_i64}),
        json!({"$date": {"$numberLong": "1704448800000"}}),
        json!({"$numberLong": "1704448800"}),
        json!({"$timestamp": {"t": 1_704_448_800, "i": 1}}),
        json!({"value": "2024-01-05 10:00:00+00"}),
        json!({"@value": "2024-01-05T10:00:00Z", "@type": "xsd:dateTime"}),
        json!({"#text": "2024-01-05T10:00:00Z", "@pubdate": "pubdate"}),
        json!({"_": "2024-01-05T10:00:00Z", "$": {"type": "w3c"}}),
        json!({"date": "2024-01-05 11:00:00.000000", "timezone_type": 3, "timezone": "Europe/Berlin"}),
        json!({"date": "2024-01-05 11:00:00.000000", "timezone_type": 1, "timezone": "+01:00"}),
        json!({"date": "2024-01-05 10:00:00.000000", "timezone_type": 3, "timezone": "UTC"}),
        json!({"date": "2024-01-05 05:00:00.000000", "timezone_type": 2, "timezone": "EST"}),
        json!({"seconds": 1_704_448_800, "nanos": 0}),
        json!({"seconds": "1704448800"}),
        json!({"_seconds": 1_704_448_800, "_nanoseconds": 0}),
        json!({"epochSecond": 1_704_448_800, "nano": 0}),
        json!({"__type": "Date", "iso": "2024-01-05T10:00:00.000Z"}),
        json!({"long": 1_704_448_800_000_i64}),
        json!({"string": "5 January 2024, 10:00"}),
        json!({"N": "1704448800"}),
        json!({"timestampValue": "2024-01-05T10:00:00Z"}),
        json!({"time": 1_704_448_800_000_i64, "timezoneOffset": -60, "year": 124, "month": 0, "date": 5}),
        json!({"date": {"year": 2024, "month": 1, "day": 5}, "time": {"hour": 10, "minute": 0, "second": 0, "nano": 0}}),
        json!({"year": 2024, "month": "JANUARY", "monthValue": 1, "dayOfMonth": 5, "hour": 10, "minute": 0}),
        json!([2024, 1, 5, 10, 0]),
        json!([2024, 1, 5, 10, 0, 0]),
        json!([2024, 1, 5, 10, 0, 0, 4, 5, 0]),
        json!(["2024-01-05T10:00:00Z"]),
        json!([{"$date": {"$numberLong": "1704448800000"}}]),
        json!({"@datetime": "2024-01-05T10:00:00Z", "#text": "5 January 2024"}),
        json!({"#text": "5 January 2024 10:00", "@lang": "en", "@type": "dcterms:W3CDTF"}),
        json!({"#text": "2024-01-05T10:00Z", "@attributes": {"xmlns:dc": "http://purl.org/dc/", "date-type": "published"}}),
        json!({"type": "published", "value": "2024-01-05T10:00:00Z"}),
        json!({"type": "http://www.w3.org/2001/XMLSchema#dateTime", "value": "2024-01-05T10:00:00Z"}),
        json!({"utc": "2024-01-05T10:00:00Z", "local": "2024-01-05T12:00:00"}),
        json!({"utc": "2024-01-05T10:00:00", "local": "2024-01-05T11:00:00", "timezone": "Europe/Berlin"}),
        json!({"$": {"datetime": "2024-01-05T10:00Z"}, "_": "5 January"}),
        json!({"_attributes": {"datetime": "2024-01-05T10:00Z", "class": "entry-date published"}, "_text": "today"}),
        json!({"year": 2024, "month": 1, "day": 5, "hour": 11, "timeZone": "Europe/Berlin"}),
        json!({"iso": "2024-01-05T10:00:00Z", "raw": "Fri, 05 Jan 2024 11:00:00 +0100"}),
        json!({"rfc2822": "Fri, 05 Jan 2024 04:00:00 -0600", "utc": "1704448800000", "iso8601": "2024-01-05T04:00:00-06:00"}),
        json!({"text": "2 hours ago", "iso": "2024-01-05T10:00:00Z", "epoch": 1_704_448_800}),
        json!({"dateTime": "2024-01-05T11:00:00.0000000", "timeZone": "Europe/Berlin"}),
        json!({"dateTime": "2024-01-05T10:00:00", "timeZone": "UTC"}),
        json!({"dateTime": "2024-01-05T10:00:00Z", "timeZone": "W. Europe Standard Time"}),
        json!({"timestamp": 1_704_448_800, "timezone": "W. Europe Standard Time"}),
        json!({"datetime": "2024-01-05 10:00"}),
        json!({"date": "2024-01-05", "time": "10:00"}),
        json!({"date": "2024-01-05", "time": "11:00:00", "timezone": "Europe/Berlin"}),
        json!({"date": "2024-01-05", "datetime": "2024-01-05T10:00:00Z"}),
        json!({"localDateTime": "2024-01-05T12:00:00", "offset": "+02:00"}),
        json!({"value": "2024-01-05 11:00", "@timezone": "Europe/Berlin"}),
        json!({"millis": 1_704_448_800_000_i64}),
        json!({"millis": 1_704_448_800_000_i64, "chronology": {"zone": {"id": "UTC"}}, "dayOfMonth": 5, "afterNow": false}),
        json!({"published": "2024-01-05T10:00:00Z", "modified": "2024-01-06T10:00:00Z", "crawled": 1}),
        json!({"year": 2024, "month": 1, "day": 5, "hour": 10, "minute": 0}),
        json!({"year": "2024", "month": "01", "day": "05", "hours": 10, "minutes": 0, "seconds": 0, "nanos": 0}),
        json!({"dateTime": {"date": {"year": 2024, "month": 1, "day": 5}, "time": {"hour": 10, "minute": 0}}}),
        json!(["2024-01-05T10:00:00Z", "2024-01-05T10:00:00Z"]),
        json!(["2024-01-05", "Fri, 05 Jan 2024 10:00:00 GMT"]),
    ] {
        assert_eq!(read_as(&value, DateOrder::Unknown), "2024-01-05T10:00:00.000Z", "{value}");
    }
    let with_fraction =
        [json!([2024, 1, 5, 10, 0, 0, 123_000_000]), json!({"seconds": 1_704_448_800, "nanos": 123_456_789})];
    for value in with_fraction {
        assert_eq!(read_as(&value, DateOrder::Unknown), "2024-01-05T10:00:00.123Z", "{value}");
    }
    for value in [
        json!([2024, 1, 5]),
        json!({"year": 2024, "month": 1, "day": 5}),
        json!({"year": 2024, "month": "Jan", "day": 5}),
        json!({"date": "2024-01-05", "timezone": "Middle Earth"}),
        json!({"value": "", "display": "January 5, 2024"}),
        json!({"text": "January 5, 2024"}),
    ] {
        assert_eq!(read_as(&value, DateOrder::Unknown), "2024-01-05", "{value}");
    }
}

#[test]
fn objects_of_another_date_or_of_several_stay_unread() {
    for value in [
        json!({"type": "modified", "value": "2024-01-05T10:00:00Z"}),
        json!({"@type": "updated", "#text": "2024-01-05T10:00:00Z"}),
        json!({"@attributes": {"date-type": "expires"}, "#text": "2024-01-05"}),
        json!({"$": {"type": "embargo"}, "_": "2024-01-05"}),
        json!({"label": "Last updated", "value": "2024-01-05"}),
        json!({"kind": "event", "date": "2024-01-05"}),
        json!({"@class": "hijri", "#text": "2024-01-05"}),
        json!({"value": "2024-01-05", "calendar": "hijri"}),
        json!({"value": 1_704_448_800, "unit": "days"}),
        json!({"modified": "2024-01-05"}),
        json!({"start": "2024-01-05", "end": "2024-01-06"}),
        json!({"utc": "2024-01-05T10:00:00Z", "timestamp": 1_704_452_400}),
        json!({"published": "2024-01-05", "first_published": "2024-01-02"}),
        json!({"date": "2024-01-05", "datetime": "2024-01-07T10:00:00Z"}),
        json!({"date": "2024-01-05T11:00:00", "time": "10:00"}),
        json!({"local": "2024-01-05T12:00:00"}),
        json!({"value": "2024-01-05T12:00:00", "offset": 5}),
        json!({"dateTime": "2024-01-05T11:00:00", "timeZone": "W. Europe Standard Time"}),
        json!({"dateTime": "2024-01-05T11:00:00", "timezone": "Europe/Berlin", "utc_offset": 7200}),
        json!({"year": 2024, "month": "JUNE", "monthValue": 5, "dayOfMonth": 1}),
        json!({"year": 2024, "month": 4, "dayOfMonth": 1, "hourOfDay": 10, "minute": 0, "second": 0}),
        json!({"years": 2024, "months": 4, "date": 1, "hours": 10}),
        json!({"year": 2024, "month": 0, "day": 5}),
        json!({"year": 2024, "month": 1}),
        json!({"year": 2024, "month": 1, "day": 5, "era": "BC"}),
        json!({"gregorian": "2024-01-05", "hijri": "1445-06-23"}),
        json!([{"type": "modified", "value": "2024-01-06"}, {"type": "published", "value": "2024-01-05"}]),
        json!(["2024-01-05T10:00:00Z", "2 hours ago"]),
    ] {
        assert_eq!(read_as(&value, DateOrder::Unknown), "-", "{value}");
    }
}
