//! Finds the names that an article credits as its origin.
//!
//! The location determines the weight of a name: metadata, by-line, dateline, credit line, copyright line, source label,
//! and last a mention in the text. The tail is not read.

use std::ops::Range;

use super::folded::{FoldedText, fold_letters};
use super::lexicon::{AgencyName, Lexicon, MatchKind, PhraseMatch, SEPARATORS};
use super::phrases::PHRASES;
use super::segment::{Page, PageSegmentKind};
use super::text;
use crate::article::Article;
use crate::record::{Credit, CreditKind, CreditLocation};

/// Most credits of a signature: a text with more origins has none.
const SIGNATURE_CREDITS_MAX: usize = 4;

/// Most names that are collected: a page with more is a list of names.
const COLLECTED_CREDITS_MAX: usize = 64;

/// Longest evidence of a credit; the rest is cut off.
const EVIDENCE_BYTES_MAX: usize = 80;

/// Most words of a name that the lexicon does not contain.
const NAME_WORDS_MAX: usize = 4;

/// How far from the start and from the end of the body a bracket with agencies counts.
const HEAD_BYTES: usize = 200;
const END_BYTES: usize = 300;

/// Words before and after a name that are checked for a citation.
const CITING_WORDS: usize = 3;

/// How far from a name these words may be.
const AROUND_BYTES: usize = 32;

/// The names that an article of the outlet `source` credits, each once, the strongest location first.
pub(super) fn credits(article: &Article, source: &str, page: &Page<'_>, lexicon: &Lexicon) -> Vec<Credit> {
    let mut collector = CreditCollector { lexicon, source: letters(source), credits: Vec::new() };
    collector.metadata(article);
    for segment in &page.segments {
        let location = match segment.kind {
            PageSegmentKind::Dateline => CreditLocation::Dateline,
            PageSegmentKind::Credit => CreditLocation::CreditLine,
            PageSegmentKind::Disclaimer => CreditLocation::Copyright,
            PageSegmentKind::SourceLabel => CreditLocation::SourceLabel,
            PageSegmentKind::Title | PageSegmentKind::Body | PageSegmentKind::ReadAlso | PageSegmentKind::Tail => {
                continue;
            }
        };
        collector.line(&page.text, &segment.span, location);
    }
    collector.brackets(page);
    collector.mentions(page);
    collector.finish()
}

struct CreditCollector<'l> {
    lexicon: &'l Lexicon,
    /// The letters of the outlet's name.
    source: String,
    credits: Vec<Credit>,
}

