//! The text of an article in the many ways in which it is wrapped: renditions, paragraphs, blocks, rich text.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::candidates::Candidate;
use super::markup::{TextType, plain_text};
use super::shapes::{SHAPES, ValueNames, normal};
use super::values::wrapped::{is_locale, under, untyped};

/// Fewest characters of a teaser that count as an article: usual teasers have 55 words or fewer.
const TEASER_CHARS_MIN: usize = 400;

/// A piece of text with its declared type.
struct TextPiece<'r> {
    text: Cow<'r, str>,
    text_type: TextType,
}

/// The text of the candidates and its place among them: of the first one whose text has at least half the length of the
/// longest, so that neither a beginning nor a second copy in markup is preferred to the article. None if all are blank.
pub(super) fn fullest<'c, 'r: 'c>(
    candidates: impl Iterator<Item = &'c Candidate<'r>>,
) -> Option<(&'c Candidate<'r>, String)> {
    let with_pieces = |candidate: &'c Candidate<'r>| {
        let pieces = pieces(candidate.value, type_of_name(candidate.name));
        let length: usize = pieces.iter().map(|piece| piece.text.len()).sum();
        (length > 0).then_some((candidate, pieces, length))
    };
    let with_text: Vec<_> = candidates.filter_map(with_pieces).collect();
    let longest = with_text.iter().map(|(.., length)| *length).max()?;
    let (first, pieces, length) = with_text.first()?;
    // Markup only adds to the length, so most records need no second look.
    if 2 * length >= longest {
        let text = joined(pieces);
        if !text.is_empty() {
            return Some((first, text));
        }
    }
    let texts = with_text.iter().map(|(candidate, pieces, _)| (*candidate, joined(pieces)));
    let texts: Vec<_> = texts.filter(|(_, text)| !text.is_empty()).collect();
    let longest = texts.iter().map(|(_, text)| text.len()).max()?;
    texts.into_iter().find(|(_, text)| 2 * text.len() >= longest)
}

/// Whether a text that usually is a teaser is an article: it is as long as one, and does not break off.
pub(super) fn is_article(text: &str) -> bool {
    let end = text.trim_end_matches([']', ')', ' ']);
    text.chars().nth(TEASER_CHARS_MIN - 1).is_some() && !end.ends_with('…') && !end.ends_with("...")
}

