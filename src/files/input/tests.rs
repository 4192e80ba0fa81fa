//! Files of every format to records.

use std::io::{BufReader, Cursor, Read, Write};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::opened_input::OpenedInput;
use super::raw_record::RECORD_PREFIX_BYTES;
use super::*;
use crate::article::RAW_RECORD_BYTES_MAX;

mod damage;

/// The records of a file that is read in pieces of at most `capacity` bytes, and the error at its end.
fn split_by(reader: impl Read + Send + 'static, capacity: usize) -> (Vec<RawRecord>, Option<FileError>) {
    let mut records = Records::new(Vec::new());
    let input = OpenedInput::new(Box::new(BufReader::with_capacity(capacity, reader)));
    if let Err(error) = records.begin("file".into(), input) {
        return (Vec::new(), Some(error));
    }
    let (mut split, mut failed) = (Vec::new(), None);
    for record in records.by_ref() {
        assert!(failed.is_none(), "an error is the end of a file");
        match record {
            Ok(record) => split.push(record),
            Err(error) => failed = Some(error),
        }
    }
    assert!(split.is_sorted_by(|a, b| a.raw.offset < b.raw.offset), "each record has its own position");
    assert_eq!(records.opened()[0].records, split.len() as u64);
    (split, failed)
}

fn split(bytes: impl Into<Vec<u8>>) -> (Vec<RawRecord>, Option<FileError>) {
    split_by(Cursor::new(bytes.into()), 1 << 17)
}

/// The records of a file that can be read to its end, as texts.
fn texts(bytes: impl Into<Vec<u8>>) -> Vec<String> {
    let (records, failed) = split(bytes);
    assert!(failed.is_none(), "{failed:?}");
    records.iter().map(|record| String::from_utf8_lossy(&record.bytes).into_owned()).collect()
}

fn records_of_files(files: &[&[u8]]) -> Vec<Result<RawRecord, FileError>> {
    let directory = tempfile::tempdir().expect("a directory");
    let paths = files.iter().enumerate().map(|(number, bytes)| {
        let path = directory.path().join(number.to_string());
        std::fs::write(&path, bytes).expect("written");
        path
    });
    Records::new(paths.collect()).collect()
}

#[test]
fn lines_are_numbered_from_0_and_blank_lines_are_counted_and_skipped() {
    let (lines, _) = split("a\n\n  \nb\r\nc");
    let seen: Vec<_> = lines.iter().map(|line| (line.raw.offset, &line.bytes[..])).collect();
    assert_eq!(seen, [(0, &b"a"[..]), (3, b"b\r"), (4, b"c")]);
    assert!(lines.iter().all(|line| line.unit == RecordUnit::Line));
    assert_eq!(lines.iter().map(|line| line.place().to_string()).collect::<Vec<_>>(), ["line 1", "line 4", "line 5"]);
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn values_of_other_formats_are_numbered_as_records_and_have_the_line_with_which_they_begin() {
    for (text, lines) in [
        ("[\n{\"id\":1},\n\n{\"id\":2}]", [2, 4]),
        ("{\n\"id\":1\n}\n{\n\"id\":2\n}\n", [1, 4]),
        ("\u{FEFF}{\"id\":1}, {\n\"id\":2\n}\n", [1, 1]),
        ("{\"status\":\"ok\",\n\"articles\":[\n{\"id\":1},\n{\"id\":2}\n]}\n", [3, 4]),
        ("{\"articles\":[{\"id\":1}]}\n\n{\"articles\":[{\"id\":2}]}\n", [1, 3]),
        ("\x1E{\n\"id\":1}\n\x1E{\n\"id\":2}", [1, 3]),
    ] {
        for capacity in [1, 7, 4096] {
            let (records, _) = split_by(Cursor::new(text.as_bytes().to_vec()), capacity);
            let seen: Vec<_> = records.iter().map(|record| (record.raw.offset, record.unit, record.number)).collect();
            assert_eq!(seen, [(0, RecordUnit::Record, 1), (1, RecordUnit::Record, 2)], "{text}");
            assert_eq!(records.iter().map(|record| record.line).collect::<Vec<_>>(), lines, "{text}");
            assert_eq!(records[1].place().to_string(), format!("record 2 (line {})", lines[1]));
        }
    }
}

#[test]
fn compressed_files_are_recognised_by_their_content() {
    for text in ["{\"n\":0}\n{\"n\":1}\n", "[{\"n\":0},{\"n\":1}]", "{\"data\":[{\"n\":0},{\"n\":1}]}"] {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).expect("compressed");
        let zstd = zstd::encode_all(text.as_bytes(), 1).expect("compressed");
        for bytes in [gzip.finish().expect("compressed"), zstd] {
            let records: Result<Vec<_>, _> = records_of_files(&[&bytes]).into_iter().collect();
            let texts: Vec<_> = records.expect("read").into_iter().map(|record| record.bytes).collect();
            assert_eq!(texts, [b"{\"n\":0}", b"{\"n\":1}"], "{text}");
        }
    }
}

