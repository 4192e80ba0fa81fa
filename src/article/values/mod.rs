//! Single values: what a text, a name, a number or an object of a record says of its article.

pub(super) mod language;
pub(super) mod outlet;
pub(super) mod stated_date;
pub(super) mod status;
pub(super) mod uri;
pub(super) mod wrapped;
