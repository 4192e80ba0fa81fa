//! The report on a record as a few lines of text.

use std::io::{self, Write};
use std::mem;

use console::{Style, measure_text_width, truncate_str};

use crate::cli::app::{beginning, harmless};
use crate::inspection::{ArrivalDecision, CutText, InspectedRecord, RecordOutcome};
use crate::record::{DecisionKind, Reason};

/// The indentation of the lines below the first one.
const INDENT: &str = "    ";

/// The least width of a quoted text, however long the line before it is.
const QUOTED_WIDTH_MIN: usize = 20;

/// Of more refused records in a row that are alike, one is shown.
const REFUSALS_SHOWN: u64 = 10;

/// How many unused texts are named.
const LONGER_TEXTS_SHOWN: usize = 5;

/// The fields that are shown first.
const FIRST_FIELDS: [&str; 6] = ["uri", "title", "published", "source", "language", "body"];

const OTHER_TEXT: &str = "duplicate: an article of this uri with another text is newer: this one changes nothing. If ids are \
    not unique, map uri (docs/input.md)";

/// The layout of the reports.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordStyle {
    /// The width in columns to which titles and quoted texts are shortened.
    pub(super) width: usize,
    pub(super) colours: bool,
    /// Whether the name of the file stands before the line.
    pub(super) with_file: bool,
}

impl RecordStyle {
    fn bold(self, text: &str) -> String {
        Style::new().force_styling(self.colours).bold().apply_to(text).to_string()
    }

    /// What a reader of reports looks for.
    fn alarming(self, text: &str) -> String {
        Style::new().force_styling(self.colours).yellow().apply_to(text).to_string()
    }

    /// A text of the feed on one line, shortened to what is left of the width after `used` columns.
    fn quoted(self, text: &str, used: usize) -> String {
        let line = harmless(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        truncate_str(&line, self.width.saturating_sub(used).max(QUOTED_WIDTH_MIN), "…").into_owned()
    }
}

/// Writes reports one after another.
#[derive(Debug)]
pub(super) struct PageWriter {
    style: RecordStyle,
    /// The fields as they were shown last: they are shown again when they change.
    fields: String,
    refusals: RefusalRun,
}

/// Refused records in a row, all with the same reason and detail.
#[derive(Debug, Default)]
struct RefusalRun {
    kind: Option<(Reason, Option<String>)>,
    /// Reports that are written if the run turns out to be short.
    held: Vec<u8>,
    /// How many records follow the first one.
    more: u64,
}

impl PageWriter {
    pub(super) fn new(style: RecordStyle) -> Self {
        Self { style, fields: String::new(), refusals: RefusalRun::default() }
    }

    /// Writes the report on the next record. Of many records in a row that are refused alike, only the first is shown.
    pub(super) fn write(&mut self, out: &mut dyn Write, record: &InspectedRecord) -> io::Result<()> {
        let kind = record.reason.map(|reason| (reason, record.detail.clone()));
        if kind.is_none() || kind != self.refusals.kind {
            self.finish(out)?;
            self.refusals.kind = kind;
            return self.write_record(out, record);
        }
        self.refusals.more += 1;
        if self.refusals.more < REFUSALS_SHOWN {
            let mut held = mem::take(&mut self.refusals.held);
            self.write_record(&mut held, record)?;
            self.refusals.held = held;
        }
        Ok(())
    }

    /// Writes what is held back.
    pub(super) fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let RefusalRun { held, more, .. } = mem::take(&mut self.refusals);
        if more < REFUSALS_SHOWN { out.write_all(&held) } else { writeln!(out, "{INDENT}… and {more} more like it") }
    }

