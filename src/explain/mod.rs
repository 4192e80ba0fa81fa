//! Why two articles are in one story, or are not: the features measured when the later one arrived, and the passages
//! of the texts that they come from.
//!
//! Pure: [`PairExplainer`] clusters like any run and watches two articles; [`Report`] states what it found. Passages
//! are searched for here, in the full texts, and are stored nowhere. A run compares only a sample of them.

mod explanation;
mod missing;
mod pair_explainer;
mod passages;
mod report;
#[cfg(test)]
mod tests;

pub use missing::{MissingArticle, MissingArticles};
pub use pair_explainer::PairExplainer;
pub use passages::{ComparedWords, Passage, PassageKind};
pub use report::{Decimal, ExplainedArticle, FeatureReport, Report, ScoreBreakdown, Verdict};