/// Whether the value is a text that is blank, with or without markup.
pub(super) fn is_blank_text(value: &Value) -> bool {
    match untyped(value) {
        Value::String(text) => plain_text(text, TextType::Unknown).trim().is_empty(),
        Value::Array(list) => list.iter().any(is_blank_text),
        Value::Object(object) => SHAPES.values.text.iter().find_map(|name| object.get(name)).is_some_and(is_blank_text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether the value holds text.
pub(super) fn is_text(value: &Value) -> bool {
    !pieces(value, TextType::Unknown).is_empty()
}

fn pieces(value: &Value, text_type: TextType) -> Vec<TextPiece<'_>> {
    let mut pieces = Vec::new();
    collect_text(value, text_type, &mut pieces);
    pieces
}

/// The plain text of pieces, one a line. Empty for what only announces a text.
fn joined(pieces: &[TextPiece<'_>]) -> String {
    let mut text = String::new();
    for piece in pieces {
        let plain = plain_text(&piece.text, piece.text_type);
        let plain = plain.trim();
        if !text.is_empty() && !plain.is_empty() {
            text.push('\n');
        }
        text.push_str(plain);
    }
    let kept = without_cut_mark(&text).len();
    text.truncate(kept);
    if SHAPES.values.no_body.iter().any(|announcement| announcement.eq_ignore_ascii_case(&text)) {
        text.clear();
    }
    text
}

/// The text without the mark of an API that cuts texts off: `… [+310 chars]`.
fn without_cut_mark(text: &str) -> &str {
    let cut = text.strip_suffix("chars]").and_then(|rest| {
        let digits = rest.trim_end().trim_end_matches(|c: char| c.is_ascii_digit());
        let start = digits.strip_suffix("[+").or_else(|| digits.strip_suffix('['))?;
        Some(start.trim_end().trim_end_matches(['…', '.']).trim_end())
    });
    cut.unwrap_or(text)
}

/// Collects the pieces of text in a value, in their order. The depth of JSON is bounded, and so is the recursion.
fn collect_text<'r>(value: &'r Value, text_type: TextType, out: &mut Vec<TextPiece<'r>>) {
    match untyped(value) {
        Value::String(text) if text.trim().is_empty() => {}
        Value::String(text) => out.push(TextPiece { text: Cow::Borrowed(text), text_type }),
        Value::Array(list) => collect_list(list, false, text_type, out),
        Value::Object(object) => collect_object(object, text_type, out),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn collect_object<'r>(object: &'r Map<String, Value>, text_type: TextType, out: &mut Vec<TextPiece<'r>>) {
    let text_type = declared_type(object).unwrap_or(text_type);
    let before = out.len();
    for name in &SHAPES.values.text {
        let Some(value) = under(object, std::slice::from_ref(name)) else { continue };
        match (name.as_str(), value) {
            ("children", Value::Array(list)) => collect_list(list, true, text_type, out),
            _ => collect_text(value, text_type, out),
        }
        if out.len() > before {
            return;
        }
    }
    // Notion names the content of a block after its type.
    if let Some(value) = object.get("type").and_then(Value::as_str).and_then(|kind| object.get(kind)) {
        return collect_text(value, text_type, out);
    }
    // Content management systems keep a text for each locale.
    if let Some((_, value)) = object.iter().next().filter(|_| object.keys().all(|name| is_locale(name))) {
        collect_text(value, text_type, out);
    }
}

fn collect_list<'r>(list: &'r [Value], are_children: bool, text_type: TextType, out: &mut Vec<TextPiece<'r>>) {
    if has_renditions(list) {
        return collect_rendition(list, text_type, out);
    }
    if list.iter().any(|item| is_inline(item, are_children)) {
        let mut inner = Vec::new();
        for item in list {
            if kinds(item).any(|kind| matches!(&*kind, "hardbreak" | "linebreak" | "br" | "break")) {
                inner.push(TextPiece { text: Cow::Borrowed("\n"), text_type });
            } else {
                collect_text(item, text_type, &mut inner);
            }
        }
        let text: String = inner.iter().map(|piece| &*piece.text).collect();
        if !text.trim().is_empty() {
            out.push(TextPiece { text: Cow::Owned(text), text_type });
        }
        return;
    }
    // A link within a paragraph is a part of it; among blocks it leads to another article.
    let is_text = |item: &&Value| !is_no_text(item) || (are_children && kinds(item).any(|kind| kind == "link"));
    list.iter().filter(is_text).for_each(|item| collect_text(item, text_type, out));
}

/// Whether an item is a part of a line in rich text: its neighbours follow without a break.
fn is_inline(item: &Value, is_child: bool) -> bool {
    let Value::Object(object) = item else { return false };
    let kind = ["_type", "type", "nodeType"].iter().find_map(|name| object.get(*name)?.as_str());
    let has_text = object.get("text").or_else(|| object.get("value")).is_some_and(Value::is_string);
    // Quill has inserts alone.
    object.get("insert").is_some_and(Value::is_string)
        || has_text && (is_child || object.contains_key("marks") || matches!(kind, Some("span" | "text")))
}

/// The roles and types of an item in their normal form.
fn kinds(item: &Value) -> impl Iterator<Item = String> {
    let names = ["role", "type", "_type", "nodeType", "subtype"];
    names.into_iter().filter_map(|name| item.get(name)?.as_str()).map(normal)
}

fn is_no_text(item: &Value) -> bool {
    item.is_object() && kinds(item).any(|kind| is_no_text_kind(&kind))
}

/// Whether a role or type, in its normal form, is that of something else than running text.
fn is_no_text_kind(kind: &str) -> bool {
    let ValueNames { no_text, no_text_parts, .. } = &SHAPES.values;
    no_text.iter().any(|name| name == kind) || no_text_parts.iter().any(|part| kind.contains(&**part))
}

fn role(item: &Value) -> Option<String> {
    item.get("role")?.as_str().map(normal)
}

/// The type that an object declares for its text.
fn declared_type(object: &Map<String, Value>) -> Option<TextType> {
    let media_type = ["contenttype", "mimetype", "mime"].iter().find_map(|name| under(object, &[name])?.as_str());
    // `text` is also the type of a block with markup in it.
    let other =
        || ["type", "@type", "format"].iter().find_map(|name| object.get(*name)?.as_str().filter(|t| *t != "text"));
    media_type.or_else(other).map(TextType::declared).filter(|text_type| *text_type != TextType::Unknown)
}

/// The type of text that the name of a field promises.
fn type_of_name(name: &str) -> TextType {
    let name = normal(name);
    let types = [("html", TextType::Html), ("nitf", TextType::Nitf), ("markdown", TextType::Markdown)];
    types.into_iter().find(|(part, _)| name.contains(part)).map_or(TextType::Unknown, |(_, text_type)| text_type)
}

/// Whether the items are the same text in several forms: they have roles, or each is of another type.
fn has_renditions(list: &[Value]) -> bool {
    let types: Vec<_> = list.iter().filter_map(|item| declared_type(item.as_object()?)).collect();
    let are_distinct = || (1..types.len()).all(|at| !types[..at].contains(&types[at]));
    list.iter().any(|item| role(item).is_some()) || (types.len() == list.len() && types.len() > 1 && are_distinct())
}

/// A form of a text: its role and type, and its pieces.
type Rendition<'r> = ((Option<String>, Option<TextType>), Vec<TextPiece<'r>>);

/// Collects the best rendition: not blank, before teasers and captions, with the role `main`, the longest; and of those
/// that are equally long the one that keeps paragraphs best. Items of one role and type belong together.
fn collect_rendition<'r>(list: &'r [Value], text_type: TextType, out: &mut Vec<TextPiece<'r>>) {
    let key = |item: &Value| (role(item), item.as_object().and_then(declared_type));
    let mut renditions: Vec<Rendition<'r>> = Vec::new();
    for item in list {
        let key = key(item);
        let at = renditions.iter().position(|(of, _)| *of == key).unwrap_or_else(|| {
            renditions.push((key, Vec::new()));
            renditions.len() - 1
        });
        collect_text(item, text_type, &mut renditions[at].1);
    }
    renditions.retain(|(_, pieces)| !pieces.is_empty());
    if renditions.len() > 1 {
        let lengths: Vec<usize> = renditions.iter().map(|(_, pieces)| joined(pieces).len()).collect();
        let class = |index: usize| {
            let role = renditions[index].0.0.as_deref();
            (lengths[index] == 0, role.is_some_and(is_no_text_kind), role != Some("main"))
        };
        let best = (0..renditions.len()).map(class).min();
        let of_class = (0..renditions.len()).filter(|&index| Some(class(index)) == best);
        let longest = of_class.clone().map(|index| lengths[index]).max().unwrap_or(0);
        let full = of_class.filter(|&index| 10 * lengths[index] >= 9 * longest);
        let chosen = full.min_by_key(|&index| preference(renditions[index].0.1));
        renditions = chosen.map(|index| renditions.swap_remove(index)).into_iter().collect();
    }
    out.extend(renditions.into_iter().flat_map(|(_, pieces)| pieces));
}

/// Which of several forms of one text is preferred: the lowest. Markup tells paragraphs and captions apart.
fn preference(text_type: Option<TextType>) -> u8 {
    match text_type {
        Some(TextType::Html) => 0,
        Some(TextType::Nitf) => 1,
        Some(TextType::Xml) => 2,
        None | Some(TextType::Unknown) => 3,
        Some(TextType::Plain) => 4,
        Some(TextType::Markdown) => 5,
    }
}
