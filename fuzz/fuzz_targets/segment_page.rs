//! Any text falls into parts that cover it in order; the first line is taken for the headline.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wirefold::article::Article;
use wirefold::sign::{Lexicon, segments};

fuzz_target!(|text: &str| {
    let (title, body) = text.split_once('\n').unwrap_or_default();
    let article = Article { title: title.to_owned(), body: body.to_owned(), ..Article::default() };
    let mut at = 0;
    for segment in segments(&article, &Lexicon::default()) {
        assert!(segment.span.start == at && segment.span.end > at && body.is_char_boundary(segment.span.end));
        at = segment.span.end;
    }
    assert_eq!(at, body.len());
});
