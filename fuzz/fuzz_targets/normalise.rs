//! Tokens with and without their places are the same, and each place holds text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wirefold::sign::{shingle_set, sketch, tokens, tokens_with_spans};

fuzz_target!(|text: &str| {
    let tokens = tokens(text);
    let spans = tokens_with_spans(text);
    assert!(spans.iter().map(|(token, _)| *token).eq(tokens.iter().copied()));
    assert!(spans.iter().all(|(_, span)| !text[span.clone()].is_empty()));
    assert!(sketch(&tokens).is_sorted() && shingle_set(&tokens).hashes().is_sorted());
});
