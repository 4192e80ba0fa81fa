//! Finds the beginning of a page's tail.
//!
//! A marker like "Read also" may precede the tail of a page, or stand between two paragraphs; and in a text of one line
//! nothing shows where its headlines end. Three tests identify a tail, in this order:
//!
//! 1. A credit, source label or disclaimer precedes it: the article was over already. Two kinds of boilerplate together
//!    end the body even if no marker follows; one kind does if the text after it begins with a dateline or has another
//!    topic.
//! 2. Hardly any text follows.
//! 3. The text that follows has another topic. An article repeats its words: of the longer words in its second half,
//!    usually a fifth occur in the first half too; between two articles of one source a twentieth do.
//!
//! Otherwise the marker and its headlines, as far as lines show them, are marked as read-also, and the body goes on.

use std::collections::BTreeSet;
use std::ops::Range;

use super::kind::{BODY_WORDS_MIN, PageSegment, PageSegmentKind};
use super::top;
use crate::signature::folded::FoldedText;
use crate::signature::lexicon::{Lexicon, MatchKind, PhraseMatch};
use crate::signature::phrases::PhraseKind;
use crate::signature::text;

/// Fewer words than this after a marker are a headline or two.
const HEADLINES_WORDS_MAX: usize = 25;

/// Fewest words after a single kind of boilerplate that can be another article.
const UNMARKED_WORDS_MIN: usize = 40;

/// How many words before and after a position are compared to see whether both parts have the same topic.
const BEFORE_WORDS: usize = 400;
const AFTER_WORDS: usize = 200;

/// Fewest letters of a word that is compared. Shorter words occur in every text.
const WORD_LETTERS_MIN: usize = 5;

/// Smallest share of their longer words, in percent, that two parts of one article have in common.
const COMMON_PERCENT_MIN: usize = 7;

/// The same after boilerplate, where the article is likely over.
const COMMON_PERCENT_MIN_AFTER_BOILERPLATE: usize = 12;

/// Most candidates that are checked: a page with more is a list of links.
const TAIL_STARTS_MAX: usize = 8;

/// Longest headline: a longer line is a paragraph.
const HEADLINE_BYTES_MAX: usize = 240;

/// Most headlines below a marker that is alone on its line.
const HEADLINES_MAX: usize = 5;

/// Largest gap between two pieces of boilerplate, or before a marker: a line that no phrase announces.
const GAP_BYTES_MAX: usize = 200;

