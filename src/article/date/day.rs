//! The day in a written date: its patterns, in words and in numbers.

use super::clock::follows_hyphen;
use super::outcome::{DateFormat, DateOrder};
use super::tokens::Tokens;
use super::words::{Meaning, Role};

/// What a pattern found.
#[derive(Debug, Clone, Copy)]
pub(super) enum DayStep {
    /// No day begins here.
    Nothing,
    /// A day that the setting contradicts.
    Contradicted,
    /// A day without its year, which may follow the time.
    WithoutYear { month: i8, day: i8, end: usize },
    /// A day.
    Found(WrittenDay),
}

/// A day as it was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenDay {
    pub(super) year: i16,
    pub(super) month: i8,
    pub(super) day: i8,
    /// The year was written with two digits.
    pub(super) has_short_year: bool,
    /// Day and month could also be the other way round.
    pub(super) is_either: bool,
    pub(super) format: DateFormat,
    pub(super) style: DayStyle,
    /// The place of the first token after it.
    pub(super) end: usize,
}

impl WrittenDay {
    /// A day whose parts are clear.
    pub(super) fn clear(year: i16, month: i16, day: i16, format: DateFormat, end: usize) -> Self {
        let (month, day) = (month as i8, day as i8);
        Self { year, month, day, has_short_year: false, is_either: false, format, style: DayStyle::Other, end }
    }
}

/// What tells whether a year of two digits or an ambiguous zone can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayStyle {
    /// `5 Jan 2024`, as in RFC 2822.
    Mail,
    /// `05-JAN-2024`.
    Hyphens,
    /// Any other.
    Other,
}

/// Finds a day that begins with the token at this place.
pub(super) fn day(tokens: &Tokens, at: usize, order: DateOrder) -> DayStep {
    let found = match tokens.number(at) {
        Some((_, 4)) => year_first(tokens, at),
        Some((_, 8)) => compact(tokens, at),
        Some((_, 1 | 2)) => match numeric(tokens, at, order) {
            DayStep::Nothing => return day_month(tokens, at),
            step => return step,
        },
        Some(_) => None,
        None => return month_day(tokens, at),
    };
    found.map_or(DayStep::Nothing, DayStep::Found)
}

/// `2024-1-5`, `2024/01/05`, `2024. 1. 5.`, `2024:01:05`, `2024年1月5日`, `2024-Jan-05`, `2024. január 5.`
fn year_first(tokens: &Tokens, at: usize) -> Option<WrittenDay> {
    let year = tokens.digits(at, 4..=4)?;
    let found = |month, day, format, end| Some(WrittenDay::clear(year, month, day, format, end));
    let (month, day) = (tokens.digits(at + 2, 1..=2), tokens.digits(at + 4, 1..=2));
    if tokens.is(at + 1, Role::Year) && tokens.is(at + 3, Role::Month) && tokens.is(at + 5, Role::Day) {
        return found(month?, day?, DateFormat::MonthName, at + 6);
    }
    if let (Some(month), Some(day)) = (month, day)
        && let Some(mark) = separator(tokens, at + 1).or_else(|| colon(tokens, at + 1))
        && separator(tokens, at + 3).or_else(|| colon(tokens, at + 3)) == Some(mark)
    {
        let format = if mark == '-' { DateFormat::Iso8601 } else { DateFormat::Numeric };
        return found(month, day, format, at + 5);
    }
    let (month, end) = month_name(tokens, after_joints(tokens, at + 1))?;
    let at = after_joints(tokens, end);
    let day = tokens.digits(at, 1..=2)?;
    let is_time = tokens.is_inner_mark(at + 1, ':');
    if is_time || month.is(Role::DayFirstOnly) {
        return None;
    }
    found(i16::from(month.month?), day, DateFormat::MonthName, at + 1)
}

