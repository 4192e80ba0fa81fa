//! The laws that the fold lives by, on random logs.

mod logs;
mod names;
mod repeated;
mod restore;
