//! The summary that `inspect` prints at its end.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::inspected::{InspectedRecord, RecordOutcome, RecordPlace};
use super::name_counts::NameCounts;
use crate::record::{DecisionKind, Millis, Reason};

/// Counts of the records that were inspected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InspectionSummary {
    /// Number of records.
    pub records: u64,
    /// Number of articles without a date, of those in which none could be read included.
    pub without_date: u64,
    /// Number of articles without an outlet.
    pub without_outlet: u64,
    /// Number of articles without a language.
    pub without_language: u64,
    /// Number of articles of which no word is compared.
    pub without_words: u64,
    outcomes: BTreeMap<RecordOutcome, u64>,
    reasons: BTreeMap<Reason, u64>,
    /// Records that were read, by shape.
    shapes: BTreeMap<Option<&'static str>, u64>,
    /// Values that could not be read, by field.
    unread: BTreeMap<&'static str, u64>,
    /// Records that change nothing because a newer one of their uri has another text.
    older: Option<OlderVersions>,
    /// Records with an unused text that is longer than the body.
    longer_texts: u64,
    /// The first path of such a text.
    longer_text: Option<String>,
    /// The paths of the field map, by field, that no value was used of so far.
    unused_paths: BTreeMap<String, Vec<String>>,
    /// The first file, and whether there is another one.
    files: (Option<Arc<str>>, bool),
    outlets: NameCounts,
    /// The earliest and the latest published time.
    published: Option<(Millis, Millis)>,
    decisions: BTreeMap<DecisionKind, u64>,
}

/// Records that have the uri of another text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OlderVersions {
    records: u64,
    /// The first one.
    place: RecordPlace,
    uri: String,
}

impl InspectionSummary {
    /// Watches which of these paths, by field, are used.
    pub(super) fn watch(&mut self, fields: &BTreeMap<String, Vec<String>>) {
        self.unused_paths.clone_from(fields);
    }

    /// Counts a record.
    pub(super) fn add(&mut self, record: &InspectedRecord) {
        self.records += 1;
        let (first_file, has_others) = &mut self.files;
        if let Some(file) = &record.place.file {
            *has_others |= first_file.get_or_insert_with(|| file.clone()) != file;
        }
        *self.outcomes.entry(record.outcome).or_default() += 1;
        match record.reason {
            Some(reason) => *self.reasons.entry(reason).or_default() += 1,
            None => *self.shapes.entry(record.shape).or_default() += 1,
        }
        if let Some(arrival) = &record.decision {
            *self.decisions.entry(arrival.decision).or_default() += 1;
        }
        for unread in &record.unread {
            *self.unread.entry(unread.field).or_default() += 1;
        }
        if !record.longer_texts.is_empty() {
            self.longer_texts += 1;
            self.longer_text = self.longer_text.take().or_else(|| record.longer_texts.first().cloned());
        }
        if record.same_uri_other_text == Some(true) {
            let first = || OlderVersions {
                records: 0,
                place: record.place.clone(),
                uri: record.uri.as_deref().unwrap_or_default().to_owned(),
            };
            self.older.get_or_insert_with(first).records += 1;
        }
        for found in &record.found {
            if let Some(paths) = self.unused_paths.get_mut(found.field) {
                paths.retain(|path| *path != found.path);
            }
        }
        if record.outcome == RecordOutcome::Article {
            if let Some(source) = &record.source {
                self.outlets.add(source);
            }
            if let Some(at) = record.published_at {
                let (earliest, latest) = self.published.unwrap_or((at, at));
                self.published = Some((earliest.min(at), latest.max(at)));
            }
            self.without_date += u64::from(record.published_at.is_none());
            self.without_outlet += u64::from(record.source.is_none());
            self.without_language += u64::from(record.language.is_none());
            self.without_words += u64::from(record.words_compared == Some(0));
        }
    }

    /// Number of records that were refused for this reason.
    pub fn refused_for(&self, reason: Reason) -> u64 {
        self.reasons.get(&reason).copied().unwrap_or_default()
    }

    /// Number of records with this outcome.
    pub fn with(&self, outcome: RecordOutcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }
}

impl fmt::Display for InspectionSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = |counts: Vec<(&str, u64)>| {
            counts.into_iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        if self.records == 0 {
            return writeln!(f, "records           0");
        }
        let outcomes = self.outcomes.iter().map(|(outcome, &count)| (outcome.name(), count)).collect();
        writeln!(f, "records           {} ({})", self.records, counts(outcomes))?;
        if !self.reasons.is_empty() {
            let reasons = self.reasons.iter().map(|(reason, &count)| (reason.name(), count)).collect();
            writeln!(f, "refused           {}", counts(reasons))?;
        }
        if !self.unread.is_empty() {
            writeln!(
                f,
                "unread values     {}",
                counts(self.unread.iter().map(|(&field, &count)| (field, count)).collect())
            )?;
        }
        let articles = self.with(RecordOutcome::Article);
        if articles > 0 {
            writeln!(f, "without date      {} of {articles} articles", self.without_date)?;
            writeln!(f, "without outlet    {}", self.without_outlet)?;
            writeln!(f, "without language  {}", self.without_language)?;
        }
        if self.without_words > 0 {
            writeln!(f, "without words     {}", self.without_words)?;
        }
        if let Some(older) = &self.older {
            let place = older.place.name(self.files.1);
            let uri = on_one_line(&older.uri);
            let (have, their) = if older.records == 1 { ("has", "its") } else { ("have", "their") };
            let records = number_of_records(older.records);
            writeln!(
                f,
                "older versions    {records} {have} another text than the newer one of {their} uri, first {place} ({uri})"
            )?;
        }
        if let Some(example) = &self.longer_text {
            let records = number_of_records(self.longer_texts);
            writeln!(f, "longer texts      unused in {records}, e.g. {}", on_one_line(example))?;
        }
        for (field, paths) in &self.unused_paths {
            for path in paths {
                writeln!(f, "field map         fields.{field} = \"{}\" was never used", on_one_line(path))?;
            }
        }
        if !self.outlets.is_empty() {
            writeln!(f, "outlets           {}", on_one_line(&self.outlets.to_string()))?;
        }
        if let Some((earliest, latest)) = self.published {
            let (earliest, latest) = (day(earliest), day(latest));
            let span = if earliest == latest { earliest } else { format!("{earliest} to {latest}") };
            writeln!(f, "published         {span}")?;
        }
        if !self.shapes.is_empty() {
            let shapes = self.shapes.iter().map(|(shape, &count)| (shape.unwrap_or("usual names"), count));
            writeln!(f, "shapes            {}", counts(shapes.collect()))?;
        }
        if !self.decisions.is_empty() {
            let decisions = self.decisions.iter().map(|(kind, &count)| (kind.name(), count)).collect();
            writeln!(f, "decisions         {}", counts(decisions))?;
        }
        Ok(())
    }
}

fn number_of_records(count: u64) -> String {
    format!("{count} {}", if count == 1 { "record" } else { "records" })
}

/// The day of a time in UTC.
fn day(at: Millis) -> String {
    let at = at.to_string();
    at.split('T').next().unwrap_or(&at).to_owned()
}

/// A text of the feed, which may contain line breaks.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
