//! Recognises the format of a file by its first bytes.

use super::list_walk::survey;
use super::nesting::{Nesting, RECORD_SEPARATOR};
use super::opened_input::{OpenedInput, RecordTest};

/// How a file is split into records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileFormat {
    /// One record a line: NDJSON, and everything that is not recognised.
    Lines,
    /// JSON values: lists of records, objects that wrap such lists, or values that span lines.
    Values {
        /// The byte that ends each value, also one that is cut off, if there is one: a line feed or the separator of RFC 7464.
        boundary: Option<u8>,
    },
    /// XML documents.
    Xml,
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The length of the byte order mark with which `bytes` begin.
pub(super) fn mark_length(bytes: &[u8]) -> usize {
    if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 }
}

/// The format of a file. At most one value or line of it is looked at, and no more than a record may have.
pub(super) fn detect(input: &mut OpenedInput, is_record: &RecordTest) -> FileFormat {
    input.look_at(BYTE_ORDER_MARK.len());
    let is_blank = |byte: u8| byte.is_ascii_whitespace() || byte == RECORD_SEPARATOR;
    let mark = mark_length(input.seen());
    let Some(start) = find(input, mark, |byte| !is_blank(byte)) else { return FileFormat::Lines };
    let first = input.seen()[start];
    if input.seen()[mark..start].contains(&RECORD_SEPARATOR) {
        return FileFormat::Values { boundary: Some(RECORD_SEPARATOR) };
    }
    match first {
        b'<' => FileFormat::Xml,
        b'[' => {
            let end = find(input, start, |byte| byte == b'\n');
            let line = &input.seen()[start..end.unwrap_or(input.seen().len())];
            let closed = Nesting::default().end_in(line);
            values(closed.is_some_and(|closed| line[closed..].trim_ascii().is_empty()))
        }
        b'{' => object(input, start, is_record),
        _ => FileFormat::Lines,
    }
}

fn values(one_per_line: bool) -> FileFormat {
    FileFormat::Values { boundary: one_per_line.then_some(b'\n') }
}

/// The format of a file that begins with an object.
fn object(input: &mut OpenedInput, start: usize, is_record: &RecordTest) -> FileFormat {
    let line_feed = find(input, start, |byte| byte == b'\n');
    let next = line_feed.and_then(|end| find(input, end, |byte| !byte.is_ascii_whitespace()));
    let next = next.map(|at| input.seen()[at]);
    let line = &input.seen()[start..line_feed.unwrap_or(input.seen().len())];
    let survey = survey(line);
    let next_is_value = matches!(next, Some(b'{' | b'['));
    // A bracket is missing in one of the records of an answer, or in a record with a list.
    let is_broken_answer = survey.has_lists && !(next_is_value && survey.has_identity);
    if let Some(end) = survey.end {
        // Objects behind each other, with a comma or without.
        return match line[end..].trim_ascii() {
            [] if survey.has_lists && !is_record(&line[..end]) => values(true),
            [b'{', ..] | [b','] => values(false),
            [b',', rest @ ..] if rest.trim_ascii_start().starts_with(b"{") => values(false),
            [_, ..] if is_broken_answer && !is_record(&line[..end]) => values(next_is_value),
            _ => FileFormat::Lines,
        };
    }
    if survey.is_in_list {
        // No string spans lines: one that is open is cut off, and the next line is another answer.
        return values(survey.is_in_string && next_is_value);
    }
    if is_broken_answer {
        return values(next_is_value);
    }
    let is_broken_line =
        survey.is_in_string || next.is_none() || (next_is_value && !line.trim_ascii_end().ends_with(b":"));
    if is_broken_line { FileFormat::Lines } else { values(false) }
}

