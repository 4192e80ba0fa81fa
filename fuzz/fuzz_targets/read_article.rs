//! Any bytes are read or refused in a few words, and always alike.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wirefold::article::Reader;

fuzz_target!(|value: &[u8]| {
    let reader = Reader::default();
    let first = reader.read(None, Some(value));
    if let Err(rejection) = &first {
        assert!(rejection.detail.len() <= 200, "{rejection}");
    }
    assert_eq!(first, reader.read(None, Some(value)));
});
