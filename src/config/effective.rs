//! The effective settings: all layers, each flattened to dotted keys and laid over the one before it.
//!
//! A value is kept as its text, whatever layer it comes from: `threads = "4"` in a file, a variable and an argument are
//! then parsed by the same rules and refused with the same message.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::problem::{ConfigProblem, ValueOrigin};

/// The text of a value, or of each item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    One(String),
    Many(Vec<String>),
}

/// A value with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) value: Value,
    pub(super) origin: ValueOrigin,
}

/// The settings as given, by dotted key; each value comes from the last layer that names the key.
#[derive(Debug, Clone, Default)]
pub struct EffectiveSettings {
    pub(super) settings: BTreeMap<String, Setting>,
    /// Tables without a key. They set nothing, but a misspelt name must be reported all the same.
    pub(super) empty_tables: Vec<(String, ValueOrigin)>,
    pub(super) problems: Vec<ConfigProblem>,
}

/// An argument of the command line that sets a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The dotted key.
    pub key: String,
    /// The text of the value.
    pub value: String,
    /// The argument as the user typed it, for messages: `--stages signatures`.
    pub typed: String,
}

/// The prefix of all variables that are settings.
const PREFIX: &str = "WIREFOLD_";

/// Tables whose keys are property names of librdkafka. These have dots, and none that can be set as text has an
/// underscore.
pub(super) const PROPERTY_TABLES: [&str; 2] = ["kafka.properties", "kafka.properties_files"];

impl EffectiveSettings {
    pub(super) fn set(&mut self, key: String, value: Value, origin: ValueOrigin) {
        self.settings.insert(key, Setting { value, origin });
    }

    fn problem(&mut self, origin: ValueOrigin, message: String) {
        self.problems.push(ConfigProblem { origin, message });
    }

    /// Adds the text of a TOML file as the next layer; `place` gives the origin of a line.
    pub(super) fn add_toml(&mut self, text: &str, place: &dyn Fn(usize) -> ValueOrigin) {
        let origin = |span: Range<usize>| place(text[..span.start.min(text.len())].matches('\n').count() + 1);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            self.problem(origin(error.span().unwrap_or(0..0)), format!("not TOML: {}", error.message()));
        }
        // The rest of a file with syntax errors would only cause misleading messages about missing values.
        if errors.is_empty() {
            self.add_table("", table.get_ref(), &origin);
        }
    }

    fn add_table(&mut self, prefix: &str, table: &DeTable<'_>, origin: &dyn Fn(Range<usize>) -> ValueOrigin) {
        for (name, value) in table {
            let key =
                if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
            let at = origin(name.span());
            match value.get_ref() {
                DeValue::Table(inner) if inner.is_empty() => self.empty_tables.push((key, at)),
                DeValue::Table(inner) => self.add_table(&key, inner, origin),
                DeValue::Array(items) => match items.iter().map(|item| scalar(item.get_ref())).collect() {
                    Some(texts) => self.set(key, Value::Many(texts), at),
                    None => {
                        self.problem(
                            at,
                            format!("{key} contains a list or a table in a list; expected a list of texts"),
                        );
                    }
                },
                value => {
                    if let Some(text) = scalar(value) {
                        self.set(key, Value::One(text), at);
                    }
                }
            }
        }
    }

    /// Adds a file as the next layer.
    pub(super) fn add_file(&mut self, path: &Path) {
        let place = |line| ValueOrigin::File(path.to_owned(), line);
        match std::fs::read_to_string(path) {
            Ok(text) => self.add_toml(&text, &place),
            Err(error) => self.problem(
                ValueOrigin::Argument(format!("--config {}", path.display())),
                format!("cannot read this file: {error}"),
            ),
        }
    }

    /// Adds the variables of an environment as the next layer.
    pub(super) fn add_environment(&mut self, variables: impl IntoIterator<Item = (OsString, OsString)>) {
        for (name, value) in variables {
            let Some(name) = name.to_str() else { continue };
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            if value.is_empty() || is_not_a_setting(rest) {
                continue;
            }
            let origin = ValueOrigin::Environment(name.to_owned());
            match value.into_string() {
                Ok(text) => self.set(environment_key(rest), Value::One(text), origin),
                Err(_) => self.problem(origin, "the value is not UTF-8".to_owned()),
            }
        }
    }

    /// Adds arguments of the command line as the next layer.
    pub(super) fn add_arguments(&mut self, arguments: &[Argument]) {
        for Argument { key, value, typed } in arguments {
            self.set(key.clone(), Value::One(value.clone()), ValueOrigin::Argument(typed.clone()));
        }
    }
}

/// Whether a variable with the prefix is no setting: `WIREFOLD_CONFIG`, which the command line reads itself, and the
/// variables that Kubernetes gives to every pod for each service whose name begins with `wirefold`.
fn is_not_a_setting(rest: &str) -> bool {
    let from_kubernetes = rest.ends_with("SERVICE_HOST")
        || rest.ends_with("PORT")
        || ["SERVICE_PORT_", "_TCP", "_UDP"].iter().any(|part| rest.contains(part));
    rest == "CONFIG" || (from_kubernetes && !rest.contains("__"))
}

/// The key that a variable sets: `KAFKA__PROPERTIES__SECURITY_PROTOCOL` sets `kafka.properties.security.protocol`.
fn environment_key(rest: &str) -> String {
    let key = rest.to_lowercase().replace("__", ".");
    for table in PROPERTY_TABLES {
        if let Some(property) = key.strip_prefix(table).and_then(|tail| tail.strip_prefix('.')) {
            return format!("{table}.{}", property.replace('_', "."));
        }
    }
    key
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
