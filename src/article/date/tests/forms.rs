//! Each form that is read, with the time it means.

use serde_json::{Value, json};

use super::{all_read, formatted, read_as};
use crate::article::date::{DateFormat, DateOrder, read};

const TEN: &str = "2024-01-05T10:00:00.000Z";
const NINE: &str = "2024-01-05T09:00:00.000Z";
const THREE_PM: &str = "2024-01-05T15:00:00.000Z";
const DAY: &str = "2024-01-05";

#[test]
fn iso_8601_is_read_in_all_its_spellings() {
    all_read(
        TEN,
        &[
            "2024-01-05T10:00:00Z",
            "2024-01-05t10:00:00z",
            "2024-01-05T10:00:00.000Z",
            "2024-01-05T10:00:00,000Z",
            "2024-01-05 10:00:00",
            "\u{FEFF} 2024-01-05T10:00 \n",
            "2024-01-05T10",
            "20240105T100000Z",
            "20240105T1000",
            "20240105 10:00:00",
            "2024-01-05T13:00:00+03:00",
            "2024-01-05T13:00:00+0300",
            "2024-01-05 13:00:00+03",
            "2024-01-05T05:00:00-05:00",
            "2024-01-05T10:00:00+00:00[UTC]",
            "2024-01-05T11:00[Europe/Berlin]",
            "2024-01-05T11:00:00+01:00[Europe/Berlin]",
            "2024-01-05T10:00:00Z[Europe/Berlin]",
            "2024-01-05T11:00:00 +01:00",
            "2024-01-05 11:00:00 +0100",
            "2024-01-05 11:00 Europe/Berlin",
            "2024-01-05T11:00:00 CET",
            "2024-01-05 10:00:00 UTC",
            "2024-01-05 10:00:00 +0000 UTC",
            "2024-01-05 11:00:00 +0100 CET",
            "2024-01-05 11:00:00.000000 +0100 CET m=+0.000012",
            "2024-01-05 15:30:00 +0530 IST",
            "2024-01-05 07:00:00 -0300 -03",
            "2024-W01-5T10:00:00Z",
            "2024W015T1000Z",
            "2024-005T10:00Z",
            "2024-1-5 10:00",
            "2024-1-5T10:00:00Z",
            "2024/01/05 10:00:00",
            "2024/1/5T10:00:00Z",
            "2024.01.05 10:00",
            "2024. 1. 5. 10:00",
            "2024-01-05_10:00:00",
            "2024-01-05 10:00:00 AM",
            "Fri 2024-01-05 10:00:00 UTC",
            "\"2024-01-05T10:00:00Z\"",
            "ISODate(\"2024-01-05T10:00:00Z\")",
            "Published: 2024-01-05 10:00",
            "2024-01-05 10:00 | 5 January 2024",
            // Digits of other scripts, cameras, DB2, FIX, PDF, an offset that is no span of time.
            "٢٠٢٤-٠١-٠٥T١٠:٠٠:٠٠Z",
            "2024:01:05 10:00:00",
            "2024-01-05-10.00.00",
            "2024-01-05-10.00.00.000000",
            "20240105-10:00:00",
            "2024/01/05-10:00:00",
            "D:20240105100000",
            "D:20240105100000Z",
            "D:20240105110000+01'00'",
            "2024-01-05 05:00-05:00",
            "2024-01-05T00:00-10:00",
            // HTML, and JSON in JSON.
            "<time datetime=\"2024-01-05T11:00:00+01:00\">5 January 2024</time>",
            "<time class='t' datetime='2024-01-05T10:00Z'>2 hours ago</time>",
            "Published <time datetime=\"2024-01-05T10:00Z\"><b>5</b> Jan</time>",
            "<time>2024-01-05 10:00</time>",
            "<p>5 January 2024<br/>10:00 UTC</p>",
            "5&nbsp;January&nbsp;2024&#32;10:00",
            "2024-01-05T10:00:00&#43;00:00",
            "2024\\/01\\/05 10:00",
        ],
    );
    all_read(
        DAY,
        &["2024-01-05", "2024-1-5", "2024-W01-5", "2024W015", "2024-005", "2024/01/05", "2024.01.05", "2024. 1. 5."],
    );
    all_read(DAY, &["2024-01-05Z", "2024-01-05+01:00", "20240105", "2024-Jan-05", "2024 Jan 5"]);
    all_read(
        "2024-01-06T00:00:00.000Z",
        &["2024-01-05T24:00:00Z", "2024-01-05 24:00", "20240105T2400", "5 Jan 2024 24:00"],
    );
    all_read("2024-01-05T23:00:00.000Z", &["2024-01-05T24:00:00+01:00"]);
    all_read(
        "2024-01-05T10:00:00.123Z",
        &["2024-01-05T10:00:00.123456789Z", "2024-01-05 10:00:00,123", "2024-1-5 10:00:00.1234567891"],
    );
    all_read("2016-12-31T23:59:59.000Z", &["2016-12-31T23:59:60Z", "31 Dec 2016 23:59:60 GMT"]);
}

