//! The records as others meet them: bytes of the log that stay readable, public JSON that keeps to its schema.

mod damage;
mod golden;
mod samples;
mod schemas;

use std::path::{Path, PathBuf};

/// A path inside the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Fails unless the committed file at `path` holds exactly `expected`; writes it instead where the environment
/// sets `update`.
fn assert_committed(path: &str, expected: &[u8], update: &str) {
    let file = repository(path);
    if std::env::var_os(update).is_some() {
        std::fs::write(&file, expected).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    let committed = std::fs::read(&file).unwrap_or_else(|error| panic!("{path}: {error}; {update}=1 writes it"));
    assert!(
        committed == expected,
        "{path} is not what the types say. If the change is meant, run the test again with {update}=1 and commit the file."
    );
}
