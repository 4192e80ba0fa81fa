//! Dates in words and numerals, in any order.
//!
//! A text is read if it has one day, at most one time of day and one time zone, and nothing else but weekdays and words
//! that are known to change nothing. Every number must have its part. So a text that says more than a date is unread.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use super::clock::{ClockPlace, ClockStyle, DayHalf, WrittenTime, clock};
use super::day::{DayStep, DayStyle, WrittenDay, day};
use super::outcome::{DateFormat, DateOrder, ReadDate};
use super::tokens::{TokenKind, Tokens};
use super::words::{Meaning, Role};
use super::zones::{self, Abbreviation, Zone};

/// The last year that is read from digits of India. Nepal counts 57 years more, and writes such a year with them.
const INDIAN_DIGITS_YEAR_MAX: i16 = 2046;

/// Reads a text.
pub(super) fn written(text: &str, order: DateOrder) -> Option<ReadDate> {
    if !text.chars().any(char::is_numeric) {
        return None;
    }
    let tokens = Tokens::of(text);
    let mut parts = WrittenParts::default();
    let mut at = 0;
    while tokens.kind(at).is_some() {
        at = parts.step(&tokens, at, order)?;
    }
    let has_indian_digits = text.chars().any(|character| ('\u{966}'..='\u{96F}').contains(&character));
    let date = parts.date()?;
    if has_indian_digits && date.year() > INDIAN_DIGITS_YEAR_MAX { None } else { parts.read(date) }
}

/// An abbreviation of several time zones, or an impossible offset.
#[derive(Debug)]
struct UnclearZone;

/// What was found in a text so far.
#[derive(Debug, Default)]
struct WrittenParts {
    day: Option<WrittenDay>,
    /// Month and day, and no year yet.
    without_year: Option<(i8, i8)>,
    time: Option<WrittenTime>,
    time_start: usize,
    half: Option<DayHalf>,
    zones: Vec<Zone>,
    /// The place after the last zone, and whether it had an offset.
    zone_end: usize,
    has_offset: bool,
    /// The weekdays that all names allow.
    weekdays: Option<u8>,
    /// A weekday was named by a word that is also a month.
    has_doubtful_weekday: bool,
}

impl WrittenParts {
    /// Reads what stands here, and says where the next part begins. None if the text is no date.
    fn step(&mut self, tokens: &Tokens, at: usize, order: DateOrder) -> Option<usize> {
        match tokens.kind(at)? {
            TokenKind::Region(region) => Some(self.found_zone(Zone::Region(region.clone()), at + 1)),
            TokenKind::Number { .. } => self.number(tokens, at, order),
            TokenKind::Word { text, is_upper, meaning } => {
                // `2024-01-05T10:00:00 +01:00`
                let is_day_end = self.day.is_some_and(|day| day.end == at);
                if text == "t" && is_day_end && tokens.is_attached(at) && tokens.is_attached(at + 1) {
                    return tokens.number(at + 1).map(|_| at + 1);
                }
                if let Some(end) = self.zone_word(tokens, at, text, *is_upper).ok()? {
                    return Some(end);
                }
                let named = tokens.name(at).or((*meaning).map(|meaning| (meaning, at + 1)));
                let (meaning, end) = named?;
                self.word(tokens, at, order, meaning, end)
            }
            TokenKind::Mark(mark) => self.mark(tokens, at, *mark),
        }
    }

    fn number(&mut self, tokens: &Tokens, at: usize, order: DateOrder) -> Option<usize> {
        if let (Some((month, day)), Some(year)) = (self.without_year, tokens.digits(at, 4..=4))
            && self.day.is_none()
            && !tokens.is_inner_mark(at + 1, ':')
        {
            let (format, style) = (DateFormat::MonthName, DayStyle::Other);
            return self.found_day(WrittenDay { year, month, day, format, style, end: at + 1 });
        }
        match day(tokens, at, order) {
            DayStep::Found(day) => return self.found_day(day),
            DayStep::WithoutYear { month, day, end } => return self.found_without_year(month, day, end),
            DayStep::Ambiguous => return None,
            DayStep::Nothing => {}
        }
        let place = ClockPlace { is_after_day: self.day.is_some(), half: self.half.take() };
        let time = clock(tokens, at, place).ok()??;
        if self.time.is_some() {
            return None;
        }
        self.time = Some(time);
        self.time_start = at;
        Some(time.end)
    }

