//! The ingestion times of articles in a file: their published times, so that they expire as they would have live.

use std::time::Duration;

use crate::article::Published;
use crate::record::Millis;

/// The start of 1990: there was no news on the web before, so an earlier date is a mistake.
const EARLIEST_CREDIBLE: Millis = Millis(631_152_000_000);

/// Assigns an ingestion time to each line of a file.
///
/// A line with a credible published time gets that time. Any other line gets the time of the line before it, so that it
/// keeps its place.
#[derive(Debug, Clone)]
pub struct IngestionClock {
    latest_credible: Millis,
    run_started: Millis,
    previous: Option<Millis>,
}

impl IngestionClock {
    /// A clock for a run that started at `run_started`. Published times up to an hour later are credible.
    pub fn new(run_started: Millis) -> Self {
        Self { latest_credible: run_started.plus(Duration::from_hours(1)), run_started, previous: None }
    }

    /// The ingestion times of the next lines, given their published times. In the first batch, lines before the first
    /// one with a credible time get that time.
    pub fn assign(&mut self, lines: &[Option<Published>]) -> Vec<Millis> {
        let credible = |published: &Option<Published>| {
            published.map(Published::start).filter(|at| (EARLIEST_CREDIBLE..=self.latest_credible).contains(at))
        };
        let mut previous = self.previous.or_else(|| lines.iter().find_map(credible)).unwrap_or(self.run_started);
        let times = lines
            .iter()
            .map(|published| {
                previous = credible(published).unwrap_or(previous);
                previous
            })
            .collect();
        self.previous = Some(previous);
        times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn times(batches: &[&[Option<i64>]]) -> Vec<i64> {
        let mut clock = IngestionClock::new(Millis(NOW));
        batches
            .iter()
            .flat_map(|batch| {
                let lines: Vec<_> = batch.iter().map(|at| at.map(|at| Published::At(Millis(at)))).collect();
                clock.assign(&lines)
            })
            .map(|at| at.0)
            .collect()
    }

    #[test]
    fn a_line_without_a_credible_date_gets_the_time_of_the_line_before() {
        let year_1 = -62_135_596_800_000;
        let year_2050 = 2_524_608_000_000;
        let some = 1_500_000_000_000;
        assert_eq!(
            times(&[&[Some(some), None, Some(year_1), Some(some + 5)], &[Some(year_2050), Some(NOW)]]),
            [some, some, some, some + 5, some + 5, NOW]
        );
    }

    #[test]
    fn lines_before_the_first_dated_one_get_its_time() {
        assert_eq!(times(&[&[None, None, Some(1_500_000_000_000)]])[0], 1_500_000_000_000);
        assert_eq!(times(&[&[None], &[Some(1_500_000_000_000)]]), [NOW, 1_500_000_000_000]);
    }
}
