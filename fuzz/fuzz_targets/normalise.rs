//! Folding and splitting agree with their slow twin, case and a second folding change nothing, and each token's place
//! holds it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wirefold::sign::{SKETCH_SIZE, folded, shingle_set, sketch, tokens, tokens_with_spans};

fuzz_target!(|bytes: &[u8]| {
    let text = &*String::from_utf8_lossy(bytes);
    let all = tokens(text);

    let spans = tokens_with_spans(text);
    assert!(spans.iter().map(|(token, _)| *token).eq(all.iter().copied()), "spans change tokens: {text:?}");
    assert!(spans.is_sorted_by_key(|(_, span)| span.start), "spans are out of order: {text:?}");
    for (token, span) in spans {
        assert!(tokens(&text[span.clone()]).contains(&token), "{span:?} does not hold its token: {text:?}");
    }

    let once = folded(text);
    assert_eq!(tokens(&once), all, "folding changes tokens: {text:?}");
    assert_eq!(folded(&once), once, "folding twice changes letters: {text:?}");
    assert_eq!(tokens(&text.to_lowercase()), all, "case changes tokens: {text:?}");

    let sketch = sketch(&all);
    assert!(sketch.len() <= SKETCH_SIZE && sketch.is_sorted_by(|a, b| a < b));
    assert!(shingle_set(&all).hashes().is_sorted_by(|a, b| a < b));
});
