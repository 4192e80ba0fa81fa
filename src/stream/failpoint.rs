//! Named points at which the fault tests stop the process, as a power cut would.
//!
//! With the cargo feature `failpoints`, `FAILPOINT=signatures.after_records:3` aborts the process when it passes that
//! point for the third time (for the first time, where no count is given). Without the feature nothing is compiled in.
//! The variable does not begin with `WIREFOLD_`, because those are settings, and an unknown setting is refused.

/// The points of a transaction: a stage, a dot, the effect that has just happened.
pub const STAGES: [&str; 10] = [
    "signatures.after_begin",
    "signatures.after_first_record",
    "signatures.after_records",
    "signatures.after_offsets",
    "signatures.after_commit",
    "stories.after_begin",
    "stories.after_first_record",
    "stories.after_records",
    "stories.after_offsets",
    "stories.after_commit",
];

/// The points of a transaction in which a promotion publishes.
pub const PUBLICATION: [&str; 5] = [
    "publish.after_begin",
    "publish.after_first_record",
    "publish.after_records",
    "publish.after_offsets",
    "publish.after_commit",
];

/// The points of a promotion, in order: each names the step that has just been done.
pub const PROMOTION: [&str; 10] = [
    "promote.after_plan",
    "promote.after_retirement",
    "promote.after_handover",
    "promote.after_catch_up",
    "promote.after_offsets",
    "promote.after_stories",
    "promote.after_open_stories",
    "promote.after_verdicts",
    "promote.after_earlier_stories",
    "promote.after_dead_letters",
];

/// Names the stage that this thread runs, or `publish`: its points are those of [`hit`].
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn enter(_stage: &'static str) {}

/// Passes a point of the stage that this thread runs.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn hit(_point: &'static str) {}

/// Passes the point of this full name.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn pass(_name: &'static str) {}

#[cfg(feature = "failpoints")]
pub use armed::{enter, hit, pass};

#[cfg(feature = "failpoints")]
mod armed {
    use std::cell::Cell;
    use std::io::Write as _;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Armed {
        name: String,
        /// How often the point is still passed before the process stops.
        remaining: AtomicU64,
    }

    thread_local! {
        static STAGE: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    static ARMED: LazyLock<Option<Armed>> = LazyLock::new(|| {
        let setting = std::env::var("FAILPOINT").ok()?;
        let (name, count) = setting.split_once(':').unwrap_or((&setting, "1"));
        let count = count.parse().ok().filter(|count| *count > 0);
        match count {
            Some(count) if points().any(|point| point == name) => {
                Some(Armed { name: name.to_owned(), remaining: AtomicU64::new(count) })
            }
            // A misspelt point would test nothing.
            _ => stop(&format!(
                "FAILPOINT={setting} is not a point and a count; points: {:?}",
                points().collect::<Vec<_>>()
            )),
        }
    });

    fn points() -> impl Iterator<Item = &'static str> {
        super::STAGES.into_iter().chain(super::PUBLICATION).chain(super::PROMOTION)
    }

    /// Names the stage that this thread runs, or `publish`: its points are those of [`hit`].
    pub fn enter(stage: &'static str) {
        STAGE.set(Some(stage));
    }

    /// Passes a point of the stage that this thread runs; a thread without one has no such points.
    pub fn hit(point: &'static str) {
        if let Some(stage) = STAGE.get() {
            pass(&format!("{stage}.{point}"));
        }
    }

    /// Passes the point of this full name.
    pub fn pass(name: &str) {
        debug_assert!(points().any(|point| point == name), "{name} is not in the list");
        if let Some(armed) = ARMED.as_ref().filter(|armed| armed.name == name)
            && armed.remaining.fetch_sub(1, Ordering::Relaxed) == 1
        {
            stop(&format!("fail point {name}"));
        }
    }

    /// Ends the process without destructors and without flushing anything.
    fn stop(why: &str) -> ! {
        let _unwritten = writeln!(std::io::stderr(), "{why}");
        std::process::abort();
    }
}
