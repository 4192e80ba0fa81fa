//! What the judgement says of the cases that newsrooms know, on invented articles.

mod desk;
mod relations;
mod shapes;
