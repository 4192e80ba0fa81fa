use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::record::Millis;

fn read(value: &Value) -> Result<ParsedRecord, Rejection> {
    ArticleReader::default().read(None, Some(value.to_string().as_bytes()))
}

fn article(value: &Value) -> Article {
    match read(value).expect("is read").content {
        ParsedContent::Article(article) => *article,
        other => panic!("{other:?}"),
    }
}

fn rejection(value: &Value) -> (Reason, String) {
    let rejection = read(value).expect_err("is rejected");
    (rejection.reason, rejection.detail)
}

/// A readable record with these fields added.
fn with(fields: &Value) -> Value {
    let mut record = json!({"id": "a:1", "text": "One two three."});
    let added = fields.as_object().expect("an object").clone();
    record.as_object_mut().expect("an object").extend(added);
    record
}

fn mapped(map: Value) -> ArticleReader {
    ArticleReader::new(serde_json::from_value(map).expect("a map"))
}

fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().expect("a time").as_millisecond()
}

mod formats {
    use super::*;

    #[test]
    fn a_ninjs_3_record_is_read() {
        let record = json!({
            "uri": "tag:wire.example,2026:1",
            "headlines": [{"role": "short", "value": "Dam"}, {"role": "main", "value": "Dam  reopens"}],
            "bodies": [
                {"role": "summary", "contentType": "text/plain", "value": "Short."},
                {"contentType": "text/html; charset=utf-8", "value": "<p>One.</p><p>Two.</p>"},
            ],
            "language": "en-GB",
            "versionCreated": "2026-03-02T10:00:00+01:00",
            "firstCreated": "2026-03-02T08:00:00Z",
            "by": "Mira Holt",
            "infoSources": [{"name": "Norwire"}, {"uri": "x"}, {"name": "City Hall"}],
            "copyrightHolder": "Norwire AB",
            "altIds": {"x": "y"},
            "pubStatus": "usable",
        });
        let created = at("2026-03-02T09:00:00Z");
        let credit = |name: &str, location| MetadataCredit { name: name.into(), location };
        let expected = Article {
            title: "Dam reopens".to_owned(),
            body: "One.\nTwo.".to_owned(),
            language: "en-gb".to_owned(),
            source: String::new(),
            published: Some(Published::At(Millis(created))),
            credits: vec![
                credit("Norwire", CreditLocation::InfoSource),
                credit("City Hall", CreditLocation::InfoSource),
                credit("Norwire AB", CreditLocation::CopyrightHolder),
                credit("Mira Holt", CreditLocation::Byline),
            ],
        };
        let parsed = read(&record).expect("is read");
        assert_eq!(parsed.uri, "tag:wire.example,2026:1");
        assert_eq!(parsed.version, Some(created));
        assert_eq!(parsed.content, ParsedContent::Article(Box::new(expected)));
    }

    #[test]
    fn a_ninjs_2_record_is_read() {
        let record = json!({
            "uri": "urn:2", "headline": "H", "title": "T", "body_html": "a &amp; b", "body_text": " ",
            "firstcreated": "2026-03-02", "copyrightholder": "C", "infosource": [{"name": "I"}], "byline": "B",
        });
        let article = article(&record);
        assert_eq!((article.title.as_str(), article.body.as_str()), ("H", "a & b"));
        assert_eq!(article.published.map(Published::start), Some(Millis(at("2026-03-02T00:00:00Z"))));
        assert_eq!(article.credits.iter().map(|credit| &*credit.name).collect::<Vec<_>>(), ["I", "C", "B"]);
    }

