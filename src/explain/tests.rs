//! The explanation of two articles in every situation that they can be in.

use std::time::Duration;

use super::{PairExplainer, PassageKind, Report};
use crate::article::{Article, ParsedContent, ParsedRecord, Published};
use crate::clustering::{ClusteringRules, ScoringRule, Weights};
use crate::record::{Millis, Ratio, RawPosition, Version};
use crate::signature;

const HOUR_MILLIS: i64 = 3_600_000;

/// A record that arrives.
enum Arrival {
    /// An article: uri, outlet and text.
    Article(&'static str, &'static str, String),
    /// The withdrawal of the article of this uri.
    Withdrawal(&'static str),
}
use Arrival::{Article as Text, Withdrawal};

/// Rules of these tests, which stay the same when the default rules change. They keep all shingles.
fn rules() -> ClusteringRules {
    let weights = Weights {
        bias: -40_000,
        containment: 67_000,
        lead_overlap: 38_000,
        length_ratio: 11_000,
        same_publisher: -18_000,
        days_apart: -10_000,
    };
    let half = Ratio(4_500);
    ClusteringRules {
        rule: ScoringRule::Logistic(weights),
        threshold: half,
        mean_score_min: half,
        sample_max: 4_096,
        ..ClusteringRules::default()
    }
}

/// The report on `urn:a` and `urn:b` after these records, each with the hour of its arrival.
fn report(arrivals: &[(i64, Arrival)]) -> Report {
    let (rules, signature_rules) =
        (rules(), signature::SignatureRules { grace: Duration::from_hours(24), ..Default::default() });
    let mut explainer = PairExplainer::new(["urn:a".into(), "urn:b".into()], &rules, &signature_rules.lexicon);
    for (line, (hour, arrival)) in arrivals.iter().enumerate() {
        let at = Millis(1_772_409_600_000 + hour * HOUR_MILLIS);
        let (uri, source, article) = match arrival {
            Text(uri, source, body) => {
                let article = Article { body: body.clone(), published: Some(Published::At(at)), ..Article::default() };
                (*uri, *source, Some(article))
            }
            Withdrawal(uri) => (*uri, "", None),
        };
        let content =
            article.clone().map_or(ParsedContent::Withdrawal, |article| ParsedContent::Article(Box::new(article)));
        let version = Some(Version::Number(*hour));
        let incoming = ParsedRecord { source: source.to_owned(), ..ParsedRecord::new(uri, version, content) };
        let raw = RawPosition { topic: "news".into(), partition: 0, offset: line as i64 };
        let watched = article.filter(|_| ["urn:a", "urn:b"].contains(&uri));
        explainer.process(&signature::build(incoming, raw, at, &signature_rules), watched);
    }
    explainer.report(arrivals.len() as u64).expect("both articles are there")
}

/// Invented prose: the words with the numbers `from..to`. No word repeats.
fn prose(from: u32, to: u32) -> String {
    let word = |n: u32| format!("w{}x{}", n.wrapping_mul(2_654_435_761) % 9_973, n);
    (from..to).map(word).collect::<Vec<_>>().join(" ")
}

fn a(hour: i64, text: String) -> (i64, Arrival) {
    (hour, Text("urn:a", "a.example", text))
}

fn b(hour: i64, text: String) -> (i64, Arrival) {
    (hour, Text("urn:b", "b.example", text))
}

#[test]
fn a_copy_is_in_the_same_story_and_shared_from_start_to_end() {
    let report = report(&[a(0, prose(0, 120)), b(1, prose(0, 120))]);
    assert!(report.verdict.together);
    assert_eq!(report.verdict.sentence, "together (exact): the texts share 100 % of the shorter one");
    for side in [&report.earlier, &report.later] {
        let [passage] = &side.passages[..] else { panic!("{:?}", side.passages) };
        assert_eq!((passage.range(), passage.kind), (0..side.text.len(), PassageKind::Shared));
        assert_eq!((side.words, side.words_compared), (120, 120));
    }
}

#[test]
fn the_sum_is_the_bias_plus_the_contributions() {
    let report = report(&[a(0, prose(0, 150)), b(30, prose(40, 210))]);
    let scoring = report.scoring.expect("the articles are compared");
    let contributions: i64 = scoring.features.iter().map(|feature| feature.contribution.0).sum();
    assert_eq!(scoring.sum.expect("a sum").0, scoring.bias.expect("a bias").0 + contributions);
    assert_eq!(scoring.features.len(), 5);
}

#[test]
fn the_article_that_arrives_later_is_the_later_one_whichever_uri_is_given_first() {
    let report = report(&[b(0, prose(0, 120)), a(1, prose(0, 120))]);
    assert_eq!((&*report.earlier.uri, &*report.later.uri), ("urn:b", "urn:a"));
    assert_eq!(
        report.later.verdict.expect("a verdict").matched.map(|matched| matched.matched_to),
        Some("urn:b".into())
    );
}

#[test]
fn an_article_taken_back_before_the_other_one_arrives_is_not_compared() {
    let report = report(&[a(0, prose(0, 120)), (1, Withdrawal("urn:a")), b(2, prose(0, 120))]);
    assert_eq!(report.verdict.sentence, "apart: the earlier article was no longer live when the later one arrived");
    assert_eq!(
        (report.earlier.story_id, report.earlier.remarks),
        (None, vec!["news line 2 takes the article back".to_owned()])
    );
    assert!(report.scoring.is_none() && !report.verdict.together);
}

#[test]
fn an_article_taken_back_afterwards_leaves_the_story() {
    let report = report(&[a(0, prose(0, 120)), b(2, prose(0, 120)), (3, Withdrawal("urn:b"))]);
    assert!(
        report.verdict.sentence.ends_with("; this no longer holds, because one of them was taken back"),
        "{:?}",
        report.verdict
    );
    assert!(!report.verdict.together);
}

#[test]
fn the_newer_of_two_versions_is_explained_and_a_known_version_is_remarked_on() {
    let report = report(&[a(0, prose(0, 120)), b(1, prose(0, 120)), a(2, prose(20, 160)), b(1, prose(0, 120))]);
    assert_eq!((&*report.later.uri, report.later.words), ("urn:a", 140));
    assert_eq!(report.later.remarks, ["the version in news line 3 replaced an older one"]);
    assert_eq!(report.earlier.remarks, ["news line 4 repeats a known version and was not clustered"]);
}

#[test]
fn the_feature_that_prevents_a_match_is_named() {
    let other = |same, from, to| format!("{} {}", prose(0, same), prose(from, to));
    let cases = [
        (
            report(&[a(0, prose(0, 300)), b(1, prose(1000, 1180) + " " + &prose(180, 300))]),
            "but their leads overlap by only 0 %",
        ),
        (report(&[a(0, prose(0, 300)), b(71, other(80, 1000, 1140))]), "but the later article is 71 hours away"),
        (report(&[a(0, prose(0, 300)), b(1, other(50, 1000, 1280))]), "the texts share only"),
        (
            report(&[
                a(0, prose(0, 230)),
                (1, Text("urn:b", "a.example", prose(900, 955) + " " + &other(84, 1000, 1095))),
            ]),
            "but both are of one publisher",
        ),
    ];
    for (report, expected) in cases {
        let sentence = report.verdict.sentence;
        assert!(
            sentence.starts_with("apart") && sentence.contains(expected),
            "{expected}: {sentence} {:?}",
            report.scoring
        );
    }
}

#[test]
fn the_sentence_states_that_a_later_article_merged_the_stories() {
    let arrivals = || vec![a(0, prose(0, 200)), b(1, prose(170, 370))];
    assert!(!report(&arrivals()).verdict.together);
    let bridges = ["urn:c", "urn:d", "urn:e"].map(|uri| (2, Text(uri, "c.example", prose(40, 330))));
    let verdict = report(&arrivals().into_iter().chain(bridges).collect::<Vec<_>>()).verdict;
    assert!(verdict.together && verdict.sentence.ends_with("; a later article merged their stories"), "{verdict:?}");
}

#[test]
fn what_an_outlet_printed_in_two_articles_is_boilerplate_in_the_third() {
    let footer = || " ".to_owned() + &prose(5000, 5020);
    let earlier = |uri, from| (0, Text(uri, "b.example", prose(from, from + 90) + &footer()));
    let report = report(&[
        earlier("urn:x", 2000),
        earlier("urn:y", 3000),
        a(1, prose(0, 90) + &footer()),
        b(2, prose(0, 90) + &footer()),
    ]);
    let kinds = |side: &super::ExplainedArticle| side.passages.iter().map(|passage| passage.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&report.later), [PassageKind::Shared, PassageKind::Boilerplate]);
    assert_eq!(kinds(&report.earlier), [PassageKind::Shared, PassageKind::BoilerplateOfOther]);
}

#[test]
fn an_article_in_the_tail_of_the_other_page_is_embedded() {
    let page = format!("{}.\nRead also:\n{}", prose(1000, 1090), prose(0, 120));
    let report = report(&[a(0, prose(0, 120)), b(1, page)]);
    assert!(report.verdict.sentence.starts_with("embedded: "), "{:?}", report.verdict);
    let kinds: Vec<PassageKind> = report.later.passages.iter().map(|passage| passage.kind).collect();
    assert!(kinds.contains(&PassageKind::Tail) && !kinds.contains(&PassageKind::Shared), "{kinds:?}");
}
