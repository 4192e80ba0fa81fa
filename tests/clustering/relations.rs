//! One article for each relation to a wire report that came before.

use wirefold::record::Relation;

use crate::clustering::fixture::{Fixture, day, paragraphs, part, words};

/// A fixture to which a report of 200 words has come in.
fn with_report() -> (Fixture, String) {
    let mut fixture = Fixture::default();
    let report = words("dam", 200);
    assert_eq!(fixture.arrive("wire", "Norwire", 0, &report), Relation::Unique);
    (fixture, report)
}

/// Fails unless this text of another outlet joins the story of the report with this relation.
fn assert_member(body: &str, relation: Relation) {
    let (mut fixture, _) = with_report();
    assert_eq!(fixture.arrive("copy", "The Tolby Post", 40, body), relation);
    assert!(fixture.in_one_story("wire", "copy"));
}

#[test]
fn the_same_text_is_exact_whatever_its_case_and_punctuation() {
    let (_, report) = with_report();
    assert_member(&report, Relation::Exact);
    assert_member(&report.to_uppercase().replace(' ', " — "), Relation::Exact);
}

#[test]
fn a_text_with_a_few_words_changed_is_near() {
    let (_, report) = with_report();
    let edited = report.replace("dam77 ", "weir77 ").replace("dam150 ", "weir150 ");
    assert_member(&edited, Relation::Near);
}

#[test]
fn a_cut_text_is_abridged() {
    let (_, report) = with_report();
    assert_member(&part(&report, 0, 110), Relation::Abridged);
}

#[test]
fn a_text_with_more_added_is_extended() {
    let (_, report) = with_report();
    assert_member(&paragraphs(&[&report, &words("local", 110)]), Relation::Extended);
}

#[test]
fn a_text_of_which_parts_are_reworded_is_a_rewrite() {
    let (_, report) = with_report();
    let reworded: Vec<String> = (0..10)
        .map(
            |run| if run % 3 == 2 { words(&format!("new{run}x"), 20) } else { part(&report, 20 * run, 20 * (run + 1)) },
        )
        .collect();
    assert_member(&reworded.join(" "), Relation::Rewrite);
}

#[test]
fn an_update_by_the_same_outlet_is_a_version() {
    let (mut fixture, report) = with_report();
    let update = paragraphs(&[&report, &words("quoted", 40)]);
    assert_eq!(fixture.arrive("update", "Norwire", 30, &update), Relation::Version);
    assert!(fixture.in_one_story("wire", "update"));
}

#[test]
fn a_text_that_shares_passages_is_partial_and_does_not_join() {
    let (mut fixture, report) = with_report();
    let own = paragraphs(&[&words("survey", 150), &part(&report, 140, 200)]);
    assert_eq!(fixture.arrive("own", "The Tolby Post", 60, &own), Relation::Partial);
    assert!(!fixture.in_one_story("wire", "own"));
    assert_eq!(fixture.links("own"), [(fixture.story("wire"), Relation::Partial)]);
}

#[test]
fn a_text_in_the_tail_of_a_page_is_embedded_and_the_page_does_not_join() {
    let (mut fixture, report) = with_report();
    let page = paragraphs(&[&words("bakery", 120), "Read also:", &report]);
    assert_eq!(fixture.arrive("page", "The Tolby Post", 60, &page), Relation::Unique);
    assert_eq!(fixture.links("page"), [(fixture.story("wire"), Relation::Embedded)]);
}

#[test]
fn a_text_of_its_own_is_unique() {
    let (mut fixture, _) = with_report();
    assert_eq!(fixture.arrive("other", "The Tolby Post", 60, &words("fair", 150)), Relation::Unique);
    assert!(!fixture.in_one_story("wire", "other") && fixture.links("other").is_empty());
}

#[test]
fn a_tail_that_an_outlet_recycles_the_next_day_under_a_new_lead_does_not_join() {
    let (mut fixture, report) = with_report();
    let follow_up = paragraphs(&[&words("vote", 110), &part(&report, 110, 200)]);
    assert_eq!(fixture.arrive("follow-up", "Norwire", day(1), &follow_up), Relation::Partial);
    assert!(!fixture.in_one_story("wire", "follow-up"));
}

#[test]
fn arabic_copies_are_found_in_either_orthography() {
    let report: Vec<String> = (0..120).map(|word| format!("أعلنت{} الإدارة{}", word, word * 7)).collect();
    let report = report.join(" ");
    let mut fixture = Fixture::default();
    fixture.arrive("wire", "واحة", 0, &report);
    let respelt = report.replace(['أ', 'إ'], "ا").replace('ة', "ه").replace("علن", "عـلن");
    assert_eq!(fixture.arrive("copy", "المنارة", 20, &respelt), Relation::Exact);
    assert!(fixture.in_one_story("wire", "copy"));
}

#[test]
fn of_several_versions_in_a_story_an_article_matches_the_one_it_shares_most_with() {
    let (mut fixture, report) = with_report();
    let update = paragraphs(&[&report, &words("quoted", 50)]);
    fixture.arrive("update", "Norwire", 30, &update);
    fixture.arrive("copy of the first", "The Tolby Post", 60, &paragraphs(&[&report, &words("post", 9)]));
    fixture.arrive("copy of the second", "Bay Radio", 70, &part(&update, 0, 245));
    assert_eq!(&*fixture.matched("copy of the first").matched_to, "wire");
    assert_eq!(&*fixture.matched("copy of the second").matched_to, "update");
    assert!(fixture.in_one_story("copy of the first", "copy of the second"));
}

#[test]
fn a_correction_marks_copies_of_the_old_text_and_their_copies_as_superseded() {
    let (mut fixture, report) = with_report();
    fixture.arrive("copy", "The Tolby Post", 10, &paragraphs(&[&part(&report, 0, 180), &words("post", 30)]));
    fixture.arrive("copy of the copy", "Bay Radio", 20, &paragraphs(&[&part(&report, 0, 180), &words("post", 25)]));
    assert_eq!(&*fixture.matched("copy of the copy").matched_to, "copy");
    assert!(fixture.superseded("copy").is_empty());
    fixture.arrive_as_version("wire", 1, "Norwire", 30, &report.replace("dam20 ", "dam21 "));
    assert_eq!(fixture.superseded("copy"), ["copy", "copy of the copy"]);
    fixture.arrive("fresh copy", "Hill Mail", 40, &report.replace("dam20 ", "dam21 "));
    assert_eq!(fixture.superseded("copy"), ["copy", "copy of the copy"]);
}

#[test]
fn a_withdrawal_marks_the_copies_as_superseded() {
    let (mut fixture, report) = with_report();
    fixture.arrive("copy", "The Tolby Post", 10, &report);
    fixture.withdraw("wire", 30);
    assert_eq!(fixture.superseded("copy"), ["copy"]);
}
