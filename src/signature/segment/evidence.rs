//! The segments of a page, each with what made it one: for people who ask why a text was cut.

use std::fmt;
use std::ops::Range;

use super::kind::{PageSegment, PageSegmentKind};
use super::page::{Page, shown_segments};
use super::top;
use crate::article::Article;
use crate::signature::lexicon::{Lexicon, MatchKind};
use crate::signature::phrases::{PHRASES, PhraseKind};

/// What made a part of a page a segment of its own; texts are in the words of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentReason<'t> {
    /// It repeats the headline.
    Headline,
    /// A phrase that announces it.
    Phrase(&'t str),
    /// The name of an agency.
    Name(&'t str),
    /// Its form, such as a place and a date before a dash.
    Form,
    /// It lies between two pieces of boilerplate.
    Between,
    /// It follows a line with this phrase or name.
    Follows(&'t str),
}

impl fmt::Display for SegmentReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Headline => f.write_str("it repeats the headline"),
            Self::Phrase(words) => write!(f, "the phrase “{words}”"),
            Self::Name(words) => write!(f, "the name “{words}”"),
            Self::Form => f.write_str("its form"),
            Self::Between => f.write_str("it is between two such lines"),
            Self::Follows(words) => write!(f, "it follows “{words}”"),
        }
    }
}

/// A segment with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedSegment<'t> {
    /// The segment.
    pub segment: PageSegment,
    /// What made it a segment; none for the body.
    pub evidence: Option<SegmentReason<'t>>,
}

/// The [`segments`](super::segments) of an article's text with their evidence. It is searched for again in what the
/// segments are made from: making them does not take time for it.
pub fn explained_segments<'t>(article: &'t Article, lexicon: &Lexicon) -> Vec<ExplainedSegment<'t>> {
    let page = Page::new(article, lexicon);
    let mut before = None;
    shown_segments(&page, article)
        .into_iter()
        .map(|(segment, folded)| {
            let evidence = folded.and_then(|span| evidence(&page, segment.kind, &span, before, lexicon));
            before = evidence;
            ExplainedSegment { segment, evidence }
        })
        .collect()
}

/// The evidence of a segment. `before` is that of the segment before it.
fn evidence<'t>(
    page: &Page<'t>,
    kind: PageSegmentKind,
    span: &Range<usize>,
    before: Option<SegmentReason<'t>>,
    lexicon: &Lexicon,
) -> Option<SegmentReason<'t>> {
    let phrase = |kinds: &[PhraseKind]| {
        let from = page.matches.partition_point(|found| found.span.start < span.start);
        let inside = page.matches[from..].iter().take_while(|found| found.span.start < span.end);
        let mut wanted = inside.filter(|found| matches!(found.kind, MatchKind::Phrase(kind) if kinds.contains(&kind)));
        wanted.next().map(|found| SegmentReason::Phrase(page.text.original_of(&found.span).trim()))
    };
    let name = || {
        let names = lexicon.names_in(&page.text, span);
        names.first().map(|found| SegmentReason::Name(page.text.original_of(&found.span)))
    };
    let beginning = || {
        let line = &page.text.text()[span.clone()];
        let start = line.len() - line.trim_start_matches(['(', ' ', '\n']).len();
        let phrase = top::byline(&line[start..]).or_else(|| PHRASES.sign_off(&line[start..]))?;
        let from = span.start + start;
        Some(SegmentReason::Phrase(page.text.original_of(&(from..from + phrase.len())).trim()))
    };
    Some(match kind {
        PageSegmentKind::Body => return None,
        PageSegmentKind::Title => SegmentReason::Headline,
        PageSegmentKind::Dateline => name().unwrap_or(SegmentReason::Form),
        PageSegmentKind::Credit => beginning().or_else(name).unwrap_or(SegmentReason::Form),
        PageSegmentKind::Disclaimer => {
            phrase(&[PhraseKind::Disclaimer, PhraseKind::Copyright]).unwrap_or(SegmentReason::Between)
        }
        PageSegmentKind::SourceLabel => phrase(&[PhraseKind::SourceLabel]).unwrap_or(SegmentReason::Form),
        PageSegmentKind::ReadAlso => {
            phrase(&[PhraseKind::ReadAlso, PhraseKind::Related]).unwrap_or(SegmentReason::Form)
        }
        PageSegmentKind::Tail => match before {
            Some(SegmentReason::Phrase(words) | SegmentReason::Name(words)) => SegmentReason::Follows(words),
            _ => SegmentReason::Form,
        },
    })
}