/// The place of the first byte from `from` on that `is_wanted`, among those that may be looked at.
fn find(input: &mut OpenedInput, mut from: usize, is_wanted: impl Fn(u8) -> bool) -> Option<usize> {
    loop {
        if let Some(at) = input.seen()[from..].iter().position(|&byte| is_wanted(byte)) {
            return Some(from + at);
        }
        from = input.seen().len();
        if !input.look() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use crate::article::RAW_RECORD_BYTES_MAX;
    use crate::files::input::opened_input::no_test;

    fn detected(bytes: &[u8]) -> FileFormat {
        let formats = [1, 7, 1 << 17].map(|capacity| {
            let reader = BufReader::with_capacity(capacity, std::io::Cursor::new(bytes.to_vec()));
            detect(&mut OpenedInput::new(Box::new(reader)), &no_test())
        });
        assert!(formats.iter().all(|format| *format == formats[0]), "{formats:?}");
        formats[0]
    }

    #[test]
    fn the_format_is_that_of_the_first_bytes() {
        use FileFormat::{Lines, Values, Xml};
        let values = Values { boundary: None };
        let one_per_line = Values { boundary: Some(b'\n') };
        let sequence = Values { boundary: Some(RECORD_SEPARATOR) };
        for (bytes, expected) in [
            ("", Lines),
            ("\n \n", Lines),
            ("id,text\n", Lines),
            ("{\"id\":1}\n{\"id\":2}\n", Lines),
            ("\u{FEFF}\n{\"id\":1}\n{\"id\":2}\n", Lines),
            ("{\"id\":1}", Lines),
            ("{\"id\":1} x\n", Lines),
            ("{\"id\":1", Lines),
            ("{\"id\":1\n", Lines),
            ("{\"id\": \"cut\n{\"id\":2}\n", Lines),
            ("{\"id\": 1,\n{\"id\":2}\n", Lines),
            ("{\"id\": \"cut\n\"id\"", Lines),
            ("[", values),
            (" \n\u{FEFF}[", Lines),
            ("\u{FEFF} \n[{\"id\":1},\n{\"id\":2}]", values),
            ("[{\"id\":1}]\n[{\"id\":2}]\n", one_per_line),
            ("{\n  \"id\": 1\n}\n{\n  \"id\": 2\n}\n", values),
            ("{\"id\": 1,\n\"text\": 2}\n", values),
            ("{\"id\":\n[1]}\n", values),
            ("{}{}", values),
            ("{\"id\":1},\n{\"id\":2}\n", values),
            ("{\"id\":1}, {\"id\":2}\n", values),
            ("\x1E{\"id\":1}\n\x1E{\"id\":2}\n", sequence),
            ("{\"articles\":[{\"id\":1}]}\n{\"articles\":[{\"id\":2}]}\n", one_per_line),
            ("{\"articles\":[]}\n{\"articles\":[{\"id\":2}]}\n", one_per_line),
            ("{\"articles\":[\n{\"id\":1},\n{\"id\":2}\n]}\n", values),
            ("{\"articles\":[{\"id\":1},\n{\"id\":2}]}\n", values),
            ("{\"articles\":[{\"id\":\"cut\n{\"articles\":[{\"id\":2}]}\n", one_per_line),
            ("{\"articles\":[{\"id\":1},{\"id\":2,{\"id\":3}]}", values),
            ("{\"articles\":[{\"id\":1,{\"id\":2}]}\n{\"articles\":[{\"id\":3}]}\n", one_per_line),
            ("{\"articles\":[{\"id\":1},\"id\":2},{\"id\":3}],\"page\":1}", values),
            ("{\"id\":1,\"items\":[{\"a\":1}],\"text\":\"cut\n{\"id\":2,\"items\":[]}\n", Lines),
            ("<nitf/>", Xml),
            ("\u{FEFF}\r\n<?xml version=\"1.0\"?>", Xml),
        ] {
            assert_eq!(detected(bytes.as_bytes()), expected, "{bytes}");
        }
    }

    #[test]
    fn no_more_than_a_record_is_looked_at() {
        let line = format!("{{\"text\": \"{}\"}}\n", "x".repeat(2 * RAW_RECORD_BYTES_MAX));
        assert_eq!(detected(line.as_bytes()), FileFormat::Lines);
        let wrapper = format!("{{\"items\": [{}{{}}]}}", "{\"id\":1},".repeat(RAW_RECORD_BYTES_MAX / 8));
        assert_eq!(detected(wrapper.as_bytes()), FileFormat::Values { boundary: None });
        assert_eq!(detected(&vec![b' '; 3 * RAW_RECORD_BYTES_MAX]), FileFormat::Lines);
    }
}
