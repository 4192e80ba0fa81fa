//! Finds where a JSON value ends, without parsing it.

/// Brackets deeper than this are not told apart. Records are refused before they are nested so deeply.
const KINDS_DEPTH_MAX: u64 = 64;

/// Letters and marks of numbers, of `true`, `false` and `null`, and of the names that other languages write for these.
const SCALARS: &[u8] = b"+-.0123456789aefilnorstudyEFINT";

/// Whether a byte stands between the values of a file.
pub(super) fn is_separator(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b',' || byte == RECORD_SEPARATOR
}

/// Separates values in the text sequences of RFC 7464.
pub(super) const RECORD_SEPARATOR: u8 = 0x1E;

/// Where a value ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueEnd {
    /// With its last bracket or quotation mark.
    Closed,
    /// Before a line with which the next record begins: the value lacks a bracket or a quotation mark.
    NextRecord {
        /// The indentation of that line.
        indentation: u64,
    },
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum StringState {
    #[default]
    Outside,
    Inside,
    /// Behind a backslash.
    Escaped,
}

/// The brackets and quotes that are open in a JSON value.
///
/// A value with wrong brackets ends somewhere, and becomes a dead letter.
#[derive(Debug, Clone, Default)]
pub(super) struct Nesting {
    depth: u64,
    /// Which of the open brackets are lists, the innermost one in the lowest bit.
    lists: u64,
    /// Whether there were too many to tell them apart.
    is_deep: bool,
    string: StringState,
    /// The last byte that is no blank and in no string.
    last: u8,
    /// Bytes since the line feed, if these are only blanks and commas.
    line_start: Option<u64>,
    is_broken: bool,
    /// The indentation of the line that begins with the value.
    indentation: Option<u64>,
}

impl Nesting {
    /// The nesting after the opening bracket of a list.
    pub(super) fn opened() -> Self {
        Self { depth: 1, lists: 1, last: b'[', ..Self::default() }
    }

    /// The nesting of a value with which a line of this indentation begins. Lines that are nested in it are indented
    /// deeper, so that the next record can be found although the value does not end.
    pub(super) fn of_line(indentation: Option<u64>) -> Self {
        Self { indentation, ..Self::default() }
    }

    /// Whether a string is open.
    pub(super) fn is_in_string(&self) -> bool {
        self.string != StringState::Outside
    }

    /// Whether a bracket or a quotation mark is missing for certain: there are words outside strings, line feeds inside, or
    /// brackets where JSON has none. The value may end in the wrong place.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Reads `bytes` up to the end of the value, and returns how many these are; none if the value does not end there.
    pub(super) fn end_in(&mut self, bytes: &[u8]) -> Option<usize> {
        let (read, end) = self.advance(bytes);
        end.map(|_| read)
    }

