//! From what was typed to what the program needs: every value is asked for by its key, every refusal noted.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

use super::problem::{Origin, Problem};
use super::typed::{Setting, Typed, Value};

/// Reads settings and notes what is wrong with them. `None` means that a problem was noted, for `optional_*` also that
/// nothing was typed.
pub(super) struct Reader<'a> {
    pub(super) typed: &'a Typed,
    pub(super) problems: Vec<Problem>,
    keys: BTreeSet<&'static str>,
    tables: BTreeSet<&'static str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(typed: &'a Typed) -> Self {
        Self { typed, problems: typed.problems.clone(), keys: BTreeSet::new(), tables: BTreeSet::new() }
    }

    pub(super) fn refuse(&mut self, origin: &Origin, message: String) {
        self.problems.push(Problem { origin: origin.clone(), message });
    }

    /// Where the value of a key was typed.
    pub(super) fn origin(&self, key: &str) -> Origin {
        self.typed.settings.get(key).map_or(Origin::Default, |setting| setting.origin.clone())
    }

    fn setting(&mut self, key: &'static str) -> Option<&'a Setting> {
        self.keys.insert(key);
        self.typed.settings.get(key)
    }

    /// The settings of a table whose keys are not ours to know, with their names in it.
    pub(super) fn table(&mut self, table: &'static str) -> Vec<(&'a str, &'a Setting)> {
        self.tables.insert(table);
        let named =
            |(key, setting): (&'a String, &'a Setting)| Some((key.strip_prefix(table)?.strip_prefix('.')?, setting));
        self.typed.settings.iter().filter_map(named).collect()
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
            self.refuse(&setting.origin, format!("{key} is {}; expected {expected}", shown(&setting.value)));
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
            self.refuse(&Origin::Default, format!("{key} is not set; expected {expected}"));
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
            self.refuse(&setting.origin, format!("{key} is {}; expected {expected}", shown(&setting.value)));
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

    /// Refuses every key that was typed and never asked for, and names the nearest that is known.
    pub(super) fn refuse_unknown(&mut self) {
        let in_table = |key: &str| self.tables.iter().any(|table| is_below(key, table));
        let settings = self.typed.settings.iter().map(|(key, setting)| (key, &setting.origin));
        let unknown = settings.filter(|(key, _)| !self.keys.contains(key.as_str()) && !in_table(key));
        let holds_a_key = |table: &str| self.tables.contains(table) || self.known().any(|key| is_below(key, table));
        let empty = self.typed.empty_tables.iter().map(|(table, origin)| (table, origin));
        let sections = || self.known().filter_map(|key| Some(key.rsplit_once('.')?.0));
        let refused: Vec<Problem> = unknown
            .map(|(key, origin)| (origin, key, "setting", nearest(key, self.known())))
            .chain(
                empty
                    .filter(|(table, _)| !holds_a_key(table))
                    .map(|(table, origin)| (origin, table, "section", nearest(table, sections()))),
            )
            .map(|(origin, typed, what, nearest)| Problem {
                origin: origin.clone(),
                message: format!("{typed} is not a {what}; did you mean {nearest}?"),
            })
            .collect();
        self.problems.extend(refused);
    }

    /// Every key and table that was asked for.
    pub(super) fn known(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().chain(&self.tables).copied()
    }
}

fn nearest(typed: &str, known: impl Iterator<Item = &'static str>) -> &'static str {
    known.max_by(|a, b| likeness(typed, a).total_cmp(&likeness(typed, b))).unwrap_or_default()
}

/// How much a known key looks like the one typed; the right name in the wrong section is almost right.
fn likeness(typed: &str, known: &str) -> f64 {
    let whole = strsim::normalized_damerau_levenshtein(typed, known);
    whole.max(0.9 * strsim::normalized_damerau_levenshtein(name(typed), name(known)))
}

fn name(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

fn is_below(key: &str, table: &str) -> bool {
    key.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'))
}

/// The items of a list; a text is one separated by commas.
pub(super) fn items(value: &Value) -> Vec<&str> {
    match value {
        Value::One(text) => text.split(',').map(str::trim).collect(),
        Value::Many(texts) => texts.iter().map(String::as_str).collect(),
    }
}

pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::One(text) => format!("{text:?}"),
        Value::Many(texts) => format!("{texts:?}"),
    }
}

/// A length of time as settings have it. Days are 24 hours, weeks seven days; months and years are no lengths.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?.try_into().ok()
}

fn count(text: &str, max: usize) -> Option<usize> {
    text.parse().ok().filter(|count| (1..=max).contains(count))
}
