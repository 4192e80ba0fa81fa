//! A page as it is, taken apart: the article, what the site puts around it, and what it puts behind it.
//!
//! Scraped pages carry more than their article: a line of credits, the site's disclaimer, "read also" and another
//! article in full, sometimes with all line breaks lost. Only the body makes the signature; the article in the tail is
//! another one. All of it works on folded text, and without knowing the site: what a site prints under every page and
//! no phrase gives away is left to the history of the source.

mod furniture;
mod tail;
#[cfg(test)]
mod tests;
mod text;
mod top;

use std::ops::Range;

use super::folded::{Folded, folded};
use super::lexicon::{Hit, Lexicon};
use crate::article::Article;

/// A part of an article's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
}

/// What a part of a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentKind {
    /// The headline, repeated above the text.
    Title,
    /// Place, date and outlet before the first sentence.
    Dateline,
    /// The article.
    Body,
    /// Who wrote or sent it.
    Credit,
    /// Rights and opinions, and invitations to follow the site elsewhere.
    Disclaimer,
    /// A source named as such.
    SourceLabel,
    /// "Read also", with the headlines that stand beside it.
    ReadAlso,
    /// What follows that: other articles.
    Tail,
}

/// The parts of an article's text, in order and without a gap.
#[must_use]
pub fn segments(article: &Article, lexicon: &Lexicon) -> Vec<Segment> {
    let page = Page::new(article, lexicon);
    if page.text.text().is_empty() && !article.body.is_empty() {
        // Marks that folding drops, and nothing else.
        return vec![Segment { kind: SegmentKind::Body, span: 0..article.body.len() }];
    }
    let origin = |segment: &Segment| Segment { kind: segment.kind, span: page.text.origin_of(&segment.span) };
    page.segments.iter().map(origin).filter(|segment| !segment.span.is_empty()).collect()
}

/// A page taken apart. Its segments are ranges of the folded text.
#[derive(Debug)]
pub(super) struct Page<'t> {
    pub(super) text: Folded<'t>,
    /// Phrases and names found on it.
    pub(super) hits: Vec<Hit>,
    pub(super) segments: Vec<Segment>,
}

/// With fewer words than this before it, nothing ends a body: it would leave none.
const BODY_WORDS_MIN: usize = 8;

impl<'t> Page<'t> {
    pub(super) fn new(article: &'t Article, lexicon: &Lexicon) -> Self {
        let text = Folded::new(&article.body);
        let hits = lexicon.on_page(&text);
        let page = text.text();
        let mut marks = top::marks(&text, &folded(&article.title), lexicon);
        let start = marks.last().map_or(0, |mark: &Segment| mark.span.end);
        marks.extend(furniture::marks(page, &hits, start, lexicon));
        let end = tail::marks(&text, &hits, start, &mut marks, lexicon);
        marks.extend(furniture::last_lines(&text, lexicon, start, end, &marks));
        let mut segments = covering(page, marks);
        let body: usize = segments.iter().filter(|s| s.kind == SegmentKind::Body).map(|s| s.span.len()).sum();
        if body == 0
            || !segments.iter().any(|s| s.kind == SegmentKind::Body && text::has_words(&page[s.span.clone()], 1))
        {
            segments = covering(page, Vec::new());
        }
        Self { text, hits, segments }
    }

    /// The parts of this kind, folded.
    pub(super) fn parts(&self, kind: SegmentKind) -> impl Iterator<Item = &str> {
        self.segments
            .iter()
            .filter(move |segment| segment.kind == kind)
            .map(|segment| &self.text.text()[segment.span.clone()])
    }
}

/// Segments that cover the text: these, and body between them. Of two that overlap the first stands.
fn covering(text: &str, mut marks: Vec<Segment>) -> Vec<Segment> {
    marks.sort_by_key(|mark| mark.span.start);
    let mut segments: Vec<Segment> = Vec::with_capacity(2 * marks.len() + 1);
    let mut at = 0;
    for Segment { kind, span } in marks {
        let start = span.start.max(at);
        if span.end <= start {
            continue;
        }
        fill(text, &mut segments, at..start);
        match segments.last_mut() {
            Some(last) if last.kind == kind => last.span.end = span.end,
            _ => segments.push(Segment { kind, span: start..span.end }),
        }
        at = span.end;
    }
    fill(text, &mut segments, at..text.len());
    segments
}

/// Body, unless there is no word in it: then what stands before it, or else what comes, has it.
fn fill(text: &str, segments: &mut Vec<Segment>, span: Range<usize>) {
    if span.is_empty() {
        return;
    }
    match segments.last_mut() {
        Some(last) if !text::has_words(&text[span.clone()], 1) => last.span.end = span.end,
        _ => segments.push(Segment { kind: SegmentKind::Body, span }),
    }
}
