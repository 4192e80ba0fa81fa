//! A replay takes the place of the service beside it: from the position at which that one stopped, without a gap or a double.
//!
//! In steps, each of which can be done again: the other namespace is retired and the position fixed ([`begin`]), the replay
//! reads up to there (its own loops, run by the command), its groups are given the position ([`hand_over`]), what it has
//! published goes to the public topics ([`publish`]).

mod begin;
mod pen;
mod publish;
mod succession;

pub use begin::{Request, begin, hand_over};
pub use publish::{Published, publish};
