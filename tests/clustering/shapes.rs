//! Stories of every shape, and texts that look like copies without being any.

use wirefold::record::Relation;

use crate::clustering::fixture::{Fixture, day, paragraphs, part, words};

#[test]
fn a_viral_story_of_500_copies_stays_whole() {
    let mut fixture = Fixture::default();
    let report = words("quake", 240);
    for outlet in 0..500usize {
        let cut = 120 + outlet * 37 % 120;
        let body = paragraphs(&[&part(&report, 0, cut), &words(&format!("o{outlet}x"), 12)]);
        fixture.arrive(&format!("copy {outlet}"), &format!("Outlet {outlet}"), outlet as i64 * 2, &body);
    }
    assert_eq!(fixture.sizes(), [500]);
}

#[test]
fn two_hundred_reports_that_quote_one_statement_stay_apart() {
    let mut fixture = Fixture::default();
    let statement = words("statement", 45);
    for outlet in 0..200usize {
        let own = words(&format!("o{outlet}x"), 120);
        let body = paragraphs(&[&part(&own, 0, 60), &statement, &part(&own, 60, 120)]);
        fixture.arrive(&format!("report {outlet}"), &format!("Outlet {outlet}"), outlet as i64, &body);
    }
    assert_eq!(fixture.sizes(), [1; 200]);
}

#[test]
fn a_daily_template_does_not_chain_days_into_one_story() {
    let mut fixture = Fixture::default();
    for date in 0..14i64 {
        for outlet in 0..4 {
            // A form that is filled in each day with other cities and figures.
            let filled: Vec<String> = (0..8)
                .map(|city| format!("{} {}", words(&format!("form{city}x"), 10), words(&format!("d{date}c{city}x"), 7)))
                .collect();
            let minute = day(date) + outlet * 5;
            fixture.arrive(&format!("{date} {outlet}"), &format!("Outlet {outlet}"), minute, &filled.join(" "));
        }
    }
    let longest = (0..14)
        .map(|date| {
            (date..14).take_while(|&later| fixture.in_one_story(&format!("{date} 0"), &format!("{later} 0"))).count()
        })
        .max();
    // After two days the form is boilerplate of its outlets, and the third day can still match the first.
    assert!(longest <= Some(3), "a story lasts {longest:?} days");
    assert!((3..14).all(|date| fixture.in_one_story(&format!("{date} 0"), &format!("{date} 1"))));
}

#[test]
fn a_flash_joins_its_copy_and_not_a_flash_that_shares_a_phrase() {
    let mut fixture = Fixture::default();
    let report = words("strike", 200);
    fixture.arrive("flash", "Norwire", 0, &part(&report, 0, 24));
    fixture.arrive("copied flash", "The Tolby Post", 2, &part(&report, 0, 24));
    assert!(fixture.in_one_story("flash", "copied flash"));
    let other = paragraphs(&[&part(&report, 0, 6), &words("harbour", 14)]);
    fixture.arrive("other flash", "Bay Radio", 5, &other);
    assert!(!fixture.in_one_story("flash", "other flash"));
}

#[test]
fn captions_of_four_words_match_nothing() {
    let mut fixture = Fixture::default();
    for outlet in ["A", "B", "C"] {
        fixture.arrive(outlet, outlet, 0, "Crowds outside the palace");
    }
    assert_eq!(fixture.sizes(), [1, 1, 1]);
}

#[test]
fn a_round_up_does_not_join_the_stories_of_its_items() {
    let mut fixture = Fixture::default();
    let reports: Vec<String> = ["port", "vote", "flood", "cup"].iter().map(|name| words(name, 150)).collect();
    for (at, report) in reports.iter().enumerate() {
        fixture.arrive(&format!("report {at}"), &format!("Wire {at}"), at as i64, report);
    }
    let items: Vec<String> = reports.iter().map(|report| part(report, 0, 45)).collect();
    let round_up = paragraphs(&items.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(fixture.arrive("round-up", "Evening Letter", 60, &round_up), Relation::Partial);
    assert_eq!(fixture.sizes(), [1; 5]);
}

#[test]
fn a_live_blog_is_one_story_of_its_outlet_for_a_day_and_takes_in_no_other() {
    let mut fixture = Fixture::default();
    let mut entries: Vec<String> = vec![words("intro", 30)];
    for hour in 0..8 {
        entries.insert(1, words(&format!("h{hour}x"), 60));
        let body = paragraphs(&entries.iter().map(String::as_str).collect::<Vec<_>>());
        fixture.arrive(&format!("blog {hour}"), "The Tolby Post", hour * 60, &body);
    }
    assert!((1..8).all(|hour| fixture.in_one_story(&format!("blog {}", hour - 1), &format!("blog {hour}"))));
    // A report that has one entry of the blog in it.
    fixture.arrive("report", "Norwire", 500, &paragraphs(&[&words("own", 140), &words("h3x", 60)]));
    assert!(!fixture.in_one_story("report", "blog 7"));
}
