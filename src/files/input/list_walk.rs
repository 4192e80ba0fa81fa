//! Finds the lists of records in a JSON object that wraps them, as the answers of news APIs do:
//! `{"status": "ok", "articles": [{…}, …]}`, `{"response": {"docs": [{…}, …]}}`.

use std::collections::BTreeSet;

use super::nesting::Nesting;

/// Names of lists of records, without regard to case, `_`, `-` and `@`.
const LIST_NAMES: &[&str] = &[
    "article",
    "articles",
    "data",
    "doc",
    "docs",
    "document",
    "documents",
    "edges",
    "entries",
    "entry",
    "hits",
    "itemlistelement",
    "item",
    "items",
    "list",
    "messages",
    "news",
    "newslist",
    "nodes",
    "objects",
    "ordereditems",
    "posts",
    "records",
    "result",
    "results",
    "rows",
    "stories",
    "value",
];

/// Names of objects in which a list of records may be, besides [`LIST_NAMES`].
const OUTER_NAMES: &[&str] = &["channel", "embedded", "feed", "response", "rss", "search"];

/// Names that an answer without results does not have, but a record without a text may.
const IDENTITY_NAMES: &[&str] = &["guid", "headline", "id", "title", "uri", "url"];

/// Objects deeper than this are skipped.
const OBJECT_DEPTH_MAX: usize = 4;

/// Longest start of a name that is looked at.
const START_BYTES_MAX: usize = 32;

/// How many names of other lists are kept.
const OTHER_LISTS_MAX: usize = 8;

/// Where a [`ListWalk`] stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WalkEvent {
    /// At the first element of a list of records. The walk goes on behind the list.
    List,
    /// Behind the object.
    End,
}

/// A walk over the bytes of an object, outside the lists that it finds.
#[derive(Debug, Default)]
pub(super) struct ListWalk {
    /// The current name in each open object.
    path: Vec<Vec<u8>>,
    /// Brackets open in a value that is skipped.
    skipped: u64,
    string: Option<OpenString>,
    is_name_next: bool,
    /// Whether a list of records began whose first element is not seen yet.
    list_begins: bool,
    /// Whether another list began whose first element is not seen yet.
    other_list_begins: bool,
    found: WalkFindings,
}

/// What a walk has found until now.
#[derive(Debug, Default)]
struct WalkFindings {
    lists: u64,
    empty_lists: u64,
    has_identity: bool,
    /// The names of other lists of objects, of which a few are kept.
    other_lists: BTreeSet<String>,
}

/// A string that is being read.
#[derive(Debug, Default)]
struct OpenString {
    is_name: bool,
    escaped: bool,
    start: Vec<u8>,
}

