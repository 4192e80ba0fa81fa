//! Prints the effective settings as TOML, each value with its origin.

use std::collections::BTreeMap;
use std::fmt;

use super::effective::{EffectiveSettings, PROPERTY_TABLES, Setting, Value};
use super::problem::ValueOrigin;
use super::properties::{MASK, is_secret_setting};

/// Tables whose keys may contain dots themselves.
const TABLES: [&str; 7] = [
    PROPERTY_TABLES[1],
    PROPERTY_TABLES[0],
    "sources.outlets",
    "sources.publishers",
    "sources.agencies",
    "sources.releases",
    "fields",
];

impl EffectiveSettings {
    /// The settings of these sections as TOML literals, by dotted key. Secrets are not masked.
    pub fn under(&self, sections: &[&str]) -> BTreeMap<String, String> {
        let is_below = |key: &str| sections.iter().any(|section| key.split('.').next() == Some(section));
        let below = self.settings.iter().filter(|(key, _)| is_below(key));
        below.map(|(key, setting)| (key.clone(), literal(&setting.value))).collect()
    }

    /// Adds a value that was found at start at `place`, unless a layer sets one.
    pub(super) fn set_found(&mut self, key: &str, value: &str, place: &'static str) {
        let found = || Setting { value: Value::One(value.to_owned()), origin: ValueOrigin::Found(place) };
        self.settings.entry(key.to_owned()).or_insert_with(found);
    }
}

/// TOML that sets the same settings, except for secrets, which are masked.
impl fmt::Display for EffectiveSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<(&str, &str, String, &Setting)> = self
            .settings
            .iter()
            .map(|(key, setting)| {
                let (table, name) = split(key);
                (table, name, if is_secret_setting(key) { quoted(MASK) } else { literal(&setting.value) }, setting)
            })
            .collect();
        lines.sort_by_key(|(table, name, ..)| (*table, *name));
        let mut open = "";
        for (table, name, value, setting) in lines {
            if table != open {
                writeln!(f, "\n[{table}]")?;
                open = table;
            }
            writeln!(f, "{} = {value}  # {}", key(name), setting.origin)?;
        }
        Ok(())
    }
}

fn split(key: &str) -> (&str, &str) {
    for table in TABLES {
        if let Some(name) = key.strip_prefix(table).and_then(|rest| rest.strip_prefix('.')) {
            return (&key[..table.len()], name);
        }
    }
    key.rsplit_once('.').unwrap_or(("", key))
}

fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}

fn literal(value: &Value) -> String {
    match value {
        Value::One(text) if is_literal(text) => text.clone(),
        Value::One(text) => quoted(text),
        Value::Many(texts) => {
            format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Whether a text has the same meaning in TOML without quotes.
fn is_literal(text: &str) -> bool {
    let is_number = text.parse::<u32>().is_ok_and(|number| number.to_string() == text);
    let is_share = text.contains('.') && text.parse::<f64>().is_ok_and(|number| number.to_string() == text);
    is_number || is_share || text == "true" || text == "false"
}

/// Quotes a text. The escapes of JSON are valid in TOML; of those that JSON does not use, TOML requires only DEL's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
