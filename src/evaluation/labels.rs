//! Pairs of articles that people have labelled.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

use super::table::{LineError, Row, TextTable};

/// A person's label for two articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Label {
    /// One is a copy of the other: verbatim, lightly edited or cut.
    Copy,
    /// Both derive from one source text, reworded or mixed.
    Rewrite,
    /// They share passages; apart from these their bodies are independent.
    Partial,
    /// Independent texts on one event.
    SameEvent,
    /// None of these.
    Different,
}

impl Label {
    /// Its name in label files.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether two articles with this label belong to one story.
    pub fn is_positive(self) -> bool {
        matches!(self, Self::Copy | Self::Rewrite)
    }
}

/// Two articles and their label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledPair {
    /// One article.
    pub a: Arc<str>,
    /// The other.
    pub b: Arc<str>,
    /// Their label.
    pub label: Label,
    /// How sure the person is, from 1 (a guess) to 3 (sure).
    pub confidence: Option<u8>,
    /// The number of pairs of the population that it represents.
    pub weight: f64,
}

/// The pairs of one label file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PairSet {
    /// Its name in reports.
    pub name: String,
    /// The pairs that have a label.
    pub pairs: Vec<LabelledPair>,
    /// The number of pairs that have no label yet.
    pub unlabelled: usize,
}

impl PairSet {
    /// Reads a table with the columns `article_a`, `article_b` and `label`, and optionally `confidence` and `weight`
    /// (1 by default). Each line comes with its number, counted from 1.
    pub fn read(file: &str, lines: impl IntoIterator<Item = (u64, Vec<u8>)>) -> Result<Self, LineError> {
        let table = TextTable::read(file, lines, &["article_a", "article_b", "label"])?;
        let mut seen: BTreeMap<(Arc<str>, Arc<str>), u64> = BTreeMap::new();
        let mut set = Self { name: file.to_owned(), ..Self::default() };
        for row in table.rows() {
            let (a, b): (Arc<str>, Arc<str>) = (row.required("article_a")?.into(), row.required("article_b")?.into());
            if a == b {
                return Err(row.error(format!("{a} is paired with itself; remove the row")));
            }
            match seen.entry(if a < b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) }) {
                Entry::Occupied(first) => {
                    return Err(row.error(format!("line {} already has this pair; keep one of them", first.get())));
                }
                Entry::Vacant(vacant) => _ = vacant.insert(row.line()),
            }
            match label(&row)? {
                Some(label) => {
                    set.pairs.push(LabelledPair { a, b, label, confidence: confidence(&row)?, weight: weight(&row)? });
                }
                None => set.unlabelled += 1,
            }
        }
        if set.pairs.is_empty() {
            let problem = "no row has a label yet; fill in the column label".to_owned();
            return Err(LineError { file: file.to_owned(), line: 1, problem });
        }
        Ok(set)
    }
}

fn label(row: &Row<'_>) -> Result<Option<Label>, LineError> {
    match row.get("label") {
        "" => Ok(None),
        name => Label::VARIANTS.iter().find(|label| label.name() == name).copied().map(Some).ok_or_else(|| {
            let names = Label::VARIANTS.iter().map(|label| label.name()).collect::<Vec<_>>().join(", ");
            row.error(format!("unknown label `{name}`; use one of {names}, or leave it empty to label the pair later"))
        }),
    }
}

fn confidence(row: &Row<'_>) -> Result<Option<u8>, LineError> {
    match row.get("confidence") {
        "" => Ok(None),
        text => text.parse().ok().filter(|confidence| (1..=3).contains(confidence)).map(Some).ok_or_else(|| {
            row.error(format!("invalid confidence `{text}`; use 1 (a guess), 2 or 3 (sure), or leave it empty"))
        }),
    }
}

fn weight(row: &Row<'_>) -> Result<f64, LineError> {
    match row.get("weight") {
        "" => Ok(1.0),
        text => text.parse().ok().filter(|weight: &f64| weight.is_finite() && *weight > 0.0).ok_or_else(|| {
            row.error(format!("invalid weight `{text}`; use a number above 0, or leave it empty for 1"))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PairSet, String> {
        let lines = text.lines().enumerate().map(|(at, line)| (at as u64 + 1, line.as_bytes().to_vec()));
        PairSet::read("x.tsv", lines).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_are_found_by_their_headings_and_others_are_skipped() {
        let set = read("label\tnote\tarticle_b\tarticle_a\tweight\nrewrite\tx\tb\ta\t2.5\n\t\tc\ta\t").expect("a set");
        let pair = LabelledPair { a: "a".into(), b: "b".into(), label: Label::Rewrite, confidence: None, weight: 2.5 };
        assert_eq!((set.pairs, set.unlabelled), (vec![pair], 1));
    }

    #[test]
    fn windows_line_ends_and_a_byte_order_mark_are_removed() {
        let set = read("\u{FEFF}article_a\tarticle_b\tlabel\tconfidence\r\na\tb\tcopy\t3\r").expect("a set");
        assert_eq!((set.pairs[0].confidence, set.pairs[0].weight.to_bits()), (Some(3), 1.0f64.to_bits()));
    }

    #[test]
    fn an_unusable_row_is_reported_with_file_and_line() {
        let head = "article_a\tarticle_b\tlabel\tconfidence\tweight\n";
        let cases = [
            (String::new(), "x.tsv:1: empty; the first line must name the columns"),
            ("a\tb\tcopy\n".to_owned(), "x.tsv:1: no column article_a; the first line must name"),
            (format!("{head}a\tb\t"), "x.tsv:1: no row has a label yet"),
            (format!("{head}a\tb\tcpoy"), "x.tsv:2: unknown label `cpoy`; use one of copy, rewrite"),
            (format!("{head}a\tb\tcopy\t4"), "x.tsv:2: invalid confidence `4`; use 1"),
            (format!("{head}a\tb\tcopy\t3\t0"), "x.tsv:2: invalid weight `0`; use a number above 0"),
            (format!("{head}a\tb\tcopy\t3\tNaN"), "x.tsv:2: invalid weight `NaN`"),
            (format!("{head}a\t\tcopy"), "x.tsv:2: the column article_b is empty"),
            (format!("{head}a\ta\tcopy"), "x.tsv:2: a is paired with itself"),
            (format!("{head}a\tb\tcopy\nb\ta\tpartial"), "x.tsv:3: line 2 already has this pair"),
        ];
        for (text, message) in cases {
            let error = read(&text).expect_err("an error");
            assert!(error.starts_with(message), "{error}");
        }
    }
}
