//! Where a splitter is in the text of a file.

use super::nesting::is_separator;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextPlace {
    /// The line, counted from 1.
    pub(super) line: u64,
    /// Bytes since the beginning of the line, if these are only blanks and commas.
    pub(super) indentation: Option<u64>,
}

impl TextPlace {
    /// The beginning of a file.
    pub(super) fn start() -> Self {
        Self { line: 1, indentation: Some(0) }
    }

    /// Moves on behind these bytes.
    pub(super) fn advance(&mut self, bytes: &[u8]) {
        let of_line = match bytes.iter().rposition(|&byte| byte == b'\n') {
            Some(line_feed) => {
                self.line += line_feeds(&bytes[..=line_feed]);
                self.indentation = Some(0);
                &bytes[line_feed + 1..]
            }
            None => bytes,
        };
        let is_indented = of_line.iter().all(|&byte| is_separator(byte));
        self.indentation = self.indentation.filter(|_| is_indented).map(|before| before + of_line.len() as u64);
    }
}

/// How many line feeds there are in these bytes.
pub(super) fn line_feeds(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from(byte == b'\n')).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_its_line_and_the_blanks_before_it() {
        let text = b"a\n\n  ,b \n\t";
        for split in 0..text.len() {
            let mut place = TextPlace::start();
            let at = [(1, Some(0)), (1, None), (2, Some(0)), (3, Some(0)), (3, Some(1)), (3, Some(2)), (3, Some(3))];
            for (end, (line, indentation)) in at.into_iter().enumerate() {
                let mut place = TextPlace::start();
                place.advance(&text[..end.min(split)]);
                place.advance(&text[end.min(split)..end]);
                assert_eq!(place, TextPlace { line, indentation }, "{end} in pieces of {split}");
            }
            place.advance(text);
            assert_eq!(place, TextPlace { line: 4, indentation: Some(1) });
        }
    }
}
