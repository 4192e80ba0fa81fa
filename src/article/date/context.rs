//! What a date does not say itself.

use super::local_zone::LocalZone;
use super::outcome::DateOrder;

/// What is known of a date besides its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct DateContext<'c> {
    /// The order of day and month where a text does not tell it.
    pub(super) order: DateOrder,
    /// The time zone where a time has none.
    pub(super) zone: &'c LocalZone,
}
