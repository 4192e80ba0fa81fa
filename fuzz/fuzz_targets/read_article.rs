//! Any bytes are an article within the bounds or are refused for a reason that is true, and what is read can be signed
//! and its signature read back.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use wirefold::article::{Article, CREDITS_MAX, NAME_BYTES_MAX, Reader, Request, URI_BYTES_MAX};
use wirefold::record::{Millis, RawPosition, Reason, Rejection, Signature, Versioned};
use wirefold::sign::{Rules, sign};

static READER: LazyLock<Reader> = LazyLock::new(Reader::default);
static RULES: LazyLock<Rules> = LazyLock::new(Rules::default);

fuzz_target!(|value: &[u8]| {
    match READER.read(None, Some(value)) {
        Ok(incoming) => {
            assert!(!incoming.uri.is_empty() && incoming.uri.len() <= URI_BYTES_MAX);
            if let Request::Judge(article) = &incoming.request {
                within_bounds(article, value.len());
            }
            let raw = RawPosition { topic: "articles".into(), partition: 0, offset: 0 };
            let signature = sign(incoming, raw, Millis(0), &RULES);
            let copy = Signature::from_bytes(&signature.to_bytes()).expect("what was written is read");
            assert_eq!(copy, signature);
        }
        Err(rejection) => is_true(&rejection, value),
    }
});

fn within_bounds(article: &Article, record_bytes: usize) {
    // Of what JSON and HTML write shorter than it is, the worst are references like `&nGt;`: five bytes for six.
    assert!(article.title.len() + article.body.len() <= 2 * record_bytes);
    assert!(article.source.len() <= NAME_BYTES_MAX);
    assert!(article.credits.len() <= 3 * CREDITS_MAX);
    assert!(article.credits.iter().all(|credit| (1..=NAME_BYTES_MAX).contains(&credit.name.len())));
}

/// Whether the record is what the refusal says, as far as a second look can tell.
fn is_true(rejection: &Rejection, value: &[u8]) {
    let json = || serde_json::from_slice::<Value>(value.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(value));
    assert!(rejection.detail.len() <= 200, "{rejection}");
    assert_eq!(rejection.reason == Reason::NotUtf8, std::str::from_utf8(value).is_err(), "{rejection}");
    match rejection.reason {
        Reason::TooLarge | Reason::TombstoneWithoutKey => panic!("a small record with a value: {rejection}"),
        Reason::NotUtf8 | Reason::TooDeep => {}
        Reason::NotJson => assert!(json().is_err(), "{rejection}"),
        Reason::NotObject => assert!(!json().expect("JSON").is_object(), "{rejection}"),
        Reason::MissingUri | Reason::MissingText | Reason::WrongType => {
            assert!(json().expect("JSON").is_object(), "{rejection}");
        }
    }
}
