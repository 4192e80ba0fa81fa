//! What is searched for on a page: phrases that announce its parts, and names of agencies.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde::Deserialize;

use super::folded::{Folded, folded};
use super::phrases::{Cue, PHRASES};
use crate::record::CreditKind;

/// Forms of so few letters are words of some language, or parts of them.
const SHORT_LETTERS_MAX: usize = 4;

/// What stands between the names of a credit line.
pub(super) const SEPARATORS: [char; 12] = ['-', '–', '—', '/', '|', '+', '،', ',', '\\', '·', '•', '&'];

/// The agencies that are known without any setting.
const AGENCIES: &str = include_str!("agencies.toml");

/// The names of agencies with the phrases of pages, ready to be searched for.
#[derive(Debug, Clone)]
pub struct Lexicon {
    names: Arc<[Name]>,
    /// Phrases, and forms that count wherever they are cited: for whole pages.
    page: Search,
    /// Every form of every name: for credit lines and the like.
    credit: Search,
}

/// Who is credited by a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) name: Arc<str>,
    pub(super) kind: CreditKind,
}

/// An agency that an operator adds to the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// What it is called in story records.
    pub name: String,
    /// How articles write it.
    pub forms: Vec<String>,
    /// Whether it sends out press releases.
    pub releases: bool,
}

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// Where in the folded text.
    pub(super) span: Range<usize>,
    pub(super) what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Cue(Cue),
    /// A number in the list of names.
    Name(usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    agency: toml::Table,
    release: toml::Table,
    generic: toml::Table,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Forms {
    forms: Vec<String>,
    words: Vec<String>,
}

impl Default for Lexicon {
    fn default() -> Self {
        BUILT_IN.clone()
    }
}

impl Lexicon {
    /// The built-in table with these agencies added; one of a name that the table has adds forms to it.
    #[must_use]
    pub fn new(added: &[Agency]) -> Self {
        let mut names: Vec<Name> = Vec::new();
        let mut page = SearchBuilder::default();
        let mut credit = SearchBuilder::default();
        for (cue, phrases) in PHRASES {
            for phrase in phrases {
                page.add(phrase, What::Cue(cue), false);
            }
        }
        let mut add = |name: &str, kind: CreditKind, forms: &Forms| {
            let number = names.iter().position(|known| &*known.name == name).unwrap_or_else(|| {
                names.push(Name { name: name.into(), kind });
                names.len() - 1
            });
            let what = What::Name(number);
            for form in forms.forms.iter().filter(|form| !form.trim().is_empty()) {
                credit.add(form, what, is_short(form));
                if kind == CreditKind::Agencies {
                    // Within a text only behind a separator, as in a credit line that has lost its line.
                    for separator in SEPARATORS {
                        page.add(&format!("{separator}{form}"), what, false);
                        page.add(&format!("{separator} {form}"), what, false);
                    }
                } else if !is_short(form) {
                    page.add(form, what, false);
                } else if form.is_ascii() {
                    page.add(&format!(" {form}"), what, true);
                }
            }
            for word in &forms.words {
                credit.add(word, what, true);
            }
        };
        for (kind, table) in built_in() {
            for (name, forms) in table {
                add(&name, kind, &forms);
            }
        }
        for agency in added {
            let kind = if agency.releases { CreditKind::Release } else { CreditKind::Agency };
            add(&agency.name, kind, &Forms { forms: agency.forms.clone(), words: Vec::new() });
        }
        Self { page: page.build(), credit: credit.build(), names: names.into() }
    }

    pub(super) fn name(&self, number: usize) -> &Name {
        &self.names[number]
    }

    /// Everything on a page, in order, without overlap.
    pub(super) fn on_page(&self, text: &Folded<'_>) -> Vec<Hit> {
        self.page.find(text, &(0..text.text().len()))
    }

    /// Every name in a credit line or the like.
    pub(super) fn names_in(&self, text: &Folded<'_>, range: &Range<usize>) -> Vec<Hit> {
        self.credit.find(text, range)
    }
}

fn built_in() -> Vec<(CreditKind, Vec<(String, Forms)>)> {
    let table: Table = toml::from_str(AGENCIES).unwrap_or_else(|error| unreachable!("agencies.toml: {error}"));
    let read = |table: toml::Table| {
        let forms = |value: toml::Value| {
            value.try_into::<Forms>().unwrap_or_else(|error| unreachable!("agencies.toml: {error}"))
        };
        table.into_iter().map(|(name, value)| (name, forms(value))).collect()
    };
    vec![
        (CreditKind::Agency, read(table.agency)),
        (CreditKind::Release, read(table.release)),
        (CreditKind::Agencies, read(table.generic)),
    ]
}

fn is_short(form: &str) -> bool {
    form.chars().filter(|c| c.is_alphanumeric()).count() <= SHORT_LETTERS_MAX
}

/// The lexicon of those who add nothing to it.
static BUILT_IN: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new(&[]));

