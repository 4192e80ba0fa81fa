//! Recognises objects that are no article, but a table of many or a part of an export.

use serde_json::{Map, Value};

/// Names of columns whose values differ from row to row, without regard to case, `_` and `-`.
const IDENTITIES: [&str; 9] = ["id", "articleid", "guid", "headline", "link", "title", "uri", "url", "uuid"];

/// Names of the lines of Elasticsearch's bulk format that say what to do with the next line.
const BULK_ACTIONS: [&str; 4] = ["index", "create", "update", "delete"];

const BY_COLUMNS: &str = "write one object a row, for example with jq -c '[to_entries[] | .key as $k | [.value[] | \
    {($k): .}]] | transpose[] | add'";
const SPLIT: &str = "write one object a row: jq -c '.columns as $c | .data[] | [$c, .] | transpose | map({(.[0]): .[1]}) \
    | add'";

/// What an object is that is no article, and what to do with it.
pub(super) fn refusal(object: &Map<String, Value>) -> Option<String> {
    if let Some(rows) = rows_of_columns(object) {
        return Some(format!("a table by columns with {rows} rows; {BY_COLUMNS}"));
    }
    if let Some(rows) = rows_of_split(object) {
        return Some(format!("a table with {rows} rows in `data`; {SPLIT}"));
    }
    is_bulk_action(object).then(|| {
        "a line of Elasticsearch's bulk format that only says what to do with the next line; leave such lines out"
            .to_owned()
    })
}

/// The number of rows, if every value is a column of as many rows as the others, and one has the identities of articles.
fn rows_of_columns(object: &Map<String, Value>) -> Option<usize> {
    let rows = column(object.values().next()?)?.len();
    let is_column = |value| column(value).is_some_and(|cells| cells.len() == rows);
    let has_identities = |(name, value): (&String, &Value)| {
        let cells = column(value).unwrap_or_default();
        let letters: String = name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).collect();
        let is_known = IDENTITIES.contains(&&*letters.to_ascii_lowercase());
        is_known && cells.iter().all(|cell| cell.is_string() || cell.is_number()) && cells[0] != cells[1]
    };
    let is_table = rows > 1 && object.len() > 1 && object.values().all(is_column) && object.iter().any(has_identities);
    is_table.then_some(rows)
}

/// The cells of a column: a list, or an object whose names are numbers, as pandas writes it.
fn column(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(list) => Some(list.iter().collect()),
        Value::Object(object) => {
            let is_number = |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
            object.keys().all(is_number).then(|| object.values().collect())
        }
        _ => None,
    }
}

/// The number of rows of `{"columns": […], "data": [[…], …]}`.
fn rows_of_split(object: &Map<String, Value>) -> Option<usize> {
    let list = |name| object.get(name).and_then(Value::as_array);
    let (columns, rows) = (list("columns")?, list("data")?);
    let is_row = |row: &Value| row.as_array().is_some_and(|cells| cells.len() == columns.len());
    (columns.iter().all(Value::is_string) && !rows.is_empty() && rows.iter().all(is_row)).then_some(rows.len())
}

fn is_bulk_action(object: &Map<String, Value>) -> bool {
    let (1, Some((name, Value::Object(action)))) = (object.len(), object.iter().next()) else { return false };
    BULK_ACTIONS.contains(&&**name) && (action.contains_key("_index") || action.contains_key("_id"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal_of(value: &Value) -> Option<String> {
        refusal(value.as_object().expect("an object"))
    }

    #[test]
    fn tables_and_actions_are_no_articles() {
        for (value, says) in [
            (json!({"id": ["a", "b"], "text": ["A dam.", "A mill."]}), "columns with 2 rows"),
            (json!({"title": {"0": "A", "1": "B"}, "text": {"0": "A dam.", "1": null}}), "columns with 2 rows"),
            (json!({"columns": ["id", "text"], "index": [0], "data": [["a", "A dam."]]}), "1 rows in `data`"),
            (json!({"index": {"_index": "news", "_id": "a"}}), "bulk format"),
            (json!({"delete": {"_id": "a"}}), "bulk format"),
        ] {
            let refusal = refusal_of(&value).unwrap_or_else(|| panic!("{value} is refused"));
            assert!(refusal.contains(says), "{refusal}");
        }
    }

    #[test]
    fn articles_with_lists_are_no_tables() {
        for value in [
            json!({}),
            json!({"id": ["a"], "text": ["A dam."]}),
            json!({"id": "a", "text": ["A dam.", "A mill."], "authors": ["b", "c"]}),
            json!({"text": ["A dam.", "A mill."], "authors": ["b", "c"]}),
            json!({"title": ["A", "B"], "text": ["A dam."]}),
            json!({"title": ["A", "A"], "text": ["A dam.", "A mill."]}),
            json!({"title": {"en": "A", "de": "B"}, "text": {"en": "A dam.", "de": "A mill."}}),
            json!({"title": {}, "text": {}}),
            json!({"title": [], "text": []}),
            json!({"columns": ["id"], "data": ["a"]}),
            json!({"index": {"name": "DAX"}, "text": "It rose."}),
            json!({"update": {"text": "A dam."}}),
        ] {
            assert_eq!(refusal_of(&value), None, "{value}");
        }
    }
}
