//! Why a date was not read.

/// Why a value is not read as the time of publication. Each reason is stated only where it is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnreadDate {
    /// It states no date: it is blank, zero or a word such as `None`.
    NoDate,
    /// A date that programs write for "no date".
    Placeholder,
    /// The text is too long for a date.
    TooLong,
    /// It says when the article was changed.
    Change,
    /// It is relative to a time that it does not state.
    Relative,
    /// Day and month could be either.
    DayOrMonthFirst,
    /// The day is first with dots, which contradicts the setting.
    DotsContradictOrder,
    /// A year of two digits, which could be the day.
    ShortYear,
    /// The year is one of another calendar, or a mistake.
    Year,
    /// The day, the month or the year is missing.
    Incomplete,
    /// The calendar does not have the day.
    ImpossibleDay,
    /// The day has another weekday.
    WrongWeekday,
    /// The time of day does not exist, or could be two.
    UnclearTime,
    /// Several days or times, or a span of time.
    Several,
    /// An abbreviation of several time zones.
    SeveralZones,
    /// A time zone is stated, but not known.
    UnknownZone,
    /// An offset that no place has.
    ImpossibleOffset,
    /// The time zones that are stated contradict each other.
    ContradictoryZones,
    /// The clocks of the time zone skip the time or show it twice.
    SkippedTime,
    /// A number that is no count and no date.
    Number,
    /// A number that is several counts or dates.
    AmbiguousNumber,
    /// Words that are not known.
    Words,
    /// Anything else.
    UnknownForm,
}

impl UnreadDate {
    /// The reason in words, with what to do if something can be done.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoDate => "it states no date",
            Self::Placeholder => "programs write this date where there is none",
            Self::TooLong => "it is too long for a date",
            Self::Change => "it is the time of a change, not of publication",
            Self::Relative => "it has words of a time that is relative to now",
            Self::DayOrMonthFirst => "the day or the month may come first: set input.date_order",
            Self::DotsContradictOrder => "with dots the day comes first, but input.date_order is \"month-first\"",
            Self::ShortYear => "a year of two digits could be the day",
            Self::Year => "the year is not between 1760 and 2046: another calendar, or a mistake",
            Self::Incomplete => "it has no whole day: day, month and year",
            Self::ImpossibleDay => "the calendar has no such day",
            Self::WrongWeekday => "the day has another weekday",
            Self::UnclearTime => "the time of day does not exist or could be two",
            Self::Several => "it states several days or times, or a span of time",
            Self::SeveralZones => "the abbreviation of the time zone means several zones",
            Self::UnknownZone => "the time zone of this local time is not known",
            Self::ImpossibleOffset => "no place has this offset from UTC",
            Self::ContradictoryZones => "it states time zones that contradict each other",
            Self::SkippedTime => "the clocks of the time zone skip this time or show it twice",
            Self::Number => "the number is neither a count since 1970 from 1990 on nor the digits of a date",
            Self::AmbiguousNumber => "the number could be several dates",
            Self::Words => "it has words that are not known in dates",
            Self::UnknownForm => "its form is not known",
        }
    }
}
