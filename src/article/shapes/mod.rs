//! The table of names, envelopes and shapes: `shapes.toml`, and what reads it.

mod envelope;
mod names;
mod shape;
mod table;

pub(super) use envelope::{Opened, open};
pub(super) use names::{FieldSlot, Level, Marks, normal, normal_into};
pub(super) use shape::Shape;
pub(super) use table::{SHAPES, ValueNames};
