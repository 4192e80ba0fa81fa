//! Text to token hashes, in one pass: letters are folded, and all other characters separate words.
//!
//! Letter folding uses compatibility decomposition (NFKD) and lower case to make the forms of a letter equal. It drops
//! vowel signs that writers may leave out, and unifies letters that writers use for each other (in Arabic: alef and yeh
//! forms, teh marbuta, kaf). The folded form of a character does not depend on its neighbours, so a table covers
//! the basic plane.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

use super::hash::WordHasher;

/// The hashes of the words of a text, in order. Each is the hash of the folded word in UTF-8.
///
/// In scripts written without spaces (Han, Kana, Thai, Lao, Khmer, Burmese) each pair of adjacent characters is a token,
/// and so is a character that stands alone.
pub fn tokens(text: &str) -> Vec<u64> {
    let table = &*FOLDED_CHARS;
    let mut splitter = Splitter { tokens: Vec::with_capacity(text.len() / 6), word: WordHasher::default(), run: None };
    let mut rest = text;
    while let Some(&first) = rest.as_bytes().first() {
        if first.is_ascii() {
            let length = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
            let (ascii, after) = rest.split_at(length);
            splitter.push_ascii(ascii.as_bytes());
            rest = after;
            continue;
        }
        let mut characters = rest.chars();
        let Some(c) = characters.next() else { break };
        rest = characters.as_str();
        match table.get(c as usize).copied().unwrap_or_else(|| FoldedChar::of(c)) {
            FoldedChar::Drop => {}
            FoldedChar::Separate => splitter.end(),
            FoldedChar::Word(folded) => splitter.word(folded),
            FoldedChar::Dense(folded) => splitter.dense(folded),
            FoldedChar::Several => fold_char(c, &mut |piece| splitter.push(piece)),
        }
    }
    splitter.end();
    splitter.tokens
}

/// The folded form of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FoldedChar {
    /// Nothing: the character is dropped.
    Drop,
    /// A separator: the character ends the word.
    Separate,
    /// A letter, digit or mark of a word.
    Word(char),
    /// A character of a script without spaces.
    Dense(char),
    /// Several of these.
    Several,
}

impl FoldedChar {
    fn of(c: char) -> Self {
        let mut only = None;
        let mut count = 0;
        fold_char(c, &mut |piece| {
            only = Some(piece);
            count += 1;
        });
        match (count, only) {
            (0, _) => Self::Drop,
            (1, Some(folded)) => folded,
            _ => Self::Several,
        }
    }
}

/// The folded characters of the basic multilingual plane, 8 bytes each.
static FOLDED_CHARS: LazyLock<Vec<FoldedChar>> = LazyLock::new(|| {
    (0..0x1_0000u32).map(|code| char::from_u32(code).map_or(FoldedChar::Separate, FoldedChar::of)).collect()
});

/// Looks up the folded form of a character in the table, and computes it beyond the basic plane.
pub(super) fn lookup(c: char) -> FoldedChar {
    FOLDED_CHARS.get(c as usize).copied().unwrap_or_else(|| FoldedChar::of(c))
}

/// Folded letters and digits of ASCII; zero for separators.
const FOLDED_ASCII: [u8; 128] = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            table[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// Folds a character and passes on each piece of its folded form.
pub(super) fn fold_char(c: char, piece: &mut impl FnMut(FoldedChar)) {
    if is_dropped(c) {
        return;
    }
    // Voiced kana stay composed: decomposed they are two characters, and the mark belongs to no script.
    if matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}') {
        return piece(FoldedChar::Dense(c));
    }
    for lower in c.to_lowercase() {
        for part in std::iter::once(lower).nfkd().flat_map(char::to_lowercase) {
            match part {
                _ if is_dropped(part) => {}
                'ß' => {
                    piece(FoldedChar::Word('s'));
                    piece(FoldedChar::Word('s'));
                }
                _ => piece(classify(unify(part))),
            }
        }
    }
}

/// Checks for marks that writers may leave out, and characters that only control display.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}'                            // accents, once decomposed
        | '\u{0591}'..='\u{05BD}' | '\u{05BF}' | '\u{05C1}' | '\u{05C2}' | '\u{05C4}' | '\u{05C5}' | '\u{05C7}' // Hebrew points
        | '\u{0610}'..='\u{061A}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{06D6}'..='\u{06ED}' // Arabic vowel signs, hamza marks
        | '\u{0640}'                                       // tatweel
        | '\u{200B}' | '\u{200D}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' // zero width, bidi
        | '\u{3099}' | '\u{309A}'                          // separate voicing marks
        | '\u{00AD}' | '\u{061C}' | '\u{FE00}'..='\u{FE0F}') // soft hyphen, Arabic letter mark, variation selectors
}

/// Maps letters that writers use for each other to one of them, and digits of the Arabic script to ASCII.
fn unify(c: char) -> char {
    match c {
        'ٱ' => 'ا',
        'ى' | 'ی' | 'ې' => 'ي',
        'ة' => 'ه',
        'ک' => 'ك',
        'ς' => 'σ',
        '\u{0660}'..='\u{0669}' => char::from(b'0' + (c as u32 - 0x0660) as u8),
        '\u{06F0}'..='\u{06F9}' => char::from(b'0' + (c as u32 - 0x06F0) as u8),
        _ => c,
    }
}

/// A letter of both kana. Its script property is the common script.
const LONG_VOWEL: char = 'ー';

