//! Dates in words and numerals, in any order.
//!
//! A text is read if it has one day, at most one time of day and one time zone, and nothing else but weekdays and words
//! that are known to change nothing. Every number must have its part. So a text that says more than a date is unread.

use jiff::civil::{Date, DateTime};

use super::clock::{ClockPlace, ClockStyle, WrittenTime, clock, follows_hyphen};
use super::context::DateContext;
use super::day::{DayStep, DayStyle, WrittenDay, day, has_short_year};
use super::outcome::{DateFormat, ReadDate};
use super::tokens::{TokenKind, Tokens};
use super::unread::UnreadDate;
use super::words::{Meaning, PartOfDay, Role};
use super::written_zone::{WrittenZones, offset};
use super::zones::Zone;

/// Reads a text.
pub(super) fn written(text: &str, context: &DateContext<'_>) -> Result<ReadDate, UnreadDate> {
    let tokens = Tokens::of(text);
    WrittenParts::of(&tokens, context).and_then(|parts| parts.read(context)).map_err(|unread| reason(&tokens, unread))
}

/// The reason that says most of those that are certain.
fn reason(tokens: &Tokens, unread: UnreadDate) -> UnreadDate {
    let has = |role: Role| tokens.places().any(|at| tokens.name(at).is_some_and(|(meaning, _)| meaning.is(role)));
    // A day has three parts: numbers, or a number for all, and names of months.
    let is_part = |at: &usize| {
        tokens.number(*at).is_some() || tokens.name(*at).is_some_and(|(meaning, _)| meaning.month.is_some())
    };
    let parts = tokens.places().filter(is_part).count();
    let has_long_number = tokens.places().any(|at| tokens.number(at).is_some_and(|(_, digits)| digits > 4));
    match unread {
        UnreadDate::UnknownForm | UnreadDate::Words if has(Role::Relative) => UnreadDate::Relative,
        UnreadDate::UnknownForm | UnreadDate::Words if has(Role::Change) => UnreadDate::Change,
        UnreadDate::UnknownForm if tokens.places().any(|at| tokens.is_unknown_word(at)) => UnreadDate::Words,
        UnreadDate::UnknownForm if tokens.places().any(|at| has_short_year(tokens, at)) => UnreadDate::ShortYear,
        // A letter may be a month, as `V` in Roman numerals.
        UnreadDate::UnknownForm if !has_long_number && !has(Role::ClockBefore) && parts < 3 => UnreadDate::Incomplete,
        other => other,
    }
}

/// What was found in a text so far.
#[derive(Debug, Default)]
struct WrittenParts {
    day: Option<WrittenDay>,
    /// Month and day, and no year yet.
    without_year: Option<(i8, i8)>,
    time: Option<WrittenTime>,
    time_start: usize,
    /// The part of the day, before its time.
    part: Option<PartOfDay>,
    zones: WrittenZones,
    /// The weekdays that all names allow.
    weekdays: Option<u8>,
    /// A weekday was named by a word that is also a month.
    has_doubtful_weekday: bool,
    /// One was named by a word that means nothing else.
    has_clear_weekday: bool,
    /// Before the day, a word says that it is that of publication.
    is_published: bool,
}

/// Where the next part begins.
type NextPlace = Result<usize, UnreadDate>;

impl WrittenParts {
    fn of(tokens: &Tokens, context: &DateContext<'_>) -> Result<Self, UnreadDate> {
        let mut parts = Self::default();
        let mut at = 0;
        while tokens.kind(at).is_some() {
            if tokens.name(at).is_some_and(|(meaning, _)| meaning.is(Role::Change)) {
                if parts.is_published && parts.day.is_some() {
                    // `Published 5 January 2024, updated …`
                    break;
                }
                return Err(UnreadDate::Change);
            }
            at = parts.step(tokens, at, context)?;
        }
        Ok(parts)
    }

    /// Reads what stands here.
    fn step(&mut self, tokens: &Tokens, at: usize, context: &DateContext<'_>) -> NextPlace {
        match tokens.kind(at).ok_or(UnreadDate::UnknownForm)? {
            TokenKind::Region(region) => Ok(self.zones.add(Zone::Region(region.clone()), at + 1)),
            TokenKind::Number { .. } => self.number(tokens, at, context),
            TokenKind::Word { text, is_upper, .. } => {
                // `2024-01-05T10:00:00 +01:00`
                let is_day_end = self.day.is_some_and(|day| day.end == at);
                if text == "t" && is_day_end && tokens.is_attached(at) && tokens.is_attached(at + 1) {
                    return tokens.number(at + 1).map(|_| at + 1).ok_or(UnreadDate::Words);
                }
                let is_rfc_2822 = self.is_rfc_2822(at);
                if self.time.is_some()
                    && let Some(end) = self.zones.word(tokens, at, *is_upper, is_rfc_2822)?
                {
                    return Ok(end);
                }
                let (meaning, end) = tokens.name(at).ok_or(UnreadDate::Words)?;
                self.word(tokens, at, context, meaning, end)
            }
            TokenKind::Mark(mark) => self.mark(tokens, at, *mark).ok_or(UnreadDate::UnknownForm)?,
        }
    }

