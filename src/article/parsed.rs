//! The result of parsing a raw record.

use crate::record::{CreditLocation, Millis};

/// A parsed raw record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedRecord {
    /// The identity that the publisher gave the article.
    pub uri: String,
    /// The version of the article: `versionCreated` or a modification time in milliseconds, else a version number.
    pub version: Option<i64>,
    /// The article, or what to do with the one of this uri.
    pub content: ParsedContent,
}

impl ParsedRecord {
    /// The published time that the record states. A record without an article has its version instead, taken as
    /// milliseconds.
    pub fn published(&self) -> Option<Published> {
        match &self.content {
            ParsedContent::Article(article) => article.published,
            ParsedContent::Withdrawal | ParsedContent::Withheld => {
                self.version.map(|version| Published::At(Millis(version)))
            }
        }
    }
}

/// The content of a parsed record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParsedContent {
    /// An article to be clustered.
    Article(Box<Article>),
    /// The article of this uri is taken back.
    Withdrawal,
    /// The article must be neither clustered nor published.
    Withheld,
}

/// A parsed article: text without markup, and metadata under the same names for every input format.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Article {
    /// The headline; empty if there is none.
    pub title: String,
    /// The body, its paragraphs separated by `\n`.
    pub body: String,
    /// A BCP 47 tag in lower case; empty if unknown.
    pub language: String,
    /// The outlet: `source`, `source_domain`, else the host of the article's url, else empty.
    pub source: String,
    /// The published time.
    pub published: Option<Published>,
    /// The origins that the metadata name.
    pub credits: Vec<MetadataCredit>,
}

/// A name in the metadata of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataCredit {
    /// The name as written.
    pub name: String,
    /// The field that contains the name.
    pub location: CreditLocation,
}

/// A published time, as precise as the article states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// A point in time.
    At(Millis),
    /// A day without a time of day. It counts as its last millisecond in UTC.
    Day {
        /// First millisecond of the day in UTC.
        start: Millis,
        /// Last millisecond of the day in UTC.
        end: Millis,
    },
}

impl Published {
    /// The time stamp of a raw record that is produced from this article: the point in time, or the start of the day.
    pub fn start(self) -> Millis {
        match self {
            Self::At(at) | Self::Day { start: at, .. } => at,
        }
    }
}
