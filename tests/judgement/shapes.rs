//! Stories of every shape, and texts that look like copies and are none.

use wirefold::record::Relation;

use crate::desk::{Desk, day, paragraphs, part, words};

#[test]
fn a_viral_story_of_500_copies_stays_whole() {
    let mut desk = Desk::default();
    let report = words("quake", 240);
    for outlet in 0..500usize {
        let cut = 120 + outlet * 37 % 120;
        let body = paragraphs(&[&part(&report, 0, cut), &words(&format!("o{outlet}x"), 12)]);
        desk.arrive(&format!("copy {outlet}"), &format!("Outlet {outlet}"), outlet as i64 * 2, &body);
    }
    assert_eq!(desk.sizes(), [500]);
}

#[test]
fn two_hundred_reports_that_quote_one_statement_stay_apart() {
    let mut desk = Desk::default();
    let statement = words("statement", 45);
    for outlet in 0..200usize {
        let own = words(&format!("o{outlet}x"), 120);
        let body = paragraphs(&[&part(&own, 0, 60), &statement, &part(&own, 60, 120)]);
        desk.arrive(&format!("report {outlet}"), &format!("Outlet {outlet}"), outlet as i64, &body);
    }
    assert_eq!(desk.sizes(), [1; 200]);
}

#[test]
fn a_daily_template_makes_no_chain_of_days() {
    let mut desk = Desk::default();
    for date in 0..14i64 {
        for outlet in 0..4 {
            // The form that is filled in each day, its own cities and figures between.
            let filled: Vec<String> = (0..8)
                .map(|city| format!("{} {}", words(&format!("form{city}x"), 10), words(&format!("d{date}c{city}x"), 7)))
                .collect();
            let minute = day(date) + outlet * 5;
            desk.arrive(&format!("{date} {outlet}"), &format!("Outlet {outlet}"), minute, &filled.join(" "));
        }
    }
    let longest = (0..14)
        .map(|date| (date..14).take_while(|&later| desk.together(&format!("{date} 0"), &format!("{later} 0"))).count())
        .max();
    // Two days pass until its outlets are known to print it, and the third is still near the first.
    assert!(longest <= Some(3), "a story goes on for {longest:?} days");
    assert!((3..14).all(|date| desk.together(&format!("{date} 0"), &format!("{date} 1"))));
}

#[test]
fn a_flash_joins_when_it_is_the_lead_of_the_report_and_not_by_a_phrase() {
    let mut desk = Desk::default();
    let report = words("strike", 200);
    desk.arrive("flash", "Norwire", 0, &part(&report, 0, 24));
    desk.arrive("copied flash", "The Tolby Post", 2, &part(&report, 0, 24));
    assert!(desk.together("flash", "copied flash"));
    let other = paragraphs(&[&part(&report, 0, 6), &words("harbour", 14)]);
    desk.arrive("other flash", "Bay Radio", 5, &other);
    assert!(!desk.together("flash", "other flash"));
}

#[test]
fn captions_of_four_words_belong_to_nothing() {
    let mut desk = Desk::default();
    for outlet in ["A", "B", "C"] {
        desk.arrive(outlet, outlet, 0, "Crowds outside the palace");
    }
    assert_eq!(desk.sizes(), [1, 1, 1]);
}

#[test]
fn a_round_up_does_not_join_the_stories_of_its_items() {
    let mut desk = Desk::default();
    let reports: Vec<String> = ["port", "vote", "flood", "cup"].iter().map(|name| words(name, 150)).collect();
    for (at, report) in reports.iter().enumerate() {
        desk.arrive(&format!("report {at}"), &format!("Wire {at}"), at as i64, report);
    }
    let items: Vec<String> = reports.iter().map(|report| part(report, 0, 45)).collect();
    let round_up = paragraphs(&items.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(desk.arrive("round-up", "Evening Letter", 60, &round_up), Relation::Partial);
    assert_eq!(desk.sizes(), [1; 5]);
}

#[test]
fn a_live_blog_is_one_story_of_its_outlet_through_a_day_and_takes_no_other_in() {
    let mut desk = Desk::default();
    let mut entries: Vec<String> = vec![words("intro", 30)];
    for hour in 0..8 {
        entries.insert(1, words(&format!("h{hour}x"), 60));
        let body = paragraphs(&entries.iter().map(String::as_str).collect::<Vec<_>>());
        desk.arrive(&format!("blog {hour}"), "The Tolby Post", hour * 60, &body);
    }
    assert!((1..8).all(|hour| desk.together(&format!("blog {}", hour - 1), &format!("blog {hour}"))));
    // A report of which the blog quotes one entry.
    desk.arrive("report", "Norwire", 500, &paragraphs(&[&words("own", 140), &words("h3x", 60)]));
    assert!(!desk.together("report", "blog 7"));
}
