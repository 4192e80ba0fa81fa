//! A text with folded letters, for searching, and the way back to the original.
//!
//! Letter folding is idempotent, so a folded text has the same tokens as the original. Passages are therefore cut out of
//! the folded text; the position in the original is needed only where a passage is shown.

use std::ops::Range;

use super::normalise::{FoldedChar, fold_char, lookup};

/// A text whose letters are folded as [`tokens`](super::tokens) folds them. Separators are unchanged.
#[derive(Debug, Clone)]
pub(super) struct FoldedText<'t> {
    original: &'t str,
    text: String,
    /// Positions in the original and in `text`, for every [`STEP`] bytes of the original. Empty for a text in ASCII, in
    /// which letter folding moves nothing.
    steps: Vec<(usize, usize)>,
}

const STEP: usize = 512;

impl<'t> FoldedText<'t> {
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

    /// The text after letter folding.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The position in the original for a position in the folded text: before the first character whose folded form
    /// reaches beyond `at`. Characters that folding drops belong to the character before them, at the beginning of the
    /// text to the one after them.
    pub(super) fn origin(&self, at: usize) -> usize {
        if at == 0 || self.steps.is_empty() {
            return at;
        }
        if at >= self.text.len() {
            return self.original.len();
        }
        let step = self.steps.partition_point(|&(_, to)| to <= at).saturating_sub(1);
        let (from, mut to) = self.steps[step];
        let mut piece = String::new();
        for (offset, c) in self.original[from..].char_indices() {
            piece.clear();
            push(&mut piece, c);
            if to + piece.len() > at {
                return from + offset;
            }
            to += piece.len();
        }
        self.original.len()
    }

    /// The range in the original for a range of the folded text.
    pub(super) fn origin_of(&self, range: &Range<usize>) -> Range<usize> {
        self.origin(range.start)..self.origin(range.end)
    }

    /// The original text for a range of the folded text.
    pub(super) fn original_of(&self, range: &Range<usize>) -> &'t str {
        &self.original[self.origin_of(range)]
    }
}

/// Folds the letters of a text as [`tokens`](super::tokens) does; separators are unchanged.
pub fn fold_letters(text: &str) -> String {
    FoldedText::new(text).text
}

fn push(text: &mut String, c: char) {
    match lookup(c) {
        FoldedChar::Drop => {}
        FoldedChar::Separate => text.push(c),
        FoldedChar::Word(c) | FoldedChar::Dense(c) => text.push(c),
        FoldedChar::Several => fold_char(c, &mut |piece| match piece {
            FoldedChar::Word(c) | FoldedChar::Dense(c) => text.push(c),
            _ => text.push(' '),
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::signature::tokens;

    #[test]
    fn a_range_leads_back_to_the_original() {
        let text = "Bèta قال ٱلأمر ﷲ Straße".repeat(60);
        let folded = FoldedText::new(&text);
        let originals: Vec<&str> = folded
            .text()
            .match_indices("strasse")
            .map(|(at, s)| (at, at + s.len()))
            .map(|(from, to)| folded.original_of(&(from..to)))
            .collect();
        assert_eq!(originals, ["Straße"; 60]);
        assert_eq!(folded.origin(folded.text().len()), text.len());
    }

    proptest! {
        #[test]
        fn folding_letters_keeps_the_tokens(text in "\\PC*") {
            prop_assert_eq!(tokens(FoldedText::new(&text).text()), tokens(&text));
        }

        #[test]
        fn every_position_leads_to_a_character_and_their_order_is_kept(text in "(\\PC|[ا-ي]){0,900}") {
            let folded = FoldedText::new(&text);
            let origins: Vec<usize> = (0..=folded.text().len()).map(|at| folded.origin(at)).collect();
            prop_assert!(origins.is_sorted() && origins.iter().all(|&at| text.is_char_boundary(at)));
        }
    }
}
