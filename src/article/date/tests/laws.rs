//! Laws of all dates and texts, and of the table of words.

use std::collections::BTreeMap;

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ZonedDateTime};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::article::date::{DateOrder, UnreadDate, read, words, zones};
use crate::article::parsed::Published;

/// Forms of a time with its offset.
const WITH_OFFSET: &[&str] = &[
    "%Y-%m-%dT%H:%M:%S%:z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S %:z",
    "%G-W%V-%uT%H:%M:%S%:z",
    "%Y-%jT%H:%M:%S%:z",
    "%Y%m%dT%H%M%S%z",
    "%Y%m%d%H%M%S%z",
    "%Y/%m/%d %H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a, %-d %b %Y %H:%M:%S %z",
    "%A, %d-%b-%Y %H:%M:%S %z",
    "%a %b %e %H:%M:%S %Y %z",
    "%a %b %d %H:%M:%S %z %Y",
    "%a %b %d %Y %H:%M:%S GMT%z (Some Standard Time)",
    "%d/%b/%Y:%H:%M:%S %z",
    "%A, %B %-d, %Y at %-I:%M:%S %p GMT%:z",
    "%B %-d, %Y, %-I:%M:%S %p (UTC%:z)",
    "%H:%M:%S %:z, %-d %B %Y",
    "%d.%m.%Y, %H:%M:%S Uhr (GMT%:z)",
    "%Y年%-m月%-d日 %H:%M:%S (GMT%:z)",
    "%Y년 %-m월 %-d일 %H:%M:%S GMT%:z",
    "Published: %Y-%-m-%-d %H:%M:%S %:z",
];

/// Forms of a time in UTC that do not say so.
const WITHOUT_OFFSET: &[&str] = &[
    "%Y-%m-%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y kl. %H.%M.%S",
    "%-d %b %Y %H:%M:%S",
    "%a %b %e %H:%M:%S %Y",
    "%b %-d, %Y %I:%M:%S %p",
    "%d-%b-%Y %I.%M.%S %p",
    "%-d de %B de %Y, %H:%M:%S",
];

/// Forms of a day.
const DAYS: &[&str] = &[
    "%Y-%m-%d",
    "%Y%m%d",
    "%G-W%V-%u",
    "%GW%V%u",
    "%Y-%j",
    "%Y/%-m/%-d",
    "%Y.%m.%d",
    "%-d.%-m.%Y",
    "%-d. %-m. %Y",
    "%-d %B %Y",
    "%B %-d, %Y",
    "%A, %d %B %Y",
    "%d-%b-%Y",
    "%Y-%b-%d",
    "%Y年%m月%d日",
    "%Y년 %-m월 %-d일",
    "%-d tháng %-m, %Y",
];

/// Days that are left unread on purpose.
fn is_placeholder(zoned: &ZonedDateTime) -> bool {
    let days = ["1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01", "1969-12-31"];
    days.contains(&zoned.date().to_string().as_str()) || (zoned.year(), zoned.month()) == (1970, 1)
}

/// 1760-01-02 to 2046-12-30, most of it close to now.
fn instants() -> impl Strategy<Value = Timestamp> {
    prop_oneof![-6_626_880_000_i64..2_429_740_800, 946_684_800_i64..1_900_000_000]
        .prop_map(|second| Timestamp::from_second(second).expect("an instant"))
}

/// The offsets in use.
fn offsets() -> impl Strategy<Value = Offset> {
    let quarters = (-48..=56_i32).map(|quarters| Offset::from_seconds(quarters * 900).expect("an offset"));
    proptest::sample::select(quarters.filter(|offset| zones::is_offset(*offset)).collect::<Vec<_>>())
}

fn found(text: &str) -> Option<Published> {
    read(&Value::from(text), DateOrder::Unknown).ok().map(|date| date.published)
}

