//! Language tags.

use crate::article::shapes::SHAPES;

/// The tag of a language that is given by its English or its own name, or by a code of three letters.
pub(in crate::article) fn tag(tag: String) -> String {
    let (language, rest) = tag.split_once('-').map_or((tag.as_str(), None), |(language, rest)| (language, Some(rest)));
    match (SHAPES.languages.get(language), rest) {
        (Some(code), Some(rest)) => format!("{code}-{rest}"),
        (Some(code), None) => code.clone(),
        (None, _) => tag,
    }
}
