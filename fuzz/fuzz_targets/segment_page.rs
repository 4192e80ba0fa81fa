//! The segments of any text cover it in order, none is empty, and at least one is body. The first line of the input is the
//! headline.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use wirefold::article::Article;
use wirefold::signature::{Lexicon, PageSegmentKind, segments};

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::default);

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (title, body) = text.split_once('\n').unwrap_or(("", &text));
    let article = Article { title: title.to_owned(), body: body.to_owned(), ..Article::default() };
    let segments = segments(&article, &LEXICON);

    let mut at = 0;
    for segment in &segments {
        assert_eq!(segment.span.start, at, "a gap or an overlap: {text:?}");
        assert!(
            segment.span.end > at && body.is_char_boundary(segment.span.end),
            "{segment:?} is empty or ends within a character: {text:?}"
        );
        at = segment.span.end;
    }
    assert_eq!(at, body.len(), "the end is not covered: {text:?}");
    assert!(
        body.is_empty() || segments.iter().any(|segment| segment.kind == PageSegmentKind::Body),
        "no segment is body: {text:?}"
    );
});
