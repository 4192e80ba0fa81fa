//! Any text has the same tokens with and without spans, the span of a token contains it, and neither case nor repeated
//! letter folding changes the tokens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wirefold::signature::{SKETCH_SIZE, fold_letters, shingle_set, sketch, tokens, tokens_with_spans};

fuzz_target!(|bytes: &[u8]| {
    let text = &*String::from_utf8_lossy(bytes);
    let all = tokens(text);

    let spans = tokens_with_spans(text);
    assert!(
        spans.iter().map(|(token, _)| *token).eq(all.iter().copied()),
        "tokens differ from those with spans: {text:?}"
    );
    assert!(spans.is_sorted_by_key(|(_, span)| span.start), "spans are out of order: {text:?}");
    for (token, span) in spans {
        assert!(tokens(&text[span.clone()]).contains(&token), "{span:?} does not contain its token: {text:?}");
    }

    let folded = fold_letters(text);
    assert_eq!(tokens(&folded), all, "letter folding changes tokens: {text:?}");
    assert_eq!(fold_letters(&folded), folded, "a second letter folding changes letters: {text:?}");
    assert_eq!(tokens(&text.to_lowercase()), all, "case changes tokens: {text:?}");

    let sketch = sketch(&all);
    assert!(sketch.len() <= SKETCH_SIZE && sketch.is_sorted_by(|a, b| a < b));
    assert!(shingle_set(&all).hashes().is_sorted_by(|a, b| a < b));
});
