//! A text of any type to plain text.

use std::borrow::Cow;

use super::html::{self, Vocabulary};
use super::recognise::find_markup;
use super::references::decode;
use super::{markdown, xhtml};

/// Most times that a text was escaped: once by its site, once by a feed, once by a crawler.
const ESCAPED_TIMES_MAX: usize = 3;

/// The type of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::article) enum TextType {
    /// HTML if it looks like it, else plain text that may contain character references.
    #[default]
    Unknown,
    /// Text that is used as it is, unless it is markup all the same.
    Plain,
    Html,
    Nitf,
    /// XML of an unknown kind.
    Xml,
    Markdown,
}

impl TextType {
    /// The type that a content type declares. Feeds write media types and short names; in all of them the name of the
    /// format is a part of the word: `text/html; charset=utf-8`, `sanitized_html`, `text/vnd.IPTC.NITF`, `xhtml/xml`.
    pub(in crate::article) fn declared(content_type: &str) -> Self {
        const LONGEST: usize = 100;
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if essence.len() > LONGEST {
            return Self::Unknown;
        }
        let essence = essence.to_ascii_lowercase();
        if essence.contains("nitf") {
            Self::Nitf
        } else if essence.contains("html") {
            Self::Html
        } else if essence.contains("markdown") || matches!(essence.as_str(), "md" | "text/md") {
            Self::Markdown
        } else if matches!(essence.as_str(), "text/plain" | "text" | "plain" | "plaintext" | "plain_text" | "txt") {
            Self::Plain
        } else if essence.contains("xml") {
            Self::Xml
        } else {
            Self::Unknown
        }
    }
}

/// Converts a text to plain text, its lines separated by `\n`.
pub(in crate::article) fn plain_text(text: &str, declared: TextType) -> Cow<'_, str> {
    match declared {
        TextType::Plain if text.contains('<') && is_markup(text) => Cow::Owned(markup_to_text(text)),
        TextType::Plain => line_ends(Cow::Borrowed(text)),
        TextType::Unknown => unknown_to_text(text),
        // Without a tag the ends of its lines are those of its paragraphs, and what is escaped may be the markup itself.
        TextType::Html | TextType::Nitf | TextType::Xml if !text.contains('<') => unknown_to_text(text),
        TextType::Html => Cow::Owned(html_to_text(text)),
        TextType::Nitf => Cow::Owned(html::to_text(text, Vocabulary::Nitf)),
        TextType::Xml => Cow::Owned(html::to_text(text, xml_vocabulary(text))),
        TextType::Markdown => Cow::Owned(html::to_text(&markdown::to_html(text), Vocabulary::Html)),
    }
}

/// Converts a title to plain text in one line.
pub(in crate::article) fn plain_title(text: &str) -> String {
    let mut title = Cow::Borrowed(text);
    if xhtml::wraps(&title) {
        title = Cow::Owned(xhtml::unwrap(&title).into_owned());
    }
    for _ in 0..ESCAPED_TIMES_MAX {
        if title.contains('<') && find_markup(&title).is_html_title() {
            title = Cow::Owned(html::to_text(&title, Vocabulary::Html));
        } else if let Cow::Owned(decoded) = decode(&title) {
            title = Cow::Owned(decoded);
        } else {
            break;
        }
    }
    title.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unknown_to_text(text: &str) -> Cow<'_, str> {
    let mut text = if xhtml::wraps(text) { xhtml::unwrap(text) } else { Cow::Borrowed(text) };
    if has_escaped_lines(&text) {
        text = Cow::Owned(text.replace("\\r\\n", "\n").replace("\\n", "\n"));
    }
    for _ in 0..=ESCAPED_TIMES_MAX {
        if text.contains('<') && is_markup(&text) {
            return Cow::Owned(markup_to_text(&text));
        }
        let Cow::Owned(decoded) = decode(&text) else { break };
        text = Cow::Owned(decoded);
    }
    line_ends(text)
}

/// Whether the lines of a text end with a backslash and an `n`: it was written as JSON or SQL twice.
fn has_escaped_lines(text: &str) -> bool {
    const AT_LEAST: usize = 2;
    // Most texts have no backslash at all, which is seen much faster.
    !text.contains('\n') && text.contains('\\') && text.matches("\\n").take(AT_LEAST).count() == AT_LEAST
}

fn is_markup(text: &str) -> bool {
    root(text).is_some_and(|root| is_xml(root) || root.eq_ignore_ascii_case("!doctype")) || find_markup(text).is_html()
}

fn markup_to_text(text: &str) -> String {
    if root(text).is_some_and(is_xml) { html::to_text(text, xml_vocabulary(text)) } else { html_to_text(text) }
}

fn html_to_text(text: &str) -> String {
    let vocabulary = if find_markup(text).has_blocks { Vocabulary::Html } else { Vocabulary::HtmlLines };
    html::to_text(text, vocabulary)
}

/// NITF is known by its root element, or by the element that has its text.
fn xml_vocabulary(text: &str) -> Vocabulary {
    match root(text) {
        Some("nitf" | "block" | "body.content") => Vocabulary::Nitf,
        _ if text.contains("<body.content") => Vocabulary::Nitf,
        _ => Vocabulary::Xml,
    }
}

fn is_xml(root: &str) -> bool {
    matches!(root, "?xml" | "nitf" | "block" | "body.content")
}

/// The name in the first tag, if the text begins with one. The header of an XML document counts as one if nothing else
/// does, and comments are skipped.
fn root(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    while let Some(comment) = rest.strip_prefix("<!--") {
        rest = comment.split_once("-->")?.1.trim_start();
    }
    let tag = rest.strip_prefix('<')?;
    if let Some(header) = tag.strip_prefix("?xml")
        && let Some((_, after)) = header.split_once("?>")
    {
        return root_after_header(after).or(Some("?xml"));
    }
    Some(name(tag))
}

/// The name of the root element after an XML header, if nothing but blanks, comments and a DOCTYPE is between.
fn root_after_header(text: &str) -> Option<&str> {
    let mut rest = text.trim_start();
    while let Some(declaration) = rest.strip_prefix("<!") {
        let end = if declaration.starts_with("--") { "-->" } else { ">" };
        rest = declaration.split_once(end)?.1.trim_start();
    }
    match name(rest.strip_prefix('<')?) {
        nitf @ ("nitf" | "block" | "body.content") => Some(nitf),
        _ => None,
    }
}

fn name(tag: &str) -> &str {
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '!' | '?' | '.'));
    &tag[..end.unwrap_or(tag.len())]
}

fn line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text }
}

#[cfg(test)]
mod tests;
