//! What a site prints under its articles, as far as phrases give it away: credits, labels, disclaimers.

use std::ops::Range;

use super::{BODY_WORDS_MIN, Segment, SegmentKind, text};
use crate::record::CreditKind;
use crate::sign::folded::Folded;
use crate::sign::lexicon::{Hit, Lexicon, SEPARATORS, What};
use crate::sign::phrases::Cue;

/// A credit line or a label's value is so long at the most.
const LINE_BYTES_MAX: usize = 160;

/// Words of a credit line that are no known name: the outlet's, an author's.
const OTHER_WORDS_MAX: usize = 3;

/// Words behind a label's colon.
const LABEL_WORDS_MAX: usize = 6;

/// A disclaimer in a line of its own is so long at the most; elsewhere it is a sentence.
const DISCLAIMER_BYTES_MAX: usize = 1_000;

/// Lines looked at upward from the end of the body.
const LAST_LINES_MAX: usize = 6;

/// A closing bracket of credits, `(Reporting by …)`, is so long at the most.
const BRACKET_BYTES_MAX: usize = 400;

/// How a bracket of credits begins.
const SIGN_OFFS: [&str; 14] = [
    "reporting by",
    "additional reporting by",
    "writing by",
    "editing by",
    "compiled by",
    "by ",
    "اعداد",
    "تحرير",
    "كتابه",
    "تغطيه",
    "شارك في التغطيه",
    "reportage",
    "redaktion",
    "mit material",
];

/// The furniture on a page that phrases announce.
pub(super) fn marks(page: &str, hits: &[Hit], start: usize, lexicon: &Lexicon) -> Vec<Segment> {
    let mut marks: Vec<Segment> = Vec::new();
    let mut at = start;
    for (number, hit) in hits.iter().enumerate() {
        if hit.span.start < at {
            continue;
        }
        let span = match hit.what {
            What::Cue(Cue::SourceLabel) => label(page, hits, number, at).map(|span| (SegmentKind::SourceLabel, span)),
            What::Cue(Cue::Disclaimer) => Some((SegmentKind::Disclaimer, disclaimer(page, hits, number, at))),
            What::Cue(Cue::Copyright) => copyright(page, hit).map(|span| (SegmentKind::Disclaimer, span)),
            What::Name(name) => {
                credits(page, hits, number, at, lexicon.name(name).kind).map(|span| (SegmentKind::Credit, span))
            }
            What::Cue(Cue::ReadAlso | Cue::Related) => None,
        };
        if let Some((kind, span)) = span
            && text::has_words(&page[start..span.start], BODY_WORDS_MIN)
        {
            at = span.end;
            marks.push(Segment { kind, span });
        }
    }
    marks
}

/// `Source: NAME`: at the start of a line or sentence, or glued to what stands before it, and a short value.
///
/// In a sentence the source is somebody who speaks: `the source said:`.
fn label(page: &str, hits: &[Hit], number: usize, ended: usize) -> Option<Range<usize>> {
    let span = &hits[number].span;
    let after = &page[span.end..];
    let value = after.trim_start_matches([' ', '\u{A0}']).strip_prefix([':', '：'])?;
    let value_start = page.len() - value.len();
    let on_line_start =
        page[..span.start].trim_end_matches([' ', '\u{A0}']).chars().next_back().is_none_or(|c| c == '\n');
    let line = text::start(value, LINE_BYTES_MAX);
    let next = hits[number + 1..].iter().take_while(|next| next.span.start < value_start + line.len());
    // The value ends with its line, or where the next thing begins that is no name.
    let mut end = line.find(['\n', '(']).unwrap_or(line.len());
    let mut named = 0;
    for hit in next {
        let at = hit.span.start - value_start;
        match hit.what {
            What::Cue(_) => {
                end = end.min(at);
                break;
            }
            What::Name(_) if at < end => named = hit.span.end - value_start,
            What::Name(_) => break,
        }
    }
    let is_behind_furniture = ended > 0 && page.get(ended..span.start).is_some_and(|gap| gap.trim().is_empty());
    if is_behind_furniture && named == 0 && end == line.len() {
        // It is furniture too, wherever its value may end.
        return Some(span.start..value_start);
    }
    let ends_line = end < line.len() || value_start + end == page.len();
    if !ends_line {
        // In a text of one line a sentence may follow the value.
        end = if named > 0 { named } else { value.find(text::ends_sentence)?.min(end) };
    }
    let short = !text::has_words(&value[..end], LABEL_WORDS_MAX + 1) && text::has_words(&value[..end], 1);
    let before = page[..span.start].trim_end_matches([' ', '\u{A0}']).chars().next_back();
    let begins = on_line_start
        || before.is_some_and(|c| text::ends_sentence(c) || matches!(c, ')' | '(' | '['))
        || is_glued(page, span.start);
    let is_quote = value[..end].contains(['"', '“', '«']);
    (short && begins && !is_quote && (ends_line || named > 0)).then(|| span.start..value_start + end)
}

