//! Breaks a text into lines of a given width and marks its passages.

use console::{Style, measure_text_width};
use unicode_script::{Script, UnicodeScript};

use crate::cli::app::harmless;
use crate::explain::{Passage, PassageKind};

/// The most words of one mark in a row that are shown in full; of more, only the two ends are shown.
const UNSHORTENED_WORDS_MAX: usize = 60;

/// How many words of each end are shown.
const SHOWN_END_WORDS: usize = 12;

/// How a part of the text is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Own,
    Shared,
    LeftOut,
}

impl Mark {
    fn of(kind: Option<PassageKind>) -> Self {
        match kind {
            None => Self::Own,
            Some(PassageKind::Shared) => Self::Shared,
            Some(_) => Self::LeftOut,
        }
    }

    fn brackets(self) -> [&'static str; 2] {
        match self {
            Self::Own => ["", ""],
            Self::Shared => ["⟦", "⟧"],
            Self::LeftOut => ["‹", "›"],
        }
    }

    fn style(self) -> Style {
        let style = Style::new().force_styling(true);
        match self {
            Self::Own => style,
            Self::Shared => style.green(),
            Self::LeftOut => style.dim(),
        }
    }
}

/// A part of a word that has one mark.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    text: String,
    mark: Mark,
}

/// A word as it is shown, or the break between two paragraphs.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Atom {
    Word(Vec<Piece>),
    Paragraph,
}

/// A line, and its width in columns without colours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct TextLine {
    pub(super) text: String,
    pub(super) width: usize,
}

/// Breaks a text into lines of at most `width` columns.
pub(super) fn lines(text: &str, passages: &[Passage], width: usize, colours: bool, full: bool) -> Vec<TextLine> {
    let mut atoms = atoms(text, passages);
    if !full {
        atoms = shorten(&atoms);
    }
    if !colours {
        bracket(&mut atoms);
    }
    wrap(&atoms, width, colours)
}

/// Whether a text is written from right to left, as most of its letters are.
pub(super) fn is_right_to_left(text: &str) -> bool {
    use Script::{Adlam, Arabic, Hebrew, Mandaic, Nko, Samaritan, Syriac, Thaana};
    let is_leftward =
        |c: char| matches!(c.script(), Arabic | Hebrew | Syriac | Thaana | Nko | Samaritan | Mandaic | Adlam);
    let (all, leftward) = text
        .chars()
        .filter(|c| c.is_alphabetic())
        .fold((0, 0), |(all, leftward), c| (all + 1, leftward + usize::from(is_leftward(c))));
    2 * leftward > all
}

fn atoms(text: &str, passages: &[Passage]) -> Vec<Atom> {
    let mut atoms = Vec::new();
    let mut passages = passages.iter().peekable();
    for (at, c) in text.char_indices() {
        while passages.next_if(|passage| passage.end <= at).is_some() {}
        if c == '\n' {
            atoms.push(Atom::Paragraph);
            continue;
        }
        let mark = Mark::of(passages.peek().filter(|passage| passage.start <= at).map(|passage| passage.kind));
        let shown = harmless(c.encode_utf8(&mut [0; 4]));
        let begins = text[..at].chars().next_back().is_none_or(char::is_whitespace);
        match atoms.last_mut() {
            _ if c.is_whitespace() => {}
            Some(Atom::Word(pieces)) if !begins => match pieces.last_mut() {
                Some(piece) if piece.mark == mark => piece.text.push_str(&shown),
                _ => pieces.push(Piece { text: shown, mark }),
            },
            _ => atoms.push(Atom::Word(vec![Piece { text: shown, mark }])),
        }
    }
    atoms
}

/// The mark of a word whose letters all have one mark. Punctuation around it does not count.
fn word_mark(atom: &Atom) -> Option<Mark> {
    let Atom::Word(pieces) = atom else { return None };
    let has_letters = |piece: &&Piece| piece.text.contains(char::is_alphanumeric);
    let mut marks = pieces.iter().filter(has_letters).map(|piece| piece.mark);
    let first = marks.next()?;
    marks.all(|mark| mark == first).then_some(first)
}

/// Leaves out the middle of long runs of words with one mark.
fn shorten(atoms: &[Atom]) -> Vec<Atom> {
    let mut shown = Vec::with_capacity(atoms.len());
    let mut rest = atoms;
    while let Some(first) = rest.first() {
        let mark = word_mark(first);
        let length = rest.iter().take_while(|atom| word_mark(atom).or(mark) == mark).count().max(1);
        let (run, next) = rest.split_at(length);
        rest = next;
        if mark.is_none() || length <= UNSHORTENED_WORDS_MAX {
            shown.extend_from_slice(run);
            continue;
        }
        let middle = &run[SHOWN_END_WORDS..length - SHOWN_END_WORDS];
        let words = middle.iter().filter(|atom| matches!(atom, Atom::Word(_))).count();
        let text = format!("… {words} words …");
        shown.extend_from_slice(&run[..SHOWN_END_WORDS]);
        shown.push(Atom::Word(vec![Piece { text, mark: mark.unwrap_or(Mark::Own) }]));
        shown.extend_from_slice(&run[length - SHOWN_END_WORDS..]);
    }
    shown
}