fn classify(c: char) -> FoldedChar {
    use Script::{Han, Hiragana, Katakana, Khmer, Lao, Myanmar, Thai};
    if !c.is_alphanumeric() && !is_combining_mark(c) {
        FoldedChar::Separate
    } else if c == LONG_VOWEL || matches!(c.script(), Han | Hiragana | Katakana | Thai | Lao | Khmer | Myanmar) {
        FoldedChar::Dense(c)
    } else {
        FoldedChar::Word(c)
    }
}

/// Collects folded characters into tokens.
struct Splitter {
    tokens: Vec<u64>,
    word: WordHasher,
    /// The last character of a run without spaces, and whether it ends a pair.
    run: Option<(char, bool)>,
}

impl Splitter {
    fn push(&mut self, piece: FoldedChar) {
        match piece {
            FoldedChar::Word(c) => self.word(c),
            FoldedChar::Dense(c) => self.dense(c),
            FoldedChar::Separate => self.end(),
            FoldedChar::Drop | FoldedChar::Several => unreachable!("a piece is one character"),
        }
    }

    /// Adds ASCII characters without a look-up in the large table, because most texts consist of them.
    fn push_ascii(&mut self, bytes: &[u8]) {
        let mut word = std::mem::take(&mut self.word);
        for &byte in bytes {
            let folded = FOLDED_ASCII[usize::from(byte & 0x7F)];
            if folded != 0 {
                if self.run.is_some() {
                    self.end();
                }
                word.push(folded);
            } else if word.is_empty() {
                self.end();
            } else {
                self.tokens.push(std::mem::take(&mut word).hash());
            }
        }
        self.word = word;
    }

    fn word(&mut self, c: char) {
        if self.run.is_some() {
            self.end();
        }
        self.word.push_char(c);
    }

    fn dense(&mut self, c: char) {
        if !self.word.is_empty() {
            self.end();
        }
        if let Some((before, _)) = self.run {
            self.pair(&[before, c]);
        }
        self.run = Some((c, self.run.is_some()));
    }

    fn end(&mut self) {
        if !self.word.is_empty() {
            self.tokens.push(std::mem::take(&mut self.word).hash());
        }
        if let Some((lone, false)) = self.run.take() {
            self.pair(&[lone]);
        }
    }

    fn pair(&mut self, characters: &[char]) {
        let mut word = WordHasher::default();
        for &c in characters {
            word.push_char(c);
        }
        self.tokens.push(word.hash());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) {
        assert_eq!(tokens(a), tokens(b), "{a:?} {b:?}");
    }

    #[test]
    fn spelling_variants_have_the_same_tokens() {
        same("أحمد إلى آخر ٱلأمر", "احمد الي اخر الامر");
        same("مُحَمَّد", "محمد");
        same("الـــعـــربية", "العربيه");
        same("مسؤول شؤون", "مسوول شوون");
        same("کی", "كي");
        same("٢٠٢٤ ۱۲", "2024 12");
        same("ﻻ ﷲ", "لا الله");
        same("Café CAFE\u{301}", "cafe café");
        same("Straße", "STRASSE");
        same("ёлка", "елка");
        same("ﬁnance Ｆｕｌｌ", "finance full");
        same("ﾆｭｰｽ", "ニュース");
        same("co\u{AD}operate \u{200F}now\u{FEFF}", "cooperate now");
        same("ΟΔΟΣ", "οδος");
    }

    #[test]
    fn punctuation_separates_words() {
        same("“No” — he said…it’s 3.5%", "no he said it s 3 5");
        same("می\u{200C}خواهم", "می خواهم");
        assert_eq!(tokens("one,two").len(), 2);
    }

    #[test]
    fn ascii_is_folded_as_by_the_table() {
        for byte in 0..128u8 {
            let c = char::from(byte);
            let folded = FOLDED_ASCII[usize::from(byte)];
            assert_eq!(
                FoldedChar::of(c),
                if folded == 0 { FoldedChar::Separate } else { FoldedChar::Word(char::from(folded)) },
                "{c:?}"
            );
        }
    }

    #[test]
    fn a_text_without_words_has_no_tokens() {
        for text in ["", " \n", "…—!؟،", "\u{200B}\u{640}", "😀"] {
            assert!(tokens(text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn scripts_without_spaces_become_pairs_of_characters() {
        assert_eq!(tokens("新华社").len(), 2);
        assert_eq!(tokens("新").len(), 1);
        assert_eq!(tokens("AFP通信2024年").len(), 4);
        assert_eq!((tokens("がくせい").len(), tokens("プレミアリーグ").len()), (3, 6));
        assert_ne!(tokens("かき"), tokens("がき"));
        same("新华 社", "新华。社");
        assert_ne!(tokens("新华"), tokens("华新"));
    }

    #[test]
    fn the_same_rules_apply_beyond_the_basic_plane() {
        same("𝐍𝐞𝐰𝐬", "news");
        assert_eq!(tokens("𠮷野").len(), 1);
    }

    /// Folding does not depend on neighbours, so what is true of each character is true of each text.
    #[test]
    fn letter_folding_is_idempotent() {
        let mut changed = Vec::new();
        for c in '\0'..=char::MAX {
            fold_char(c, &mut |piece| {
                if let FoldedChar::Word(folded) | FoldedChar::Dense(folded) = piece
                    && FoldedChar::of(folded) != piece
                {
                    changed.push((c, piece, FoldedChar::of(folded)));
                }
            });
        }
        assert!(changed.is_empty(), "{changed:?}");
    }
}
