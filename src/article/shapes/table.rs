//! Reads the table of shapes, `shapes.toml`.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::envelope::Envelope;
use super::names::{FieldSlot, Level, Marks, normal};
use super::shape::Shape;

/// The table.
pub(in crate::article) static SHAPES: LazyLock<ShapeTable> = LazyLock::new(ShapeTable::load);

/// What `shapes.toml` contains.
pub(in crate::article) struct ShapeTable {
    /// The names at the top of a record.
    pub(in crate::article) names: Level,
    pub(in crate::article) envelopes: Vec<Envelope>,
    pub(in crate::article) shapes: Vec<Shape>,
    /// The names of each field as they are written.
    usual_names: HashMap<FieldSlot, Vec<String>>,
    pub(in crate::article) values: ValueNames,
    /// The tag of each language by its English name and by its codes of three letters, in lower case.
    pub(in crate::article) languages: HashMap<String, String>,
}

/// Names and words inside values. Those that are compared in their normal form are in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::article) struct ValueNames {
    /// Names under which an object holds its value, in the order in which they are tried; so for the lists that follow.
    pub(in crate::article) value: Vec<String>,
    /// Names by which typed JSON wraps a single value, compared exactly.
    #[serde(rename = "type")]
    pub(in crate::article) typed: Vec<String>,
    /// Names under which an object names an outlet.
    pub(in crate::article) name: Vec<String>,
    /// Names under which an object holds an id or an address.
    pub(in crate::article) address: Vec<String>,
    /// Names under which an object holds text of the article.
    pub(in crate::article) text: Vec<String>,
    /// Names of fields that state the time zone of the record.
    pub(in crate::article) offset: Vec<String>,
    /// Endings of the names of fields that state the time zone of a date.
    pub(in crate::article) offset_endings: Vec<String>,
    /// Endings of the names of dates in UTC.
    pub(in crate::article) utc_endings: Vec<String>,
    /// Roles and types of what is not part of the running text.
    pub(in crate::article) no_text: Vec<String>,
    /// Parts of such roles and types.
    pub(in crate::article) no_text_parts: Vec<String>,
    /// Words of a status that take the article back.
    pub(in crate::article) canceled: Vec<String>,
    /// Words of a status by which the article must not be published yet.
    pub(in crate::article) withheld: Vec<String>,
    /// Those of these words that are often said of something else than the publication.
    pub(in crate::article) unclear: Vec<String>,
    /// What programs write for "no identity".
    pub(in crate::article) no_identity: Vec<String>,
    /// What stands where an outlet does, but names none; a star stands for any ending.
    pub(in crate::article) no_outlet: Vec<String>,
    /// Parameters of urls that say how a reader came to the page; a star stands for any ending.
    pub(in crate::article) tracking: Vec<String>,
    /// What stands where the text does, but only announces it.
    pub(in crate::article) no_body: Vec<String>,
}

impl ValueNames {
    fn normalise(&mut self) {
        let Self { value, name, address, text, offset, no_text, no_text_parts, .. } = self;
        for list in [value, name, address, text, offset, no_text, no_text_parts] {
            for name in list {
                *name = normal(name);
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShapeFile {
    names: HashMap<FieldSlot, Vec<String>>,
    values: ValueNames,
    languages: BTreeMap<String, Vec<String>>,
    envelope: Vec<Envelope>,
    shape: Vec<Shape>,
}

impl ShapeTable {
    fn load() -> Self {
        let file: ShapeFile =
            toml::from_str(include_str!("shapes.toml")).unwrap_or_else(|error| unreachable!("shapes.toml: {error}"));
        let ShapeFile { names: lists, mut values, languages, envelope, shape: mut shapes } = file;
        values.normalise();
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
        Self { names, usual_names: lists, envelopes: envelope, shapes, values, languages: tags.collect() }
    }

    /// The names of a field, the usual ones first.
    pub(in crate::article) fn usual_names(&self, slot: FieldSlot) -> &[String] {
        self.usual_names.get(&slot).map_or(&[], Vec::as_slice)
    }
}
