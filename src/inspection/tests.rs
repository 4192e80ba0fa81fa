//! Reports on invented records.

use proptest::prelude::*;

use super::*;
use crate::article::{
    Article, ArticleReader, Field, FoundField, ParsedContent, ParsedRecord, Published, RecordReading, UnreadField,
};
use crate::clustering::{ClusteringRules, Engine, Publication};
use crate::explain::PassageKind;
use crate::record::{DecisionKind, LogEntry, Millis, RawPosition, Relation, Version};
use crate::signature::{self, SignatureRules, fold_letters, tokens};

const WIRE: &str = "QUERN, March 3 (Reuters) - The old mill on the Ember burned down on Tuesday night, and the fire \
    brigade of three towns could save no more than its wheel.\nNobody was hurt. The owner, Hale Winter, had moved out in \
    January and says that the wiring was new.";

fn raw(offset: i64) -> RawPosition {
    RawPosition { topic: "feed.ndjson".into(), partition: 0, offset }
}

fn place(offset: i64) -> RecordPlace {
    let line = offset as u64 + 1;
    RecordPlace::of_file("feed.ndjson".into(), line, line, true)
}

fn examined(offset: i64, parsed: &ParsedRecord) -> ExaminedRecord {
    let rules = SignatureRules::default();
    let signature = signature::build(parsed.clone(), raw(offset), Millis(1_772_500_000_000 + offset), &rules);
    let how = Examination { lexicon: &rules.lexicon, with_body: true };
    ExaminedRecord::read(place(offset), parsed, signature, how)
}

fn article(uri: &str, source: &str, body: &str) -> ParsedRecord {
    let article = Article { body: body.to_owned(), ..Article::default() };
    let content = ParsedContent::Article(Box::new(article));
    ParsedRecord { source: source.to_owned(), ..ParsedRecord::new(uri, None, content) }
}

fn inspect(records: &[ParsedRecord]) -> Vec<InspectedRecord> {
    let mut inspector = Inspector::new(ClusteringRules::default());
    let examined = records.iter().zip(0..).map(|(record, offset)| examined(offset, record));
    examined.map(|record| inspector.process(record)).collect()
}

fn cuts(title: &str, body: &str) -> Vec<(PassageKind, String, String)> {
    let article = Article { title: title.to_owned(), body: body.to_owned(), ..Article::default() };
    let record = ParsedRecord::new("urn:a", None, ParsedContent::Article(Box::new(article)));
    let inspected = inspect(&[record]).remove(0);
    inspected.cut.into_iter().map(|cut| (cut.kind, cut.text, cut.evidence)).collect()
}

#[test]
fn each_part_that_is_cut_is_reported_with_its_reason() {
    let long = "The council of Quern has agreed on a plan for the market square after two years of talks. \
        Traders get new stalls, the fountain is to be repaired, and cars have to stay outside. Work begins in May.";
    let cut = |kind: PassageKind, text: &str, evidence: &str| (kind, text.to_owned(), evidence.to_owned());
    assert_eq!(
        cuts("Plan for the market agreed", &format!("Plan for the market agreed\n{long}")),
        [cut(PassageKind::Headline, "Plan for the market agreed", "it repeats the headline")]
    );
    assert_eq!(
        cuts("", &format!("By Ida Brook\nQUERN (Reuters) - {long}\n(Reporting by Hale Winter)")),
        [
            cut(PassageKind::Credit, "By Ida Brook", "the phrase “By”"),
            cut(PassageKind::Dateline, "QUERN (Reuters) -", "the name “Reuters”"),
            cut(PassageKind::Credit, "(Reporting by Hale Winter)", "the phrase “Reporting by”"),
        ]
    );
    assert_eq!(
        cuts("", &format!("{long}\nSource: Norwire\n© 2026 The Lantern. All rights reserved.")),
        [
            cut(PassageKind::SourceLabel, "Source: Norwire", "the phrase “Source”"),
            cut(PassageKind::Disclaimer, "© 2026 The Lantern. All rights reserved.", "the phrase “©”"),
        ]
    );
    assert_eq!(
        cuts("", &format!("{long}\nRead also: Geese stop the morning train")),
        [
            cut(PassageKind::ReadAlso, "Read also:", "the phrase “Read also”"),
            cut(PassageKind::Tail, "Geese stop the morning train", "it follows “Read also”"),
        ]
    );
}

