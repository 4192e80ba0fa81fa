//! A replay before it runs: what was asked for, what that is on this cluster, and whether it may be done.
//!
//! The run itself is that of the service: the same two loops, over ranges with an end.

mod begin;
mod bound;
mod gather;
mod ranges;

pub use begin::{Begin, Request, begin, refuse_names_in_use, sequence};
pub use bound::{Bound, BoundError};
pub use gather::gather;
