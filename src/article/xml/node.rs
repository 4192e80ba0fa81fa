//! Reading elements by their local names: agencies write any namespace prefix, or none.

use roxmltree::Node;
use serde_json::{Map, Value, json};

/// The name of an element without its prefix.
pub(super) fn local<'a>(node: Node<'a, '_>) -> &'a str {
    node.tag_name().name()
}

/// The child elements of this name.
pub(super) fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| child.is_element() && local(*child) == name)
}

/// The element at the end of a path of child elements; the first one at each step.
pub(super) fn at<'a, 'i>(node: Node<'a, 'i>, path: &[&'static str]) -> Option<Node<'a, 'i>> {
    path.iter().try_fold(node, |node, name| children(node, name).next())
}

/// The elements of this name at any depth.
pub(super) fn within<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.descendants().filter(move |child| child.is_element() && local(*child) == name)
}

/// An attribute by its local name, if it is not blank.
pub(super) fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let value = node.attributes().find(|attribute| attribute.name() == name)?.value().trim();
    (!value.is_empty()).then_some(value)
}

/// All text in an element, in one line; words of different elements are apart.
pub(super) fn words(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text).filter_map(|text| text.text());
    texts.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The same, if there is any.
pub(super) fn non_blank_words(node: Node<'_, '_>) -> Option<String> {
    Some(words(node)).filter(|words| !words.is_empty())
}

/// The content of an element as it is marked up, or its text if it contains no element.
pub(super) fn content(node: Node<'_, '_>) -> String {
    if !node.children().any(|child| child.is_element()) {
        return node.children().filter_map(|child| child.text()).collect();
    }
    let first = node.first_child().map_or(0, |child| child.range().start);
    let last = node.last_child().map_or(0, |child| child.range().end);
    node.document().input_text().get(first..last).unwrap_or_default().to_owned()
}

/// Elements that a text can begin with: first those of NITF, then those of HTML.
pub(super) const TEXT_ROOTS: [&str; 9] =
    ["nitf", "body.content", "block", "html", "body", "div", "section", "article", "p"];
const NITF_ROOTS: usize = 3;

/// The content of an element as a body, with the type that its root element shows, else the one that is declared.
/// `text/plain` is not passed on: agencies write it over HTML, and plain text is recognised without it.
pub(super) fn body(node: Node<'_, '_>, declared: Option<&str>) -> Option<Map<String, Value>> {
    let value = content(node);
    if value.trim().is_empty() {
        return None;
    }
    let root = node.children().find(Node::is_element).map(local);
    let content_type = match root.and_then(|root| TEXT_ROOTS.iter().position(|name| *name == root)) {
        Some(position) if position < NITF_ROOTS => Some("application/nitf+xml"),
        Some(_) => Some("text/html"),
        _ => declared.filter(|declared| !declared.to_ascii_lowercase().starts_with("text/plain")),
    };
    let mut body = Map::new();
    body.insert("value".to_owned(), json!(value));
    if let Some(content_type) = content_type {
        body.insert("contentType".to_owned(), json!(content_type));
    }
    Some(body)
}

/// Collects the fields that have a value.
#[derive(Default)]
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    pub(super) fn set(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
    }

    /// Sets a list of objects with a `name` each.
    pub(super) fn set_names(&mut self, name: &str, names: impl IntoIterator<Item = String>) {
        let mut list: Vec<Value> = Vec::new();
        for name in names {
            let value = json!({"name": name});
            if !list.contains(&value) && list.len() < XML_NAMES_MAX {
                list.push(value);
            }
        }
        self.set(name, (!list.is_empty()).then_some(list));
    }

    pub(super) fn set_list(&mut self, name: &str, list: Vec<Map<String, Value>>) {
        self.set(name, (!list.is_empty()).then_some(list));
    }
}

/// Most names of a kind: later ones are not read either.
const XML_NAMES_MAX: usize = 16;
