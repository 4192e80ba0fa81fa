//! Bytes of every version ever written stay readable, and the writer of a version does not change.

use std::fmt::Debug;

use wirefold::record::Versioned;

use crate::{assert_committed, repository, samples};

/// Records one after the other, each behind its length in four bytes, lowest first.
fn framed(records: &[impl Versioned]) -> Vec<u8> {
    let bytes = records.iter().map(Versioned::to_bytes);
    bytes.flat_map(|bytes| [&(bytes.len() as u32).to_le_bytes()[..], &bytes].concat()).collect()
}

fn unframed(mut file: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    while let Some((length, rest)) = file.split_first_chunk() {
        let (record, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        records.push(record.to_vec());
        file = rest;
    }
    records
}

fn check<T: Versioned + PartialEq + Debug>(name: &str, expected: &[T]) {
    let path = format!("tests/golden/{name}.v1.bin");
    assert_committed(&path, &framed(expected), "UPDATE_GOLDEN");
    let file = std::fs::read(repository(&path)).expect("just compared");
    let read: Vec<T> =
        unframed(&file).iter().map(|bytes| T::from_bytes(bytes).expect("a golden record reads")).collect();
    assert_eq!(read, expected);
}

#[test]
fn signatures_of_version_1_are_read_and_written_as_ever() {
    check("signature", &samples::signatures());
}

#[test]
fn decisions_of_version_1_are_read_and_written_as_ever() {
    check("decision", &samples::decisions());
}

#[test]
fn source_tables_of_version_1_are_read_and_written_as_ever() {
    check("source_table", &samples::source_tables());
}
