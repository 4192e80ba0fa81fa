//! The laws that the fold lives by, on random logs.

mod logs;
mod repeated;
mod restore;