    /// A day may be written twice, as `2024-01-05 (5 January 2024)`, but not two days.
    fn found_day(&mut self, day: WrittenDay) -> Option<usize> {
        let is_same = |other: WrittenDay| (other.year, other.month, other.day) == (day.year, day.month, day.day);
        let is_completed = self.without_year.is_none_or(|without_year| without_year == (day.month, day.day));
        if !self.day.is_none_or(is_same) || !is_completed {
            return None;
        }
        self.day = Some(day);
        Some(day.end)
    }

    fn found_without_year(&mut self, month: i8, day: i8, end: usize) -> Option<usize> {
        if self.day.is_some() || self.without_year.is_some() {
            return None;
        }
        self.without_year = Some((month, day));
        Some(end)
    }

    fn found_zone(&mut self, zone: Zone, end: usize) -> usize {
        self.zones.push(zone);
        self.zone_end = end;
        end
    }

    /// An abbreviation, also with an offset: `UTC`, `GMT+1`, `EST`.
    fn zone_word(
        &mut self,
        tokens: &Tokens,
        at: usize,
        text: &str,
        is_upper: bool,
    ) -> Result<Option<usize>, UnclearZone> {
        let is_utc = ["utc", "gmt", "ut", "z"].contains(&text);
        if self.time.is_none() || !(is_utc || is_upper) {
            return Ok(None);
        }
        if is_utc {
            self.has_offset = true;
            if let Some((offset, end)) = offset(tokens, at + 1, 1) {
                return Ok(Some(self.found_zone(Zone::Fixed(offset), end)));
            }
            // `UTC+25`
            if ['+', '-'].iter().any(|mark| tokens.is_mark(at + 1, *mark) && tokens.is_attached(at + 2)) {
                return Err(UnclearZone);
            }
        }
        match zones::abbreviation(text) {
            Abbreviation::Known(zone) => Ok(Some(self.found_zone(zone, at + 1))),
            Abbreviation::Unknown => Ok(None),
            Abbreviation::Ambiguous if self.has_offset => Ok(Some(at + 1)),
            Abbreviation::Ambiguous if text == "cst" && self.is_rfc_2822(at) => {
                let central = zones::offset(-1, 6, 0).ok_or(UnclearZone)?;
                Ok(Some(self.found_zone(Zone::Fixed(central), at + 1)))
            }
            Abbreviation::Ambiguous => Err(UnclearZone),
        }
    }

    /// Whether all up to here was written as RFC 2822 has it.
    fn is_rfc_2822(&self, at: usize) -> bool {
        let (Some(day), Some(time)) = (self.day, self.time) else { return false };
        day.style == DayStyle::Mail
            && day.end == self.time_start
            && time.end == at
            && time.style == ClockStyle::Colons
            && !time.has_half
    }

