//! Recognises files of other kinds that are certain by their first bytes: nothing of them is read.

use super::nesting::RECORD_SEPARATOR;
use crate::article::{is_binary, wide_encoding};

/// Compressed and binary files by their first bytes.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"\x1F\x8B", "it looks like gzip inside a compressed file: decompress it once more"),
    (b"\x28\xB5\x2F\xFD", "it looks like Zstandard inside a compressed file: decompress it once more"),
    (b"PK\x03\x04", "it looks like a zip archive or a document of an office program: unpack it"),
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
];

const PICKLE: &str = "it looks like a Python pickle: export its articles as NDJSON";

/// What to do with each of the wide encodings.
const WIDE_ENCODINGS: &[(&str, &str)] = &[
    ("UTF-16", "it looks like UTF-16: convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"),
    ("UTF-16LE", "it looks like UTF-16LE: convert it to UTF-8 (iconv -f UTF-16LE -t UTF-8)"),
    ("UTF-16BE", "it looks like UTF-16BE: convert it to UTF-8 (iconv -f UTF-16BE -t UTF-8)"),
    ("UTF-32", "it looks like UTF-32: convert it to UTF-8 (iconv -f UTF-32 -t UTF-8)"),
    ("UTF-32LE", "it looks like UTF-32LE: convert it to UTF-8 (iconv -f UTF-32LE -t UTF-8)"),
    ("UTF-32BE", "it looks like UTF-32BE: convert it to UTF-8 (iconv -f UTF-32BE -t UTF-8)"),
];

/// Where a tar archive has its mark.
const TAR_MARK: std::ops::Range<usize> = 257..262;

/// What a file is that cannot be read at all, and what to do with it. `start` has its first bytes.
pub(super) fn foreign_format(start: &[u8]) -> Option<&'static str> {
    if let Some((_, hint)) = SIGNATURES.iter().find(|(signature, _)| start.starts_with(signature)) {
        return Some(hint);
    }
    if let Some(encoding) = wide_encoding(start) {
        return WIDE_ENCODINGS.iter().find(|(name, _)| *name == encoding).map(|(_, hint)| *hint);
    }
    if start.get(TAR_MARK) == Some(b"ustar") {
        return Some("it looks like a tar archive: unpack it (tar -xO -f FILE | wirefold … -)");
    }
    if let Some([0x02 | 0x07, b'_', b'i', b'd', 0]) = start.get(4..9) {
        return Some("it looks like BSON: convert it to NDJSON (bsondump)");
    }
    if is_message_pack(start) {
        return Some("it looks like MessagePack: convert it to NDJSON");
    }
    let may_have_records = matches!(
        start.trim_ascii_start(),
        // Also behind the frame of a Schema Registry.
        [b'{' | b'[' | b'<' | RECORD_SEPARATOR, ..] | [0, _, _, _, _, b'{', ..]
    );
    (!may_have_records && is_binary(start)).then_some("it looks like a binary file, or is compressed in an unknown way")
}

/// Whether a map begins here whose first name is a short text, also in a list. No text in UTF-8 begins so.
fn is_message_pack(start: &[u8]) -> bool {
    let map = match start {
        [0x90..=0x9F, rest @ ..] | [0xDC, _, _, rest @ ..] | [0xDD, _, _, _, _, rest @ ..] => rest,
        _ => start,
    };
    let ([0x81..=0x8F, name @ ..] | [0xDE, _, _, name @ ..]) = map else { return false };
    let Some((&length @ 0xA1..=0xBF, name)) = name.split_first() else { return false };
    name.get(..usize::from(length & 0x1F)).is_some_and(|name| name.iter().all(u8::is_ascii_graphic))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn files_of_other_kinds_are_recognised() {
        for (start, expected) in [
            (&b"WARC/1.0\r\nWARC-Type: warcinfo"[..], "WARC"),
            (b"\x1F\x8B\x08\0", "gzip inside"),
            (b"\x28\xB5\x2F\xFD\x04", "Zstandard inside"),
            (b"PK\x03\x04\x14\0", "zip archive"),
            (b"BZh91AY&SY", "bzip2"),
            (b"\xFD7zXZ\0\0\x04", "xz"),
            (b"PAR1\x15\x04", "Parquet"),
            (b"Obj\x01\x04\x16avro.schema", "Avro"),
            (b"\xFF\xFE{\0\"\0", "iconv -f UTF-16 "),
            (b"{\0\"\0i\0d\0", "iconv -f UTF-16LE"),
            (b"\0{\0\"\0i", "iconv -f UTF-16BE"),
            (b"\xFF\xFE\0\0{\0\0\0", "iconv -f UTF-32 "),
            (b"\0\0\0{\0\0\0\"", "iconv -f UTF-32BE"),
            (b"\x9A\x01\0\0\x07_id\0abc", "BSON"),
            (b"\x82\xA2id\xA1a\xA4text\xA5hello", "MessagePack"),
            (b"\xDC\0\x02\x82\xA2id\xA1a", "MessagePack"),
            (b"\x01\x02\x03\0\0\0", "binary"),
            (b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", "binary"),
        ] {
            let found = foreign_format(start).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(start)));
            assert!(found.contains(expected), "{}: {found}", String::from_utf8_lossy(start));
        }
        let mut tar = b"articles.ndjson".to_vec();
        tar.resize(257, 0);
        tar.extend_from_slice(b"ustar\0");
        assert!(foreign_format(&tar).expect("a hint").contains("tar archive"));
    }

    #[test]
    fn files_that_may_have_records_are_not_foreign() {
        for start in [
            &b""[..],
            b"{\"id\": 1}",
            b"{\"a\":\"\0\0\0\0\"}",
            b"\xEF\xBB\xBF{}",
            b"\0\0\0\x01\x07{\"a\":1}",
            b"caf\xE9 {",
            b"id,text\n",
            b"\x1E{}",
        ] {
            assert_eq!(foreign_format(start), None, "{}", String::from_utf8_lossy(start));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_foreign_or_not(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            foreign_format(&bytes);
        }
    }
}
