//! Lines, sentences and words of a text.

use std::ops::Range;

/// The line around a position, without its line break; at most `bytes` on each side.
pub(super) fn line(text: &str, at: usize, bytes: usize) -> Range<usize> {
    let from = text.ceil_char_boundary(at.saturating_sub(bytes));
    let to = text.floor_char_boundary(at.saturating_add(bytes));
    let start = text[from..at].rfind('\n').map_or(from, |found| from + found + 1);
    let end = text[at..to].find('\n').map_or(to, |found| at + found);
    start..end
}

/// The end of the line at a position, including its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |found| at + found + 1)
}

/// The words of a text: runs of letters and digits.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Checks whether a text has at least `count` words. In a script without spaces two letters count as one word.
pub(super) fn has_words(text: &str, count: usize) -> bool {
    let mut seen = 0;
    words(text).any(|word| {
        seen += if is_dense(word) { word.chars().count().div_ceil(2) } else { 1 };
        seen >= count
    })
}

/// Checks whether a word belongs to a script that is written without spaces.
pub(super) fn is_dense(word: &str) -> bool {
    word.chars().next().is_some_and(|c| matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{9FFF}'))
}

/// Checks whether a character ends a sentence.
pub(super) fn ends_sentence(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '؟' | '۔' | '。' | '！' | '？' | '…')
}

/// Checks whether a sentence, a quotation or a bracket ends before a position, or a line begins there.
pub(super) fn begins_sentence(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\u{A0}']);
    before.chars().next_back().is_none_or(|c| {
        ends_sentence(c)
            || matches!(c, '\n' | '"' | '”' | '“' | '»' | '’' | ')' | ']' | '(' | '[' | '|' | '•' | '*' | '>')
    })
}

/// The longest start of a text that has at most `bytes` and ends between characters.
pub(super) fn start(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_ends_between_characters() {
        assert_eq!(start("سلام", 3), "س");
        assert_eq!(start("ab", 3), "ab");
    }
}
