//! A text folded for searching, and the way back to the original.
//!
//! Tokens of a folded text are those of the original: folding is idempotent. So what is found in the folded text
//! is cut out of it, and only who shows a passage asks where it stands in the original.

use std::ops::Range;

use super::normalise::{Fold, fold, lookup};

/// A text with its letters folded as [`tokens`](super::tokens) folds them. Separators stay as they are.
#[derive(Debug, Clone)]
pub(super) struct Folded<'t> {
    original: &'t str,
    text: String,
    /// Where every [`STEP`]th byte of the original, or the next character, stands in `text`; none for a text in ASCII,
    /// where folding moves nothing.
    steps: Vec<(usize, usize)>,
}

const STEP: usize = 512;

impl<'t> Folded<'t> {
    pub(super) fn new(original: &'t str) -> Self {
        if original.is_ascii() {
            return Self { original, text: original.to_ascii_lowercase(), steps: Vec::new() };
        }
        let mut text = String::with_capacity(original.len() + 16);
        let mut steps = Vec::with_capacity(original.len() / STEP + 1);
        let mut next_step = 0;
        for (at, c) in original.char_indices() {
            if at >= next_step {
                steps.push((at, text.len()));
                next_step = at + STEP;
            }
            push(&mut text, c);
        }
        Self { original, text, steps }
    }

    /// The folded text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where a place of the folded text stands in the original: before the first character of which something comes
    /// after the place. What left no trace belongs to what stands before it, at the beginning to what follows.
    pub(super) fn origin(&self, at: usize) -> usize {
        if at == 0 || self.steps.is_empty() {
            return at;
        }
        if at >= self.text.len() {
            return self.original.len();
        }
        let step = self.steps.partition_point(|&(_, folded)| folded <= at).saturating_sub(1);
        let (from, mut folded) = self.steps[step];
        let mut piece = String::new();
        for (offset, c) in self.original[from..].char_indices() {
            piece.clear();
            push(&mut piece, c);
            if folded + piece.len() > at {
                return from + offset;
            }
            folded += piece.len();
        }
        self.original.len()
    }

    /// A range of the folded text in the original.
    pub(super) fn origin_of(&self, range: &Range<usize>) -> Range<usize> {
        self.origin(range.start)..self.origin(range.end)
    }

    /// The original of a range of the folded text.
    pub(super) fn original_of(&self, range: &Range<usize>) -> &'t str {
        &self.original[self.origin_of(range)]
    }
}

/// A text with its letters folded as [`tokens`](super::tokens) folds them; separators stay as they are.
#[must_use]
pub fn folded(text: &str) -> String {
    Folded::new(text).text
}

fn push(text: &mut String, c: char) {
    match lookup(c) {
        Fold::Drop => {}
        Fold::Separate => text.push(c),
        Fold::Word(folded) | Fold::Dense(folded) => text.push(folded),
        Fold::Several => fold(c, &mut |piece| match piece {
            Fold::Word(folded) | Fold::Dense(folded) => text.push(folded),
            _ => text.push(' '),
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sign::tokens;

    #[test]
    fn a_place_is_found_again_in_the_original() {
        let text = "Bèta قال ٱلأمر ﷲ Straße".repeat(60);
        let folded = Folded::new(&text);
        let hits: Vec<&str> = folded
            .text()
            .match_indices("strasse")
            .map(|(at, s)| (at, at + s.len()))
            .map(|(from, to)| folded.original_of(&(from..to)))
            .collect();
        assert_eq!(hits, ["Straße"; 60]);
        assert_eq!(folded.origin(folded.text().len()), text.len());
    }

    proptest! {
        #[test]
        fn a_folded_text_has_the_tokens_of_the_original(text in "\\PC*") {
            prop_assert_eq!(tokens(Folded::new(&text).text()), tokens(&text));
        }

        #[test]
        fn every_place_leads_to_a_character_and_they_keep_their_order(text in "(\\PC|[ا-ي]){0,900}") {
            let folded = Folded::new(&text);
            let origins: Vec<usize> = (0..=folded.text().len()).map(|at| folded.origin(at)).collect();
            prop_assert!(origins.is_sorted() && origins.iter().all(|&at| text.is_char_boundary(at)));
        }
    }
}
