//! Repairs what JSON does not allow but common writers produce.

use std::borrow::Cow;

/// The code units of UTF-16 that are half of a character.
const SURROGATES: std::ops::RangeInclusive<u32> = 0xD800..=0xDFFF;

/// The first halves.
const HIGH_SURROGATES: std::ops::RangeInclusive<u32> = 0xD800..=0xDBFF;

/// Names that Python writes for numbers that JSON lacks.
const NO_NUMBERS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];

/// The text with these changes, or the text itself if there is nothing to change:
///
/// - An escaped surrogate without its other half becomes U+FFFD, as in a browser. Titles that were cut after so many
///   characters of UTF-16 end with one.
/// - `NaN`, `Infinity` and `-Infinity` become `null`, and so do numbers that are too large to be represented (`1e999`).
/// - A number that begins with zeros becomes text, as it is written: `007`.
/// - A comma after the last element or member is dropped.
pub(in crate::article) fn repaired(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    let mut in_string = false;
    let bytes = text.as_bytes();
    let mut replace = |range: std::ops::Range<usize>, with: &str| {
        out.push_str(&text[copied..range.start]);
        out.push_str(with);
        copied = range.end;
    };
    while at < bytes.len() {
        match (in_string, bytes[at]) {
            (_, b'"') => (in_string, at) = (!in_string, at + 1),
            (true, b'\\') => {
                let unit = code_unit(bytes, at);
                let pair = unit.is_some_and(|unit| HIGH_SURROGATES.contains(&unit))
                    && code_unit(bytes, at + 6)
                        .is_some_and(|next| SURROGATES.contains(&next) && !HIGH_SURROGATES.contains(&next));
                if pair {
                    at += 12;
                } else if unit.is_some_and(|unit| SURROGATES.contains(&unit)) {
                    replace(at..at + 6, "\\ufffd");
                    at += 6;
                } else {
                    at += 2;
                }
            }
            (false, b'N' | b'I' | b'-' | b'0'..=b'9') => {
                let name = NO_NUMBERS.iter().find(|name| bytes[at..].starts_with(name.as_bytes()));
                let length = name.map_or_else(|| number_length(&bytes[at..]), |name| name.len());
                let written = &text[at..at + length];
                if name.is_some() || written.parse().is_ok_and(f64::is_infinite) {
                    replace(at..at + length, "null");
                } else if has_leading_zeros(written) {
                    replace(at..at + length, &format!("\"{written}\""));
                }
                at += length;
            }
            (false, b',') => {
                let next = bytes[at + 1..].iter().find(|byte| !byte.is_ascii_whitespace());
                if matches!(next, Some(b']' | b'}')) {
                    replace(at..at + 1, "");
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// How many bytes here are those of a number; at least one.
fn number_length(bytes: &[u8]) -> usize {
    let end = bytes[1..].iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    end.map_or(bytes.len(), |end| end + 1)
}

fn has_leading_zeros(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The code unit of the escape `\uXXXX` that begins here.
fn code_unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit * 16 + char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_surrogate_without_its_other_half_is_replaced() {
        for (text, expected) in [
            (r#""a\ud800""#, "a\u{fffd}"),
            (r#""\uDC00\ud800b""#, "\u{fffd}\u{fffd}b"),
            (r#""\ud800\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\\ud800\udbff\\""#, "\\ud800\u{fffd}\\"),
        ] {
            let read: String = serde_json::from_str(&repaired(text)).expect(text);
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn names_of_numbers_are_null_outside_strings_only() {
        assert_eq!(repaired(r#"[NaN,-Infinity,"NaN\"NaN",Infinity,-1]"#), r#"[null,null,"NaN\"NaN",null,-1]"#);
    }

    #[test]
    fn numbers_that_json_cannot_have_are_kept_as_text_or_null() {
        for (text, expected) in [
            ("[1e999,-1e999, 1E+400 ]", "[null,null, null ]"),
            ("[01,-007,00]", r#"["01","-007","00"]"#),
            ("[0,-0,0.5,10,1e-999,1e9]", "[0,-0,0.5,10,1e-999,1e9]"),
            ("[1-2,0x1,+1,.5]", "[1-2,0x1,+1,.5]"),
        ] {
            assert_eq!(repaired(text), expected);
        }
    }

    #[test]
    fn a_comma_behind_the_last_value_is_dropped() {
        assert_eq!(repaired("{\"a\":[1,2,],\"b\":\",}\" ,\n}"), "{\"a\":[1,2],\"b\":\",}\" \n}");
        assert_eq!(repaired("[,,]"), "[,]");
        assert_eq!(repaired("[1,"), "[1,");
    }

    proptest! {
        #[test]
        fn json_that_is_correct_is_not_changed(
            texts in prop::collection::vec(any::<String>(), 0..4), number in any::<f64>(), integer in any::<i64>(),
        ) {
            let json = serde_json::json!([texts, number, {"n": [integer]}]).to_string();
            prop_assert!(matches!(repaired(&json), Cow::Borrowed(_)));
        }

        #[test]
        fn any_text_can_be_repaired(text in "[\\\\\"uUdDcC80fNaInfinity\\-,\\]e é]{0,40}") {
            let once = repaired(&text).into_owned();
            prop_assert!(once.len() <= 2 * text.len());
        }
    }
}
