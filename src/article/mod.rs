//! Raw bytes to article: formats, dates, markup.
//!
//! The module is pure and cannot fail on any input: a record that it cannot read is rejected with a reason.

mod body;
mod candidates;
mod date;
mod field;
mod fields;
mod json;
mod markup;
mod parsed;
mod reader;
mod shapes;
mod unnamed;
mod values;
mod xml;

pub use date::{DateFormat, DateOrder, ReadDate, UnreadDate, read as read_date};
pub use field::{FieldMap, FieldPath, FieldPathError};
pub use fields::METADATA_CREDITS_MAX;
pub use json::{DEPTH_MAX, DETAIL_BYTES_MAX, RAW_RECORD_BYTES_MAX, is_binary, wide_encoding};
pub use parsed::{
    Article, EXPECTED_FIELDS, Field, FieldSet, FoundField, Gaps, MetadataCredit, ParsedContent, ParsedRecord,
    Published, RecordReading, UnreadField,
};
pub use reader::ArticleReader;
pub use values::outlet::{NAME_BYTES_MAX, of_name as outlet_of_name};
pub use values::uri::URI_BYTES_MAX;