#[test]
fn mails_servers_and_programs_are_read() {
    all_read(
        TEN,
        &[
            "Fri, 5 Jan 2024 10:00:00 GMT",
            "Fri, 05 Jan 2024 10:00:00 +0000",
            "Fri, 05 Jan 2024 10:00:00 -0000",
            "Mon, 5 Jan 2024 10:00:00 GMT",
            "Fri, 5 Jan 2024 10:00 GMT",
            "5 Jan 2024 10:00:00 Z",
            "Fri, 5 Jan 24 10:00:00 GMT",
            "5 Jan 24 10:00:00 +0000",
            "Fri, 5 Jan 2024 11:00:00 +0100 (CET)",
            "Fri, 5 Jan 2024 11:00:00 +01:00",
            "Fri, 5 Jan 2024 04:00:00 CST",
            "fri, 05 jan 2024 10:00:00 gmt",
            "Friday, 05-Jan-24 10:00:00 GMT",
            "Friday, 05-Jan-2024 10:00:00 GMT",
            "Fri Jan  5 10:00:00 2024",
            "Fri Jan 05 10:00:00 UTC 2024",
            "Fri  5 Jan 10:00:00 GMT 2024",
            "Fri Jan 05 11:00:00 CET 2024",
            "Fri Jan 05 10:00:00 +0000 2024",
            "Fri Jan 5 11:00:00 2024 +0100",
            "Fri Jan 05 2024 11:00:00 GMT+0100 (CET)",
            "Fri Jan 05 2024 11:00:00 GMT+0100 (Central European Standard Time)",
            "05/Jan/2024:10:00:00 +0000",
            "[05/Jan/2024:11:00:00 +0100]",
            "05-JAN-24 10.00.00 AM",
            "05-JAN-24 10.00.00.000000 AM +00:00",
            "05-JAN-2024 10:00:00",
            "5JAN2024:10:00:00",
            "Jan  5 2024 10:00:00:000AM",
            "/Date(1704448800000)/",
            "/Date(1704448800000+0100)/",
            "new Date(1704448800000)",
            "\\/Date(1704448800000)\\/",
            "1.7044488E9",
            "1.7044488E12",
            "١٧٠٤٤٤٨٨٠٠",
        ],
    );
}

#[test]
fn english_is_read() {
    all_read(
        TEN,
        &[
            "Jan 5, 2024, 10:00 AM",
            "Jan 5, 2024, 10:00\u{202F}AM",
            "Jan. 5, 2024 10:00 a.m.",
            "January 5th, 2024 at 10 am",
            "the 5th of January, 2024, 10:00",
            "10:00, 5 January 2024 (UTC)",
            "10:00 am, January 5, 2024",
            "5 January 2024 | 10:00 GMT",
            "5 January 2024 – 10:00",
            "Posted on: Friday 5th January 2024 10:00 UTC",
            "5 January 2024 18:00 GMT+8",
            "5 January 2024 18:00 (UTC+08:00)",
            "5 January 2024 05:00 UTC−5",
            "Published 10:00 GMT, 5 January 2024",
            "Jan/05/2024 10:00",
            "January 5, 2024 @ 10:00 AM",
            "Published: 5 January 2024 10:00 | Updated: 6 January 2024 11:00",
            "First published 5 January 2024 10:00, last updated 2 hours ago",
            "Fri 05/01/2024 10:00",
            "Friday, 01/05/2024 10:00 AM",
        ],
    );
    all_read(
        THREE_PM,
        &[
            "Friday, January 5, 2024 at 10:00 AM EST",
            "Jan. 5, 2024, 10:00 a.m. ET",
            "January 5, 2024 3:00 PM",
            "5 Jan 2024 3 p.m.",
        ],
    );
    all_read("2024-07-05T14:00:00.000Z", &["July 5, 2024 10:00 a.m. ET", "Jul 5, 2024 7:00 AM PT"]);
    all_read("2024-01-05T00:30:00.000Z", &["Jan 5, 2024 12:30 AM", "Jan 5, 2024 0:30 am"]);
    all_read("2024-01-05T12:30:00.000Z", &["Jan 5, 2024 12:30 PM"]);
    all_read(
        DAY,
        &["5 January 2024", "January 5 2024", "Jan. 5, 2024.", "5-Jan-2024", "05 JAN 2024", "Friday, January 5th 2024"],
    );
    all_read("1851-09-18", &["September 18, 1851", "1851-09-18", "18 Sept. 1851", "18510918"]);
}

