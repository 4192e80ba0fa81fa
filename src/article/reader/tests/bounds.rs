//! Any input is read or rejected, within bounds.

use proptest::prelude::*;

use super::*;
use crate::article::json::DETAIL_BYTES_MAX;

/// Names of the table and of general rules.
const FUZZED_NAMES: [&str; 40] = [
    "uri",
    "id",
    "_id",
    "url",
    "link",
    "version",
    "title",
    "headlines",
    "bodies",
    "body",
    "text",
    "content",
    "html",
    "summary",
    "description",
    "language",
    "source",
    "publisher",
    "published_at",
    "date",
    "created",
    "updated",
    "pubStatus",
    "status",
    "infoSources",
    "copyrightHolder",
    "byline",
    "value",
    "role",
    "contentType",
    "name",
    "type",
    "children",
    "payload",
    "schema",
    "metadata",
    "data",
    "before",
    "after",
    "op",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "<[a-z!/]{1,8}[ >][^<]{0,9}</[a-z]{1,3}>".prop_map(Value::from),
        "[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}[T ][0-9:.+Z]{0,12}".prop_map(Value::from),
    ];
    let name = prop::sample::select(&FUZZED_NAMES[..]);
    leaf.prop_recursive(4, 48, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..12)
                .prop_map(|object| Value::Object(object.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_rejected_with_a_short_detail(
        key in prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
        value in prop::option::of(prop::collection::vec(any::<u8>(), 0..400)),
    ) {
        if let Err(rejection) = ArticleReader::default().read("", key.as_deref(), value.as_deref()) {
            prop_assert!(!rejection.detail.is_empty() && rejection.detail.len() <= DETAIL_BYTES_MAX);
        }
    }

    #[test]
    fn any_json_is_read_within_bounds_and_always_the_same(value in any_json()) {
        let first = read(&value);
        prop_assert_eq!(&first, &read(&value));
        match first {
            Err(rejection) => prop_assert!(!rejection.detail.is_empty() && rejection.detail.len() <= DETAIL_BYTES_MAX),
            Ok(parsed) => {
                prop_assert!(parsed.uri.is_none_or(|uri| !uri.trim().is_empty() && uri.len() <= URI_BYTES_MAX));
                if let ParsedContent::Article(article) = parsed.content {
                    prop_assert!(parsed.source.len() <= NAME_BYTES_MAX && article.credits.len() <= 3 * METADATA_CREDITS_MAX);
                }
            }
        }
    }
}
