//! A written date as numbers, words, marks and names of time zones.

use jiff::tz::TimeZone;

use super::words::{self, Meaning, PartOfDay, Role};
use super::zones;

/// One token, and whether a blank stands before it.
#[derive(Debug, Clone)]
struct Token {
    kind: TokenKind,
    is_after_blank: bool,
}

/// What a token is.
#[derive(Debug, Clone)]
pub(super) enum TokenKind {
    /// Digits.
    Number { value: u64, digits: usize },
    /// A word in folded letters. `meaning` is none for an unknown word.
    Word { text: String, is_upper: bool, meaning: Option<Meaning> },
    /// Any other character.
    Mark(char),
    /// A name of the IANA database with a slash.
    Region(TimeZone),
}

/// The longest number that is kept, in digits: a longer one is part of no date.
const NUMBER_DIGITS_MAX: usize = 18;

/// The tokens of a text, with questions about them.
#[derive(Debug)]
pub(super) struct Tokens(Vec<Token>);

impl Tokens {
    /// Splits a text.
    pub(super) fn of(text: &str) -> Self {
        Self(tokens(text))
    }

    /// The places of all tokens.
    pub(super) fn places(&self) -> std::ops::Range<usize> {
        0..self.0.len()
    }

    /// The token at this place.
    pub(super) fn kind(&self, at: usize) -> Option<&TokenKind> {
        self.0.get(at).map(|token| &token.kind)
    }

    /// Whether a token is here, without a blank before it.
    pub(super) fn is_attached(&self, at: usize) -> bool {
        self.0.get(at).is_some_and(|token| !token.is_after_blank)
    }

    /// Whether a blank or an end of the text is on both sides.
    pub(super) fn is_apart(&self, at: usize) -> bool {
        let is_blank = |at: usize| self.0.get(at).is_none_or(|token| token.is_after_blank);
        (at == 0 || is_blank(at)) && is_blank(at + 1)
    }

    /// The number at this place, and how many digits it has.
    pub(super) fn number(&self, at: usize) -> Option<(u64, usize)> {
        match self.kind(at)? {
            TokenKind::Number { value, digits } => Some((*value, *digits)),
            _ => None,
        }
    }

    /// The number at this place if it has this many digits.
    pub(super) fn digits(&self, at: usize, digits: std::ops::RangeInclusive<usize>) -> Option<i16> {
        let (value, found) = self.number(at)?;
        if digits.contains(&found) { i16::try_from(value).ok() } else { None }
    }

    /// Whether this mark is here.
    pub(super) fn is_mark(&self, at: usize, mark: char) -> bool {
        matches!(self.kind(at), Some(TokenKind::Mark(found)) if *found == mark)
    }

    /// Whether this mark is here with no blank on either side.
    pub(super) fn is_inner_mark(&self, at: usize, mark: char) -> bool {
        self.is_mark(at, mark) && self.is_attached(at) && self.is_attached(at + 1)
    }

