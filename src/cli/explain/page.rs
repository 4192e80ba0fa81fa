//! The explanation as people read it: the articles, their texts, what was left out, the evidence, the verdict.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use console::{Style, pad_str, truncate_str};

use super::text::{Line, harmless, is_right_to_left, lines};
use crate::explain::{Report, Side, Weighing, What};
use crate::record::Ratio;

/// Below this two columns of text are too narrow to read.
const COLUMNS_MIN: usize = 80;

/// What stands between two columns.
const GUTTER: &str = " │ ";

/// A quote has at least so many columns, however long its reason.
const ROOM_MIN: usize = 20;

/// How the page looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) width: usize,
    pub(super) colours: bool,
    /// Print long stretches whole.
    pub(super) full: bool,
}

impl Look {
    fn heading(self, text: &str) -> String {
        Style::new().force_styling(self.colours).bold().apply_to(text).to_string()
    }

    fn lines(self, side: &Side, width: usize) -> Vec<Line> {
        lines(&side.text, &side.passages, width, self.colours, self.full)
    }
}

/// Prints the explanation.
pub(super) fn write_report(out: &mut dyn Write, report: &Report, look: Look) -> io::Result<()> {
    let sides = [("earlier", &report.earlier), ("later", &report.later)];
    for (name, side) in sides {
        write_head(out, name, side, look)?;
    }
    write_texts(out, sides, look)?;
    for (name, side) in sides {
        write_left_out(out, name, side, look)?;
    }
    if let Some(weighing) = &report.weighing {
        write_weighing(out, weighing, look)?;
    }
    writeln!(out, "{}\n{}", look.heading("verdict"), report.verdict.sentence)
}

fn write_head(out: &mut dyn Write, name: &str, side: &Side, look: Look) -> io::Result<()> {
    writeln!(out, "{} {}", look.heading(&format!("{name:7}")), harmless(&side.uri))?;
    let unknown = |text: &str| if text.is_empty() { "-".to_owned() } else { harmless(text) };
    let mut facts = vec![unknown(&side.source)];
    facts.extend(side.published_at().map(|at| at.to_string()));
    facts.push(format!("language {}", unknown(&side.language)));
    facts.push(format!("{} words, {} compared", side.words, side.words_compared));
    writeln!(out, "        {}", facts.join(", "))?;
    if !side.title.is_empty() {
        writeln!(out, "        {}", harmless(&side.title))?;
    }
    if let Some(verdict) = &side.verdict {
        let relation = verdict.relation.map_or("-", |relation| relation.name());
        let story = side.story_id.map_or("in no story".to_owned(), |story| format!("in story {story}"));
        writeln!(out, "        {relation} on arrival, {story}")?;
    }
    for note in &side.notes {
        writeln!(out, "        {}", harmless(note))?;
    }
    writeln!(out)
}

/// Side by side, or one above the other.
///
/// A terminal that orders right-to-left text orders whole lines: the columns would change places, or run into each
/// other, and the isolates that Unicode has for this are known to few terminals. So such texts get lines of their own.
fn write_texts(out: &mut dyn Write, sides: [(&str, &Side); 2], look: Look) -> io::Result<()> {
    let in_columns = look.width >= COLUMNS_MIN && !sides.iter().any(|(_, side)| is_right_to_left(&side.text));
    if !in_columns {
        for (name, side) in sides {
            writeln!(out, "{}", look.heading(&format!("text of the {name} article")))?;
            for line in look.lines(side, look.width) {
                writeln!(out, "{}", line.text)?;
            }
            writeln!(out)?;
        }
        return Ok(());
    }
    let width = (look.width - GUTTER.chars().count()) / 2;
    let [left, right] = sides.map(|(name, side)| {
        let heading = format!("text of the {name} article");
        let mut lines = look.lines(side, width);
        lines.insert(0, Line { width: heading.len(), text: look.heading(&heading) });
        lines
    });
    let nothing = Line::default();
    for row in 0..left.len().max(right.len()) {
        let (left, right) = (left.get(row).unwrap_or(&nothing), right.get(row).unwrap_or(&nothing));
        let line = format!("{}{:pad$}{GUTTER}{}", left.text, "", right.text, pad = width - left.width.min(width));
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out)
}

/// What was left out, by reason; of each the longest passages that there is room for.
fn write_left_out(out: &mut dyn Write, name: &str, side: &Side, look: Look) -> io::Result<()> {
    let mut left_out: BTreeMap<What, Vec<String>> = BTreeMap::new();
    for passage in side.passages.iter().filter(|passage| passage.what != What::Shared) {
        let quoted = harmless(&side.text[passage.range()].replace('\n', " "));
        left_out.entry(passage.what).or_default().push(quoted);
    }
    if left_out.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", look.heading(&format!("left out of the {name} article")))?;
    for (what, mut quotes) in left_out {
        let reason = match quotes.len() {
            1 => what.reason().to_owned(),
            count => format!("{} ({count} times)", what.reason()),
        };
        quotes.sort_by_key(|quote| Reverse(quote.chars().count()));
        quotes.dedup();
        let room = look.width.saturating_sub(reason.len() + 4).max(ROOM_MIN);
        writeln!(out, "  {reason}: {}", truncate_str(&quotes.join(" | "), room, "…"))?;
    }
    writeln!(out)
}

fn write_weighing(out: &mut dyn Write, weighing: &Weighing, look: Look) -> io::Result<()> {
    writeln!(out, "{}", look.heading("evidence"))?;
    let percent = |share: Ratio| format!("{:.1} %", f64::from(share.0) / 100.0);
    writeln!(out, "  of the earlier article {} stands in the later one", percent(weighing.of_earlier))?;
    writeln!(out, "  of the later article {} stands in the earlier one", percent(weighing.of_later))?;
    writeln!(out, "  {} pairs of words of the sample are shared", weighing.shared)?;
    if let (Some(bias), Some(sum)) = (weighing.bias, weighing.sum) {
        let row = |name: &str, value: &str, weight: &str, adds: &str| {
            format!("  {}{value:>8}{weight:>9}{adds:>14}", pad_str(name, 14, console::Alignment::Left, None))
        };
        writeln!(out, "{}", row("", "value", "weight", "contribution"))?;
        for feature in &weighing.features {
            let [value, weight, adds] =
                [feature.value, feature.weight, feature.contribution].map(|n| format!("{n:.2}"));
            writeln!(out, "{}", row(&feature.name.replace('_', " "), &value, &weight, &adds))?;
        }
        writeln!(out, "{}", row("bias", "", "", &format!("{bias:.2}")))?;
        writeln!(out, "{}", row("sum", "", "", &format!("{sum:.2}")))?;
    }
    writeln!(out, "  agreement {}, threshold {}\n", weighing.agreement, weighing.threshold)
}
