//! Named points at which the fault tests stop the process, as a power cut would.
//!
//! With the cargo feature `failpoints`, `FAILPOINT=sign.after_records:3` aborts the process when it passes that
//! point for the third time (the first time where no count is given). Without the feature [`hit`] is empty. The name does
//! not begin with `WIREFOLD_`, because those are settings, and a setting that does not exist is refused.

use super::observe::Stage;

/// Every point of the loops: a stage, a dot, the effect that has just been done.
pub const NAMES: [&str; 10] = [
    "sign.after_begin",
    "sign.after_first_record",
    "sign.after_records",
    "sign.after_positions",
    "sign.after_commit",
    "fold.after_begin",
    "fold.after_first_record",
    "fold.after_records",
    "fold.after_positions",
    "fold.after_commit",
];

/// The points of a promotion, in order: each names the step that has just been done.
pub const PROMOTE: [&str; 10] = [
    "promote.after_plan",
    "promote.after_retirement",
    "promote.after_hand_off",
    "promote.after_catch_up",
    "promote.after_positions",
    "promote.after_stories",
    "promote.after_open_stories",
    "promote.after_verdicts",
    "promote.after_earlier_stories",
    "promote.after_dead_letters",
];

/// Passes the point of this stage.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn hit(_stage: Stage, _point: &'static str) {}

/// Passes this point.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn pass(_name: &'static str) {}

/// Passes the point of this stage, or does not.
#[cfg(feature = "failpoints")]
pub fn hit(stage: Stage, point: &'static str) {
    armed::hit(&format!("{}.{point}", stage.name()));
}

/// Passes this point, or does not.
#[cfg(feature = "failpoints")]
pub fn pass(name: &'static str) {
    armed::hit(name);
}

#[cfg(feature = "failpoints")]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Armed {
        name: String,
        /// How often the point is still passed before the process stops.
        left: AtomicU64,
    }

    static ARMED: LazyLock<Option<Armed>> = LazyLock::new(|| {
        let setting = std::env::var("FAILPOINT").ok()?;
        let (name, count) = setting.split_once(':').unwrap_or((&setting, "1"));
        let count = count.parse().ok().filter(|count| *count > 0);
        match count {
            Some(count) if points().any(|point| point == name) => {
                Some(Armed { name: name.to_owned(), left: AtomicU64::new(count) })
            }
            // A misspelt point would test nothing.
            _ => stop(&format!(
                "FAILPOINT={setting} is not a point and a count; points: {:?}",
                points().collect::<Vec<_>>()
            )),
        }
    });

    fn points() -> impl Iterator<Item = &'static str> {
        super::NAMES.into_iter().chain(super::PROMOTE)
    }

    pub(super) fn hit(name: &str) {
        debug_assert!(points().any(|point| point == name), "{name} is not in the list");
        if let Some(armed) = ARMED.as_ref().filter(|armed| armed.name == name)
            && armed.left.fetch_sub(1, Ordering::Relaxed) == 1
        {
            stop(&format!("fail point {name}"));
        }
    }

    /// Ends the process with no destructor, flush or farewell.
    fn stop(why: &str) -> ! {
        eprintln!("{why}");
        std::process::abort();
    }
}
