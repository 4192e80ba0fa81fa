//! Files that are damaged, and files of other kinds.

use std::io::{Cursor, Read};

use serde_json::{Value, json};

use super::*;

#[test]
fn answers_on_lines_of_their_own_are_read_although_one_is_cut_off() {
    let whole = r#"{"articles":[{"id":1},{"id":2}]}"#;
    for cut in 15..whole.len() {
        let (records, failed) = split(format!("{whole}\n{}\n{whole}\n", &whole[..cut]));
        let message = failed.expect("an error").to_string();
        assert!(message.starts_with("file is damaged: the list of records is not closed after record "), "{message}");
        let ids = |id: &str| records.iter().filter(|record| record.bytes == id.as_bytes()).count();
        let before = whole[..cut].matches("{\"id\":1}").count();
        assert_eq!(
            (ids("{\"id\":1}"), ids("{\"id\":2}")),
            (2 + before, 2 + whole[..cut].matches("{\"id\":2}").count())
        );
    }
}

#[test]
fn a_list_that_is_not_closed_gives_its_records_and_then_an_error() {
    let text = r#"[{"id":1},{"id":2,"text":"x"}]"#;
    for (cut, whole, partial) in [(1, 0, 0), (9, 1, 0), (10, 1, 0), (11, 1, 1), (28, 1, 1), (29, 2, 0)] {
        let (records, failed) = split(&text[..cut]);
        assert_eq!(good_and_bad(&records), (whole, partial), "{}", &text[..cut]);
        let message = failed.expect("an error").to_string();
        let expected = match partial {
            0 => format!("the list of records is not closed after record {whole}; "),
            _ => format!("record {}, which begins in line 1, is not closed; ", whole + 1),
        };
        assert!(message.contains(&expected), "{message}");
    }
}

/// How many records are JSON, and how many are not.
fn good_and_bad(records: &[RawRecord]) -> (usize, usize) {
    let good = records.iter().filter(|record| serde_json::from_slice::<Value>(&record.bytes).is_ok()).count();
    (good, records.len() - good)
}

/// Five records in a layout, of which the third lacks one of its brackets or quotation marks: all that can be missing.
fn five_records_with_damage(layout: Layout) -> (Vec<Value>, Vec<String>) {
    let record = |id: u8| json!({ "id": id, "of": {"x": [{"y": 1}, {"y": 2}]}, "say": "the \"b\" [{", "text": "d" });
    let records: Vec<Value> = (1..=5).map(record).collect();
    let text = write(&records, layout);
    let ids: Vec<usize> = text.match_indices("\"id\"").map(|(at, _)| at).collect();
    let begin = |id: usize| text[..ids[id]].rfind('{').expect("an object");
    let (start, next) = (begin(2), begin(3));
    let end = start + text[start..next].rfind('}').expect("an end") + 1;
    let is_mark = |at: &usize| {
        let is_escaped = text[..*at].ends_with('\\');
        let is_text = text[*at..end].starts_with("[{\"");
        !is_escaped && !is_text && text[*at..].starts_with(['"', '[', ']', '{', '}']) && !text[..*at].ends_with(" [")
    };
    let damaged = (start..end).filter(is_mark).map(|at| format!("{}{}", &text[..at], &text[at + 1..]));
    (records, damaged.collect())
}

/// Which of these records were read.
fn ids_read(records: &[RawRecord]) -> Vec<u64> {
    let read = records.iter().filter_map(|record| serde_json::from_slice::<Value>(&record.bytes).ok());
    read.filter_map(|record| record.get("text").and(record["id"].as_u64())).collect()
}

#[test]
fn where_lines_or_separators_show_the_next_record_one_that_lacks_a_mark_costs_only_itself() {
    for layout in [
        Layout::Lines,
        Layout::ArrayLines,
        Layout::PrettyArray,
        Layout::WrapperLines,
        Layout::PrettyWrapper,
        Layout::PrettyValues,
        Layout::Sequence,
    ] {
        let (_, damaged) = five_records_with_damage(layout);
        assert!(damaged.len() > 20);
        for text in damaged {
            for capacity in [1, 13, 1 << 17] {
                let (records, failed) = split_by(Cursor::new(text.clone().into_bytes()), capacity);
                assert!(failed.is_none(), "{layout:?}: {failed:?}\n{text}");
                assert_eq!(ids_read(&records), [1, 2, 4, 5], "{layout:?}\n{text}");
            }
        }
    }
}

#[test]
fn where_nothing_shows_the_next_record_one_that_lacks_a_mark_is_an_error() {
    for layout in [Layout::Array, Layout::Wrapper, Layout::NestedWrapper, Layout::Concatenated] {
        for text in five_records_with_damage(layout).1 {
            let (records, failed) = split(text.clone());
            let ids = ids_read(&records);
            assert!(ids.starts_with(&[1, 2]), "{layout:?}: {ids:?}\n{text}");
            assert!(ids == [1, 2, 4, 5] || failed.is_some(), "{layout:?}: {ids:?}\n{text}");
        }
    }
}