/// Whether a letter stands right before a place: a line break was lost there.
fn is_glued(page: &str, at: usize) -> bool {
    let mut before = page[..at].chars().rev().take_while(|c| c.is_alphanumeric());
    // Written together with a particle it is a word of the sentence.
    before.by_ref().take(3).count() == 3
}

/// The line of a disclaimer, or the sentence where the line holds more.
fn disclaimer(page: &str, hits: &[Hit], number: usize, from: usize) -> Range<usize> {
    let hit = &hits[number];
    let line = text::line(page, hit.span.start, DISCLAIMER_BYTES_MAX);
    if line.start >= from && line.len() <= DISCLAIMER_BYTES_MAX && page[..line.start].ends_with('\n') {
        return line;
    }
    let window = hit.span.start.saturating_sub(DISCLAIMER_BYTES_MAX / 2).max(from).max(line.start);
    let window = page.ceil_char_boundary(window);
    let start = page[window..hit.span.start]
        .rfind(text::ends_sentence)
        .map_or(hit.span.start, |at| page.ceil_char_boundary(window + at + 1));
    let rest = text::start(&page[hit.span.end..line.end], DISCLAIMER_BYTES_MAX / 2);
    let sentence = rest.find(text::ends_sentence).map_or(rest.len(), |at| (at + 1).min(rest.len()));
    let end = page.ceil_char_boundary(hit.span.end + sentence);
    let inside = hits[number + 1..].iter().take_while(|next| next.span.start < end);
    let next = inside.into_iter().find(|next| matches!(next.what, What::Cue(Cue::ReadAlso | Cue::SourceLabel)));
    start..next.map_or(end, |next| next.span.start.min(end)).max(hit.span.end)
}

/// `© 2026 NAME` on a line of its own, or at the end of the text.
fn copyright(page: &str, hit: &Hit) -> Option<Range<usize>> {
    let line = text::line(page, hit.span.start, LINE_BYTES_MAX);
    let begins = page[line.start..hit.span.start].trim().is_empty();
    let rest = page[hit.span.end..line.end].trim_start_matches(|c: char| !c.is_alphanumeric());
    let dated = rest.starts_with(|c: char| c.is_ascii_digit());
    if begins && line.len() <= LINE_BYTES_MAX {
        return Some(line);
    }
    (dated && line.end - hit.span.start <= LINE_BYTES_MAX && text::begins_sentence(page, hit.span.start))
        .then_some(hit.span.start..line.end)
}

