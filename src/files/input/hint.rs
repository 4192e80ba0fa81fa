//! Recognises what a file of unreadable records probably is.

use super::format::mark_length;

const CSV: &str = "it looks like CSV: convert it to NDJSON, one object a row";
const TSV: &str = "it looks like a table with tabs: convert it to NDJSON, one object a row";
const PLAIN: &str = "it looks like plain text: put each article into a JSON object: {\"uri\": …, \"text\": …}";

/// Texts by their first letters, in lower case.
const TEXT_STARTS: &[(&str, &str)] = &[
    ("<!doctype html", HTML),
    ("<html", HTML),
    ("<head", HTML),
    ("<body", HTML),
    ("from ", "it looks like a mailbox: extract the articles of its messages"),
    ("received: ", MAIL),
    ("return-path: ", MAIL),
    ("mime-version: ", MAIL),
    ("http/1.", "it looks like an answer of a web server with its headers: leave out the headers"),
    ("version https://git-lfs", "it is a pointer of Git LFS: fetch the file itself (git lfs pull)"),
    ("---\n", YAML),
    ("%yaml", YAML),
    ("insert into ", SQL),
    ("create table ", SQL),
    ("-- ", SQL),
    ("/*", SQL),
    ("{'", "it looks like Python objects, not JSON: write them with json.dumps"),
    ("[{'", "it looks like Python objects, not JSON: write them with json.dumps"),
    ("var ", SCRIPT),
    ("const ", SCRIPT),
    ("window.", SCRIPT),
    ("# ", PLAIN),
    (")]}'", "it begins with a guard against scripts, such as )]}': leave out its first line"),
    ("\"{", "it looks like JSON inside JSON strings: decode it once more"),
    ("[\"{", "it looks like JSON inside JSON strings: decode it once more"),
    ("{\"error", ERROR),
    ("{\"status\":\"error", ERROR),
    ("{\"status\": \"error", ERROR),
];

const HTML: &str = "it looks like an HTML page: extract its article first";
const MAIL: &str = "it looks like an e-mail: extract its article first";
const YAML: &str = "it looks like YAML: convert it to NDJSON";
const SQL: &str = "it looks like SQL: export the articles as NDJSON";
const SCRIPT: &str = "it looks like JavaScript: keep only the JSON in it";
const ERROR: &str = "it looks like an error message of an API";

/// Root elements of XML, in lower case.
const XML_ROOTS: &[(&str, &str)] = &[
    ("rss", FEED),
    ("feed", FEED),
    ("rdf:rdf", FEED),
    ("html", HTML),
    ("urlset", "it looks like a sitemap: fetch its pages and extract their articles"),
    ("sitemapindex", "it looks like a list of sitemaps: fetch their pages and extract their articles"),
    ("mediawiki", "it looks like a dump of MediaWiki: convert its pages to NDJSON"),
    ("tei", "it looks like TEI: convert it to NDJSON"),
    ("teicorpus", "it looks like TEI: convert it to NDJSON"),
    ("reuters", "it looks like SGML of Reuters: convert it to NDJSON"),
    ("doc", "it looks like SGML of TREC: convert it to NDJSON"),
    ("lewis", "it looks like SGML of Reuters: convert it to NDJSON"),
];

const FEED: &str = "it looks like RSS or Atom: convert it with a feed parser";
const XML: &str = "it looks like XML of another kind than NITF and NewsML: convert it to NDJSON";

/// Root elements of NITF and `NewsML`, in lower case: the refusal of a record says more than its file.
const NEWS_ROOTS: &[&str] = &[
    "nitf",
    "newsitem",
    "newsmessage",
    "newsml",
    "packageitem",
    "conceptitem",
    "knowledgeitem",
    "planningitem",
    "catalogitem",
];

/// Least number of fields of a table.
const HEADER_FIELDS_MIN: usize = 2;

/// Names of fields, of which the header of a table has one if not all of its fields are single words.
const HEADER_NAMES: &[&str] =
    &["author", "body", "content", "date", "headline", "id", "link", "published", "source", "text", "title", "url"];

/// How many lines with a name and a value there are at least: one may also be the label of a text.
const MAPPING_LINES_MIN: usize = 2;

/// How much of a text is looked at, and how many letters it must have at least.
const PROSE_SAMPLE_CHARS: usize = 200;
const PROSE_LETTERS_MIN: usize = 20;

