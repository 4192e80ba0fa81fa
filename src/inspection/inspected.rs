//! The report on one record, as `wirefold inspect --json` prints it.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use strum::IntoStaticStr;

use crate::explain::PassageKind;
use crate::record::{
    CreditKind, CreditLocation, DecisionKind, Link, Millis, Ratio, RawPosition, Reason, Relation, StoryId,
};

/// How a record was read, what of its text is compared, and what was decided on its arrival. Every field is always there
/// and null where it does not apply; only `body` is left out without `--text`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(title = "wirefold inspection", extend("$id" = "wirefold.inspect/1"))]
pub struct InspectedRecord {
    /// `wirefold.inspect/1`.
    #[schemars(extend("const" = InspectedRecord::SCHEMA))]
    pub schema: &'static str,
    /// Where the record is.
    #[serde(flatten)]
    pub place: RecordPlace,
    /// What the record is.
    pub outcome: RecordOutcome,
    /// Why the record was refused; null where it was not.
    pub reason: Option<Reason>,
    /// The fault and its place in the record, as text for people; null where the record was not refused.
    pub detail: Option<String>,
    /// The shape that the record was recognised as, by its name in docs/input.md; null where it has none of them.
    pub shape: Option<&'static str>,
    /// The identity of the article: its position in the input where the record names none; null where it was refused.
    pub uri: Option<Arc<str>>,
    /// The id in the record, as it came; null where it states none.
    pub id: Option<String>,
    /// The address of the article's page; null where the record states none.
    pub url: Option<String>,
    /// The version of the article: a number, numbers joined by dots, or a time; null where the record states none.
    pub version: Option<String>,
    /// The outlet: a name or a domain; null where it is unknown.
    pub source: Option<String>,
    /// The publisher of the outlet: by the setting `sources.publishers`, else its registrable domain, else the outlet in lower
    /// case; null where it is unknown.
    pub publisher: Option<Arc<str>>,
    /// The published time that the record states, credible or not, of a day without a time its start in UTC; null where it
    /// states none that can be read. It is never the time of another record.
    pub published_at: Option<Millis>,
    /// Where the published time was found; null where it is unknown.
    pub published_from: Option<DateOrigin>,
    /// The language tag; null where it is unknown.
    pub language: Option<String>,
    /// The headline; null where there is none.
    pub title: Option<String>,
    /// Number of words in the text; null where the record is no article.
    pub words: Option<u64>,
    /// Number of words that are compared with other articles: those of the body of the page.
    pub words_compared: Option<u64>,
    /// How many of the compared words the publisher had printed in two earlier articles when this one arrived. They say
    /// nothing about where an article comes from, so shared ones are not counted.
    pub words_boilerplate: Option<u64>,
    /// The parts of the text that are not compared, in order.
    pub cut: Vec<CutText>,
    /// The names that the article credits as its origin, the strongest first.
    pub credits: Vec<InspectedCredit>,
    /// Where each field was found.
    pub found: Vec<FoundPath>,
    /// Values that are there but could not be read.
    pub unread: Vec<UnreadValue>,
    /// Paths of texts under unknown names that are longer than the body: one of them may be the article.
    pub longer_texts: Vec<String>,
    /// Of an article that is decided `duplicate`: whether its title or text is another than that of the live article of its
    /// uri, because it is older; null of all other records.
    pub same_uri_other_text: Option<bool>,
    /// What was decided when the record arrived, after the records before it; null where it was refused.
    pub decision: Option<ArrivalDecision>,
    /// The text that is compared: the parts of the text that are not cut, joined by line breaks. Only with `--text`; null
    /// where the record is no article.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub body: Option<Option<String>>,
}

impl InspectedRecord {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.inspect/1";

    /// Whether something of the record may be lost: it was refused, has a value that could not be read or a longer text that
    /// is not used, is dropped for its uri, or is an article without a date or an outlet. Nothing depends on a language.
    pub fn is_incomplete(&self) -> bool {
        let lacks = self.published_at.is_none() || self.source.is_none();
        self.outcome == RecordOutcome::Refused
            || !self.unread.is_empty()
            || !self.longer_texts.is_empty()
            || self.same_uri_other_text == Some(true)
            || (self.outcome == RecordOutcome::Article && lacks)
    }
}