impl CreditCollector<'_> {
    fn add(&mut self, name: &str, kind: CreditKind, location: CreditLocation, evidence: &str) {
        if self.credits.len() == COLLECTED_CREDITS_MAX {
            return;
        }
        let evidence = text::start(evidence.trim(), EVIDENCE_BYTES_MAX).into();
        self.credits.push(Credit { name: name.into(), kind, location, evidence });
    }

    /// Adds names that the lexicon contains.
    fn add_known(&mut self, names: &[PhraseMatch], location: CreditLocation, evidence: &str) {
        for found in names {
            if let MatchKind::Name(number) = found.kind {
                let AgencyName { name, kind } = self.lexicon.name(number);
                self.add(name, *kind, location, evidence);
            }
        }
    }

    fn metadata(&mut self, article: &Article) {
        for credit in &article.credits {
            let text = FoldedText::new(&credit.name);
            let names = self.lexicon.names_in(&text, &(0..text.text().len()));
            self.add_known(&names, credit.location, &credit.name);
            // A by-line that contains no agency names a person.
            if names.is_empty() && credit.location != CreditLocation::Byline {
                self.add_unknown(&credit.name, credit.location, &credit.name);
            }
        }
    }

    /// Adds the known names in a line. In a dateline, credit line or label it also adds the first name that is unknown.
    fn line(&mut self, text: &FoldedText<'_>, span: &Range<usize>, location: CreditLocation) {
        let evidence = text.original_of(span);
        let names = self.lexicon.names_in(text, span);
        self.add_known(&names, location, evidence);
        let line = &text.text()[span.clone()];
        let rest = match location {
            CreditLocation::SourceLabel => line.find([':', '：']).map(|at| span.start + at),
            CreditLocation::Dateline => line.rfind(['/', '|']).map(|at| span.start + at),
            CreditLocation::CreditLine if !names.is_empty() => Some(span.start),
            _ => None,
        };
        if let Some(from) = rest {
            let to = names.iter().map(|found| found.span.start).find(|&start| start >= from).unwrap_or(span.end);
            let other = from..to;
            let name = text.original_of(&other).trim_matches(|c: char| !c.is_alphanumeric());
            let name = name.split(SEPARATORS).map(str::trim).find(|part| !part.is_empty()).unwrap_or_default();
            self.add_unknown(name, location, evidence);
        }
    }

    /// Adds a name that the lexicon does not contain: the outlet's own, or another.
    fn add_unknown(&mut self, name: &str, location: CreditLocation, evidence: &str) {
        let words = name.split_whitespace().count();
        if words == 0 || words > NAME_WORDS_MAX {
            return;
        }
        let letters = letters(name);
        let own = letters.chars().count() > 2
            && (self.source.contains(&letters) || letters.contains(&self.source))
            && !self.source.is_empty();
        self.add(name, if own { CreditKind::Own } else { CreditKind::Other }, location, evidence);
    }

    /// Adds agencies that are alone in a bracket at the start or end of the body.
    fn brackets(&mut self, page: &Page<'_>) {
        let bodies = || page.segments.iter().filter(|segment| segment.kind == PageSegmentKind::Body);
        let text = page.text.text();
        let head = bodies().next().map(|body| body.span.start..body.span.end.min(body.span.start + HEAD_BYTES));
        let end = bodies()
            .next_back()
            .map(|body| body.span.start.max(body.span.end.saturating_sub(END_BYTES))..body.span.end);
        for (range, location) in [(head, CreditLocation::Dateline), (end, CreditLocation::CreditLine)] {
            let Some(range) = range else { continue };
            let range = text.ceil_char_boundary(range.start)..text.floor_char_boundary(range.end);
            let mut at = range.start;
            while let Some(open) = text[at..range.end].find(['(', '[']) {
                let open = at + open + 1;
                let Some(length) = text[open..range.end].find([')', ']']) else { break };
                let inside = open..open + length;
                at = inside.end;
                let names = self.lexicon.names_in(&page.text, &inside);
                let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
                let of_names: usize = names.iter().map(|found| letters(&text[found.span.clone()])).sum();
                if of_names > 0 && of_names == letters(&text[inside.clone()]) {
                    self.add_known(&names, location, page.text.original_of(&inside));
                }
            }
        }
    }

    /// Adds agencies that the body cites.
    fn mentions(&mut self, page: &Page<'_>) {
        let text = page.text.text();
        for body in page.segments.iter().filter(|segment| segment.kind == PageSegmentKind::Body) {
            let from = page.matches.partition_point(|found| found.span.start < body.span.start);
            for found in page.matches[from..].iter().take_while(|found| found.span.end <= body.span.end) {
                let MatchKind::Name(number) = found.kind else { continue };
                let known = self.credits.iter().any(|credit| credit.name == self.lexicon.name(number).name);
                if !known && is_cited(text, &found.span) {
                    let around = around(text, &found.span);
                    self.add_known(
                        std::slice::from_ref(found),
                        CreditLocation::Mention,
                        page.text.original_of(&around),
                    );
                }
            }
        }
    }

    /// Merges the credits. An unknown name at two locations of one page is the outlet's own.
    fn finish(mut self) -> Vec<Credit> {
        let others: Vec<(String, CreditLocation)> = self
            .credits
            .iter()
            .filter(|credit| credit.kind == CreditKind::Other)
            .map(|credit| (letters(&credit.name), credit.location))
            .collect();
        for credit in self.credits.iter_mut().filter(|credit| credit.kind == CreditKind::Other) {
            let name = letters(&credit.name);
            if others.iter().any(|(other, location)| *other == name && *location != credit.location) {
                credit.kind = CreditKind::Own;
            }
        }
        self.credits.sort_by_key(|credit| credit.location);
        let mut kept: Vec<Credit> = Vec::with_capacity(SIGNATURE_CREDITS_MAX);
        for credit in self.credits {
            let known = kept.iter().any(|other| other.kind == credit.kind && other.name == credit.name);
            if !known && kept.len() < SIGNATURE_CREDITS_MAX {
                kept.push(credit);
            }
        }
        kept
    }
}

/// Checks whether the words around a name cite it.
fn is_cited(text: &str, name: &Range<usize>) -> bool {
    let around = around(text, name);
    let is_word = |c: char| !c.is_alphanumeric();
    let before = text[around.start..name.start].rsplit(is_word).filter(|word| !word.is_empty());
    let after = text[name.end..around.end].split(is_word).filter(|word| !word.is_empty());
    before.take(CITING_WORDS).any(|word| PHRASES.is_citing_before(word))
        || after.take(CITING_WORDS).any(|word| PHRASES.is_citing_after(word))
}

/// A name with the text around it on its line.
fn around(text: &str, name: &Range<usize>) -> Range<usize> {
    let from = text.ceil_char_boundary(name.start.saturating_sub(AROUND_BYTES));
    let to = text.floor_char_boundary((name.end + AROUND_BYTES).min(text.len()));
    let start = text[from..name.start].rfind('\n').map_or(from, |at| from + at + 1);
    let end = text[name.end..to].find('\n').map_or(to, |at| name.end + at);
    start..end
}

/// The folded letters and digits of a name.
fn letters(name: &str) -> String {
    fold_letters(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests;
