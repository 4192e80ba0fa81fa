//! Takes off what is around the text of a date: HTML, the escapes of JSON in JSON, digits of other scripts.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// The zeros of the decimal digits that follow each other in Unicode: Arabic (two), N'Ko, the scripts of India, Thai, Lao,
/// Tibetan, Myanmar, Khmer, full width.
const ZEROS: [char; 19] = [
    '\u{660}', '\u{6F0}', '\u{7C0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}', '\u{B66}', '\u{BE6}', '\u{C66}',
    '\u{CE6}', '\u{D66}', '\u{DE6}', '\u{E50}', '\u{ED0}', '\u{F20}', '\u{1040}', '\u{17E0}', '\u{FF10}',
];

/// The text without all that. None if there is nothing to take off.
pub(super) fn cleaned(text: &str) -> Option<String> {
    let is_html = text.contains(['<', '&']);
    if !is_html && !text.contains("\\/") && !text.chars().any(|character| ascii_digit(character) != character) {
        return None;
    }
    let text = if is_html { text_of_html(text) } else { text.to_owned() };
    Some(text.replace("\\/", "/").chars().map(ascii_digit).collect())
}

fn ascii_digit(character: char) -> char {
    if character.is_ascii() {
        return character;
    }
    let value = |zero: char| (character as u32).checked_sub(zero as u32).filter(|value| *value < 10);
    ZEROS.into_iter().find_map(value).and_then(|value| char::from_digit(value, 10)).unwrap_or(character)
}

/// What is read between tags. The content of `<time datetime="…">` is for readers: the attribute stands in its place.
fn text_of_html(html: &str) -> String {
    let mut out = String::new();
    let (mut is_time, mut is_datetime, mut is_stated) = (false, false, false);
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                is_time = name == b"time";
                out.push(' ');
            }
            CallbackEvent::AttributeName { name } => is_datetime = is_time && name == b"datetime",
            CallbackEvent::AttributeValue { value } if is_datetime && !value.trim_ascii().is_empty() => {
                is_stated = true;
                out.push_str(&String::from_utf8_lossy(value));
            }
            CallbackEvent::EndTag { name } => {
                is_stated &= name != b"time";
                out.push(' ');
            }
            CallbackEvent::String { value } if !is_stated => out.push_str(&String::from_utf8_lossy(value)),
            _ => {}
        }
        None
    });
    emitter.naively_switch_states(false);
    let Ok(()) = Tokenizer::new_with_emitter(html, emitter).finish();
    out
}