#[test]
fn each_format_gives_its_records() {
    let (one, two) = (r#"{"id":1,"text":"[\"}{"}"#, r#"{"id":2}"#);
    for text in [
        format!("{one}\n{two}\n"),
        format!("\u{FEFF}[{one},{two}]"),
        format!("[{one}]\n[{two}]\n"),
        format!("[{one},\n{two},\n]"),
        format!("{one}{two}"),
        format!("{one},\n{two},\n"),
        format!("\x1E{one}\n\x1E{two}\n"),
        format!("{{\"status\":\"ok\",\"articles\":[{one},{two}],\"page\":{{\"items\":[]}}}}"),
        format!("{{\"Results\":[{one}]}}\n{{\"Results\":[{two}]}}\n"),
        format!("{{\"hits\":{{\"total\":2,\"hits\":[{one},{two}]}}}}"),
        format!("{{\"response\":{{\"docs\":[{one}, {two}]}}}}\n"),
        format!("{{\"articles\":[\n{one},\n{two}\n]}}\n"),
        format!("{{\"articles\":[{one}],\"news\":[{two}]}}\n"),
        format!("[{{\"articles\":[{one}]}},{{\"articles\":[]}},{{\"articles\":[{two}]}}]"),
        format!("{{\n \"posts\": [{one}]\n}}\n{{\n \"posts\": [{two}]\n}}"),
    ] {
        assert_eq!(texts(&*text), [one, two], "{text}");
    }
    assert_eq!(texts("{\n \"id\": 1\n}\n{\n \"id\": 2\n}\n"), ["{\n \"id\": 1\n}", "{\n \"id\": 2\n}"]);
    assert_eq!(texts("\u{FEFF}\n<nitf>\n</nitf>\n"), ["<nitf>\n</nitf>"]);
    assert_eq!(texts("<newsMessage><itemSet><newsItem/><newsItem/></itemSet></newsMessage>").len(), 2);
}

#[test]
fn a_file_without_records_gives_none() {
    for text in ["", "\n", " \n\r\n", "[]", "[\n]\n", "{\"articles\": []}", "\u{FEFF}[ ]"] {
        assert_eq!(texts(text), [""; 0], "{text:?}");
    }
}

#[test]
fn records_inside_a_wrapper_are_not_split_again() {
    let record = r#"{"id":1,"items":[{"id":2}]}"#;
    assert_eq!(texts(format!("{{\"articles\":[{record}]}}")), [record]);
    assert_eq!(texts(format!("[[{record}],1,\"two\",null]")), [&format!("[{record}]"), "1", "\"two\"", "null"]);
}

#[test]
fn what_is_no_value_is_a_record_of_its_own() {
    assert_eq!(texts("[{\"id\":1}}, nonsense {\"id\":2}]] x"), ["{\"id\":1}", "}", "nonsense", "{\"id\":2}", "]", "x"]);
}

#[test]
fn only_a_prefix_of_a_record_that_is_too_long_is_kept() {
    let long = format!("{{\"text\":\"{}\"}}", "x".repeat(RAW_RECORD_BYTES_MAX));
    let next = "{\"id\":2}";
    for text in [
        format!("{{}}\n{long}\n{next}\n"),
        format!("[{{}},{long},{next}]"),
        format!("{{\"articles\":[{{}},{long},{next}],\"page\":1}}"),
        format!("{{\n}}\n{long}\n{next}\n"),
    ] {
        let (records, failed) = split(text);
        assert!(failed.is_none(), "{failed:?}");
        let lengths: Vec<_> = records.iter().map(|record| (record.bytes.len(), record.length)).collect();
        assert_eq!(lengths[1..], [(RECORD_PREFIX_BYTES, long.len() as u64), (next.len(), next.len() as u64)]);
        assert!(records[1].bytes.capacity() < 2 * RECORD_PREFIX_BYTES, "the memory of the rest is released");
    }
}

#[test]
fn a_line_of_exactly_the_largest_size_is_whole() {
    let line = format!("{{\"text\":\"{}\"}}", "x".repeat(RAW_RECORD_BYTES_MAX - 11));
    assert_eq!(line.len(), RAW_RECORD_BYTES_MAX);
    assert_eq!(texts(format!("{line}\n")), [line.as_str()]);
}

#[test]
fn a_wrapper_larger_than_a_record_is_read_element_by_element() {
    let count = RAW_RECORD_BYTES_MAX / 1000;
    let elements: Vec<String> =
        (0..2 * count).map(|n| json!({ "n": n, "text": "x".repeat(1000) }).to_string()).collect();
    let list = elements.join(", ");
    for text in [
        format!("{{\"status\": \"ok\", \"articles\": [{list}], \"page\": 1}}\n{{\"articles\": [{{\"n\": 0}}]}}"),
        format!("{{\n \"data\": {{\n \"items\": [\n{list}\n]}} }}\n{{\n\"n\": 0}}"),
        format!("[{{\"items\": [{list}]}}, {{}}]"),
    ] {
        let (records, failed) = split(text);
        assert!(failed.is_none(), "{failed:?}");
        assert_eq!(records.len(), elements.len() + 1);
        assert!(records.iter().zip(&elements).all(|(record, element)| record.bytes == element.as_bytes()));
    }
}

#[test]
fn hostile_nesting_ends_in_bounded_time() {
    for text in [
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000)),
        "]".repeat(100_000),
        "[{".repeat(100_000),
        "{\"articles\":[".repeat(100_000),
        "[\"".repeat(100_000),
        "{\"articles\":[{}]}".repeat(50_000),
        format!("[{}", "{\"data\":[".repeat(50_000)),
    ] {
        let (records, _) = split(text.clone());
        assert!(records.iter().map(|record| record.length).sum::<u64>() <= text.len() as u64);
    }
}

