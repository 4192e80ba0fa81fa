//! Tokens with their positions in the text, for showing passages.

use std::ops::Range;

use super::hash::WordHasher;
use super::normalise::{FoldedChar, fold_char};

/// The [`tokens`](super::tokens) of a text, each with its range of bytes in the original.
///
/// This is slower than `tokens` and implemented differently: tests compare the two.
pub fn tokens_with_spans(text: &str) -> Vec<(u64, Range<usize>)> {
    let mut spans = SpanSplitter::default();
    for (at, c) in text.char_indices() {
        let span = at..at + c.len_utf8();
        fold_char(c, &mut |piece| match piece {
            FoldedChar::Word(c) => spans.word(c, &span),
            FoldedChar::Dense(c) => spans.dense(c, &span),
            FoldedChar::Separate | FoldedChar::Drop | FoldedChar::Several => spans.end(),
        });
    }
    spans.end();
    spans.tokens
}

fn hash(text: &str) -> u64 {
    let mut word = WordHasher::default();
    text.chars().for_each(|c| word.push_char(c));
    word.hash()
}

#[derive(Default)]
struct SpanSplitter {
    tokens: Vec<(u64, Range<usize>)>,
    /// The word so far.
    word: Option<(String, Range<usize>)>,
    /// The characters so far of a run without spaces.
    run: Vec<(char, Range<usize>)>,
}

impl SpanSplitter {
    fn word(&mut self, c: char, span: &Range<usize>) {
        if !self.run.is_empty() {
            self.end();
        }
        let (word, whole) = self.word.get_or_insert_with(|| (String::new(), span.clone()));
        word.push(c);
        whole.end = span.end;
    }

    fn dense(&mut self, c: char, span: &Range<usize>) {
        if self.word.is_some() {
            self.end();
        }
        self.run.push((c, span.clone()));
    }

    fn end(&mut self) {
        if let Some((word, span)) = self.word.take() {
            self.tokens.push((hash(&word), span));
        }
        let run = std::mem::take(&mut self.run);
        for pair in run.windows(run.len().clamp(1, 2)) {
            let characters: String = pair.iter().map(|(c, _)| c).collect();
            let span = pair[0].1.start..pair[pair.len() - 1].1.end;
            self.tokens.push((hash(&characters), span));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::signature::tokens;

    #[test]
    fn a_span_covers_the_word_as_written() {
        let text = "«قال» ٱلأَمْر، 新华社 ½ Straße";
        let words: Vec<&str> = tokens_with_spans(text).into_iter().map(|(_, span)| &text[span]).collect();
        assert_eq!(words, ["قال", "ٱلأَمْر", "新华", "华社", "½", "½", "Straße"]);
    }

    proptest! {
        #[test]
        fn tokens_with_and_without_spans_are_the_same(text in "(\\PC|[ا-ي新华あアー ]){0,200}") {
            let spans = tokens_with_spans(&text);
            let alone: Vec<u64> = spans.iter().map(|(token, _)| *token).collect();
            prop_assert_eq!(alone, tokens(&text));
            prop_assert!(spans.iter().all(|(_, span)| span.start < span.end && text.get(span.clone()).is_some()));
        }
    }
}
