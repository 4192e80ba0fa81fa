//! Reads the table of shapes, `shapes.toml`.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::envelope::Envelope;
use super::names::{FieldSlot, Level, Marks};
use super::shape::Shape;

/// The table.
pub(super) static SHAPES: LazyLock<ShapeTable> = LazyLock::new(ShapeTable::load);

/// What `shapes.toml` contains.
pub(super) struct ShapeTable {
    /// The names at the top of a record.
    pub(super) names: Level,
    pub(super) envelopes: Vec<Envelope>,
    pub(super) shapes: Vec<Shape>,
    /// The names of each field as they are written.
    usual_names: HashMap<FieldSlot, Vec<String>>,
    /// Values that stand where an outlet does, but name none; a star stands for any ending.
    pub(super) no_outlets: Vec<String>,
    /// Texts that stand where the body does, but are none.
    pub(super) no_bodies: Vec<String>,
    /// The tag of each language by its English name and by its codes of three letters, in lower case.
    pub(super) languages: HashMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShapeFile {
    names: HashMap<FieldSlot, Vec<String>>,
    no_outlets: Vec<String>,
    no_bodies: Vec<String>,
    languages: BTreeMap<String, Vec<String>>,
    envelope: Vec<Envelope>,
    shape: Vec<Shape>,
}

impl ShapeTable {
    fn load() -> Self {
        let file: ShapeFile =
            toml::from_str(include_str!("shapes.toml")).unwrap_or_else(|error| unreachable!("shapes.toml: {error}"));
        let ShapeFile { names: lists, no_outlets, no_bodies, languages, envelope, shape: mut shapes } = file;
        let mut names = Level::default();
        for (&slot, list) in &lists {
            for (rank, path) in list.iter().enumerate() {
                names.meaning(path).slots.push((slot, rank as u16));
            }
        }
        let mut bits = 0..Marks::BITS;
        for shape in &mut shapes {
            shape.set_marks(|list| {
                let mut all = Marks::default();
                for name in list {
                    let meaning = names.meaning(name);
                    if meaning.marks == Marks::default() {
                        let bit = bits.next().unwrap_or_else(|| unreachable!("shapes.toml: too many names in shapes"));
                        meaning.marks = Marks::one(bit);
                    }
                    all.add(meaning.marks);
                }
                all
            });
        }
        let tags =
            languages.into_iter().flat_map(|(tag, names)| names.into_iter().map(move |name| (name, tag.clone())));
        Self {
            names,
            usual_names: lists,
            envelopes: envelope,
            shapes,
            no_outlets,
            no_bodies,
            languages: tags.collect(),
        }
    }

    /// The names of a field, the usual ones first.
    pub(super) fn usual_names(&self, slot: FieldSlot) -> &[String] {
        self.usual_names.get(&slot).map_or(&[], Vec::as_slice)
    }
}
