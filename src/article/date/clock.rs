//! The time of day in a written date.

use super::tokens::Tokens;
use super::unread::UnreadDate;
use super::words::{PartOfDay, Role};

/// What is known where a time may begin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ClockPlace {
    /// A day was read already.
    pub(super) is_after_day: bool,
    /// The part of the day, if it stands before the time.
    pub(super) part: Option<PartOfDay>,
}

/// A time of day as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WrittenTime {
    /// From 0 to 23; 24 only at midnight.
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: Option<i8>,
    pub(super) nanosecond: i32,
    pub(super) has_part: bool,
    pub(super) style: ClockStyle,
    /// The place of the first token after it.
    pub(super) end: usize,
}

/// What stands between the numbers of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClockStyle {
    /// `10:00`
    Colons,
    /// `10h00`, `10時00分`
    Units,
    /// `10.00`
    Dots,
    /// `10`
    HourAlone,
}

/// Most words between a time and the part of the day: `de l'`.
const BEFORE_PART_MAX: usize = 3;

/// Finds a time that begins with the number at this place.
pub(super) fn clock(tokens: &Tokens, at: usize, place: ClockPlace) -> Result<Option<WrittenTime>, UnreadDate> {
    let Some(hour) = tokens.digits(at, 1..=2) else { return Ok(None) };
    let numbers = colons(tokens, at).or_else(|| units(tokens, at, place)).or_else(|| dots(tokens, at));
    let mut time = numbers.unwrap_or(WrittenTime {
        hour: 0,
        minute: 0,
        second: None,
        nanosecond: 0,
        has_part: false,
        style: ClockStyle::HourAlone,
        end: at + 1,
    });
    let has_clock_word = tokens.is(time.end, Role::ClockAfter);
    time.end += usize::from(has_clock_word);
    let mut parts = [place.part, None];
    if let Some((part, end)) = part_after(tokens, time.end) {
        let is_other = !place.is_after_day && is_other_word(tokens, time.end, end);
        let is_same_hour = part.hour(hour as i8) == Some(hour as i8);
        match hour {
            13.. if is_other => {}
            _ if is_other && !is_same_hour => return Err(UnreadDate::UnclearTime),
            _ => {
                time.end = end;
                parts[1] = Some(part);
            }
        }
    }
    time.has_part = parts.iter().any(Option::is_some);
    // Without colons and units, something else must tell that the numbers are a time.
    let is_clear = has_clock_word || time.has_part || is_announced(tokens, at);
    match time.style {
        ClockStyle::Dots if !is_clear && !place.is_after_day => return Ok(None),
        ClockStyle::HourAlone if !is_clear => return Ok(None),
        _ => {}
    }
    let is_whole = time.minute == 0 && time.second.unwrap_or(0) == 0 && time.nanosecond == 0;
    time.hour = match parts.into_iter().flatten().try_fold(hour as i8, |hour, part| part.hour(hour)) {
        Some(hour @ 0..24) => hour,
        Some(24) if is_whole => 24,
        _ => return Err(UnreadDate::UnclearTime),
    };
    Ok(Some(time))
}

/// Whether a time with seconds follows the hyphen here: `2024-01-05-10.00.00`. Without seconds it may be an offset.
pub(super) fn follows_hyphen(tokens: &Tokens, at: usize) -> bool {
    let place = ClockPlace { is_after_day: true, part: None };
    tokens.is_inner_mark(at, '-')
        && clock(tokens, at + 1, place).is_ok_and(|time| time.is_some_and(|time| time.second.is_some()))
}

/// Whether the word before, or before a dot, announces a time.
fn is_announced(tokens: &Tokens, at: usize) -> bool {
    let before = |at: usize| at.checked_sub(1);
    let is_word = |at: usize| tokens.is(at, Role::ClockBefore);
    before(at).is_some_and(|at| is_word(at) || (tokens.is_mark(at, '.') && before(at).is_some_and(is_word)))
}

