//! The documents of an XML file: the file itself, or the items of a NewsML-G2 message.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::ops::Range;

use roxmltree::{Document, Node, ParsingOptions};

use super::opened_input::OpenedInput;
use super::raw_record::{RecordBuffer, RecordBytes};

/// The most that is read of an XML file: it is held as a whole.
pub(super) const XML_FILE_BYTES_MAX: u64 = 64 << 20;

/// Most nodes that are parsed, so that a file of nothing but tags takes no gigabytes. Messages have some 30 bytes a node.
const XML_NODES_MAX: u32 = 4_000_000;

const DECLARATION: &str = "<?xml";
const ITEM: &str = "newsItem";
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// Splits a file of XML into records.
#[derive(Default)]
pub(super) struct XmlSplitter {
    ready: Option<VecDeque<RecordBytes>>,
    given: u64,
}

impl XmlSplitter {
    /// Number of records given.
    pub(super) fn read(&self) -> u64 {
        self.given
    }

    /// The next record and its number, counted from 0. The error of a file that is too large has the kind
    /// [`io::ErrorKind::FileTooLarge`].
    pub(super) fn next(&mut self, input: &mut OpenedInput) -> io::Result<Option<(u64, RecordBytes)>> {
        if self.ready.is_none() {
            self.ready = Some(documents(&read_to_end(input)?).iter().map(|document| record(document)).collect());
        }
        Ok(self.ready.as_mut().and_then(VecDeque::pop_front).map(|record| {
            self.given += 1;
            (self.given - 1, record)
        }))
    }
}

fn read_to_end(input: &mut OpenedInput) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let part = input.fill()?;
        if part.is_empty() {
            return Ok(bytes);
        }
        if bytes.len() as u64 + part.len() as u64 > XML_FILE_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let length = part.len();
        bytes.extend_from_slice(part);
        input.consume(length);
    }
}

fn record(document: &[u8]) -> RecordBytes {
    let mut buffer = RecordBuffer::default();
    buffer.push(document);
    buffer.take()
}

/// The documents of a file. What is not well-formed stays whole: whoever reads it says why it cannot be read.
fn documents(bytes: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let bytes = bytes.trim_ascii();
    let Ok(text) = std::str::from_utf8(bytes) else { return vec![Cow::Borrowed(bytes)] };
    let declarations: Vec<usize> = text.match_indices(DECLARATION).map(|(at, _)| at).collect();
    if declarations.len() <= 1 {
        return items(text).unwrap_or_else(|| vec![Cow::Borrowed(bytes)]);
    }
    // Several documents behind each other, unless the other declarations are quoted in one.
    if let Ok(document) = parse(text) {
        return items_of(&document).unwrap_or_else(|| vec![Cow::Borrowed(bytes)]);
    }
    let ends = declarations.iter().skip(1).copied().chain([text.len()]);
    let starts = std::iter::once(0).chain(declarations.iter().skip(1).copied());
    let parts = starts.zip(ends).map(|(start, end)| text[start..end].trim());
    parts.flat_map(|part| items(part).unwrap_or_else(|| vec![Cow::Borrowed(part.as_bytes())])).collect()
}

fn parse(text: &str) -> Result<Document<'_>, roxmltree::Error> {
    let options = ParsingOptions { allow_dtd: true, nodes_limit: XML_NODES_MAX, ..ParsingOptions::default() };
    Document::parse_with_options(text, options)
}

fn items(text: &str) -> Option<Vec<Cow<'static, [u8]>>> {
    // Most documents are one article: they need not be parsed here.
    let may_have_items = text.contains(ITEM) && !text.contains("<!ENTITY");
    if may_have_items { items_of(&parse(text).ok()?) } else { None }
}

