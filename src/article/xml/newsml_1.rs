//! Items of `NewsML` 1.

use roxmltree::Node;
use serde_json::{Map, Value, json};

use super::nitf::{self, pub_status};
use super::node::{Fields, at, attribute, body, children, local, non_blank_words, within};

/// Reads the one item of a `NewsML` document.
pub(super) fn record_of_document(document: Node<'_, '_>) -> Result<Map<String, Value>, String> {
    let items: Vec<_> = children(document, "NewsItem").collect();
    match items.as_slice() {
        [item] => Ok(record(*item)),
        items => Err(format!("a NewsML document with {} items; send each `NewsItem` as its own record", items.len())),
    }
}

/// Reads the fields of a `NewsItem` element.
pub(super) fn record(item: Node<'_, '_>) -> Map<String, Value> {
    let mut fields = Fields::default();
    let identifier = at(item, &["Identification", "NewsIdentifier"]);
    let part = |name| identifier.and_then(|identifier| at(identifier, &[name])).and_then(non_blank_words);
    // The public identifier contains the revision, so that of each version is another one. Its parts are the identity.
    let parts = [part("ProviderId"), part("DateId"), part("NewsItemId")];
    let uri = match parts {
        [Some(provider), Some(date), Some(id)] => Some(format!("urn:newsml:{provider}:{date}:{id}")),
        _ => part("PublicIdentifier"),
    };
    fields.set("uri", uri);
    fields.set("version", part("RevisionId"));
    let management = at(item, &["NewsManagement"]);
    let managed = |name| management.and_then(|management| at(management, &[name]));
    fields.set("versionCreated", managed("ThisRevisionCreated").and_then(non_blank_words));
    fields.set("firstCreated", managed("FirstCreated").and_then(non_blank_words));
    fields.set("pubStatus", managed("Status").and_then(|status| attribute(status, "FormalName")).map(pub_status));

    let first = |name| within(item, name).find_map(non_blank_words);
    let headline = first("HeadLine").or_else(|| within(item, "nitf").find_map(nitf::headline));
    fields.set("headlines", headline.map(|headline| json!([{"role": "main", "value": headline}])));
    fields.set("by", first("ByLine"));
    let language = within(item, "Language").find_map(|language| attribute(language, "FormalName"));
    fields.set("language", language.or_else(|| within(item, "NewsComponent").find_map(|node| attribute(node, "lang"))));
    let company = |name| {
        within(item, name).flat_map(|node| children(node, "Party")).find_map(|node| attribute(node, "FormalName"))
    };
    let (provider, source) = (company("Provider"), company("Source"));
    fields.set("source", provider.or(source).map(str::to_owned).or_else(|| part("ProviderId")));
    let named = [source, provider].into_iter().flatten().map(str::to_owned);
    fields.set_names("infoSources", first("CreditLine").into_iter().chain(named));
    fields.set("copyrightHolder", first("CopyrightLine"));
    fields.set_list("bodies", bodies(item));
    fields.0
}

/// The texts of the components that have the role of a main text, or of all components if none has.
fn bodies(item: Node<'_, '_>) -> Vec<Map<String, Value>> {
    let texts = || {
        within(item, "ContentItem").filter_map(|content| {
            let declared = ["MimeType", "Format", "MediaType"]
                .iter()
                .find_map(|name| at(content, &[name]).and_then(|node| attribute(node, "FormalName")));
            let is_text = at(content, &["MediaType"])
                .and_then(|node| attribute(node, "FormalName"))
                .is_none_or(|media| media.eq_ignore_ascii_case("text") || media.eq_ignore_ascii_case("complexdata"));
            let body = at(content, &["DataContent"]).filter(|_| is_text).and_then(|data| body(data, declared))?;
            Some((role(content), body))
        })
    };
    let main: Vec<_> = texts().filter(|(role, _)| is_main(role.as_deref())).map(|(_, body)| body).collect();
    if main.is_empty() { texts().map(|(_, body)| body).collect() } else { main }
}

/// The role of the component that a content item belongs to.
fn role(content: Node<'_, '_>) -> Option<String> {
    let component = content.ancestors().find(|node| local(*node) == "NewsComponent")?;
    attribute(at(component, &["Role"])?, "FormalName").map(str::to_ascii_lowercase)
}

fn is_main(role: Option<&str>) -> bool {
    role.is_none_or(|role| matches!(role, "main" | "main text" | "maintext" | "body" | "text" | "story" | "article"))
}