#[derive(Default)]
struct SearchBuilder {
    patterns: Vec<String>,
    found: Vec<Found>,
}

#[derive(Debug, Clone)]
struct Found {
    what: What,
    /// The spelling that the original must have: a short form in other letters is another word.
    exact: Option<Box<str>>,
    /// A letter may follow: a line break was lost there.
    glued: bool,
}

impl SearchBuilder {
    fn add(&mut self, form: &str, what: What, exact: bool) {
        let cased = form.chars().any(|c| c.is_uppercase() || c.is_lowercase());
        self.patterns.push(folded(form));
        let glued = form.starts_with(SEPARATORS);
        self.found.push(Found { what, exact: (exact && cased).then(|| form.trim_start().into()), glued });
    }

    fn build(self) -> Search {
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            // Every byte of every article passes: a table of some megabytes is worth it.
            .kind(Some(AhoCorasickKind::DFA))
            .build(&self.patterns);
        Search {
            automaton: automaton.unwrap_or_else(|error| unreachable!("a few thousand short patterns: {error}")),
            found: self.found.into(),
        }
    }
}

#[derive(Debug, Clone)]
struct Search {
    automaton: AhoCorasick,
    found: Arc<[Found]>,
}

impl Search {
    fn find(&self, text: &Folded<'_>, range: &Range<usize>) -> Vec<Hit> {
        let folded = text.text();
        let hit = |found: aho_corasick::Match| {
            let Found { what, exact, glued } = &self.found[found.pattern().as_usize()];
            let mut span = range.start + found.start()..range.start + found.end();
            if let What::Name(_) = what {
                span.start += separator_length(&folded[span.clone()]);
                if !*glued && !stands_alone(folded, &span) {
                    return None;
                }
            }
            if exact.as_deref().is_some_and(|exact| text.original_of(&span) != exact) {
                return None;
            }
            Some(Hit { span, what: *what })
        };
        self.automaton.find_iter(&folded[range.clone()]).filter_map(hit).collect()
    }
}

/// How much of a form is what stands before the name.
fn separator_length(form: &str) -> usize {
    form.len() - form.trim_start_matches(|c: char| c == ' ' || SEPARATORS.contains(&c)).len()
}

/// Whether a name is no part of a longer word. In Arabic a particle or two may be written together with it.
fn stands_alone(text: &str, span: &Range<usize>) -> bool {
    let first = text[span.clone()].chars().next();
    if first.is_some_and(is_dense) {
        return true;
    }
    if text[span.end..].chars().next().is_some_and(char::is_alphanumeric) {
        return false;
    }
    let mut before = text[..span.start].chars().rev().take_while(|c| c.is_alphanumeric());
    let particles: Vec<char> = before.by_ref().take(3).collect();
    particles.is_empty() || (particles.len() <= 2 && particles.iter().all(|c| "وفبلك".contains(*c)))
}

/// Written without spaces: nothing says where a name begins.
fn is_dense(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let text = Folded::new(text);
        let found = BUILT_IN.names_in(&text, &(0..text.text().len()));
        found
            .iter()
            .filter_map(|hit| match hit.what {
                What::Name(number) => Some(BUILT_IN.name(number).name.to_string()),
                What::Cue(_) => None,
            })
            .collect()
    }

    #[test]
    fn an_agency_is_found_in_every_script() {
        for form in ["Reuters", "REUTERS", "رويترز", "لرويترز", "ورويترز", "Рейтер", "路透社", "ロイター", "로이터"]
        {
            assert_eq!(names(form), ["Reuters"], "{form}");
        }
        assert_eq!(names("(أ ف ب)"), ["AFP"]);
        assert_eq!(names("dpa/AFP, أسوشيتد برس"), ["dpa", "AFP", "AP"]);
    }

    #[test]
    fn a_short_form_in_other_letters_or_within_a_word_is_another_word() {
        assert!(names("a spa, an ap, a map and a tap; SPAM, Kansas").is_empty());
        assert_eq!(names("SPA"), ["SPA"]);
        assert!(names("واسع").is_empty());
    }

    #[test]
    fn an_operator_adds_agencies_and_forms() {
        let agency = |name: &str, form: &str| Agency { name: name.into(), forms: vec![form.into()], releases: false };
        let lexicon = Lexicon::new(&[agency("Norwire", "Norwire"), agency("Reuters", "RTRS")]);
        let text = Folded::new("Norwire RTRS");
        let found = lexicon.names_in(&text, &(0..text.text().len()));
        let found: Vec<&str> = found
            .iter()
            .map(|hit| match hit.what {
                What::Name(number) => &*lexicon.name(number).name,
                What::Cue(_) => "",
            })
            .collect();
        assert_eq!(found, ["Norwire", "Reuters"]);
    }
}