    /// Writes the report on one record. Long texts of the feed end their lines: a terminal that reorders right-to-left text
    /// would move what follows them.
    fn write_record(&mut self, out: &mut dyn Write, record: &InspectedRecord) -> io::Result<()> {
        let style = self.style;
        let outcome = format!("{:9}", record.outcome.name());
        let outcome =
            if record.outcome == RecordOutcome::Refused { style.alarming(&outcome) } else { style.bold(&outcome) };
        let uri = record.uri.as_deref().map(harmless).unwrap_or_default();
        let refusal = record.reason.map(|reason| reason.name().to_owned()).unwrap_or_default();
        writeln!(out, "{}  {outcome}  {uri}{refusal}", style.bold(&harmless(&record.place.name(style.with_file))))?;
        if let Some(detail) = &record.detail {
            writeln!(out, "{INDENT}{}", harmless(detail))?;
        }
        if let Some(title) = &record.title {
            writeln!(out, "{INDENT}{}", style.quoted(title, INDENT.len()))?;
        } else if record.outcome == RecordOutcome::Article {
            writeln!(out, "{INDENT}no title")?;
        }
        if record.outcome == RecordOutcome::Article {
            writeln!(out, "{INDENT}{}", facts(record, style))?;
        }
        if !record.found.is_empty() {
            let fields = fields(record);
            if fields != self.fields {
                writeln!(out, "{INDENT}{fields}")?;
                self.fields = fields;
            }
        }
        for unread in &record.unread {
            let field = style.alarming(&format!("unread {}", unread.field));
            let reason = if unread.reason.is_empty() { String::new() } else { format!(" ({})", unread.reason) };
            writeln!(
                out,
                "{INDENT}{field} under {}: {}{reason}",
                harmless(&unread.path),
                style.quoted(&unread.value, 40)
            )?;
        }
        if !record.longer_texts.is_empty() {
            let paths: Vec<_> =
                record.longer_texts.iter().take(LONGER_TEXTS_SHOWN).map(|path| harmless(path)).collect();
            let others = if record.longer_texts.len() > LONGER_TEXTS_SHOWN { ", …" } else { "" };
            writeln!(
                out,
                "{INDENT}{}: {}{others}, longer than the body",
                style.alarming("not used"),
                paths.join(", ")
            )?;
        }
        for cut in &record.cut {
            write_cut(out, cut, style)?;
        }
        for credit in &record.credits {
            let name = harmless(&credit.name);
            write!(out, "{INDENT}credit ({}, {}): {name}", credit.kind.name(), credit.location.name())?;
            if credit.evidence != credit.name {
                write!(out, " in: {}", style.quoted(&credit.evidence, 40))?;
            }
            writeln!(out)?;
        }
        if let Some(arrival) = &record.decision {
            write_decision(out, record, arrival, style)?;
        }
        if let Some(Some(body)) = &record.body {
            writeln!(out, "{INDENT}text")?;
            for line in body.lines() {
                writeln!(out, "{INDENT}  {}", harmless(line))?;
            }
        }
        Ok(())
    }
}

/// Where each field was found, on one line.
fn fields(record: &InspectedRecord) -> String {
    let mut found: Vec<_> = record.found.iter().collect();
    found
        .sort_by_key(|found| FIRST_FIELDS.iter().position(|field| *field == found.field).unwrap_or(FIRST_FIELDS.len()));
    let paths: Vec<_> = found.iter().map(|found| format!("{} from {}", found.field, harmless(&found.path))).collect();
    let shape = record.shape.map(|shape| format!(" ({shape})")).unwrap_or_default();
    format!("fields{shape}: {}", paths.join(", "))
}

/// Date, language, words and outlet on one line; what is missing is named.
fn facts(record: &InspectedRecord, style: RecordStyle) -> String {
    let date = match (&record.published_at, &record.published_from) {
        (None, _) => style.alarming("no date"),
        (Some(at), None) => at.to_string(),
        (Some(at), Some(from)) => {
            let at = at.to_string();
            let shown = if from.is_day { at.split('T').next().unwrap_or(&at) } else { &at };
            format!("{shown} ({}, {})", harmless(&from.field), from.format)
        }
    };
    let language =
        record.language.as_deref().map_or("no language".to_owned(), |tag| format!("language {}", harmless(tag)));
    let (all, compared) = (record.words.unwrap_or_default(), record.words_compared.unwrap_or_default());
    let mut words = if compared == all { format!("{all} words") } else { format!("{all} words, {compared} compared") };
    if compared == 0 {
        words = style.alarming(&words);
    }
    if let Some(boilerplate) = record.words_boilerplate.filter(|&count| count > 0) {
        words = format!("{words}, {boilerplate} of them boilerplate");
    }
    let outlet = match (&record.source, &record.publisher) {
        (None, _) => style.alarming("no outlet"),
        (Some(source), Some(publisher)) if *source != **publisher => {
            format!("outlet {} of {}", harmless(source), harmless(publisher))
        }
        (Some(source), _) => format!("outlet {}", harmless(source)),
    };
    [date, language, words, outlet].join(", ")
}

