//! The bytes of each binary format are committed: whoever changes a format must change its version.

use std::fmt::Debug;

use wirefold::record::Versioned;

use crate::records::{assert_committed, repository, samples};

/// Records one after the other, each after its length as four bytes, little-endian.
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
    let path = format!("tests/golden/{name}.v{}.bin", T::VERSION);
    assert_committed(&path, &framed(expected), "UPDATE_GOLDEN");
    let file = std::fs::read(repository(&path)).expect("just compared");
    let read: Vec<T> =
        unframed(&file).iter().map(|bytes| T::from_bytes(bytes).expect("a golden record reads")).collect();
    assert_eq!(read, expected);
}

#[test]
fn signatures_have_the_committed_bytes() {
    check("signature", &samples::signatures());
}

#[test]
fn decisions_have_the_committed_bytes() {
    check("decision", &samples::decisions());
}

#[test]
fn boilerplate_tables_have_the_committed_bytes() {
    check("boilerplate_table", &samples::boilerplate_tables());
}