    fn number(&mut self, tokens: &Tokens, at: usize, context: &DateContext<'_>) -> NextPlace {
        if let (Some((month, day)), Some(year)) = (self.without_year, tokens.digits(at, 4..=4))
            && self.day.is_none()
            && !tokens.is_inner_mark(at + 1, ':')
        {
            let (month, day) = (i16::from(month), i16::from(day));
            return self.found_day(WrittenDay::clear(year, month, day, DateFormat::MonthName, at + 1));
        }
        if let Some(end) = self.begins_day(tokens, at, context)? {
            return Ok(end);
        }
        let place = ClockPlace { is_after_day: self.day.is_some(), part: self.part.take() };
        let time = clock(tokens, at, place)?.ok_or(UnreadDate::UnknownForm)?;
        if self.time.is_some() {
            return Err(UnreadDate::Several);
        }
        self.time = Some(time);
        self.time_start = at;
        Ok(time.end)
    }

    fn begins_day(
        &mut self,
        tokens: &Tokens,
        at: usize,
        context: &DateContext<'_>,
    ) -> Result<Option<usize>, UnreadDate> {
        match day(tokens, at, context.order) {
            DayStep::Found(day) => self.found_day(day).map(Some),
            DayStep::WithoutYear { month, day, end } => self.found_without_year(month, day, end).map(Some),
            DayStep::Contradicted => Err(UnreadDate::DotsContradictOrder),
            DayStep::Nothing => Ok(None),
        }
    }

    /// A day may be written twice, as `2024-01-05 (5 January 2024)`, but not two days.
    fn found_day(&mut self, day: WrittenDay) -> NextPlace {
        let is = |other: WrittenDay, month: i8, day: i8| (other.month, other.day) == (month, day);
        let is_same = |other: WrittenDay| {
            let is_swapped = (day.is_either || other.is_either) && is(other, day.day, day.month);
            other.year == day.year && (is(other, day.month, day.day) || is_swapped)
        };
        let is_completed = self.without_year.is_none_or(|without_year| without_year == (day.month, day.day));
        if !self.day.is_none_or(is_same) || !is_completed {
            return Err(UnreadDate::Several);
        }
        // Of the two the one whose parts are clear counts.
        let clear = self.day.filter(|other| day.is_either && !other.is_either);
        self.day = Some(WrittenDay { end: day.end, ..clear.unwrap_or(day) });
        Ok(day.end)
    }

    fn found_without_year(&mut self, month: i8, day: i8, end: usize) -> NextPlace {
        if self.day.is_some() || self.without_year.is_some() {
            return Err(UnreadDate::Several);
        }
        self.without_year = Some((month, day));
        Ok(end)
    }

    /// Whether all up to here was written as RFC 2822 has it.
    fn is_rfc_2822(&self, at: usize) -> bool {
        let (Some(day), Some(time)) = (self.day, self.time) else { return false };
        day.style == DayStyle::Mail
            && day.end == self.time_start
            && time.end == at
            && time.style == ClockStyle::Colons
            && !time.has_part
    }

