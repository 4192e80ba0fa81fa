//! The explanation as a page of text: the articles, their texts, the passages left out, the features, the verdict.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use console::{Style, pad_str, truncate_str};

use super::text::{TextLine, is_right_to_left, lines};
use crate::cli::app::harmless;
use crate::explain::{ExplainedArticle, PassageKind, Report, ScoreBreakdown};
use crate::record::Ratio;

/// The least page width for two columns: narrower ones are hard to read.
const TWO_COLUMNS_WIDTH_MIN: usize = 80;

/// The separator between two columns.
const GUTTER: &str = " │ ";

/// The least width of a quotation, however long its reason is.
const QUOTE_WIDTH_MIN: usize = 20;

/// The layout of the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageStyle {
    pub(super) width: usize,
    pub(super) colours: bool,
    /// Print long passages in full.
    pub(super) full: bool,
}

impl PageStyle {
    fn heading(self, text: &str) -> String {
        Style::new().force_styling(self.colours).bold().apply_to(text).to_string()
    }

    fn lines(self, article: &ExplainedArticle, width: usize) -> Vec<TextLine> {
        lines(&article.text, &article.passages, width, self.colours, self.full)
    }
}

/// Writes the explanation.
pub(super) fn write_report(out: &mut dyn Write, report: &Report, style: PageStyle) -> io::Result<()> {
    let articles = [("earlier", &report.earlier), ("later", &report.later)];
    for (name, article) in articles {
        write_head(out, name, article, style)?;
    }
    write_texts(out, articles, style)?;
    for (name, article) in articles {
        write_left_out(out, name, article, style)?;
    }
    if let Some(scoring) = &report.scoring {
        write_scoring(out, scoring, style)?;
    }
    writeln!(out, "{}\n{}", style.heading("verdict"), report.verdict.sentence)
}

fn write_head(out: &mut dyn Write, name: &str, article: &ExplainedArticle, style: PageStyle) -> io::Result<()> {
    writeln!(out, "{} {}", style.heading(&format!("{name:7}")), harmless(&article.uri))?;
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { harmless(text) };
    let mut facts = vec![or_dash(&article.source)];
    facts.extend(article.event_at().map(|at| at.to_string()));
    facts.push(format!("language {}", or_dash(&article.language)));
    facts.push(format!("{} words, {} compared", article.words, article.words_compared));
    writeln!(out, "        {}", facts.join(", "))?;
    if !article.title.is_empty() {
        writeln!(out, "        {}", harmless(&article.title))?;
    }
    if let Some(verdict) = &article.verdict {
        let relation = verdict.relation.map_or("-", |relation| relation.name());
        let story = article.story_id.map_or("in no story".to_owned(), |story| format!("in story {story}"));
        writeln!(out, "        {relation} on arrival, {story}")?;
    }
    for remark in &article.remarks {
        writeln!(out, "        {}", harmless(remark))?;
    }
    writeln!(out)
}

/// Writes the texts side by side, or one above the other.
///
/// A terminal that reorders right-to-left text reorders whole lines: the columns would swap places or run into each
/// other, and few terminals support the isolates that Unicode has for this. So such texts get lines of their own.
fn write_texts(out: &mut dyn Write, articles: [(&str, &ExplainedArticle); 2], style: PageStyle) -> io::Result<()> {
    let in_columns =
        style.width >= TWO_COLUMNS_WIDTH_MIN && !articles.iter().any(|(_, article)| is_right_to_left(&article.text));
    if !in_columns {
        for (name, article) in articles {
            writeln!(out, "{}", style.heading(&format!("text of the {name} article")))?;
            for line in style.lines(article, style.width) {
                writeln!(out, "{}", line.text)?;
            }
            writeln!(out)?;
        }
        return Ok(());
    }
    let width = (style.width - GUTTER.chars().count()) / 2;
    let [left, right] = articles.map(|(name, article)| {
        let heading = format!("text of the {name} article");
        let mut lines = style.lines(article, width);
        lines.insert(0, TextLine { width: heading.len(), text: style.heading(&heading) });
        lines
    });
    let empty = TextLine::default();
    for row in 0..left.len().max(right.len()) {
        let (left, right) = (left.get(row).unwrap_or(&empty), right.get(row).unwrap_or(&empty));
        let line = format!("{}{:pad$}{GUTTER}{}", left.text, "", right.text, pad = width - left.width.min(width));
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out)
}

/// Writes the passages that were left out, by reason: as many of the longest ones as fit on a line.
fn write_left_out(out: &mut dyn Write, name: &str, article: &ExplainedArticle, style: PageStyle) -> io::Result<()> {
    let mut left_out: BTreeMap<PassageKind, Vec<String>> = BTreeMap::new();
    for passage in article.passages.iter().filter(|passage| passage.kind != PassageKind::Shared) {
        let quoted = harmless(&article.text[passage.range()].replace('\n', " "));
        left_out.entry(passage.kind).or_default().push(quoted);
    }
    if left_out.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", style.heading(&format!("left out of the {name} article")))?;
    for (kind, mut quotes) in left_out {
        let reason = match quotes.len() {
            1 => kind.reason().to_owned(),
            count => format!("{} ({count} times)", kind.reason()),
        };
        quotes.sort_by_key(|quote| Reverse(quote.chars().count()));
        quotes.dedup();
        let width = style.width.saturating_sub(reason.len() + 4).max(QUOTE_WIDTH_MIN);
        writeln!(out, "  {reason}: {}", truncate_str(&quotes.join(" | "), width, "…"))?;
    }
    writeln!(out)
}

fn write_scoring(out: &mut dyn Write, scoring: &ScoreBreakdown, style: PageStyle) -> io::Result<()> {
    writeln!(out, "{}", style.heading("features"))?;
    let percent = |share: Ratio| format!("{:.1} %", f64::from(share.0) / 100.0);
    writeln!(out, "  {} of the earlier article is in the later one", percent(scoring.earlier_in_later))?;
    writeln!(out, "  {} of the later article is in the earlier one", percent(scoring.later_in_earlier))?;
    writeln!(out, "  {} sampled pairs of words are shared", scoring.shared_shingles)?;
    if let (Some(bias), Some(sum)) = (scoring.bias, scoring.sum) {
        let row = |name: &str, value: &str, weight: &str, contribution: &str| {
            format!("  {}{value:>8}{weight:>9}{contribution:>14}", pad_str(name, 14, console::Alignment::Left, None))
        };
        writeln!(out, "{}", row("", "value", "weight", "contribution"))?;
        for feature in &scoring.features {
            let [value, weight, contribution] =
                [feature.value, feature.weight, feature.contribution].map(|n| format!("{n:.2}"));
            writeln!(out, "{}", row(&feature.name.replace('_', " "), &value, &weight, &contribution))?;
        }
        writeln!(out, "{}", row("bias", "", "", &format!("{bias:.2}")))?;
        writeln!(out, "{}", row("sum", "", "", &format!("{sum:.2}")))?;
    }
    writeln!(out, "  match score {}, threshold {}\n", scoring.score, scoring.threshold)
}
