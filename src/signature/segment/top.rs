//! The segments above the first sentence: the repeated headline, place, date and outlet, the author.

use std::ops::Range;

use super::boilerplate::is_credit_line;
use super::kind::{PageSegment, PageSegmentKind};
use crate::signature::folded::FoldedText;
use crate::signature::lexicon::Lexicon;
use crate::signature::text;

/// Fewest words of a repeated headline: a shorter one could be the beginning of the first sentence.
const TITLE_WORDS_MIN: usize = 3;

/// Longest dateline.
const DATELINE_BYTES_MAX: usize = 160;
const DATELINE_WORDS_MAX: usize = 10;

/// Most words of a line of place and outlet.
const PLACE_WORDS_MAX: usize = 6;

/// Most words in a bracket of a dateline.
const BRACKET_WORDS_MAX: usize = 4;

/// The beginnings of a line with the author's name.
const BYLINES: [&str; 7] = ["by ", "von ", "par ", "por ", "بقلم ", "كتب ", "كتبت "];

/// Marks the segments above the first sentence, in order.
pub(super) fn marks(text: &FoldedText<'_>, title: &str, lexicon: &Lexicon) -> Vec<PageSegment> {
    let page = text.text();
    let mut marks = Vec::new();
    let mut at = 0;
    if let Some(end) = title_end(page, title) {
        marks.push(PageSegment { kind: PageSegmentKind::Title, span: 0..end });
        at = end;
    }
    at = skip_space(page, at);
    if let Some(end) = line_end(text, at, lexicon, is_byline) {
        marks.push(PageSegment { kind: PageSegmentKind::Credit, span: at..end });
        at = skip_space(page, end);
    }
    let end = line_end(text, at, lexicon, is_place_line).or_else(|| dateline_end(text, at, lexicon));
    if let Some(end) = end {
        marks.push(PageSegment { kind: PageSegmentKind::Dateline, span: at..end });
    }
    marks
}

fn skip_space(page: &str, at: usize) -> usize {
    page.len() - page[at..].trim_start().len()
}

/// The end of the headline if the text begins with it, letter for letter, and goes on after it.
fn title_end(page: &str, title: &str) -> Option<usize> {
    if !text::has_words(title, TITLE_WORDS_MIN) {
        return None;
    }
    let mut letters = page.char_indices().filter(|(_, c)| c.is_alphanumeric());
    let mut end = 0;
    for wanted in title.chars().filter(|c| c.is_alphanumeric()) {
        let (at, found) = letters.next()?;
        if found != wanted {
            return None;
        }
        end = at + found.len_utf8();
    }
    // A first sentence that begins like the headline goes on in its line.
    let line = &page[end..text::line_end(page, end)];
    let is_line = !text::has_words(line, 1);
    let is_glued = line.starts_with(char::is_alphanumeric) && !page[end..].starts_with(' ');
    (text::has_words(&page[end..], 1) && (is_line || is_glued)).then(|| end + if is_line { line.len() } else { 0 })
}

/// The end of the line at a position if it is short, passes the check `is`, and is not the last one.
fn line_end(
    text: &FoldedText<'_>,
    at: usize,
    lexicon: &Lexicon,
    is: fn(&FoldedText<'_>, &Lexicon, &Range<usize>) -> bool,
) -> Option<usize> {
    let page = text.text();
    let end = text::line_end(page, at);
    (end < page.len() && end - at <= DATELINE_BYTES_MAX && is(text, lexicon, &(at..end - 1))).then_some(end)
}

/// The word with which a line of the author's name begins.
pub(super) fn byline(line: &str) -> Option<&'static str> {
    BYLINES.into_iter().find(|byline| line.starts_with(byline))
}

fn is_byline(text: &FoldedText<'_>, _: &Lexicon, line: &Range<usize>) -> bool {
    let line = &text.text()[line.clone()];
    byline(line).is_some()
        && !text::has_words(line, DATELINE_WORDS_MAX + 1)
        && !line.trim_end().ends_with(text::ends_sentence)
}

/// Checks for a line `PLACE / OUTLET`, or a line of names.
fn is_place_line(text: &FoldedText<'_>, lexicon: &Lexicon, line: &Range<usize>) -> bool {
    let words = &text.text()[line.clone()];
    let divided = words.contains(['/', '|']) && !words.trim_end().ends_with(text::ends_sentence);
    (divided && !text::has_words(words, PLACE_WORDS_MAX + 1)) || is_credit_line(text, lexicon, line)
}

/// The end of a dateline before a sentence: `PLACE, DATE (AGENCY) -`, `PLACE (AGENCY)`, `AGENCY -`, `PLACE / OUTLET:`.
pub(super) fn dateline_end(text: &FoldedText<'_>, at: usize, lexicon: &Lexicon) -> Option<usize> {
    let page = text.text();
    let head = text::start(&page[at..text::line_end(page, at)], DATELINE_BYTES_MAX);
    let names_in = |range: Range<usize>| !lexicon.names_in(text, &range).is_empty();
    if let Some(open) = head.find('(')
        && let Some(length) = head[open..].find(')')
    {
        let (close, inside) = (open + length, &head[open + 1..open + length]);
        let behind = head[close + 1..].trim_start_matches([' ', '\u{A0}']);
        let dash = behind.starts_with(['-', '–', '—', ':', '.']) && !behind.starts_with("...");
        let before = &head[..open];
        let is_short = !text::has_words(before, DATELINE_WORDS_MAX + 1) && !before.contains(['!', '?', '؟', ':']);
        if is_short
            && !text::has_words(inside, BRACKET_WORDS_MAX + 1)
            && (dash || names_in(at + open..at + close + 1))
            && text::has_words(inside, 1)
        {
            let punctuation = behind.len() - behind.trim_start_matches(['-', '–', '—', ':', '.', ' ', '\u{A0}']).len();
            return Some(at + head.len() - behind.len() + punctuation);
        }
    }
    let dash =
        head.find([':', '–', '—']).into_iter().chain(head.find(" -").map(|at| at + 1)).chain(head.find("- ")).min()?;
    let before = &head[..dash];
    let named = names_in(at..at + dash) || (before.contains('/') && !head[dash..].starts_with(':'));
    if !named || text::has_words(before, PLACE_WORDS_MAX + 1) || before.contains(['!', '?', '؟', '"', '.']) {
        return None;
    }
    let rest = head[dash..].trim_start_matches([':', '-', '–', '—', ' ', '\u{A0}']);
    Some(at + head.len() - rest.len())
}
