//! What the suites share: a real broker and an oracle.

pub(crate) mod broker;
pub(crate) mod oracle;
pub(crate) mod record;
