//! Recognises what a file of unreadable records probably is.

use super::format::mark_length;

/// Compressed and binary files by their first bytes.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"\x1F\x8B", "it looks like gzip inside a compressed file: decompress it once more"),
    (b"\x28\xB5\x2F\xFD", "it looks like Zstandard inside a compressed file: decompress it once more"),
    (b"PK\x03\x04", "it looks like a zip archive: unpack it"),
    (b"PK\x05\x06", "it looks like an empty zip archive"),
    (b"BZh", "it looks like bzip2: decompress it (bzcat FILE | wirefold … -)"),
    (b"\xFD7zXZ\0", "it looks like xz: decompress it (xzcat FILE | wirefold … -)"),
    (b"7z\xBC\xAF\x27\x1C", "it looks like a 7-Zip archive: unpack it"),
    (b"Rar!\x1A\x07", "it looks like a RAR archive: unpack it"),
    (b"\x04\x22\x4D\x18", "it looks like LZ4: decompress it (lz4cat FILE | wirefold … -)"),
    (b"\xFF\x06\0\0sNaPpY", "it looks like Snappy: decompress it"),
    (b"\x1F\x9D", "it looks like a file of compress (.Z): decompress it (zcat FILE | wirefold … -)"),
    (b"PAR1", "it looks like Parquet: convert it to NDJSON"),
    (b"Obj\x01", "it looks like an Avro container: convert it to NDJSON (avro-tools tojson)"),
    (b"ORC", "it looks like ORC: convert it to NDJSON"),
    (b"ARROW1", "it looks like an Arrow or Feather file: convert it to NDJSON"),
    (b"\x89HDF\r\n\x1A\n", "it looks like HDF5: convert it to NDJSON"),
    (b"SQLite format 3\0", "it looks like an SQLite database: export its articles as NDJSON"),
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "it looks like a document of Microsoft Office: export its articles as NDJSON",
    ),
    (b"%PDF-", "it looks like a PDF: extract its text"),
    (b"WARC/", "it looks like WARC: extract the articles of its pages first"),
    (b"filedesc://", "it looks like ARC: extract the articles of its pages first"),
    (b"\x80\x03", PICKLE),
    (b"\x80\x04", PICKLE),
    (b"\x80\x05", PICKLE),
    (b"\xFF\xFE\0\0", "it looks like UTF-32: convert it to UTF-8 (iconv -f UTF-32 -t UTF-8)"),
    (b"\0\0\xFE\xFF", "it looks like UTF-32: convert it to UTF-8 (iconv -f UTF-32 -t UTF-8)"),
    (b"\xFF\xFE", UTF_16),
    (b"\xFE\xFF", UTF_16),
];

const PICKLE: &str = "it looks like a Python pickle: export its articles as NDJSON";
const UTF_16: &str = "it looks like UTF-16: convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)";
const CSV: &str = "it looks like CSV: convert it to NDJSON, one object a row";
const TSV: &str = "it looks like a table with tabs: convert it to NDJSON, one object a row";

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
const XML: &str = "it looks like XML of another kind than NITF and NewsML-G2: convert it to NDJSON";

/// How much of a table is looked at.
const HEADER_FIELDS_MIN: usize = 2;

/// What a file probably is whose records cannot be read, and what to do with it. `start` has its first bytes.
pub fn hint(start: &[u8]) -> Option<&'static str> {
    if let Some((_, hint)) = SIGNATURES.iter().find(|(signature, _)| start.starts_with(signature)) {
        return Some(hint);
    }
    if start.get(257..262) == Some(b"ustar") {
        return Some("it looks like a tar archive: unpack it (tar -xO -f FILE | wirefold … -)");
    }
    if let Some(b"_id\0") = start.get(5..9)
        && matches!(start.get(4), Some(0x02 | 0x07))
    {
        return Some("it looks like BSON: convert it to NDJSON (bsondump)");
    }
    if start.len() >= 4 && (start[0] == 0) != (start[1] == 0) && (start[2] == 0) == (start[0] == 0) {
        return Some(UTF_16);
    }
    if start.contains(&0) {
        return Some("it looks like a binary file, or is compressed in an unknown way");
    }
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
    let line = text.lines().next().unwrap_or_default();
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
    table_hint(line)
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
    let is_supported = ["nitf", "newsitem", "newsmessage"].iter().any(|name| element_name(root).ends_with(name));
    if is_supported { None } else { root_hint(root).or(Some(XML)) }
}

fn root_hint(element: &str) -> Option<&'static str> {
    let name = element_name(element);
    XML_ROOTS.iter().find(|(root, _)| *root == name).map(|(_, hint)| *hint)
}

fn element_name(element: &str) -> &str {
    element.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/' | '[')).next().unwrap_or_default()
}

/// A header of a table: fields that are short words.
fn table_hint(line: &str) -> Option<&'static str> {
    let is_header = |separator: char| {
        let fields: Vec<&str> = line.split(separator).map(|field| field.trim_matches(['"', ' ', '\r'])).collect();
        let is_word =
            |field: &&str| field.len() <= 40 && field.split(' ').count() <= 3 && !field.contains(['{', '}', '<']);
        fields.len() >= HEADER_FIELDS_MIN && fields.iter().filter(|field| is_word(field)).count() * 2 > fields.len()
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
            (b"WARC/1.0\r\nWARC-Type: warcinfo", "WARC"),
            (b"\x1F\x8B\x08\0", "gzip inside"),
            (b"\x28\xB5\x2F\xFD\x04", "Zstandard inside"),
            (b"PK\x03\x04\x14\0", "zip archive"),
            (b"BZh91AY&SY", "bzip2"),
            (b"\xFD7zXZ\0\0\x04", "xz"),
            (b"PAR1\x15\x04", "Parquet"),
            (b"Obj\x01\x04\x16avro.schema", "Avro"),
            (b"\xFF\xFE{\0\"\0", "UTF-16"),
            (b"{\0\"\0i\0d\0", "UTF-16"),
            (b"\0{\0\"\0i", "UTF-16"),
            (b"\x9A\x01\0\0\x07_id\0abc", "BSON"),
            (b"\x01\x02\x03\0\0\0", "binary"),
            (b"[[\"id\", \"text\"], [\"1\", \"Dam\"]]", "lists inside a list"),
            (b"[\"urn:x\", \"Dam reopens\"]", "no objects"),
            (b"\"{\\\"id\\\": 1}\"", "JSON inside JSON strings"),
            (b"{'id': 1, 'text': None}", "Python"),
            (b"callback({\"articles\": []})", "JavaScript"),
            (b"news.ndjson:{\"id\": 1}", "before it on each line"),
            (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
            (b"{\"error\": \"apiKeyInvalid\"}", "error message"),
        ] {
            let found = hint(start).unwrap_or_else(|| panic!("no hint for {}", String::from_utf8_lossy(start)));
            assert!(found.contains(expected), "{}: {found}", String::from_utf8_lossy(start));
        }
        let mut tar = vec![b'a'; 100];
        tar.resize(257, 0);
        tar.extend_from_slice(b"ustar\0");
        assert!(hint(&tar).expect("a hint").contains("tar archive"));
    }

    #[test]
    fn what_is_not_recognised_has_no_hint() {
        for start in
            ["", "no JSON", "{\"id\": 1, \"title\": \"Dam\"}", "<nitf><body/></nitf>", "[{\"id\": 1}]", "{\"id\"", "42"]
        {
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