    /// The same, with the number of bytes that were read in any case.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> (usize, Option<ValueEnd>) {
        let mut at = 0;
        while at < bytes.len() {
            if self.string == StringState::Inside && self.line_start.is_none() {
                let special = bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n'));
                let Some(special) = special else { break };
                at += special;
            }
            let byte = bytes[at];
            if let Some(indentation) = self.line_start {
                if byte == b'{' && self.is_next_record(indentation) {
                    return (at, Some(ValueEnd::NextRecord { indentation }));
                }
                self.line_start = is_separator(byte).then_some(indentation + 1);
            }
            at += 1;
            if self.read(byte) {
                return (at, Some(ValueEnd::Closed));
            }
        }
        (bytes.len(), None)
    }

    /// Reads a byte. Returns whether the value ends with it.
    fn read(&mut self, byte: u8) -> bool {
        match (self.string, byte) {
            (string, b'\n') => {
                self.line_start = Some(0);
                if string != StringState::Outside {
                    // JSON has no line feeds in strings.
                    (self.is_broken, self.string) = (true, StringState::Inside);
                }
            }
            (StringState::Escaped, _) => self.string = StringState::Inside,
            (StringState::Inside, b'\\') => self.string = StringState::Escaped,
            (StringState::Inside, b'"') => {
                self.string = StringState::Outside;
                return self.depth == 0;
            }
            (StringState::Inside, _) => {}
            (StringState::Outside, byte) => return self.read_outside(byte),
        }
        false
    }

    /// Reads a byte outside strings. Returns whether the value ends with it.
    fn read_outside(&mut self, byte: u8) -> bool {
        if byte.is_ascii_whitespace() {
            return false;
        }
        match byte {
            b'"' => self.string = StringState::Inside,
            b'[' | b'{' => {
                self.is_broken |= !self.may_open();
                self.depth += 1;
                self.is_deep |= self.depth > KINDS_DEPTH_MAX;
                self.lists = self.lists << 1 | u64::from(byte == b'[');
            }
            b']' | b'}' => {
                self.is_broken |= self.is_told_apart() && self.is_in_list() != (byte == b']');
                self.depth = self.depth.saturating_sub(1);
                self.lists >>= 1;
            }
            b',' | b':' => {}
            _ => self.is_broken |= !SCALARS.contains(&byte),
        }
        self.last = byte;
        self.depth == 0 && matches!(byte, b']' | b'}')
    }

    fn is_told_apart(&self) -> bool {
        self.depth > 0 && !self.is_deep
    }

    fn is_in_list(&self) -> bool {
        self.lists & 1 == 1
    }

    /// Whether JSON may have an opening bracket here.
    fn may_open(&self) -> bool {
        let expected: &[u8] = if self.is_in_list() { b"[," } else { b":" };
        !self.is_told_apart() || expected.contains(&self.last)
    }

    /// Whether an object that begins a line of this indentation is the next record.
    fn is_next_record(&self, indentation: u64) -> bool {
        let is_outside = self.indentation.is_some_and(|own| indentation <= own);
        is_outside && (self.is_broken || !self.may_open())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of the value, read in two pieces.
    fn end(text: &str, split: usize, indentation: Option<u64>) -> (Option<(usize, ValueEnd)>, Nesting) {
        let (start, rest) = text.as_bytes().split_at(split);
        let mut nesting = Nesting::of_line(indentation);
        let (read, end) = nesting.advance(start);
        if let Some(end) = end {
            return (Some((read, end)), nesting);
        }
        let (read, end) = nesting.advance(rest);
        (end.map(|end| (split + read, end)), nesting)
    }

    #[test]
    fn a_value_ends_with_its_last_bracket_or_quote() {
        for (text, expected) in [
            (r#"{"a":[1,{}]} {}"#, Some(12)),
            (r#"{"a":"}\"}"} x"#, Some(12)),
            (r#""a\\"b"#, Some(5)),
            (r#"{"a":"\\"}}"#, Some(10)),
            ("{\"a\":[{},\n{}],\"b\":{\"c\":[[1.5e+3],[null,true,false,NaN,-Infinity]]}}", Some(67)),
            ("[[]", None),
            (r#"{"a":"}"#, None),
        ] {
            for split in 0..text.len() {
                let (end, nesting) = end(text, split, Some(0));
                assert_eq!(end, expected.map(|end| (end, ValueEnd::Closed)), "{text} at {split}");
                assert!(!nesting.is_broken(), "{text}");
            }
        }
    }

    #[test]
    fn a_value_that_lacks_a_mark_is_broken_and_ends_before_the_next_record() {
        for (indentation, text) in [
            (0, "{\n  \"a\": 1\n|{\n  \"a\": 2\n}"),
            (0, "{\n  \"a\": 1,\n|{"),
            (0, "{\n  \"a\": \"x,\n  \"b\": \"y\"\n}\n|{"),
            (0, "{\"a\":\"x},\n|{"),
            (2, "{\n    \"a\": [\n      {\"b\": 1}\n  },\n  |{"),
            (4, "{\n    \"a\": 1\n  , |{"),
            (4, "{\n      \"a\": 1\n  |{"),
            (0, "{\r\n\t\"a\": x y z\r\n\r\n|{"),
        ] {
            let next = text.find('|').expect("a mark");
            let text = text.replace('|', "");
            let found = |end: Option<(usize, ValueEnd)>| match end {
                Some((at, ValueEnd::NextRecord { .. })) => at,
                other => panic!("{other:?} in {text}"),
            };
            for split in 0..text.len() {
                assert_eq!(found(end(&text, split, Some(indentation)).0), next, "{text} at {split}");
            }
            assert!(!matches!(end(&text, 0, None).0, Some((_, ValueEnd::NextRecord { .. }))), "{text}");
        }
    }

    #[test]
    fn what_is_nested_in_a_value_is_no_record() {
        for text in [
            "{\"a\": [\n{\"b\": 1},\n{\"b\": 2}\n]}",
            "{\n\"a\":\n{\"b\": 1}}",
            "{\n  \"a\": [\n    {\"b\": 1}\n    {\"b\": 2}\n  ]\n}",
            "{\n  \"a\": 1\n  {\n  }\n}",
            &format!("{}\n{{}}{}", "[{\"a\":".repeat(70), "}]".repeat(70)),
        ] {
            let (end, _) = end(text, 0, Some(0));
            assert_eq!(end, Some((text.len(), ValueEnd::Closed)), "{text}");
        }
    }

    #[test]
    fn deep_brackets_are_not_broken() {
        let (end, nesting) = end(&format!("{}{}", "[".repeat(140), "]".repeat(140)), 9, Some(0));
        assert!(matches!(end, Some((280, ValueEnd::Closed))) && !nesting.is_broken());
    }

    #[test]
    fn wrong_brackets_and_words_outside_strings_break_a_value() {
        for text in [
            r#"{"a":1,{"a":2}}"#,
            r#"{"a":1{"a":2}}"#,
            r#"[{"a":1]"#,
            r#"{"a":"x,"b":"the bridge"}"#,
            "[\"a\nb\"]",
            r#"{"a":"x,"b":"é"}"#,
        ] {
            assert!(end(text, 0, None).1.is_broken(), "{text}");
        }
    }
}
