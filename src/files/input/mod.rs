//! Files, plain or compressed, to raw records: lines, elements of JSON lists, JSON values, XML documents.
//!
//! The format is recognised by the content. Records are read one at a time and in bounded memory.

mod error;
mod format;
mod hint;
mod line_splitter;
mod lines;
mod list_walk;
mod nesting;
mod opened_input;
mod raw_record;
mod records;
#[cfg(test)]
mod tests;
mod value_splitter;
mod xml_splitter;

pub use error::FileError;
pub use hint::hint;
pub use lines::Lines;
pub use opened_input::check_files;
pub use raw_record::{RawRecord, RecordUnit};
pub use records::{OpenedFile, Records};
