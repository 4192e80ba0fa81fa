//! Lines, sentences and words of a folded text.

use std::ops::Range;

/// The line around a place, without its break; of a longer one at most so many bytes on each side.
pub(super) fn line(text: &str, at: usize, bytes: usize) -> Range<usize> {
    let from = text.ceil_char_boundary(at.saturating_sub(bytes));
    let to = text.floor_char_boundary(at.saturating_add(bytes));
    let start = text[from..at].rfind('\n').map_or(from, |found| from + found + 1);
    let end = text[at..to].find('\n').map_or(to, |found| at + found);
    start..end
}

/// Where the line that begins at or after `at` ends, its break included.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |found| at + found + 1)
}

/// The words of a text: runs of letters and digits.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Whether a text has at least so many words; in a script without spaces two letters stand for one.
pub(super) fn has_words(text: &str, count: usize) -> bool {
    let mut seen = 0;
    words(text).any(|word| {
        seen += if is_dense(word) { word.chars().count().div_ceil(2) } else { 1 };
        seen >= count
    })
}

/// Whether a word is a run of a script that is written without spaces.
pub(super) fn is_dense(word: &str) -> bool {
    word.chars().next().is_some_and(|c| matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{9FFF}'))
}

/// A sign that ends a sentence.
pub(super) fn ends_sentence(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '؟' | '۔' | '。' | '！' | '？' | '…')
}

/// Whether a sentence, a quotation or a bracket ends before this place, or a line begins there.
pub(super) fn begins_sentence(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\u{A0}']);
    before.chars().next_back().is_none_or(|c| {
        ends_sentence(c)
            || matches!(c, '\n' | '"' | '”' | '“' | '»' | '’' | ')' | ']' | '(' | '[' | '|' | '•' | '*' | '>')
    })
}

/// The start of a text, about so many bytes of it.
pub(super) fn start(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
