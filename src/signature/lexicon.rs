//! The phrases that announce the parts of a page, and the names of agencies, ready to be searched for.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde::Deserialize;

use super::folded::{FoldedText, fold_letters};
use super::phrases::{PHRASES, PhraseKind};
use crate::record::CreditKind;

/// Most letters of a short form. Forms this short are also words of some language, or parts of words.
const SHORT_LETTERS_MAX: usize = 4;

/// The separators between the names of a credit line.
pub(super) const SEPARATORS: [char; 12] = ['-', '–', '—', '/', '|', '+', '،', ',', '\\', '·', '•', '&'];

/// The built-in agencies.
const AGENCIES: &str = include_str!("agencies.toml");

/// The names of agencies and the phrases of pages, ready to be searched for.
#[derive(Debug, Clone)]
pub struct Lexicon {
    names: Arc<[AgencyName]>,
    /// Phrases, and the forms of names that count anywhere in a text: for whole pages.
    page: PhraseSearch,
    /// All forms of all names: for credit lines and similar places.
    credit: PhraseSearch,
}

/// The name that a form stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AgencyName {
    pub(super) name: Arc<str>,
    pub(super) kind: CreditKind,
}

/// An agency that an operator adds to the built-in ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// The name used in story records.
    pub name: String,
    /// The forms in which articles write the name.
    pub forms: Vec<String>,
    /// Whether it distributes press releases.
    pub releases: bool,
}

