//! Shapes of feeds in which names mean something else than usual.

use std::collections::HashMap;

use serde::Deserialize;

use super::names::{FieldSlot, Marks, normal};

/// A shape, as `shapes.toml` describes it.
#[derive(Debug, Deserialize)]
pub(in crate::article) struct Shape {
    /// The name in reports.
    pub(in crate::article) name: String,
    /// Names that the record has.
    has: Vec<String>,
    /// Names that the record does not have.
    #[serde(default)]
    lacks: Vec<String>,
    /// Names that do not hold what they seem to.
    #[serde(default)]
    skip: Vec<String>,
    /// The paths of fields that are tried before the usual names.
    #[serde(flatten)]
    fields: HashMap<FieldSlot, Vec<String>>,
    /// The names of `has` and `lacks` as sets.
    #[serde(skip)]
    required: Marks,
    #[serde(skip)]
    excluded: Marks,
}

impl Shape {
    /// Sets how `has` and `lacks` are recognised.
    pub(in crate::article) fn set_marks(&mut self, mut marks: impl FnMut(&[String]) -> Marks) {
        self.required = marks(&self.has);
        self.excluded = marks(&self.lacks);
        for name in &mut self.skip {
            *name = normal(name);
        }
    }

    /// Whether a record with these names has the shape.
    pub(in crate::article) fn fits(&self, names: Marks) -> bool {
        names.contains(self.required) && !names.shares(self.excluded)
    }

    /// Whether the value under this name, in its normal form, is not what it seems to be.
    pub(in crate::article) fn skips(&self, normal_name: &str) -> bool {
        self.skip.iter().any(|name| name == normal_name)
    }

    /// The paths of each field that are tried before the usual names.
    pub(in crate::article) fn paths(&self) -> impl Iterator<Item = (FieldSlot, usize, &str)> {
        self.fields
            .iter()
            .flat_map(|(slot, paths)| paths.iter().enumerate().map(move |(rank, path)| (*slot, rank, path.as_str())))
    }
}
