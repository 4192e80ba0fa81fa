//! NewsML-G2 items.

use roxmltree::Node;
use serde_json::{Map, Value, json};

use super::nitf;
use super::node::{Fields, TEXT_ROOTS, at, attribute, body, children, local, non_blank_words, within};

/// Reads the fields of a `newsItem` element.
pub(super) fn record(item: Node<'_, '_>) -> Result<Map<String, Value>, String> {
    let mut fields = Fields::default();
    fields.set("uri", attribute(item, "guid"));
    fields.set("version", attribute(item, "version"));
    let meta = at(item, &["itemMeta"]);
    let of_meta = |name| meta.and_then(|meta| at(meta, &[name]));
    fields.set("versionCreated", of_meta("versionCreated").and_then(non_blank_words));
    fields.set("firstCreated", of_meta("firstCreated").and_then(non_blank_words));
    fields.set("embargoed", of_meta("embargoed").and_then(non_blank_words));
    let status = of_meta("pubStatus").and_then(code).map(nitf::pub_status);
    fields.set("pubStatus", status.as_deref());
    fields.set("source", of_meta("provider").and_then(party));

    let content_meta = at(item, &["contentMeta"]);
    let of_content = |name| content_meta.into_iter().flat_map(move |meta| children(meta, name));
    let language = of_content("language").find_map(|language| attribute(language, "tag"));
    fields.set("language", language.or_else(|| attribute(item, "lang")));
    let by = of_content("by").find_map(non_blank_words);
    let creator = || {
        of_content("creator")
            .filter_map(|creator| at(creator, &["name"]))
            .filter_map(non_blank_words)
            .find(|name| name.contains(' '))
    };
    // The creator can be a user of the agency's system. A name of two words is that of a person or company.
    fields.set("by", by.or_else(creator));
    let sources =
        of_content("infoSource").filter_map(party).chain(of_content("creditline").filter_map(non_blank_words));
    fields.set_names("infoSources", sources);
    fields.set("copyrightHolder", at(item, &["rightsInfo", "copyrightHolder"]).and_then(party));

    let bodies = bodies(item);
    let mut headlines: Vec<_> = of_content("headline").filter_map(headline).collect();
    if headlines.is_empty() {
        let title = || of_meta("title").and_then(non_blank_words);
        let of_text = within(item, "nitf").find_map(nitf::headline).or_else(title);
        headlines.extend(of_text.map(|text| named("main", &text)));
    }
    fields.set_list("headlines", headlines);
    if bodies.is_empty() && status.as_deref().is_none_or(|status| status == "usable") {
        let class = class(item).unwrap_or("unknown");
        return Err(format!("a NewsML-G2 item without a text in it; its class is `{class}`"));
    }
    fields.set_list("bodies", bodies);
    Ok(fields.0)
}

/// Reads the one text of a `newsMessage`. Pictures and packages can come with it.
pub(super) fn record_of_message(message: Node<'_, '_>) -> Result<Map<String, Value>, String> {
    let items: Vec<_> = children(message, "itemSet").flat_map(|set| set.children()).filter(Node::is_element).collect();
    let news: Vec<_> = items.iter().copied().filter(|item| local(*item) == "newsItem").collect();
    let texts: Vec<_> = news.iter().copied().filter(|item| class(*item).is_none_or(|class| class == "text")).collect();
    match (texts.as_slice(), news.as_slice()) {
        ([item], _) | ([], [item]) => record(*item),
        ([], []) => {
            let name = items.first().map_or("nothing", |item| local(*item));
            Err(format!("a NewsML-G2 message without a `newsItem`; it has {} items, first `{name}`", items.len()))
        }
        ([], news) => Err(format!("a NewsML-G2 message with {} items, none of them a text", news.len())),
        (texts, _) => {
            Err(format!("a NewsML-G2 message with {} texts; send each `newsItem` as its own record", texts.len()))
        }
    }
}

fn class<'a>(item: Node<'a, '_>) -> Option<&'a str> {
    at(item, &["itemMeta", "itemClass"]).and_then(code)
}

fn bodies(item: Node<'_, '_>) -> Vec<Map<String, Value>> {
    let content = children(item, "contentSet").flat_map(|set| set.children()).filter(Node::is_element);
    content
        .filter_map(|node| {
            let declared = attribute(node, "contenttype");
            let is_text = match local(node) {
                "inlineXML" => has_text(node, declared),
                "inlineData" => attribute(node, "encoding").is_none() && declared.is_none_or(is_text_type),
                _ => false,
            };
            if is_text { body(node, declared) } else { None }
        })
        .collect()
}

/// Checks whether inline XML is a text. It can also be a table of results, an event or a picture.
fn has_text(inline: Node<'_, '_>, declared: Option<&str>) -> bool {
    let root = inline.children().find(Node::is_element).map(local);
    declared.is_some_and(|declared| is_text_type(declared) || declared.ends_with("/xml"))
        || root.is_none_or(|root| TEXT_ROOTS.contains(&root))
}

fn is_text_type(declared: &str) -> bool {
    declared.starts_with("text/") || declared.contains("html") || declared.contains("nitf")
}

fn headline(node: Node<'_, '_>) -> Option<Map<String, Value>> {
    let role = attribute(node, "role").map_or("main", without_scheme);
    non_blank_words(node).map(|text| named(role, &text))
}

fn named(role: &str, text: &str) -> Map<String, Value> {
    Map::from_iter([("role".to_owned(), json!(role)), ("value".to_owned(), json!(text))])
}

/// The code of an element without its scheme: `stat:usable`.
fn code<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    attribute(node, "qcode").map(without_scheme).or_else(|| attribute(node, "uri")?.rsplit('/').next())
}

fn without_scheme(qcode: &str) -> &str {
    qcode.rsplit(':').next().unwrap_or(qcode)
}

/// The name of a company or person, or its code. Of an address it is the host.
fn party(node: Node<'_, '_>) -> Option<String> {
    let name = at(node, &["name"]).and_then(non_blank_words);
    let short = || {
        let address = attribute(node, "uri").and_then(|uri| uri.split_once("://")?.1.split('/').next());
        attribute(node, "literal").or_else(|| attribute(node, "qcode").map(without_scheme)).or(address)
    };
    name.or_else(|| short().map(str::to_owned)).filter(|name| !name.is_empty())
}