/// The items of a message, each as a document of its own; none if there are none.
fn items_of(document: &Document<'_>) -> Option<Vec<Cow<'static, [u8]>>> {
    let root = document.root_element();
    let is_item = |node: &Node<'_, '_>| node.is_element() && node.tag_name().name() == ITEM;
    if is_item(&root) {
        return None;
    }
    let of_root = root.children().flat_map(|child| std::iter::once(child).chain(child.children()));
    let items: Vec<_> = of_root.filter(is_item).map(|item| Cow::Owned(item_document(&item).into_bytes())).collect();
    (!items.is_empty()).then_some(items)
}

/// The text of an element, with the namespaces and the language that are declared around it.
fn item_document(item: &Node<'_, '_>) -> String {
    let Range { start, end } = item.range();
    let source = &item.document().input_text()[start..end];
    let name_end = source.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(source.len());
    let (name, rest) = source.split_at(name_end);
    let mut text = name.to_owned();
    let mut add = |name: &str, value: &str| {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        for part in [" ", name, "=\"", &value, "\""] {
            text.push_str(part);
        }
    };
    let around = item.parent_element();
    for namespace in around.iter().flat_map(Node::namespaces) {
        let own = item.namespaces().find(|own| own.name() == namespace.name());
        let is_inherited = own.is_some_and(|own| own.uri() == namespace.uri());
        let name = namespace.name().map_or_else(|| "xmlns".to_owned(), |prefix| format!("xmlns:{prefix}"));
        if is_inherited && !start_tag(source).contains(&format!("{name}=")) && namespace.uri() != XML_NAMESPACE {
            add(&name, namespace.uri());
        }
    }
    let language = |node: &Node<'_, '_>| node.attribute((XML_NAMESPACE, "lang")).map(str::to_owned);
    if language(item).is_none()
        && let Some(language) = item.ancestors().find_map(|node| language(&node))
    {
        add("xml:lang", &language);
    }
    text + rest
}

/// The text up to the first `>` that is in no quotes.
fn start_tag(element: &str) -> &str {
    let mut quote = None;
    let end = element.find(|c: char| {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => {}
        }
        quote.is_none() && c == '>'
    });
    &element[..end.unwrap_or(element.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        documents(text.as_bytes()).iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect()
    }

    #[test]
    fn a_document_without_items_is_one_record() {
        for text in [
            "<nitf><body/></nitf>",
            "<newsItem guid='urn:a'><contentSet/></newsItem>",
            "<!DOCTYPE nitf SYSTEM \"nitf.dtd\">\n<nitf/>",
            "<broken><newsItem></broken>",
            "<a>newsItem</a>",
        ] {
            assert_eq!(split(&format!(" \n{text}\n")), [text]);
        }
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><nitf>\xE9</nitf>";
        assert_eq!(documents(latin), [Cow::Borrowed(&latin[..])]);
    }

    #[test]
    fn each_item_of_a_message_is_a_document_of_its_own() {
        let message = r#"<?xml version="1.0"?>
            <newsMessage xmlns="urn:iptc" xmlns:h="urn:html?a&amp;b" xml:lang="ar"><header/><itemSet>
            <newsItem guid="urn:a"><h:p>One &gt; two</h:p></newsItem>
            <packageItem/><newsItem xmlns:h="urn:other" xml:lang="en" guid="urn:>"><h:p/></newsItem><newsItem/>
            </itemSet></newsMessage>"#;
        let items = split(message);
        assert_eq!(items.len(), 3);
        for (item, (language, html)) in items.iter().zip([("ar", "urn:html?a&b"), ("en", "urn:other"), ("ar", "")]) {
            let document = Document::parse(item).expect("well-formed");
            let root = document.root_element();
            assert_eq!((root.tag_name().name(), root.tag_name().namespace()), (ITEM, Some("urn:iptc")), "{item}");
            assert_eq!(root.attribute((XML_NAMESPACE, "lang")), Some(language));
            assert_eq!(root.first_element_child().and_then(|p| p.tag_name().namespace()).unwrap_or_default(), html);
        }
    }

    #[test]
    fn documents_behind_each_other_are_records() {
        let [a, b] = ["<?xml version=\"1.0\"?><nitf>a</nitf>", "<?xml version=\"1.0\"?>\n<nitf>b</nitf>"];
        assert_eq!(split(&format!("{a}\n{b}")), [a, b]);
        let quoting = format!("{}<![CDATA[{b}]]></x>", "<?xml version=\"1.0\"?><x>");
        assert_eq!(split(&quoting), [quoting.as_str()]);
    }

    #[test]
    fn a_million_open_tags_are_one_record() {
        let text = format!("<newsMessage>{}", "<newsItem>".repeat(1_000_000));
        assert_eq!(split(&text).len(), 1);
    }
}
