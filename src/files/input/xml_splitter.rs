//! The documents of an XML file: the file itself, or the items of a NewsML-G2 message.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

use roxmltree::{Document, Node, ParsingOptions};

use super::error::FileDamage;
use super::marked_up::{ITEM, is_closed, items_of_damaged, name_end, tag};
use super::opened_input::OpenedInput;
use super::raw_record::RecordBuffer;
use super::split_record::{SplitError, SplitRecord};
use super::text_place::line_feeds;

/// The most that is read of an XML file: it is held as a whole.
const XML_FILE_BYTES_MAX: u64 = 64 << 20;

/// Most nodes that are parsed, so that a file of nothing but tags takes no gigabytes. Messages have some 30 bytes a node.
const XML_NODES_MAX: u32 = 4_000_000;

const DECLARATION: &str = "<?xml";
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// Splits a file of XML into records.
#[derive(Default)]
pub(super) struct XmlSplitter {
    ready: Option<VecDeque<SplitRecord>>,
    /// The error at the end.
    end: Option<SplitError>,
    given: u64,
}

impl XmlSplitter {
    /// Number of records given.
    pub(super) fn read(&self) -> u64 {
        self.given
    }

    /// The next record. Before an error of the system, all whole records are given.
    pub(super) fn next(&mut self, input: &mut OpenedInput) -> Result<Option<SplitRecord>, SplitError> {
        if self.ready.is_none() {
            self.ready = Some(self.read_all(input)?);
        }
        if let Some(record) = self.ready.as_mut().and_then(VecDeque::pop_front) {
            self.given += 1;
            return Ok(Some(record));
        }
        self.end.take().map_or(Ok(None), Err)
    }

    fn read_all(&mut self, input: &mut OpenedInput) -> Result<VecDeque<SplitRecord>, SplitError> {
        let mut bytes = Vec::new();
        loop {
            match input.fill() {
                Ok([]) => break,
                Ok(part) if (bytes.len() + part.len()) as u64 > XML_FILE_BYTES_MAX => {
                    return Err(SplitError::XmlTooLarge(XML_FILE_BYTES_MAX));
                }
                Ok(part) => {
                    let length = part.len();
                    bytes.extend_from_slice(part);
                    input.consume(length);
                }
                Err(error) => {
                    self.end = Some(error.into());
                    break;
                }
            }
        }
        let mut documents = documents(&bytes);
        if self.end.is_some() {
            documents.pop_if(|last| !is_closed_document(&last.document));
        } else if !is_closed_document(&bytes) {
            self.end = Some(FileDamage::XmlNotClosed { after: documents.len() as u64 }.into());
        }
        Ok(records(&bytes, &documents))
    }
}

/// Whether the last document in these bytes ends with its end tag, as far as that is known.
fn is_closed_document(bytes: &[u8]) -> bool {
    let text = str::from_utf8(bytes).unwrap_or_default();
    is_closed(text.rfind(DECLARATION).map_or(text, |at| &text[at..]))
}

fn records(bytes: &[u8], documents: &[XmlPart<'_>]) -> VecDeque<SplitRecord> {
    let (mut line, mut counted) = (1, 0);
    let mut record = |(offset, part): (i64, &XmlPart<'_>)| {
        line += line_feeds(&bytes[counted..part.start]);
        counted = part.start;
        let mut buffer = RecordBuffer::default();
        buffer.push(&part.document);
        SplitRecord { offset, line, content: buffer.take() }
    };
    (0..).zip(documents).map(&mut record).collect()
}

/// A document in a file.
#[derive(Debug, PartialEq, Eq)]
struct XmlPart<'a> {
    /// Where it begins in the file.
    start: usize,
    document: Cow<'a, [u8]>,
}

/// The documents of a file. What is not well-formed stays whole, unless it is a message: whoever reads it says why it cannot
/// be read.
fn documents(bytes: &[u8]) -> Vec<XmlPart<'_>> {
    let start = bytes.len() - bytes.trim_ascii_start().len();
    let whole = |start: usize, bytes| XmlPart { start, document: Cow::Borrowed(bytes) };
    let trimmed = bytes.trim_ascii();
    let Ok(text) = std::str::from_utf8(trimmed) else { return vec![whole(start, trimmed)] };
    let declarations: Vec<usize> = text.match_indices(DECLARATION).map(|(at, _)| at).collect();
    let mut ends: Vec<usize> = declarations.into_iter().skip(1).collect();
    // Several documents behind each other, unless the other declarations are quoted in one.
    if !ends.is_empty() && parse(text).is_ok() {
        ends.clear();
    }
    ends.push(text.len());
    let mut at = 0;
    let mut found = Vec::new();
    for end in ends {
        let part = text[at..end].trim_end();
        match items(part) {
            Some(items) => found.extend(items.into_iter().map(|(item_start, item)| XmlPart {
                start: start + at + item_start,
                document: Cow::Owned(item.into_bytes()),
            })),
            None => found.push(whole(start + at, part.as_bytes())),
        }
        at = end;
    }
    found
}

fn parse(text: &str) -> Result<Document<'_>, roxmltree::Error> {
    let options = ParsingOptions { allow_dtd: true, nodes_limit: XML_NODES_MAX, ..ParsingOptions::default() };
    Document::parse_with_options(text, options)
}

/// The items of a message, each as a document of its own, with the places where they begin; none if it is no message.
fn items(text: &str) -> Option<Vec<(usize, String)>> {
    // Most documents are one article: they need not be parsed here.
    if !text.contains(ITEM) || text.contains("<!ENTITY") {
        return None;
    }
    match parse(text) {
        Ok(document) => items_of(&document),
        Err(_) => items_of_damaged(text),
    }
}

fn items_of(document: &Document<'_>) -> Option<Vec<(usize, String)>> {
    let root = document.root_element();
    let is_item = |node: &Node<'_, '_>| node.is_element() && node.tag_name().name() == ITEM;
    if is_item(&root) {
        return None;
    }
    let of_root = root.children().flat_map(|child| std::iter::once(child).chain(child.children()));
    let items: Vec<_> = of_root.filter(is_item).map(|item| (item.range().start, item_document(&item))).collect();
    (!items.is_empty()).then_some(items)
}

/// The text of an element, with the namespaces and the language that are declared around it.
fn item_document(item: &Node<'_, '_>) -> String {
    let Range { start, end } = item.range();
    let source = &item.document().input_text()[start..end];
    let (name, rest) = source.split_at(name_end(source));
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
        if is_inherited && !tag(source).contains(&format!("{name}=")) && namespace.uri() != XML_NAMESPACE {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        let parts = documents(text.as_bytes());
        parts.iter().map(|part| String::from_utf8_lossy(&part.document).into_owned()).collect()
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
        assert_eq!(documents(latin), [XmlPart { start: 0, document: Cow::Borrowed(&latin[..]) }]);
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
    fn each_part_has_the_line_with_which_it_begins() {
        let message = "\n<newsMessage>\n <newsItem>\n</newsItem>\n\n<newsItem/></newsMessage>\n";
        let broken = message.replace("</newsItem>", "&</newsItem>");
        let two = "\n<?xml version=\"1.0\"?><nitf>\n</nitf>\n\n <?xml version=\"1.0\"?>\n<nitf/>";
        for (text, expected) in [(message, [3, 6]), (&broken, [3, 6]), (two, [2, 5])] {
            let lines: Vec<_> = records(text.as_bytes(), &documents(text.as_bytes())).iter().map(|r| r.line).collect();
            assert_eq!(lines, expected, "{text}");
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
