//! Opens envelopes: what a connector, a broker or a database puts around a record.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::names::FieldSlot;
use crate::article::json;

/// Most envelopes around a record that are opened: Kafka Connect around Debezium around a document are three.
const ENVELOPES_MAX: usize = 4;

/// Most steps of a path that is the name of a value.
const PATH_STEPS_MAX: usize = 4;

/// A kind of envelope, as `shapes.toml` describes it. Machines write envelopes, so their names are compared exactly.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::article) struct Envelope {
    /// The name in reports.
    pub(in crate::article) name: String,
    /// Paths that the object has.
    has: Vec<String>,
    /// The name of the record.
    record: String,
    /// An envelope without a record takes back the article of the key.
    #[serde(default)]
    tombstone: bool,
    /// The path to the identity of the record, which is also that of a delete.
    #[serde(default)]
    identity: Option<String>,
    /// The path to the kind of change, such as insert or delete.
    #[serde(default)]
    operation: Option<String>,
    /// The kinds of change that take the article back.
    #[serde(default)]
    deletes: Vec<String>,
    /// The name of the record if it is taken back.
    #[serde(default)]
    deleted: Option<String>,
    /// The name of the key of the record.
    #[serde(default)]
    key: Option<String>,
    /// The names of the envelope whose values complete the record.
    #[serde(default)]
    outer: BTreeMap<FieldSlot, String>,
}

/// A record without its envelopes.
#[derive(Debug, Default)]
pub(in crate::article) struct Opened {
    /// The record; none if the envelope holds none, which takes back the article of the key.
    pub(in crate::article) record: Option<Map<String, Value>>,
    /// Where the record lies in the envelopes, with a dot at its end; empty if there is none.
    pub(in crate::article) prefix: String,
    /// The name of the innermost envelope; empty if there is none.
    pub(in crate::article) name: &'static str,
    /// The key of the record, where the envelope has it.
    pub(in crate::article) key: Option<String>,
    /// The envelope holds no record, which takes back the article of the key.
    pub(in crate::article) is_tombstone: bool,
    /// The identity that the envelope states.
    pub(in crate::article) identity: Option<Value>,
    /// The envelope states that the article was deleted.
    pub(in crate::article) is_deleted: bool,
    /// What the envelopes state that happened, such as `article.deleted`.
    pub(in crate::article) operations: Vec<String>,
    /// How many records lie where the envelope has one, if there are several.
    pub(in crate::article) several: usize,
    /// Values of the envelopes that complete the record, with their paths.
    pub(in crate::article) outer: Vec<(FieldSlot, String, Value)>,
}

/// Takes a record out of its envelopes.
pub(in crate::article) fn open(object: Map<String, Value>, envelopes: &'static [Envelope]) -> Opened {
    let mut opened = Opened { record: Some(object), ..Opened::default() };
    for _ in 0..ENVELOPES_MAX {
        let Some(object) = opened.record.as_mut() else { break };
        let is_around = |envelope: &&Envelope| envelope.has.iter().all(|path| at(object, path).is_some());
        let Some(envelope) = envelopes.iter().find(is_around) else { break };
        let is_deleted = envelope.is_delete(object);
        let name = envelope.deleted.as_ref().filter(|_| is_deleted).unwrap_or(&envelope.record);
        let operation = envelope.operation(object).map(str::to_owned);
        let identity = envelope.identity.as_ref().and_then(|path| at(object, path)).cloned();
        let record = match object.get_mut(name).map(inner_record) {
            Some(Inner::Record(record)) => Some(record),
            Some(Inner::Null) => {
                opened.is_tombstone = envelope.tombstone || is_deleted;
                None
            }
            // One operation over several records would be lost on the way to each of them.
            Some(Inner::Several(count)) if operation.is_some() => {
                opened.several = count;
                None
            }
            None if operation.is_some() => None,
            Some(Inner::Several(_) | Inner::Other) | None => break,
        };
        for (&slot, name) in &envelope.outer {
            if let Some(value) = object.remove(name) {
                opened.outer.push((slot, format!("{}{name}", opened.prefix), value));
            }
        }
        let key = envelope.key.as_ref().and_then(|key| object.get(key)?.as_str());
        opened.key = key.map(str::to_owned).or(opened.key);
        opened.identity = identity.or(opened.identity);
        opened.is_deleted |= is_deleted;
        opened.operations.extend(operation);
        opened.name = &envelope.name;
        opened.prefix = format!("{}{name}.", opened.prefix);
        opened.record = record;
    }
    if let Some(record) = &mut opened.record {
        nest_dotted_names(record);
        record.values_mut().for_each(parse_in_place);
    }
    opened
}

