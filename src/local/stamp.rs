//! When articles of a file are taken to have come in: at their own time, so that history unfolds as it did.

use std::time::Duration;

use crate::article::Published;
use crate::record::Millis;

/// The start of 1990: there was no news on the web before, and a date that says so is a mistake.
const EARLIEST: Millis = Millis(631_152_000_000);

/// Gives each line of a file its time of ingestion.
///
/// A credible published time is taken as it is; any other line keeps its place, by the time of the one before it.
#[derive(Debug, Clone)]
pub struct Stamper {
    latest_credible: Millis,
    run_started: Millis,
    previous: Option<Millis>,
}

impl Stamper {
    /// For a run that started at `run_started`.
    #[must_use]
    pub fn new(run_started: Millis) -> Self {
        Self { latest_credible: run_started.plus(Duration::from_hours(1)), run_started, previous: None }
    }

    /// The times of the next lines. Lines before the first dated one of the first batch take its time.
    pub fn stamp(&mut self, lines: &[Option<Published>]) -> Vec<Millis> {
        let credible = |published: &Option<Published>| {
            published.map(Published::start).filter(|at| (EARLIEST..=self.latest_credible).contains(at))
        };
        let mut previous = self.previous.or_else(|| lines.iter().find_map(credible)).unwrap_or(self.run_started);
        let stamps = lines
            .iter()
            .map(|published| {
                previous = credible(published).unwrap_or(previous);
                previous
            })
            .collect();
        self.previous = Some(previous);
        stamps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn stamps(batches: &[&[Option<i64>]]) -> Vec<i64> {
        let mut stamper = Stamper::new(Millis(NOW));
        batches
            .iter()
            .flat_map(|batch| {
                let lines: Vec<_> = batch.iter().map(|at| at.map(|at| Published::At(Millis(at)))).collect();
                stamper.stamp(&lines)
            })
            .map(|at| at.0)
            .collect()
    }

    #[test]
    fn a_line_without_a_credible_date_takes_that_of_the_line_before() {
        let year_1 = -62_135_596_800_000;
        let year_2050 = 2_524_608_000_000;
        let some = 1_500_000_000_000;
        assert_eq!(
            stamps(&[&[Some(some), None, Some(year_1), Some(some + 5)], &[Some(year_2050), Some(NOW)]]),
            [some, some, some, some + 5, some + 5, NOW]
        );
    }

    #[test]
    fn lines_before_the_first_dated_one_take_its_time() {
        assert_eq!(stamps(&[&[None, None, Some(1_500_000_000_000)]])[0], 1_500_000_000_000);
        assert_eq!(stamps(&[&[None], &[Some(1_500_000_000_000)]]), [NOW, 1_500_000_000_000]);
    }
}