impl ListWalk {
    /// Walks on. Returns how many of `bytes` are done, and why it stopped before their end.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> (usize, Option<WalkEvent>) {
        for (at, &byte) in bytes.iter().enumerate() {
            if self.string.is_some() {
                self.string_byte(byte);
                continue;
            }
            if byte.is_ascii_whitespace() {
                continue;
            }
            if self.list_begins {
                self.list_begins = false;
                match byte {
                    b'{' => {
                        self.found.lists += 1;
                        return (at, Some(WalkEvent::List));
                    }
                    b']' => {
                        self.found.empty_lists += 1;
                        continue;
                    }
                    _ => self.skipped = 1,
                }
            }
            if std::mem::take(&mut self.other_list_begins) && byte == b'{' {
                self.note_other_list();
            }
            match byte {
                b'"' => {
                    self.string = Some(OpenString { is_name: self.is_name(), ..OpenString::default() });
                }
                b'{' | b'[' => self.open(byte),
                b'}' | b']' => {
                    if self.skipped > 0 {
                        self.skipped -= 1;
                    } else {
                        self.path.pop();
                        self.is_name_next = false;
                    }
                    if self.path.is_empty() {
                        return (at + 1, Some(WalkEvent::End));
                    }
                }
                b':' if self.skipped == 0 => self.is_name_next = false,
                b',' if self.skipped == 0 => self.is_name_next = true,
                _ => {}
            }
        }
        (bytes.len(), None)
    }

    fn is_name(&self) -> bool {
        self.is_name_next && self.skipped == 0
    }

    fn open(&mut self, bracket: u8) {
        if self.skipped > 0 || self.path.len() >= OBJECT_DEPTH_MAX {
            self.skipped += 1;
        } else if bracket == b'{' {
            self.path.push(Vec::new());
            self.is_name_next = true;
        } else if self.names_list() {
            self.list_begins = true;
        } else {
            self.skipped = 1;
            self.other_list_begins = true;
        }
    }

    fn note_other_list(&mut self) {
        if let Some(name) = self.path.last().filter(|_| self.found.other_lists.len() < OTHER_LISTS_MAX) {
            self.found.other_lists.insert(String::from_utf8_lossy(name).into_owned());
        }
    }

    /// The names of lists of objects that are next to the lists of records, and so are left out.
    pub(super) fn other_lists(&self) -> impl Iterator<Item = &str> {
        self.found.other_lists.iter().map(String::as_str)
    }

    fn string_byte(&mut self, byte: u8) {
        let Some(string) = &mut self.string else { return };
        if byte == b'"' && !string.escaped {
            if let Some(string) = self.string.take().filter(|_| self.skipped == 0) {
                self.end_string(&string);
            }
            return;
        }
        string.escaped = byte == b'\\' && !string.escaped;
        if string.is_name && string.start.len() < START_BYTES_MAX {
            string.start.push(byte);
        }
    }

    fn end_string(&mut self, string: &OpenString) {
        if !string.is_name {
            return;
        }
        self.found.has_identity |= self.path.len() == 1 && is_one_of(IDENTITY_NAMES, &string.start);
        if let Some(current) = self.path.last_mut() {
            current.clone_from(&string.start);
        }
    }

    fn names_list(&self) -> bool {
        let Some((last, outer)) = self.path.split_last() else { return false };
        let is_outer = |name: &Vec<u8>| is_one_of(LIST_NAMES, name) || is_one_of(OUTER_NAMES, name);
        is_one_of(LIST_NAMES, last) && outer.iter().all(is_outer)
    }
}

fn is_one_of(names: &[&str], name: &[u8]) -> bool {
    let name = normalise_name(name);
    names.iter().any(|other| other.as_bytes() == name)
}

fn normalise_name(name: &[u8]) -> Vec<u8> {
    let letters = name.iter().filter(|byte| !matches!(byte, b'_' | b'-' | b'@' | b' '));
    letters.map(u8::to_ascii_lowercase).collect()
}

/// The lists in the bytes of an object, which may be cut off.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "these are findings, not states")]
pub(super) struct Survey {
    /// Whether it wraps lists of objects, unless it is a record: the lists may also be those of an article. Of an answer
    /// without results the lists are empty.
    pub(super) has_lists: bool,
    /// Whether it has names that a record may have, but few answers.
    pub(super) has_identity: bool,
    /// Where the object ends; none if it is cut off.
    pub(super) end: Option<usize>,
    /// Whether it is cut off in a list of records.
    pub(super) is_in_list: bool,
    /// Whether it is cut off in a string.
    pub(super) is_in_string: bool,
}

