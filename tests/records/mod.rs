//! The formats of records: the bytes of the binary ones, and the schemas of the public ones.

mod damage;
mod golden;
mod samples;
mod schemas;

use std::path::{Path, PathBuf};

pub(crate) use schemas::fits_schema;

/// A path inside the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Fails unless the committed file at `path` contains exactly `expected`. Where the environment variable `update` is set, the
/// file is written first.
fn assert_committed(path: &str, expected: &[u8], update: &str) {
    let file = repository(path);
    if std::env::var_os(update).is_some() {
        std::fs::write(&file, expected).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    let committed = std::fs::read(&file).unwrap_or_else(|error| panic!("{path}: {error}; {update}=1 writes it"));
    assert!(
        committed == expected,
        "{path} does not fit the types. If the change is meant, run the test again with {update}=1 and commit the file."
    );
}