#[test]
fn the_last_record_that_is_cut_off_is_given_and_then_an_error() {
    for (text, place) in [
        ("{\"id\":1}\n{\"id\":2,\"te", "line 2 is cut off"),
        ("{\n\"id\":1}\n{\"id\":", "record 2, which begins in line 3, is not closed"),
        ("{\"id\":1}{\"id\":\"", "record 2, which begins in line 1, is not closed"),
    ] {
        let (records, failed) = split(text);
        assert_eq!(good_and_bad(&records), (1, 1), "{text}");
        let message = failed.expect("an error").to_string();
        assert!(message.starts_with(&format!("file is damaged: {place}")), "{message}");
    }
    for text in ["{\"id\":1}\n{\"id\":2,\"te\n", "{\"id\":1}\n{\"id\":2} x", "{\"id\":1}\nx"] {
        assert!(split(text).1.is_none(), "{text}");
    }
}

#[test]
fn a_file_of_another_kind_is_refused_as_a_whole() {
    let mut tar = b"articles.ndjson".to_vec();
    tar.resize(257, 0);
    tar.extend_from_slice(b"ustar\0");
    tar.resize(512, 0);
    tar.extend_from_slice(b"{\"id\":1}\n{\"id\":2}\n");
    for (bytes, says) in
        [(tar, "tar archive"), (b"BZh91AY&SY\n\n".to_vec(), "bzip2"), (b"\xFF\xFE{\0\n\0".to_vec(), "UTF-16")]
    {
        for capacity in [1, 4096] {
            let (records, failed) = split_by(Cursor::new(bytes.clone()), capacity);
            assert_eq!(records, []);
            let message = failed.expect("an error").to_string();
            assert!(message.starts_with("cannot read file: it looks like ") && message.contains(says), "{message}");
        }
    }
}

#[test]
fn a_damaged_message_of_xml_gives_its_whole_items_and_the_error_of_one_that_is_cut_off() {
    let item = "<newsItem>\n<p>a</p></newsItem>\n";
    let (head, tail) = ("<newsMessage xmlns='urn:x'>\n<itemSet>\n", "</itemSet></newsMessage>\n");
    let (records, failed) = split(format!("{head}{item}<newsItem><p>a & b < c</p></newsItem>{item}{tail}"));
    assert!(failed.is_none() && records.len() == 3, "{failed:?}");
    assert_eq!(records.iter().map(|record| record.line).collect::<Vec<_>>(), [3, 5, 5]);
    let (records, failed) = split(format!("{head}{item}{item}<newsItem><p>"));
    assert_eq!(records.len(), 3);
    assert_eq!(
        failed.expect("an error").to_string(),
        "file is damaged: the XML is not closed after record 3; the file is cut off"
    );
    let (records, failed) = split_by(Damaged(Cursor::new(format!("{head}{item}{item}<newsItem><p>").into())), 4096);
    assert!(records.len() == 2 && failed.expect("an error").to_string().contains("beyond record 2: damaged"));
}

/// Bytes that end with an error.
struct Damaged(Cursor<Vec<u8>>);

impl Read for Damaged {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "damaged")),
            read => Ok(read),
        }
    }
}

#[test]
fn a_damaged_file_gives_what_comes_before_the_error() {
    for (text, expected) in [
        ("{\"n\":0}\n{\"n\":1}\n{\"n\":", 2),
        ("{\"n\":0", 0),
        ("[{\"n\":0},{\"n\":1},{\"n\":", 2),
        ("[{\"n\":0},{\"n\":1}", 2),
        ("{\"articles\":[{\"n\":0},{\"n\":1},{\"n\"", 2),
        ("{\n\"n\":0}\n{\n\"n\":1}\n{", 2),
        ("<nitf>", 0),
        ("", 0),
    ] {
        for capacity in [1, 5, 4096] {
            let (records, failed) = split_by(Damaged(Cursor::new(text.into())), capacity);
            assert_eq!(records.len(), expected, "{text}");
            assert!(failed.expect("an error").to_string().contains(": damaged"), "{text}");
        }
    }
}

#[test]
fn files_after_one_with_an_error_are_read() {
    let text: Vec<u8> = (0..50_000u32).flat_map(|i| format!("{i}\n").into_bytes()).collect();
    let mut bytes = zstd::encode_all(&text[..], 1).expect("compressed");
    bytes.truncate(bytes.len() / 2);
    let results = records_of_files(&[&bytes, b"a\nb\n"]);
    let failed: Vec<usize> = (0..results.len()).filter(|&at| results[at].is_err()).collect();
    assert_eq!(failed, [results.len() - 3]);
    assert!(failed[0] > 100, "{failed:?}");
}