#[test]
fn a_long_part_is_shown_in_part_and_counted_in_full() {
    let body = format!("{WIRE}\nRead also:\n{}", "another headline about geese ".repeat(400));
    let inspected = inspect(&[article("urn:a", "a", &body)]).remove(0);
    let tail = inspected.cut.last().expect("a tail");
    assert_eq!((tail.kind, tail.words), (PassageKind::Tail, 1_600));
    assert!(tail.text.ends_with('…') && tail.text.len() < 2_010, "{} bytes", tail.text.len());
}

#[test]
fn the_text_and_the_number_of_words_are_those_that_are_compared() {
    let body = format!("{WIRE}\nAll rights reserved.");
    let inspected = inspect(&[article("urn:a", "a", &body)]).remove(0);
    let compared = inspected.body.flatten().expect("an article");
    assert!(compared.starts_with("The old mill") && compared.ends_with("the wiring was new."), "{compared}");
    assert_eq!(inspected.words_compared, Some(tokens(&compared).len() as u64));
    assert_eq!(inspected.words, Some(tokens(&body).len() as u64));
    assert_eq!(inspected.credits.len(), 1);
}

#[test]
fn a_decision_is_that_on_arrival() {
    let withdrawal = ParsedRecord::new("urn:wire", Some(Version::Number(1)), ParsedContent::Withdrawal);
    let records = [
        article("urn:wire", "norwire.example", WIRE),
        article("urn:copy", "lantern.example", WIRE),
        article("urn:copy", "lantern.example", WIRE),
        withdrawal,
        ParsedRecord::new("urn:quiet", None, ParsedContent::Withheld),
    ];
    let reports = inspect(&records);
    let decisions: Vec<_> = reports.iter().filter_map(|report| report.decision.as_ref()).collect();
    assert_eq!(decisions[0].relation, Some(Relation::Unique), "the copy comes later");
    assert_eq!(decisions[1].relation, Some(Relation::Exact));
    assert_eq!(decisions[1].matched_to.as_deref(), Some("urn:wire"));
    assert_eq!(decisions[2].decision, DecisionKind::Duplicate);
    assert_eq!((decisions[3].decision, decisions[3].story_id), (DecisionKind::Retracted, None));
    assert_eq!(decisions[4].decision, DecisionKind::Withheld);
    let outcomes: Vec<_> = reports.iter().map(|report| report.outcome.name()).collect();
    assert_eq!(outcomes, ["article", "article", "article", "withdrawn", "withheld"]);
    assert!(reports[3].words.is_none() && reports[3].body == Some(None));
}

#[test]
fn boilerplate_is_counted_from_the_third_article_of_a_publisher_on() {
    let footer = "Write to the editors of the Lantern about anything you saw on your way to work this morning.";
    let text = |number: u32| (0..80).map(|word| format!("w{number}x{word}")).collect::<Vec<_>>().join(" ");
    let records: Vec<_> = (0..3)
        .map(|number| article(&format!("urn:{number}"), "lantern", &format!("{}\n{footer}", text(number))))
        .collect();
    let counts: Vec<_> = inspect(&records).iter().map(|report| report.words_boilerplate).collect();
    assert_eq!(counts, [Some(0), Some(0), Some(tokens(footer).len() as u64)]);
}

