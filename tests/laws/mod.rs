//! The laws of clustering, on random logs.

mod logs;
mod names;
mod repeated;
mod restore;
