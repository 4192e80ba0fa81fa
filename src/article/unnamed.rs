//! Searches a record for what it has under names that are not known.

use serde_json::{Map, Value};

use super::candidates::TEXT_BYTES_MIN;

/// Where the text may be instead: the longest one of the record, or a list of objects in it.
pub(super) fn where_else(record: &Map<String, Value>) -> String {
    let mut found = Unnamed::default();
    found.search_object(record, &mut Vec::new());
    match found {
        Unnamed { list: Some((path, length)), .. } => {
            format!("; `{path}` is a list of {length} objects: take it apart, for example with jq -c '.{path}[]'")
        }
        Unnamed { longest: Some((path, length)), .. } if length >= TEXT_BYTES_MIN => {
            format!("; its longest text is `{path}`: if it is the article, map it (fields.body)")
        }
        Unnamed { .. } => String::new(),
    }
}

/// What a record has under names that are not known.
#[derive(Default)]
struct Unnamed {
    /// The path and the length in bytes of the longest text.
    longest: Option<(String, usize)>,
    /// The path and the length of the first list of several objects.
    list: Option<(String, usize)>,
}

impl Unnamed {
    /// Searches an object. The depth of JSON is bounded, and so is the recursion.
    fn search_object<'r>(&mut self, object: &'r Map<String, Value>, path: &mut Vec<&'r str>) {
        for (name, value) in object {
            path.push(name);
            match value {
                Value::String(text) if self.longest.as_ref().is_none_or(|(_, length)| text.len() > *length) => {
                    self.longest = Some((path.join("."), text.len()));
                }
                Value::Array(list) if self.list.is_none() && list.len() > 1 && list.iter().all(Value::is_object) => {
                    self.list = Some((path.join("."), list.len()));
                }
                Value::Object(object) => self.search_object(object, path),
                _ => {}
            }
            path.pop();
        }
    }
}
