//! The boilerplate around an article that phrases announce: credits, source labels, disclaimers.

use std::ops::Range;

use super::kind::{BODY_WORDS_MIN, PageSegment, PageSegmentKind};
use crate::record::CreditKind;
use crate::signature::folded::FoldedText;
use crate::signature::lexicon::{Lexicon, MatchKind, PhraseMatch, SEPARATORS};
use crate::signature::phrases::{PHRASES, PhraseKind};
use crate::signature::text;

/// Longest credit line, and longest value of a source label.
const LINE_BYTES_MAX: usize = 160;

/// Most words of a credit line besides known names: the name of the outlet or of an author.
const OTHER_WORDS_MAX: usize = 3;

/// Most words of the value of a source label.
const LABEL_WORDS_MAX: usize = 6;

/// Longest disclaimer on a line of its own. On a longer line it is a sentence.
const DISCLAIMER_BYTES_MAX: usize = 1_000;

/// Most lines that are checked, upward from the end of the body.
const LAST_LINES_MAX: usize = 6;

/// Longest bracket of credits at the end of the body: `(Reporting by …)`.
const BRACKET_BYTES_MAX: usize = 400;

/// Marks the boilerplate on a page from position `start` on.
pub(super) fn marks(page: &str, matches: &[PhraseMatch], start: usize, lexicon: &Lexicon) -> Vec<PageSegment> {
    let mut marks: Vec<PageSegment> = Vec::new();
    let mut at = start;
    for (number, found) in matches.iter().enumerate() {
        if found.span.start < at {
            continue;
        }
        let span = match found.kind {
            MatchKind::Phrase(PhraseKind::SourceLabel) => {
                label(page, matches, number, at).map(|span| (PageSegmentKind::SourceLabel, span))
            }
            MatchKind::Phrase(PhraseKind::Disclaimer) => {
                Some((PageSegmentKind::Disclaimer, disclaimer(page, matches, number, at)))
            }
            MatchKind::Phrase(PhraseKind::Copyright) => {
                copyright(page, found).map(|span| (PageSegmentKind::Disclaimer, span))
            }
            MatchKind::Name(name) => {
                credits(page, matches, number, at, lexicon.name(name).kind).map(|span| (PageSegmentKind::Credit, span))
            }
            MatchKind::Phrase(PhraseKind::ReadAlso | PhraseKind::Related) => None,
        };
        if let Some((kind, span)) = span
            && text::has_words(&page[start..span.start], BODY_WORDS_MIN)
        {
            at = span.end;
            marks.push(PageSegment { kind, span });
        }
    }
    marks
}

