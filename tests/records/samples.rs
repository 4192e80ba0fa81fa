//! The records of the golden files, with fixed, invented values. They never change; a new version adds others.

use std::sync::Arc;

use wirefold::record::{
    ArticleContent, ArticleNames, Assignment, BoilerplateTable, Canonical, CanonicalReason, Content, Credit,
    CreditKind, CreditLocation, Credited, Decision, FingerprintBuckets, Link, Match, Member, Millis, Origin,
    OriginKind, Outcome, Ratio, RawPosition, Relation, RestorePoint, SeenAt, ShingleSample, ShingleSet, Signature,
    StoryId, StorySummary, Tail, Version,
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

fn article(publisher: &str, language: &str, title: &str, tokens: u32, credits: Vec<Credit>) -> Content {
    let shingles = hashes(tokens).zip((0..16).cycle());
    Content::Article(Box::new(ArticleContent {
        publisher: publisher.into(),
        language: language.into(),
        title: title.into(),
        text_hash: 0x0123_4567_89AB_CDEF,
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

fn credit(name: &str, kind: CreditKind, location: CreditLocation) -> Credit {
    Credit { name: name.into(), kind, location, evidence: format!("({name})").into() }
}

/// A usual article, an Arabic one without dates, one without words, a sampled one, a withdrawal and a withheld one.
pub(crate) fn signatures() -> Vec<Signature> {
    let plain = Signature {
        raw: raw(41),
        names: ArticleNames::new(
            "https://norwire.example/2026/harrow-vale-1",
            Some("harrow-vale-1"),
            Some("https://norwire.example/2026/harrow-vale-1"),
        ),
        source: "norwire.example".into(),
        version: Some(Version::Time(MORNING)),
        ingested: Millis(MORNING.0 + 90_000),
        event: MORNING,
        published: Some(MORNING),
        content: article(
            "norwire.example",
            "en",
            "Harrow Vale dam spillway reopens",
            230,
            vec![
                credit("Norwire", CreditKind::Agency, CreditLocation::InfoSource),
                credit("Norwire Ltd", CreditKind::Other, CreditLocation::CopyrightHolder),
                credit("Example Wire", CreditKind::Release, CreditLocation::Mention),
            ],
        ),
    };
    let arabic = Signature {
        raw: raw(i64::MAX),
        names: ArticleNames::new("urn:مثال:7", Some("urn:مثال:7"), None),
        source: "صحيفة المثال".into(),
        version: None,
        published: None,
        event: plain.ingested,
        content: article("صحيفة المثال", "ar", "إعادة فتح السد بعد تسعة أيام", 31, Vec::new()),
        ..plain.clone()
    };
    let wordless = Signature {
        names: ArticleNames::new("articles[3]@41", None, None),
        source: "".into(),
        version: Some(Version::Number(-1)),
        published: Some(Millis(-62_135_596_800_000)),
        content: article("", "", "", 0, Vec::new()),
        ..plain.clone()
    };
    let sampled = Signature {
        version: Some(Version::Numbers([1, 10, 2])),
        content: article("longread.example", "en", "Report", 9_000, Vec::new()),
        ..plain.clone()
    };
    let withdrawal = Signature { content: Content::Withdrawal, ..plain.clone() };
    let withheld = Signature { content: Content::Withheld, ..plain.clone() };
    vec![plain, arabic, wordless, sampled, withdrawal, withheld]
}

fn matched() -> Match {
    Match {
        score: Ratio(8_123),
        article_in_matched: Ratio::ONE,
        matched_in_article: Ratio(6_001),
        matched_to: "https://norwire.example/2026/harrow-vale-1".into(),
        shared_shingles: 154,
        members_compared: 2,
        members_matching: 2,
    }
}

fn summary() -> StorySummary {
    let member = |uri: &str, source: &str, relation, matched: Option<Match>| Member {
        uri: uri.into(),
        id: uri.rsplit('/').next().map(Into::into),
        url: Some(uri.into()),
        title: Some("Harrow Vale dam spillway reopens".into()),
        source: source.into(),
        publisher: source.into(),
        published_at: (relation == Relation::Original).then_some(MORNING),
        event_at: MORNING,
        raw: raw(41),
        relation,
        superseded: matched.is_some(),
        matched,
    };
    StorySummary {
        id: A,
        revision: 1_000_007,
        published: true,
        first_seen: MORNING,
        last_seen: Millis(MORNING.0 + 3_600_000),
        size: 2,
        sources: vec![("ashing-herald.example".into(), 1), ("norwire.example".into(), 1)],
        publishers: vec![("ashing-herald.example".into(), 1), ("norwire.example".into(), 1)],
        languages: vec!["ar".into(), "en".into()],
        canonical: Some(Canonical {
            uri: "https://norwire.example/2026/harrow-vale-1".into(),
            id: Some("harrow-vale-1".into()),
            url: Some("https://norwire.example/2026/harrow-vale-1".into()),
            title: Some("Harrow Vale dam spillway reopens".into()),
            source: "norwire.example".into(),
            publisher: "norwire.example".into(),
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
            locations: vec![SeenAt { location: CreditLocation::Dateline, articles: 2, evidence: "(Norwire) -".into() }],
        }],
        members: vec![
            member("https://norwire.example/2026/harrow-vale-1", "norwire.example", Relation::Original, None),
            member(
                "https://ashing-herald.example/news/48112",
                "ashing-herald.example",
                Relation::Abridged,
                Some(matched()),
            ),
        ],
    }
}

/// The summary of a story whose articles were all taken back.
fn emptied() -> StorySummary {
    StorySummary {
        size: 0,
        sources: Vec::new(),
        publishers: Vec::new(),
        languages: Vec::new(),
        canonical: None,
        origin: Origin { kind: OriginKind::Unknown, name: None, confidence: Ratio(0), evidence: Vec::new() },
        credits: Vec::new(),
        members: Vec::new(),
        ..summary()
    }
}

/// A first article, an assignment with every field set, and every other outcome.
pub(crate) fn decisions() -> Vec<Decision> {
    let first = Decision {
        seq: 0,
        log_offset: 0,
        signature_hash: 0xFEDC_BA98_7654_3210,
        restore_point: RestorePoint { seq: 0, log_offset: 0 },
        stream_time: MORNING,
        expiry_watermark: Millis(MORNING.0 - 345_600_000),
        late: false,
        outcome: Outcome::Assigned(Box::new(Assignment {
            story: A,
            merged: Vec::new(),
            replaced: None,
            relation: Relation::Unique,
            matched: None,
            links: Vec::new(),
            sample: ShingleSample::default(),
            learned_by: None,
        })),
        stories: Vec::new(),
        filters_written: Vec::new(),
        filter_evicted: None,
    };
    let later = |outcome, stories| Decision {
        seq: 1_000_007,
        log_offset: 1_000_321,
        restore_point: RestorePoint { seq: 987_654, log_offset: 987_900 },
        outcome,
        stories,
        ..first.clone()
    };
    let full = Decision {
        late: true,
        filters_written: vec!["norwire.example".into(), "صحيفة المثال".into()],
        filter_evicted: Some("gone.example".into()),
        ..later(
            Outcome::Assigned(Box::new(Assignment {
                story: A,
                merged: vec![B],
                replaced: Some(999_000),
                relation: Relation::Abridged,
                matched: Some(matched()),
                links: vec![
                    Link {
                        story_id: B,
                        relation: Relation::Partial,
                        containment: Ratio(2_500),
                        matched_to: "urn:b".into(),
                    },
                    Link {
                        story_id: A,
                        relation: Relation::Embedded,
                        containment: Ratio(1),
                        matched_to: "urn:a".into(),
                    },
                ],
                sample: ShingleSample { rate: 4, survivors: vec![0xFF, 0x00, 0x5A, 0x07] },
                learned_by: Some("ashing-herald.example".into()),
            })),
            vec![summary(), emptied()],
        )
    };
    let outcomes = [
        (Outcome::Duplicate { existing: 999_999 }, Vec::new()),
        (Outcome::Retracted { removed: Some(999_998) }, vec![emptied()]),
        (Outcome::Retracted { removed: None }, Vec::new()),
        (Outcome::Withheld { removed: Some(999_997) }, vec![emptied()]),
        (Outcome::Withheld { removed: None }, Vec::new()),
        (Outcome::Quarantined { reason: "an assertion failed".into() }, Vec::new()),
    ];
    let others = outcomes.into_iter().map(|(outcome, stories)| later(outcome, stories));
    [first.clone(), full].into_iter().chain(others).collect()
}

/// A nearly empty table and a full one.
pub(crate) fn boilerplate_tables() -> Vec<BoilerplateTable> {
    let fingerprints = |count: u32| FingerprintBuckets {
        counts: (0..count).map(|i| (i % 17) as u8).collect(),
        fingerprints: (0..count).flat_map(|i| (0..i % 17).map(move |j| [(i + 1) as u8, j as u8])).collect(),
    };
    let table = |publisher: &str, count: u32| BoilerplateTable {
        publisher: Arc::from(publisher),
        seq: 1_000_007,
        learned_seq: 999_000,
        boilerplate: fingerprints(count),
        probation: fingerprints(2 * count),
    };
    vec![table("صحيفة المثال", 1), table("norwire.example", 300)]
}