    #[test]
    fn the_bare_form_of_crawlers_is_read() {
        for (id, title, text, date, source, language) in [
            ("id", "title", "text", "published_at", "source", "language"),
            ("url", "headline", "body", "date_publish", "source_domain", "lang"),
            ("uri", "title", "maintext", "published", "publisher", "lang"),
            ("id", "title", "content", "date", "source", "language"),
        ] {
            let record = json!({
                id: "https://a.example/1", title: "T", text: "One\r\n\ttwo.", date: "2026-03-02 10:00",
                source: "S", language: "ar_EG", "authors": ["A", {"name": "B"}, 3],
            });
            let parsed = read(&record).expect("is read");
            assert_eq!(parsed.uri, "https://a.example/1");
            let article = article(&record);
            let read = [&article.title, &article.body, &article.source, &article.language];
            assert_eq!(read, ["T", "One\n\ttwo.", "S", "ar-eg"], "{record}");
            assert_eq!(article.published.map(Published::start), Some(Millis(at("2026-03-02T10:00:00Z"))));
            assert_eq!(article.credits.iter().map(|credit| &*credit.name).collect::<Vec<_>>(), ["A", "B"]);
        }
    }

    #[test]
    fn a_field_map_comes_before_the_built_in_names_and_falls_back_to_them() {
        let reader =
            mapped(json!({"uri": ["meta.key"], "body": ["parts.1.html"], "version": ["rev"], "status": ["st"]}));
        let record =
            json!({"id": "a", "text": "t", "meta": {"key": "k"}, "parts": [0, {"html": "<p>x</p>"}], "rev": 7});
        let parsed = reader.read(None, Some(record.to_string().as_bytes())).expect("is read");
        assert_eq!((parsed.uri.as_str(), parsed.version), ("k", Some(7)));
        assert!(matches!(parsed.content, ParsedContent::Article(article) if article.body == "x"));
        let bare = reader.read(None, Some(br#"{"id":"a","text":"t","rev":"2026-03-02","st":"canceled"}"#));
        let day = Some(at("2026-03-02T00:00:00Z"));
        assert_eq!(bare, Ok(ParsedRecord { uri: "a".to_owned(), version: day, content: ParsedContent::Withdrawal }));
    }
}

mod identity {
    use super::*;

    #[test]
    fn the_uri_comes_before_the_id_and_the_id_before_the_url() {
        let uri = |value: Value| read(&value).map(|parsed| parsed.uri);
        assert_eq!(uri(json!({"uri": "u", "id": "i", "url": "w", "text": ""})), Ok("u".to_owned()));
        assert_eq!(uri(json!({"uri": " ", "id": "i", "url": "w", "text": ""})), Ok("i".to_owned()));
        assert_eq!(uri(json!({"uri": null, "url": " w ", "text": ""})), Ok("w".to_owned()));
        assert_eq!(
            uri(json!({"id": 18_446_744_073_709_551_615_u64, "text": ""})),
            Ok("18446744073709551615".to_owned())
        );
        assert_eq!(uri(json!({"id": -3, "text": ""})), Ok("-3".to_owned()));
    }

    #[test]
    fn a_record_without_a_uri_is_rejected() {
        let missing = (Reason::MissingUri, "no value under `uri`, `id`, `url`".to_owned());
        assert_eq!(rejection(&json!({"text": "t"})), missing);
        assert_eq!(rejection(&json!({"uri": " \n", "id": null, "text": "t"})), missing);
    }

    #[test]
    fn a_uri_that_is_not_text_is_rejected() {
        let wrong = |detail: &str| (Reason::WrongType, detail.to_owned());
        assert_eq!(rejection(&json!({"uri": ["a"], "url": "w"})), wrong("`uri` is a list, not text or an integer"));
        assert_eq!(rejection(&json!({"id": 1.5})), wrong("`id` is a number, but not a 64-bit integer"));
    }

    #[test]
    fn a_uri_has_a_maximum_length() {
        let longest = "u".repeat(URI_BYTES_MAX);
        assert_eq!(read(&json!({"uri": longest, "text": "t"})).map(|parsed| parsed.uri), Ok(longest.clone()));
        let detail = "`uri` has 1025 bytes; a uri has at most 1024".to_owned();
        assert_eq!(rejection(&json!({"uri": longest + "u"})), (Reason::WrongType, detail));
    }

    #[test]
    fn a_tombstone_takes_back_the_article_of_its_key() {
        let withdrawal = ParsedRecord { uri: "a:1".to_owned(), version: None, content: ParsedContent::Withdrawal };
        assert_eq!(ArticleReader::default().read(Some(b"a:1"), None), Ok(withdrawal));
    }

    #[test]
    fn a_tombstone_without_a_key_is_a_dead_letter() {
        let reason =
            |key: Option<&[u8]>| ArticleReader::default().read(key, None).map_err(|rejection| rejection.reason);
        assert_eq!(reason(None), Err(Reason::TombstoneWithoutKey));
        assert_eq!(reason(Some(b" ")), Err(Reason::TombstoneWithoutKey));
        assert_eq!(reason(Some(b"\xff")), Err(Reason::NotUtf8));
        assert_eq!(reason(Some(&[b'k'; URI_BYTES_MAX + 1])), Err(Reason::WrongType));
    }

    #[test]
    fn an_empty_value_is_not_a_tombstone() {
        let rejection = ArticleReader::default().read(Some(b"a:1"), Some(b"")).expect_err("is rejected");
        assert_eq!(rejection.reason, Reason::NotJson);
    }
}

mod text {
    use super::*;

    #[test]
    fn an_article_without_a_text_is_rejected() {
        for record in [
            json!({"id": 1}),
            json!({"id": 1, "text": null}),
            json!({"id": 1, "bodies": []}),
            json!({"id": 1, "bodies": [{"value": null}]}),
        ] {
            assert_eq!(rejection(&record).0, Reason::MissingText, "{record}");
        }
    }

    #[test]
    fn a_text_without_words_is_accepted() {
        for text in ["", " \n", "…!?", "<p></p>"] {
            article(&with(&json!({"text": text})));
        }
        assert_eq!(article(&with(&json!({"text": "", "body": null, "content": "x"}))).body, "x");
    }

    #[test]
    fn a_text_of_another_type_is_rejected_by_its_name() {
        let wrong = |detail: &str| (Reason::WrongType, detail.to_owned());
        assert_eq!(rejection(&with(&json!({"text": 5}))), wrong("`text` is a number, not text"));
        assert_eq!(rejection(&with(&json!({"bodies": {}}))), wrong("`bodies` is an object without `value`, not text"));
        let inner = "`bodies` is a list with an element that is a boolean, not text";
        assert_eq!(rejection(&with(&json!({"bodies": [true]}))), wrong(inner));
        let value = "`bodies` is a list with an element that is an object whose `value` is a list, not text";
        assert_eq!(rejection(&with(&json!({"bodies": [{"value": []}]}))), wrong(value));
    }

    #[test]
    fn the_main_body_comes_first_and_then_the_one_without_a_role() {
        let body = |bodies: Value| article(&with(&json!({"bodies": bodies}))).body;
        assert_eq!(body(json!([{"value": "a"}, {"role": "main", "value": "b"}])), "b");
        assert_eq!(body(json!([{"role": "caption", "value": "a"}, {"value": "b"}, {"value": "c"}])), "b");
        assert_eq!(body(json!([{"role": "main", "value": " "}, {"role": "x", "value": "b"}])), "b");
    }

    #[test]
    fn html_is_known_by_content_type_by_field_name_and_by_looks() {
        let body = |fields: Value| article(&with(&fields)).body;
        assert_eq!(body(json!({"text": "<p>a</p>"})), "a");
        assert_eq!(body(json!({"body_xhtml": "a<br/>b"})), "a\nb");
        assert_eq!(body(json!({"bodies": [{"contentType": "application/xhtml+xml", "value": "a<br/>b"}]})), "a\nb");
        assert_eq!(body(json!({"bodies": [{"contentType": "text/plain", "value": "<p>a</p>"}]})), "<p>a</p>");
        assert_eq!(body(json!({"text": "Write <p>a</p> for a paragraph."})), "Write <p>a</p> for a paragraph.");
    }
}

mod metadata {
    use super::*;

    #[test]
    fn a_field_of_another_type_is_skipped() {
        let odd = with(&json!({
            "title": 1, "language": {}, "source": [], "published_at": {}, "by": 7, "infoSources": true, "version": [],
            "versionCreated": "soon", "pubStatus": 3,
        }));
        assert_eq!(article(&odd), article(&with(&json!({}))));
    }

    #[test]
    fn the_version_is_a_modification_time_or_else_a_number() {
        let version = |fields: Value| read(&with(&fields)).expect("is read").version;
        assert_eq!(version(json!({})), None);
        assert_eq!(version(json!({"version": 5})), Some(5));
        assert_eq!(version(json!({"version": " 12 "})), Some(12));
        assert_eq!(version(json!({"version": "1.0"})), None);
        assert_eq!(version(json!({"version": 5, "versionCreated": "unknown"})), Some(5));
        assert_eq!(version(json!({"version": 5, "versionCreated": 1_700_000_000})), Some(1_700_000_000_000));
        for name in MODIFIED_FIELDS {
            assert_eq!(version(json!({*name: "1970-01-01T00:00:01Z"})), Some(1000), "{name}");
        }
    }

    #[test]
    fn a_published_time_comes_before_those_of_the_version_and_of_the_item() {
        let start = |fields: Value| article(&with(&fields)).published.map(|published| published.start().0);
        assert_eq!(start(json!({"published_at": 100, "versionCreated": 200, "firstCreated": 300})), Some(100_000));
        assert_eq!(start(json!({"published_at": "?", "versionCreated": 200, "firstCreated": 300})), Some(200_000));
        assert_eq!(start(json!({"firstcreated": "300"})), Some(300_000));
        assert_eq!(start(json!({"date": "no date"})), None);
    }

    #[test]
    fn the_source_is_named_or_else_the_host_of_the_url() {
        let source = |fields: Value| article(&with(&fields)).source;
        let url = "https://user@WWW.News.example:8080/a?b#c";
        assert_eq!(source(json!({"source": " Daily ", "url": url})), "Daily");
        assert_eq!(source(json!({"source": " ", "publisher": {"name": "x"}, "url": url})), "news.example");
        assert_eq!(source(json!({"id": "http://b.example"})), "b.example");
        assert_eq!(source(json!({"url": "ftp://b.example", "id": "b.example/1"})), "");
        assert_eq!(source(json!({"url": "http://"})), "");
    }

    #[test]
    fn a_language_is_a_tag_in_lower_case_or_empty() {
        let language = |tag: &str| article(&with(&json!({"language": tag}))).language;
        assert_eq!(language(" zh_Hant-TW "), "zh-hant-tw");
        assert_eq!(language("العربية"), "");
        assert_eq!(language(&"x".repeat(36)), "");
    }

    #[test]
    fn credits_are_bounded() {
        let credits = |by: Value| article(&with(&json!({"authors": by}))).credits;
        assert_eq!(credits(json!(vec!["a"; 40])).len(), METADATA_CREDITS_MAX);
        assert_eq!(credits(json!("a".repeat(1000)))[0].name.len(), NAME_BYTES_MAX);
        assert_eq!(credits(json!([" ", ""])), []);
    }

    #[test]
    fn the_first_field_with_a_name_counts() {
        let credits = article(&with(&json!({"by": {}, "byline": "B", "author": "A"}))).credits;
        assert_eq!(credits, [MetadataCredit { name: "B".into(), location: CreditLocation::Byline }]);
    }
}

mod status {
    use super::*;

    #[test]
    fn canceled_and_withheld_records_need_no_text() {
        let content = |status: Value| read(&json!({"id": "a", "pubStatus": status})).map(|parsed| parsed.content);
        assert_eq!(content(json!("canceled")), Ok(ParsedContent::Withdrawal));
        assert_eq!(content(json!(" Cancelled")), Ok(ParsedContent::Withdrawal));
        assert_eq!(content(json!("withheld")), Ok(ParsedContent::Withheld));
    }

    #[test]
    fn a_record_of_any_other_status_is_an_article() {
        for status in [json!("usable"), json!("draft"), json!(""), json!(null)] {
            article(&with(&json!({"pubstatus": status})));
        }
    }

    #[test]
    fn a_withdrawal_needs_a_uri() {
        assert_eq!(rejection(&json!({"pubStatus": "canceled"})).0, Reason::MissingUri);
    }
}

mod examples {
    use super::*;

    fn each(lines: &str) -> Vec<Result<ParsedRecord, Reason>> {
        lines
            .lines()
            .map(|line| {
                ArticleReader::default().read(None, Some(line.as_bytes())).map_err(|rejection| rejection.reason)
            })
            .collect()
    }

    #[test]
    fn the_sample_articles_are_read_and_are_in_order_of_time() {
        let lines = each(include_str!("../../../examples/articles.ndjson"));
        let parsed: Vec<_> = lines.into_iter().map(|line| line.expect("is read")).collect();
        let articles: Vec<_> = parsed
            .iter()
            .filter_map(|parsed| match &parsed.content {
                ParsedContent::Article(article) => Some(article),
                ParsedContent::Withdrawal | ParsedContent::Withheld => None,
            })
            .collect();
        assert_eq!((parsed.len(), articles.len()), (30, 29), "one record is a withdrawal");
        assert!(articles.iter().all(|article| !article.source.is_empty() && article.published.is_some()));
        let starts = articles.iter().map(|article| article.published.map(Published::start));
        assert!(starts.is_sorted());
    }

    #[test]
    fn each_broken_sample_is_rejected_for_its_own_reason() {
        let reasons: Vec<_> =
            each(include_str!("../../../examples/broken.ndjson")).into_iter().map(Result::err).collect();
        let expected = [
            Some(Reason::NotJson),
            Some(Reason::MissingUri),
            Some(Reason::MissingText),
            Some(Reason::NotObject),
            None,
            None,
            Some(Reason::WrongType),
            None,
        ];
        assert_eq!(reasons, expected);
    }
}

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
    let names = [
        URI_FIELDS,
        MODIFIED_FIELDS,
        VERSION_FIELDS,
        TITLE_FIELDS,
        BODY_FIELDS,
        LANGUAGE_FIELDS,
        SOURCE_FIELDS,
        PUBLISHED_FIELDS,
        STATUS_FIELDS,
        INFO_SOURCE_FIELDS,
        COPYRIGHT_HOLDER_FIELDS,
        BYLINE_FIELDS,
        &["value", "role", "contentType", "name"],
    ];
    let name = prop::sample::select(names.concat());
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
        if let Err(rejection) = ArticleReader::default().read(key.as_deref(), value.as_deref()) {
            prop_assert!(!rejection.detail.is_empty() && rejection.detail.len() <= 200);
        }
    }

    #[test]
    fn any_json_is_read_within_bounds_and_always_the_same(value in any_json()) {
        let first = read(&value);
        prop_assert_eq!(&first, &read(&value));
        match first {
            Err(rejection) => prop_assert!(!rejection.detail.is_empty() && rejection.detail.len() <= 200),
            Ok(parsed) => {
                prop_assert!(!parsed.uri.trim().is_empty() && parsed.uri.len() <= URI_BYTES_MAX);
                if let ParsedContent::Article(article) = parsed.content {
                    prop_assert!(article.source.len() <= NAME_BYTES_MAX && article.credits.len() <= 3 * METADATA_CREDITS_MAX);
                }
            }
        }
    }
}
