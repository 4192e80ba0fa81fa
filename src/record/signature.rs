//! The signature: all that the log carries of an article.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Millis, RawPosition, ShingleSet, Versioned, shingles::sorted};

/// How many words of a title are kept.
pub const TITLE_TOKENS_MAX: usize = 32;

/// One raw record as `sign` left it: where it came from, what it is, and what matching needs of its text.
///
/// No text is read behind this point; whoever changes how a signature is made needs a new namespace and a replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Where the raw record stands.
    pub raw: RawPosition,
    /// The article's identity as its publisher gives it.
    pub uri: Arc<str>,
    /// The version of the article: of two records of one uri the higher one stands; none is lowest.
    pub version: Option<i64>,
    /// When the record entered the input: its timestamp, never later than the clock of `sign`.
    pub ingested: Millis,
    /// What windows and stories go by: the published time if it is credible, else `ingested`.
    pub event: Millis,
    /// The published time as the article says it, credible or not.
    pub published: Option<Millis>,
    /// What the record asks for.
    pub content: Content,
}

/// What a raw record asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// Judge this article.
    Article(Box<ArticleContent>),
    /// Take the article of this uri back (a tombstone, or `pubStatus: canceled`).
    Withdrawal,
    /// Do not judge it, and do not publish it (`pubStatus: withheld`).
    Withheld,
}

/// What matching, attribution and publishing need of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleContent {
    /// The outlet: a name or a domain, as the article says it.
    pub source: Arc<str>,
    /// BCP 47 language tag as given, lower case; empty where unknown.
    pub language: Arc<str>,
    /// The headline, cut to 200 bytes.
    pub title: Arc<str>,
    /// Hashes of the headline's words in order, at most [`TITLE_TOKENS_MAX`].
    pub title_tokens: Vec<u32>,
    /// Words of the body. 0 means no fingerprint: such an article is unique, and equal to nothing.
    pub tokens: u32,
    /// Distinct 2-shingles of the body: what verification compares.
    pub shingles: ShingleSet,
    /// Bottom-64 `MinHash` sketch of the body's 3-shingles, ascending: what finds candidates.
    #[serde(with = "sorted")]
    pub sketch: Vec<u32>,
    /// Who is named as the origin, and where: each name once, at its strongest place.
    pub credits: Vec<Credit>,
    /// What stands behind the body on its page, most often another article.
    pub tail: Option<Tail>,
}

/// The text behind an article's body: it can be linked to the story that it tells, and never joins it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tail {
    /// Distinct 2-shingles.
    pub shingles: ShingleSet,
    /// Bottom-64 `MinHash` sketch of the 3-shingles, ascending.
    #[serde(with = "sorted")]
    pub sketch: Vec<u32>,
}

/// A name found where origins are named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Who it is: an agency by the name that the table gives it, any other as found.
    pub name: Arc<str>,
    /// What that is.
    pub kind: CreditKind,
    /// Where it was found, which says how much it weighs.
    pub place: CreditPlace,
    /// The words it was found in.
    pub evidence: Arc<str>,
}

/// What a credited name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CreditKind {
    /// A news agency.
    Agency,
    /// A wire of press releases.
    Release,
    /// The outlet itself: never the origin of what others print too, unless nobody else is named.
    Own,
    /// A name that the table does not hold.
    Other,
    /// "Agencies", without a name.
    Agencies,
}

/// Where a credit stands, strongest evidence first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CreditPlace {
    /// `infoSources` and its like.
    InfoSource,
    /// `copyrightHolder` and its like.
    CopyrightHolder,
    /// The by-line, in the metadata or above the text.
    Byline,
    /// Before the first sentence.
    Dateline,
    /// A line of credits.
    CreditLine,
    /// Behind a copyright sign.
    Copyright,
    /// Behind "source:".
    SourceLabel,
    /// Cited in the text.
    Mention,
}

impl CreditPlace {
    /// The name used in evidence.
    #[must_use]
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
    #[must_use]
    pub fn article(&self) -> Option<&ArticleContent> {
        match &self.content {
            Content::Article(article) => Some(article),
            Content::Withdrawal | Content::Withheld => None,
        }
    }
}

impl Versioned for Signature {
    const NAME: &'static str = "signature";
    const VERSION: u8 = 1;
}
