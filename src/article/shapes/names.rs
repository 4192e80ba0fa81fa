//! The names in a record, and what they stand for.

use std::collections::HashMap;

use serde::Deserialize;

/// What a name stands for: a field of the article, or a place to look for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::article) enum FieldSlot {
    Uri,
    UriLast,
    Url,
    Title,
    Body,
    /// A name that a text may have, but that other things have too: behind those of [`Body`](Self::Body).
    BodyLast,
    Page,
    Teaser,
    Language,
    Source,
    Published,
    Created,
    Modified,
    Version,
    Status,
    /// A status that often is that of something else.
    AnyStatus,
    /// What happened to the record, such as `article.deleted`.
    Operation,
    /// The time before which the article must not be published.
    Embargo,
    /// Whether the article is published.
    Live,
    /// Whether the article is not published yet.
    Draft,
    InfoSource,
    CopyrightHolder,
    Byline,
    /// An object whose fields are used where the record lacks them.
    Details,
    /// An object that may hold the whole record.
    Inside,
    /// A list of objects of which one may hold the whole record.
    Graph,
}

/// Endings by which Solr and Elasticsearch know the type or the language of a field: `title_t`, `text_txt_en`.
const TYPE_ENDINGS: [&str; 22] = [
    "_t", "_s", "_ss", "_txt", "_dt", "_dts", "_tdt", "_i", "_l", "_en", "_de", "_fr", "_es", "_ar", "_it", "_ja",
    "_text", "_str", "_string", "_keyword", "_raw", "_tl",
];

/// How names end that begin with `body` but describe the text.
const NO_RENDITIONS: [&str; 8] = ["format", "type", "lang", "language", "length", "count", "id", "class"];

/// More than the length of any list of names.
const RANK_WITH_ENDING: u16 = 1_000;

/// The names of one level of nesting, in their [`normal`] form.
#[derive(Default)]
pub(in crate::article) struct Level {
    names: HashMap<String, NameMeaning>,
}

/// The meaning of a name.
#[derive(Default)]
pub(in crate::article) struct NameMeaning {
    /// The fields it stands for, each with its place in the list of their names: lower is better.
    pub(in crate::article) slots: Vec<(FieldSlot, u16)>,
    /// The paths that continue with a name inside.
    pub(in crate::article) inner: Level,
    /// The bits of this name in the names by which shapes are recognised.
    pub(in crate::article) marks: Marks,
}

/// A set of the names by which shapes are recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::article) struct Marks([u64; 4]);

impl Level {
    /// The meaning of a path, to be filled.
    pub(in crate::article) fn meaning(&mut self, path: &str) -> &mut NameMeaning {
        match path.split_once('.') {
            None => self.names.entry(normal(path)).or_default(),
            Some((name, rest)) => self.names.entry(normal(name)).or_default().inner.meaning(rest),
        }
    }

    /// The meaning of a name in its normal form.
    pub(in crate::article) fn get(&self, normal_name: &str) -> Option<&NameMeaning> {
        self.names.get(normal_name)
    }

    /// The meaning of a name as it is written, also without an ending that states the type of the value. The number
    /// is added to its ranks: names with such an ending come last.
    pub(in crate::article) fn find(&self, name: &str, normal_name: &str) -> Option<(&NameMeaning, u16)> {
        if let Some(meaning) = self.names.get(normal_name) {
            return Some((meaning, 0));
        }
        // ninjs 1 lets a provider name renditions: `body_main`, `body_richtext`.
        if normal_name.starts_with("body") && !NO_RENDITIONS.iter().any(|ending| normal_name.ends_with(ending)) {
            return self.names.get("body").map(|body| (body, RANK_WITH_ENDING));
        }
        let mut stem = name;
        // Two endings at most: `text_txt_en`.
        for _ in 0..2 {
            let at = stem.rfind('_')?;
            TYPE_ENDINGS.iter().find(|ending| ending.eq_ignore_ascii_case(&stem[at..]))?;
            stem = &stem[..at];
            if let Some(meaning) = self.names.get(&normal(stem)) {
                return Some((meaning, RANK_WITH_ENDING));
            }
        }
        None
    }

    pub(in crate::article) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

impl Marks {
    /// The most names that can be told apart.
    pub(in crate::article) const BITS: usize = 256;

    /// The set of one name.
    pub(in crate::article) fn one(bit: usize) -> Self {
        let mut marks = Self::default();
        marks.0[bit / 64] |= 1 << (bit % 64);
        marks
    }

    pub(in crate::article) fn add(&mut self, other: Self) {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
    }

    pub(in crate::article) fn contains(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(word, wanted)| word & wanted == wanted)
    }

    pub(in crate::article) fn shares(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(word, other)| word & other != 0)
    }
}

/// A name in the form in which names are compared: in lower case, without `_`, `-` and blanks. An underscore at the
/// beginning stays, because `_id` and `_source` are other fields than `id` and `source`.
pub(in crate::article) fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    normal_into(name, &mut out);
    out
}

/// Writes the [`normal`] form of a name to `out`.
pub(in crate::article) fn normal_into(name: &str, out: &mut String) {
    out.clear();
    let kept = name.len() - name.trim_start_matches('_').len();
    out.push_str(&name[..kept]);
    for c in name[kept..].chars() {
        match c {
            '_' | '-' | ' ' => {}
            c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            c => out.extend(c.to_lowercase()),
        }
    }
}
