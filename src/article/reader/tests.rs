mod bounds;
mod dates;
mod shapes;

use serde_json::json;

use super::*;
use crate::article::candidates::Candidates;
use crate::article::date::UnreadDate;
use crate::article::{Article, METADATA_CREDITS_MAX, MetadataCredit, NAME_BYTES_MAX, Published, UnreadField};
use crate::record::{CreditLocation, Millis, Version};

fn read(value: &Value) -> Result<ParsedRecord, Rejection> {
    ArticleReader::default().read("", None, Some(value.to_string().as_bytes()))
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
    ArticleReader::new(serde_json::from_value(map).expect("a map"), DateOrder::Unknown)
}

fn time(text: &str) -> Version {
    Version::Time(Millis(at(text)))
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
            url: None,
            site: String::new(),
            published: Some(Published::At(Millis(created))),
            credits: vec![
                credit("Norwire", CreditLocation::InfoSource),
                credit("City Hall", CreditLocation::InfoSource),
                credit("Norwire AB", CreditLocation::CopyrightHolder),
                credit("Mira Holt", CreditLocation::Byline),
            ],
        };
        let parsed = read(&record).expect("is read");
        assert_eq!(parsed.uri.as_deref(), Some("tag:wire.example,2026:1"));
        assert_eq!(parsed.version, Some(Version::Time(Millis(created))));
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
    fn an_xml_record_is_read_and_other_xml_is_rejected() {
        let read = |xml: &str| ArticleReader::default().read("", None, Some(xml.as_bytes()));
        let nitf = "\u{feff} <nitf><head><docdata><doc-id id-string='a:1'/><date.issue norm='2026-03-02T06:10:00Z'/>\
            </docdata></head><body><body.head><hedline><hl1>Fish &amp; chips</hl1></hedline></body.head>\
            <body.content><p>One.</p><p>Two.</p></body.content></body></nitf>";
        let parsed = read(nitf).expect("is read");
        assert_eq!((parsed.uri.as_deref(), parsed.version), (Some("a:1"), Some(time("2026-03-02T06:10:00Z"))));
        let ParsedContent::Article(article) = parsed.content else { panic!("no article") };
        assert_eq!((article.title.as_str(), article.body.as_str()), ("Fish & chips", "One.\nTwo."));
        let rejection = read("<rss/>").expect_err("is rejected");
        assert!(rejection.detail.contains("an RSS feed"), "{}", rejection.detail);
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
            assert_eq!(parsed.uri.as_deref(), Some("https://a.example/1"));
            let article = article(&record);
            let read = [&article.title, &article.body, &parsed.source, &article.language];
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
        let parsed = reader.read("", None, Some(record.to_string().as_bytes())).expect("is read");
        assert_eq!((parsed.uri.as_deref(), parsed.version), (Some("k"), Some(Version::Number(7))));
        assert!(matches!(parsed.content, ParsedContent::Article(article) if article.body == "x"));
        let bare = reader.read("", None, Some(br#"{"id":"a","text":"t","rev":"2026-03-02","st":"canceled"}"#));
        let day = Some(time("2026-03-02T00:00:00Z"));
        let bare = bare.expect("is read");
        let expected = (Some("a"), day, &ParsedContent::Withdrawal);
        assert_eq!((bare.uri.as_deref(), bare.version, &bare.content), expected);
    }
}

mod identity {
    use super::*;

    #[test]
    fn the_uri_comes_before_the_id_and_the_id_before_the_url() {
        let uri = |value: Value| read(&value).map(|parsed| parsed.uri.expect("a uri"));
        assert_eq!(uri(json!({"uri": "u", "id": "i", "url": "w", "text": ""})), Ok("u".to_owned()));
        assert_eq!(uri(json!({"uri": " ", "id": "i", "url": "w", "text": ""})), Ok("i".to_owned()));
        assert_eq!(uri(json!({"uri": null, "url": " /w ", "text": ""})), Ok("/w".to_owned()));
        assert_eq!(
            uri(json!({"id": 18_446_744_073_709_551_615_u64, "text": ""})),
            Ok("18446744073709551615".to_owned())
        );
        assert_eq!(uri(json!({"id": -3, "text": ""})), Ok("-3".to_owned()));
    }

    #[test]
    fn a_bare_id_is_one_of_its_page_or_of_its_outlet() {
        let names = |value: Value| {
            let ParsedRecord { uri, id, source, .. } = read(&value).expect("is read");
            (uri.expect("a uri"), id.expect("an id"), source)
        };
        let expect = |uri: &str, id: &str, source: &str| (uri.to_owned(), id.to_owned(), source.to_owned());
        let page = "https://www.A.example/ferry";
        assert_eq!(names(json!({"id": 7, "url": page, "text": "t"})), expect(page, "7", "a.example"));
        assert_eq!(names(json!({"id": "urn:7", "url": page, "text": "t"})), expect("urn:7", "urn:7", "a.example"));
        assert_eq!(names(json!({"id": 7, "source": "The Post", "text": "t"})), expect("the post/7", "7", "The Post"));
        assert_eq!(names(json!({"id": 7, "source": "M.Post.example", "text": "t"})).0, "post.example/7");
        assert_eq!(names(json!({"id": 7, "url": "https://a.example/", "text": "t"})).0, "a.example/7", "no page");
        assert_eq!(names(json!({"id": 7, "text": "t"})), expect("7", "7", ""));
        assert_eq!(names(json!({"id": 7, "source": "b.example", "status": "deleted"})).0, "b.example/7");
    }

    #[test]
    fn the_outlet_of_a_topic_counts_where_the_record_names_none() {
        let outlets = [("gulf".to_owned(), "gulf.example".to_owned())].into_iter().collect();
        let reader = ArticleReader::default().with_outlets(outlets);
        let read = |topic: &str, value: Value| {
            let parsed = reader.read(topic, None, Some(value.to_string().as_bytes())).expect("is read");
            (parsed.uri.unwrap_or_default(), parsed.source)
        };
        let expect = |uri: &str, source: &str| (uri.to_owned(), source.to_owned());
        assert_eq!(read("gulf", json!({"id": 7, "text": "t"})), expect("gulf.example/7", "gulf.example"));
        assert_eq!(read("gulf", json!({"id": 7, "source": "Post", "text": "t"})), expect("post/7", "Post"));
        assert_eq!(read("gulf", json!({"url": "https://a.example/7", "text": "t"})).1, "a.example");
        assert_eq!(read("other", json!({"id": 7, "text": "t"})), expect("7", ""));
        let tombstone = reader.read("gulf", Some(b"7"), None).expect("is read");
        assert_eq!((tombstone.id.as_deref(), &*tombstone.source), (Some("7"), "gulf.example"));
    }

    #[test]
    fn urls_are_normalised_only_where_the_setting_says_so() {
        let record = json!({"url": "http://A.example/x?utm_source=feed&p=2#top", "text": "t"}).to_string();
        let uri = |is_set| {
            let reader = ArticleReader::default().with_normalised_urls(is_set);
            let parsed = reader.read("", None, Some(record.as_bytes())).expect("is read");
            assert_eq!(parsed.source, "a.example");
            parsed.uri.expect("a uri")
        };
        assert_eq!(uri(false), "http://A.example/x?utm_source=feed&p=2#top");
        assert_eq!(uri(true), "https://a.example/x?p=2");
    }

    #[test]
    fn the_form_of_a_site_and_capitals_make_no_other_outlet() {
        for host in ["www.post.example", "m.post.example", "amp.post.example", "WWW.M.Post.example", "POST.example"] {
            let of_page = json!({"url": format!("https://{host}/a"), "text": "t"});
            let named = json!({"id": 1, "source_domain": host, "text": "t"});
            for record in [of_page, named] {
                assert_eq!(read(&record).expect("is read").source, "post.example", "{record}");
            }
        }
        for address in ["//www.post.example/a", "post.example/", "www2.post.example:443", "m.POST.example/sport?x"] {
            let record = json!({"id": 1, "source": address, "text": "t"});
            assert_eq!(read(&record).expect("is read").source, "post.example", "{address}");
        }
        let name = |source: &str| read(&json!({"id": 1, "source": source, "text": "t"})).expect("is read").source;
        assert_eq!(name("The M. Post"), "The M. Post");
        assert_eq!((&*name("m.com"), &*name("AFP/Reuters"), &*name("Vol.2")), ("m.com", "AFP/Reuters", "Vol.2"));
    }

    #[test]
    fn a_record_without_a_uri_has_that_of_its_key_or_none() {
        let read = |key: Option<&[u8]>, record: &Value| {
            ArticleReader::default().read("", key, Some(record.to_string().as_bytes())).expect("is read").uri
        };
        for record in [
            json!({"text": "t"}),
            json!({"uri": " \n", "id": null, "text": "t"}),
            json!({"id": 1.5, "text": "t"}),
            json!({"id": true, "url": {}, "text": "t"}),
            json!({"uri": format!("urn:{}", "u".repeat(URI_BYTES_MAX)), "text": "t"}),
            json!({"id": "u".repeat(URI_BYTES_MAX), "text": "t"}),
        ] {
            assert_eq!(read(None, &record), None, "{record}");
            assert_eq!(read(Some(b" k:1 "), &record).as_deref(), Some("k:1"), "{record}");
            assert_eq!(read(Some(b"\xff"), &record), None, "{record}");
        }
        let longest = format!("urn:{}", "u".repeat(URI_BYTES_MAX - 4));
        assert_eq!(read(Some(b"k"), &json!({"uri": longest, "text": "t"})), Some(longest));
    }

    #[test]
    fn a_uri_that_cannot_be_used_is_reported_if_there_is_no_other() {
        let parsed = read(&json!({"id": 1.5, "url": "https://a.example/1", "text": "t"})).expect("is read");
        assert_eq!((parsed.uri.as_deref(), &parsed.reading.unread[..]), (Some("https://a.example/1"), &[][..]));
        let parsed = read(&json!({"id": 1.5, "text": "t"})).expect("is read");
        let unread = UnreadField { field: Field::Uri, path: "id".to_owned(), value: "1.5".to_owned(), reason: "" };
        assert_eq!(parsed.reading.unread, [unread]);
    }

    #[test]
    fn a_key_may_be_json() {
        for key in [r#"{"id": 7}"#, r#"{"schema": {"type": "int64"}, "payload": 7}"#, r#""7""#, "7"] {
            let parsed = ArticleReader::default().read("", Some(key.as_bytes()), None).expect("is read");
            let read = (parsed.uri.as_deref(), &parsed.content);
            assert_eq!(read, (Some("7"), &ParsedContent::Withdrawal), "{key}");
        }
    }

    #[test]
    fn a_tombstone_takes_back_the_article_of_its_key() {
        let withdrawal = ParsedRecord::new("a:1", None, ParsedContent::Withdrawal);
        assert_eq!(ArticleReader::default().read("", Some(b"a:1"), None), Ok(withdrawal));
    }

    #[test]
    fn a_tombstone_without_a_key_is_a_dead_letter() {
        let reason =
            |key: Option<&[u8]>| ArticleReader::default().read("", key, None).map_err(|rejection| rejection.reason);
        assert_eq!(reason(None), Err(Reason::TombstoneWithoutKey));
        assert_eq!(reason(Some(b" ")), Err(Reason::TombstoneWithoutKey));
        assert_eq!(reason(Some(b"\xff")), Err(Reason::NotUtf8));
        assert_eq!(reason(Some(&[b'k'; URI_BYTES_MAX + 1])), Err(Reason::WrongType));
    }

    #[test]
    fn an_empty_value_is_not_a_tombstone() {
        let rejection = ArticleReader::default().read("", Some(b"a:1"), Some(b"")).expect_err("is rejected");
        assert_eq!(rejection.reason, Reason::NotJson);
    }
}

mod text {
    use super::*;

    #[test]
    fn an_article_without_a_text_is_rejected() {
        for record in [json!({"id": 1}), json!({"id": 1, "text": null}), json!({"id": 1, "bodies": []})] {
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
        let list = "`bodies` is a list without a text";
        assert_eq!(rejection(&with(&json!({"text": null, "bodies": [true]}))), wrong(list));
        let object = "`body` is an object without a text";
        assert_eq!(rejection(&with(&json!({"text": null, "body": {"a": 1}}))), wrong(object));
    }

    #[test]
    fn a_rejection_names_the_fields_that_the_record_has() {
        let (_, detail) = rejection(&json!({"id": 1, "description": "Short.", "nachricht": "t"}));
        assert!(detail.contains("`body_text`") && detail.contains("`nachricht`"), "{detail}");
        assert!(detail.contains("; `description` is too short for an article; "), "{detail}");
    }

    #[test]
    fn the_fullest_text_counts_and_a_teaser_only_if_it_is_an_article() {
        let long = "One two three four five. ".repeat(20);
        let body = |fields: Value| {
            read(&fields).map_err(|rejection| rejection.reason).map(|parsed| match parsed.content {
                ParsedContent::Article(article) => article.body.len(),
                other => panic!("{other:?}"),
            })
        };
        let full = long.trim().len();
        assert_eq!(body(json!({"text": "One two.", "content": long, "summary": "One."})), Ok(full));
        assert_eq!(body(json!({"articleBody": long, "articleBodyHtml": format!("<p class='x'>{long}</p>")})), Ok(full));
        assert_eq!(body(json!({"html": format!("<p>{long}</p><p>{long}</p>"), "text": long})), Ok(full));
        assert_eq!(body(json!({"summary": long})), Ok(full));
        assert_eq!(body(json!({"summary": format!("{long} […]")})), Err(Reason::MissingText));
        assert_eq!(body(json!({"text": "ONLY AVAILABLE IN PAID PLANS"})), Err(Reason::MissingText));
        assert_eq!(body(json!({"content": "One two three… [+310 chars]"})), Ok("One two three".len()));
    }

    #[test]
    fn words_of_an_api_are_no_text() {
        let body = |record: Value| {
            read(&record).map_err(|rejection| rejection.reason).map(|parsed| match parsed.content {
                ParsedContent::Article(article) => (parsed.uri.unwrap_or_default(), article.body),
                other => panic!("{other:?}"),
            })
        };
        let inner = json!({"id": "7", "title": "T", "content": "One two three."});
        let expected = Ok(("7".to_owned(), "One two three.".to_owned()));
        assert_eq!(body(json!({"code": 200, "message": "success", "data": inner})), expected);
        assert_eq!(body(json!({"message": "ok", "article": inner})), expected);
        assert_eq!(body(json!({"id": "event", "data": inner})), expected);
        let event =
            json!({"id": "7", "title": "T", "text": null, "event": {"title": "E", "id": "8", "text": "Other."}});
        assert_eq!(body(event), Err(Reason::MissingText));
        assert_eq!(body(json!({"id": "7", "body": null, "body_format": "full_html"})), Err(Reason::MissingText));
        let page = json!({"id": "7", "blocks": [{"text": "Sign up"}], "fields": {"body": "One two three."}});
        assert_eq!(body(page), expected);
    }

    #[test]
    fn paragraphs_blocks_and_rich_text_are_joined() {
        let body = |value: Value| article(&json!({"id": 1, "body": value})).body;
        assert_eq!(body(json!(["One.", " ", "Two."])), "One.\nTwo.");
        assert_eq!(
            body(json!({"sections": [{"paragraphs": ["One.", "Two."]}, {"paragraphs": ["Three."]}]})),
            "One.\nTwo.\nThree."
        );
        assert_eq!(body(json!([{"type": "text", "content": "<p>One</p>"}, {"type": "image", "caption": "No"}])), "One");
        let spans =
            json!([{"_type": "block", "children": [{"_type": "span", "text": "O"}, {"_type": "span", "text": "ne."}]}]);
        assert_eq!(body(spans), "One.");
        let document = json!({"type": "doc", "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "One "}, {"type": "text", "text": "two."}]},
            {"type": "paragraph", "content": [{"type": "text", "text": "Three."}]},
        ]});
        assert_eq!(body(document.clone()), "One two.\nThree.");
        assert_eq!(body(json!(document.to_string())), "One two.\nThree.");
    }

    #[test]
    fn the_main_body_comes_first_and_then_the_one_without_a_role() {
        let body = |bodies: Value| article(&json!({"id": 1, "bodies": bodies})).body;
        assert_eq!(body(json!([{"value": "a"}, {"role": "main", "value": "b"}])), "b");
        assert_eq!(body(json!([{"role": "caption", "value": "aaa"}, {"value": "b"}, {"value": "c"}])), "b\nc");
        assert_eq!(body(json!([{"role": "section", "value": "a"}, {"role": "section", "value": "b"}])), "a\nb");
        assert_eq!(body(json!([{"role": "lead", "value": "aaa"}, {"role": "text", "value": "b"}])), "b");
        assert_eq!(body(json!([{"role": "main", "value": " "}, {"role": "x", "value": "b"}])), "b");
    }

    #[test]
    fn html_is_known_by_content_type_by_field_name_and_by_looks() {
        let body = |fields: Value| article(&with(&fields)).body;
        assert_eq!(body(json!({"text": "<p>a</p>"})), "a");
        assert_eq!(body(json!({"body_xhtml": "a<br/>b"})), "a\nb");
        assert_eq!(body(json!({"bodies": [{"contentType": "application/xhtml+xml", "value": "a<br/>b"}]})), "a\nb");
        assert_eq!(body(json!({"bodies": [{"contentType": "text/plain", "value": "use <b>"}]})), "use <b>");
        assert_eq!(body(json!({"text": "Write <p>a</p> for a paragraph."})), "Write <p>a</p> for a paragraph.");
    }
}

#[test]
fn a_record_that_holds_a_list_is_told_from_an_answer_that_wraps_records() {
    let reader = mapped(json!({"body": ["beitrag"]}));
    let is_record = |value: &Value| reader.is_record(value.to_string().as_bytes());
    let prose = "Engineers reopened the spillway. ".repeat(20);
    for record in [
        json!({"uri": "urn:x", "text": "Dam reopens.", "items": [{"id": 1}]}),
        json!({"items": [{"id": 1}], "body": ["Dam", "reopens"]}),
        json!({"items": [{"id": 1}], "bodies": {"value": "Dam reopens."}}),
        json!({"uri": "urn:x", "pubStatus": "canceled", "items": [{"id": 1}]}),
        json!({"beitrag": "Dam reopens.", "documents": [{"name": "a.pdf"}]}),
        json!({"payload": {"body": prose}, "items": [{}]}),
    ] {
        assert!(is_record(&record), "{record}");
    }
    for answer in [
        json!({"articles": [{"id": 1, "text": prose}]}),
        json!({"articles": [{"id": 1, "text": prose}, {"id": 2, "text": prose}]}),
        json!({"message": {"text": "OK"}, "posts": [{"id": 1, "text": prose}]}),
        json!({"title": "A feed", "description": prose, "items": [{"id": "1", "text": prose}, {"id": "2"}]}),
        json!({"status": "ok", "articles": []}),
        json!({"pubStatus": "canceled", "items": [{"id": 1}]}),
    ] {
        assert!(!is_record(&answer), "{answer}");
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
        let number = |number| Some(Version::Number(number));
        assert_eq!(version(json!({})), None);
        assert_eq!(version(json!({"version": 5})), number(5));
        assert_eq!(version(json!({"version": " 12 "})), number(12));
        assert_eq!(version(json!({"version": "1.10"})), Some(Version::Numbers([1, 10, 0])));
        assert_eq!(version(json!({"version": "final"})), None);
        assert_eq!(version(json!({"version": 5, "versionCreated": "unknown"})), number(5));
        assert_eq!(
            version(json!({"version": 5, "versionCreated": 1_700_000_000})),
            Some(Version::Time(Millis(1_700_000_000_000)))
        );
        for name in ["versionCreated", "versioncreated", "modified_at", "date_modify", "updated_at", "dateModified"] {
            assert_eq!(version(json!({name: "2024-01-01T00:00:01Z"})), Some(time("2024-01-01T00:00:01Z")), "{name}");
        }
    }

    #[test]
    fn the_source_is_named_or_else_the_host_of_the_url() {
        let source = |fields: Value| read(&with(&fields)).expect("is read").source;
        let url = "https://user@WWW.News.example:8080/a?b#c";
        assert_eq!(source(json!({"source": " Daily ", "url": url})), "Daily");
        assert_eq!(source(json!({"source": " ", "publisher": {"name": "x"}, "url": url})), "x");
        assert_eq!(source(json!({"source": {"id": null, "url": "https://x.example/a"}, "url": url})), "x.example");
        assert_eq!(source(json!({"source": "mC4", "url": url})), "news.example");
        assert_eq!(source(json!({"id": "http://b.example"})), "b.example");
        assert_eq!(source(json!({"url": "ftp://b.example", "id": "b.example/1"})), "");
        assert_eq!(source(json!({"url": "http://"})), "");
    }

    #[test]
    fn a_language_is_a_tag_in_lower_case_or_empty() {
        let language = |tag: &str| article(&with(&json!({"language": tag}))).language;
        assert_eq!(language(" zh_Hant-TW "), "zh-hant-tw");
        assert_eq!((language("العربية"), language("لغة")), ("ar".to_owned(), String::new()));
        assert_eq!(language(&"x".repeat(36)), "");
        assert_eq!(
            (language("German"), language("eng"), language("eng_Latn")),
            ("de".into(), "en".into(), "en-latn".into())
        );
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
    fn a_deletion_is_a_withdrawal_in_all_its_spellings() {
        for fields in [
            json!({"is_deleted": 1}),
            json!({"__deleted": "true"}),
            json!({"__op": "d"}),
            json!({"deleted_at": "2026-03-02"}),
            json!({"status": "retracted"}),
        ] {
            assert_eq!(read(&with(&fields)).expect("is read").content, ParsedContent::Withdrawal, "{fields}");
        }
        for fields in [
            json!({"is_deleted": 0, "__deleted": "false", "__op": "u", "deleted_at": null}),
            json!({"status": "unread", "live": false}),
            json!({"publication_status": true}),
        ] {
            article(&with(&fields));
        }
        let canceled = json!({"payload": {"uri": "urn:7", "pubstatus": "canceled"}});
        assert_eq!(read(&canceled).expect("is read").uri.as_deref(), Some("urn:7"));
    }

    #[test]
    fn what_stands_for_no_id_is_none() {
        for id in [json!("None"), json!(0), json!("00000000-0000-0000-0000-000000000000"), json!("#"), json!(-1)] {
            assert_eq!(read(&json!({"id": id, "text": "t"})).expect("is read").uri, None, "{id}");
        }
    }

    #[test]
    fn an_insert_and_a_delete_of_a_document_have_one_id() {
        let key = json!({"_id": {"$oid": "65a"}});
        let document = json!({"_id": {"$oid": "65a"}, "url": "https://a.example/1", "text": "One two."});
        let insert = json!({"operationType": "insert", "documentKey": key, "fullDocument": document});
        let delete = json!({"operationType": "delete", "documentKey": key});
        let [inserted, deleted] = [insert, delete].map(|change| read(&change).expect("is read"));
        assert_eq!(inserted.uri.as_deref(), Some("https://a.example/1"));
        assert_eq!((&inserted.id, &deleted.id), (&Some("65a".to_owned()), &Some("65a".to_owned())));
    }

    #[test]
    fn a_record_of_any_other_status_is_an_article() {
        for status in [json!("usable"), json!("corrected"), json!(""), json!(null)] {
            article(&with(&json!({"pubstatus": status})));
        }
    }

    #[test]
    fn an_article_is_withheld_until_its_embargo_ends() {
        let end = Millis(at("2026-03-02T12:00:00Z"));
        for (name, value) in [
            ("embargoed", json!("2026-03-02T12:00:00Z")),
            ("embargoDate", json!({"$date": "2026-03-02T12:00:00Z"})),
            ("embargo", json!({"until": "Mon, 02 Mar 2026 12:00:00 GMT"})),
            ("schedule_settings", json!({"utc_embargo": end.0})),
        ] {
            let record = read(&with(&json!({name: value}))).expect("is read");
            assert_eq!(record.embargoed_until, Some(end), "{name}");
            assert_eq!(record.clone().at(Millis(end.0 - 1)).content, ParsedContent::Withheld);
            assert_eq!(record.clone().at(end), record);
        }
        for none in [json!(null), json!(""), json!(false), json!("none")] {
            let record = read(&with(&json!({"embargoed": none}))).expect("is read");
            assert_eq!((record.embargoed_until, record.reading.unread), (None, Vec::new()));
        }
        let flagged = read(&with(&json!({"embargo": true}))).expect("is read");
        assert_eq!(flagged.content, ParsedContent::Withheld);
        let unclear = read(&with(&json!({"embargo": "until further notice"}))).expect("is read");
        assert!(unclear.reading.is_unread(Field::Status), "an article, but reported");
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
                ArticleReader::default().read("", None, Some(line.as_bytes())).map_err(|rejection| rejection.reason)
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
        assert!(parsed.iter().all(|parsed| !parsed.source.is_empty() || parsed.content == ParsedContent::Withdrawal));
        assert!(articles.iter().all(|article| article.published.is_some()));
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