    fn word(&mut self, tokens: &Tokens, at: usize, order: DateOrder, meaning: Meaning, end: usize) -> Option<usize> {
        if meaning.month.is_some() {
            match day(tokens, at, order) {
                DayStep::Found(day) => return self.found_day(day),
                DayStep::WithoutYear { month, day, end } => return self.found_without_year(month, day, end),
                DayStep::Ambiguous => return None,
                DayStep::Nothing => self.has_doubtful_weekday = true,
            }
        }
        let weekdays = meaning.weekdays | weekday_in_brackets(tokens, at, meaning);
        if weekdays != 0 {
            let both = weekdays & self.weekdays.unwrap_or(0x7F);
            self.weekdays = Some(both);
            return (both != 0).then_some(end);
        }
        let is_after_day = self.day.is_some_and(|day| day.end == at);
        let is_before_number = tokens.number(at + 1).is_some();
        let half = match () {
            () if meaning.is(Role::AmBefore) => Some(DayHalf::Am),
            () if meaning.is(Role::PmBefore) => Some(DayHalf::Pm),
            () => None,
        };
        if half.is_some() && self.half.is_none() && is_before_number {
            self.half = half;
            return Some(end);
        }
        if is_after_day && meaning.is(Role::AfterYear) {
            return Some(end);
        }
        // A letter after the time may be a zone of seamen or stand for `am`.
        let is_letter = tokens.word(at).is_some_and(|word| word.len() == 1);
        if is_letter && self.time.is_some() {
            return None;
        }
        // A letter at a number may be a unit.
        let is_at_number = at > 0 && tokens.is_attached(at) && tokens.number(at - 1).is_some();
        let is_filler = [Role::Filler, Role::Joint, Role::ClockBefore].iter().any(|role| meaning.is(*role));
        // After the day, `am` says something of the time.
        let is_half = self.day.is_some() && meaning.is(Role::Am);
        (is_filler && !is_at_number && !is_half).then_some(end)
    }

    fn mark(&mut self, tokens: &Tokens, at: usize, mark: char) -> Option<usize> {
        let is_day_end = self.day.is_some_and(|day| day.end == at);
        match mark {
            '+' | '-' if self.time.is_some() && !tokens.is_apart(at) => {
                let (offset, end) = offset(tokens, at, 2)?;
                // `10:00-11:00` and `10:00-11` are spans of time.
                let is_span = mark == '-' && self.time.is_some_and(|time| time.end == at && time.second.is_none());
                if is_span && tokens.is_attached(at) && tokens.digits(at + 1, 4..=4).is_none() {
                    return None;
                }
                self.has_offset = true;
                Some(self.found_zone(Zone::Fixed(offset), end))
            }
            '(' if self.has_offset && self.zone_end == at => self.comment(tokens, at),
            ',' | '.' | ';' | '|' | '•' | '·' | '،' | '؛' | '、' | '。' | '।' | '(' | ')' | '[' | ']' => {
                Some(at + 1)
            }
            '-' | '–' | '—' | '―' | '/' if tokens.is_apart(at) => Some(at + 1),
            // A label, or the form of Apache: `05/Jan/2024:10:00:00`.
            ':' if at > 0 && tokens.word(at - 1).is_some() => Some(at + 1),
            ':' | '_' if is_day_end && tokens.is_inner_mark(at, mark) => Some(at + 1),
            _ => None,
        }
    }

    /// A name of the time zone in brackets after an offset: `GMT+0100 (Central European Standard Time)`.
    fn comment(&mut self, tokens: &Tokens, start: usize) -> Option<usize> {
        let mut at = start + 1;
        while !tokens.is_mark(at, ')') {
            if !matches!(tokens.kind(at)?, TokenKind::Word { .. } | TokenKind::Mark('.' | '-')) {
                return None;
            }
            at += 1;
        }
        // A single abbreviation must agree with the offset.
        if at == start + 2
            && let Some(Abbreviation::Known(zone)) = tokens.word(start + 1).map(zones::abbreviation)
        {
            self.zones.push(zone);
        }
        Some(at + 1)
    }

