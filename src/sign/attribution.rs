//! Who is named as the origin of a text, and where.
//!
//! The place says how much a name weighs: metadata, by-line, dateline, credit line, copyright line, source label,
//! and last a citation in the text. Nothing behind the body is read.

use std::ops::Range;
use std::sync::Arc;

use super::cut;
use super::folded::{Folded, folded};
use super::lexicon::{Lexicon, SEPARATORS, What};
use super::segment::{Page, SegmentKind};
use crate::article::Article;
use crate::record::{Credit, CreditKind, CreditPlace};

/// Credits that a signature carries: a text of more origins has none.
const CREDITS_MAX: usize = 4;

/// Names looked at: a page that names more is a list of them.
const FOUND_MAX: usize = 64;

/// How much of a text is shown as evidence.
const EVIDENCE_BYTES_MAX: usize = 80;

/// A name that no table holds has so many words at the most.
const NAME_WORDS_MAX: usize = 4;

/// Agencies in brackets count so far from the start of the body and from its end.
const HEAD_BYTES: usize = 200;
const END_BYTES: usize = 300;

/// What stands before the name of an agency that is cited, among the last words.
const CITING_BEFORE: [&str; 34] = [
    "according",
    "told",
    "citing",
    "cited",
    "reported",
    "reports",
    "laut",
    "berichtet",
    "berichtete",
    "meldet",
    "meldete",
    "sagte",
    "agentur",
    "nachrichtenagentur",
    "zufolge",
    "selon",
    "cite",
    "segun",
    "secondo",
    "segundo",
    "по",
    "сообщает",
    "передает",
    "agency",
    "agence",
    "وفق",
    "وفقا",
    "بحسب",
    "حسب",
    "نقلا",
    "ذكرت",
    "افادت",
    "وكاله",
    "عن",
];

/// What stands after it, among the next words.
const CITING_AFTER: [&str; 16] = [
    "reported",
    "reports",
    "said",
    "says",
    "berichtet",
    "berichtete",
    "meldet",
    "meldete",
    "zufolge",
    "rapporte",
    "сообщает",
    "сообщил",
    "ذكرت",
    "افادت",
    "报道",
    "報道",
];

/// How many words before and after a name are looked at.
const CITING_WORDS: usize = 3;

/// How far from a name they are looked for.
const AROUND_BYTES: usize = 32;

/// The names credited by an article, strongest place first, each once.
pub(super) fn credits(article: &Article, page: &Page<'_>, lexicon: &Lexicon) -> Vec<Credit> {
    let mut found = Found { lexicon, source: letters(&article.source), credits: Vec::new() };
    found.metadata(article);
    for segment in &page.segments {
        let place = match segment.kind {
            SegmentKind::Dateline => CreditPlace::Dateline,
            SegmentKind::Credit => CreditPlace::CreditLine,
            SegmentKind::Disclaimer => CreditPlace::Copyright,
            SegmentKind::SourceLabel => CreditPlace::SourceLabel,
            SegmentKind::Title | SegmentKind::Body | SegmentKind::ReadAlso | SegmentKind::Tail => continue,
        };
        found.line(&page.text, &segment.span, place);
    }
    found.brackets(page);
    found.mentions(page);
    found.finish()
}

struct Found<'l> {
    lexicon: &'l Lexicon,
    /// Letters of the outlet's name.
    source: String,
    credits: Vec<Credit>,
}