fn write_cut(out: &mut dyn Write, cut: &CutText, style: RecordStyle) -> io::Result<()> {
    let words = if cut.words == 1 { "1 word".to_owned() } else { format!("all {} words", cut.words) };
    // Latin words stand on both sides of the number: it stays where it is between two texts from right to left.
    let reason = format!("cut {} ({}, in {words})", cut.kind.reason(), harmless(&cut.evidence));
    writeln!(out, "{INDENT}{reason}: {}", style.quoted(&cut.text, INDENT.len() + measure_text_width(&reason) + 2))
}

fn write_decision(
    out: &mut dyn Write,
    record: &InspectedRecord,
    arrival: &ArrivalDecision,
    style: RecordStyle,
) -> io::Result<()> {
    let relation = arrival.relation.map_or("", |relation| relation.name());
    let decided = match arrival.decision {
        DecisionKind::Assigned => relation.to_owned(),
        DecisionKind::Empty => "without words: in a story of its own".to_owned(),
        DecisionKind::Replaced => format!("replaces an older version, {relation}"),
        DecisionKind::Duplicate if record.same_uri_other_text == Some(true) => style.alarming(OTHER_TEXT),
        DecisionKind::Duplicate => "duplicate: a known version, nothing changed".to_owned(),
        DecisionKind::Retracted => "takes the article back".to_owned(),
        DecisionKind::Withheld => "not clustered, not published".to_owned(),
        DecisionKind::Ambiguous => style.alarming("takes back an id that several live articles have: a dead letter"),
        DecisionKind::Quarantined => "quarantined: an internal error".to_owned(),
    };
    write!(out, "{INDENT}-> {decided}{}", if arrival.late { ", late" } else { "" })?;
    if let Some(story) = arrival.story_id {
        write!(out, ", story {}", beginning(story))?;
    }
    if let (Some(score), Some(matched_to)) = (arrival.score, &arrival.matched_to) {
        write!(out, ", score {score} with {}", harmless(matched_to))?;
    }
    writeln!(out)?;
    for link in &arrival.links {
        let (relation, story) = (link.relation.name(), beginning(link.story_id));
        writeln!(out, "{INDENT}-> linked as {relation} to story {story}, by {}", harmless(&link.matched_to))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{
        Article, Field, FoundField, ParsedContent, ParsedRecord, Published, RecordReading, UnreadField,
    };
    use crate::clustering::ClusteringRules;
    use crate::inspection::{Examination, ExaminedRecord, Inspector, RecordPlace};
    use crate::record::{Millis, RawPosition, Rejection};
    use crate::signature::{self, SignatureRules};

    /// The report on a record at offset 6 of partition 2.
    fn report(parsed: &ParsedRecord, width: usize, of_topic: bool) -> String {
        page(&[examined(parsed, of_topic)], width)
    }

    fn inspected(parsed: &ParsedRecord) -> InspectedRecord {
        examined(parsed, false)
    }

    fn examined(parsed: &ParsedRecord, of_topic: bool) -> InspectedRecord {
        let rules = SignatureRules::default();
        let raw = RawPosition { topic: "wires".into(), partition: 2, offset: 6 };
        let signature = signature::build(parsed.clone(), raw.clone(), Millis(1_772_500_000_000), &rules);
        let how = Examination { lexicon: &rules.lexicon, with_body: false };
        let place = if of_topic { RecordPlace::of_topic(&raw) } else { place(7, true) };
        let record = ExaminedRecord::read(place, parsed, signature, how);
        Inspector::new(ClusteringRules::default()).process(record)
    }

    /// The place of a record that begins in a line, or that is one.
    fn place(number: u64, is_line: bool) -> RecordPlace {
        RecordPlace::of_file("wires".into(), if is_line { number } else { 10 * number }, number, is_line)
    }

    fn page(records: &[InspectedRecord], width: usize) -> String {
        let mut writer = PageWriter::new(RecordStyle { width, colours: false, with_file: true });
        let mut out = Vec::new();
        for record in records {
            writer.write(&mut out, record).expect("written to memory");
        }
        writer.finish(&mut out).expect("written to memory");
        String::from_utf8(out).expect("UTF-8")
    }

    fn article(title: &str, published: Option<Published>) -> ParsedRecord {
        let article =
            Article { title: title.to_owned(), body: "the mill is open".to_owned(), published, ..Article::default() };
        ParsedRecord::new("urn:a", None, ParsedContent::Article(Box::new(article)))
    }

    #[test]
    fn a_report_says_where_each_field_was_found_and_what_could_not_be_read() {
        let day = Published::Day { start: Millis(1_772_409_600_000), end: Millis(1_772_495_999_999) };
        let found = |field, path: &str, format| FoundField { field, path: path.to_owned(), format };
        let reading = RecordReading {
            shape: "ninjs",
            found: vec![
                found(Field::Url, "link", ""),
                found(Field::Published, "meta.day", "iso_8601"),
                found(Field::Title, "headlines.0.value", ""),
            ],
            unread: vec![UnreadField {
                field: Field::Source,
                path: "provider".to_owned(),
                value: "[7,\u{1b}]".to_owned(),
                reason: "it is a list",
            }],
            longer_texts: vec!["beitrag".to_owned(), "meta.inhalt".to_owned()],
            ..RecordReading::default()
        };
        let shown = report(&ParsedRecord { reading, ..article("Mill", Some(day)) }, 80, true);
        let expected = [
            "wires[2]@6  article    urn:a",
            "    Mill",
            "    2026-03-02 (meta.day, iso_8601), no language, 4 words, no outlet",
            "    fields (ninjs): title from headlines.0.value, published from meta.day, url from link",
            "    unread source under provider: [7,\u{FFFD}] (it is a list)",
            "    not used: beitrag, meta.inhalt, longer than the body",
            "    -> unique, story ",
        ];
        assert!(shown.starts_with(&expected.join("\n")), "{shown}");
    }

    #[test]
    fn titles_are_shortened_to_the_width_and_wide_characters_count_twice() {
        let shown = report(&article(&"新华社北京报道".repeat(9), None), 40, false);
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[0].starts_with("wires:7  article"), "{shown}");
        assert!(lines[1].ends_with('…') && (38..=40).contains(&measure_text_width(lines[1])), "{shown}");
    }

    #[test]
    fn the_fields_are_shown_when_they_change_and_what_is_missing_is_named() {
        let read = |path: &str| {
            let found = vec![FoundField { field: Field::Body, path: path.to_owned(), format: "" }];
            let reading = RecordReading { found, ..RecordReading::default() };
            inspected(&ParsedRecord { reading, ..article("", None) })
        };
        let shown = page(&[read("text"), read("text"), read("body"), read("text")], 80);
        let fields: Vec<_> = shown.lines().filter(|line| line.contains("fields")).collect();
        assert_eq!(fields, ["text", "body", "text"].map(|path| format!("    fields: body from {path}")));
        assert_eq!(shown.matches("    no title\n").count(), 4, "{shown}");
    }

    #[test]
    fn many_records_that_are_refused_alike_are_shown_once() {
        let refused = |detail: &str, number| {
            let rejection = Rejection { reason: Reason::MissingText, detail: detail.to_owned() };
            let rules = SignatureRules::default();
            let how = Examination { lexicon: &rules.lexicon, with_body: false };
            let record = ExaminedRecord::refused(place(number, false), rejection, how);
            Inspector::new(ClusteringRules::default()).process(record)
        };
        let run = |detail: &str, count: u64| (1..=count).map(|number| refused(detail, number)).collect::<Vec<_>>();
        let ten = page(&run("no text", 10), 80);
        assert_eq!((ten.lines().count(), ten.contains("more")), (20, false), "{ten}");
        let records = [run("no text", 14), run("no `text`", 11), vec![inspected(&article("Mill", None))]].concat();
        let shown = page(&records, 80);
        let lines: Vec<_> = shown.lines().take(7).collect();
        let expected = [
            "wires record 1 (line 10)  refused    missing_text",
            "    no text",
            "    … and 13 more like it",
            "wires record 1 (line 10)  refused    missing_text",
            "    no `text`",
            "    … and 10 more like it",
            "wires:7  article    urn:a",
        ];
        assert_eq!(lines, expected);
    }
}
