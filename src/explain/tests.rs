//! What an inquiry sees of two articles, whatever becomes of them.

use std::time::Duration;

use super::{Inquiry, Report, What};
use crate::article::{Article, Incoming, Published, Request};
use crate::fold::{Rule, Rules, Weights};
use crate::record::{Millis, Ratio, RawPosition};
use crate::sign::{self, sign};

const HOUR: i64 = 3_600_000;

/// What comes in at some hour.
enum Came {
    /// An article of this uri and outlet, with this text.
    Article(&'static str, &'static str, String),
    /// It is taken back.
    Withdrawal(&'static str),
}
use Came::{Article as Text, Withdrawal};

/// Rules of these tests' own, which stay when those of the program change. Nothing is sampled.
fn rules() -> Rules {
    let weights = Weights {
        bias: -40_000,
        containment: 67_000,
        openings: 38_000,
        lengths: 11_000,
        same_outlet: -18_000,
        day_apart: -10_000,
    };
    let half = Ratio(4_500);
    Rules { rule: Rule::Score(weights), threshold: half, mean_min: half, sample_max: 4_096, ..Rules::default() }
}

/// What an inquiry about `urn:a` and `urn:b` says after all that.
fn report(came: &[(i64, Came)]) -> Report {
    let (rules, signing) = (rules(), sign::Rules { grace: Duration::from_hours(24), ..Default::default() });
    let mut inquiry = Inquiry::new(["urn:a".into(), "urn:b".into()], &rules, &signing.lexicon);
    for (line, (hour, came)) in came.iter().enumerate() {
        let at = Millis(1_772_409_600_000 + hour * HOUR);
        let (uri, article) = match came {
            Text(uri, source, body) => {
                let article = Article {
                    body: body.clone(),
                    source: (*source).to_owned(),
                    published: Some(Published::At(at)),
                    ..Article::default()
                };
                (*uri, Some(article))
            }
            Withdrawal(uri) => (*uri, None),
        };
        let request = article.clone().map_or(Request::Withdraw, |article| Request::Judge(Box::new(article)));
        let incoming = Incoming { uri: uri.to_owned(), version: Some(*hour), request };
        let raw = RawPosition { topic: "news".into(), partition: 0, offset: line as i64 };
        let watched = article.filter(|_| ["urn:a", "urn:b"].contains(&uri));
        inquiry.fold(&sign(incoming, raw, at, &signing), watched);
    }
    inquiry.report(came.len() as u64).expect("both are there")
}

/// Invented prose: the words of `from..to` in an endless list.
fn prose(from: u32, to: u32) -> String {
    let word = |n: u32| format!("w{}x{}", n.wrapping_mul(2_654_435_761) % 9_973, n);
    (from..to).map(word).collect::<Vec<_>>().join(" ")
}

fn a(hour: i64, text: String) -> (i64, Came) {
    (hour, Text("urn:a", "a.example", text))
}

fn b(hour: i64, text: String) -> (i64, Came) {
    (hour, Text("urn:b", "b.example", text))
}

#[test]
fn a_copy_is_together_and_shared_from_end_to_end() {
    let report = report(&[a(0, prose(0, 120)), b(1, prose(0, 120))]);
    assert!(report.verdict.together);
    assert_eq!(report.verdict.sentence, "together (exact): the texts share 100 % of the shorter one");
    for side in [&report.earlier, &report.later] {
        let [passage] = &side.passages[..] else { panic!("{:?}", side.passages) };
        assert_eq!((passage.range(), passage.what), (0..side.text.len(), What::Shared));
        assert_eq!((side.words, side.words_compared), (120, 120));
    }
}

#[test]
fn the_sum_is_that_of_its_parts() {
    let report = report(&[a(0, prose(0, 150)), b(30, prose(40, 210))]);
    let weighing = report.weighing.expect("weighed");
    let parts: i64 = weighing.features.iter().map(|feature| feature.contribution.0).sum();
    assert_eq!(weighing.sum.expect("a sum").0, weighing.bias.expect("a bias").0 + parts);
    assert_eq!(weighing.features.len(), 5);
}

#[test]
fn the_article_that_comes_later_is_the_later_one_whichever_was_asked_for_first() {
    let report = report(&[b(0, prose(0, 120)), a(1, prose(0, 120))]);
    assert_eq!((&*report.earlier.uri, &*report.later.uri), ("urn:b", "urn:a"));
    assert_eq!(report.later.verdict.expect("judged").matched.map(|matched| matched.matched_to), Some("urn:b".into()));
}

#[test]
fn an_article_taken_back_before_the_other_came_was_not_compared() {
    let report = report(&[a(0, prose(0, 120)), (1, Withdrawal("urn:a")), b(2, prose(0, 120))]);
    assert_eq!(report.verdict.sentence, "apart: the earlier one was not live any more when the later one came");
    assert_eq!((report.earlier.story_id, report.earlier.notes), (None, vec!["news line 2 takes it back".to_owned()]));
    assert!(report.weighing.is_none() && !report.verdict.together);
}

#[test]
fn an_article_taken_back_afterwards_leaves_the_story() {
    let report = report(&[a(0, prose(0, 120)), b(2, prose(0, 120)), (3, Withdrawal("urn:b"))]);
    assert!(
        report.verdict.sentence.ends_with("; not any more, since one of them was taken back"),
        "{:?}",
        report.verdict
    );
    assert!(!report.verdict.together);
}

#[test]
fn of_two_versions_the_newer_one_is_explained_and_one_that_is_known_is_said_to_be() {
    let report = report(&[a(0, prose(0, 120)), b(1, prose(0, 120)), a(2, prose(20, 160)), b(1, prose(0, 120))]);
    assert_eq!((&*report.later.uri, report.later.words), ("urn:a", 140));
    assert_eq!(report.later.notes, ["its version of news line 3 takes the place of an older one"]);
    assert_eq!(report.earlier.notes, ["news line 4 repeats it and was not judged"]);
}

#[test]
fn what_keeps_two_texts_apart_is_named() {
    let other = |same, from, to| format!("{} {}", prose(0, same), prose(from, to));
    let cases = [
        (
            report(&[a(0, prose(0, 300)), b(1, prose(1000, 1180) + " " + &prose(180, 300))]),
            "but not their openings (0 % agree)",
        ),
        (report(&[a(0, prose(0, 300)), b(71, other(80, 1000, 1140))]), "but 71 hours lie between"),
        (report(&[a(0, prose(0, 300)), b(1, other(50, 1000, 1280))]), "of the shorter one only"),
        (
            report(&[
                a(0, prose(0, 230)),
                (1, Text("urn:b", "a.example", prose(900, 955) + " " + &other(84, 1000, 1095))),
            ]),
            "but one outlet seldom",
        ),
    ];
    for (report, expected) in cases {
        let sentence = report.verdict.sentence;
        assert!(
            sentence.starts_with("apart") && sentence.contains(expected),
            "{expected}: {sentence} {:?}",
            report.weighing
        );
    }
}

#[test]
fn stories_that_a_later_article_brings_together_are_said_to_be() {
    let came = || vec![a(0, prose(0, 200)), b(1, prose(170, 370))];
    assert!(!report(&came()).verdict.together);
    let bridges = ["urn:c", "urn:d", "urn:e"].map(|uri| (2, Text(uri, "c.example", prose(40, 330))));
    let said = report(&came().into_iter().chain(bridges).collect::<Vec<_>>()).verdict;
    assert!(said.together && said.sentence.ends_with("; a later article brought their stories together"), "{said:?}");
}

#[test]
fn what_an_outlet_printed_in_two_articles_says_nothing_in_the_third() {
    let footer = || " ".to_owned() + &prose(5000, 5020);
    let earlier = |uri, from| (0, Text(uri, "b.example", prose(from, from + 90) + &footer()));
    let report = report(&[
        earlier("urn:x", 2000),
        earlier("urn:y", 3000),
        a(1, prose(0, 90) + &footer()),
        b(2, prose(0, 90) + &footer()),
    ]);
    let kinds = |side: &super::Side| side.passages.iter().map(|passage| passage.what).collect::<Vec<_>>();
    assert_eq!(kinds(&report.later), [What::Shared, What::PrintedBefore]);
    assert_eq!(kinds(&report.earlier), [What::Shared, What::OtherPrintsAnyway]);
}

#[test]
fn an_article_in_the_tail_of_the_other_s_page_is_embedded() {
    let page = format!("{}.\nRead also:\n{}", prose(1000, 1090), prose(0, 120));
    let report = report(&[a(0, prose(0, 120)), b(1, page)]);
    assert!(report.verdict.sentence.starts_with("embedded: "), "{:?}", report.verdict);
    let kinds: Vec<What> = report.later.passages.iter().map(|passage| passage.what).collect();
    assert!(kinds.contains(&What::Tail) && !kinds.contains(&What::Shared), "{kinds:?}");
}