/// The part of the day after a time, and the place after it: `10:00 p.m.`, `10 de la noche`.
fn part_after(tokens: &Tokens, start: usize) -> Option<(PartOfDay, usize)> {
    let is_between =
        |at: usize| tokens.is(at, Role::BeforePart) || ['\'', '\u{2019}'].iter().any(|mark| tokens.is_mark(at, *mark));
    for at in start..=start + BEFORE_PART_MAX {
        if let Some(found) = tokens.part_of_day(at, |meaning| meaning.part_after) {
            return Some(found);
        }
        if !is_between(at) {
            return None;
        }
    }
    None
}

/// Whether the part of the day may be a word of the day that follows: `12:30 am 5. Januar`, `12:30 Sa, 6. Januar`.
fn is_other_word(tokens: &Tokens, at: usize, end: usize) -> bool {
    let is_weekday = |at: usize| tokens.name(at).is_some_and(|(meaning, _)| meaning.weekdays != 0);
    let is_before_day = tokens.number(end).is_some() || is_weekday(end);
    (is_weekday(at) && tokens.kind(end).is_some()) || (tokens.is(at, Role::Filler) && is_before_day)
}

/// `10:00`, `10:00:00`, `10:00:00.123`
fn colons(tokens: &Tokens, at: usize) -> Option<WrittenTime> {
    separated(tokens, at, ':', ClockStyle::Colons)
}

/// `10.00`, `10.00.00`, `10.00.00.123`
fn dots(tokens: &Tokens, at: usize) -> Option<WrittenTime> {
    separated(tokens, at, '.', ClockStyle::Dots)
}

fn separated(tokens: &Tokens, at: usize, mark: char, style: ClockStyle) -> Option<WrittenTime> {
    let sixtieth = |at: usize, limit: i16| {
        let number = tokens.digits(at + 1, 2..=2).filter(|_| tokens.is_inner_mark(at, mark))?;
        (number <= limit).then_some(number as i8)
    };
    let minute = sixtieth(at + 1, 59)?;
    let (mut second, mut nanosecond, mut end) = (None, 0, at + 3);
    if let Some(found) = sixtieth(at + 3, 60) {
        // jiff reads a leap second so, too.
        second = Some(found.min(59));
        end = at + 5;
        if let Some(fraction) = fraction(tokens, end) {
            nanosecond = fraction;
            end += 2;
        }
    }
    Some(WrittenTime { hour: 0, minute, second, nanosecond, has_part: false, style, end })
}

/// A fraction of a second; after a colon it must be milliseconds.
fn fraction(tokens: &Tokens, at: usize) -> Option<i32> {
    let (value, digits) = tokens.number(at + 1)?;
    let is_fraction =
        ['.', ','].iter().any(|mark| tokens.is_inner_mark(at, *mark)) || (tokens.is_inner_mark(at, ':') && digits == 3);
    if !is_fraction || digits > 18 {
        return None;
    }
    let nanoseconds = match digits as u32 {
        digits @ 0..=9 => value * 10_u64.pow(9 - digits),
        digits => value / 10_u64.pow(digits - 9),
    };
    i32::try_from(nanoseconds).ok()
}

/// `10h00`, `10 h`, `10時00分`, `10시 00분 00초`
fn units(tokens: &Tokens, at: usize, place: ClockPlace) -> Option<WrittenTime> {
    if !tokens.is(at + 1, Role::Hour) {
        return None;
    }
    let sixtieth = |at: usize| tokens.digits(at, 1..=2).filter(|number| *number <= 59);
    let mut time = WrittenTime {
        hour: 0,
        minute: 0,
        second: None,
        nanosecond: 0,
        has_part: false,
        style: ClockStyle::Units,
        end: at + 2,
    };
    if let Some(minute) = sixtieth(at + 2) {
        let has_unit = tokens.is(at + 3, Role::Minute);
        // In `10 h 05 janvier` the number is the day. Where it could be both, it stays over, and the text unread.
        let is_minute =
            has_unit || (tokens.digits(at + 2, 2..=2).is_some() && (tokens.is_attached(at + 2) || place.is_after_day));
        if is_minute {
            time.minute = minute as i8;
            time.end = at + 3 + usize::from(has_unit);
        }
        if let Some(second) = sixtieth(time.end).filter(|_| has_unit && tokens.is(time.end + 1, Role::Second)) {
            time.second = Some(second as i8);
            time.end += 2;
        }
    }
    Some(time)
}
