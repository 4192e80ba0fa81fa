//! Searches a record for what it has under names that are not known.

use serde_json::{Map, Value};

use super::candidates::TEXT_BYTES_MIN;

/// How many lists are named.
const SHOWN_LISTS_MAX: usize = 4;

/// How many names two objects have in common that are of one kind.
const COMMON_NAMES_MIN: usize = 2;

/// Where the text may be instead: the longest one of the record, or lists of objects in it.
pub(super) fn where_else(record: &Map<String, Value>) -> String {
    let mut found = Unnamed::default();
    found.search_object(record, &mut Vec::new());
    if !found.lists.is_empty() {
        let named: Vec<String> = found.lists.iter().map(|list| format!("`{}`", list.path)).collect();
        let what = match &found.lists[..] {
            [list] if list.path.is_empty() => {
                format!("its {} values are objects of one kind: take it apart", list.length)
            }
            [list] => format!("`{}` has {} objects: take it apart", list.path, list.length),
            _ => format!("{} have several objects: take them apart", named.join(", ")),
        };
        let steps: Vec<String> = found.lists.iter().map(|list| format!("{}[]?", list.step)).collect();
        // Other lines of the file may be articles.
        let others = if named[..] == ["``"] || steps.len() > 1 { "" } else { " // ." };
        return format!("; {what}, for example with jq -c '{}{others}'", steps.join(", "));
    }
    match found.longest {
        Some((path, length)) if length >= TEXT_BYTES_MIN => {
            format!("; its longest text is `{path}`: if it is the article, map it (fields.body)")
        }
        _ => String::new(),
    }
}

/// What a record has under names that are not known.
#[derive(Default)]
struct Unnamed {
    /// The path and the length in bytes of the longest text.
    longest: Option<(String, usize)>,
    /// The first lists of several objects.
    lists: Vec<ObjectList>,
}

/// Several objects of one kind.
struct ObjectList {
    path: String,
    /// The path in the language of jq.
    step: String,
    length: usize,
}

impl Unnamed {
    /// Searches an object. The depth of JSON is bounded, and so is the recursion.
    fn search_object<'r>(&mut self, object: &'r Map<String, Value>, path: &mut Vec<&'r str>) {
        if is_list_by_name(object) {
            self.add_list(path, object.len());
            return;
        }
        for (name, value) in object {
            path.push(name);
            match value {
                Value::String(text) if self.longest.as_ref().is_none_or(|(_, length)| text.len() > *length) => {
                    self.longest = Some((path.join("."), text.len()));
                }
                Value::Array(list) if list.len() > 1 && list.iter().all(Value::is_object) => {
                    self.add_list(path, list.len());
                }
                Value::Object(object) => self.search_object(object, path),
                _ => {}
            }
            path.pop();
        }
    }

    fn add_list(&mut self, path: &[&str], length: usize) {
        if self.lists.len() < SHOWN_LISTS_MAX {
            self.lists.push(ObjectList { path: path.join("."), step: jq_path(path), length });
        }
    }
}

/// Whether the values of an object are several objects of one kind, as in `{"id1": {…}, "id2": {…}}`.
fn is_list_by_name(object: &Map<String, Value>) -> bool {
    let mut inner = object.values().map(Value::as_object);
    let Some(Some(first)) = inner.next() else { return false };
    object.len() > 1
        && inner.all(|other| {
            other.is_some_and(|other| other.keys().filter(|name| first.contains_key(*name)).count() >= COMMON_NAMES_MIN)
        })
}

/// A path in the language of jq, to stand between the single quotes of a shell.
fn jq_path(path: &[&str]) -> String {
    let mut out = String::new();
    for name in path {
        let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_plain {
            out.push('.');
            out.push_str(name);
        } else {
            let quoted = Value::from(*name).to_string().replace('\'', "\\u0027");
            let dot = if out.is_empty() { "." } else { "" };
            out.extend([dot, "[", &quoted, "]"]);
        }
    }
    if out.is_empty() { ".".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_way_to_take_a_list_apart_is_right_for_any_name() {
        let objects = json!([{"a": 1}, {"a": 2}]);
        for (record, jq) in [
            (json!({"beitraege": objects}), "jq -c '.beitraege[]? // .'"),
            (json!({"@graph": objects}), r#"jq -c '.["@graph"][]? // .'"#),
            (json!({"rss": {"content:items": objects}}), r#"jq -c '.rss["content:items"][]? // .'"#),
            (json!({"2list": {"a b": {"c.d": objects}}}), r#"jq -c '.["2list"]["a b"]["c.d"][]? // .'"#),
            (json!({"it's \"x\"": objects}), r#"jq -c '.["it\u0027s \"x\""][]? // .'"#),
            (json!({"world": objects, "local": objects, "n": 2}), "jq -c '.local[]?, .world[]?'"),
            (json!({"posts": {"a": {"id": 1, "x": 2}, "b": {"id": 2, "x": 2}}}), "jq -c '.posts[]? // .'"),
            (json!({"a": {"id": 1, "x": 2}, "b": {"id": 2, "x": 2}}), "jq -c '.[]?'"),
        ] {
            let hint = where_else(record.as_object().expect("an object"));
            let sorted = |text: &str| text.contains(jq) || text.contains("'.world[]?, .local[]?'");
            assert!(sorted(&hint), "{hint}");
        }
    }

    #[test]
    fn objects_of_several_kinds_are_no_list() {
        for record in
            [json!({"meta": {"id": 1, "n": 2}, "data": {"id": 3}}), json!({"meta": {"id": 1, "n": 2}}), json!({})]
        {
            assert_eq!(where_else(record.as_object().expect("an object")), "", "{record}");
        }
    }
}
