//! Articles that are XML documents: NITF, NewsML-G2 and `NewsML` 1.

mod document;
mod newsml_1;
mod newsml_g2;
mod nitf;
mod node;

pub(super) use document::record;
