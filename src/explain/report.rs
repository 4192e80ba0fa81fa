//! The explanation, as `wirefold explain` prints it.

use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::passages::Passage;
use crate::clustering::{ClusteringRules, Features, ScoringRule, WeightedFeature};
use crate::record::{Millis, Ratio, StoryId, VerdictRecord};

/// Why two articles are in one story, or are not.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "wirefold explanation", extend("$id" = "wirefold.explain/1"))]
pub struct Report {
    /// `wirefold.explain/1`.
    #[schemars(extend("const" = Report::SCHEMA))]
    pub schema: &'static str,
    /// Number of lines read, unreadable ones included.
    pub lines: u64,
    /// The article that was processed first.
    pub earlier: ExplainedArticle,
    /// The article that was compared with the earlier one when it arrived.
    pub later: ExplainedArticle,
    /// How the match score was computed; null where the earlier article was not live, or too little is shared.
    pub scoring: Option<ScoreBreakdown>,
    /// Whether the articles are in one story, and why.
    pub verdict: Verdict,
}

impl Report {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.explain/1";
}

/// One of the two articles.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ExplainedArticle {
    /// The uri of the article.
    pub uri: Arc<str>,
    /// The outlet; empty where unknown.
    pub source: String,
    /// The headline; empty where there is none.
    pub title: String,
    /// The language; empty where unknown.
    pub language: String,
    /// The text as it was read: without markup, paragraphs separated by `\n`. Passages are byte ranges of it.
    pub text: String,
    /// Number of words in the text.
    pub words: usize,
    /// Number of words in the body of the page, which is the only segment that is compared.
    pub words_compared: usize,
    /// The passages that are shared or left out, in order and without overlap.
    pub passages: Vec<Passage>,
    /// The verdict on arrival; null where the article was not clustered.
    pub verdict: Option<VerdictRecord>,
    /// The story of the article after the last line; null where it is in none.
    pub story_id: Option<StoryId>,
    /// What else happened to the article, in words.
    pub remarks: Vec<String>,
}

impl ExplainedArticle {
    /// The event time that the verdict goes by.
    pub fn event_at(&self) -> Option<Millis> {
        self.verdict.as_ref().map(|verdict| verdict.event_at)
    }
}

/// The features of the later article compared with the earlier one, boilerplate left out, and the score they add up to.
///
/// Shares are of the sample of 2-shingles that the run compared; the passages show all shared 2-shingles.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ScoreBreakdown {
    /// Number of 2-shingles that both articles contain.
    pub shared_shingles: u32,
    /// The share of the earlier article's shingles that the later one contains.
    pub earlier_in_later: Ratio,
    /// The share of the later article's shingles that the earlier one contains.
    pub later_in_earlier: Ratio,
    /// The scoring rule: `score` (a weighted sum of features) or `containment`.
    pub rule: &'static str,
    /// The constant term of the weighted sum; null for the rule `containment`.
    pub bias: Option<Decimal>,
    /// The terms of the weighted sum; empty for the rule `containment`.
    pub features: Vec<FeatureReport>,
    /// The bias plus all contributions; null for the rule `containment`.
    pub sum: Option<Decimal>,
    /// The match score, 0 to 1.
    pub score: Ratio,
    /// The match score from which two articles match.
    pub threshold: Ratio,
}

/// One term of the weighted sum.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FeatureReport {
    /// The name of the feature: `containment`, `lead_overlap`, `length_ratio`, `same_publisher` or `days_apart`.
    pub name: &'static str,
    /// The measured value: a share, 1 for yes and 0 for no, or a number of days.
    pub value: Decimal,
    /// The weight of the feature.
    pub weight: Decimal,
    /// The value times the weight.
    pub contribution: Decimal,
}

impl From<WeightedFeature> for FeatureReport {
    fn from(feature: WeightedFeature) -> Self {
        let WeightedFeature { name, value, weight, contribution } = feature;
        Self { name, value: Decimal(value), weight: Decimal(weight), contribution: Decimal(contribution) }
    }
}

impl ScoreBreakdown {
    pub(super) fn new(features: &Features, rules: &ClusteringRules) -> Self {
        let weights = match &rules.rule {
            ScoringRule::Logistic(weights) => Some(weights),
            ScoringRule::Containment => None,
        };
        Self {
            shared_shingles: features.shared_shingles,
            earlier_in_later: features.second_in_first,
            later_in_earlier: features.first_in_second,
            rule: if weights.is_some() { "score" } else { "containment" },
            bias: weights.map(|weights| Decimal(weights.bias)),
            features: weights.map_or_else(Vec::new, |weights| weights.contributions(features).map(Into::into).into()),
            sum: weights.map(|weights| Decimal(weights.logit(features))),
            score: rules.rule.score(features),
            threshold: rules.threshold,
        }
    }
}

/// Whether the articles are in one story, and why.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Verdict {
    /// Whether both articles are in one story after the last line.
    pub together: bool,
    /// The reason in words.
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
        json_schema!({ "type": "number", "description": "A number with four decimal places." })
    }
}