/// What a file probably is whose records cannot be read, and what to do with it. `start` has its first bytes.
pub fn hint(start: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(&start[mark_length(start)..]).to_lowercase();
    text_hint(text.trim_start())
}

/// The same for a text in lower case.
fn text_hint(text: &str) -> Option<&'static str> {
    if let Some((_, hint)) = TEXT_STARTS.iter().find(|(begin, _)| text.starts_with(begin)) {
        return Some(hint);
    }
    if text.starts_with('<') {
        return xml_hint(text);
    }
    let line = text.lines().next().unwrap_or_default().trim_end();
    // `[articles]`, but not `[true]` or `["articles"]`
    let section =
        line.strip_prefix('[').and_then(|line| line.strip_suffix(']')).map(|name| name.trim_matches(['[', ']']));
    if section.is_some_and(|name| is_word(name) && !matches!(name, "true" | "false" | "null")) {
        return Some("it looks like TOML or an INI file: convert it to NDJSON");
    }
    let inner = text.strip_prefix('[').map(str::trim_start);
    if let Some(inner) = inner {
        return match inner.chars().next() {
            Some('[') => Some("it looks like JSON lists inside a list: each record must be an object"),
            Some('{') | None => None,
            Some(_) => Some("it looks like a JSON list of values that are no objects: each record must be an object"),
        };
    }
    if text.starts_with('{') {
        return None;
    }
    // `- id: 7`
    let is_item =
        line.strip_prefix("- ").is_some_and(|item| item.split_once(':').is_some_and(|(name, _)| is_word(name)));
    if is_item {
        return Some(YAML);
    }
    if text.lines().take(MAPPING_LINES_MIN).filter(|line| is_member(line)).count() == MAPPING_LINES_MIN {
        return Some("it looks like YAML, or like the headers of a message: put each article into a JSON object");
    }
    // `callback({"articles": […]})`
    if line.split_once('(').is_some_and(|(name, rest)| {
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '$'));
        is_name && rest.trim_start().starts_with(['{', '['])
    }) {
        return Some(SCRIPT);
    }
    // `articles.ndjson:{"id": …}`, `2026-03-02 INFO {"id": …}`
    if line.find('{').is_some_and(|at| line[at..].trim_start_matches('{').trim_start().starts_with('"')) {
        return Some("it looks like JSON with something else before it on each line: leave that out");
    }
    table_hint(line).or_else(|| is_prose(text).then_some(PLAIN))
}

/// Whether a text is a name without blanks.
fn is_word(text: &str) -> bool {
    text.starts_with(char::is_alphabetic) && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Whether a line has a name and a value, as in YAML: `title: Dam reopens`.
fn is_member(line: &str) -> bool {
    line.split_once(':').is_some_and(|(name, value)| is_word(name) && (value.is_empty() || value.starts_with(' ')))
}

/// Whether a text is mostly made of letters and blanks.
fn is_prose(text: &str) -> bool {
    let sample = || text.chars().take(PROSE_SAMPLE_CHARS);
    let letters = sample().filter(|c| c.is_alphabetic()).count();
    let others = sample().filter(|c| !c.is_alphabetic() && !c.is_whitespace()).count();
    letters >= PROSE_LETTERS_MIN && others * 5 < letters
}

fn xml_hint(text: &str) -> Option<&'static str> {
    let mut rest = text;
    // The declaration, the document type and comments come before the root.
    while let Some(inner) = rest.strip_prefix('<').filter(|inner| inner.starts_with(['?', '!'])) {
        let end = if inner.starts_with("!--") { "-->" } else { ">" };
        let document_type = inner.strip_prefix("!doctype").map(str::trim_start);
        if let Some(hint) = document_type.and_then(root_hint) {
            return Some(hint);
        }
        let Some((_, after)) = inner.split_once(end) else { return Some(XML) };
        rest = after.trim_start();
    }
    let root = rest.strip_prefix('<')?;
    let local = element_name(root).rsplit(':').next().unwrap_or_default();
    if NEWS_ROOTS.contains(&local) { None } else { root_hint(root).or(Some(XML)) }
}

fn root_hint(element: &str) -> Option<&'static str> {
    let name = element_name(element);
    XML_ROOTS.iter().find(|(root, _)| *root == name).map(|(_, hint)| *hint)
}