/// A phrase or name found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PhraseMatch {
    /// The range of the folded text.
    pub(super) span: Range<usize>,
    pub(super) kind: MatchKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MatchKind {
    Phrase(PhraseKind),
    /// An index into the names of the lexicon.
    Name(usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgencyTable {
    agency: toml::Table,
    release: toml::Table,
    generic: toml::Table,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct AgencyForms {
    forms: Vec<String>,
    words: Vec<String>,
}

impl Default for Lexicon {
    fn default() -> Self {
        BUILT_IN.clone()
    }
}

impl Lexicon {
    /// Makes a lexicon of the built-in agencies and these. An agency with a built-in name adds forms to that one.
    pub fn new(added: &[Agency]) -> Self {
        let mut names: Vec<AgencyName> = Vec::new();
        let mut page = PhraseSearchBuilder::default();
        let mut credit = PhraseSearchBuilder::default();
        for (&kind, phrases) in &PHRASES.page {
            for phrase in phrases {
                page.add(phrase, MatchKind::Phrase(kind), false);
            }
        }
        let mut add = |name: &str, kind: CreditKind, forms: &AgencyForms| {
            let number = names.iter().position(|known| &*known.name == name).unwrap_or_else(|| {
                names.push(AgencyName { name: name.into(), kind });
                names.len() - 1
            });
            let target = MatchKind::Name(number);
            for form in forms.forms.iter().filter(|form| !form.trim().is_empty()) {
                credit.add(form, target, is_short(form));
                if kind == CreditKind::Agencies {
                    // On a page these count only behind a separator, as in a credit line that lost its line break.
                    for separator in SEPARATORS {
                        page.add(&format!("{separator}{form}"), target, false);
                        page.add(&format!("{separator} {form}"), target, false);
                    }
                } else if !is_short(form) {
                    page.add(form, target, false);
                } else if form.is_ascii() {
                    page.add(&format!(" {form}"), target, true);
                }
            }
            for word in &forms.words {
                credit.add(word, target, true);
            }
        };
        for (kind, table) in built_in() {
            for (name, forms) in table {
                add(&name, kind, &forms);
            }
        }
        for agency in added {
            let kind = if agency.releases { CreditKind::Release } else { CreditKind::Agency };
            add(&agency.name, kind, &AgencyForms { forms: agency.forms.clone(), words: Vec::new() });
        }
        Self { page: page.build(), credit: credit.build(), names: names.into() }
    }

    pub(super) fn name(&self, number: usize) -> &AgencyName {
        &self.names[number]
    }

    /// Finds the phrases and names on a page, in order and without overlap.
    pub(super) fn matches_on_page(&self, text: &FoldedText<'_>) -> Vec<PhraseMatch> {
        self.page.find(text, &(0..text.text().len()))
    }

    /// Finds the names in a credit line or a similar range of a text.
    pub(super) fn names_in(&self, text: &FoldedText<'_>, range: &Range<usize>) -> Vec<PhraseMatch> {
        self.credit.find(text, range)
    }
}

fn built_in() -> Vec<(CreditKind, Vec<(String, AgencyForms)>)> {
    let table: AgencyTable = toml::from_str(AGENCIES).unwrap_or_else(|error| unreachable!("agencies.toml: {error}"));
    let read = |table: toml::Table| {
        let forms = |value: toml::Value| {
            value.try_into::<AgencyForms>().unwrap_or_else(|error| unreachable!("agencies.toml: {error}"))
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

/// The lexicon without added agencies.
static BUILT_IN: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new(&[]));

#[derive(Default)]
struct PhraseSearchBuilder {
    patterns: Vec<String>,
    forms: Vec<PhraseForm>,
}

#[derive(Debug, Clone)]
struct PhraseForm {
    kind: MatchKind,
    /// The exact spelling that the original must have: a short form in other letters is another word.
    exact: Option<Box<str>>,
    /// A letter may follow because a line break was lost.
    glued: bool,
}

impl PhraseSearchBuilder {
    fn add(&mut self, form: &str, kind: MatchKind, exact: bool) {
        let cased = form.chars().any(|c| c.is_uppercase() || c.is_lowercase());
        self.patterns.push(fold_letters(form));
        let glued = form.starts_with(SEPARATORS);
        self.forms.push(PhraseForm { kind, exact: (exact && cased).then(|| form.trim_start().into()), glued });
    }

    fn build(self) -> PhraseSearch {
        let automaton = AhoCorasick::builder()
            .match_kind(aho_corasick::MatchKind::LeftmostLongest)
            // Every byte of every article is searched, so a table of some megabytes is worth it.
            .kind(Some(AhoCorasickKind::DFA))
            .build(&self.patterns);
        PhraseSearch {
            automaton: automaton.unwrap_or_else(|error| unreachable!("a few thousand short patterns: {error}")),
            forms: self.forms.into(),
        }
    }
}

#[derive(Debug, Clone)]
struct PhraseSearch {
    automaton: AhoCorasick,
    forms: Arc<[PhraseForm]>,
}

impl PhraseSearch {
    fn find(&self, text: &FoldedText<'_>, range: &Range<usize>) -> Vec<PhraseMatch> {
        let folded = text.text();
        let to_match = |found: aho_corasick::Match| {
            let PhraseForm { kind, exact, glued } = &self.forms[found.pattern().as_usize()];
            let mut span = range.start + found.start()..range.start + found.end();
            if let MatchKind::Name(_) = kind {
                span.start += separator_length(&folded[span.clone()]);
                if !*glued && !stands_alone(folded, &span) {
                    return None;
                }
            }
            if exact.as_deref().is_some_and(|exact| text.original_of(&span) != exact) {
                return None;
            }
            Some(PhraseMatch { span, kind: *kind })
        };
        self.automaton.find_iter(&folded[range.clone()]).filter_map(to_match).collect()
    }
}

/// The length of the separator before the name in a form.
fn separator_length(form: &str) -> usize {
    form.len() - form.trim_start_matches(|c: char| c == ' ' || SEPARATORS.contains(&c)).len()
}

/// Checks that a name is not part of a longer word. In Arabic one or two particles may be written together with it.
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

/// Checks for scripts in which no spaces show where a name begins.
fn is_dense(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let text = FoldedText::new(text);
        let found = BUILT_IN.names_in(&text, &(0..text.text().len()));
        found
            .iter()
            .filter_map(|found| match found.kind {
                MatchKind::Name(number) => Some(BUILT_IN.name(number).name.to_string()),
                MatchKind::Phrase(_) => None,
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
    fn a_short_form_in_other_letters_or_within_a_word_does_not_count() {
        assert!(names("a spa, an ap, a map and a tap; SPAM, Kansas").is_empty());
        assert_eq!(names("SPA"), ["SPA"]);
        assert!(names("واسع").is_empty());
    }

    #[test]
    fn an_operator_can_add_agencies_and_forms() {
        let agency = |name: &str, form: &str| Agency { name: name.into(), forms: vec![form.into()], releases: false };
        let lexicon = Lexicon::new(&[agency("Norwire", "Norwire"), agency("Reuters", "RTRS")]);
        let text = FoldedText::new("Norwire RTRS");
        let found = lexicon.names_in(&text, &(0..text.text().len()));
        let found: Vec<&str> = found
            .iter()
            .map(|found| match found.kind {
                MatchKind::Name(number) => &*lexicon.name(number).name,
                MatchKind::Phrase(_) => "",
            })
            .collect();
        assert_eq!(found, ["Norwire", "Reuters"]);
    }
}
