//! NITF documents.

use roxmltree::Node;
use serde_json::{Map, Value, json};

use super::node::{Fields, at, attribute, body, non_blank_words, within};

/// Reads the fields of a `nitf` element.
pub(super) fn record(nitf: Node<'_, '_>) -> Map<String, Value> {
    let mut fields = Fields::default();
    let head = at(nitf, &["head"]);
    let docdata = head.and_then(|head| at(head, &["docdata"]));
    let body_head = at(nitf, &["body", "body.head"]);
    let of_docdata = |name, key| docdata.and_then(|docdata| at(docdata, &[name])).and_then(|node| attribute(node, key));
    fields.set("uri", of_docdata("doc-id", "id-string"));
    let issued = of_docdata("date.issue", "norm");
    let printed =
        || head.and_then(|head| at(head, &["pubdata"])).and_then(|pubdata| attribute(pubdata, "date.publication"));
    let told = || {
        let story_date = at(body_head?, &["dateline", "story.date"])?;
        attribute(story_date, "norm")
    };
    fields.set("versionCreated", issued.or_else(printed).or_else(told).or_else(|| of_docdata("date.release", "norm")));
    fields.set("version", of_docdata("du-key", "version"));
    let status = docdata.and_then(|docdata| attribute(docdata, "management-status"));
    fields.set("pubStatus", status.map(pub_status));
    fields.set("headlines", headline(nitf).map(|headline| json!([{"role": "main", "value": headline}])));
    fields.set("language", attribute(nitf, "baselang").or_else(|| attribute(nitf, "lang")));
    let of_body = |path: &[&'static str]| body_head.and_then(|head| at(head, path)).and_then(non_blank_words);
    fields.set("by", of_body(&["byline"]));
    let distributor = of_body(&["distributor"]);
    let registrar = of_docdata("doc-id", "regsrc").map(str::to_owned);
    fields.set("source", distributor.clone().or_else(|| registrar.clone()));
    fields.set_names("infoSources", distributor.into_iter().chain(registrar));
    let holder = of_docdata("doc.copyright", "holder").map(str::to_owned);
    fields.set("copyrightHolder", holder.or_else(|| of_body(&["rights", "rights.owner"])));
    let content = within(nitf, "body.content").next();
    let bodies = content.and_then(|content| body(content, None)).map(|mut body| {
        body.insert("contentType".to_owned(), json!("application/nitf+xml"));
        vec![body]
    });
    fields.set_list("bodies", bodies.unwrap_or_default());
    fields.0
}

/// The headline of an article, or the title of its document.
pub(super) fn headline(nitf: Node<'_, '_>) -> Option<String> {
    let headline = at(nitf, &["body", "body.head", "hedline", "hl1"]).and_then(non_blank_words);
    headline.or_else(|| at(nitf, &["head", "title"]).and_then(non_blank_words))
}

/// The status in the words of ninjs. What is embargoed must not be published yet.
pub(super) fn pub_status(status: &str) -> String {
    match status.to_ascii_lowercase().as_str() {
        "embargoed" => "withheld".to_owned(),
        "cancelled" => "canceled".to_owned(),
        status => status.to_owned(),
    }
}
