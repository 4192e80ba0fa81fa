//! The signature: what the log holds of a raw record.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::{ArticleNames, Millis, RawPosition, ShingleSet, Version, Versioned, shingles::sorted};

/// The highest number of words of a title that a signature keeps.
pub const TITLE_TOKENS_MAX: usize = 32;

/// What all later stages need of one raw record: its metadata and, of an article, its shingles, sketch and credits.
///
/// No text is read after it, so a change to how signatures are made needs a new namespace and a replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The position of the raw record.
    pub raw: RawPosition,
    /// The uri of the article, and the id and url that the raw record states.
    pub names: ArticleNames,
    /// The outlet: a name, or a domain without `www.`; empty where unknown.
    pub source: Arc<str>,
    /// The version that the raw record states.
    pub version: Option<Version>,
    /// The ingestion time: the time stamp of the raw record, never later than the clock of the stage `signatures`.
    pub ingested: Millis,
    /// The event time, which windows and stories go by: the published time if it is credible, else `ingested`.
    pub event: Millis,
    /// The published time that the article states, credible or not.
    pub published: Option<Millis>,
    /// The article, or what to do with the one of this uri.
    pub content: Content,
}

/// The purpose of a raw record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// Publishes an article.
    Article(Box<ArticleContent>),
    /// Takes the article of this uri back (a tombstone, or `pubStatus: canceled`).
    Withdrawal,
    /// The article must be neither clustered nor published (`pubStatus: withheld`).
    Withheld,
}

/// What matching, origins and publishing need of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleContent {
    /// The publisher of the outlet, whose boilerplate filter it uses: by configuration, else the registrable domain, else
    /// the outlet in lower case; empty where that is unknown.
    pub publisher: Arc<str>,
    /// BCP 47 language tag as given, lower case; empty where unknown.
    pub language: Arc<str>,
    /// The headline, cut to 200 bytes.
    pub title: Arc<str>,
    /// Hashes of the headline's words in order, at most [`TITLE_TOKENS_MAX`].
    pub title_tokens: Vec<u32>,
    /// XXH3-64 of title and body: two records of one uri with the same text are duplicates.
    pub text_hash: u64,
    /// The number of tokens of the body. An article of 0 has no shingles: it is unique and matches nothing.
    pub tokens: u32,
    /// Distinct 2-shingles of the body, for comparing.
    pub shingles: ShingleSet,
    /// Bottom-64 `MinHash` sketch of the body's 3-shingles, ascending, for finding candidates.
    #[serde(with = "sorted")]
    pub sketch: Vec<u32>,
    /// The names that the article credits, each once, at its strongest location.
    pub credits: Vec<Credit>,
    /// The text after the body on its page, most often another article.
    pub tail: Option<Tail>,
}

/// The text after an article's body: the page can be linked to the story of this text, and never joins it by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tail {
    /// Distinct 2-shingles.
    pub shingles: ShingleSet,
    /// Bottom-64 `MinHash` sketch of the 3-shingles, ascending.
    #[serde(with = "sorted")]
    pub sketch: Vec<u32>,
}

/// A name that an article gives as the source of its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The name: of an agency the one that the table gives it, any other as found.
    pub name: Arc<str>,
    /// What kind of name it is.
    pub kind: CreditKind,
    /// The location of the credit, which determines its weight.
    pub location: CreditLocation,
    /// The quoted words in which it was found.
    pub evidence: Arc<str>,
}

/// The kind of a credited name.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CreditKind {
    /// A news agency.
    Agency,
    /// A press release wire.
    Release,
    /// The outlet itself: the origin of a story only where nobody else is credited.
    Own,
    /// A name that is not in the table.
    Other,
    /// "Agencies", without a name.
    Agencies,
}

/// The location of a credit, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CreditLocation {
    /// A field such as `infoSources`.
    InfoSource,
    /// A field such as `copyrightHolder`.
    CopyrightHolder,
    /// The by-line, as a field or above the text.
    Byline,
    /// Before the first sentence.
    Dateline,
    /// A line of credits.
    CreditLine,
    /// After a copyright sign.
    Copyright,
    /// After "source:".
    SourceLabel,
    /// Cited in the text.
    Mention,
}

impl CreditKind {
    /// The name in JSON and in reports.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl CreditLocation {
    /// The name of the location, as [`Origin::evidence`](super::Origin::evidence) gives it.
    pub fn name(self) -> &'static str {
        match self {
            Self::InfoSource => "info source",
            Self::CopyrightHolder => "copyright holder",
            Self::Byline => "by-line",
            Self::Dateline => "dateline",
            Self::CreditLine => "credit line",
            Self::Copyright => "copyright line",
            Self::SourceLabel => "source label",
            Self::Mention => "mention",
        }
    }
}

impl Signature {
    /// The article, if the record carries one.
    pub fn article(&self) -> Option<&ArticleContent> {
        match &self.content {
            Content::Article(article) => Some(article),
            Content::Withdrawal | Content::Withheld => None,
        }
    }
}

impl Versioned for Signature {
    const NAME: &'static str = "signature";
    const VERSION: u8 = 3;
}