    fn word(
        &mut self,
        tokens: &Tokens,
        at: usize,
        context: &DateContext<'_>,
        meaning: Meaning,
        end: usize,
    ) -> NextPlace {
        if meaning.month.is_some() {
            if let Some(end) = self.begins_day(tokens, at, context)? {
                return Ok(end);
            }
            self.has_doubtful_weekday = true;
        }
        let weekdays = meaning.weekdays | weekday_in_brackets(tokens, at, meaning);
        let is_marked = tokens.is_mark(end, '.') || tokens.is_mark(end, ',');
        if weekdays != 0 && (is_marked || !meaning.is(Role::MarkedWeekday)) {
            let both = weekdays & self.weekdays.unwrap_or(0x7F);
            self.weekdays = Some(both);
            let is_other = meaning.is(Role::Joint) || meaning.is(Role::Filler) || meaning.part_after.is_some();
            self.has_clear_weekday |= !is_other && meaning.month.is_none();
            return if both == 0 { Err(UnreadDate::WrongWeekday) } else { Ok(end) };
        }
        if let Some((part, end)) = tokens.part_of_day(at, |meaning| meaning.part_before)
            && self.is_time(tokens, end, Some(part), context)
        {
            // `du.` is the afternoon in Hungarian; `du` without a dot is of French.
            let is_clear = !meaning.is(Role::Joint) || tokens.is_mark(end, '.');
            let is_first = self.part.replace(part).is_none();
            return if is_clear && is_first { Ok(end) } else { Err(UnreadDate::UnclearTime) };
        }
        let is_known = match () {
            () if meaning.is(Role::Published) => {
                self.is_published |= self.day.is_none();
                true
            }
            () if meaning.is(Role::Label) => true,
            () if meaning.is(Role::AfterYear) && self.day.is_some_and(|day| day.end == at) => true,
            () if meaning.is(Role::ClockBefore) && self.is_time(tokens, end, None, context) => true,
            () => self.is_filler(tokens, at, meaning, end),
        };
        match meaning.month {
            _ if is_known => Ok(end),
            Some(_) => Err(UnreadDate::UnknownForm),
            None => Err(UnreadDate::Words),
        }
    }

    /// Whether this word says nothing before a day or a weekday. At a number or at the end it may be anything: `v2024-01-05`.
    fn is_filler(&self, tokens: &Tokens, at: usize, meaning: Meaning, end: usize) -> bool {
        let is_before = tokens.kind(end).is_some() && !(tokens.is_attached(end) && tokens.number(end).is_some());
        let is_after = at > 0 && tokens.is_attached(at) && tokens.number(at - 1).is_some();
        // Hebrew writes `ב` at the word. After the day, `am` says something of the time.
        let is_attached = meaning.is(Role::Joint) && !tokens.word(at).is_some_and(str::is_ascii);
        let is_part = self.day.is_some() && meaning.part_after.is_some();
        (meaning.is(Role::Filler) || meaning.is(Role::Joint)) && (is_before || is_attached) && !is_after && !is_part
    }

    /// Whether a time begins here, after words that announce one.
    fn is_time(&self, tokens: &Tokens, start: usize, part: Option<PartOfDay>, context: &DateContext<'_>) -> bool {
        let mut at = start;
        while tokens.is(at, Role::ClockBefore) || tokens.is_mark(at, '.') || tokens.is_mark(at, ':') {
            at += 1;
        }
        let place = ClockPlace { is_after_day: self.day.is_some(), part };
        let is_day = !matches!(day(tokens, at, context.order), DayStep::Nothing);
        !is_day && clock(tokens, at, place).transpose().is_some()
    }

    fn mark(&mut self, tokens: &Tokens, at: usize, mark: char) -> Option<NextPlace> {
        let is_day_end = self.day.is_some_and(|day| day.end == at);
        match mark {
            '+' | '-' if self.time.is_some() && !tokens.is_apart(at) => Some(self.offset(tokens, at)),
            '(' if self.zones.end_with_offset() == Some(at) => self.zones.comment(tokens, at).map(Ok),
            ',' | '.' | ';' | '|' | '•' | '·' | '،' | '؛' | '、' | '。' | '।' | '(' | ')' | '[' | ']' => {
                Some(Ok(at + 1))
            }
            '-' | '–' | '—' | '―' | '/' | '@' if tokens.is_apart(at) => Some(Ok(at + 1)),
            '-' if is_day_end && follows_hyphen(tokens, at) => Some(Ok(at + 1)),
            // A label, or the form of Apache: `05/Jan/2024:10:00:00`.
            ':' if at > 0 && tokens.word(at - 1).is_some() => Some(Ok(at + 1)),
            ':' | '_' if is_day_end && tokens.is_inner_mark(at, mark) => Some(Ok(at + 1)),
            _ => None,
        }
    }

    fn offset(&mut self, tokens: &Tokens, at: usize) -> NextPlace {
        // `10:00-11:00` and `10:00-11` may be spans of time. None ends before it begins, if
        // it is written in the hours from 00 to 23.
        if let Some(time) = self.time.filter(|time| time.second.is_none() && tokens.is_mark(at, '-'))
            && let Some((hour, digits)) = tokens.number(at + 1).filter(|(_, digits)| *digits <= 2)
        {
            let minute = tokens.digits(at + 3, 2..=2).filter(|_| tokens.is_inner_mark(at + 2, ':')).unwrap_or(0);
            if digits == 1 || (hour, i64::from(minute)) > (u64::from(time.hour.unsigned_abs()), i64::from(time.minute))
            {
                return Err(UnreadDate::Several);
            }
        }
        let (offset, end) = offset(tokens, at, 2)?;
        Ok(self.zones.add_offset(offset, end))
    }

