//! JSON to a value, as `serde_json` reads it, but for names that occur twice in an object.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Value};

/// Reads a value. Of several values under one name in an object the last one counts that is not blank.
pub(super) fn from_str(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text).map(|ReadValue(value)| value)
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

struct ReadValue(Value);

impl<'de> Deserialize<'de> for ReadValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(ReadValue(value)) = elements.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, ReadValue(value))) = members.next_entry::<String, _>()? {
            match object.entry(name) {
                Entry::Vacant(entry) => drop(entry.insert(value)),
                Entry::Occupied(mut entry) if !is_blank(&value) => drop(entry.insert(value)),
                Entry::Occupied(_) => {}
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_value_of_a_repeated_name_counts_that_is_not_blank() {
        for (text, expected) in [
            (r#"{"a":1,"a":2}"#, json!({"a": 2})),
            (r#"{"a":"x","b":0,"a":""}"#, json!({"a": "x", "b": 0})),
            (r#"{"a":"x","a":null,"a":[],"a":" "}"#, json!({"a": "x"})),
            (r#"{"a":null,"a":""}"#, json!({"a": null})),
            (r#"[{"a":{"b":[1],"b":{}}}]"#, json!([{"a": {"b": [1]}}])),
        ] {
            assert_eq!(from_str(text).expect("JSON"), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_without_repeated_names_is_read_as_by_the_library(
            text in "[{}\\[\\],:\"a\\\\u01e.\\- truefalsn]{0,24}", number in any::<f64>(), integer in any::<i64>(),
        ) {
            let values = json!([number, integer, integer as u64, text, {"é": [true, null, {}]}]).to_string();
            for text in [text, values] {
                let (ours, theirs) = (from_str(&text), serde_json::from_str::<Value>(&text));
                prop_assert_eq!(ours.is_ok(), theirs.is_ok());
                if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
                    let is_repeated = text.matches("\":").count() > 1;
                    prop_assert!(ours == theirs || is_repeated, "{}", text);
                }
            }
        }
    }
}
