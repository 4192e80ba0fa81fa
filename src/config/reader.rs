//! Reads values by key, and collects what is wrong with them.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

use super::effective::{EffectiveSettings, Setting, Value};
use super::problem::{ConfigProblem, ValueOrigin};

/// Reads settings and collects problems. `None` means that a problem was added; for `optional` and `optional_count` it
/// can also mean that the key is not set.
pub(super) struct SettingsReader<'a> {
    effective: &'a EffectiveSettings,
    pub(super) problems: Vec<ConfigProblem>,
    keys: BTreeSet<&'static str>,
    tables: BTreeSet<&'static str>,
}

impl<'a> SettingsReader<'a> {
    pub(super) fn new(effective: &'a EffectiveSettings) -> Self {
        Self { effective, problems: effective.problems.clone(), keys: BTreeSet::new(), tables: BTreeSet::new() }
    }

    pub(super) fn refuse(&mut self, origin: &ValueOrigin, message: String) {
        self.problems.push(ConfigProblem { origin: origin.clone(), message });
    }

    /// Where the value of a key comes from.
    pub(super) fn origin(&self, key: &str) -> ValueOrigin {
        self.effective.settings.get(key).map_or(ValueOrigin::Default, |setting| setting.origin.clone())
    }

    fn setting(&mut self, key: &'static str) -> Option<&'a Setting> {
        self.keys.insert(key);
        self.effective.settings.get(key)
    }

    /// The settings of a table whose keys users choose, each with its name in the table.
    pub(super) fn table(&mut self, table: &'static str) -> Vec<(&'a str, &'a Setting)> {
        self.tables.insert(table);
        let named =
            |(key, setting): (&'a String, &'a Setting)| Some((key.strip_prefix(table)?.strip_prefix('.')?, setting));
        self.effective.settings.iter().filter_map(named).collect()
    }

    /// The value of a key that may be absent.
    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let setting = self.setting(key)?;
        let parsed = match &setting.value {
            Value::One(text) => parse(text.trim()),
            Value::Many(_) => None,
        };
        if parsed.is_none() {
            self.refuse(&setting.origin, format!("{key} is {}; expected {expected}", quoted_value(&setting.value)));
        }
        parsed
    }

    /// The value of a key that has a default.
    pub(super) fn one<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        if self.setting(key).is_none() {
            self.refuse(&ValueOrigin::Default, format!("{key} is not set; expected {expected}"));
        }
        self.optional(key, expected, parse)
    }

    /// A list of at least one item.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let setting = self.setting(key)?;
        let parsed: Option<Vec<T>> = items(&setting.value).into_iter().map(parse).collect();
        let parsed = parsed.filter(|items| !items.is_empty());
        if parsed.is_none() {
            self.refuse(&setting.origin, format!("{key} is {}; expected {expected}", quoted_value(&setting.value)));
        }
        parsed
    }

    pub(super) fn duration(&mut self, key: &'static str) -> Option<Duration> {
        self.one(key, "a duration such as \"72h\", \"30d\" or \"500ms\"", duration)
    }

    pub(super) fn positive_duration(&mut self, key: &'static str) -> Option<Duration> {
        let expected = "a duration above zero, such as \"72h\", \"30d\" or \"500ms\"";
        self.one(key, expected, |text| duration(text).filter(|duration| !duration.is_zero()))
    }

    pub(super) fn count(&mut self, key: &'static str, max: usize) -> Option<usize> {
        self.one(key, &format!("a whole number from 1 to {max}"), |text| count(text, max))
    }

    pub(super) fn optional_count(&mut self, key: &'static str, max: usize) -> Option<usize> {
        self.optional(key, &format!("a whole number from 1 to {max}"), |text| count(text, max))
    }

    /// Refuses every key that is set but was never read, and suggests the most similar known key.
    pub(super) fn refuse_unknown(&mut self) {
        let in_table = |key: &str| self.tables.iter().any(|table| is_below(key, table));
        let settings = self.effective.settings.iter().map(|(key, setting)| (key, &setting.origin));
        let unknown = settings.filter(|(key, _)| !self.keys.contains(key.as_str()) && !in_table(key));
        let has_a_key = |table: &str| self.tables.contains(table) || self.known().any(|key| is_below(key, table));
        let empty = self.effective.empty_tables.iter().map(|(table, origin)| (table, origin));
        let sections = || self.known().filter_map(|key| Some(key.rsplit_once('.')?.0));
        let refused: Vec<ConfigProblem> = unknown
            .map(|(key, origin)| (origin, key, "setting", nearest(key, self.known())))
            .chain(
                empty
                    .filter(|(table, _)| !has_a_key(table))
                    .map(|(table, origin)| (origin, table, "section", nearest(table, sections()))),
            )
            .map(|(origin, name, kind, nearest)| ConfigProblem {
                origin: origin.clone(),
                message: format!("{name} is not a {kind}; did you mean {nearest}?"),
            })
            .collect();
        self.problems.extend(refused);
    }

    /// Every key and table that was read.
    pub(super) fn known(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().chain(&self.tables).copied()
    }
}

fn nearest(key: &str, known: impl Iterator<Item = &'static str>) -> &'static str {
    known.max_by(|a, b| similarity(key, a).total_cmp(&similarity(key, b))).unwrap_or_default()
}

/// The similarity of a key to a known one, 0 to 1. The right name in the wrong section is almost right.
fn similarity(key: &str, known: &str) -> f64 {
    let whole = strsim::normalized_damerau_levenshtein(key, known);
    whole.max(0.9 * strsim::normalized_damerau_levenshtein(name(key), name(known)))
}

fn name(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

fn is_below(key: &str, table: &str) -> bool {
    key.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'))
}

/// The items of a list. A text is a list separated by commas.
pub(super) fn items(value: &Value) -> Vec<&str> {
    match value {
        Value::One(text) => text.split(',').map(str::trim).collect(),
        Value::Many(texts) => texts.iter().map(String::as_str).collect(),
    }
}

pub(super) fn quoted_value(value: &Value) -> String {
    match value {
        Value::One(text) => format!("{text:?}"),
        Value::Many(texts) => format!("{texts:?}"),
    }
}

/// Parses a duration, such as `72h`, `30d` or `500ms`. Days have 24 hours and weeks seven days. Months and years are
/// refused, because their length varies.
pub fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?.try_into().ok()
}

fn count(text: &str, max: usize) -> Option<usize> {
    text.parse().ok().filter(|count| (1..=max).contains(count))
}