/// Names with nothing but separators between them, and the outlet's own before them: `NAME – follow-up – agencies`.
fn credits(page: &str, hits: &[Hit], number: usize, from: usize, kind: CreditKind) -> Option<Range<usize>> {
    let first = &hits[number].span;
    let before = page[from..first.start].trim_end_matches([' ', '\u{A0}']);
    let separated = before.ends_with(SEPARATORS) && !before.ends_with([',', '،']);
    let mut end = first.end;
    let mut count = 1;
    for next in &hits[number + 1..] {
        let between = page.get(end..next.span.start)?;
        let only_separators =
            !between.is_empty() && between.chars().all(|c| c == ' ' || c == '\u{A0}' || SEPARATORS.contains(&c));
        if !matches!(next.what, What::Name(_)) || !only_separators {
            break;
        }
        end = next.span.end;
        count += 1;
    }
    // "Agencies" behind a separator at the end of a line is enough, also where the break was lost.
    let general = kind == CreditKind::Agencies;
    let separated = separated || (general && before.ends_with([',', '،']));
    let ends_line = page[end..].chars().next().is_none_or(|c| c == '\n' || c.is_alphabetic());
    if !separated || (count < 2 && !(general && ends_line)) {
        return None;
    }
    // The outlet's own name: up to three words back to the end of a sentence or line.
    let head = before.trim_end_matches(|c: char| c == ' ' || SEPARATORS.contains(&c));
    let own = &head[head.ceil_char_boundary(head.len().saturating_sub(LINE_BYTES_MAX))..];
    let own = own.rsplit(|c| c == '\n' || text::ends_sentence(c)).next().unwrap_or_default();
    let own = if text::has_words(own, OTHER_WORDS_MAX + 1) { own.rsplit(' ').next().unwrap_or_default() } else { own };
    Some(from + head.len() - own.len()..end)
}

/// Credit lines and brackets that end the body, looked for upward from its end.
pub(super) fn last_lines(
    text: &Folded<'_>,
    lexicon: &Lexicon,
    start: usize,
    end: usize,
    marks: &[Segment],
) -> Vec<Segment> {
    let page = text.text();
    let mut found = Vec::new();
    let mut end = end;
    for _ in 0..LAST_LINES_MAX {
        let body = page[start..end].trim_end();
        end = start + body.len();
        let touching =
            marks.iter().filter(|mark| mark.span.start >= start && mark.span.start < end && mark.span.end + 2 >= end);
        if let Some(mark) = touching.min_by_key(|mark| mark.span.start) {
            end = mark.span.start;
            continue;
        }
        let bracket =
            body.ends_with(')').then(|| body.rfind('(')).flatten().filter(|at| body.len() - at <= BRACKET_BYTES_MAX);
        let line = start + body.rfind('\n').map_or(0, |at| at + 1);
        let span = match bracket.map(|at| start + at..end).filter(|span| is_sign_off(text, lexicon, span)) {
            Some(span) => span,
            None if line > start && is_credit_line(text, lexicon, &(line..end)) => line..end,
            None => break,
        };
        if !text::has_words(&page[start..span.start], BODY_WORDS_MIN) {
            break;
        }
        end = span.start;
        found.push(Segment { kind: SegmentKind::Credit, span });
    }
    found
}

/// A bracket that holds credits: it begins as they do, or holds names alone.
fn is_sign_off(text: &Folded<'_>, lexicon: &Lexicon, span: &Range<usize>) -> bool {
    let inside = text.text()[span.clone()].trim_matches(['(', ')', ' ']);
    SIGN_OFFS.iter().any(|sign_off| inside.starts_with(sign_off)) || is_credit_line(text, lexicon, span)
}

/// A short line of known names, with few other words.
pub(super) fn is_credit_line(text: &Folded<'_>, lexicon: &Lexicon, line: &Range<usize>) -> bool {
    let page = text.text();
    if line.len() > LINE_BYTES_MAX || page[line.clone()].trim_end().ends_with(['.', '؟', '?', '!', ':']) {
        return false;
    }
    let names = lexicon.names_in(text, line);
    let mut others = 0;
    let mut at = line.start;
    for name in &names {
        others += text::words(&page[at..name.span.start]).count();
        at = name.span.end;
    }
    others += text::words(&page[at..line.end]).count();
    let separated = page[line.clone()].contains(SEPARATORS);
    !names.is_empty() && (others == 0 || (others <= OTHER_WORDS_MAX && separated))
}