    /// The day, if it is one of the calendar and the weekday agrees.
    fn date(&self) -> Result<Date, UnreadDate> {
        let day = self.day.ok_or(UnreadDate::Incomplete)?;
        let impossible = if day.year == 0 { UnreadDate::Placeholder } else { UnreadDate::ImpossibleDay };
        let date = |month: i8, number: i8| Date::new(day.year, month, number).map_err(|_| impossible);
        let agrees =
            |date: Date| self.weekdays.map(|weekdays| weekdays & (1 << date.weekday().to_monday_zero_offset()) != 0);
        let (mut found, other) = (date(day.month, day.day)?, date(day.day, day.month));
        if let Some(other) = other.ok().filter(|_| day.is_either) {
            if let (Err(unread), Err(_)) = (ReadDate::day(found, day.format), ReadDate::day(other, day.format)) {
                return Err(unread);
            }
            // A weekday that fits one of the two decides.
            found = match (agrees(found), agrees(other)) {
                _ if !self.has_clear_weekday => return Err(UnreadDate::DayOrMonthFirst),
                (Some(true), Some(false)) => found,
                (Some(false), Some(true)) => other,
                (Some(false), Some(false)) => return Err(UnreadDate::WrongWeekday),
                _ => return Err(UnreadDate::DayOrMonthFirst),
            };
        }
        // Some feeds name the wrong weekday, but mean the date if the month is a word.
        let is_certain = day.format == DateFormat::MonthName && !self.has_doubtful_weekday;
        match agrees(found) {
            agrees if day.has_short_year && !self.is_short_year_clear(day, agrees) => Err(UnreadDate::ShortYear),
            Some(false) if !is_certain => Err(UnreadDate::WrongWeekday),
            _ => Ok(found),
        }
    }

    /// Whether `05-Jan-24` cannot be a day of 2005. It is clear if the weekday agrees; in the form of RFC 822, which has
    /// the year last; and in the default form of Oracle, which alone has dots in a time with AM or PM.
    fn is_short_year_clear(&self, day: WrittenDay, agrees: Option<bool>) -> bool {
        let Some(time) = self.time else { return false };
        let is_rfc_822 = self.is_rfc_2822(time.end) && !self.zones.is_empty();
        let is_oracle = day.style == DayStyle::Hyphens && time.style == ClockStyle::Dots && time.has_part;
        agrees.unwrap_or(is_rfc_822 || is_oracle)
    }

    fn read(&self, context: &DateContext<'_>) -> Result<ReadDate, UnreadDate> {
        let date = self.date()?;
        let format = self.day.map_or(DateFormat::MonthName, |day| day.format);
        let Some(time) = self.time else {
            // A zone without a time belongs to a time that was not found.
            let is_day = self.zones.is_empty() && self.part.is_none();
            return if is_day { ReadDate::day(date, format) } else { Err(UnreadDate::UnknownForm) };
        };
        let (date, hour) = match time.hour {
            24 => (date.tomorrow().map_err(|_| UnreadDate::ImpossibleDay)?, 0),
            hour => (date, hour),
        };
        let second = time.second.unwrap_or(0);
        let local = DateTime::new(date.year(), date.month(), date.day(), hour, time.minute, second, time.nanosecond)
            .map_err(|_| UnreadDate::UnclearTime)?;
        let instant = match self.zones.instant(local)? {
            Some(instant) => instant,
            None => context.zone.instant(local)?,
        };
        let is_rfc_2822 = self.is_rfc_2822(time.end) && !self.zones.is_empty();
        ReadDate::at(date, instant, if is_rfc_2822 { DateFormat::Rfc2822 } else { format })
    }
}

/// Japanese and Korean name a weekday by one character, two of which are also those for month and day: `(月)`, `(日)`.
fn weekday_in_brackets(tokens: &Tokens, at: usize, meaning: Meaning) -> u8 {
    let is_in_brackets = at > 0 && tokens.is_mark(at - 1, '(') && tokens.is_mark(at + 1, ')');
    let (monday, sunday) = (u8::from(meaning.is(Role::Month)), u8::from(meaning.is(Role::Day)) << 6);
    if is_in_brackets { monday | sunday } else { 0 }
}
