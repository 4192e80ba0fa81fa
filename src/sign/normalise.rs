//! Text to token hashes: one pass that folds what orthography varies and separates at everything else.
//!
//! Compatibility decomposition (NFKD) and lower case make the forms of one letter equal; vowel signs
//! that writers may leave out are dropped; a few letters that are exchanged in practice are folded (matching
//! of Arabic: alef and yeh forms, teh marbuta, kaf). A character's fold does not depend on its neighbours, so
//! a table answers for the basic plane.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

use super::hash::Word;

/// The hashes of the words of a text, in order, each over the folded word in UTF-8.
///
/// In scripts written without spaces (Han, Kana, Thai, Lao, Khmer, Burmese) each pair of neighbouring characters
/// is a token, and a lone character one.
#[must_use]
pub fn tokens(text: &str) -> Vec<u64> {
    let table = &*TABLE;
    let mut splitter = Splitter { tokens: Vec::with_capacity(text.len() / 6), word: Word::default(), run: None };
    let mut rest = text;
    while let Some(&first) = rest.as_bytes().first() {
        if first.is_ascii() {
            let length = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
            let (ascii, after) = rest.split_at(length);
            splitter.ascii(ascii.as_bytes());
            rest = after;
            continue;
        }
        let mut characters = rest.chars();
        let Some(c) = characters.next() else { break };
        rest = characters.as_str();
        match table.get(c as usize).copied().unwrap_or_else(|| Fold::of(c)) {
            Fold::Drop => {}
            Fold::Separate => splitter.end(),
            Fold::Word(folded) => splitter.word(folded),
            Fold::Dense(folded) => splitter.dense(folded),
            Fold::Several => fold(c, &mut |piece| splitter.piece(piece)),
        }
    }
    splitter.end();
    splitter.tokens
}

/// What becomes of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    /// It leaves no trace.
    Drop,
    /// It ends the word.
    Separate,
    /// A letter, digit or mark of a word.
    Word(char),
    /// A character of a script without spaces.
    Dense(char),
    /// More than one of the above.
    Several,
}

impl Fold {
    fn of(c: char) -> Self {
        let mut only = None;
        let mut count = 0;
        fold(c, &mut |piece| {
            only = Some(piece);
            count += 1;
        });
        match (count, only) {
            (0, _) => Self::Drop,
            (1, Some(fold)) => fold,
            _ => Self::Several,
        }
    }
}

/// The folds of the basic multilingual plane, 8 bytes each.
static TABLE: LazyLock<Vec<Fold>> =
    LazyLock::new(|| (0..0x1_0000u32).map(|code| char::from_u32(code).map_or(Fold::Separate, Fold::of)).collect());

/// What becomes of a character, from the table where that holds it.
pub(super) fn lookup(c: char) -> Fold {
    TABLE.get(c as usize).copied().unwrap_or_else(|| Fold::of(c))
}

/// The folded letter or digit, or zero where a character separates.
const ASCII: [u8; 128] = {
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

/// Folds one character into its pieces.
pub(super) fn fold(c: char, piece: &mut impl FnMut(Fold)) {
    if is_dropped(c) {
        return;
    }
    // Decomposed, a voiced kana would be two characters, of which the mark belongs to no script.
    if matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}') {
        return piece(Fold::Dense(c));
    }
    for lower in c.to_lowercase() {
        for part in std::iter::once(lower).nfkd().flat_map(char::to_lowercase) {
            match part {
                _ if is_dropped(part) => {}
                'ß' => {
                    piece(Fold::Word('s'));
                    piece(Fold::Word('s'));
                }
                _ => piece(classify(letter(part))),
            }
        }
    }
}

/// Marks that writers may leave out, and characters that only steer display.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}'                            // accents, once decomposed
        | '\u{0591}'..='\u{05BD}' | '\u{05BF}' | '\u{05C1}' | '\u{05C2}' | '\u{05C4}' | '\u{05C5}' | '\u{05C7}' // Hebrew points
        | '\u{0610}'..='\u{061A}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{06D6}'..='\u{06ED}' // Arabic vowel signs, hamza marks
        | '\u{0640}'                                       // tatweel
        | '\u{200B}' | '\u{200D}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' // zero width, bidi
        | '\u{3099}' | '\u{309A}'                          // voicing marks that stand by themselves
        | '\u{00AD}' | '\u{061C}' | '\u{FE00}'..='\u{FE0F}') // soft hyphen, Arabic letter mark, variation selectors
}

/// Letters that are written one for the other, and digits of the Arabic script.
fn letter(c: char) -> char {
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

/// A letter of both kana, and by that of the common script.
const LONG_VOWEL: char = 'ー';

fn classify(c: char) -> Fold {
    use Script::{Han, Hiragana, Katakana, Khmer, Lao, Myanmar, Thai};
    if !c.is_alphanumeric() && !is_combining_mark(c) {
        Fold::Separate
    } else if c == LONG_VOWEL || matches!(c.script(), Han | Hiragana | Katakana | Thai | Lao | Khmer | Myanmar) {
        Fold::Dense(c)
    } else {
        Fold::Word(c)
    }
}

/// Collects folded characters into tokens.
struct Splitter {
    tokens: Vec<u64>,
    word: Word,
    /// The last character of a run without spaces, and whether a pair ends in it.
    run: Option<(char, bool)>,
}

impl Splitter {
    fn piece(&mut self, piece: Fold) {
        match piece {
            Fold::Word(c) => self.word(c),
            Fold::Dense(c) => self.dense(c),
            Fold::Separate => self.end(),
            Fold::Drop | Fold::Several => unreachable!("a piece is one character"),
        }
    }

    /// What the table says of these characters, without asking it: they are most of most texts.
    fn ascii(&mut self, bytes: &[u8]) {
        let mut word = std::mem::take(&mut self.word);
        for &byte in bytes {
            let folded = ASCII[usize::from(byte & 0x7F)];
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
        let mut word = Word::default();
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
    fn orthography_changes_nothing() {
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
    fn every_mark_of_punctuation_separates() {
        same("“No” — he said…it’s 3.5%", "no he said it s 3 5");
        same("می\u{200C}خواهم", "می خواهم");
        assert_eq!(tokens("one,two").len(), 2);
    }

    #[test]
    fn the_short_way_for_ascii_is_the_way_of_the_table() {
        for byte in 0..128u8 {
            let c = char::from(byte);
            let folded = ASCII[usize::from(byte)];
            assert_eq!(Fold::of(c), if folded == 0 { Fold::Separate } else { Fold::Word(char::from(folded)) }, "{c:?}");
        }
    }

    #[test]
    fn no_word_gives_no_token() {
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
    fn beyond_the_basic_plane_the_same_rules_hold() {
        same("𝐍𝐞𝐰𝐬", "news");
        assert_eq!(tokens("𠮷野").len(), 1);
    }

    /// No fold depends on a neighbour, so what holds of every character holds of every text.
    #[test]
    fn folding_a_character_again_changes_nothing() {
        let mut changed = Vec::new();
        for c in '\0'..=char::MAX {
            fold(c, &mut |piece| {
                if let Fold::Word(folded) | Fold::Dense(folded) = piece
                    && Fold::of(folded) != piece
                {
                    changed.push((c, piece, Fold::of(folded)));
                }
            });
        }
        assert!(changed.is_empty(), "{changed:?}");
    }
}
