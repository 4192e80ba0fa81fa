//! Time zones in a written date.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::tokens::{TokenKind, Tokens};
use super::unread::UnreadDate;
use super::zones::{self, Abbreviation, Zone};

/// The time zones that were found so far. They must agree.
#[derive(Debug, Default)]
pub(super) struct WrittenZones {
    zones: Vec<Zone>,
    /// The place after the last zone.
    end: usize,
    /// One is an offset, or UTC: it tells what an abbreviation of several zones means.
    has_offset: bool,
    /// One is an abbreviation of several zones.
    has_ambiguous: bool,
}

impl WrittenZones {
    pub(super) fn is_empty(&self) -> bool {
        self.zones.is_empty() && !self.has_ambiguous
    }

    /// The place after the last zone, if there was an offset.
    pub(super) fn end_with_offset(&self) -> Option<usize> {
        self.has_offset.then_some(self.end)
    }

    /// Adds a zone. Returns the place after it.
    pub(super) fn add(&mut self, zone: Zone, end: usize) -> usize {
        self.zones.push(zone);
        self.end = end;
        end
    }

    /// Adds an offset. Returns the place after it.
    pub(super) fn add_offset(&mut self, offset: Offset, end: usize) -> usize {
        self.has_offset = true;
        self.add(Zone::Fixed(offset), end)
    }

    /// Adds the zone of an abbreviation, also with an offset: `UTC`, `GMT+1`, `EST`. None if the word is none.
    pub(super) fn word(
        &mut self,
        tokens: &Tokens,
        at: usize,
        is_upper: bool,
        is_rfc_2822: bool,
    ) -> Result<Option<usize>, UnreadDate> {
        let Some(text) = tokens.word(at) else { return Ok(None) };
        if ["utc", "gmt", "ut"].contains(&text) {
            let has_offset = ['+', '-'].iter().any(|mark| tokens.is_mark(at + 1, *mark) && tokens.is_attached(at + 2));
            let (offset, end) = if has_offset { offset(tokens, at + 1, 1)? } else { (Offset::UTC, at + 1) };
            return Ok(Some(self.add_offset(offset, end)));
        }
        if text == "z" {
            return Ok(Some(self.add_offset(Offset::UTC, at + 1)));
        }
        match zones::abbreviation(text) {
            _ if !is_upper => Ok(None),
            Abbreviation::Unknown => Ok(None),
            Abbreviation::Known(zone) => Ok(Some(self.add(zone, at + 1))),
            Abbreviation::Ambiguous if text == "cst" && is_rfc_2822 => {
                let central = zones::offset(-1, 6, 0).ok_or(UnreadDate::ImpossibleOffset)?;
                Ok(Some(self.add(Zone::Fixed(central), at + 1)))
            }
            Abbreviation::Ambiguous => {
                self.has_ambiguous = true;
                Ok(Some(at + 1))
            }
        }
    }

    /// Reads a name of the time zone in brackets after an offset: `GMT+0100 (Central European Standard Time)`. Returns the
    /// place after it.
    pub(super) fn comment(&mut self, tokens: &Tokens, start: usize) -> Option<usize> {
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

    /// The instant of a local time in these zones. None if there is none.
    pub(super) fn instant(&self, local: DateTime) -> Result<Option<Timestamp>, UnreadDate> {
        if self.has_ambiguous && !self.has_offset {
            return Err(UnreadDate::SeveralZones);
        }
        zones::instant(&self.zones, local)
    }
}

/// An offset that begins here with plus or minus, and the place after it: `+01`, `+0100`, `+01:00`, `+1:00`; after `GMT`
/// also `+1`.
pub(super) fn offset(tokens: &Tokens, at: usize, hour_digits_min: usize) -> Result<(Offset, usize), UnreadDate> {
    let direction = if tokens.is_mark(at, '-') { -1 } else { 1 };
    let known = |offset: Option<Offset>| offset.ok_or(UnreadDate::ImpossibleOffset);
    if !tokens.is_attached(at + 1) {
        return Err(UnreadDate::UnknownForm);
    }
    if let Some(both) = tokens.digits(at + 1, 4..=4) {
        let both = i32::from(both);
        return Ok((known(zones::offset(direction, both / 100, both % 100))?, at + 2));
    }
    let minutes = tokens.digits(at + 3, 2..=2).filter(|_| tokens.is_inner_mark(at + 2, ':'));
    let digits_min = if minutes.is_some() { 1 } else { hour_digits_min };
    let hours = i32::from(tokens.digits(at + 1, digits_min..=2).ok_or(UnreadDate::UnknownForm)?);
    let end = if minutes.is_some() { at + 4 } else { at + 2 };
    Ok((known(zones::offset(direction, hours, minutes.map_or(0, i32::from)))?, end))
}
