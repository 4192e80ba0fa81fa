//! One article for each relation to a wire report that came before.

use wirefold::record::Relation;

use crate::desk::{Desk, day, paragraphs, part, words};

/// A desk at which a report of 200 words has arrived.
fn with_report() -> (Desk, String) {
    let mut desk = Desk::default();
    let report = words("dam", 200);
    assert_eq!(desk.arrive("wire", "Norwire", 0, &report), Relation::Unique);
    (desk, report)
}

/// What an outlet makes of the report is this, and belongs to its story.
fn assert_member(body: &str, relation: Relation) {
    let (mut desk, _) = with_report();
    assert_eq!(desk.arrive("copy", "The Tolby Post", 40, body), relation);
    assert!(desk.together("wire", "copy"));
}

#[test]
fn the_same_text_is_exact_whatever_its_orthography() {
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
    let (mut desk, report) = with_report();
    let update = paragraphs(&[&report, &words("quoted", 40)]);
    assert_eq!(desk.arrive("update", "Norwire", 30, &update), Relation::Version);
    assert!(desk.together("wire", "update"));
}

#[test]
fn a_text_that_shares_passages_is_partial_and_stays_apart() {
    let (mut desk, report) = with_report();
    let own = paragraphs(&[&words("inquiry", 150), &part(&report, 140, 200)]);
    assert_eq!(desk.arrive("own", "The Tolby Post", 60, &own), Relation::Partial);
    assert!(!desk.together("wire", "own"));
    assert_eq!(desk.links("own"), [(desk.story("wire"), Relation::Partial)]);
}

#[test]
fn a_text_in_another_page_s_tail_is_embedded_and_neither_of_them_joins() {
    let (mut desk, report) = with_report();
    let page = paragraphs(&[&words("bakery", 120), "Read also:", &report]);
    assert_eq!(desk.arrive("page", "The Tolby Post", 60, &page), Relation::Unique);
    assert_eq!(desk.links("page"), [(desk.story("wire"), Relation::Embedded)]);
}

#[test]
fn a_text_of_its_own_is_unique() {
    let (mut desk, _) = with_report();
    assert_eq!(desk.arrive("other", "The Tolby Post", 60, &words("fair", 150)), Relation::Unique);
    assert!(!desk.together("wire", "other") && desk.links("other").is_empty());
}

#[test]
fn a_tail_that_an_outlet_recycles_next_day_under_a_fresh_lead_does_not_join() {
    let (mut desk, report) = with_report();
    let follow_up = paragraphs(&[&words("vote", 110), &part(&report, 110, 200)]);
    assert_eq!(desk.arrive("follow-up", "Norwire", day(1), &follow_up), Relation::Partial);
    assert!(!desk.together("wire", "follow-up"));
}

#[test]
fn arabic_copies_are_found_in_either_orthography() {
    let report: Vec<String> = (0..120).map(|word| format!("أعلنت{} الإدارة{}", word, word * 7)).collect();
    let report = report.join(" ");
    let mut desk = Desk::default();
    desk.arrive("wire", "واحة", 0, &report);
    let spelt = report.replace(['أ', 'إ'], "ا").replace('ة', "ه").replace("علن", "عـلن");
    assert_eq!(desk.arrive("copy", "المنارة", 20, &spelt), Relation::Exact);
    assert!(desk.together("wire", "copy"));
}

#[test]
fn of_the_versions_in_a_story_an_outlet_carries_the_one_it_is_most_alike() {
    let (mut desk, report) = with_report();
    let update = paragraphs(&[&report, &words("quoted", 50)]);
    desk.arrive("update", "Norwire", 30, &update);
    desk.arrive("copy of the first", "The Tolby Post", 60, &paragraphs(&[&report, &words("post", 9)]));
    desk.arrive("copy of the second", "Bay Radio", 70, &part(&update, 0, 245));
    assert_eq!((desk.carries("copy of the first"), desk.carries("copy of the second")), ("wire", "update"));
    assert!(desk.together("copy of the first", "copy of the second"));
}

#[test]
fn a_correction_marks_those_that_carry_the_old_text_and_those_that_copied_them() {
    let (mut desk, report) = with_report();
    desk.arrive("copy", "The Tolby Post", 10, &paragraphs(&[&part(&report, 0, 180), &words("post", 30)]));
    desk.arrive("copy of the copy", "Bay Radio", 20, &paragraphs(&[&part(&report, 0, 180), &words("post", 25)]));
    assert_eq!(desk.carries("copy of the copy"), "copy");
    assert!(desk.superseded("copy").is_empty());
    desk.arrive_as_version("wire", 1, "Norwire", 30, &report.replace("dam20 ", "dam21 "));
    assert_eq!(desk.superseded("copy"), ["copy", "copy of the copy"]);
    desk.arrive("fresh copy", "Hill Mail", 40, &report.replace("dam20 ", "dam21 "));
    assert_eq!(desk.superseded("copy"), ["copy", "copy of the copy"]);
}

#[test]
fn a_kill_marks_those_that_carry_the_text() {
    let (mut desk, report) = with_report();
    desk.arrive("copy", "The Tolby Post", 10, &report);
    desk.withdraw("wire", 30);
    assert_eq!(desk.superseded("copy"), ["copy"]);
}