/// `20240105`
fn compact(tokens: &Tokens, at: usize) -> Option<WrittenDay> {
    let (digits, _) = tokens.number(at)?;
    let is_alone = !['-', '/', '.', ':'].iter().any(|mark| tokens.is_inner_mark(at + 1, *mark));
    let (year, month, day) = ((digits / 10_000) as i16, (digits / 100 % 100) as i16, (digits % 100) as i16);
    (is_alone || follows_hyphen(tokens, at + 1))
        .then(|| WrittenDay::clear(year, month, day, DateFormat::Compact, at + 1))
}

/// A mark between the numbers of a day. After a dot there may be a blank.
fn separator(tokens: &Tokens, at: usize) -> Option<char> {
    ['-', '/'].into_iter().find(|mark| tokens.is_inner_mark(at, *mark)).or_else(|| {
        let is_dot = tokens.is_mark(at, '.') && tokens.is_attached(at);
        is_dot.then_some('.')
    })
}

/// The mark between the numbers that cameras write.
fn colon(tokens: &Tokens, at: usize) -> Option<char> {
    (tokens.is_inner_mark(at, ':') && tokens.digits(at + 1, 2..=2).is_some()).then_some(':')
}

/// `31/01/2024`, `05.01.2024`
fn numeric(tokens: &Tokens, at: usize, order: DateOrder) -> DayStep {
    let parts = || {
        let mark = separator(tokens, at + 1).filter(|mark| separator(tokens, at + 3) == Some(*mark))?;
        let (first, second) = (tokens.digits(at, 1..=2)?, tokens.digits(at + 2, 1..=2)?);
        Some((first, second, mark, tokens.digits(at + 4, 4..=4)?))
    };
    let Some((first, second, mark, year)) = parts() else { return DayStep::Nothing };
    let is_month = |number: i16| (1..=12).contains(&number);
    // A dot comes after the day in every locale of CLDR that writes dots, so nothing is left for an order to say. One that
    // says the contrary makes it doubtful.
    let is_day_first = match (is_month(first), is_month(second)) {
        (true, false) if mark != '.' => false,
        (true, _) if mark == '.' && order == DateOrder::MonthFirst => return DayStep::Contradicted,
        (true, true) => order != DateOrder::MonthFirst,
        _ => true,
    };
    let (day, month) = if is_day_first { (first, second) } else { (second, first) };
    let is_either =
        mark != '.' && order == DateOrder::Unknown && is_month(first) && is_month(second) && first != second;
    let found = WrittenDay::clear(year, month, day, DateFormat::Numeric, at + 5);
    DayStep::Found(WrittenDay { is_either, ..found })
}

/// `5 January 2024`, `5. Januar 2024`, `5 de enero de 2024`, `05/Jan/2024`, `5 tháng 1 năm 2024`
fn day_month(tokens: &Tokens, at: usize) -> DayStep {
    let Some(day) = tokens.digits(at, 1..=2) else { return DayStep::Nothing };
    let Some((month, end)) = month_name(tokens, after_joints(tokens, at + 1)) else { return DayStep::Nothing };
    let Some(month) = month.month else { return DayStep::Nothing };
    let has_short_name = tokens.word(end - 1).is_some_and(|name| name.len() == 3);
    let style = match (end - at, tokens.is_inner_mark(at + 1, '-'), tokens.is_inner_mark(end, '-')) {
        (2, false, false) if has_short_name => DayStyle::Mail,
        (3, true, true) => DayStyle::Hyphens,
        _ => DayStyle::Other,
    };
    let at = after_joints(tokens, end);
    let found = |year, has_short_year| {
        let found = WrittenDay::clear(year, i16::from(month), day, DateFormat::MonthName, at + 1);
        DayStep::Found(WrittenDay { has_short_year, style, ..found })
    };
    // `5 out of 2024` is no day of October.
    let is_year = tokens.word(end) != Some("of") && !is_time(tokens, at);
    match (tokens.digits(at, 2..=2), tokens.digits(at, 4..=4)) {
        (Some(short), _) if is_year && style != DayStyle::Other => found(full_year(short), true),
        (_, Some(year)) if is_year => found(year, false),
        _ if tokens.is_inner_mark(end + 1, ':') => DayStep::WithoutYear { month, day: day as i8, end },
        _ => DayStep::Nothing,
    }
}

