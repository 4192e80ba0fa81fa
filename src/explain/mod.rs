//! Why two articles are one story, or are not: what the fold weighed when the later one came, and where in the
//! texts it lies. Pure: [`Inquiry`] folds like any run and watches the two, [`Report`] says what it saw.
//!
//! Passages are found here, in the full texts, and are stored nowhere. What a run compares is a sample of them.

mod inquiry;
mod passages;
mod report;
mod sentence;
#[cfg(test)]
mod tests;

pub use inquiry::{Inquiry, Missing, MissingUri};
pub use passages::{Passage, What};
pub use report::{Decimal, FeatureReport, Report, Side, Verdict, Weighing};
