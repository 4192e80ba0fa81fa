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
/// - `NaN`, `Infinity` and `-Infinity` become `null`.
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
            (false, b'N' | b'I' | b'-') => {
                let name = NO_NUMBERS.iter().find(|name| bytes[at..].starts_with(name.as_bytes()));
                if let Some(name) = name {
                    replace(at..at + name.len(), "null");
                }
                at += name.map_or(1, |name| name.len());
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

/// The code unit of the escape `\uXXXX` that begins here.
fn code_unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit * 16 + char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

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

    proptest! {
        #[test]
        fn json_that_is_correct_is_not_changed(texts in prop::collection::vec(any::<String>(), 0..4)) {
            let json = Value::from(texts).to_string();
            prop_assert!(matches!(repaired(&json), Cow::Borrowed(_)));
        }

        #[test]
        fn any_text_can_be_repaired(text in "[\\\\\"uUdDcC80fNaInfinity\\- é]{0,40}") {
            let once = repaired(&text).into_owned();
            prop_assert!(once.len() <= text.len() + 4);
        }
    }
}