/// Makes objects of names with dots: tables that were made of nested records have columns such as `source.name`.
fn nest_dotted_names(record: &mut Map<String, Value>) {
    let is_path = |name: &&String| (2..=PATH_STEPS_MAX).contains(&name.split('.').count());
    let dotted: Vec<String> = record.keys().filter(is_path).cloned().collect();
    for name in dotted {
        let Some((parents, last)) = name.rsplit_once('.') else { continue };
        let mut at = Some(&mut *record);
        for step in parents.split('.') {
            at = at
                .filter(|_| !step.is_empty())
                .and_then(|object| object.entry(step).or_insert_with(|| Value::Object(Map::new())).as_object_mut());
        }
        let is_free = at.is_some_and(|object| !last.is_empty() && !object.contains_key(last));
        if !is_free {
            continue;
        }
        let Some(value) = record.remove(&name) else { continue };
        let parent = parents.split('.').try_fold(&mut *record, |object, step| object.get_mut(step)?.as_object_mut());
        if let Some(parent) = parent {
            parent.insert(last.to_owned(), value);
        }
    }
}

/// What lies where an envelope has its record.
enum Inner {
    Record(Map<String, Value>),
    Null,
    Several(usize),
    Other,
}

/// Takes the record out of a value: an object, a list of one, or one of these as text, also in Base64.
fn inner_record(value: &mut Value) -> Inner {
    match value {
        Value::Null => Inner::Null,
        Value::Object(record) => Inner::Record(std::mem::take(record)),
        Value::Array(list) => match &mut list[..] {
            [Value::Object(record)] => Inner::Record(std::mem::take(record)),
            [Value::Object(_), others @ ..] => Inner::Several(1 + others.len()),
            _ => Inner::Other,
        },
        Value::String(text) => {
            let decoded = || String::from_utf8(BASE64.decode(text.trim().as_bytes()).ok()?).ok();
            match json::parse(text).ok().or_else(|| json::parse(&decoded()?).ok()) {
                Some(Value::Object(record)) => Inner::Record(record),
                _ => Inner::Other,
            }
        }
        Value::Bool(_) | Value::Number(_) => Inner::Other,
    }
}

/// Replaces a text that contains an object or a list in JSON: databases without nested columns store them so, and
/// editors their rich text.
fn parse_in_place(value: &mut Value) {
    let text = match value {
        Value::String(text) => text,
        Value::Object(object) => return object.values_mut().for_each(parse_in_place),
        _ => return,
    };
    let trimmed = text.trim();
    let is_nested =
        (trimmed.starts_with("{\"") && trimmed.ends_with('}')) || (trimmed.starts_with("[{") && trimmed.ends_with(']'));
    if is_nested && let Ok(parsed) = json::parse(trimmed) {
        *value = parsed;
    }
}

/// The value at a path whose steps are compared exactly.
fn at<'r>(object: &'r Map<String, Value>, path: &str) -> Option<&'r Value> {
    let mut steps = path.split('.');
    let first = object.get(steps.next()?)?;
    steps.try_fold(first, |value, step| value.get(step))
}

