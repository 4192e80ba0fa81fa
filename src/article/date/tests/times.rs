//! The time of day, and its parts in many languages.

use super::{all_read, unread};

#[test]
fn a_part_of_the_day_before_or_after_a_time_tells_the_hour() {
    all_read(
        "2024-01-05T22:05:00.000Z",
        &[
            "5 January 2024 10:05 PM",
            "5 January 2024 22:05 PM",
            "5 January 2024, 10:05 in the evening",
            "5 January 2024 10:05 at night",
            "5 de enero de 2024 a las 10:05 de la noche",
            "5 de janeiro de 2024 às 10h05 da noite",
            "5 janvier 2024 à 10h05 du soir",
            "5. Januar 2024, 10:05 Uhr abends",
            "5 gennaio 2024 ore 10:05 di sera",
            "5 januari 2024 10:05 uur 's avonds",
            "5 januari 2024 kl. 10.05 em",
            "5 januari 2024 kl 10.05 e.m.",
            "5 tammikuuta 2024 10.05 ip.",
            "5 января 2024 в 10:05 вечера",
            "5 stycznia 2024 10:05 wieczorem",
            "2024. január 5. du. 10:05",
            "2024. január 5. este 10:05",
            "5 Ιανουαρίου 2024 10:05 μμ",
            "5 Ιανουαρίου 2024 10:05 μ.μ.",
            "5 Ocak 2024 ÖS 10:05",
            "5 Ocak 2024 akşam 10:05",
            "5/1/2024 (5 tháng 1, 2024) 10:05 CH",
            "5 Januari 2024 pukul 10.05 malam",
            "5 يناير 2024 10:05 م",
            "5 जनवरी 2024 रात 10:05",
            "২০২৪/০১/০৫ ১০:০৫ পিএম",
            "2024年1月5日 晚上10:05",
            "2024年1月5日10:05下午",
            "2024年1月5日 午後10時5分",
            "2024年1月5日夜10時5分",
            "2024년 1월 5일 오후 10:05",
            "2024년 1월 5일 밤 10시 5분",
        ],
    );
    all_read(
        "2024-01-05T01:30:00.000Z",
        &[
            "2024年1月5日 凌晨1:30",
            "2024年1月5日未明1時30分",
            "2024년 1월 5일 새벽 1시 30분",
            "5 января 2024, 1:30 ночи",
            "5 de enero de 2024 1:30 de la madrugada",
            "5 Ιανουαρίου 2024 1:30 πμ",
            "5 tháng 1, 2024 1:30 SA",
            "5 januari 2024 kl. 1.30 fm",
        ],
    );
    all_read(
        "2024-01-05T12:30:00.000Z",
        &[
            "5 January 2024 0:30 PM",
            "2024年1月5日 午後0時30分",
            "2024年1月5日中午12:30",
            "2024년 1월 5일 낮 12:30",
            "5 January 2024 12:30 in the afternoon",
        ],
    );
    all_read("2024-01-05T00:00:00.000Z", &["12:00 AM, January 5, 2024", "12 AM January 5, 2024"]);
    all_read("2024-01-05T12:00:00.000Z", &["January 5, 2024, 12 noon", "January 5, 2024 12:00 noon"]);
    all_read(
        "2024-01-05T00:30:00.000Z",
        &[
            "5 tháng 1, 2024 12:30 SA",
            "2024年1月5日 凌晨12:30",
            "2024년 1월 5일 오전 12:30",
            "5 января 2024, 12:30 ночи",
        ],
    );
}

#[test]
fn an_hour_that_does_not_fit_the_part_of_the_day_stays_unread() {
    unread(&[
        "5 January 2024 14:00 AM",
        "5 January 2024 10:00 noon",
        "2024年1月5日 晚上12:30",
        "2024年1月5日 午前12時",
        "2024年1月5日 午後12時",
        "2024년 1월 5일 밤 1시",
        "5 de enero de 2024 12:30 de la noche",
        "2024. január 5. de. 12:30",
        "5 de enero de 2024, 12:30 de la mañana",
        "5 janvier 2024 du 10:00",
        "12:00 am 5 January 2024",
        "2024年1月5日 上午下午3:00",
        "2024年1月5日 下午3:00 AM",
        // Times of other words.
        "12:30 am 5. Januar 2024",
        "12:30 Sa, 6. Januar 2024",
        "10:30 em 5 de janeiro de 2024",
        "5 January 2024 evening",
        "5 January 2024, midnight",
    ]);
    all_read("2024-01-05T14:30:00.000Z", &["14:30 em 5 de janeiro de 2024", "14:30 am 5. Januar 2024"]);
    all_read("2024-01-05T10:30:00.000Z", &["10:30 du 5 janvier 2024", "2024. január 5. de. 10:30"]);
    all_read("2024-01-06T14:30:00.000Z", &["14:30 Sa, 6. Januar 2024", "10:30 Sa, 6. Januar 2024 UTC-4"]);
}

#[test]
fn blanks_of_any_kind_may_stand_in_a_time() {
    all_read(
        "2024-01-05T10:05:00.000Z",
        &["5 janvier 2024 à 10 h 05", "5\u{A0}janvier 2024 à 10\u{202F}h\u{202F}05", "5\u{2009}Jan 2024 10:05\u{3000}"],
    );
}
