//! The fields of a raw record, by the publisher's names and by the built-in ones.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The publisher's own names for the fields of an article, tried in order before the built-in ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct FieldMap {
    /// The article's identity.
    pub uri: Vec<FieldPath>,
    /// The address of the page.
    pub url: Vec<FieldPath>,
    /// The version: an integer, or a date.
    pub version: Vec<FieldPath>,
    /// The headline.
    pub title: Vec<FieldPath>,
    /// The text.
    pub body: Vec<FieldPath>,
    /// The language tag.
    pub language: Vec<FieldPath>,
    /// The outlet.
    pub source: Vec<FieldPath>,
    /// The published time.
    pub published: Vec<FieldPath>,
    /// `usable`, `withheld` or `canceled`.
    pub status: Vec<FieldPath>,
    /// Parties that provided the information.
    #[serde(alias = "info_source")]
    pub info_source: Vec<FieldPath>,
    /// The copyright holder.
    #[serde(alias = "copyright_holder")]
    pub copyright_holder: Vec<FieldPath>,
    /// The author.
    pub byline: Vec<FieldPath>,
}

/// The path to a value in a record: names joined by dots, a number for an element of a list (`meta.authors.0.name`).
/// A path cannot contain a name that has a dot in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FieldPath(String);

/// A path with an empty step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a path: a path consists of names joined by dots, none of them empty, without $, *, [ and ]")]
pub struct FieldPathError(String);

impl TryFrom<String> for FieldPath {
    type Error = FieldPathError;

    fn try_from(text: String) -> Result<Self, FieldPathError> {
        if text.split('.').any(str::is_empty) || text.contains(['$', '[', ']', '*']) {
            Err(FieldPathError(text))
        } else {
            Ok(Self(text))
        }
    }
}

impl From<FieldPath> for String {
    fn from(path: FieldPath) -> Self {
        path.0
    }
}

impl FieldPath {
    /// The path as written.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The value at this path in a record that was found at `prefix`. The path may begin with the prefix.
    pub(super) fn find<'r>(&self, record: &'r Map<String, Value>, prefix: &str) -> Option<&'r Value> {
        let inside = self.0.strip_prefix(prefix).filter(|rest| rest.len() < self.0.len());
        Self::at(&self.0, record).or_else(|| Self::at(inside?, record))
    }

    fn at<'r>(path: &str, record: &'r Map<String, Value>) -> Option<&'r Value> {
        let mut steps = path.split('.');
        let first = record.get(steps.next()?)?;
        steps.try_fold(first, |value, step| match value {
            Value::Object(object) => object.get(step),
            Value::Array(list) => list.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn find<'r>(record: &'r Value, path: &str) -> Option<&'r Value> {
        let path = FieldPath::try_from(path.to_owned()).expect("a path");
        path.find(record.as_object().expect("an object"), "")
    }

    #[test]
    fn a_path_walks_objects_and_lists() {
        let record = json!({"a": {"b": [{"c": 1}, {"c": 2}], "0": 3}});
        assert_eq!(find(&record, "a.b.1.c"), Some(&json!(2)));
        assert_eq!(find(&record, "a.0"), Some(&json!(3)));
        assert_eq!(find(&record, "a.b.2"), None);
        assert_eq!(find(&record, "a.b.c"), None);
        assert_eq!(find(&record, "a.0.x"), None);
        assert_eq!(find(&record, "x"), None);
    }

    #[test]
    fn a_path_may_begin_with_the_envelopes() {
        let record = json!({"a": 1});
        let record = record.as_object().expect("an object");
        for text in ["a", "payload.after.a"] {
            let path = FieldPath::try_from(text.to_owned()).expect("a path");
            assert_eq!(path.find(record, "payload.after."), Some(&json!(1)));
        }
    }

    #[test]
    fn a_path_has_no_empty_step() {
        for text in ["", ".", "a.", ".a", "a..b", "$.a", "a[0].b", "a.*.b"] {
            assert!(FieldPath::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_map_is_read_in_kebab_and_in_snake_case() {
        let kebab: FieldMap = serde_json::from_value(json!({"info-source": ["a.b"]})).expect("can be read");
        let snake: FieldMap = serde_json::from_value(json!({"info_source": ["a.b"]})).expect("can be read");
        assert_eq!(kebab, snake);
        assert_eq!(kebab.info_source.len(), 1);
    }

    #[test]
    fn an_unknown_field_is_rejected_with_a_list_of_the_known_ones() {
        let error = serde_json::from_value::<FieldMap>(json!({"headline": ["a"]})).expect_err("an error").to_string();
        assert!(error.contains("`headline`") && error.contains("`title`"), "{error}");
    }

    #[test]
    fn a_map_with_an_empty_step_is_rejected_and_the_path_is_named() {
        let error = serde_json::from_value::<FieldMap>(json!({"uri": ["a..b"]})).expect_err("an error").to_string();
        assert!(error.contains("\"a..b\" is not a path"), "{error}");
    }
}
