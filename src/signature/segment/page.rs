//! A page with its segments.

use std::ops::Range;

use super::kind::{PageSegment, PageSegmentKind};
use super::{boilerplate, tail, top};
use crate::article::Article;
use crate::signature::folded::{FoldedText, fold_letters};
use crate::signature::lexicon::{Lexicon, PhraseMatch};
use crate::signature::text;

/// The segments of an article's text, in order and without a gap.
pub fn segments(article: &Article, lexicon: &Lexicon) -> Vec<PageSegment> {
    let page = Page::new(article, lexicon);
    shown_segments(&page, article).into_iter().map(|(segment, _)| segment).collect()
}

/// The segments as ranges of the original text, each with its range of the folded text where it has one.
pub(super) fn shown_segments(page: &Page<'_>, article: &Article) -> Vec<(PageSegment, Option<Range<usize>>)> {
    if page.text.text().is_empty() && !article.body.is_empty() {
        // The text consists of marks that letter folding drops.
        return vec![(PageSegment { kind: PageSegmentKind::Body, span: 0..article.body.len() }, None)];
    }
    let shown = |segment: &PageSegment| {
        let span = page.text.origin_of(&segment.span);
        (PageSegment { kind: segment.kind, span }, Some(segment.span.clone()))
    };
    page.segments.iter().map(shown).filter(|(segment, _)| !segment.span.is_empty()).collect()
}

/// A page with its segments, which are ranges of the folded text.
#[derive(Debug)]
pub(in crate::signature) struct Page<'t> {
    pub(in crate::signature) text: FoldedText<'t>,
    /// Phrases and names on the page, in order.
    pub(in crate::signature) matches: Vec<PhraseMatch>,
    pub(in crate::signature) segments: Vec<PageSegment>,
}

impl<'t> Page<'t> {
    pub(in crate::signature) fn new(article: &'t Article, lexicon: &Lexicon) -> Self {
        let text = FoldedText::new(&article.body);
        let matches = lexicon.matches_on_page(&text);
        let page = text.text();
        let mut marks = top::marks(&text, &fold_letters(&article.title), lexicon);
        let start = marks.last().map_or(0, |mark: &PageSegment| mark.span.end);
        marks.extend(boilerplate::marks(page, &matches, start, lexicon));
        let end = tail::add_marks(&text, &matches, start, &mut marks, lexicon);
        marks.extend(boilerplate::last_lines(&text, lexicon, start, end, &marks));
        let mut segments = cover(page, marks);
        let is_body = |segment: &PageSegment| {
            segment.kind == PageSegmentKind::Body && text::has_words(&page[segment.span.clone()], 1)
        };
        if !segments.iter().any(is_body) {
            segments = cover(page, Vec::new());
        }
        Self { text, matches, segments }
    }

    /// The folded texts of the segments of a kind.
    pub(in crate::signature) fn parts(&self, kind: PageSegmentKind) -> impl Iterator<Item = &str> {
        self.segments
            .iter()
            .filter(move |segment| segment.kind == kind)
            .map(|segment| &self.text.text()[segment.span.clone()])
    }
}

/// Makes segments that cover the text: the marks, and body between them. If two marks overlap the first one keeps its
/// range.
fn cover(text: &str, mut marks: Vec<PageSegment>) -> Vec<PageSegment> {
    marks.sort_by_key(|mark| mark.span.start);
    let mut segments: Vec<PageSegment> = Vec::with_capacity(2 * marks.len() + 1);
    let mut at = 0;
    for PageSegment { kind, span } in marks {
        let start = span.start.max(at);
        if span.end <= start {
            continue;
        }
        fill(text, &mut segments, at..start);
        match segments.last_mut() {
            Some(last) if last.kind == kind => last.span.end = span.end,
            _ => segments.push(PageSegment { kind, span: start..span.end }),
        }
        at = span.end;
    }
    fill(text, &mut segments, at..text.len());
    segments
}

/// Adds a range as body. If it contains no word it is added to the segment before it, if there is one.
fn fill(text: &str, segments: &mut Vec<PageSegment>, span: Range<usize>) {
    if span.is_empty() {
        return;
    }
    match segments.last_mut() {
        Some(last) if !text::has_words(&text[span.clone()], 1) => last.span.end = span.end,
        _ => segments.push(PageSegment { kind: PageSegmentKind::Body, span }),
    }
}
