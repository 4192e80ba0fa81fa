//! Any bytes are an article within the bounds, or are rejected for a correct reason; and the signature of an article is
//! the same after it was written and read.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use wirefold::article::{
    Article, ArticleReader, DETAIL_BYTES_MAX, METADATA_CREDITS_MAX, NAME_BYTES_MAX, ParsedContent, URI_BYTES_MAX,
};
use wirefold::record::{Millis, RawPosition, Reason, Rejection, Signature, Versioned};
use wirefold::signature::{self, SignatureRules};

static READER: LazyLock<ArticleReader> = LazyLock::new(ArticleReader::default);
static RULES: LazyLock<SignatureRules> = LazyLock::new(SignatureRules::default);

fuzz_target!(|value: &[u8]| {
    match READER.read("", None, Some(value)) {
        Ok(parsed) => {
            assert!(parsed.uri.as_ref().is_none_or(|uri| !uri.is_empty() && uri.len() <= URI_BYTES_MAX));
            assert!(parsed.source.len() <= NAME_BYTES_MAX);
            if let ParsedContent::Article(article) = &parsed.content {
                within_bounds(article, value.len());
            }
            let raw = RawPosition { topic: "articles".into(), partition: 0, offset: 0 };
            let signature = signature::build(parsed, raw, Millis(0), &RULES);
            let copy = Signature::from_bytes(&signature.to_bytes()).expect("the bytes of a signature can be read");
            assert_eq!(copy, signature);
        }
        Err(rejection) => check_reason(&rejection, value),
    }
});

fn within_bounds(article: &Article, record_bytes: usize) {
    // JSON and HTML can be shorter than the text they stand for, by at most a character reference such as `&nGt;`: five
    // bytes for six.
    assert!(article.title.len() + article.body.len() <= 4 * record_bytes);
    assert!(article.credits.len() <= 3 * METADATA_CREDITS_MAX);
    assert!(article.credits.iter().all(|credit| (1..=NAME_BYTES_MAX).contains(&credit.name.len())));
}

/// Checks the reason of a rejection as far as another parser can. XML and framed values are no JSON.
fn check_reason(rejection: &Rejection, value: &[u8]) {
    let text = std::str::from_utf8(value).map(|text| text.strip_prefix('\u{FEFF}').unwrap_or(text));
    let is_other = value.starts_with(b"\0") || text.is_ok_and(|text| text.trim_start().starts_with('<'));
    let json = || serde_json::from_str::<Value>(text.unwrap_or_default());
    assert!(rejection.detail.len() <= DETAIL_BYTES_MAX, "{rejection}");
    match rejection.reason {
        Reason::TooLarge | Reason::TombstoneWithoutKey | Reason::AmbiguousId => {
            panic!("a small record with a value was rejected: {rejection}")
        }
        // UTF-16 may be UTF-8 with zeros.
        Reason::NotUtf8 => assert!(text.is_err() || value.contains(&0), "{rejection}"),
        Reason::UnsupportedFormat => assert!(json().is_err(), "{rejection}"),
        Reason::NotJson => assert!(is_other || json().is_err(), "{rejection}"),
        Reason::TooDeep | Reason::NotObject | Reason::MissingUri | Reason::MissingText | Reason::WrongType => {}
    }
}
