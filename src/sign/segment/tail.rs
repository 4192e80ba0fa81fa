//! Where a page's tail begins.
//!
//! "Read also" stands before the tail of one page and between two paragraphs of another, and in one line of text nothing
//! shows where its headlines end. Three things tell a tail, in this order:
//!
//! 1. Credit, label or disclaimer stand right before it: the article was over already. Two kinds of them together end it
//!    even where no marker follows, one of them where what follows begins with a dateline or speaks of something else.
//! 2. Hardly anything follows.
//! 3. What follows speaks of something else. An article keeps its words: of the longer ones of a second half,
//!    usually a fifth stands in the first half, and between two articles of one source a twentieth.
//!
//! Otherwise the marker goes, with the headlines beside it as far as lines show them, and the body goes on.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{BODY_WORDS_MIN, Segment, SegmentKind, text, top};
use crate::sign::folded::Folded;
use crate::sign::lexicon::{Hit, Lexicon, What};
use crate::sign::phrases::Cue;

/// What is so short behind a marker is a headline or two.
const HEADLINES_WORDS_MAX: usize = 25;

/// What is so long behind a single credit, label or disclaimer can be another article.
const UNMARKED_WORDS_MIN: usize = 40;

/// How many words before and after a place are looked at to see whether they speak of the same.
const BEFORE_WORDS: usize = 400;
const AFTER_WORDS: usize = 200;

/// Words of fewer letters are every text's.
const WORD_LETTERS_MIN: usize = 5;

/// The share, in hundredths, of their longer words that two parts of one article have in common at the least.
const COMMON_PERCENT_MIN: usize = 7;

/// The same where furniture stands before: the article is likely over.
const COMMON_PERCENT_MIN_BEHIND_FURNITURE: usize = 12;

/// Places looked at: a page that has more of them is a list of links.
const PLACES_MAX: usize = 8;

/// A line of so many bytes is a paragraph.
const HEADLINE_BYTES_MAX: usize = 240;

/// Headlines below a marker that stands alone on its line.
const HEADLINES_MAX: usize = 5;

/// How much may stand between two pieces of furniture, or before the marker: a line that no phrase gives away.
const GAP_BYTES_MAX: usize = 200;

/// Marks read-also lines and the tail, and says where the body is over at the latest. `marks` holds what was found so far.
pub(super) fn marks(
    text: &Folded<'_>,
    hits: &[Hit],
    start: usize,
    marks: &mut Vec<Segment>,
    lexicon: &Lexicon,
) -> usize {
    let page = text.text();
    let mut found = Vec::new();
    let mut at = start;
    let mut places = 0;
    let chains = chains(marks, start);
    let mut candidates: Vec<Place> = hits.iter().filter_map(|hit| marker(page, hit)).collect();
    let starts: Vec<usize> = candidates.iter().map(|marker| marker.span.start).collect();
    let is_marked = |end: usize| {
        starts.get(starts.partition_point(|&start| start < end)).is_some_and(|start| start - end <= GAP_BYTES_MAX)
    };
    let unmarked = chains.iter().filter(|chain| !is_marked(chain.span.end));
    candidates.extend(unmarked.map(|chain| Place {
        span: chain.span.end..chain.span.end,
        alone: false,
        certain: chain.mixed,
    }));
    candidates.sort_by_key(|place| (place.span.start, place.span.end));
    for place in candidates {
        if place.span.start < at || !text::has_words(&page[start..place.span.start], BODY_WORDS_MIN) {
            continue;
        }
        let is_marked = !place.span.is_empty();
        let ended = chains.partition_point(|chain| chain.span.end <= place.span.start).checked_sub(1);
        let chain = ended.map(|last| &chains[last]).filter(|chain| place.span.start - chain.span.end <= GAP_BYTES_MAX);
        let is_over = chain.is_some();
        if is_marked && !place.certain && !is_over {
            continue;
        }
        places += 1;
        let headlines = if is_marked { headlines(page, &place) } else { place.span.end };
        let rest = &page[headlines..];
        let before = &page[start..place.span.start];
        let is_tail = if is_marked {
            is_over || !text::has_words(rest, HEADLINES_WORDS_MAX) || !is_cohesive(before, rest, COMMON_PERCENT_MIN)
        } else {
            let elsewhere = || {
                begins_article(text, place.span.end, lexicon)
                    || !is_cohesive(before, rest, COMMON_PERCENT_MIN_BEHIND_FURNITURE)
            };
            place.certain || (text::has_words(rest, UNMARKED_WORDS_MIN) && elsewhere())
        };
        if is_tail {
            if is_marked {
                found.push(Segment { kind: SegmentKind::ReadAlso, span: place.span.clone() });
            }
            found.push(Segment { kind: SegmentKind::Tail, span: place.span.end..page.len() });
            // What was taken for furniture behind this place is part of the tail.
            marks.retain(|mark| mark.span.start < place.span.end);
            if let Some(chain) = chain {
                found.extend(gaps(page, marks, chain.span.start..place.span.start));
            }
            marks.extend(found);
            return place.span.start;
        }
        if is_marked {
            found.push(Segment { kind: SegmentKind::ReadAlso, span: place.span.start..headlines });
            at = headlines;
        }
        if places == PLACES_MAX {
            break;
        }
    }
    marks.extend(found);
    page.len()
}