#[test]
fn how_a_record_was_read_is_reported() {
    let mut record = article("urn:a", "", WIRE);
    if let ParsedContent::Article(article) = &mut record.content {
        article.published = Some(Published::Day { start: Millis(1_772_409_600_000), end: Millis(1_772_495_999_999) });
    }
    record.reading = RecordReading {
        shape: "ninjs",
        found: vec![FoundField { field: Field::Published, path: "item.date".to_owned(), format: "iso_8601" }],
        unread: vec![UnreadField {
            field: Field::Source,
            path: "source".to_owned(),
            value: "7".to_owned(),
            reason: "",
        }],
        longer_texts: Vec::new(),
        ..RecordReading::default()
    };
    let report = inspect(&[record]).remove(0);
    assert_eq!(report.shape, Some("ninjs"));
    let origin = DateOrigin { field: "item.date".to_owned(), format: "iso_8601", is_day: true };
    assert_eq!(report.published_from, Some(origin));
    assert_eq!(report.published_at.map(|at| at.to_string()).as_deref(), Some("2026-03-02T00:00:00.000Z"));
    assert_eq!((report.unread[0].field, report.found[0].path.as_str()), ("source", "item.date"));
    assert!(report.is_incomplete() && report.source.is_none() && report.publisher.is_none());
}

#[test]
fn the_summary_counts_what_is_missing() {
    let reader = ArticleReader::default();
    let rules = SignatureRules::default();
    let how = Examination { lexicon: &rules.lexicon, with_body: false };
    let fields = [("published", vec!["pub_gues"]), ("uri", vec!["id"]), ("body", vec!["inhalt", "text"])]
        .map(|(field, paths)| (field.to_owned(), paths.into_iter().map(str::to_owned).collect()));
    let mut inspector = Inspector::new(ClusteringRules::default()).with_field_map(&fields.into());
    let lines = [
        r#"{"id": "1", "text": "a short text", "language": "en", "source": "a", "published_at": "2026-03-02"}"#,
        r#"{"id": "2", "text": "another short text"}"#,
        r#"{"id": "3"}"#,
        "<rss/>",
        r#"{"id": "5", "text": "a text of a day later", "source": "b", "published_at": "2026-03-03T08:00:00Z"}"#,
    ];
    for (line, offset) in lines.iter().zip(0..) {
        let place = place(offset);
        let record = match reader.read("", None, Some(line.as_bytes())) {
            Ok(parsed) => {
                let signature = signature::build(parsed.clone(), raw(offset), Millis(offset), &rules);
                ExaminedRecord::read(place, &parsed, signature, how)
            }
            Err(rejection) => ExaminedRecord::refused(place, rejection, how),
        };
        let report = inspector.process(record);
        assert_eq!(report.is_incomplete(), offset > 0 && offset < 4, "a language is not needed");
        assert_eq!(report.body, None);
    }
    let summary = inspector.summary();
    assert_eq!((summary.records, summary.with(RecordOutcome::Refused)), (5, 2));
    assert_eq!((summary.without_date, summary.without_outlet, summary.without_language), (1, 1, 2));
    let text = summary.to_string();
    for line in [
        "records           5 (article 3, refused 2)",
        "refused           unsupported_format 1, missing_text 1",
        "outlets           2: a 1, b 1",
        "published         2026-03-02 to 2026-03-03",
        "field map         fields.published = \"pub_gues\" was never used",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(!text.contains("fields.uri") && !text.contains("= \"text\""), "{text}");
    assert_eq!(InspectionSummary::default().to_string(), "records           0\n");
}

#[test]
fn an_older_record_with_another_text_is_reported() {
    let with_version =
        |version, text: &str| ParsedRecord { version: Some(Version::Number(version)), ..article("job\n1", "a", text) };
    let other = "Geese stopped the morning train to Quern for two hours.";
    let records = [
        with_version(2, WIRE),
        with_version(2, WIRE),
        with_version(1, other),
        with_version(1, other),
        with_version(3, other),
        with_version(4, other),
        article("urn:b", "a", other),
        ParsedRecord::new("job\n1", Some(Version::Number(5)), ParsedContent::Withdrawal),
    ];
    let mut inspector = Inspector::new(ClusteringRules::default());
    let reports: Vec<_> =
        records.iter().zip(0..).map(|(record, offset)| inspector.process(examined(offset, record))).collect();
    let other_text: Vec<_> = reports.iter().map(|report| report.same_uri_other_text).collect();
    assert_eq!(other_text, [None, Some(false), Some(true), Some(true), None, Some(false), None, None]);
    let summary = inspector.summary().to_string();
    let line = "older versions    2 records have another text than the newer one of their uri, first line 3 (job 1)\n";
    assert!(summary.contains(line), "{summary}");
    let incomplete =
        |report: &InspectedRecord| InspectedRecord { published_at: Some(Millis(1)), ..report.clone() }.is_incomplete();
    assert_eq!(reports.iter().map(incomplete).filter(|is| *is).count(), 2);
}

#[test]
fn a_longer_text_that_is_not_used_is_counted() {
    let mut record = article("urn:a", "a", WIRE);
    if let ParsedContent::Article(article) = &mut record.content {
        article.published = Some(Published::At(Millis(1_772_409_600_000)));
    }
    let mut inspector = Inspector::new(ClusteringRules::default());
    assert!(!inspector.process(examined(0, &record)).is_incomplete());
    assert!(!inspector.summary().to_string().contains("longer texts"));
    record.uri = Some("urn:b".to_owned());
    record.reading.longer_texts = vec!["beitrag".to_owned(), "meta.inhalt".to_owned()];
    let report = inspector.process(examined(1, &record));
    assert!(report.is_incomplete() && report.longer_texts.len() == 2);
    let summary = inspector.summary().to_string();
    assert!(summary.contains("longer texts      unused in 1 record, e.g. beitrag\n"), "{summary}");
}

/// Texts with the parts of pages, in several scripts.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("The old mill on the Ember burned down on Tuesday night".to_owned()),
        Just("\nRead also: ".to_owned()),
        Just("\nSource: Reuters\n".to_owned()),
        Just("All rights reserved. ".to_owned()),
        Just("QUERN (AP) - ".to_owned()),
        Just("- وكالات\n".to_owned()),
        "[a-z ]{0,30}",
        "(\\PC|[ا-ي新华あアー \n½ﬁ]){0,30}",
    ];
    // A character that folds to several, as ¼ does, may lie on both sides of the end of a segment. It is shown on one side.
    let is_one = |c: &char| fold_letters(c.encode_utf8(&mut [0; 4])).chars().count() <= 1;
    prop::collection::vec(part, 0..12).prop_map(move |parts| parts.concat().chars().filter(is_one).collect())
}