/// The range of a source label, `Source: NAME`: a label at the start of a line or sentence, or glued to the word before
/// it, with a short value.
///
/// Elsewhere in a sentence a source is a person who speaks: `the source said:`.
fn label(page: &str, matches: &[PhraseMatch], number: usize, ended: usize) -> Option<Range<usize>> {
    let span = &matches[number].span;
    let after = &page[span.end..];
    let value = after.trim_start_matches([' ', '\u{A0}']).strip_prefix([':', '：'])?;
    let value_start = page.len() - value.len();
    let on_line_start =
        page[..span.start].trim_end_matches([' ', '\u{A0}']).chars().next_back().is_none_or(|c| c == '\n');
    let line = text::start(value, LINE_BYTES_MAX);
    let next = matches[number + 1..].iter().take_while(|next| next.span.start < value_start + line.len());
    // The value ends with its line, or where the next phrase begins.
    let mut end = line.find(['\n', '(']).unwrap_or(line.len());
    let mut named = 0;
    for found in next {
        let at = found.span.start - value_start;
        match found.kind {
            MatchKind::Phrase(_) => {
                end = end.min(at);
                break;
            }
            MatchKind::Name(_) if at < end => named = found.span.end - value_start,
            MatchKind::Name(_) => break,
        }
    }
    let follows_boilerplate = ended > 0 && page.get(ended..span.start).is_some_and(|gap| gap.trim().is_empty());
    if follows_boilerplate && named == 0 && end == line.len() {
        // The label is boilerplate too, wherever its value may end.
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

/// Checks whether a word ends directly before a position: a line break was lost there.
fn is_glued(page: &str, at: usize) -> bool {
    let mut before = page[..at].chars().rev().take_while(|c| c.is_alphanumeric());
    // Up to two letters are a particle that is written together with a word of the sentence.
    before.by_ref().take(3).count() == 3
}

/// The range of a disclaimer: its line, or its sentence if the line contains more.
fn disclaimer(page: &str, matches: &[PhraseMatch], number: usize, from: usize) -> Range<usize> {
    let found = &matches[number];
    let line = text::line(page, found.span.start, DISCLAIMER_BYTES_MAX);
    if line.start >= from && line.len() <= DISCLAIMER_BYTES_MAX && page[..line.start].ends_with('\n') {
        return line;
    }
    let window = found.span.start.saturating_sub(DISCLAIMER_BYTES_MAX / 2).max(from).max(line.start);
    let window = page.ceil_char_boundary(window);
    let start = page[window..found.span.start]
        .rfind(text::ends_sentence)
        .map_or(found.span.start, |at| page.ceil_char_boundary(window + at + 1));
    let rest = text::start(&page[found.span.end..line.end], DISCLAIMER_BYTES_MAX / 2);
    let sentence = rest.find(text::ends_sentence).map_or(rest.len(), |at| (at + 1).min(rest.len()));
    let end = page.ceil_char_boundary(found.span.end + sentence);
    let inside = matches[number + 1..].iter().take_while(|next| next.span.start < end);
    let next = inside
        .into_iter()
        .find(|next| matches!(next.kind, MatchKind::Phrase(PhraseKind::ReadAlso | PhraseKind::SourceLabel)));
    start..next.map_or(end, |next| next.span.start.min(end)).max(found.span.end)
}

/// The range of a copyright line, `© 2026 NAME`: a line of its own, or a sentence at the end of a line.
fn copyright(page: &str, found: &PhraseMatch) -> Option<Range<usize>> {
    let line = text::line(page, found.span.start, LINE_BYTES_MAX);
    let begins = page[line.start..found.span.start].trim().is_empty();
    let rest = page[found.span.end..line.end].trim_start_matches(|c: char| !c.is_alphanumeric());
    let dated = rest.starts_with(|c: char| c.is_ascii_digit());
    if begins && line.len() <= LINE_BYTES_MAX {
        return Some(line);
    }
    (dated && line.end - found.span.start <= LINE_BYTES_MAX && text::begins_sentence(page, found.span.start))
        .then_some(found.span.start..line.end)
}

/// The range of a credit line: names with only separators between them, and the outlet's name before them, as in
/// `NAME – follow-up – agencies`.
fn credits(page: &str, matches: &[PhraseMatch], number: usize, from: usize, kind: CreditKind) -> Option<Range<usize>> {
    let first = &matches[number].span;
    let before = page[from..first.start].trim_end_matches([' ', '\u{A0}']);
    let separated = before.ends_with(SEPARATORS) && !before.ends_with([',', '،']);
    let mut end = first.end;
    let mut count = 1;
    for next in &matches[number + 1..] {
        let between = page.get(end..next.span.start)?;
        let only_separators =
            !between.is_empty() && between.chars().all(|c| c == ' ' || c == '\u{A0}' || SEPARATORS.contains(&c));
        if !matches!(next.kind, MatchKind::Name(_)) || !only_separators {
            break;
        }
        end = next.span.end;
        count += 1;
    }
    // "Agencies" after a separator at the end of a line is enough, even if the line break was lost.
    let is_generic = kind == CreditKind::Agencies;
    let separated = separated || (is_generic && before.ends_with([',', '،']));
    let ends_line = page[end..].chars().next().is_none_or(|c| c == '\n' || c.is_alphabetic());
    if !separated || (count < 2 && !(is_generic && ends_line)) {
        return None;
    }
    // The outlet's own name before them: up to three words, back to the end of a sentence or line.
    let head = before.trim_end_matches(|c: char| c == ' ' || SEPARATORS.contains(&c));
    let own = &head[head.ceil_char_boundary(head.len().saturating_sub(LINE_BYTES_MAX))..];
    let own = own.rsplit(|c| c == '\n' || text::ends_sentence(c)).next().unwrap_or_default();
    let own = if text::has_words(own, OTHER_WORDS_MAX + 1) { own.rsplit(' ').next().unwrap_or_default() } else { own };
    Some(from + head.len() - own.len()..end)
}

/// Marks the credit lines and brackets at the end of the body, upward from its end.
pub(super) fn last_lines(
    text: &FoldedText<'_>,
    lexicon: &Lexicon,
    start: usize,
    end: usize,
    marks: &[PageSegment],
) -> Vec<PageSegment> {
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
        found.push(PageSegment { kind: PageSegmentKind::Credit, span });
    }
    found
}

/// Checks whether a bracket contains credits: it begins like one, or is a credit line.
fn is_sign_off(text: &FoldedText<'_>, lexicon: &Lexicon, span: &Range<usize>) -> bool {
    let inside = text.text()[span.clone()].trim_matches(['(', ')', ' ']);
    PHRASES.is_sign_off(inside) || is_credit_line(text, lexicon, span)
}

/// Checks whether a line is short and consists of known names, with few other words.
pub(super) fn is_credit_line(text: &FoldedText<'_>, lexicon: &Lexicon, line: &Range<usize>) -> bool {
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