/// Pieces of furniture that stand close together.
struct Chain {
    span: Range<usize>,
    /// Of the first one.
    kind: SegmentKind,
    /// There are others: an invitation beside another may stand in the middle of an article.
    mixed: bool,
}

fn chains(marks: &[Segment], start: usize) -> Vec<Chain> {
    let mut chains: Vec<Chain> = Vec::new();
    for mark in marks.iter().filter(|mark| mark.span.start >= start) {
        match chains.last_mut() {
            Some(chain) if mark.span.start.saturating_sub(chain.span.end) <= GAP_BYTES_MAX => {
                chain.span.end = mark.span.end;
                chain.mixed |= mark.kind != chain.kind;
            }
            _ => chains.push(Chain { span: mark.span.clone(), kind: mark.kind, mixed: false }),
        }
    }
    chains
}

/// What stands between the pieces of furniture in a range: furniture too.
fn gaps(page: &str, marks: &[Segment], range: Range<usize>) -> Vec<Segment> {
    let pieces = marks.iter().filter(|mark| range.contains(&mark.span.start));
    let mut at = range.start;
    let mut gaps = Vec::new();
    for next in pieces.map(|piece| piece.span.clone()).chain(std::iter::once(range.end..range.end)) {
        if next.start > at && text::has_words(&page[at..next.start], 1) {
            gaps.push(Segment { kind: SegmentKind::Disclaimer, span: at..next.start });
        }
        at = at.max(next.end);
    }
    gaps
}

/// Whether a dateline stands in the first or second line from a place: an article begins there.
fn begins_article(text: &Folded<'_>, at: usize, lexicon: &Lexicon) -> bool {
    let page = text.text();
    let first = page.len() - page[at..].trim_start().len();
    let dateline = |at: usize| top::dateline_end(text, at, lexicon).is_some_and(|end| page[at..end].contains(')'));
    dateline(first) || dateline(text::line_end(page, first))
}

/// A place where the tail may begin.
struct Place {
    /// The marker; empty where there is none.
    span: Range<usize>,
    /// Nothing else stands on its line.
    alone: bool,
    /// It cannot be a part of a sentence.
    certain: bool,
}

/// The marker, if its surroundings allow that it is one.
fn marker(page: &str, hit: &Hit) -> Option<Place> {
    let weak = match hit.what {
        What::Cue(Cue::ReadAlso) => false,
        What::Cue(Cue::Related) => true,
        _ => return None,
    };
    let before = page[..hit.span.start].trim_end_matches([' ', '\u{A0}']);
    let after = page[hit.span.end..].trim_start_matches([' ', '\u{A0}']);
    let on_line_start = before.is_empty() || before.ends_with('\n');
    let begins = on_line_start || text::begins_sentence(page, hit.span.start);
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let glued_before = letter(page[..hit.span.start].chars().next_back());
    let glued_after = letter(page[hit.span.end..].chars().next());
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
    let signs = after.len() - after.trim_start_matches([':', '：', '|', '…', '.', '»', '>', ' ', '\u{A0}', '\r']).len();
    let start = page[..hit.span.start].trim_end_matches(['[', '(']).len();
    Some(Place { span: start..end + signs, alone: on_line_start && page[end + signs..].starts_with('\n'), certain })
}

/// Where the headlines beside a marker end, as far as lines show it.
fn headlines(page: &str, place: &Place) -> usize {
    if !place.alone {
        let end = text::line_end(page, place.span.end);
        let is_line = end - place.span.end <= HEADLINE_BYTES_MAX;
        return if is_line { end } else { place.span.end };
    }
    let mut end = (place.span.end + 1).min(page.len());
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

/// Whether two parts of a page speak of the same.
fn is_cohesive(before: &str, after: &str, percent_min: usize) -> bool {
    let from = before.len().saturating_sub(BEFORE_WORDS * 12);
    let before = content(&before[before.ceil_char_boundary(from)..], BEFORE_WORDS);
    let after = content(after, AFTER_WORDS);
    let common = before.intersection(&after).count();
    100 * common >= percent_min * before.len().min(after.len()).max(1)
}

/// The longer ones of the first words of a text; of a script without spaces every pair of letters.
fn content(text: &str, count: usize) -> BTreeSet<&str> {
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