#[test]
fn days_in_other_languages_are_read() {
    all_read(
        DAY,
        &[
            "5. Januar 2024",
            "Freitag, 5. Jänner 2024",
            "Veröffentlicht am: 05.01.2024",
            "Fr., 5. Jan. 2024",
            "5 janvier 2024",
            "le vendredi 5 janvier 2024",
            "5 JANV. 2024",
            "Publié le 5 janvier 2024",
            "5 de enero de 2024",
            "viernes, 5 de enero del 2024",
            "5 ene 2024",
            "5/ene/2024",
            "5 de janeiro de 2024",
            "sexta-feira, 5 de janeiro de 2024",
            "5 gennaio 2024",
            "venerdì 5 gennaio 2024",
            "5 januari 2024",
            "vrijdag 5 januari 2024",
            "5. januar 2024",
            "fredag den 5. januar 2024",
            "5. tammikuuta 2024",
            "perjantai 5.1.2024",
            "5 января 2024 г.",
            "5 января 2024 года",
            "пятница, 5 янв. 2024",
            "5 січня 2024 року",
            "5 stycznia 2024 r.",
            "piątek, 5 stycznia 2024",
            "5. ledna 2024",
            "5. januára 2024",
            "2024. január 5.",
            "5 Ιανουαρίου 2024",
            "5 Ocak 2024",
            "5 OCAK 2024 Cuma",
            "5 ianuarie 2024",
            "5 януари 2024 г.",
            "5. јануар 2024",
            "5. jaanuar 2024",
            "5 Januari 2024",
            "5 يناير 2024",
            "٥ يناير ٢٠٢٤",
            "٥ كانون الثاني ٢٠٢٤",
            "5 كانون الثاني/يناير 2024",
            "5 يناير (كانون الثاني) 2024",
            "5 جانفي 2024",
            "الجمعة، 5 يناير 2024م",
            "الجمعة 5 كانون الثاني 2024",
            "۵ ژانویه ۲۰۲۴",
            "5 جنوری 2024",
            "5 בינואר 2024",
            "5 जनवरी 2024",
            "५ जनवरी २०२४",
            "शुक्रवार, 5 जनवरी 2024",
            "৫ জানুয়ারি ২০২৪",
            "2024年1月5日",
            "2024年01月05日 星期五",
            "2024年1月5日(金)",
            "２０２４年１月５日",
            "２０２４／０１／０５",
            "2024년 1월 5일",
            "2024년 1월 5일 금요일",
            "2024년 1월 5일(금)",
            "ngày 5 tháng 1 năm 2024",
            "5 tháng 1, 2024",
            "Thứ sáu, 5 tháng 1, 2024",
            "5 يناير، 2024",
            "5 มกราคม 2024",
            "๕ มกราคม ๒๐๒๔",
            "5. siječnja 2024.",
            "5 студзеня 2024",
            "5 sausio 2024",
            "5 հունվարի 2024",
            "Publié le 5 janvier 2024, mis à jour le 6 janvier 2024 à 11h00",
            "Veröffentlicht am 5. Januar 2024, zuletzt aktualisiert 10:30 Uhr",
            "입력 2024.01.05 수정 2024.01.06 11:00",
            "発行日：2024年1月5日",
            "Do. 5. Januar 2024",
            "Fri 05/01/2024",
            "Fri 01/05/2024",
            "2024-01-05 (5/1/2024)",
        ],
    );
    all_read("2024-03-05", &["mar. 5 mars 2024", "5 mar 2024", "mar 5, 2024", "martes 5 marzo 2024"]);
    all_read("2024-01-02", &["mar 2 ene 2024", "mar. 2 janv. 2024"]);
    all_read("2024-05-01", &["1° maggio 2024", "1º de mayo de 2024", "1. svibnja 2024", "1. května 2024"]);
    all_read("2024-11-05", &["5. listopadu 2024", "5 studenoga 2024", "5 лис 2024"]);
    all_read("2024-03-03", &["03/03/2024", "3-3-2024"]);
    all_read("2024-08-05", &["5 ago 2024", "5 août 2024", "5 آب 2024", "5 غشت 2024"]);
    all_read("2024-11-05", &["5 تشرين الثاني 2024", "5 نونبر 2024"]);
}

