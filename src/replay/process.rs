//! The name of this process in plans.

use std::time::{SystemTime, UNIX_EPOCH};

/// A unique name for this process.
pub(super) fn this_process() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}-{}", gethostname::gethostname().to_string_lossy(), std::process::id(), since.as_nanos())
}
