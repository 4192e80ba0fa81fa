//! RFC 2822 with a four-digit year and an offset, by jiff. The other variants are read as written dates.

use jiff::fmt::rfc2822::DateTimeParser;

use super::outcome::{DateFormat, ReadDate};
use super::zones;

/// Some feeds name the wrong weekday, but mean the date.
const PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);

/// Reads a date such as `Fri, 5 Jan 2024 10:00:00 +0000`.
pub(super) fn rfc_2822(text: &str) -> Option<ReadDate> {
    let is_plain = text.ends_with("GMT") || text.as_bytes().last().is_some_and(u8::is_ascii_digit);
    let is_year = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain || !text.split(' ').any(is_year) {
        return None;
    }
    let zoned = PARSER.parse_zoned_datetime(text).ok()?;
    if !zones::is_offset(zoned.offset()) {
        return None;
    }
    ReadDate::at(zoned.date(), zoned.timestamp(), DateFormat::Rfc2822).ok()
}