/// The year that two digits mean in RFC 2822.
fn full_year(short: i16) -> i16 {
    if short < 50 { short + 2000 } else { short + 1900 }
}

/// `January 5, 2024`, `Jan 5 10:00:00 2024`
fn month_day(tokens: &Tokens, at: usize) -> DayStep {
    let Some((month, end)) = month_name(tokens, at) else { return DayStep::Nothing };
    let at = after_joints(tokens, end);
    let (Some(number), Some(day)) = (month.month, tokens.digits(at, 1..=2)) else { return DayStep::Nothing };
    if month.is(Role::DayFirstOnly) || is_time(tokens, at) {
        return DayStep::Nothing;
    }
    let end = at + 1;
    let at = after_joints(tokens, end);
    match tokens.digits(at, 4..=4) {
        Some(year) if tokens.word(end) != Some("of") && !is_time(tokens, at) => {
            DayStep::Found(WrittenDay::clear(year, i16::from(number), day, DateFormat::MonthName, at + 1))
        }
        _ if tokens.is_inner_mark(end + 1, ':') => DayStep::WithoutYear { month: number, day: day as i8, end },
        _ => DayStep::Nothing,
    }
}

/// Whether the number here is the hour of a time, and not a day or year.
fn is_time(tokens: &Tokens, at: usize) -> bool {
    let is_hour = tokens.digits(at, 1..=2).is_some();
    is_hour
        && (tokens.is_inner_mark(at + 1, ':')
            || tokens.is(at + 1, Role::Hour)
            || tokens.part_of_day(at + 1, |meaning| meaning.part_after).is_some())
}

/// Whether a day in numbers has two digits for its year: `05/01/24`.
pub(super) fn has_short_year(tokens: &Tokens, at: usize) -> bool {
    let is_short = |at: usize| tokens.digits(at, 1..=2).is_some();
    let mark = |at: usize| separator(tokens, at).filter(|_| is_short(at + 1));
    let is_start = at.checked_sub(1).is_none_or(|before| separator(tokens, before).is_none());
    is_start && is_short(at) && mark(at + 1).is_some() && mark(at + 1) == mark(at + 3)
}

/// The place after the ordinal ending, the marks and the small words that may stand between day, month and year.
fn after_joints(tokens: &Tokens, start: usize) -> usize {
    let mut at = start;
    // `5th of`, `5. de`, `5º de`
    while at < start + 3 {
        let is_ending = at == start && tokens.is_attached(at) && tokens.is(at, Role::Ordinal);
        let is_mark = ['.', ',', '،', '°'].iter().any(|mark| tokens.is_mark(at, *mark))
            || ['-', '/'].iter().any(|mark| tokens.is_inner_mark(at, *mark));
        let is_word = tokens.is(at, Role::Joint) || tokens.is(at, Role::YearPrefix);
        if !is_ending && !is_mark && !is_word {
            break;
        }
        at += 1;
    }
    at
}

/// The month here and the place after it. Arabic papers give two names, `كانون الثاني/يناير`: they must be of one month.
fn month_name(tokens: &Tokens, at: usize) -> Option<(Meaning, usize)> {
    if tokens.is(at, Role::MonthPrefix) {
        let month = tokens.digits(at + 1, 1..=2).filter(|month| (1..=12).contains(month))?;
        return Some((Meaning::of_month(month as i8), at + 2));
    }
    let (first, end) = tokens.name(at).filter(|(meaning, _)| meaning.month.is_some())?;
    let (is_slash, is_bracket) = (tokens.is_mark(end, '/'), tokens.is_mark(end, '('));
    if is_slash || is_bracket {
        let second = tokens.name(end + 1).filter(|(meaning, _)| meaning.month.is_some());
        if let Some((second, second_end)) = second {
            let is_closed = !is_bracket || tokens.is_mark(second_end, ')');
            return (second.month == first.month && is_closed).then_some((first, second_end + usize::from(is_bracket)));
        }
    }
    Some((first, end))
}