proptest! {
    /// A report shows what the engine compares and decides, for any text.
    #[test]
    fn a_report_agrees_with_the_signature_and_with_the_engine(texts in prop::collection::vec(text(), 1..6)) {
        let rules = SignatureRules::default();
        let records: Vec<_> = texts.iter().enumerate().map(|(n, text)| article(&format!("urn:{n}"), "a", text)).collect();
        let mut engine = Engine::new(ClusteringRules::default());
        for ((record, report), offset) in records.iter().zip(inspect(&records)).zip(0..) {
            prop_assert_eq!(report.place.line, Some(offset as u64 + 1));
            let ingested = Millis(1_772_500_000_000 + offset);
            let signature = signature::build(record.clone(), raw(offset), ingested, &rules);
            let content = signature.article().expect("an article");
            prop_assert_eq!(report.words_compared, Some(u64::from(content.tokens)));
            prop_assert!(report.words_boilerplate <= report.words_compared);
            let body = report.body.clone().flatten().expect("a text");
            prop_assert_eq!(tokens(&body).len() as u64, u64::from(content.tokens));
            let verdict = engine.process(&signature, LogEntry::unlogged(offset), Publication::Service).verdict(0);
            let arrival = report.decision.expect("it was decided");
            prop_assert_eq!(
                (arrival.decision, arrival.relation, arrival.story_id),
                (verdict.decision, verdict.relation, verdict.story_id)
            );
        }
    }
}
