//! Any text falls into parts that cover it in order, one of them its body, and none of them its neighbour's like. The
//! first line is taken for the headline.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use wirefold::article::Article;
use wirefold::sign::{Lexicon, SegmentKind, segments};

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::default);

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (title, body) = text.split_once('\n').unwrap_or(("", &text));
    let article = Article { title: title.to_owned(), body: body.to_owned(), ..Article::default() };
    let segments = segments(&article, &LEXICON);

    let mut at = 0;
    for segment in &segments {
        assert_eq!(segment.span.start, at, "a gap or an overlap: {text:?}");
        assert!(segment.span.end > at && body.is_char_boundary(segment.span.end), "{segment:?} is no part: {text:?}");
        at = segment.span.end;
    }
    assert_eq!(at, body.len(), "the end is missing: {text:?}");
    assert!(
        body.is_empty() || segments.iter().any(|segment| segment.kind == SegmentKind::Body),
        "nothing is left of the article: {text:?}"
    );
});
