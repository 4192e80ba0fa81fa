//! The reason for which a date is not read.

use serde_json::{Value, json};

use crate::article::date::outcome::{YEAR_MAX, YEAR_MIN};
use crate::article::date::{DateOrder, UnreadDate, read};

fn reason(value: &Value, order: DateOrder) -> Option<UnreadDate> {
    read(value, order).err()
}

#[test]
fn each_reason_is_the_right_one() {
    for (reason, values) in [
        (UnreadDate::NoDate, &["", " ", "None", "N/A", "0", "-"][..]),
        (UnreadDate::Placeholder, &["1970-01-01", "0000-00-00", "0001-01-01T00:00:00Z", "9999-12-31", "01/01/1900"]),
        (
            UnreadDate::Change,
            &[
                "Updated: 5 January 2024",
                "5 January 2024, updated 10:30",
                "تم التحديث في 5 يناير 2024",
                "更新: 2024年1月5日",
            ],
        ),
        (
            UnreadDate::Relative,
            &["2 hours ago", "yesterday", "gestern, 10:00 Uhr", "il y a 2 heures", "3 小时前", "昨天 10:00"],
        ),
        (
            UnreadDate::DayOrMonthFirst,
            &["05/01/2024", "01-05-2024 10:00", "Published 05/01/2024, updated 06/01/2024", "05/01/2024, 10:00 AM UTC"],
        ),
        (UnreadDate::ShortYear, &["05/01/24", "05-JAN-24", "5 Jan 24", "31.12.99", "24-01-05"]),
        (UnreadDate::Year, &["1445-06-23", "2567-01-05", "05/01/2567", "5 มกราคม 2567", "2081-01-19", "14450623T1000"]),
        (
            UnreadDate::Incomplete,
            &["2024-01", "January 2024", "5 January", "10:00", "Friday", "2024 Jan", "Jan 5 10:00"],
        ),
        (UnreadDate::ImpossibleDay, &["2024-02-30", "13/13/2024", "30 February 2024", "2024-13-01T10:00:00Z"]),
        (UnreadDate::WrongWeekday, &["Mon 31/01/2024", "Mon Tue 5 January 2024"]),
        (UnreadDate::UnclearTime, &["2024-01-05T25:00", "5 January 2024 14:00 AM", "2024年1月5日 晚上12:30"]),
        (
            UnreadDate::Several,
            &["5 January 2024, 6 January 2024", "2024-01-05 10:00-11:00", "5 January 2024 10:00 - 11:00"],
        ),
        (UnreadDate::SeveralZones, &["Fri, 5 Jan 2024 10:00:00 IST", "2024-01-05 10:00 CST"]),
        (UnreadDate::ImpossibleOffset, &["2024-01-05T10:00:00+23:00", "2024-01-05T10:00:00 +01:07"]),
        (UnreadDate::ContradictoryZones, &["2024-01-05T10:00:00Z+02:00", "2024-01-05 10:00 +0200 CET"]),
        (UnreadDate::SkippedTime, &["2024-03-31 02:30 Europe/Berlin", "2024-10-27 02:30 Europe/Berlin"]),
        (UnreadDate::Number, &["19727", "2024", "99999999999999999999", "01704448800"]),
        (UnreadDate::AmbiguousNumber, &["2024010510", "2405011015", "638401500000000000"]),
        (
            UnreadDate::Words,
            &["until 2024-01-05", "5 listopada 2024", "v2024-01-05", "Breaking", "23 جمادى الآخرة 1445"],
        ),
        (
            UnreadDate::UnknownForm,
            &["2024-01-05/2024-01-07", "5-7 January 2024 10", "~5 January 2024", "2024-01-05-10", "2024-01-05 ?"],
        ),
    ] {
        let other = |value: &&&str| self::reason(&json!(value), DateOrder::Unknown) != Some(reason);
        let wrong: Vec<_> = values.iter().filter(other).collect();
        assert!(wrong.is_empty(), "not {reason:?}: {wrong:?}");
    }
    let long = json!("5 January 2024 ".repeat(100));
    assert_eq!(reason(&long, DateOrder::Unknown), Some(UnreadDate::TooLong));
    assert_eq!(reason(&json!("05.01.2024"), DateOrder::MonthFirst), Some(UnreadDate::DotsContradictOrder));
}

#[test]
fn values_have_reasons_too() {
    for (value, reason) in [
        (json!(null), UnreadDate::NoDate),
        (json!(false), UnreadDate::NoDate),
        (json!(0), UnreadDate::NoDate),
        (json!([]), UnreadDate::NoDate),
        (json!({}), UnreadDate::NoDate),
        (json!(19727), UnreadDate::Number),
        (json!(1e300), UnreadDate::Number),
        (json!(2_024_010_510), UnreadDate::AmbiguousNumber),
        (json!({"$date": 1_704_448_800}), UnreadDate::Number),
        (json!({"type": "modified", "value": "2024-01-05"}), UnreadDate::Change),
        (json!({"foo": "2024-01-05"}), UnreadDate::UnknownForm),
        (json!({"value": "05/01/2024"}), UnreadDate::DayOrMonthFirst),
        (json!({"date": "2024-01-05 10:00", "timezone": "IST"}), UnreadDate::UnknownZone),
        (json!(["2024-01-05", "2024-01-06"]), UnreadDate::Several),
        (json!({"utc": "2024-01-05", "iso": "2024-01-07"}), UnreadDate::Several),
        (json!([2024, 2, 30]), UnreadDate::ImpossibleDay),
        (json!([2024, 2, 1, 25, 0]), UnreadDate::UnclearTime),
    ] {
        assert_eq!(self::reason(&value, DateOrder::Unknown), Some(reason), "{value}");
    }
}

#[test]
fn the_sentences_name_the_years_and_the_setting() {
    let years = UnreadDate::Year.reason();
    assert!([YEAR_MIN, YEAR_MAX].iter().all(|year| years.contains(&year.to_string())), "{years}");
    assert!(UnreadDate::DayOrMonthFirst.reason().contains("input.date_order"));
}
