//! XML to a record in the names of ninjs 3.

use std::borrow::Cow;

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value};

use super::node::local;
use super::{newsml_1, newsml_g2, nitf};

/// Deepest nesting that is read, in elements. Articles use twenty.
const XML_DEPTH_MAX: usize = 256;

/// Most elements, and most attributes, of a document. The parser keeps some seventy bytes of each.
const MARKS_MAX: usize = 400_000;

/// Most attributes of an element: the parser compares each with all others.
const ATTRIBUTES_MAX: usize = 256;

/// Most declarations of namespaces: the parser copies those in scope at each, and searches them at each prefix.
const NAMESPACES_MAX: usize = 1_000;

/// Reads an XML document as one article. The error says what is wrong, or what the document is instead.
pub(in crate::article) fn record(text: &str) -> Result<Map<String, Value>, String> {
    let prepared = prepare(text)?;
    let options = ParsingOptions { nodes_limit: 4 * MARKS_MAX as u32, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&prepared, options).map_err(|error| not_well_formed(text, &error))?;
    let root = document.root_element();
    match local(root) {
        "nitf" => Ok(nitf::record(root)),
        "newsItem" => newsml_g2::record(root),
        "newsMessage" => newsml_g2::record_of_message(root),
        "NewsML" => newsml_1::record_of_document(root),
        "NewsItem" => Ok(newsml_1::record(root)),
        _ => Err(refusal(root)),
    }
}

fn not_well_formed(text: &str, error: &roxmltree::Error) -> String {
    let start = text.trim_start().get(..14).unwrap_or_default().to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return WEB_PAGE.to_owned();
    }
    let (text, pos) = (error.to_string(), error.pos());
    match text.strip_suffix(&format!(" at {pos}")) {
        Some(fault) => {
            format!("the XML is not well-formed: {fault} at column {} of its line {}", pos.col, pos.row)
        }
        None => format!("the XML is not well-formed: {text}"),
    }
}

const WEB_PAGE: &str = "a web page; put its HTML into a JSON object, with a uri: {\"uri\": …, \"body_html\": …}";

/// What a document is that is no article, and what to do with it.
fn refusal(root: Node<'_, '_>) -> String {
    let name = local(root);
    match name {
        "html" => WEB_PAGE.to_owned(),
        "rss" | "RDF" => "an RSS feed, not an article; parse it and send each item as a JSON object".to_owned(),
        "feed" => "an Atom feed, not an article; parse it and send each entry as a JSON object".to_owned(),
        "packageItem" => "a NewsML-G2 package (`packageItem`), which has no text; send its items".to_owned(),
        "conceptItem" | "knowledgeItem" | "planningItem" | "catalogItem" => {
            format!("a NewsML-G2 `{name}`, not an article; send `newsItem` only")
        }
        "urlset" | "sitemapindex" => "a sitemap, not an article".to_owned(),
        _ => format!("XML with the root element `{name}`; of XML, NITF, NewsML-G2 and NewsML 1 are read"),
    }
}

/// Makes the document safe and easy to parse, in one pass:
///
/// - Header, DOCTYPE, comments and processing instructions are left out. So no entity can be declared, and none grows.
/// - Named characters of HTML are decoded, because DTDs of agencies declare them (`&nbsp;`). An unknown name, or a bare
///   `&`, becomes text.
/// - Control characters become blanks: wires contain them, and XML forbids them.
/// - Depth and numbers are bounded.
fn prepare(text: &str) -> Result<String, String> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    for mark in ['<', '='] {
        if text.bytes().filter(|&byte| byte == mark as u8).count() > MARKS_MAX {
            return Err(format!("the XML has more than {MARKS_MAX} elements or attributes"));
        }
    }
    if text.matches("xmlns").count() > NAMESPACES_MAX {
        return Err(format!("the XML declares more than {NAMESPACES_MAX} namespaces"));
    }
    let mut out = String::with_capacity(text.len());
    let mut depth = 0usize;
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        push_text(&mut out, &rest[..start]);
        rest = &rest[start..];
        let unclosed = || "the XML is not well-formed: a tag, comment or section does not end".to_owned();
        let length = if rest.starts_with("<![CDATA[") {
            let length = rest.find("]]>").ok_or_else(unclosed)? + 3;
            out.extend(rest[..length].chars().map(without_control));
            length
        } else if rest.starts_with("<!") || rest.starts_with("<?") {
            let length = match rest {
                _ if rest.starts_with("<!--") => rest.find("-->").map(|end| end + 3),
                _ if rest.starts_with("<?") => rest.find("?>").map(|end| end + 2),
                _ => end_of_doctype(rest),
            };
            let length = length.ok_or_else(unclosed)?;
            // Before the root, blanks in their place keep the lines and columns of errors.
            let left_out = if depth == 0 { &rest[..length] } else { "" };
            out.extend(left_out.chars().map(|c| if c == '\n' { c } else { ' ' }));
            length
        } else {
            let tag = XmlTag::measure(rest).ok_or_else(unclosed)?;
            if tag.attributes > ATTRIBUTES_MAX {
                return Err(format!("an element of the XML has more than {ATTRIBUTES_MAX} attributes"));
            }
            if tag.ends {
                depth = depth.saturating_sub(1);
            } else if !tag.is_empty {
                depth += 1;
            }
            if depth > XML_DEPTH_MAX {
                return Err(format!("the XML is nested deeper than {XML_DEPTH_MAX} elements"));
            }
            push_text(&mut out, &rest[..tag.length]);
            tag.length
        };
        rest = &rest[length..];
    }
    push_text(&mut out, rest);
    out.truncate(out.trim_end().len());
    Ok(out)
}