impl Found<'_> {
    fn add(&mut self, name: &str, kind: CreditKind, place: CreditPlace, evidence: &str) {
        if self.credits.len() == FOUND_MAX {
            return;
        }
        let evidence = cut(evidence.trim(), EVIDENCE_BYTES_MAX).into();
        self.credits.push(Credit { name: name.into(), kind, place, evidence });
    }

    fn named(&mut self, number: usize, place: CreditPlace, evidence: &str) {
        let name = self.lexicon.name(number);
        let (name, kind) = (Arc::clone(&name.name), name.kind);
        self.add(&name, kind, place, evidence);
    }

    fn metadata(&mut self, article: &Article) {
        for credit in &article.credits {
            let text = Folded::new(&credit.name);
            let names = self.lexicon.names_in(&text, &(0..text.text().len()));
            for hit in &names {
                if let What::Name(number) = hit.what {
                    self.named(number, credit.place, &credit.name);
                }
            }
            // Who signs a text is a person where it is no agency.
            if names.is_empty() && credit.place != CreditPlace::Byline {
                self.other(&credit.name, credit.place, &credit.name);
            }
        }
    }

    /// A line of names: those of the table, and of a credit or a label the first one that the table does not hold.
    fn line(&mut self, text: &Folded<'_>, span: &Range<usize>, place: CreditPlace) {
        let evidence = text.original_of(span);
        let names = self.lexicon.names_in(text, span);
        for hit in &names {
            if let What::Name(number) = hit.what {
                self.named(number, place, evidence);
            }
        }
        let line = &text.text()[span.clone()];
        let rest = match place {
            CreditPlace::SourceLabel => line.find([':', '：']).map(|at| span.start + at),
            CreditPlace::Dateline => line.rfind(['/', '|']).map(|at| span.start + at),
            CreditPlace::CreditLine if !names.is_empty() => Some(span.start),
            _ => None,
        };
        if let Some(from) = rest {
            let to = names.iter().map(|hit| hit.span.start).find(|&start| start >= from).unwrap_or(span.end);
            let other = from..to;
            let name = text.original_of(&other).trim_matches(|c: char| !c.is_alphanumeric());
            let name = name.split(SEPARATORS).map(str::trim).find(|part| !part.is_empty()).unwrap_or_default();
            self.other(name, place, evidence);
        }
    }

    /// A name that the table does not hold: the outlet's own, or another's.
    fn other(&mut self, name: &str, place: CreditPlace, evidence: &str) {
        let words = name.split_whitespace().count();
        if words == 0 || words > NAME_WORDS_MAX {
            return;
        }
        let letters = letters(name);
        let own = letters.chars().count() > 2
            && (self.source.contains(&letters) || letters.contains(&self.source))
            && !self.source.is_empty();
        self.add(name, if own { CreditKind::Own } else { CreditKind::Other }, place, evidence);
    }

    /// Agencies alone in a bracket at either end of the body.
    fn brackets(&mut self, page: &Page<'_>) {
        let bodies = || page.segments.iter().filter(|segment| segment.kind == SegmentKind::Body);
        let text = page.text.text();
        let head = bodies().next().map(|body| body.span.start..body.span.end.min(body.span.start + HEAD_BYTES));
        let end = bodies()
            .next_back()
            .map(|body| body.span.start.max(body.span.end.saturating_sub(END_BYTES))..body.span.end);
        for (range, place) in [(head, CreditPlace::Dateline), (end, CreditPlace::CreditLine)] {
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
                let of_names: usize = names.iter().map(|hit| letters(&text[hit.span.clone()])).sum();
                if of_names > 0 && of_names == letters(&text[inside.clone()]) {
                    for hit in &names {
                        if let What::Name(number) = hit.what {
                            self.named(number, place, page.text.original_of(&inside));
                        }
                    }
                }
            }
        }
    }

    /// Agencies that the body cites.
    fn mentions(&mut self, page: &Page<'_>) {
        let text = page.text.text();
        for body in page.segments.iter().filter(|segment| segment.kind == SegmentKind::Body) {
            let from = page.hits.partition_point(|hit| hit.span.start < body.span.start);
            for hit in page.hits[from..].iter().take_while(|hit| hit.span.end <= body.span.end) {
                let What::Name(number) = hit.what else { continue };
                let known = self.credits.iter().any(|credit| credit.name == self.lexicon.name(number).name);
                if !known && is_cited(text, &hit.span) {
                    let around = around(text, &hit.span);
                    self.named(number, CreditPlace::Mention, page.text.original_of(&around));
                }
            }
        }
    }

    /// A name at two places of one page, in none of the tables, is the outlet's own.
    fn finish(mut self) -> Vec<Credit> {
        let others: Vec<(String, CreditPlace)> = self
            .credits
            .iter()
            .filter(|credit| credit.kind == CreditKind::Other)
            .map(|credit| (letters(&credit.name), credit.place))
            .collect();
        for credit in self.credits.iter_mut().filter(|credit| credit.kind == CreditKind::Other) {
            let name = letters(&credit.name);
            if others.iter().any(|(other, place)| *other == name && *place != credit.place) {
                credit.kind = CreditKind::Own;
            }
        }
        self.credits.sort_by_key(|credit| credit.place);
        let mut kept: Vec<Credit> = Vec::with_capacity(CREDITS_MAX);
        for credit in self.credits {
            let known = kept.iter().any(|other| other.kind == credit.kind && other.name == credit.name);
            if !known && kept.len() < CREDITS_MAX {
                kept.push(credit);
            }
        }
        kept
    }
}

/// Whether the words around a name cite it.
fn is_cited(text: &str, name: &Range<usize>) -> bool {
    let around = around(text, name);
    let is_word = |c: char| !c.is_alphanumeric();
    let before = text[around.start..name.start].rsplit(is_word).filter(|word| !word.is_empty());
    let after = text[name.end..around.end].split(is_word).filter(|word| !word.is_empty());
    before.take(CITING_WORDS).any(|word| CITING_BEFORE.contains(&word))
        || after.take(CITING_WORDS).any(|word| CITING_AFTER.contains(&word))
}

/// A name with what stands beside it in its line.
fn around(text: &str, name: &Range<usize>) -> Range<usize> {
    let from = text.ceil_char_boundary(name.start.saturating_sub(AROUND_BYTES));
    let to = text.floor_char_boundary((name.end + AROUND_BYTES).min(text.len()));
    let start = text[from..name.start].rfind('\n').map_or(from, |at| from + at + 1);
    let end = text[name.end..to].find('\n').map_or(to, |at| name.end + at);
    start..end
}

/// A name, by its letters and digits.
fn letters(name: &str) -> String {
    folded(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests;
