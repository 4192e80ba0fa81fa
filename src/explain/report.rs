//! What an inquiry found, as `explain` prints it.

use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::passages::Passage;
use crate::fold::{Evidence, Feature, Rule, Rules};
use crate::record::{Millis, Ratio, StoryId, VerdictRecord};

/// Why two articles are one story, or are not.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "wirefold explanation", extend("$id" = "wirefold.explain/1"))]
pub struct Report {
    /// `wirefold.explain/1`.
    #[schemars(extend("const" = Report::SCHEMA))]
    pub schema: &'static str,
    /// Lines read, those that could not be read included.
    pub lines: u64,
    /// The article that was there when the other one was judged.
    pub earlier: Side,
    /// The article that was judged against it.
    pub later: Side,
    /// What spoke for and against; null where nothing could be weighed.
    pub weighing: Option<Weighing>,
    /// What came of it.
    pub verdict: Verdict,
}

impl Report {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.explain/1";
}

/// One of the two articles.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Side {
    /// The article.
    pub uri: Arc<str>,
    /// Its outlet, empty where unknown.
    pub source: String,
    /// Its headline.
    pub title: String,
    /// Its language, empty where unknown.
    pub language: String,
    /// The text as it was read: without markup, paragraphs separated by `\n`. Passages are bytes of it.
    pub text: String,
    /// Words of the text.
    pub words: usize,
    /// Words of its body, which alone is compared.
    pub words_compared: usize,
    /// Stretches that are shared or left out, in order, without overlap.
    pub passages: Vec<Passage>,
    /// The verdict on it when it was judged; null where it never was.
    pub verdict: Option<VerdictRecord>,
    /// The story it stands in after the last line; null where in none.
    pub story_id: Option<StoryId>,
    /// What else became of it, in words.
    pub notes: Vec<String>,
}

impl Side {
    /// Its event time, as it was judged.
    #[must_use]
    pub fn published_at(&self) -> Option<Millis> {
        self.verdict.as_ref().map(|verdict| verdict.published_at)
    }
}

/// What spoke for and against the later article being a copy of the earlier one, what the outlets print anyway left out.
///
/// Shares are of the sample of 2-shingles that the run compared; the passages show all of them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Weighing {
    /// 2-shingles in both.
    pub shared: u32,
    /// The share of the earlier article that stands in the later one.
    pub of_earlier: Ratio,
    /// The share of the later article that stands in the earlier one.
    pub of_later: Ratio,
    /// `score` or `containment`.
    pub rule: &'static str,
    /// Where the weighted sum begins; null for a rule that weighs nothing.
    pub bias: Option<Decimal>,
    /// What each kind of evidence adds to it.
    pub features: Vec<FeatureReport>,
    /// The sum.
    pub sum: Option<Decimal>,
    /// What that makes.
    pub agreement: Ratio,
    /// From where two articles agree.
    pub threshold: Ratio,
}

/// A kind of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FeatureReport {
    /// What it is called.
    pub name: &'static str,
    /// What was found: a share, 1 for yes, days.
    pub value: Decimal,
    /// What a whole of it is worth.
    pub weight: Decimal,
    /// What it adds to the sum.
    pub contribution: Decimal,
}

impl From<Feature> for FeatureReport {
    fn from(feature: Feature) -> Self {
        let Feature { name, value, weight, contribution } = feature;
        Self { name, value: Decimal(value), weight: Decimal(weight), contribution: Decimal(contribution) }
    }
}

impl Weighing {
    pub(super) fn new(evidence: &Evidence, rules: &Rules) -> Self {
        let weights = match &rules.rule {
            Rule::Score(weights) => Some(weights),
            Rule::Containment => None,
        };
        let features = weights.map_or_else(Vec::new, |weights| weights.features(evidence).map(Into::into).into());
        Self {
            shared: evidence.shared,
            of_earlier: evidence.of_second,
            of_later: evidence.of_first,
            rule: if weights.is_some() { "score" } else { "containment" },
            bias: weights.map(|weights| Decimal(weights.bias)),
            features,
            sum: weights.map(|weights| Decimal(weights.logit(evidence))),
            agreement: rules.rule.agreement(evidence),
            threshold: rules.threshold,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Verdict {
    /// Both stand in one story after the last line.
    pub together: bool,
    /// Why, in words.
    pub sentence: String,
}

/// A number in ten-thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(pub i64);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = f.precision().unwrap_or(2);
        f.pad_integral(self.0 >= 0, "", &format!("{:.precision$}", self.0.unsigned_abs() as f64 / 10_000.0))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0 as f64 / 10_000.0)
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "description": "in ten-thousandths" })
    }
}