    /// The day, if it is one of the calendar and the weekday agrees.
    fn date(&self) -> Option<Date> {
        let day = self.day?;
        let is_short_year = day.year < 100;
        // As in RFC 2822.
        let year = match day.year {
            short @ 0..50 => short + 2000,
            short @ 50..100 => short + 1900,
            full => full,
        };
        let date = Date::new(year, day.month, day.day).ok()?;
        let is_weekday = |weekdays: u8| weekdays & (1 << date.weekday().to_monday_zero_offset()) != 0;
        let agrees = self.weekdays.map(is_weekday);
        // Some feeds name the wrong weekday, but mean the date if the month is a word.
        let is_certain = day.format == DateFormat::MonthName && !is_short_year && !self.has_doubtful_weekday;
        if agrees == Some(false) && !is_certain {
            return None;
        }
        if is_short_year && !self.is_short_year_clear(day, agrees == Some(true)) {
            return None;
        }
        Some(date)
    }

    /// Whether `05-Jan-24` cannot be a day of 2005. It is clear if the weekday agrees; in the form of RFC 822, which has
    /// the year last; and in the default form of Oracle, which alone has dots in a time with AM or PM.
    fn is_short_year_clear(&self, day: WrittenDay, agrees: bool) -> bool {
        let Some(time) = self.time else { return false };
        let is_rfc_822 = self.is_rfc_2822(time.end) && !self.zones.is_empty();
        let is_oracle = day.style == DayStyle::Hyphens && time.style == ClockStyle::Dots && time.has_half;
        agrees || (self.weekdays.is_none() && (is_rfc_822 || is_oracle))
    }

    fn read(&self, date: Date) -> Option<ReadDate> {
        let format = self.day?.format;
        let Some(time) = self.time else {
            // A zone without a time belongs to a time that was not found.
            return if self.zones.is_empty() && self.half.is_none() { ReadDate::day(date, format) } else { None };
        };
        let (date, hour) = if time.hour == 24 { (date.tomorrow().ok()?, 0) } else { (date, time.hour) };
        let second = time.second.unwrap_or(0);
        let local =
            DateTime::new(date.year(), date.month(), date.day(), hour, time.minute, second, time.nanosecond).ok()?;
        let mut instants = self.zones.iter().map(|zone| zone.instant(local));
        let instant = match instants.next() {
            Some(first) => first?,
            None => Offset::UTC.to_timestamp(local).ok()?,
        };
        let is_one = instants.all(|other| other == Some(instant));
        let is_rfc_2822 = self.is_rfc_2822(time.end) && !self.zones.is_empty();
        let format = if is_rfc_2822 { DateFormat::Rfc2822 } else { format };
        if is_one { ReadDate::at(date, instant, format) } else { None }
    }
}

/// Japanese and Korean name a weekday by one character, two of which are also those for month and day: `(月)`, `(日)`.
fn weekday_in_brackets(tokens: &Tokens, at: usize, meaning: Meaning) -> u8 {
    let is_in_brackets = at > 0 && tokens.is_mark(at - 1, '(') && tokens.is_mark(at + 1, ')');
    let (monday, sunday) = (u8::from(meaning.is(Role::Month)), u8::from(meaning.is(Role::Day)) << 6);
    if is_in_brackets { monday | sunday } else { 0 }
}

/// An offset that begins here with plus or minus, and the place after it: `+01`, `+0100`, `+01:00`; after `GMT` also `+1`.
fn offset(tokens: &Tokens, at: usize, hour_digits_min: usize) -> Option<(Offset, usize)> {
    let direction = match tokens.kind(at)? {
        TokenKind::Mark('+') => 1,
        TokenKind::Mark('-') => -1,
        _ => return None,
    };
    if !tokens.is_attached(at + 1) {
        return None;
    }
    if let Some(both) = tokens.digits(at + 1, 4..=4) {
        let both = i32::from(both);
        return Some((zones::offset(direction, both / 100, both % 100)?, at + 2));
    }
    let hours = i32::from(tokens.digits(at + 1, hour_digits_min..=2)?);
    if !tokens.is_inner_mark(at + 2, ':') {
        return Some((zones::offset(direction, hours, 0)?, at + 2));
    }
    let minutes = i32::from(tokens.digits(at + 3, 2..=2)?);
    Some((zones::offset(direction, hours, minutes)?, at + 4))
}
