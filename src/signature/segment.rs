//! Takes a page apart: the article, what the site puts around it, and what it puts behind it.
//!
//! Scraped pages contain more than their article: a credit line, the site's disclaimer, "read also" and another article
//! in full, sometimes with all line breaks lost. Only the body makes the signature; the article in the tail is another
//! one. Everything here works on folded text, and without knowing the site: boilerplate that no phrase announces is left
//! to the boilerplate filter of the publisher.

mod boilerplate;
mod evidence;
mod kind;
mod page;
mod tail;
#[cfg(test)]
mod tests;
mod top;

pub use evidence::{ExplainedSegment, SegmentReason, explained_segments};
pub use kind::{PageSegment, PageSegmentKind};
pub(super) use page::Page;
pub use page::segments;
