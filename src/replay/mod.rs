//! A replay before it runs: what was asked for, what that is on this cluster, and whether it may be done.
//!
//! The run itself is that of the service: the same two loops, over ranges with an end.

mod begin;
mod bound;
mod directory;
mod gather;
mod home;
mod ranges;
mod standing;
mod topics;

pub use begin::{Begin, Request, begin, differences, this_process};
pub use bound::{Bound, BoundError};
pub use directory::Directory;
pub use gather::gather;
pub use home::{Home, sequence};
pub use standing::{Served, ServedBroker, served};
pub use topics::{Topics, refuse_names_in_use};