#[test]
fn times_in_other_languages_are_read() {
    all_read(
        TEN,
        &[
            "5. Januar 2024, 10:00 Uhr",
            "5.1.2024, 10.00 Uhr",
            "05.01.2024 - 10:00 Uhr",
            "Freitag, 05.01.2024 um 10 Uhr",
            "10:00 am 5. Januar 2024",
            "le 5 janvier 2024 à 10h00",
            "5 janvier 2024 à 10 h",
            "Publié le 5 janvier 2024 à 10:00",
            "10 h 5 janvier 2024",
            "10 h 05 janvier 2024",
            "5 de enero de 2024, 10:00 h",
            "5 de enero de 2024 a las 10:00 a. m.",
            "5 jan. 2024 às 10h00",
            "5 gennaio 2024 alle ore 10:00",
            "5. januar 2024 kl. 10.00",
            "5.1.2024 klo 10.00",
            "5.1.2024 kello 10.00",
            "5 януари 2024 г., 10:00 ч.",
            "5.1.2024 10.00",
            "5 января 2024 в 10:00",
            "5 Ocak 2024 10:00",
            "5 يناير 2024 10:00 ص",
            "الجمعة، 5 يناير 2024، الساعة 10:00 صباحًا",
            "5 Ιανουαρίου 2024, 10:00 π.μ.",
            "2024年1月5日 10:00",
            "2024年1月5日10时00分",
            "2024年1月5日 10時",
            "2024年1月5日星期五 10:00",
            "发布时间：2024-01-05 10:00",
            "2024年1月5日 上午10:00",
            "2024년 1월 5일 10:00",
            "2024년 1월 5일 오전 10:00",
            "2024. 1. 5. 오전 10:00",
            "입력 2024.01.05 10:00",
            "2024년 1월 5일 10시 00분",
        ],
    );
    all_read(
        "2024-01-05T18:00:00.000Z",
        &[
            "5 يناير 2024 6:00 م",
            "5 يناير 2024م 6:00 مساءً",
            "2024年1月5日 下午6:00",
            "2024년 1월 5일 오후 6:00",
            "5 Ιανουαρίου 2024, 6:00 μ.μ.",
        ],
    );
    all_read(NINE, &["5. Januar 2024, 10:00 Uhr MEZ", "5 janvier 2024 à 10h00 CET"]);
}

#[test]
fn numbers_are_read_if_one_order_is_possible() {
    all_read("2024-01-31", &["31/01/2024", "31-01-2024", "01/31/2024", "31.01.2024", "31.1.2024", "31. 1. 2024"]);
    for (text, day_first, month_first) in [
        ("05/01/2024", "2024-01-05", "2024-05-01"),
        ("5-1-2024", "2024-01-05", "2024-05-01"),
        ("03/03/2024", "2024-03-03", "2024-03-03"),
        ("05.01.2024", "2024-01-05", "-"),
        ("31/01/2024", "2024-01-31", "2024-01-31"),
        ("01/31/2024", "2024-01-31", "2024-01-31"),
        ("5/1/2024 10:00 AM", "2024-01-05T10:00:00.000Z", "2024-05-01T10:00:00.000Z"),
        ("05/01/24", "-", "-"),
    ] {
        assert_eq!(read_as(&json!(text), DateOrder::DayFirst), day_first, "{text}");
        assert_eq!(read_as(&json!(text), DateOrder::MonthFirst), month_first, "{text}");
    }
}

