//! What was typed: the layers, each flattened to dotted keys, laid over one another.
//!
//! A value is kept as its text, wherever it was typed: a file that says `threads = "4"`, a variable and an
//! argument are then read by the same rules and refused with the same words.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::problem::{Origin, Problem};

/// The text of a value, or of each item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    One(String),
    Many(Vec<String>),
}

/// A value and where it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// All settings that were typed, by dotted key; each from the last layer that names it.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    pub(super) settings: BTreeMap<String, Setting>,
    /// Tables without a key: nothing is set, but their names must be known all the same.
    pub(super) empty_tables: Vec<(String, Origin)>,
    pub(super) problems: Vec<Problem>,
}

/// An argument of the command line that sets a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The dotted key.
    pub key: String,
    /// Its text.
    pub value: String,
    /// How it was typed, for messages: `--stages sign`.
    pub typed: String,
}

/// The prefix of every variable that is a setting.
const PREFIX: &str = "WIREFOLD_";

/// Tables whose keys are librdkafka's: with dots, and (where a text can set them) never an underscore.
pub(super) const PROPERTY_TABLES: [&str; 2] = ["kafka.properties", "kafka.properties_files"];

impl Typed {
    pub(super) fn set(&mut self, key: String, value: Value, origin: Origin) {
        self.settings.insert(key, Setting { value, origin });
    }

    fn problem(&mut self, origin: Origin, message: String) {
        self.problems.push(Problem { origin, message });
    }

    /// Lays the text of a TOML file on top; `place` names the origin of a line.
    pub(super) fn lay_toml(&mut self, text: &str, place: &dyn Fn(usize) -> Origin) {
        let origin = |span: Range<usize>| place(text[..span.start.min(text.len())].matches('\n').count() + 1);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            self.problem(origin(error.span().unwrap_or(0..0)), format!("not TOML: {}", error.message()));
        }
        // What is left of a file that cannot be read would only be refused for what is missing in it.
        if errors.is_empty() {
            self.lay_table("", table.get_ref(), &origin);
        }
    }

    fn lay_table(&mut self, prefix: &str, table: &DeTable<'_>, origin: &dyn Fn(Range<usize>) -> Origin) {
        for (name, value) in table {
            let key =
                if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
            let at = origin(name.span());
            match value.get_ref() {
                DeValue::Table(inner) if inner.is_empty() => self.empty_tables.push((key, at)),
                DeValue::Table(inner) => self.lay_table(&key, inner, origin),
                DeValue::Array(items) => match items.iter().map(|item| scalar(item.get_ref())).collect() {
                    Some(texts) => self.set(key, Value::Many(texts), at),
                    None => {
                        self.problem(at, format!("{key} holds a list or a table in a list; expected a list of texts"));
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

    /// Lays a file on top.
    pub(super) fn lay_file(&mut self, path: &Path) {
        let place = |line| Origin::File(path.to_owned(), line);
        match std::fs::read_to_string(path) {
            Ok(text) => self.lay_toml(&text, &place),
            Err(error) => self.problem(
                Origin::Argument(format!("--config {}", path.display())),
                format!("cannot read this file: {error}"),
            ),
        }
    }

    /// Lays the variables of an environment on top.
    pub(super) fn lay_environment(&mut self, variables: impl IntoIterator<Item = (OsString, OsString)>) {
        for (name, value) in variables {
            let Some(name) = name.to_str() else { continue };
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            if value.is_empty() || is_not_a_setting(rest) {
                continue;
            }
            let origin = Origin::Environment(name.to_owned());
            match value.into_string() {
                Ok(text) => self.set(environment_key(rest), Value::One(text), origin),
                Err(_) => self.problem(origin, "the value is not UTF-8".to_owned()),
            }
        }
    }

    /// Lays arguments of the command line on top.
    pub(super) fn lay_arguments(&mut self, arguments: &[Argument]) {
        for Argument { key, value, typed } in arguments {
            self.set(key.clone(), Value::One(value.clone()), Origin::Argument(typed.clone()));
        }
    }
}

/// Variables of our prefix that others set: the path of the file, which the command line reads itself, and those that
/// Kubernetes gives to every pod for each service whose name begins with `wirefold`.
fn is_not_a_setting(rest: &str) -> bool {
    let of_kubernetes = rest.ends_with("SERVICE_HOST")
        || rest.ends_with("PORT")
        || ["SERVICE_PORT_", "_TCP", "_UDP"].iter().any(|part| rest.contains(part));
    rest == "CONFIG" || (of_kubernetes && !rest.contains("__"))
}

/// `KAFKA__PROPERTIES__SECURITY_PROTOCOL` is `kafka.properties.security.protocol`.
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
