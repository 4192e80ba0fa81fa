//! Finds where a JSON value ends, without parsing it.

/// The brackets and quotes that are open in a JSON value.
///
/// Kinds of brackets are not told apart: a value with wrong ones ends somewhere, and becomes a dead letter.
#[derive(Debug, Clone, Default)]
pub(super) struct Nesting {
    depth: u64,
    in_string: bool,
    escaped: bool,
}

impl Nesting {
    /// The nesting after an opening bracket.
    pub(super) fn opened() -> Self {
        Self { depth: 1, ..Self::default() }
    }

    /// Whether a string is open.
    pub(super) fn is_in_string(&self) -> bool {
        self.in_string
    }

    /// Reads `bytes` up to the end of the value, and returns how many these are; none if the value does not end there.
    pub(super) fn end_in(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.escaped {
                self.escaped = false;
                at += 1;
            } else if self.in_string {
                at += 1 + bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
                self.escaped = bytes[at - 1] == b'\\';
                self.in_string = self.escaped;
                if !self.in_string && self.depth == 0 {
                    return Some(at);
                }
            } else {
                at += 1 + bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'[' | b'{' | b']' | b'}'))?;
                match bytes[at - 1] {
                    b'"' => self.in_string = true,
                    b'[' | b'{' => self.depth += 1,
                    _ => {
                        self.depth = self.depth.saturating_sub(1);
                        if self.depth == 0 {
                            return Some(at);
                        }
                    }
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_with_its_last_bracket_or_quote() {
        for (text, expected) in [
            (r#"{"a":[1,{}]} {}"#, Some(12)),
            (r#"{"a":"}\"}"} x"#, Some(12)),
            (r#""a\\"b"#, Some(5)),
            (r#"{"a":"\\"}}"#, Some(10)),
            ("[[]", None),
            (r#"{"a":"}"#, None),
        ] {
            for split in 0..text.len() {
                let (start, rest) = text.as_bytes().split_at(split);
                let mut nesting = Nesting::default();
                let end = nesting.end_in(start).or_else(|| nesting.end_in(rest).map(|end| split + end));
                assert_eq!(end, expected, "{text} at {split}");
            }
        }
    }
}
