//! Bytes that are not a record give an error that describes them: never a panic, and never more memory than such bytes can
//! need.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use proptest::prelude::*;
use wirefold::record::{BoilerplateTable, Decision, Signature, Versioned};

use crate::records::samples;

/// The system's allocator. It remembers the largest block that a thread has asked for.
struct RememberingAllocator;

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

// The trait of allocators is unsafe.
#[allow(unsafe_code)]
// SAFETY: every call goes to the system's allocator unchanged; remembering a size allocates nothing.
unsafe impl GlobalAlloc for RememberingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(layout.size())));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: RememberingAllocator = RememberingAllocator;

/// The bytes that a decoder may ask for in one block beyond those that it was given: the bound up to which serde trusts a
/// length.
const BLOCK_MAX: usize = 1 << 20;

/// Decodes the bytes as each of the three records; fails where that takes more memory than such bytes can need.
fn decode_as_each(bytes: &[u8]) -> [Option<String>; 3] {
    LARGEST.set(0);
    let errors = [
        Signature::from_bytes(bytes).err().map(|error| error.to_string()),
        Decision::from_bytes(bytes).err().map(|error| error.to_string()),
        BoilerplateTable::from_bytes(bytes).err().map(|error| error.to_string()),
    ];
    let largest = LARGEST.get();
    // A hash takes at least one bit encoded, and four bytes decoded.
    assert!(largest <= BLOCK_MAX + 32 * bytes.len(), "{} bytes made the decoder ask for {largest}", bytes.len());
    errors
}

fn samples() -> Vec<Vec<u8>> {
    let signatures = samples::signatures().iter().map(Versioned::to_bytes).collect::<Vec<_>>();
    let decisions = samples::decisions().iter().map(Versioned::to_bytes).collect::<Vec<_>>();
    let tables = samples::boilerplate_tables().iter().map(Versioned::to_bytes).collect::<Vec<_>>();
    [signatures, decisions, tables].concat()
}

#[test]
fn an_empty_value_is_an_empty_record() {
    let expected = ["an empty signature record", "an empty decision record", "an empty boilerplate table record"];
    assert_eq!(decode_as_each(b""), expected.map(|message| Some(message.to_owned())));
}

#[test]
fn a_version_that_is_not_known_is_named() {
    for version in [0, 1, 4, 255] {
        for mut bytes in samples() {
            bytes[0] = version;
            for error in decode_as_each(&bytes) {
                let error = error.expect("refused");
                let found = format!("of format version {version}; this wirefold reads and writes version ");
                assert!(error.contains(&found), "{error}");
            }
        }
    }
}

#[test]
fn a_record_cut_short_anywhere_is_damaged() {
    fn check<T: Versioned>(record: &T) {
        let bytes = record.to_bytes();
        for end in 1..bytes.len() {
            let error = T::from_bytes(&bytes[..end]).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.starts_with(&format!("a damaged {} record", T::NAME)), "cut at {end}: {error:?}");
        }
    }
    samples::signatures()
        .iter()
        .filter(|signature| signature.article().is_none_or(|a| a.tokens < 1_000))
        .for_each(check);
    samples::decisions().iter().for_each(check);
    samples::boilerplate_tables().iter().for_each(check);
}

#[test]
fn a_record_with_bytes_after_its_end_is_damaged() {
    fn check<T: Versioned>(record: &T) {
        let error = T::from_bytes(&[record.to_bytes(), vec![0]].concat()).err().map(|error| error.to_string());
        assert_eq!(error, Some(format!("a damaged {} record: 1 bytes after its end", T::NAME)));
    }
    samples::signatures().iter().for_each(check);
    samples::decisions().iter().for_each(check);
    samples::boilerplate_tables().iter().for_each(check);
}

/// The highest lengths that a varint can state, and others near the bounds.
const LENGTHS: [&[u8]; 5] = [
    &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
    &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
    &[0x80, 0x80, 0x80, 0x80, 0x08],
    &[0x80, 0x80, 0x04],
    &[0xFF; 12],
];

#[test]
fn a_wrong_length_allocates_no_memory() {
    // Each byte of each record in turn is replaced by a huge length.
    for bytes in samples().iter().filter(|bytes| bytes.len() < 2_000) {
        for at in 1..bytes.len() {
            for length in LENGTHS {
                decode_as_each(&[&bytes[..at], length, &bytes[at + 1..]].concat());
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_record_or_an_error(body in prop::collection::vec(any::<u8>(), 0..600)) {
        decode_as_each(&[&[1], &body[..]].concat());
        decode_as_each(&body);
    }

    #[test]
    fn a_record_with_changed_bytes_is_a_record_or_an_error(
        record in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let samples = samples();
        let mut bytes = record.get(&samples).clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        decode_as_each(&bytes);
    }
}
