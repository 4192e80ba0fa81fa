//! The start or the end of a range, as it is typed.

use std::collections::BTreeMap;

use crate::record::Millis;

/// One end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangeBound {
    /// The first record that is kept.
    Earliest,
    /// The end of each partition when the replay is planned.
    Latest,
    /// The first record that is not older.
    Time(Millis),
    /// An offset, where there is one partition.
    Offset(i64),
    /// An offset of each partition.
    Offsets(BTreeMap<i32, i64>),
}

/// A text that is no start or end of a range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected {word}, a time such as 2026-03-01 or 2026-03-01T06:00:00Z, an offset where there is one partition, \
     or an offset of each partition: 0:1200,1:950"
)]
pub struct RangeBoundError {
    word: &'static str,
}

impl RangeBound {
    /// Parses the start of a range.
    pub fn from(text: &str) -> Result<Self, RangeBoundError> {
        Self::parse(text, "earliest", Self::Earliest)
    }

    /// Parses the end of a range, which is exclusive.
    pub fn to(text: &str) -> Result<Self, RangeBoundError> {
        Self::parse(text, "latest", Self::Latest)
    }

    fn parse(text: &str, word: &'static str, meaning: Self) -> Result<Self, RangeBoundError> {
        let text = text.trim();
        if text == word {
            return Ok(meaning);
        }
        let bound = offset(text).map(Self::Offset).or_else(|| offsets(text)).or_else(|| time(text).map(Self::Time));
        bound.ok_or(RangeBoundError { word })
    }
}

fn offset(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn offsets(text: &str) -> Option<RangeBound> {
    let mut offsets = BTreeMap::new();
    for part in text.split(',') {
        let (partition, at) = part.trim().split_once(':')?;
        let partition = i32::try_from(offset(partition)?).ok()?;
        if offsets.insert(partition, offset(at)?).is_some() {
            return None;
        }
    }
    Some(RangeBound::Offsets(offsets))
}

/// A point in time, or the beginning of a day in UTC.
fn time(text: &str) -> Option<Millis> {
    let day = || text.parse::<jiff::civil::Date>().ok().filter(|_| text.len() == "2026-03-01".len());
    let start = |day: jiff::civil::Date| jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok();
    let point = text.parse::<jiff::Timestamp>().ok().or_else(|| day().and_then(start))?;
    Some(Millis(point.as_millisecond())).filter(|time| time.0 >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let time = |millis| Ok(RangeBound::Time(Millis(millis)));
        assert_eq!(RangeBound::from("earliest"), Ok(RangeBound::Earliest));
        assert_eq!(RangeBound::to("latest"), Ok(RangeBound::Latest));
        assert_eq!(RangeBound::from("1970-01-02"), time(86_400_000));
        assert_eq!(RangeBound::from("1970-01-01T01:00:00+01:00"), time(0));
        assert_eq!(RangeBound::to(" 1970-01-01T00:00:00.250Z "), time(250));
        assert_eq!(RangeBound::from("1200"), Ok(RangeBound::Offset(1200)));
        assert_eq!(RangeBound::from("1:7, 0:5"), Ok(RangeBound::Offsets(BTreeMap::from([(0, 5), (1, 7)]))));
    }

    #[test]
    fn what_is_none_of_them_is_refused_with_what_is() {
        let strange = [
            "",
            "-1",
            "+1",
            "latest",
            "yesterday",
            "0:",
            ":5",
            "0:1,0:2",
            "0:1;1:2",
            "2026-02-30",
            "1969-12-31",
            "2026-03-01T06:00:00",
            "99999999999999999999",
            "9999999999:1",
            "0:-1",
        ];
        for text in strange {
            let refused = RangeBound::from(text);
            assert!(
                refused.as_ref().is_err_and(|error| error.to_string().starts_with("expected earliest,")),
                "{text:?}: {refused:?}"
            );
        }
        assert!(RangeBound::to("earliest").is_err());
    }
}
