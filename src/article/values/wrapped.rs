//! General rules for values: texts, names and numbers in the many ways in which they are wrapped.

use serde_json::{Map, Value};

use crate::article::shapes::{SHAPES, normal};
use crate::record::Version;

/// A value without the object that states its type.
pub(in crate::article) fn untyped(value: &Value) -> &Value {
    match value.as_object() {
        Some(object) if object.len() == 1 => {
            let of_locale = || object.iter().find(|(name, _)| is_locale(name)).map(|(_, inner)| inner);
            let inner = SHAPES.values.typed.iter().find_map(|name| object.get(name)).or_else(of_locale);
            inner.filter(|inner| is_scalar(inner)).unwrap_or(value)
        }
        _ => value,
    }
}

/// Whether a name is that of a locale, such as `en`, `en-US` or `und`.
pub(in crate::article) fn is_locale(name: &str) -> bool {
    let (language, region) = name.split_once(['-', '_']).map_or((name, ""), |(language, region)| (language, region));
    name == "und"
        || (language.len() == 2
            && (region.is_empty() || (2..=4).contains(&region.len()))
            && [language, region].concat().bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// The first element of a list, else the value itself.
pub(in crate::article) fn first(value: &Value) -> &Value {
    value.as_array().and_then(|list| list.first()).unwrap_or(value)
}

/// The value under the first of these names, compared in their normal form.
pub(in crate::article) fn under<'r>(object: &'r Map<String, Value>, names: &[impl AsRef<str>]) -> Option<&'r Value> {
    names.iter().map(AsRef::as_ref).find_map(|wanted| {
        let exact = object.get(wanted);
        let found = exact.or_else(|| object.iter().find(|(name, _)| normal(name) == *wanted).map(|(_, value)| value));
        found.filter(|value| !is_blank(value))
    })
}

/// Of a value in several languages the one in this language, a tag in lower case; of any other value the value itself.
pub(in crate::article) fn localised<'r>(value: &'r Value, language: &str) -> &'r Value {
    let Some(object) = value.as_object().filter(|_| !language.is_empty()) else { return value };
    let base = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let in_language = |name: &String| is_locale(name) && base(name) == base(language);
    let exact = |name: &String| name.replace('_', "-").eq_ignore_ascii_case(language);
    let of_language = || object.iter().filter(|(name, value)| in_language(name) && !is_blank(value));
    let found = of_language().find(|(name, _)| exact(name)).or_else(|| of_language().next());
    found.map_or(value, |(_, value)| value)
}

/// The value under a path whose steps are compared in their normal form, and the name of its last step.
pub(in crate::article) fn find<'r>(object: &'r Map<String, Value>, path: &str) -> Option<(&'r str, &'r Value)> {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let wanted = normal(step);
    let (name, value) = object.iter().find(|(name, _)| normal(name) == wanted)?;
    match rest {
        None => Some((name, value)),
        Some(rest) => find(first(value).as_object()?, rest),
    }
}

/// Whether a value states nothing.
pub(in crate::article) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The identity in a value: a text, an integer, or one of these in an object or a list.
pub(in crate::article) fn identity(value: &Value) -> Option<String> {
    let is_identity = |text: &str| {
        let is_zero = text.len() > 8 && text.bytes().all(|byte| matches!(byte, b'0' | b'-'));
        // `#article` is a place within a page.
        !text.is_empty()
            && !is_zero
            && !text.starts_with('#')
            && !SHAPES.values.no_identity.iter().any(|none| none.eq_ignore_ascii_case(text))
    };
    match untyped(value) {
        Value::String(text) => Some(text.trim()).filter(|text| is_identity(text)).map(str::to_owned),
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            Some(number.to_string()).filter(|text| is_identity(text))
        }
        // A float could round two long ids to the same number, and so make two articles one.
        Value::Number(_) | Value::Bool(_) | Value::Null => None,
        Value::Array(list) => {
            let items = || list.iter().filter(|item| !item.is_array());
            items().find(|item| !is_other_link(item)).or_else(|| items().next()).and_then(identity)
        }
        Value::Object(object) => {
            let inner = under(object, &SHAPES.values.address)?;
            let inner = inner.as_object().map_or(Some(inner), |inner| under(inner, &SHAPES.values.address))?;
            Some(inner).filter(|inner| is_scalar(inner)).and_then(identity)
        }
    }
}

/// Whether an item is a link to something else than the page: to a feed, a picture, the comments.
fn is_other_link(item: &Value) -> bool {
    let attributes = item.get("$").unwrap_or(item);
    let relation = ["rel", "@rel", "@_rel"].iter().find_map(|name| attributes.get(*name)?.as_str());
    relation.is_some_and(|relation| relation != "alternate" && relation != "canonical")
}

/// The text of a title or a language: a text, or one in an object or a list. Of a list it is the one with the role
/// `main`, else the first without a role, else the first.
pub(in crate::article) fn text(value: &Value) -> Option<&str> {
    match untyped(value) {
        Value::String(text) => Some(text.as_str()).filter(|text| !text.trim().is_empty()),
        Value::Array(list) => {
            let texts = list.iter().filter_map(|item| Some((role_rank(item), single_text(item)?)));
            texts.min_by_key(|(rank, _)| *rank).map(|(_, text)| text)
        }
        other => single_text(other),
    }
}

fn single_text(value: &Value) -> Option<&str> {
    match untyped(value) {
        Value::String(text) => Some(text.as_str()).filter(|text| !text.trim().is_empty()),
        Value::Object(object) => {
            let of_locale = || object.iter().find(|(name, _)| is_locale(name)).map(|(_, value)| value);
            match untyped(first(under(object, &SHAPES.values.value).or_else(of_locale)?)) {
                Value::String(text) => Some(text),
                _ => None,
            }
        }
        _ => None,
    }
}

fn role_rank(item: &Value) -> u8 {
    match item.get("role").and_then(Value::as_str) {
        Some("main") => 0,
        None => 1,
        Some(_) => 2,
    }
}

/// The name of an outlet: a text, or one in an object or a list.
pub(in crate::article) fn name(value: &Value) -> Option<&str> {
    match untyped(value) {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()),
        Value::Array(list) => list.iter().filter(|item| !item.is_array()).find_map(name),
        Value::Object(object) => SHAPES.values.name.iter().find_map(|name| match untyped(under(object, &[name])?) {
            Value::String(text) => Some(text.trim()),
            Value::Array(list) => list.first().and_then(Value::as_str).map(str::trim),
            _ => None,
        }),
        _ => None,
    }
}

/// The names of people and agencies: in a text, in an object, or in a list of these.
pub(in crate::article) fn names(value: &Value) -> Vec<&str> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let named = list.iter().filter_map(|item| match item {
        Value::String(text) => Some(text.as_str()),
        Value::Object(object) => {
            under(object, &["name", "by", "byline", "original", "displayname", "literal"])?.as_str()
        }
        _ => None,
    });
    named.map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// A version: an integer, or numbers joined by dots in a text.
pub(in crate::article) fn version(value: &Value) -> Option<Version> {
    match untyped(value) {
        Value::Number(number) => number.as_i64().map(Version::Number).or_else(|| Version::parse(&number.to_string())),
        Value::String(text) => Version::parse(text),
        _ => None,
    }
}
