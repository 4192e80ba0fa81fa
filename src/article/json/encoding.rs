//! What bytes are that are not UTF-8.

/// How much is looked at.
const SAMPLE_BYTES: usize = 4 * 1024;

/// The share of control characters that no text has, in percent. Of random bytes they are a tenth.
const CONTROLS_PERCENT_MIN: usize = 2;

/// The encoding with two or four bytes a character that these bytes begin with, by the name that `iconv` knows. The byte
/// order is named where no byte order mark says it.
pub fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    let is_text = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    match *bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        [a, 0, 0, 0, b, 0, 0, 0, ..] if is_text(a) && is_text(b) => Some("UTF-32LE"),
        [0, 0, 0, a, 0, 0, 0, b, ..] if is_text(a) && is_text(b) => Some("UTF-32BE"),
        [a, 0, b, 0, ..] if is_text(a) && is_text(b) => Some("UTF-16LE"),
        [0, a, 0, b, ..] if is_text(a) && is_text(b) => Some("UTF-16BE"),
        _ => None,
    }
}

/// Whether these bytes are no text in any encoding: they have too many control characters.
pub fn is_binary(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let is_control = |byte: &&u8| matches!(byte, 0..=0x08 | 0x0E..=0x1A | 0x1C..=0x1D | 0x1F);
    sample.iter().filter(is_control).count() * 100 > sample.len() * CONTROLS_PERCENT_MIN
}

/// What to do with a record that is not UTF-8.
pub(super) fn remedy(bytes: &[u8]) -> String {
    if let Some(encoding) = wide_encoding(bytes) {
        return format!("it looks like {encoding}; convert it: iconv -f {encoding} -t UTF-8");
    }
    if is_binary(bytes) {
        return "it looks like binary data, not text".to_owned();
    }
    match xml_encoding(bytes) {
        Some(encoding) => format!("its XML declares {encoding}; convert it: iconv -f {encoding} -t UTF-8"),
        None => "convert it from the encoding that its source writes: iconv -f ENCODING -t UTF-8".to_owned(),
    }
}

/// The encoding in the declaration of an XML document.
fn xml_encoding(bytes: &[u8]) -> Option<&str> {
    let declaration = bytes.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = declaration.iter().position(|&byte| byte == b'>')?;
    let (_, rest) = str::from_utf8(&declaration[..end]).ok()?.split_once("encoding")?;
    let name =
        rest.trim_start().strip_prefix('=')?.trim_start().strip_prefix(['"', '\''])?.split(['"', '\'']).next()?;
    let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    Some(name).filter(is_name).filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_units(text: &str, mark: bool, write: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
        let mark = if mark { "\u{FEFF}" } else { "" };
        format!("{mark}{text}").chars().flat_map(|c| write(c.into())).collect()
    }

    #[test]
    fn wide_encodings_are_named_with_their_byte_order() {
        for text in ["{\"a\":1}", "<nitf/>", "id,text"] {
            for (mark, names) in [
                (true, ["UTF-16", "UTF-16", "UTF-32", "UTF-32"]),
                (false, ["UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"]),
            ] {
                let written = [
                    in_units(text, mark, |unit| (unit as u16).to_le_bytes().to_vec()),
                    in_units(text, mark, |unit| (unit as u16).to_be_bytes().to_vec()),
                    in_units(text, mark, |unit| unit.to_le_bytes().to_vec()),
                    in_units(text, mark, |unit| unit.to_be_bytes().to_vec()),
                ];
                assert_eq!(written.each_ref().map(|bytes| wide_encoding(bytes)), names.map(Some), "{text}");
            }
        }
        for other in
            [&b"{\"a\":1}"[..], b"\0\0\0\x01\x07{\"a\":1}", b"\0\0\0\0{\"\0", b"\x20\0\0\0\x02id\0", b"", b"\0"]
        {
            assert_eq!(wide_encoding(other), None, "{other:?}");
        }
    }

    #[test]
    fn binary_data_is_told_from_text_in_any_encoding() {
        let every_byte: Vec<u8> = (0..=255).collect();
        assert!(is_binary(&every_byte) && is_binary(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"));
        for text in [&b"caf\xE9, na\xEFve\r\n\t"[..], b"\xD0\xE5\xEA\xE0", "\u{1b}[1mbold\u{1b}[0m".as_bytes(), b""] {
            assert!(!is_binary(text), "{text:?}");
        }
    }

    #[test]
    fn the_remedy_names_an_encoding_only_where_it_is_certain() {
        for (bytes, says) in [
            (&b"{\"a\":\"caf\xE9\"}"[..], "iconv -f ENCODING"),
            (b"<?xml version='1.0' encoding = 'windows-1256' ?><nitf>\xE9", "iconv -f windows-1256"),
            (b"<?xml version='1.0' encoding='$(x)'?><nitf>\xE9", "iconv -f ENCODING"),
            (b"<?xml version='1.0' encoding='utf-8'?><nitf>\xE9", "iconv -f ENCODING"),
            (b"\x80\x01\x02\x03\xFF", "binary data"),
        ] {
            let remedy = remedy(bytes);
            assert!(remedy.contains(says), "{remedy}");
        }
    }
}
