//! Decisions on the cases that newsrooms know, with invented articles.

mod fixture;
mod matches;
mod relations;
mod shapes;