/// Puts brackets around passages. A passage that continues in the next paragraph is closed and opened again.
fn bracket(atoms: &mut [Atom]) {
    let mut positions: Vec<(usize, usize)> = Vec::new();
    for (at, atom) in atoms.iter().enumerate() {
        if let Atom::Word(pieces) = atom {
            positions.extend((0..pieces.len()).map(|piece| (at, piece)));
        }
    }
    let mark =
        |atoms: &[Atom], position: Option<&(usize, usize)>| match position.map(|&(at, piece)| (&atoms[at], piece)) {
            Some((Atom::Word(pieces), piece)) => pieces[piece].mark,
            _ => Mark::Own,
        };
    let has_break = |atoms: &[Atom], a: usize, b: usize| atoms[a..b].contains(&Atom::Paragraph);
    for index in 0..positions.len() {
        let (at, piece) = positions[index];
        let own = mark(atoms, positions.get(index));
        let before = index.checked_sub(1).and_then(|index| positions.get(index));
        let after = positions.get(index + 1);
        let opens = mark(atoms, before) != own || before.is_some_and(|&(before, _)| has_break(atoms, before, at));
        let closes = mark(atoms, after) != own || after.is_some_and(|&(after, _)| has_break(atoms, at, after));
        if let Atom::Word(pieces) = &mut atoms[at] {
            let [open, close] = own.brackets();
            let text = &mut pieces[piece].text;
            if opens {
                text.insert_str(0, open);
            }
            if closes {
                text.push_str(close);
            }
        }
    }
}

fn wrap(atoms: &[Atom], width: usize, colours: bool) -> Vec<TextLine> {
    let mut lines = vec![TextLine::default()];
    // The mark of the last word: a passage that continues includes the space before the next word.
    let mut last = Mark::Own;
    for atom in atoms {
        let Atom::Word(pieces) = atom else {
            lines.push(TextLine::default());
            continue;
        };
        let word: usize = pieces.iter().map(|piece| measure_text_width(&piece.text)).sum();
        if lines.last().is_some_and(|line| line.width > 0 && line.width + 1 + word > width) {
            lines.push(TextLine::default());
        }
        let mut space = lines.last().is_some_and(|line| line.width > 0);
        for Piece { text, mark } in pieces {
            let gap = if space { " " } else { "" };
            let gap_mark = if last == *mark { *mark } else { Mark::Own };
            push(&mut lines, gap, gap_mark, width, colours);
            push(&mut lines, text, *mark, width, colours);
            (space, last) = (false, *mark);
        }
    }
    lines
}

/// Appends what fits to the last line, and the rest to further lines: scripts without spaces have long words.
fn push(lines: &mut Vec<TextLine>, text: &str, mark: Mark, width: usize, colours: bool) {
    let mut rest = text;
    while !rest.is_empty() {
        let Some(line) = lines.last_mut() else { return };
        let mut taken = 0;
        let mut columns = line.width;
        for c in rest.chars() {
            let next = columns + measure_text_width(c.encode_utf8(&mut [0; 4]));
            if next > width && columns > 0 {
                break;
            }
            (columns, taken) = (next, taken + c.len_utf8());
        }
        let (now, later) = rest.split_at(taken);
        if !now.is_empty() {
            line.text += &if colours { mark.style().apply_to(now).to_string() } else { now.to_owned() };
            line.width = columns;
        }
        if !later.is_empty() {
            lines.push(TextLine::default());
        }
        rest = later;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(text: &str, passage: &str) -> Vec<Passage> {
        let start = text.find(passage).expect("in the text");
        vec![Passage { start, end: start + passage.len(), kind: PassageKind::Shared }]
    }

    fn plain(text: &str, passages: &[Passage], width: usize) -> Vec<String> {
        lines(text, passages, width, false, false).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn lines_break_between_words_and_long_words_break_anywhere() {
        assert_eq!(plain("one two three\nfour", &[], 9), ["one two", "three", "four"]);
        assert_eq!(plain("新华社北京报道", &[], 5), ["新华", "社北", "京报", "道"]);
    }

    #[test]
    fn without_colours_a_passage_is_bracketed_in_each_paragraph() {
        let text = "the old “mill burned\ndown, they” say";
        assert_eq!(
            plain(text, &shared(text, "mill burned\ndown"), 40),
            ["the old “⟦mill burned⟧", "⟦down⟧, they” say"]
        );
    }

    #[test]
    fn colours_are_not_counted_and_no_line_is_too_wide() {
        let text = "the old mill burned down at night and nobody saw it";
        let lines = lines(text, &shared(text, "mill burned down"), 12, true, false);
        assert!(lines.iter().all(|line| line.width <= 12 && measure_text_width(&line.text) == line.width));
        assert!(lines.iter().any(|line| line.text.contains("\u{1b}[32mmill\u{1b}[0m")), "{lines:?}");
    }

    #[test]
    fn the_middle_of_a_long_run_of_words_is_left_out() {
        let text = vec!["word"; 100].join(" ");
        let shown = plain(&text, &[], 1000).concat();
        assert!(shown.contains(" … 76 words … "), "{shown}");
        assert_eq!(lines(&text, &[], 1000, false, true)[0].text, text);
    }

    #[test]
    fn a_text_cannot_control_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb \u{202E}cd\u{202C}", &[], 40), ["a\u{FFFD}[2Jb cd"]);
    }

    #[test]
    fn the_direction_of_a_text_is_that_of_most_letters() {
        assert!(is_right_to_left("أعلنت Reuters أن الميناء"));
        assert!(!is_right_to_left("Reuters (رويترز) reported") && !is_right_to_left("2026"));
    }
}