struct XmlTag {
    length: usize,
    ends: bool,
    is_empty: bool,
    attributes: usize,
}

impl XmlTag {
    /// Finds the `>` of the tag at the start, outside quotation marks.
    fn measure(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (mut at, mut attributes) = (1, 0);
        loop {
            let special =
                at + text.as_bytes()[at..].iter().position(|byte| matches!(byte, b'>' | b'"' | b'\'' | b'='))?;
            at = special + 1;
            match bytes[special] {
                b'>' => break,
                b'=' => attributes += 1,
                quote => at += text[at..].find(char::from(quote))? + 1,
            }
        }
        Some(Self { length: at, ends: bytes.get(1) == Some(&b'/'), is_empty: bytes[at - 2] == b'/', attributes })
    }
}

/// The end of a DOCTYPE, with the declarations in brackets that it can have. Their values can contain any mark.
fn end_of_doctype(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut in_brackets) = (2, false);
    loop {
        let special = at + bytes[at..].iter().position(|byte| b">[]\"'<".contains(byte))?;
        at = special + 1;
        match bytes[special] {
            b'>' if !in_brackets => return Some(at),
            b'[' => in_brackets = true,
            b']' => in_brackets = false,
            quote @ (b'"' | b'\'') => at += text[at..].find(char::from(quote))? + 1,
            b'<' if text[at..].starts_with("!--") => at += text[at..].find("-->")? + 3,
            _ => {}
        }
    }
}

/// Writes text, or a tag with the text of its attributes.
fn push_text(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.extend(rest[..start].chars().map(without_control));
        rest = &rest[start..];
        let (reference, length) = reference(rest);
        out.push_str(&reference);
        rest = &rest[length..];
    }
    out.extend(rest.chars().map(without_control));
}

/// What to write for the `&` at the start, and how many bytes it replaces.
fn reference(text: &str) -> (Cow<'_, str>, usize) {
    const NAME_IN_XML_BYTES_MAX: usize = 40;
    let end = text.bytes().take(NAME_IN_XML_BYTES_MAX).position(|byte| byte == b';');
    let Some(reference) = end.map(|end| &text[..=end]) else { return (Cow::Borrowed("&amp;"), 1) };
    if matches!(reference, "&amp;" | "&lt;" | "&gt;" | "&quot;" | "&apos;") {
        return (Cow::Borrowed(reference), reference.len());
    }
    match crate::article::markup::decode_references(reference) {
        // XML has its own way to write these.
        Cow::Owned(decoded) if decoded.contains(['<', '>', '&', '"', '\'']) => {
            let escaped = decoded.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            (Cow::Owned(escaped.replace('"', "&quot;").replace('\'', "&apos;")), reference.len())
        }
        Cow::Owned(decoded) => (Cow::Owned(decoded.chars().map(without_control).collect()), reference.len()),
        Cow::Borrowed(_) => (Cow::Borrowed("&amp;"), 1),
    }
}

fn without_control(c: char) -> char {
    match c {
        '\t' | '\n' => c,
        '\u{fffe}' | '\u{ffff}' => ' ',
        c if c < ' ' => ' ',
        c => c,
    }
}

#[cfg(test)]
mod tests;
