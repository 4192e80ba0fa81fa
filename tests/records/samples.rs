//! Records of fixed, invented values: what the golden files hold. They never change; a new version adds others.

use std::sync::Arc;

use wirefold::record::{
    Admission, ArticleContent, ArticleId, Canonical, CanonicalReason, Content, Credit, CreditKind, CreditPlace,
    Credited, Decision, Link, Low, Match, Member, Millis, Origin, OriginKind, Outcome, Prints, Ratio, RawPosition,
    Relation, Sample, SeenAt, ShingleSet, Signature, SourceTable, StoryHeader, StoryId, Tail,
};

/// 2026-03-02T06:10:00Z.
const MORNING: Millis = Millis(1_772_431_800_000);

const A: StoryId = StoryId(0x0123_4567_89AB_CDEF_0011_2233_4455_6677);
const B: StoryId = StoryId(0xFEDC_BA98_7654_3210_8899_AABB_CCDD_EEFF);

fn raw(offset: i64) -> RawPosition {
    RawPosition { topic: "articles".into(), partition: 3, offset }
}

/// Distinct hashes, evenly spread.
fn hashes(count: u32) -> impl Iterator<Item = u32> {
    (1..=count).map(|i| i.wrapping_mul(0x9E37_79B1))
}

fn ascending(count: u32) -> Vec<u32> {
    let mut all: Vec<u32> = hashes(count).collect();
    all.sort_unstable();
    all
}

fn article(source: &str, language: &str, title: &str, tokens: u32, credits: Vec<Credit>) -> Content {
    let shingles = hashes(tokens).zip((0..16).cycle());
    Content::Article(Box::new(ArticleContent {
        source: source.into(),
        language: language.into(),
        title: title.into(),
        title_tokens: hashes(title.split_whitespace().count() as u32).collect(),
        tokens,
        shingles: ShingleSet::new(shingles),
        sketch: ascending(tokens.min(64)),
        credits,
        tail: tokens
            .is_multiple_of(2)
            .then(|| Tail { shingles: ShingleSet::new(hashes(30).zip((0..16).cycle())), sketch: ascending(30) }),
    }))
}

fn credit(name: &str, kind: CreditKind, place: CreditPlace) -> Credit {
    Credit { name: name.into(), kind, place, evidence: format!("({name})").into() }
}

/// A usual article, one in Arabic without dates, one without words, one that is sampled, a withdrawal, a withheld one.
pub(crate) fn signatures() -> Vec<Signature> {
    let plain = Signature {
        raw: raw(41),
        uri: "https://norwire.example/2026/harrow-vale-1".into(),
        version: Some(MORNING.0),
        ingested: Millis(MORNING.0 + 90_000),
        event: MORNING,
        published: Some(MORNING),
        content: article(
            "norwire.example",
            "en",
            "Harrow Vale dam spillway reopens",
            230,
            vec![
                credit("Norwire", CreditKind::Agency, CreditPlace::InfoSource),
                credit("Norwire Ltd", CreditKind::Other, CreditPlace::CopyrightHolder),
                credit("Example Wire", CreditKind::Release, CreditPlace::Mention),
            ],
        ),
    };
    let arabic = Signature {
        raw: raw(i64::MAX),
        uri: "urn:مثال:7".into(),
        version: None,
        published: None,
        event: plain.ingested,
        content: article("صحيفة المثال", "ar", "إعادة فتح السد بعد تسعة أيام", 31, Vec::new()),
        ..plain.clone()
    };
    let wordless = Signature {
        version: Some(-1),
        published: Some(Millis(-62_135_596_800_000)),
        content: article("", "", "", 0, Vec::new()),
        ..plain.clone()
    };
    let sampled =
        Signature { content: article("longread.example", "en", "Report", 9_000, Vec::new()), ..plain.clone() };
    let withdrawal = Signature { content: Content::Withdrawal, ..plain.clone() };
    let withheld = Signature { content: Content::Withheld, ..plain.clone() };
    vec![plain, arabic, wordless, sampled, withdrawal, withheld]
}

fn evidence() -> Match {
    Match {
        similarity: Ratio(8_123),
        containment_in_story: Ratio::ONE,
        containment_of_story: Ratio(6_001),
        matched_to: "https://norwire.example/2026/harrow-vale-1".into(),
        shared: 154,
        compared: 2,
        agreeing: 2,
    }
}