proptest! {
    #[test]
    fn an_instant_reads_back_from_each_form(at in instants(), offset in offsets()) {
        let zoned = at.to_zoned_datetime(TimeZone::fixed(offset));
        prop_assume!(!is_placeholder(&zoned) && (1761..2046).contains(&zoned.year()));
        for form in WITH_OFFSET {
            let text = zoned.strftime(form).to_string();
            prop_assert_eq!(found(&text).map(|date| date.start().0), Some(at.as_millisecond()), "{}", text);
        }
        let utc = at.to_zoned_datetime(TimeZone::UTC);
        prop_assume!(!is_placeholder(&utc));
        for form in WITHOUT_OFFSET {
            let text = utc.strftime(form).to_string();
            prop_assert_eq!(found(&text).map(|date| date.start().0), Some(at.as_millisecond()), "{}", text);
        }
        for form in DAYS {
            let text = utc.strftime(form).to_string();
            let Some(Published::Day { start, end }) = found(&text) else {
                return Err(TestCaseError::fail(format!("not a day: {text}")));
            };
            prop_assert!((start.0..=end.0).contains(&at.as_millisecond()), "{}", text);
        }
    }

    #[test]
    fn a_count_reads_back_in_each_unit(second in 950_000_000_i64..1_900_000_000, fraction in 0..1000_i64) {
        let milliseconds = second * 1000 + fraction;
        for value in [
            json!(milliseconds),
            json!(milliseconds.to_string()),
            json!(milliseconds * 1000),
            json!(milliseconds * 1_000_000),
            json!(format!("{second}.{fraction:03}")),
            json!(milliseconds as f64 / 1000.0),
            json!({"seconds": second, "nanos": fraction * 1_000_000}),
            json!({"$date": {"$numberLong": milliseconds.to_string()}}),
            json!(format!("/Date({milliseconds}+0100)/")),
        ] {
            let found = read(&value, DateOrder::Unknown).ok().map(|date| date.published);
            prop_assert_eq!(found.map(|date| date.start().0), Some(milliseconds), "{}", value);
        }
    }

    #[test]
    fn numeric_days_are_read_in_the_stated_order(at in instants()) {
        let day = at.to_zoned_datetime(TimeZone::UTC);
        prop_assume!(!is_placeholder(&day) && day.year() >= 1761);
        let day_first = Value::from(day.strftime("%d/%m/%Y").to_string());
        let month_first = Value::from(day.strftime("%-m-%-d-%Y").to_string());
        let start = day.start_of_day().expect("a day").timestamp().as_millisecond();
        for (value, order) in [(&day_first, DateOrder::DayFirst), (&month_first, DateOrder::MonthFirst)] {
            prop_assert_eq!(read(value, order).ok().map(|date| date.published.start().0), Some(start), "{}", value);
            let undecided = read(value, DateOrder::Unknown).ok().map(|date| date.published.start().0);
            prop_assert_eq!(undecided, (day.day() > 12 || day.day() == day.month()).then_some(start), "{}", value);
        }
    }

    #[test]
    fn any_text_is_read_or_not(text in "\\PC{0,60}") {
        let _ = found(&text);
    }

    /// What is read of pieces of dates lies in the years that are believed, and blanks around it change nothing.
    #[test]
    fn pieces_of_dates_are_read_or_not(pieces in proptest::collection::vec(piece(), 0..12)) {
        let text = pieces.concat();
        let date = found(&text);
        if let Some(date) = date {
            let year = Timestamp::from_millisecond(date.start().0).expect("an instant").to_zoned_datetime(TimeZone::UTC).year();
            prop_assert!((1759..=2047).contains(&year), "{} is {:?}", text, date);
        }
        prop_assert_eq!(found(&format!(" \t{text}\n")), date, "{}", text);
        prop_assert_eq!(found(&format!("Xyzzy {text}")), None, "{}", text);
        // Where the order is asked for, it is what is missing.
        let unread = |order| read(&Value::from(&*text), order).err();
        if unread(DateOrder::Unknown) == Some(UnreadDate::DayOrMonthFirst) {
            prop_assert_ne!(unread(DateOrder::DayFirst), Some(UnreadDate::DayOrMonthFirst), "{}", text);
        }
    }
}

fn piece() -> impl Strategy<Value = String> {
    let words = [
        "2024",
        "5",
        "05",
        "31",
        "10",
        "00",
        "24",
        "1704448800",
        "20240105",
        "Jan",
        "January",
        "mar",
        "Fri",
        "am",
        "AM",
        "p.m.",
        "UTC",
        "GMT",
        "CST",
        "CET",
        "Europe/Berlin",
        "T",
        "Z",
        "W01",
        "Uhr",
        "h",
        "à",
        "de",
        "of",
        "th",
        "年",
        "月",
        "日",
        "오전",
        "٥",
        "يناير",
        "Published",
        ":",
        "/",
        "-",
        ".",
        ",",
        "+",
        "(",
        ")",
        "[",
        "]",
        " ",
        " ",
        " ",
        "\"",
        "/Date(",
        "m=+0",
        "D:",
        "E9",
        "2024-01-05",
        "10:00",
        "+02:00",
        "-11:00",
        "IST",
        "Updated",
        "do",
        "du",
        "em",
        "Sa",
        "à",
        "晚上",
        "de la",
        "noche",
        "ago",
        "<time datetime=\"",
        "\">",
        "</time>",
        "&nbsp;",
        "\\/",
    ];
    proptest::sample::select(words.to_vec()).prop_map(str::to_owned)
}

