//! The published measures of a match: the mean match score over the members, and the containments by direction.

use wirefold::record::{Ratio, Relation};

use crate::clustering::fixture::{Fixture, day, paragraphs, part, words};

/// A report of 200 words, and a cut of its last 90 words. Two days later, such a cut matches with a score below 1.
fn report_and_cut() -> (String, String) {
    let report = words("dam", 200);
    let cut = part(&report, 110, 200);
    (report, cut)
}

#[test]
fn a_cut_is_contained_in_the_longer_text_and_not_the_reverse() {
    let (report, cut) = report_and_cut();
    let mut fixture = Fixture::default();
    fixture.arrive("wire", "Norwire", 0, &report);
    assert_eq!(fixture.arrive("cut", "The Tolby Post", day(2), &cut), Relation::Abridged);
    let matched = fixture.matched("cut");
    // 90 words have 89 shingles, and 200 words have 199.
    assert_eq!((matched.article_in_matched, matched.matched_in_article), (Ratio::ONE, Ratio::of(89, 199)));
    assert!(matched.score < Ratio(9_900) && matched.score > Ratio(6_000), "{matched:?}");
}

#[test]
fn the_score_is_the_mean_over_the_members_and_the_containments_are_those_of_the_best() {
    let (report, cut) = report_and_cut();
    let extended = paragraphs(&[&report, &words("local", 40)]);
    let matched_alone = |member: &str| {
        let mut fixture = Fixture::default();
        fixture.arrive("member", "Norwire", 0, member);
        fixture.arrive("cut", "The Tolby Post", day(2), &cut);
        fixture.matched("cut").clone()
    };
    let (by_report, by_extended) = (matched_alone(&report), matched_alone(&extended));
    assert!(by_report.score > by_extended.score, "{by_report:?} {by_extended:?}");

    let mut fixture = Fixture::default();
    fixture.arrive("report", "Norwire", 0, &report);
    fixture.arrive("extended", "Bay Radio", 0, &extended);
    fixture.arrive("cut", "The Tolby Post", day(2), &cut);
    let matched = fixture.matched("cut");
    assert_eq!((&*matched.matched_to, matched.members_compared, matched.members_matching), ("report", 2, 2));
    assert_eq!(matched.score, Ratio(u16::midpoint(by_report.score.0, by_extended.score.0)));
    assert_eq!(matched.article_in_matched, by_report.article_in_matched);
    assert_eq!(matched.matched_in_article, by_report.matched_in_article);
}
