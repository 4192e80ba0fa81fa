//! Which names of a record mean what.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Names of the publisher's own for what wirefold asks of a record, tried in order before the built-in ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct FieldMap {
    /// The article's identity.
    pub uri: Vec<Path>,
    /// Its version: an integer as it stands, or a date.
    pub version: Vec<Path>,
    /// The headline.
    pub title: Vec<Path>,
    /// The text.
    pub body: Vec<Path>,
    /// The language tag.
    pub language: Vec<Path>,
    /// The outlet.
    pub source: Vec<Path>,
    /// When it was published.
    pub published: Vec<Path>,
    /// `usable`, `withheld` or `canceled`.
    pub status: Vec<Path>,
    /// Parties that provided the information.
    #[serde(alias = "info_source")]
    pub info_source: Vec<Path>,
    /// Who holds the copyright.
    #[serde(alias = "copyright_holder")]
    pub copyright_holder: Vec<Path>,
    /// Who wrote it.
    pub byline: Vec<Path>,
}

/// Where a value stands in a record: names joined by dots, a number for an element of a list (`meta.authors.0.name`).
/// A name that holds a dot itself can't be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path(String);

/// A path with an empty step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no path: a path is names joined by dots, none of them empty")]
pub struct PathError(String);

impl TryFrom<String> for Path {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        if text.split('.').any(str::is_empty) { Err(PathError(text)) } else { Ok(Self(text)) }
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.0
    }
}

impl Path {
    fn find<'r>(&self, record: &'r Map<String, Value>) -> Option<&'r Value> {
        let mut steps = self.0.split('.');
        let first = record.get(steps.next()?)?;
        steps.try_fold(first, |value, step| match value {
            Value::Object(object) => object.get(step),
            Value::Array(list) => list.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

/// A value and the name it was found under.
pub(super) type Named<'r> = (&'r str, &'r Value);

/// What stands under the mapped paths, then under the built-in names, in order; null is absent.
pub(super) fn values<'r>(
    record: &'r Map<String, Value>,
    mapped: &'r [Path],
    built_in: &'static [&'static str],
) -> impl Iterator<Item = Named<'r>> {
    let mapped = mapped.iter().map(move |path| (path.0.as_str(), path.find(record)));
    let built_in = built_in.iter().map(move |name| (*name, record.get(*name)));
    mapped.chain(built_in).filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_null())?)))
}

/// The same, without blank strings.
pub(super) fn present<'r>(
    record: &'r Map<String, Value>,
    mapped: &'r [Path],
    built_in: &'static [&'static str],
) -> impl Iterator<Item = Named<'r>> {
    values(record, mapped, built_in).filter(|(_, value)| !value.as_str().is_some_and(|text| text.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found<'r>(record: &'r Value, path: &str) -> Option<&'r Value> {
        let path = Path::try_from(path.to_owned()).expect("a path");
        path.find(record.as_object().expect("an object"))
    }

    #[test]
    fn a_path_walks_objects_and_lists() {
        let record = json!({"a": {"b": [{"c": 1}, {"c": 2}], "0": 3}});
        assert_eq!(found(&record, "a.b.1.c"), Some(&json!(2)));
        assert_eq!(found(&record, "a.0"), Some(&json!(3)));
        assert_eq!(found(&record, "a.b.2"), None);
        assert_eq!(found(&record, "a.b.c"), None);
        assert_eq!(found(&record, "a.0.x"), None);
        assert_eq!(found(&record, "x"), None);
    }

    #[test]
    fn a_path_has_no_empty_step() {
        for text in ["", ".", "a.", ".a", "a..b"] {
            assert!(Path::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_map_is_read_in_kebab_and_in_snake_case() {
        let kebab: FieldMap = serde_json::from_value(json!({"info-source": ["a.b"]})).expect("reads");
        let snake: FieldMap = serde_json::from_value(json!({"info_source": ["a.b"]})).expect("reads");
        assert_eq!(kebab, snake);
        assert_eq!(kebab.info_source.len(), 1);
    }

    #[test]
    fn a_name_that_is_not_ours_is_refused_with_those_that_are() {
        let error = serde_json::from_value::<FieldMap>(json!({"headline": ["a"]})).expect_err("refused").to_string();
        assert!(error.contains("`headline`") && error.contains("`title`"), "{error}");
    }

    #[test]
    fn a_map_with_an_empty_step_is_refused_by_its_path() {
        let error = serde_json::from_value::<FieldMap>(json!({"uri": ["a..b"]})).expect_err("refused").to_string();
        assert!(error.contains("\"a..b\" is no path"), "{error}");
    }
}
