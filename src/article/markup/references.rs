//! Character references of HTML: `&amp;`, `&#8217;`, `&nbsp;`.

use std::borrow::Cow;
use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// Longest reference that is looked at, in bytes: the longest name in HTML has 33 with `&` and `;`.
const REFERENCE_BYTES_MAX: usize = 33;

/// Decodes the character references of a text that is no HTML. A reference ends with `;` here: `AT&T`, `&copy=2` in an
/// address and names that HTML does not know stay as they are.
pub(in crate::article) fn decode(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else { return Cow::Borrowed(text) };
    let mut out = String::new();
    let (mut copied, mut at) = (0, Some(first));
    while let Some(start) = at {
        let mut next = start + 1;
        if let Some(end) = end_of_reference(text, start)
            && let Some(decoded) = decode_one(&text[start..end])
        {
            out.push_str(&text[copied..start]);
            out.push_str(&decoded);
            (copied, next) = (end, end);
        }
        at = text[next..].find('&').map(|found| next + found);
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// The end of the reference that begins at `start`, if one does.
fn end_of_reference(text: &str, start: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[start..];
    let name = bytes.iter().skip(1).take(REFERENCE_BYTES_MAX).position(|&byte| byte == b';')?;
    let is_name = bytes[1..=name].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'#');
    (name > 0 && is_name).then_some(start + name + 2)
}

fn decode_one(reference: &str) -> Option<Cow<'static, str>> {
    let common = match reference {
        "&amp;" => "&",
        "&lt;" => "<",
        "&gt;" => ">",
        "&quot;" => "\"",
        "&apos;" | "&#39;" | "&#039;" => "'",
        "&nbsp;" | "&#160;" => "\u{a0}",
        "&#8217;" | "&rsquo;" => "\u{2019}",
        _ => return decode_by_table(reference).map(Cow::Owned),
    };
    Some(Cow::Borrowed(common))
}

/// Asks the tokenizer, which has the table of names and the rules for numbers.
fn decode_by_table(reference: &str) -> Option<String> {
    let mut decoded = String::new();
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        if let CallbackEvent::String { value } = event {
            decoded.push_str(&String::from_utf8_lossy(value));
        }
        None
    });
    let Ok(()) = Tokenizer::new_with_emitter(reference, emitter).finish();
    // `&ampx;` is `&x;` in HTML because old names need no `;`. In a text that is no HTML such a name is unknown.
    (decoded == ";" || !decoded.ends_with(';')).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references_are_decoded() {
        for (text, decoded) in [
            ("Fish &amp; chips&nbsp;&mdash; it&#8217;s &#x20AC;5", "Fish & chips\u{a0}\u{2014} it\u{2019}s \u{20ac}5"),
            ("&lt;p&gt;&quot;&apos;&#39;", "<p>\"''"),
            ("&eacute;&CounterClockwiseContourIntegral;", "\u{e9}\u{2233}"),
            ("&#146;&#0;", "\u{2019}\u{fffd}"),
            ("&amp;amp;", "&amp;"),
        ] {
            assert_eq!(decode(text), decoded);
        }
    }

    #[test]
    fn what_is_no_reference_stays() {
        for text in ["AT&T", "R&D; x", "a&copy=2&lt=3", "& ;", "&;", "&#;", "&#x;", "&ampx;", "&unknown;", "&", "&&&"] {
            assert_eq!(decode(text), text);
            assert!(matches!(decode(text), Cow::Borrowed(_)));
        }
    }

    proptest! {
        #[test]
        fn the_text_grows_by_a_fifth_at_most(text in "([a;&#x0-9é]|&nGt;|&amp;|&#128512;|&[a-zA-Z]{2,4};){0,60}") {
            prop_assert!(decode(&text).len() <= text.len() * 6 / 5);
        }
    }
}