fn element_name(element: &str) -> &str {
    element.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/' | '[')).next().unwrap_or_default()
}

/// A header of a table: its fields are single words, or most are short and one has a usual name.
fn table_hint(line: &str) -> Option<&'static str> {
    let is_header = |separator: char| {
        let fields: Vec<&str> = line.split(separator).map(|field| field.trim_matches(['"', ' ', '\r'])).collect();
        let is_short =
            |field: &&str| field.len() <= 40 && field.split(' ').count() <= 3 && !field.contains(['{', '}', '<']);
        let short = fields.iter().filter(|field| is_short(field)).count();
        let is_named = fields.iter().any(|field| HEADER_NAMES.contains(field));
        let are_words = fields.iter().all(|field| !field.contains(' '));
        fields.len() >= HEADER_FIELDS_MIN && short * 2 > fields.len() && (is_named || are_words)
    };
    match () {
        () if is_header('\t') => Some(TSV),
        () if is_header(',') || is_header(';') || is_header('|') => Some(CSV),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn files_of_other_kinds_are_recognised() {
        for (start, expected) in [
            (&b"<?xml version='1.0'?>\n<!-- a feed -->\n<rss version='2.0'>"[..], "RSS or Atom"),
            (b"<feed xmlns='http://www.w3.org/2005/Atom'>", "RSS or Atom"),
            (b"\xEF\xBB\xBF<rdf:RDF xmlns='x'>", "RSS or Atom"),
            (b"<!DOCTYPE html>\n<html lang=en>", "HTML page"),
            (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C'><html>", "HTML page"),
            (b"<!DOCTYPE lewis SYSTEM \"lewis.dtd\">\n<REUTERS TOPICS='YES'>", "SGML of Reuters"),
            (b"<catalog><book/></catalog>", "XML of another kind"),
            (b"<?xml version='1.0'", "XML of another kind"),
            (b"id,title,text\n1,Dam,\"Engineers, on Monday, reopened\"", "CSV"),
            (b"\"id\";\"title\";\"text\"\r\n", "CSV"),
            (b"id\ttitle\ttext\n", "tabs"),
            (b"[[\"id\", \"text\"], [\"1\", \"Dam\"]]", "lists inside a list"),
            (b"[\"urn:x\", \"Dam reopens\"]", "no objects"),
            (b"\"{\\\"id\\\": 1}\"", "JSON inside JSON strings"),
            (b"{'id': 1, 'text': None}", "Python"),
            (b"callback({\"articles\": []})", "JavaScript"),
            (b"news.ndjson:{\"id\": 1}", "before it on each line"),
            (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
            (b"{\"error\": \"apiKeyInvalid\"}", "error message"),
            (b"[articles]\nid = 1\n", "TOML"),
            (b"[[articles]]\nid = 1\n", "TOML"),
            (b"[true]\n[false]\n", "no objects"),
            (b"- id: a\n  text: Dam reopens\n", "YAML"),
            (b"id: a\ntext: Dam reopens\n", "YAML"),
            (b"name;quantity\n", "CSV"),
            (b"title, published on\n", "CSV"),
            (b"# Dam reopens\n\nEngineers", "plain text"),
            (b"The dam, which was closed, reopened.\n", "plain text"),
            ("أعيد فتح السد بعد تسعة أيام من الإغلاق\n".as_bytes(), "plain text"),
        ] {
            let found = hint(start).unwrap_or_else(|| panic!("no hint for {}", String::from_utf8_lossy(start)));
            assert!(found.contains(expected), "{}: {found}", String::from_utf8_lossy(start));
        }
    }

    #[test]
    fn what_is_not_recognised_has_no_hint() {
        for start in [
            "",
            "no JSON",
            "{\"id\": 1, \"title\": \"Dam\"}",
            "<nitf><body/></nitf>",
            "<n:packageItem xmlns:n='x'>",
            "<NewsML/>",
            "[{\"id\": 1}]",
            "{\"id\"",
            "42",
        ] {
            assert_eq!(hint(start.as_bytes()), None, "{start}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_hint_or_none(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            hint(&bytes);
        }

        #[test]
        fn any_text_has_a_hint_or_none(text in "[<\\[{!?a-z\"',;:()\t\n -]{0,40}") {
            hint(text.as_bytes());
        }
    }
}