#[test]
fn an_xml_file_above_the_bound_is_an_error_that_says_so() {
    let text = format!("<nitf>{}", "x".repeat(64 << 20));
    let (records, failed) = split(text);
    assert_eq!(records, []);
    assert_eq!(
        failed.expect("an error").to_string(),
        "cannot read file: it is XML of more than 64 MiB, which is read as a whole; split it"
    );
}

#[test]
fn the_error_names_a_file_that_does_not_exist() {
    let error = Records::new(vec!["no/such/file.ndjson".into()]).next().expect("an answer").expect_err("an error");
    assert!(error.to_string().contains("no/such/file.ndjson"), "{error}");
}

#[test]
fn files_that_cannot_be_opened_are_all_named() {
    let names = ["Cargo.toml", "no/such/a", "-", "src", "no/such/b"].map(Into::into);
    let errors = check_files(&names).expect_err("errors");
    let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(messages.len(), 3);
    for (message, name) in messages.iter().zip(["no/such/a", "src", "no/such/b"]) {
        assert!(message.starts_with(&format!("cannot open {name}: ")), "{message}");
    }
}

#[test]
fn lines_are_lines_whatever_they_contain() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("table");
    std::fs::write(&path, "[a\n\nb]\n").expect("written");
    assert_eq!(Lines::numbered(&path).expect("read"), [(1, b"[a".to_vec()), (3, b"b]".to_vec())]);
}

/// How a list of values is written to a file.
#[derive(Debug, Clone, Copy)]
enum Layout {
    Lines,
    Array,
    ArrayLines,
    PrettyArray,
    Wrapper,
    WrapperLines,
    PrettyWrapper,
    NestedWrapper,
    Pages,
    PrettyPages,
    PrettyValues,
    Concatenated,
    Sequence,
}

const LAYOUTS: [Layout; 13] = [
    Layout::Lines,
    Layout::Array,
    Layout::ArrayLines,
    Layout::PrettyArray,
    Layout::Wrapper,
    Layout::WrapperLines,
    Layout::PrettyWrapper,
    Layout::NestedWrapper,
    Layout::Pages,
    Layout::PrettyPages,
    Layout::PrettyValues,
    Layout::Concatenated,
    Layout::Sequence,
];

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON")
}

