//! Article to signature: take the page apart, normalise, shingle, sketch.
//!
//! The module is pure and cannot fail on any input.

mod attribution;
mod build;
mod folded;
mod hash;
mod lexicon;
mod normalise;
mod phrases;
mod publisher;
mod segment;
mod shingle;
mod spans;
mod text;

pub use build::{SignatureRules, build, text_hash};
pub use folded::fold_letters;
pub use lexicon::{Agency, Lexicon};
pub use normalise::tokens;
pub use publisher::Publishers;
pub use segment::{ExplainedSegment, PageSegment, PageSegmentKind, SegmentReason, explained_segments, segments};
pub use shingle::{SKETCH_SIZE, shingle_hashes, shingle_set, sketch};
pub use spans::tokens_with_spans;