/// Adds read-also lines and the tail to the marks found so far, and returns where the body ends at the latest.
pub(super) fn add_marks(
    text: &FoldedText<'_>,
    matches: &[PhraseMatch],
    start: usize,
    marks: &mut Vec<PageSegment>,
    lexicon: &Lexicon,
) -> usize {
    let page = text.text();
    let mut added = Vec::new();
    let mut at = start;
    let mut checked = 0;
    let runs = boilerplate_runs(marks, start);
    let mut candidates: Vec<TailStart> = matches.iter().filter_map(|phrase| marker(page, phrase)).collect();
    let starts: Vec<usize> = candidates.iter().map(|marker| marker.span.start).collect();
    let is_marked = |end: usize| {
        starts.get(starts.partition_point(|&start| start < end)).is_some_and(|start| start - end <= GAP_BYTES_MAX)
    };
    let unmarked = runs.iter().filter(|run| !is_marked(run.span.end));
    candidates.extend(unmarked.map(|run| TailStart {
        span: run.span.end..run.span.end,
        alone: false,
        certain: run.mixed,
    }));
    candidates.sort_by_key(|candidate| (candidate.span.start, candidate.span.end));
    for candidate in candidates {
        if candidate.span.start < at || !text::has_words(&page[start..candidate.span.start], BODY_WORDS_MIN) {
            continue;
        }
        let is_marked = !candidate.span.is_empty();
        let ended = runs.partition_point(|run| run.span.end <= candidate.span.start).checked_sub(1);
        let run = ended.map(|last| &runs[last]).filter(|run| candidate.span.start - run.span.end <= GAP_BYTES_MAX);
        let is_over = run.is_some();
        if is_marked && !candidate.certain && !is_over {
            continue;
        }
        checked += 1;
        let headlines_end = if is_marked { headlines_end(page, &candidate) } else { candidate.span.end };
        let rest = &page[headlines_end..];
        let before = &page[start..candidate.span.start];
        let is_tail = if is_marked {
            is_over || !text::has_words(rest, HEADLINES_WORDS_MAX) || !is_cohesive(before, rest, COMMON_PERCENT_MIN)
        } else {
            let is_other_article = || {
                begins_article(text, candidate.span.end, lexicon)
                    || !is_cohesive(before, rest, COMMON_PERCENT_MIN_AFTER_BOILERPLATE)
            };
            candidate.certain || (text::has_words(rest, UNMARKED_WORDS_MIN) && is_other_article())
        };
        if is_tail {
            if is_marked {
                added.push(PageSegment { kind: PageSegmentKind::ReadAlso, span: candidate.span.clone() });
            }
            added.push(PageSegment { kind: PageSegmentKind::Tail, span: candidate.span.end..page.len() });
            // Boilerplate that was marked after this position is part of the tail.
            marks.retain(|mark| mark.span.start < candidate.span.end);
            if let Some(run) = run {
                added.extend(gaps(page, marks, run.span.start..candidate.span.start));
            }
            marks.extend(added);
            return candidate.span.start;
        }
        if is_marked {
            added.push(PageSegment { kind: PageSegmentKind::ReadAlso, span: candidate.span.start..headlines_end });
            at = headlines_end;
        }
        if checked == TAIL_STARTS_MAX {
            break;
        }
    }
    marks.extend(added);
    page.len()
}

/// Pieces of boilerplate that are close together.
struct BoilerplateRun {
    span: Range<usize>,
    /// The kind of the first piece.
    kind: PageSegmentKind,
    /// Whether there are pieces of another kind. Several invitations alone may stand in the middle of an article.
    mixed: bool,
}

fn boilerplate_runs(marks: &[PageSegment], start: usize) -> Vec<BoilerplateRun> {
    let mut runs: Vec<BoilerplateRun> = Vec::new();
    for mark in marks.iter().filter(|mark| mark.span.start >= start) {
        match runs.last_mut() {
            Some(run) if mark.span.start.saturating_sub(run.span.end) <= GAP_BYTES_MAX => {
                run.span.end = mark.span.end;
                run.mixed |= mark.kind != run.kind;
            }
            _ => runs.push(BoilerplateRun { span: mark.span.clone(), kind: mark.kind, mixed: false }),
        }
    }
    runs
}

/// Marks the gaps between the pieces of boilerplate in a range as boilerplate too.
fn gaps(page: &str, marks: &[PageSegment], range: Range<usize>) -> Vec<PageSegment> {
    let pieces = marks.iter().filter(|mark| range.contains(&mark.span.start));
    let mut at = range.start;
    let mut gaps = Vec::new();
    for next in pieces.map(|piece| piece.span.clone()).chain(std::iter::once(range.end..range.end)) {
        if next.start > at && text::has_words(&page[at..next.start], 1) {
            gaps.push(PageSegment { kind: PageSegmentKind::Disclaimer, span: at..next.start });
        }
        at = at.max(next.end);
    }
    gaps
}

/// Checks whether an article begins at a position: its first or second line begins with a dateline.
fn begins_article(text: &FoldedText<'_>, at: usize, lexicon: &Lexicon) -> bool {
    let page = text.text();
    let first = page.len() - page[at..].trim_start().len();
    let dateline = |at: usize| top::dateline_end(text, at, lexicon).is_some_and(|end| page[at..end].contains(')'));
    dateline(first) || dateline(text::line_end(page, first))
}