fn write(values: &[Value], layout: Layout) -> String {
    let join = |separator: &str| values.iter().map(Value::to_string).collect::<Vec<_>>().join(separator);
    let wrapper = |values: &[Value]| json!({ "status": "ok", "articles": values, "next": "x\\\"[{" });
    let pages = |write: &dyn Fn(&Value) -> String| {
        values.chunks(2).map(|page| write(&wrapper(page))).collect::<Vec<_>>().join("\n")
    };
    match layout {
        Layout::Lines => join("\n"),
        Layout::Array => json!(values).to_string(),
        Layout::ArrayLines => format!("[\n{}\n]\n", join(",\n")),
        Layout::PrettyArray => pretty(&json!(values)),
        Layout::Wrapper => wrapper(values).to_string(),
        Layout::WrapperLines => format!("{{\"data\":[\n{}\n]}}\n", join(",\r\n")),
        Layout::PrettyWrapper => pretty(&wrapper(values)),
        Layout::NestedWrapper => json!({ "hits": { "total": [1, {}], "hits": values }, "took": 1 }).to_string(),
        Layout::Pages => pages(&Value::to_string),
        Layout::PrettyPages => pages(&pretty),
        Layout::PrettyValues => values.iter().map(pretty).collect::<Vec<_>>().join("\n"),
        Layout::Concatenated => join(""),
        Layout::Sequence => {
            values.iter().flat_map(|value| ["\x1E".to_owned(), value.to_string(), "\n".into()]).collect()
        }
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a\"\\\\\\[\\]{},:é語\u{1F600}\n ]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            any_members(inner).prop_map(Value::Object),
        ]
    })
}

fn any_members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec(("[a-c\"\\\\{é]{0,3}", value), 0..4).prop_map(|members| members.into_iter().collect())
}

/// Objects that are not empty, as records are.
fn any_records() -> impl Strategy<Value = Vec<Value>> {
    let record = any_members(any_value()).prop_map(|mut members| {
        members.insert("n".into(), json!(1));
        Value::Object(members)
    });
    prop::collection::vec(record, 0..6)
}

fn parsed(records: &[RawRecord]) -> Vec<Value> {
    records.iter().map(|record| serde_json::from_slice(&record.bytes).expect("JSON")).collect()
}

proptest! {
    /// The splitters give back the values that were written, in whatever pieces a file is read.
    #[test]
    fn the_records_of_a_file_are_its_values(
        values in any_records(),
        layout in prop::sample::select(&LAYOUTS[..]),
        capacity in prop_oneof![1usize..40, Just(1 << 17)],
        mark in any::<bool>(),
    ) {
        let text = format!("{}{}", if mark { "\u{FEFF}" } else { "" }, write(&values, layout));
        let (records, failed) = split_by(Cursor::new(text.clone().into_bytes()), capacity);
        prop_assert!(failed.is_none(), "{:?}: {}", failed, text);
        prop_assert_eq!(parsed(&records), values, "{}", text);
        for record in &records {
            prop_assert_eq!(record.xxh3, xxhash_rust::xxh3::xxh3_64(&record.bytes));
            prop_assert_eq!(record.length, record.bytes.len() as u64);
        }
    }

    /// Elements of a list may be anything.
    #[test]
    fn the_elements_of_a_list_are_its_values(
        values in prop::collection::vec(any_value(), 0..6),
        is_pretty in any::<bool>(),
        capacity in 1usize..40,
    ) {
        let text = if is_pretty { pretty(&json!(values)) } else { json!(values).to_string() };
        let (records, failed) = split_by(Cursor::new(text.into_bytes()), capacity);
        prop_assert!(failed.is_none());
        prop_assert_eq!(parsed(&records), values);
    }

    /// A file that is cut off anywhere gives the values before the cut, and at most one record that is no JSON.
    #[test]
    fn a_file_that_is_cut_off_gives_the_values_before_the_cut(
        values in any_records(),
        layout in prop::sample::select(&LAYOUTS[1..8]),
        cut in any::<prop::sample::Index>(),
        capacity in 1usize..40,
    ) {
        let text = write(&values, layout).into_bytes();
        // The first line says which format it is.
        let first = text.iter().position(|&byte| byte == b'\n').unwrap_or_default();
        let cut = first + cut.index(text.len() - first);
        let whole: Vec<usize> = split(text.clone()).0.iter().map(|record| record.bytes.len()).collect();
        let (records, _) = split_by(Cursor::new(text[..cut].to_vec()), capacity);
        let is_json = |record: &&RawRecord| serde_json::from_slice::<Value>(&record.bytes).is_ok();
        let good = records.iter().take_while(is_json).count();
        prop_assert!(records.len() - good <= 1);
        prop_assert_eq!(&parsed(&records[..good]), &values[..good]);
        let bytes_before: usize = whole[..good].iter().sum();
        prop_assert!(bytes_before <= cut);
    }

    #[test]
    fn any_bytes_end_in_records_of_their_own(
        bytes in prop::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(&b"[]{}\",:\\ \nab1\x1E<"[..])], 0..200),
        capacity in 1usize..40,
    ) {
        let (records, _) = split_by(Cursor::new(bytes.clone()), capacity);
        prop_assert!(records.iter().map(|record| record.length).sum::<u64>() <= bytes.len() as u64 + 200);
        let (again, _) = split_by(Cursor::new(bytes), 1 << 17);
        prop_assert_eq!(records, again);
    }
}