/// Looks for lists of records in the bytes of an object.
pub(super) fn survey(object: &[u8]) -> Survey {
    let mut walk = ListWalk::default();
    let mut at = 0;
    let cut_off = loop {
        let (walked, event) = walk.advance(&object[at..]);
        at += walked;
        match event {
            None => break Some((false, walk.string.is_some())),
            Some(WalkEvent::End) => break None,
            Some(WalkEvent::List) => {
                let mut list = Nesting::opened();
                match list.end_in(&object[at..]) {
                    Some(length) => at += length,
                    None => break Some((true, list.is_in_string())),
                }
            }
        }
    };
    let (is_in_list, is_in_string) = cut_off.unwrap_or((false, false));
    Survey {
        has_lists: walk.found.lists > 0 || (walk.found.empty_lists > 0 && !walk.found.has_identity),
        has_identity: walk.found.has_identity,
        end: cut_off.is_none().then_some(at),
        // A list without an element yet counts too: `{"articles": [` may be a whole line.
        is_in_list: is_in_list || walk.list_begins,
        is_in_string,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_lists(object: &str) -> bool {
        survey(object.as_bytes()).has_lists
    }

    #[test]
    fn lists_of_objects_are_found_where_answers_have_them() {
        for object in [
            r#"{"articles": [{"id": 1}]}"#,
            r#"{"status": "ok", "totalResults": 1, "Articles": [{"text": "Dam reopens."}]}"#,
            r#"{"hits": {"total": {"value": 9}, "hits": [ {"_source": {}} ]}}"#,
            r#"{"response": {"status": "ok", "results": [{"id": 1}]}, "copyright": "A notice."}"#,
            r#"{"responseHeader": {"params": {"q": "*:*"}}, "response": {"docs": [{}]}}"#,
            r#"{"articles": {"results": [{"uri": "1"}], "page": 1}}"#,
            r#"{"data": {"search": {"items": [{"uri": "1"}]}}}"#,
            r#"{"_items": [{"guid": "urn:x"}], "_links": {"self": {"title": "search"}}}"#,
            r#"{"rss": {"channel": {"title": "News", "item": [{"title": "Dam"}]}}}"#,
            r#"{"version": "https://jsonfeed.org/version/1.1", "title": "A feed", "items": [{"id": "1"}]}"#,
            r#"{"@odata.context": "x", "value": [{"id": 1}]}"#,
            r#"{"list": ["data", "items", [{}]], "news": [{"id": 1}]}"#,
            r#"{"result": {"data": {"list": [{"id": 1}]}}}"#,
            r#"{"message": {"text": "OK"}, "posts": [{"id": 1}]}"#,
            r#"{"status": "ok", "articles": []}"#,
        ] {
            assert!(has_lists(object), "{object}");
            assert_eq!(survey(object.as_bytes()).end, Some(object.len()), "{object}");
        }
    }

    #[test]
    fn lists_of_objects_next_to_those_of_the_records_are_named() {
        let object = r#"{"Featured_News": [{"id": 1}], "tags": ["a"], "page": {"ads": [ {}, {} ]},
            "articles": [{"authors": [{}]}], "empty": []}"#;
        let mut walk = ListWalk::default();
        let (list, event) = walk.advance(object.as_bytes());
        assert_eq!(event, Some(WalkEvent::List));
        let behind = list + Nesting::opened().end_in(&object.as_bytes()[list..]).expect("an end");
        assert_eq!(walk.advance(&object.as_bytes()[behind..]).1, Some(WalkEvent::End));
        assert_eq!(walk.other_lists().collect::<Vec<_>>(), ["Featured_News", "ads"]);
    }

    #[test]
    fn other_lists_are_not_those_of_an_answer() {
        for object in [
            r#"{"uri": "urn:x", "items": []}"#,
            r#"{"uri": "urn:x", "tags": [{"name": "dam"}]}"#,
            r#"{"articles": ["urn:x", "urn:y"]}"#,
            r#"{"topics": {"articles": [{"id": 1}]}}"#,
            r#"{"text": [{"articles": [{"id": 1}]}]}"#,
            r#"{"note": "\"articles\": [{}]"}"#,
            "{}",
        ] {
            assert!(!has_lists(object), "{object}");
        }
    }

    #[test]
    fn an_object_that_is_cut_off_is_surveyed_as_far_as_it_goes() {
        let object = r#"{"status": "ok", "articles": [{"id": "1", "text": "Dam"}, {"id": "2"}]}"#;
        let list = object.find('[').expect("a list");
        for end in 1..object.len() {
            let survey = survey(&object.as_bytes()[..end]);
            assert_eq!(survey.end, None);
            assert_eq!(survey.has_lists, end > list + 1, "{}", &object[..end]);
            assert_eq!(survey.is_in_list, end > list && end < object.len() - 1, "{}", &object[..end]);
            let quotes = object[..end].matches('"').count();
            assert_eq!(survey.is_in_string, quotes % 2 == 1, "{}", &object[..end]);
        }
    }

    #[test]
    fn brackets_without_end_take_no_memory() {
        for bytes in ["{\"a\":".repeat(100_000), format!("{{{}", "[".repeat(100_000)), "{".repeat(100_000)] {
            let mut walk = ListWalk::default();
            walk.advance(bytes.as_bytes());
            assert!(walk.path.len() <= OBJECT_DEPTH_MAX);
        }
    }
}
