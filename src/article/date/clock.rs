//! The time of day in a written date.

use super::tokens::Tokens;
use super::words::Role;

/// The half of a day that a word names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayHalf {
    /// Before noon.
    Am,
    /// From noon on.
    Pm,
}

/// What is known where a time may begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClockPlace {
    /// A day was read already.
    pub(super) is_after_day: bool,
    /// The half of the day, if it stands before the time.
    pub(super) half: Option<DayHalf>,
}

/// A time of day as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WrittenTime {
    /// 24 only at midnight.
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: Option<i8>,
    pub(super) nanosecond: i32,
    pub(super) has_half: bool,
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

/// A time that means nothing, or two things.
#[derive(Debug)]
pub(super) struct UnclearTime;

/// Finds a time that begins with the number at this place.
pub(super) fn clock(tokens: &Tokens, at: usize, place: ClockPlace) -> Result<Option<WrittenTime>, UnclearTime> {
    let Some(hour) = tokens.digits(at, 1..=2) else { return Ok(None) };
    let numbers = colons(tokens, at).or_else(|| units(tokens, at)).or_else(|| dots(tokens, at));
    let mut time = numbers.unwrap_or(WrittenTime {
        hour: 0,
        minute: 0,
        second: None,
        nanosecond: 0,
        has_half: false,
        style: ClockStyle::HourAlone,
        end: at + 1,
    });
    let half = match (half_of_day(tokens, time.end), place.half) {
        (Some(_), Some(_)) => return Err(UnclearTime),
        (None, before) => before,
        // Before a day, `am` is also a word of German: `12:30 am 5. Januar`.
        (Some((DayHalf::Am, end)), None) if is_german_am(tokens, time.end, place) => match hour {
            12 if tokens.kind(end).is_some() => return Err(UnclearTime),
            13.. => None,
            _ => {
                time.end = end;
                Some(DayHalf::Am)
            }
        },
        (Some((half, end)), None) => {
            time.end = end;
            Some(half)
        }
    };
    let is_announced = at > 0 && tokens.is(at - 1, Role::ClockBefore);
    let has_clock_word = tokens.is(time.end, Role::ClockAfter);
    // Without colons and units, something else must tell that the numbers are a time.
    let is_clear = is_announced || has_clock_word || half.is_some();
    match time.style {
        ClockStyle::Dots if !is_clear && !place.is_after_day => return Ok(None),
        ClockStyle::HourAlone if !is_clear => return Ok(None),
        _ => {}
    }
    time.end += usize::from(has_clock_word);
    time.has_half = half.is_some();
    time.hour = hour_of_day(hour, half).ok_or(UnclearTime)?;
    let is_whole = time.minute == 0 && time.second.unwrap_or(0) == 0 && time.nanosecond == 0;
    if time.hour == 24 && !is_whole { Err(UnclearTime) } else { Ok(Some(time)) }
}

fn is_german_am(tokens: &Tokens, at: usize, place: ClockPlace) -> bool {
    !place.is_after_day && tokens.word(at) == Some("am")
}

/// The hour from 0 to 24.
fn hour_of_day(hour: i16, half: Option<DayHalf>) -> Option<i8> {
    match (half, hour as i8) {
        (None, hour @ 0..=24) | (Some(DayHalf::Am), hour @ 0..=11) => Some(hour),
        (Some(DayHalf::Am), 12) => Some(0),
        (Some(DayHalf::Pm), 12) => Some(12),
        (Some(DayHalf::Pm), hour @ 1..=11) => Some(hour + 12),
        _ => None,
    }
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
    Some(WrittenTime { hour: 0, minute, second, nanosecond, has_half: false, style, end })
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
fn units(tokens: &Tokens, at: usize) -> Option<WrittenTime> {
    if !tokens.is(at + 1, Role::Hour) {
        return None;
    }
    let sixtieth = |at: usize| tokens.digits(at, 1..=2).filter(|number| *number <= 59);
    let mut time = WrittenTime {
        hour: 0,
        minute: 0,
        second: None,
        nanosecond: 0,
        has_half: false,
        style: ClockStyle::Units,
        end: at + 2,
    };
    if let Some(minute) = sixtieth(at + 2) {
        let has_unit = tokens.is(at + 3, Role::Minute);
        // In `10 h 05 janvier` the number is the day. Where it could be both, it stays over, and the text unread.
        let is_minute = has_unit || (tokens.digits(at + 2, 2..=2).is_some() && tokens.is_attached(at + 2));
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

/// A word or two letters for the half of the day, and the place after them.
pub(super) fn half_of_day(tokens: &Tokens, at: usize) -> Option<(DayHalf, usize)> {
    if tokens.is(at, Role::Am) {
        return Some((DayHalf::Am, at + 1));
    }
    if tokens.is(at, Role::Pm) {
        return Some((DayHalf::Pm, at + 1));
    }
    // `a.m.`, `p. m.`, `π.μ.`
    let second = at + 1 + usize::from(tokens.is_mark(at + 1, '.'));
    let half = match (tokens.word(at)?, tokens.word(second)?) {
        ("a", "m") | ("π", "μ") => DayHalf::Am,
        ("p", "m") | ("μ", "μ") => DayHalf::Pm,
        _ => return None,
    };
    Some((half, second + 1))
}
