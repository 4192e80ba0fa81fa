//! Dates as publishers write them: every form that means one date is read, and what is ambiguous or relative stays unread.
//!
//! A wrong date puts an article into another window than its copies. An unread one costs little: the article keeps its
//! place by the time at which it arrived. So the reader never guesses. The forms, and the reasons for those that are left
//! unread, are in docs/input.md.
//!
//! Counts and digits come first, then ISO 8601 and RFC 2822 by jiff: nearly every date is one of these. All others are
//! read from tokens (see `written`).

mod cleaned;
mod clock;
mod context;
mod count;
mod day;
mod iso;
mod local_zone;
mod object;
mod outcome;
mod parts;
mod rfc_2822;
mod tokens;
mod unread;
mod value;
mod words;
mod written;
mod written_zone;
mod zones;

#[cfg(test)]
mod tests;

pub(super) use local_zone::LocalZone;
pub use outcome::{DateFormat, DateOrder, ReadDate};
pub use unread::UnreadDate;
pub use value::read;
pub(super) use value::read_in;
