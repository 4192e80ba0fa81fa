//! The words in dates: names of months and weekdays, and what stands around them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

/// The table, in the program. A test reads it.
const TABLE: &str = include_str!("words.toml");

static VOCABULARY: LazyLock<BTreeMap<String, Meaning>> = LazyLock::new(|| vocabulary(TABLE));

/// A role that a word can have in a date. The names are those of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    Filler,
    Label,
    Published,
    Change,
    Relative,
    Joint,
    Ordinal,
    AfterYear,
    Year,
    Month,
    Day,
    MonthPrefix,
    YearPrefix,
    Hour,
    Minute,
    Second,
    ClockBefore,
    ClockAfter,
    BeforePart,
    DayFirstOnly,
    MarkedWeekday,
}

/// A part of the day: the hours from and to which its name is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct PartOfDay {
    from: i8,
    to: i8,
    #[serde(default)]
    no_twelve: bool,
}

impl PartOfDay {
    /// The hour from 0 to 23 that is meant by this one as it was written. None if none or several may be.
    pub(super) fn hour(self, written: i8) -> Option<i8> {
        let other = match written {
            0..=11 => Some(written + 12),
            12 => Some(0),
            _ => None,
        };
        let has = |hour: &i8| (self.from..=self.to).contains(hour);
        match (Some(written).filter(has), other.filter(has)) {
            _ if self.no_twelve && written == 12 => None,
            (Some(hour), None) | (None, Some(hour)) => Some(hour),
            _ => None,
        }
    }
}

/// All that a word can mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The month of this name, from 1 on.
    pub(super) month: Option<i8>,
    /// The weekdays of this name: bit 0 is Monday.
    pub(super) weekdays: u8,
    /// The part of the day, if it stands right before a time.
    pub(super) part_before: Option<PartOfDay>,
    /// The part of the day, if it stands right after a time.
    pub(super) part_after: Option<PartOfDay>,
    roles: u32,
}

impl Meaning {
    /// The name of a month and nothing else.
    pub(super) fn of_month(month: i8) -> Self {
        Self { month: Some(month), ..Self::default() }
    }

    /// Whether the word can have this role.
    pub(super) fn is(self, role: Role) -> bool {
        self.roles & (1 << role as u32) != 0
    }
}

/// The meaning of a word in [`folded`] letters.
pub(super) fn meaning(word: &str) -> Option<Meaning> {
    VOCABULARY.get(word).copied()
}

/// The text in lower case, without accents and vowel marks, with one letter for the variants of a letter.
pub(super) fn folded(text: &str) -> String {
    text.nfkd().filter_map(plain_letter).flat_map(char::to_lowercase).nfkd().filter_map(plain_letter).collect()
}

/// None for a character that is skipped.
fn plain_letter(character: char) -> Option<char> {
    match character {
        // Accents; marks of Hebrew and Arabic; the Arabic stretching line; characters without a width.
        '\u{300}'..='\u{36F}'
        | '\u{591}'..='\u{5C7}'
        | '\u{64B}'..='\u{65F}'
        | '\u{670}'
        | '\u{640}'
        | '\u{AD}'
        | '\u{61C}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}' => None,
        'ı' => Some('i'),
        'ς' => Some('σ'),
        'ی' | 'ى' => Some('ي'),
        'ک' => Some('ك'),
        'ة' | 'ہ' => Some('ه'),
        '\u{2010}' | '\u{2212}' => Some('-'),
        other => Some(other),
    }
}

#[derive(Debug, Default, Deserialize)]
struct Table {
    months: BTreeMap<String, Vec<String>>,
    weekdays: BTreeMap<String, Vec<String>>,
    parts_of_day: Vec<PartWords>,
    roles: BTreeMap<Role, String>,
}

#[derive(Debug, Deserialize)]
struct PartWords {
    hours: PartOfDay,
    #[serde(default)]
    anywhere: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    after: String,
}

fn names(list: &str) -> impl Iterator<Item = String> + '_ {
    list.split_whitespace().map(|name| folded(name).replace('_', " "))
}

fn vocabulary(table: &str) -> BTreeMap<String, Meaning> {
    let table: Table = toml::from_str(table).unwrap_or_default();
    let mut all: BTreeMap<String, Meaning> = BTreeMap::new();
    for (month, list) in table.months.values().flat_map(|months| (1..).zip(months)) {
        names(list).for_each(|name| all.entry(name).or_default().month = Some(month));
    }
    for (day, list) in table.weekdays.values().flat_map(|days| days.iter().enumerate()) {
        names(list).for_each(|name| all.entry(name).or_default().weekdays |= 1 << day);
    }
    for PartWords { hours, anywhere, before, after } in &table.parts_of_day {
        let (before, after) = (names(anywhere).chain(names(before)), names(anywhere).chain(names(after)));
        before.for_each(|name| all.entry(name).or_default().part_before = Some(*hours));
        after.for_each(|name| all.entry(name).or_default().part_after = Some(*hours));
    }
    for (role, list) in &table.roles {
        names(list).for_each(|name| all.entry(name).or_default().roles |= 1 << *role as u32);
    }
    all
}