#[test]
fn the_order_is_a_setting() {
    let order = |name: &str| serde_json::from_value::<DateOrder>(json!(name)).ok();
    assert_eq!(order("day-first"), Some(DateOrder::DayFirst));
    assert_eq!(order("month-first"), Some(DateOrder::MonthFirst));
    assert_eq!(order("year-first"), None);
}

#[test]
fn counts_and_digits_are_read_by_their_size() {
    for value in [
        json!(1_704_448_800),
        json!(1_704_448_800.0),
        json!("1704448800"),
        json!("1704448800.000"),
        json!(1_704_448_800_000_i64),
        json!("1704448800000"),
        json!(1_704_448_800_000.0),
        json!("1704448800000000"),
        json!("1704448800000000000"),
        json!(1_704_448_800_000_000_000_i64),
        json!("202401051000"),
        json!("20240105100000"),
        json!(20_240_105_100_000_i64),
        json!("20240105100000000"),
        json!("20240105100000Z"),
        json!("20240105100000.0Z"),
        json!("20240105110000+0100"),
    ] {
        assert_eq!(read_as(&value, DateOrder::Unknown), TEN, "{value}");
    }
    assert_eq!(formatted("1704448800.123"), "2024-01-05T10:00:00.123Z");
    assert_eq!(formatted("1704448800123456"), "2024-01-05T10:00:00.123Z");
    assert_eq!(formatted("20240105100000123"), "2024-01-05T10:00:00.123Z");
    assert_eq!(read_as(&json!(1_704_448_800.123), DateOrder::Unknown), "2024-01-05T10:00:00.123Z");
    assert_eq!(read_as(&json!(20_240_105), DateOrder::Unknown), DAY);
    assert_eq!(read_as(&json!(20_240_105.0), DateOrder::Unknown), DAY);
    assert_eq!(formatted("631152000"), "1990-01-01T00:00:00.000Z");
    assert_eq!(formatted("2429913599"), "2046-12-31T23:59:59.000Z");
}

#[test]
fn the_form_is_named() {
    for (value, format) in [
        (json!("2024-01-05"), DateFormat::Iso8601),
        (json!("2024-1-5"), DateFormat::Iso8601),
        (json!("2024-W01-5"), DateFormat::Week),
        (json!("2024-005"), DateFormat::Ordinal),
        (json!("Fri, 5 Jan 2024 10:00:00 GMT"), DateFormat::Rfc2822),
        (json!("Fri, 5 Jan 24 10:00 CET"), DateFormat::Rfc2822),
        (json!(1_704_448_800), DateFormat::EpochSeconds),
        (json!("1704448800000"), DateFormat::EpochMilliseconds),
        (json!("1704448800000000"), DateFormat::EpochMicroseconds),
        (json!("1704448800000000000"), DateFormat::EpochNanoseconds),
        (json!("20240105"), DateFormat::Compact),
        (json!("5. Januar 2024"), DateFormat::MonthName),
        (json!("05.01.2024"), DateFormat::Numeric),
        (json!([2024, 1, 5]), DateFormat::List),
        (json!({"seconds": 1_704_448_800}), DateFormat::Object),
        (json!({"$date": "2024-01-05"}), DateFormat::Iso8601),
    ] {
        assert_eq!(read(&value, DateOrder::Unknown).map(|date| date.format), Ok(format), "{value}");
    }
    let names: Vec<&str> = <DateFormat as strum::VariantArray>::VARIANTS.iter().map(Into::into).collect();
    assert!(names.contains(&"iso_8601") && names.contains(&"epoch_nanoseconds"), "{names:?}");
}

#[test]
fn blanks_and_nesting_are_bounded() {
    let long = format!("{} 5 January 2024", "Published ".repeat(30));
    assert_eq!(formatted(&long), "-");
    let nested = |depth: usize| (0..depth).fold(json!("2024-01-05"), |value, _| Value::Array(vec![value]));
    assert_eq!(read_as(&nested(4), DateOrder::Unknown), DAY);
    assert_eq!(read_as(&nested(5), DateOrder::Unknown), "-");
}
