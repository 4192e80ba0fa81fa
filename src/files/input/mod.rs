//! Files, plain or compressed, to raw records: lines, elements of JSON lists, JSON values, XML documents.
//!
//! The format is recognised by the content. Records are read one at a time and in bounded memory.

mod compressed;
mod error;
mod foreign;
mod format;
mod hint;
mod line_splitter;
mod lines;
mod list_walk;
mod marked_up;
mod nesting;
mod opened_input;
mod raw_record;
mod records;
mod split_record;
#[cfg(test)]
mod tests;
mod text_place;
mod value_splitter;
mod xml_splitter;

pub use error::{FileDamage, FileError};
pub use hint::hint;
pub use lines::Lines;
pub use opened_input::check_files;
pub use raw_record::{FilePlace, RawRecord, RecordUnit};
pub use records::{OpenedFile, Records};