    /// The word here in folded letters.
    pub(super) fn word(&self, at: usize) -> Option<&str> {
        match self.kind(at)? {
            TokenKind::Word { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether a word is here that is not in the table.
    pub(super) fn is_unknown_word(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(TokenKind::Word { meaning: None, .. }))
    }

    /// Whether a word is here that can have this role.
    pub(super) fn is(&self, at: usize, role: Role) -> bool {
        matches!(self.kind(at), Some(TokenKind::Word { meaning: Some(meaning), .. }) if meaning.is(role))
    }

    /// The part of the day that is named here, of two words or letters if it is one: `a.m.`
    pub(super) fn part_of_day(
        &self,
        at: usize,
        place: impl Fn(Meaning) -> Option<PartOfDay>,
    ) -> Option<(PartOfDay, usize)> {
        let first = self.word(at)?;
        let second = at + 1 + usize::from(['.', '-'].iter().any(|mark| self.is_mark(at + 1, *mark)));
        let both = self.word(second).and_then(|next| place(words::meaning(&format!("{first} {next}"))?));
        both.map(|part| (part, second + 1)).or_else(|| Some((place(words::meaning(first)?)?, at + 1)))
    }

    /// The name here, of two words if there is one, and where it ends.
    pub(super) fn name(&self, at: usize) -> Option<(Meaning, usize)> {
        let TokenKind::Word { text, meaning, .. } = self.kind(at)? else { return None };
        let second = if self.is_inner_mark(at + 1, '-') { at + 2 } else { at + 1 };
        let both = self.word(second).and_then(|next| words::meaning(&format!("{text} {next}")));
        both.map(|both| (both, second + 1)).or_else(|| Some(((*meaning)?, at + 1)))
    }
}

fn tokens(text: &str) -> Vec<Token> {
    // Letter by letter, so that each keeps its case beside its folded form.
    let letters: Vec<Letter> = text.chars().flat_map(Letter::of).collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut is_after_blank = false;
    while let Some(&Letter { folded, .. }) = letters.get(at) {
        let start = at;
        at += 1;
        if folded.is_whitespace() {
            is_after_blank = true;
            continue;
        }
        let run = |belongs: fn(char) -> bool| {
            let rest = letters.get(start..).unwrap_or_default();
            start + rest.iter().take_while(|letter| belongs(letter.folded)).count()
        };
        if folded.is_ascii_digit() {
            at = run(|letter| letter.is_ascii_digit());
            tokens.push(Token { kind: number(&letters[start..at]), is_after_blank });
        } else if is_word_letter(folded) {
            let region_end = run(|letter| letter.is_ascii_alphanumeric() || "_/+-".contains(letter));
            let name: String = letters[start..region_end].iter().map(|letter| letter.folded).collect();
            if let Some(region) = name.contains('/').then(|| zones::region(&name)).flatten() {
                at = region_end;
                tokens.push(Token { kind: TokenKind::Region(region), is_after_blank });
            } else {
                at = run(is_word_letter);
                push_words(&mut tokens, &letters[start..at], is_after_blank);
            }
        } else {
            tokens.push(Token { kind: TokenKind::Mark(folded), is_after_blank });
        }
        is_after_blank = false;
    }
    tokens
}

#[derive(Debug, Clone, Copy)]
struct Letter {
    folded: char,
    is_upper: bool,
}

impl Letter {
    /// The folded letters of one character.
    fn of(character: char) -> impl Iterator<Item = Self> {
        let is_upper = character.is_uppercase();
        let folded: Vec<char> = if character.is_ascii() {
            vec![character.to_ascii_lowercase()]
        } else if character.is_whitespace() {
            vec![' ']
        } else {
            let folded: Vec<char> = words::folded(character.encode_utf8(&mut [0; 4])).chars().collect();
            // A raised number is a note, and no part of the day before it.
            if folded.iter().any(char::is_ascii_digit) { vec![character] } else { folded }
        };
        folded.into_iter().map(move |folded| Self { folded, is_upper })
    }
}

/// Letters, and the vowel signs of the scripts of India and Thailand, which are not letters.
fn is_word_letter(character: char) -> bool {
    character.is_alphabetic() || ('\u{900}'..='\u{E7F}').contains(&character)
}

fn number(letters: &[Letter]) -> TokenKind {
    let digits = letters.len();
    let value = letters
        .iter()
        .take(NUMBER_DIGITS_MAX)
        .fold(0, |value, letter| value * 10 + u64::from(letter.folded.to_digit(10).unwrap_or_default()));
    TokenKind::Number { value, digits }
}

/// One word; or, in scripts without blanks, the known words it consists of.
fn push_words(tokens: &mut Vec<Token>, letters: &[Letter], is_after_blank: bool) {
    let whole = word(letters);
    let is_known = matches!(&whole, TokenKind::Word { meaning: Some(_), .. });
    let has_no_blanks =
        |letter: &Letter| ('\u{1100}'..='\u{11FF}').contains(&letter.folded) || letter.folded >= '\u{3040}';
    let parts = if is_known || !letters.iter().all(has_no_blanks) { None } else { known_parts(letters) };
    let mut is_first = true;
    for kind in parts.unwrap_or_else(|| vec![whole]) {
        tokens.push(Token { kind, is_after_blank: is_after_blank && is_first });
        is_first = false;
    }
}

fn word(letters: &[Letter]) -> TokenKind {
    let text: String = letters.iter().map(|letter| letter.folded).collect();
    let meaning = words::meaning(&text);
    TokenKind::Word { text, is_upper: letters.iter().all(|letter| letter.is_upper), meaning }
}

/// The longest known word at the start, and so on. None if a part is unknown.
fn known_parts(mut letters: &[Letter]) -> Option<Vec<TokenKind>> {
    let mut parts = Vec::new();
    while !letters.is_empty() {
        let known = (1..=letters.len().min(16)).rev().find_map(|length| match word(letters.get(..length)?) {
            part @ TokenKind::Word { meaning: Some(_), .. } => Some((part, length)),
            _ => None,
        });
        let (part, length) = known?;
        parts.push(part);
        letters = letters.get(length..)?;
    }
    Some(parts)
}