#[derive(serde::Deserialize)]
struct WordTable {
    months: BTreeMap<String, Vec<String>>,
    weekdays: BTreeMap<String, Vec<String>>,
    roles: BTreeMap<String, String>,
}

fn table() -> WordTable {
    toml::from_str(include_str!("../words.toml")).expect("the table is TOML")
}

#[test]
fn no_name_is_two_months() {
    let mut months: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (language, names) in table().months {
        assert_eq!(names.len(), 12, "{language}");
        for (month, list) in names.iter().enumerate() {
            for name in list.split_whitespace().map(words::folded) {
                let (known, other) = months.entry(name.clone()).or_insert((month, language.clone()));
                assert_eq!(*known, month, "{name} is another month in {language} than in {other}");
            }
        }
    }
    assert!(months.len() > 300);
}

#[test]
fn each_name_of_the_table_is_known() {
    let table = table();
    let known = |name: &str| words::meaning(&words::folded(name).replace('_', " "));
    for (language, names) in &table.weekdays {
        assert_eq!(names.len(), 7, "{language}");
        let all = names.iter().flat_map(|list| list.split_whitespace());
        assert!(all.clone().all(|name| known(name).is_some_and(|meaning| meaning.weekdays != 0)), "{language}");
    }
    for (language, names) in &table.months {
        for (month, list) in (1..).zip(names) {
            assert!(
                list.split_whitespace().all(|name| known(name).and_then(|found| found.month) == Some(month)),
                "{language}"
            );
        }
    }
    assert!(table.roles.values().flat_map(|list| list.split_whitespace()).all(|name| known(name).is_some()));
}

/// A day in each language, as `5 NAME 2024`.
#[test]
fn each_month_of_each_language_is_read() {
    for (language, names) in table().months {
        for (month, list) in (1..=12_i8).zip(&names) {
            for name in list.split_whitespace() {
                let text = format!("5 {} 2024", name.replace('_', " "));
                let day =
                    jiff::civil::date(2024, month, 5).to_zoned_datetime(TimeZone::UTC).expect("a day").timestamp();
                assert_eq!(found(&text).map(|date| date.start().0), Some(day.as_millisecond()), "{language}: {text}");
            }
        }
    }
}

/// Months of other calendars must never get into the table.
#[test]
fn months_of_other_calendars_are_unknown() {
    for word in [
        "محرم",
        "صفر",
        "رجب",
        "شعبان",
        "رمضان",
        "شوال",
        "muharram",
        "ramadan",
        "آذر",
        "دی",
        "بهمن",
        "مهر",
        "nisan_5784",
        "tishrei",
        "adar",
        "vaisakha",
        "वैशाख",
        "বৈশাখ",
        "ሚያዝያ",
        "listopada",
        "lis",
        "lip",
        "srp",
    ] {
        assert_eq!(words::meaning(&words::folded(word)), None, "{word}");
    }
}

/// Words that make another day of the day after them.
const BEFORE_ANOTHER_DAY: &str = "before|after|since|until|till|from|by|between|not|circa|about|due|expires|vor|nach|seit|bis|ab|um|\
    avant|après|depuis|jusqu'au|dès|antes de|después de|desde|hasta|até|dal|al|dopo il|prima del|fino al|\
    da|tot|vanaf|voor|na|van|från|till|före|efter|om|fra|til|før|asti|alkaen|ennen|jälkeen|do|od|po|przed|\
    před|pred|până la|din|după|до|с|по|от|к|после|з|від|след|преди|ως|μέχρι|από|πριν|hingga|sampai|dari|\
    sejak|sebelum|setelah|mula|từ|đến|trước|sau|من|إلى|حتى|قبل|بعد|منذ|از|تا|עד|מ|לפני|अब से|v|A|x";

/// Words that make another day of the day before them.
const AFTER_ANOTHER_DAY: &str = "den|itibaren|kadar|asti|ig|tól|से|तक|まで|から|부터|까지|v|on|de";

#[test]
fn words_that_mean_another_day_keep_a_date_unread() {
    for word in BEFORE_ANOTHER_DAY.split('|') {
        for day in ["2024-01-05", "5 January 2024", "1 maja 2024", "2. Mai 2024", "04.01.2024", "2 mei 2024"] {
            assert_eq!(found(&format!("{word} {day}")), None, "{word} {day}");
        }
    }
    for word in AFTER_ANOTHER_DAY.split('|') {
        for day in ["2024-01-05", "5 January 2024", "1 Mayıs 2024"] {
            for text in [format!("{day} {word}"), format!("{day}{word}"), format!("{day}-{word}")] {
                assert_eq!(found(&text), None, "{text}");
            }
        }
    }
}
