//! Text of any markup to plain text.

mod html;
mod markdown;
mod plain;
mod recognise;
mod references;
mod xhtml;

pub(super) use plain::{TextType, plain_text, plain_title};
pub(super) use references::decode as decode_references;
