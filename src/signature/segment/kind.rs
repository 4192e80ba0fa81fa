//! The segments of a page.

use std::ops::Range;

/// A part of an article's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSegment {
    /// The kind of the segment.
    pub kind: PageSegmentKind,
    /// The range of the text, in bytes.
    pub span: Range<usize>,
}

/// The kinds of page segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageSegmentKind {
    /// The headline, repeated above the text.
    Title,
    /// Place, date and outlet before the first sentence.
    Dateline,
    /// The article.
    Body,
    /// Authors and agencies.
    Credit,
    /// Rights and opinions, and invitations to follow the site elsewhere.
    Disclaimer,
    /// A source behind a label: `Source: NAME`.
    SourceLabel,
    /// "Read also", with its headlines.
    ReadAlso,
    /// The text that follows the body: other articles.
    Tail,
}

/// Fewest words of a body. With fewer before it, nothing ends the body: hardly any text would be left.
pub(super) const BODY_WORDS_MIN: usize = 8;
