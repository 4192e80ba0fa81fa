//! Versions of an article.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Millis;

/// The most numbers of a version such as `2.10.1`.
const NUMBERS_MAX: usize = 3;

/// The version of an article, as its publisher states it.
///
/// Only versions of one kind compare: a number says nothing about a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Version {
    /// A number: `3`.
    Number(i64),
    /// Numbers joined by dots: `2.10`, where a number that is missing counts as 0.
    Numbers([u32; NUMBERS_MAX]),
    /// The time of the version or of the last change.
    Time(Millis),
}

impl Version {
    /// Parses a number, or two or three numbers that are joined by dots; a `v` may stand before them.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        if let Ok(number) = text.parse() {
            return Some(Self::Number(number));
        }
        let mut numbers = [0; NUMBERS_MAX];
        let mut count = 0;
        for part in text.split('.') {
            *numbers.get_mut(count)? = part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())??;
            count += 1;
        }
        (count > 1).then_some(Self::Numbers(numbers))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(b)),
            (Self::Time(_), _) | (_, Self::Time(_)) => None,
            (a, b) => Some(a.numbers().cmp(&b.numbers())),
        }
    }
}

impl Version {
    /// The numbers of a version that is no time.
    fn numbers(&self) -> [i64; NUMBERS_MAX] {
        match *self {
            Self::Number(number) => [number, 0, 0],
            Self::Numbers(numbers) => numbers.map(i64::from),
            Self::Time(Millis(time)) => [time, 0, 0],
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Numbers([first, second, 0]) => write!(f, "{first}.{second}"),
            Self::Numbers([first, second, third]) => write!(f, "{first}.{second}.{third}"),
            Self::Time(time) => write!(f, "{time}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_numbers_compare_number_by_number() {
        let parse = |text: &str| Version::parse(text).expect(text);
        for ascending in [["1", "1.1"], ["1.9", "1.10"], ["1.10", "v2"], ["1.2.3", "1.3"], ["9", "10"], ["-1", "0"]] {
            assert_eq!(parse(ascending[0]).partial_cmp(&parse(ascending[1])), Some(Ordering::Less), "{ascending:?}");
        }
        assert_eq!(parse("2").partial_cmp(&parse("2.0.0")), Some(Ordering::Equal));
        for text in ["", "v", ".", "1.", ".1", "1..2", "1.2.3.4", "1.-2", "1.+2", "1.a", "1.99999999999", "a"] {
            assert_eq!(Version::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_time_compares_with_times_only() {
        let time = |ms| Version::Time(Millis(ms));
        assert_eq!(time(1).partial_cmp(&time(2)), Some(Ordering::Less));
        assert_eq!(time(1).partial_cmp(&Version::Number(2)), None);
        assert_eq!(size_of::<Option<Version>>(), 16);
    }
}
