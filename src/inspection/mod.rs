//! How each record of a feed is read, what of its text is compared, and what is decided on its arrival.
//!
//! Pure: an [`ExaminedRecord`] is made of one record alone, so many can be made at once; the [`Inspector`] clusters them
//! in their order, as any run does, and fills in what depends on earlier records.

mod examined;
mod inspected;
mod inspector;
mod name_counts;
mod summary;
#[cfg(test)]
mod tests;

pub use examined::{Examination, ExaminedRecord};
pub use inspected::{
    ArrivalDecision, CutText, DateOrigin, FoundPath, InspectedCredit, InspectedRecord, RecordOutcome, RecordPlace,
    UnreadValue,
};
pub use inspector::Inspector;
pub use summary::InspectionSummary;
