//! Raw bytes to article: formats, dates, HTML. Pure, and it cannot fail on any input: what it cannot
//! read, it says.

mod date;
mod field;
mod html;
mod json;
mod reader;

pub use field::{FieldMap, Path, PathError};
pub use json::{DEPTH_MAX, RECORD_BYTES_MAX};
pub use reader::{CREDITS_MAX, NAME_BYTES_MAX, Reader, URI_BYTES_MAX};

use crate::record::{CreditPlace, Millis};

/// A raw record understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The article's identity as its publisher gives it.
    pub uri: String,
    /// Its version: `versionCreated` or a modification time in milliseconds, else a version number.
    pub version: Option<i64>,
    /// What the record asks for.
    pub request: Request,
}

impl Incoming {
    /// When it was published as it says itself; of a record without an article, its version where that is a time.
    #[must_use]
    pub fn published(&self) -> Option<Published> {
        match &self.request {
            Request::Judge(article) => article.published,
            Request::Withdraw | Request::Withhold => self.version.map(|version| Published::At(Millis(version))),
        }
    }
}

/// What a record asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Judge this article.
    Judge(Box<Article>),
    /// Take the article of this uri back.
    Withdraw,
    /// Neither judge nor publish it.
    Withhold,
}

/// An article as read: text without markup, metadata under one set of names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Article {
    /// Headline, empty where there is none.
    pub title: String,
    /// Body, paragraphs separated by `\n`.
    pub body: String,
    /// BCP 47 tag in lower case, empty where unknown.
    pub language: String,
    /// Outlet: `source`, `source_domain`, else the host of the article's url, else empty.
    pub source: String,
    /// When it was published.
    pub published: Option<Published>,
    /// Who its metadata name as the origin.
    pub credits: Vec<Credit>,
}

/// A name in an article's metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// As it is written.
    pub name: String,
    /// Under which field.
    pub place: CreditPlace,
}

/// A published time as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// A point in time.
    At(Millis),
    /// A day without a time of day: the last millisecond of it, in UTC.
    Day {
        /// First millisecond of the day in UTC.
        start: Millis,
        /// Last millisecond of the day in UTC.
        end: Millis,
    },
}

impl Published {
    /// The point that a record produced from this article is stamped with: the time, or the start of the day.
    #[must_use]
    pub fn start(self) -> Millis {
        match self {
            Self::At(at) | Self::Day { start: at, .. } => at,
        }
    }
}
