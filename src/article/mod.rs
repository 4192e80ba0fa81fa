//! Raw bytes to article: formats, dates, HTML.
//!
//! The module is pure and cannot fail on any input: a record that it cannot read is rejected with a reason.

mod date;
mod field;
mod html;
mod json;
mod parsed;
mod reader;

pub use field::{FieldMap, FieldPath, FieldPathError};
pub use json::{DEPTH_MAX, RAW_RECORD_BYTES_MAX};
pub use parsed::{Article, MetadataCredit, ParsedContent, ParsedRecord, Published};
pub use reader::{ArticleReader, METADATA_CREDITS_MAX, NAME_BYTES_MAX, URI_BYTES_MAX};
