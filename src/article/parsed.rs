//! The result of parsing a raw record.

use strum::{IntoStaticStr, VariantArray};

use crate::record::{CreditLocation, Millis, Version};

/// A parsed raw record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedRecord {
    /// What identifies the article: an id with a scheme, else the address of its page, else `<outlet>/<id>`, else the bare
    /// id, else the key of the record. None if nothing does: then its raw position does.
    pub uri: Option<String>,
    /// The id, as it came; of a tombstone its key.
    pub id: Option<String>,
    /// The outlet: a name, or a host without `www.`; empty if unknown.
    pub source: String,
    /// The version of the article: `versionCreated` or a modification time, else a version number.
    pub version: Option<Version>,
    /// The time before which the article must not be published, where the record states one.
    pub embargoed_until: Option<Millis>,
    /// The article, or what to do with the one of this uri.
    pub content: ParsedContent,
    /// How the record was read.
    pub reading: RecordReading,
}

impl ParsedRecord {
    /// A record that states nothing about how it was read.
    pub fn new(uri: impl Into<String>, version: Option<Version>, content: ParsedContent) -> Self {
        let uri = uri.into();
        Self {
            id: Some(uri.clone()),
            uri: Some(uri),
            source: String::new(),
            version,
            embargoed_until: None,
            content,
            reading: RecordReading::default(),
        }
    }

    /// The same record at this time: an article is withheld until its embargo ends.
    #[must_use]
    pub fn at(self, now: Millis) -> Self {
        let is_embargoed = self.embargoed_until.is_some_and(|until| until > now);
        match self.content {
            ParsedContent::Article(_) if is_embargoed => Self { content: ParsedContent::Withheld, ..self },
            _ => self,
        }
    }

    /// The article, if the record has one.
    pub fn into_article(self) -> Option<Article> {
        match self.content {
            ParsedContent::Article(article) => Some(*article),
            ParsedContent::Withdrawal | ParsedContent::Withheld => None,
        }
    }

    /// The published time that the record states. A record without an article has the time of its version instead.
    pub fn published(&self) -> Option<Published> {
        match &self.content {
            ParsedContent::Article(article) => article.published,
            ParsedContent::Withdrawal | ParsedContent::Withheld => self.version.and_then(|version| match version {
                Version::Time(time) => Some(Published::At(time)),
                Version::Number(_) | Version::Numbers(_) => None,
            }),
        }
    }
}

impl ParsedRecord {
    /// The fields that the record lacks, and those that it has in a form that cannot be read.
    pub fn gaps(&self) -> Gaps {
        let missing = match &self.content {
            ParsedContent::Article(article) => {
                let lacks = |field: Field| match field {
                    Field::Published => article.published.is_none(),
                    Field::Source => self.source.is_empty(),
                    _ => article.language.is_empty(),
                };
                EXPECTED_FIELDS.into_iter().filter(|field| lacks(*field)).collect()
            }
            ParsedContent::Withdrawal | ParsedContent::Withheld => FieldSet::default(),
        };
        Gaps { missing, unread: self.reading.unread.iter().map(|unread| unread.field).collect() }
    }
}

/// The fields that an article should have. Without them it is processed, but says less.
pub const EXPECTED_FIELDS: [Field; 3] = [Field::Published, Field::Source, Field::Language];

/// The fields that a record lacks, for counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gaps {
    /// Those of [`EXPECTED_FIELDS`] that an article does not have.
    pub missing: FieldSet,
    /// Fields that have a value that could not be read.
    pub unread: FieldSet,
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldSet(u16);

impl FieldSet {
    /// The fields of the set, in their order.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::VARIANTS.iter().copied().filter(move |field| self.0 & (1 << *field as u16) != 0)
    }
}

impl FromIterator<Field> for FieldSet {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        Self(fields.into_iter().fold(0, |set, field| set | 1 << field as u16))
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
    /// The address of its page.
    pub url: Option<String>,
    /// The host of its page, without `www.`; empty if unknown.
    pub site: String,
    /// The headline; empty if there is none.
    pub title: String,
    /// The body, its paragraphs separated by `\n`.
    pub body: String,
    /// A BCP 47 tag in lower case; empty if unknown.
    pub language: String,
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

/// How a record was read: for counters, and for people who look at a new feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordReading {
    /// The shape that the record was recognised as, by its name in docs/input.md; empty if none.
    pub shape: &'static str,
    /// Where the value of each field was found.
    pub found: Vec<FoundField>,
    /// Values that are present but could not be read.
    pub unread: Vec<UnreadField>,
    /// The text was found where feeds usually have a summary.
    pub is_teaser: bool,
    /// The record is the only one with a text in a list that the raw record holds.
    pub is_in_list: bool,
    /// Paths of texts under unknown names that are longer than the body: one of them may be the article.
    pub longer_texts: Vec<String>,
}

impl RecordReading {
    /// Where the value of this field was found.
    pub fn found(&self, field: Field) -> Option<&FoundField> {
        self.found.iter().find(|found| found.field == field)
    }

    /// Whether a value of this field is present but could not be read.
    pub fn is_unread(&self, field: Field) -> bool {
        self.unread.iter().any(|unread| unread.field == field)
    }
}

/// The place of a value that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundField {
    /// The field.
    pub field: Field,
    /// The path to the value in the record: names and list indices, joined by dots.
    pub path: String,
    /// The format of a date (`iso_8601`); empty for other fields.
    pub format: &'static str,
}

/// A value that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadField {
    /// The field that the value would have been used for.
    pub field: Field,
    /// The path to the value in the record.
    pub path: String,
    /// The beginning of the value as JSON, at most some 80 bytes.
    pub value: String,
    /// Why it was not read, with what to do; empty where the value shows it.
    pub reason: &'static str,
}

/// The fields of an article, by their names in the setting `fields`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Field {
    /// The identity.
    Uri,
    /// The address of the page.
    Url,
    /// The version.
    Version,
    /// The headline.
    Title,
    /// The text.
    Body,
    /// The language tag.
    Language,
    /// The outlet.
    Source,
    /// The published time.
    Published,
    /// Usable, withheld or canceled.
    Status,
    /// Parties that provided the information.
    InfoSource,
    /// The copyright holder.
    CopyrightHolder,
    /// The author.
    Byline,
}

impl Field {
    /// The name in the setting `fields`, in records and in metric labels.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
