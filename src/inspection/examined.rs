//! What one record shows by itself, before anything is decided on it.

use super::inspected::{
    CutText, DateOrigin, FoundPath, InspectedCredit, InspectedRecord, RecordOutcome, RecordPlace, UnreadValue,
};
use crate::article::{Article, Field, ParsedContent, ParsedRecord, Published};
use crate::explain::{ComparedWords, PassageKind};
use crate::record::{Content, Credit, Rejection, Signature};
use crate::signature::{ExplainedSegment, Lexicon, explained_segments, tokens};

/// How much is shown of a part that is cut, in bytes: a tail may contain the whole site.
const CUT_BYTES_MAX: usize = 2_000;

/// How records are examined.
#[derive(Debug, Clone, Copy)]
pub struct Examination<'a> {
    /// The phrases and names by which pages are taken apart.
    pub lexicon: &'a Lexicon,
    /// Add the text that is compared.
    pub with_body: bool,
}

/// A record that was read, with all that does not depend on other records.
#[derive(Debug)]
pub struct ExaminedRecord {
    pub(super) inspected: InspectedRecord,
    /// The signature, and the words that are compared; none where the record was refused.
    pub(super) signature: Option<(Signature, ComparedWords)>,
}

impl ExaminedRecord {
    /// A record that could be read, with the signature that was made of it.
    pub fn read(place: RecordPlace, parsed: &ParsedRecord, signature: Signature, how: Examination<'_>) -> Self {
        let ParsedRecord { id, source, version, content, reading, .. } = parsed;
        let outcome = match content {
            ParsedContent::Article(_) => RecordOutcome::Article,
            ParsedContent::Withdrawal => RecordOutcome::Withdrawn,
            ParsedContent::Withheld => RecordOutcome::Withheld,
        };
        let mut inspected = InspectedRecord {
            shape: Some(reading.shape).filter(|shape| !shape.is_empty()),
            uri: Some(signature.names.uri().into()),
            id: id.clone(),
            source: Some(source.clone()).filter(|source| !source.is_empty()),
            version: version.map(|version| version.to_string()),
            found: reading
                .found
                .iter()
                .map(|found| FoundPath { field: found.field.name(), path: found.path.clone() })
                .collect(),
            unread: reading
                .unread
                .iter()
                .map(|unread| UnreadValue {
                    field: unread.field.name(),
                    path: unread.path.clone(),
                    value: unread.value.clone(),
                    reason: unread.reason,
                })
                .collect(),
            longer_texts: reading.longer_texts.clone(),
            ..blank(place, outcome, how)
        };
        let mut compared = ComparedWords::of_segments("", []);
        if let ParsedContent::Article(article) = content {
            inspected.published_from = reading.found(Field::Published).map(|found| DateOrigin {
                field: found.path.clone(),
                format: found.format,
                is_day: matches!(article.published, Some(Published::Day { .. })),
            });
            compared = examine(&mut inspected, article, how);
        }
        if let Content::Article(article) = &signature.content {
            inspected.credits = article.credits.iter().map(InspectedCredit::from).collect();
        }
        Self { inspected, signature: Some((signature, compared)) }
    }

    /// A record that was refused.
    pub fn refused(place: RecordPlace, rejection: Rejection, how: Examination<'_>) -> Self {
        let Rejection { reason, detail } = rejection;
        let blank = blank(place, RecordOutcome::Refused, how);
        let inspected = InspectedRecord { reason: Some(reason), detail: Some(detail), ..blank };
        Self { inspected, signature: None }
    }
}

/// A report in which nothing is known.
fn blank(place: RecordPlace, outcome: RecordOutcome, how: Examination<'_>) -> InspectedRecord {
    InspectedRecord {
        schema: InspectedRecord::SCHEMA,
        place,
        outcome,
        reason: None,
        detail: None,
        shape: None,
        uri: None,
        id: None,
        url: None,
        version: None,
        source: None,
        publisher: None,
        published_at: None,
        published_from: None,
        language: None,
        title: None,
        words: None,
        words_compared: None,
        words_boilerplate: None,
        cut: Vec::new(),
        credits: Vec::new(),
        found: Vec::new(),
        unread: Vec::new(),
        longer_texts: Vec::new(),
        same_uri_other_text: None,
        decision: None,
        body: how.with_body.then_some(None),
    }
}

/// Fills in what the article shows, and returns the words that are compared.
fn examine(inspected: &mut InspectedRecord, article: &Article, how: Examination<'_>) -> ComparedWords {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    inspected.url.clone_from(&article.url);
    inspected.language = some(&article.language);
    inspected.title = some(&article.title);
    inspected.published_at = article.published.map(Published::start);
    let segments = explained_segments(article, how.lexicon);
    let compared = ComparedWords::of_segments(&article.body, segments.iter().map(|explained| &explained.segment));
    inspected.words = Some(tokens(&article.body).len() as u64);
    inspected.words_compared = Some(compared.count() as u64);
    inspected.cut = segments.iter().filter_map(|explained| cut(article, explained)).collect();
    if how.with_body {
        let is_body = |explained: &&ExplainedSegment<'_>| PassageKind::of(explained.segment.kind).is_none();
        let texts =
            segments.iter().filter(is_body).map(|explained| article.body[explained.segment.span.clone()].trim());
        inspected.body = Some(Some(texts.collect::<Vec<_>>().join("\n")));
    }
    compared
}

/// A segment that is not compared.
fn cut(article: &Article, explained: &ExplainedSegment<'_>) -> Option<CutText> {
    let kind = PassageKind::of(explained.segment.kind)?;
    let text = article.body[explained.segment.span.clone()].trim();
    let shown = &text[..text.floor_char_boundary(CUT_BYTES_MAX)];
    Some(CutText {
        kind,
        text: if shown.len() < text.len() { format!("{shown}…") } else { shown.to_owned() },
        words: tokens(text).len() as u64,
        evidence: explained.evidence.map_or_else(String::new, |evidence| evidence.to_string()),
    })
}

impl From<&Credit> for InspectedCredit {
    fn from(credit: &Credit) -> Self {
        let Credit { name, kind, location, evidence } = credit.clone();
        Self { name, kind, location, evidence }
    }
}