impl Envelope {
    fn operation<'r>(&self, object: &'r Map<String, Value>) -> Option<&'r str> {
        self.operation.as_ref().and_then(|path| at(object, path)?.as_str())
    }

    fn is_delete(&self, object: &Map<String, Value>) -> bool {
        self.operation(object)
            .is_some_and(|operation| self.deletes.iter().any(|delete| delete.eq_ignore_ascii_case(operation)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::article::shapes::SHAPES;

    fn opened(value: Value) -> Opened {
        let Value::Object(object) = value else { panic!("an object") };
        open(object, &SHAPES.envelopes)
    }

    #[test]
    fn envelopes_in_envelopes_are_opened() {
        let change = json!({"before": null, "after": {"id": 1}, "op": "c", "source": {"connector": "x"}});
        let opened = opened(json!({"schema": {"type": "struct"}, "payload": change}));
        assert_eq!(opened.record.map(Value::Object), Some(json!({"id": 1})));
        assert_eq!((opened.prefix.as_str(), opened.name, opened.is_deleted), ("payload.after.", "Debezium", false));
    }

    #[test]
    fn a_deleted_record_is_the_one_before() {
        let opened = opened(json!({"before": {"id": 1}, "after": null, "op": "d"}));
        assert_eq!(opened.record.map(Value::Object), Some(json!({"id": 1})));
        assert!(opened.is_deleted);
    }

    #[test]
    fn a_record_in_text_is_read() {
        let opened = opened(json!({"Type": "Notification", "TopicArn": "a", "Message": "{\"id\": 1}"}));
        assert_eq!(opened.record.map(Value::Object), Some(json!({"id": 1})));
        let not_json = json!({"Type": "Notification", "TopicArn": "a", "Message": "hello"});
        assert_eq!(self::opened(not_json.clone()).record.map(Value::Object), Some(not_json));
    }

    #[test]
    fn an_empty_envelope_holds_no_record() {
        let opened = opened(json!({"schema": null, "payload": null}));
        assert_eq!((opened.record, opened.is_tombstone), (None, true));
        let update = self::opened(json!({"after": null, "patch": "{}", "source": {}, "op": "u"}));
        assert_eq!((update.record, update.is_tombstone), (None, false));
    }

    #[test]
    fn names_with_dots_are_nested_and_no_value_is_lost() {
        let flat = json!({"source.id": 7, "source.name": "A", "dc.date.issued": "2026-03-02", "text": "b", "text.x": 1,
            ".a": 1, "a.": 2, "b..c": 3, "h.e.l.l.o": 4});
        let nested = json!({"source": {"id": 7, "name": "A"}, "dc": {"date": {"issued": "2026-03-02"}}, "text": "b",
            "text.x": 1, ".a": 1, "a.": 2, "b..c": 3, "h.e.l.l.o": 4});
        let record = opened(flat).record.map(Value::Object).expect("a record");
        for (name, value) in nested.as_object().expect("an object") {
            assert_eq!(&record[name], value, "{name}");
        }
    }

    #[test]
    fn an_operation_over_several_records_is_not_taken_apart() {
        let several =
            opened(json!({"database": "a", "table": "b", "type": "DELETE", "isDdl": false, "data": [{}, {}]}));
        assert_eq!((several.record, several.several, several.name), (None, 2, "Canal"));
        let event =
            opened(json!({"specversion": "1.0", "type": "a.deleted", "source": "c", "id": "1", "subject": "urn:x"}));
        assert_eq!(
            (event.record, event.operations, event.key),
            (None, vec!["a.deleted".to_owned()], Some("urn:x".to_owned()))
        );
    }

    #[test]
    fn any_depth_of_envelopes_ends() {
        let mut value = json!({"id": 1});
        for _ in 0..20 {
            value = json!({"schema": {}, "payload": value});
        }
        assert_eq!(opened(value).prefix.matches("payload.").count(), ENVELOPES_MAX);
    }
}