fn header() -> StoryHeader {
    let member = |uri: &str, source: &str, relation, matched: Option<Match>| Member {
        uri: uri.into(),
        source: source.into(),
        published_at: MORNING,
        relation,
        superseded: matched.is_some(),
        matched,
    };
    StoryHeader {
        id: A,
        revision: 1_000_007,
        published: true,
        first_seen: MORNING,
        last_seen: Millis(MORNING.0 + 3_600_000),
        size: 2,
        sources: vec![("ashing-herald.example".into(), 1), ("norwire.example".into(), 1)],
        languages: vec!["ar".into(), "en".into()],
        canonical: Some(Canonical {
            uri: "https://norwire.example/2026/harrow-vale-1".into(),
            reason: CanonicalReason::Origin,
        }),
        origin: Origin {
            kind: OriginKind::Agency,
            name: Some("Norwire".into()),
            confidence: Ratio(9_000),
            evidence: vec!["(Norwire) -".into()],
        },
        credits: vec![Credited {
            name: "Norwire".into(),
            kind: CreditKind::Agency,
            places: vec![SeenAt { place: CreditPlace::Dateline, articles: 2, evidence: "(Norwire) -".into() }],
        }],
        members: vec![
            (
                ArticleId(A.0),
                member("https://norwire.example/2026/harrow-vale-1", "norwire.example", Relation::Original, None),
            ),
            (
                ArticleId(7),
                member(
                    "https://ashing-herald.example/news/48112",
                    "ashing-herald.example",
                    Relation::Abridged,
                    Some(evidence()),
                ),
            ),
        ],
    }
}

/// A story nothing is known of but that it was emptied.
fn emptied() -> StoryHeader {
    StoryHeader {
        size: 0,
        sources: Vec::new(),
        languages: Vec::new(),
        canonical: None,
        origin: Origin { kind: OriginKind::Unknown, name: None, confidence: Ratio(0), evidence: Vec::new() },
        credits: Vec::new(),
        members: Vec::new(),
        ..header()
    }
}

/// A story of one, an admission with all that it can carry, and every other outcome.
pub(crate) fn decisions() -> Vec<Decision> {
    let first = Decision {
        seq: 0,
        log_offset: 0,
        low: Low { seq: 0, log_offset: 0 },
        log_time: MORNING,
        horizon: Millis(MORNING.0 - 345_600_000),
        late: false,
        outcome: Outcome::Admitted(Box::new(Admission {
            story: A,
            merged: Vec::new(),
            replaced: None,
            relation: Relation::Unique,
            matched: None,
            links: Vec::new(),
            sample: Sample::default(),
            teaches: None,
        })),
        stories: Vec::new(),
        sources_written: Vec::new(),
        source_evicted: None,
    };
    let later = |outcome, stories| Decision {
        seq: 1_000_007,
        log_offset: 1_000_321,
        low: Low { seq: 987_654, log_offset: 987_900 },
        outcome,
        stories,
        ..first.clone()
    };
    let full = Decision {
        late: true,
        sources_written: vec!["norwire.example".into(), "صحيفة المثال".into()],
        source_evicted: Some("gone.example".into()),
        ..later(
            Outcome::Admitted(Box::new(Admission {
                story: A,
                merged: vec![B],
                replaced: Some(999_000),
                relation: Relation::Abridged,
                matched: Some(evidence()),
                links: vec![
                    Link {
                        story_id: B,
                        relation: Relation::Partial,
                        similarity: Ratio(2_500),
                        matched_to: "urn:b".into(),
                    },
                    Link {
                        story_id: A,
                        relation: Relation::Embedded,
                        similarity: Ratio(1),
                        matched_to: "urn:a".into(),
                    },
                ],
                sample: Sample { rate: 4, survivors: vec![0xFF, 0x00, 0x5A, 0x07] },
                teaches: Some("ashing-herald.example".into()),
            })),
            vec![header(), emptied()],
        )
    };
    let outcomes = [
        (Outcome::Duplicate { standing: 999_999 }, Vec::new()),
        (Outcome::Retracted { removed: Some(999_998) }, vec![emptied()]),
        (Outcome::Retracted { removed: None }, Vec::new()),
        (Outcome::Withheld { removed: Some(999_997) }, vec![emptied()]),
        (Outcome::Withheld { removed: None }, Vec::new()),
        (Outcome::Quarantined { reason: "an assertion failed".into() }, Vec::new()),
    ];
    let others = outcomes.into_iter().map(|(outcome, stories)| later(outcome, stories));
    [first.clone(), full].into_iter().chain(others).collect()
}

/// A young table and one with a history.
pub(crate) fn source_tables() -> Vec<SourceTable> {
    let prints = |count: u32| Prints {
        counts: (0..count).map(|i| (i % 17) as u8).collect(),
        prints: (0..count).flat_map(|i| (0..i % 17).map(move |j| [(i + 1) as u8, j as u8])).collect(),
    };
    let table = |source: &str, count: u32| SourceTable {
        source: Arc::from(source),
        seq: 1_000_007,
        taught_seq: 999_000,
        furniture: prints(count),
        once: prints(2 * count),
    };
    vec![table("صحيفة المثال", 1), table("norwire.example", 300)]
}