/// A position where the tail may begin.
struct TailStart {
    /// The range of the marker; empty if there is none.
    span: Range<usize>,
    /// Whether the marker is alone on its line.
    alone: bool,
    /// Whether it cannot be part of a sentence.
    certain: bool,
}

/// The marker at a phrase, unless the text around it shows that it is part of a sentence.
fn marker(page: &str, phrase: &PhraseMatch) -> Option<TailStart> {
    let weak = match phrase.kind {
        MatchKind::Phrase(PhraseKind::ReadAlso) => false,
        MatchKind::Phrase(PhraseKind::Related) => true,
        _ => return None,
    };
    let before = page[..phrase.span.start].trim_end_matches([' ', '\u{A0}']);
    let after = page[phrase.span.end..].trim_start_matches([' ', '\u{A0}']);
    let on_line_start = before.is_empty() || before.ends_with('\n');
    let begins = on_line_start || text::begins_sentence(page, phrase.span.start);
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let glued_before = letter(page[..phrase.span.start].chars().next_back());
    let glued_after = letter(page[phrase.span.end..].chars().next());
    let is_colon = after.starts_with([':', '：', '|', '…', '»', '>']) || after.starts_with("..");
    let ends_line = after.is_empty() || after.starts_with(['\n', '\r', ']', ')']);
    if weak && (!begins || !(is_colon || ends_line)) {
        return None;
    }
    let certain = weak
        || (begins && (is_colon || ends_line || on_line_start))
        || (is_colon && glued_before)
        || (begins && glued_after);
    if !certain && !begins && !glued_before {
        return None;
    }
    let end = page.len() - after.len();
    let punctuation =
        after.len() - after.trim_start_matches([':', '：', '|', '…', '.', '»', '>', ' ', '\u{A0}', '\r']).len();
    let start = page[..phrase.span.start].trim_end_matches(['[', '(']).len();
    Some(TailStart {
        span: start..end + punctuation,
        alone: on_line_start && page[end + punctuation..].starts_with('\n'),
        certain,
    })
}

/// The end of the headlines that belong to a marker, as far as lines show it.
fn headlines_end(page: &str, marker: &TailStart) -> usize {
    if !marker.alone {
        let end = text::line_end(page, marker.span.end);
        let is_line = end - marker.span.end <= HEADLINE_BYTES_MAX;
        return if is_line { end } else { marker.span.end };
    }
    let mut end = (marker.span.end + 1).min(page.len());
    for _ in 0..HEADLINES_MAX {
        let next = text::line_end(page, end);
        let line = page[end..next].trim();
        if line.len() > HEADLINE_BYTES_MAX / 2 || line.ends_with(text::ends_sentence) || next == page.len() {
            break;
        }
        end = next;
    }
    end
}

/// Checks whether two parts of a page have the same topic.
fn is_cohesive(before: &str, after: &str, percent_min: usize) -> bool {
    let from = before.len().saturating_sub(BEFORE_WORDS * 12);
    let before = content_words(&before[before.ceil_char_boundary(from)..], BEFORE_WORDS);
    let after = content_words(after, AFTER_WORDS);
    let common = before.intersection(&after).count();
    100 * common >= percent_min * before.len().min(after.len()).max(1)
}

/// The longer words among the first `count` of a text; in a script without spaces each pair of letters.
fn content_words(text: &str, count: usize) -> BTreeSet<&str> {
    let mut content = BTreeSet::new();
    for word in text::words(text).take(count) {
        if text::is_dense(word) {
            let starts = word.char_indices().map(|(at, _)| at);
            let ends = word.char_indices().skip(2).map(|(at, _)| at).chain([word.len()]);
            content.extend(starts.zip(ends).take(count).map(|(start, end)| &word[start..end]));
        } else if word.chars().nth(WORD_LETTERS_MIN - 1).is_some() {
            content.insert(word);
        }
    }
    content
}