/// The place of a record in the input.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct RecordPlace {
    /// The file as given; null for a record of a topic.
    pub file: Option<Arc<str>>,
    /// The line of the file with which the record begins, counted from 1; null for a record of a topic.
    pub line: Option<u64>,
    /// The number of the record in its file, counted from 1; null for a record of a topic.
    pub record: Option<u64>,
    /// The topic; null for a record of a file.
    pub topic: Option<Arc<str>>,
    /// The partition; null for a record of a file.
    pub partition: Option<i32>,
    /// The offset; null for a record of a file.
    pub offset: Option<i64>,
    /// Whether each line of the file is a record: then people look for the line.
    #[serde(skip)]
    pub is_line: bool,
}

impl RecordPlace {
    /// The place of a record of a file.
    pub fn of_file(file: Arc<str>, line: u64, record: u64, is_line: bool) -> Self {
        Self { file: Some(file), line: Some(line), record: Some(record), is_line, ..Self::default() }
    }

    /// The place for people: the line or the number of the record, after the name of its file if that is asked for, or the
    /// position in the topic.
    pub fn name(&self, with_file: bool) -> String {
        let file = self.file.as_deref().unwrap_or_default();
        match (self.line, self.record) {
            (Some(line), _) if self.is_line && with_file => format!("{file}:{line}"),
            (Some(line), _) if self.is_line => format!("line {line}"),
            (Some(line), Some(record)) if with_file => format!("{file} record {record} (line {line})"),
            (Some(line), Some(record)) => format!("record {record} (line {line})"),
            _ => format!(
                "{}[{}]@{}",
                self.topic.as_deref().unwrap_or_default(),
                self.partition.unwrap_or_default(),
                self.offset.unwrap_or_default()
            ),
        }
    }

    /// The place of a record of a topic.
    pub fn of_topic(raw: &RawPosition) -> Self {
        Self {
            topic: Some(raw.topic.clone()),
            partition: Some(raw.partition),
            offset: Some(raw.offset),
            ..Self::default()
        }
    }
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RecordOutcome {
    /// An article, which was clustered.
    Article,
    /// It takes an article back.
    Withdrawn,
    /// It must be neither clustered nor published.
    Withheld,
    /// It could not be read: `reason` and `detail` say why.
    Refused,
}

impl RecordOutcome {
    /// The name in records and summaries.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Where a published time was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DateOrigin {
    /// The path of the field in the record: names and list indices, joined by dots.
    pub field: String,
    /// The format of the value, by its name in docs/input.md.
    pub format: &'static str,
    /// Whether the value is a day without a time of day.
    pub is_day: bool,
}

/// A part of the text that is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CutText {
    /// What it is: `headline`, `dateline`, `credit`, `disclaimer`, `source_label`, `read_also` or `tail`.
    pub kind: PassageKind,
    /// The text; of more than 2,000 bytes the beginning and an ellipsis.
    pub text: String,
    /// Number of words, those left out of `text` included.
    pub words: u64,
    /// Why it is cut: the phrase, the name or the form that shows it, in the words of the page.
    pub evidence: String,
}

/// A name that the article credits as its origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InspectedCredit {
    /// The name.
    pub name: Arc<str>,
    /// What kind of name it is.
    pub kind: CreditKind,
    /// The location of the credit.
    pub location: CreditLocation,
    /// The quoted words in which it was found.
    pub evidence: Arc<str>,
}

/// Where the value of a field was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FoundPath {
    /// The field, by its name in the setting `fields`.
    pub field: &'static str,
    /// The path to the value in the record: names and list indices, joined by dots.
    pub path: String,
}

/// A value that is there but could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnreadValue {
    /// The field that it would have been used for, by its name in the setting `fields`.
    pub field: &'static str,
    /// The path to the value in the record: names and list indices, joined by dots.
    pub path: String,
    /// The beginning of the value as JSON.
    pub value: String,
    /// Why it was not read, with what to do; empty where the value shows it.
    pub reason: &'static str,
}

/// What was decided when a record arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ArrivalDecision {
    /// What was decided.
    pub decision: DecisionKind,
    /// How the article relates to its story; null where it is in none.
    pub relation: Option<Relation>,
    /// The story of the article; null where it is in none.
    pub story_id: Option<StoryId>,
    /// The uri of the article that it matched best; null where it matched none.
    pub matched_to: Option<Arc<str>>,
    /// The match score, 0 to 1; null where it matched none.
    pub score: Option<Ratio>,
    /// Whether the article came in after its window and grace had passed.
    pub late: bool,
    /// Other stories that the article shares passages with or has in its tail.
    pub links: Vec<Link>,
}
