use proptest::prelude::*;

use super::*;

fn unknown(text: &str) -> String {
    plain_text(text, TextType::Unknown).into_owned()
}

#[test]
fn content_types_are_known_in_all_their_spellings() {
    use TextType::{Html, Markdown, Nitf, Plain, Unknown, Xml};
    for (content_type, expected) in [
        ("text/html; charset=utf-8", Html),
        ("TEXT/HTML", Html),
        ("application/xhtml+xml", Html),
        (" html ", Html),
        ("xhtml", Html),
        ("xhtml/xml", Html),
        ("sanitized_html", Html),
        ("text/vnd.IPTC.NITF", Nitf),
        ("application/nitf+xml", Nitf),
        ("nitf", Nitf),
        ("application/xml", Xml),
        ("text/xml;charset=x", Xml),
        ("text/markdown", Markdown),
        ("text/x-markdown", Markdown),
        ("markdown", Markdown),
        ("text/plain; format=flowed", Plain),
        ("text", Plain),
        ("", Unknown),
        ("image/jpeg", Unknown),
    ] {
        assert_eq!(TextType::declared(content_type), expected, "{content_type:?}");
    }
    assert_eq!(TextType::declared(&"html".repeat(100)), Unknown);
}

#[test]
fn markup_of_unknown_type_is_recognised() {
    for (text, plain) in [
        ("One.<br/><br/>Two <a href='https://a.example/?b=c'>three</a>.", "One.\nTwo three."),
        ("<img src=\"a.jpg\" srcset=\"a 1w, b 2w\" />One two. <a href=\"/b\">Continue</a>", "One two. Continue"),
        ("<![CDATA[<p>One</p>]]>", "One"),
        ("<![CDATA[ <p>One</p> ]]><![CDATA[<p>Two</p>]]>", "One\nTwo"),
        ("<![CDATA[One & two]]>", "One & two"),
        ("&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;", "One\nTwo"),
        ("&amp;lt;p&amp;gt;One &amp;amp;amp; two&amp;lt;/p&amp;gt;", "One & two"),
        ("One\n\n<a href=/a>two</a>\nthree", "One\ntwo\nthree"),
        ("<!doctype html><title>T</title>One", "One"),
        ("<?xml version='1.0'?>\n<!DOCTYPE nitf><nitf><head/><body.content><p>One</p></body.content></nitf>", "One"),
        ("<?xml version='1.0'?><doc><par>One</par><par>two</par></doc>", "One two"),
        ("<block><p>One</p><media><p>x</p></media></block>", "One"),
    ] {
        assert_eq!(unknown(text), plain, "{text}");
    }
}

#[test]
fn plain_text_of_unknown_type_keeps_its_lines_and_loses_its_references() {
    assert_eq!(unknown("One &amp; two&#8217;s\r\n\r\nAT&T &amp;amp; x"), "One & two\u{2019}s\n\nAT&T & x");
    for text in ["Write <p>a</p> for a paragraph.", "use <b> for bold", "a < b\n\n  c > d", "a@b <a@b.example>", ""] {
        assert!(matches!(plain_text(text, TextType::Unknown), Cow::Borrowed(same) if same == text), "{text}");
    }
}

#[test]
fn text_that_is_declared_plain_is_left_alone() {
    let plain = |text| plain_text(text, TextType::Plain).into_owned();
    assert_eq!(plain("Write <p>a</p> for &amp;\r\nb\rc"), "Write <p>a</p> for &amp;\nb\nc");
    assert_eq!(plain("<p>One.</p>\n<p>Two &amp; three.</p>"), "One.\nTwo & three.", "many feeds declare it falsely");
}

#[test]
fn declared_html_without_a_tag_is_read_like_a_text_of_unknown_type() {
    let html = |text| plain_text(text, TextType::Html).into_owned();
    assert_eq!(html("One &amp; two\nthree"), "One & two\nthree");
    assert_eq!(html("&lt;p&gt;One&lt;/p&gt;"), "One");
    assert_eq!(html("<p>Write &lt;p&gt;a&lt;/p&gt;</p>"), "Write <p>a</p>");
    assert_eq!(html("One\n<p>two\nthree</p>"), "One\ntwo three");
}

#[test]
fn xml_and_nitf_are_read_as_declared() {
    assert_eq!(plain_text("<body><p>One</p><p>Two</p></body>", TextType::Xml), "One\nTwo");
    assert_eq!(plain_text("<doc><body.content><p>One</p></body.content>x</doc>", TextType::Xml), "One");
    assert_eq!(plain_text("<block><p>One</p><p>Two</p></block>", TextType::Nitf), "One\nTwo");
}

#[test]
fn markdown_is_read() {
    let markdown = "# Dam *reopens*\n\nOne [two](https://a.example)\nthree ![a picture](b.jpg)<br>four & `<p>`.\n\n\
                    - a\n- b\n\n> quoted\n\n```\ncode\nlines\n```\n\n<aside>x</aside>\n\n| a | b |\n|---|---|\n| c | d |\n";
    let text = "Dam reopens\nOne two three\nfour & <p>.\na\nb\nquoted\ncode\nlines\na\nb\nc\nd";
    assert_eq!(plain_text(markdown, TextType::Markdown), text);
}

#[test]
fn titles_have_neither_markup_nor_references() {
    for (text, title) in [
        ("Fish &amp; chips&nbsp;&#8211; a\n review", "Fish & chips \u{2013} a review"),
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("He said <em>never</em> again", "He said never again"),
        ("&lt;b&gt;Breaking&lt;/b&gt;: dam reopens", "Breaking: dam reopens"),
        ("<![CDATA[Dam <i>reopens</i>]]>", "Dam reopens"),
        ("I <3 dams, a < b & c", "I <3 dams, a < b & c"),
        ("Why the <br> tag matters", "Why the <br> tag matters"),
        (" \n", ""),
    ] {
        assert_eq!(plain_title(text), title, "{text}");
    }
}

#[test]
fn hostile_text_is_read_in_one_pass() {
    for piece in [
        "<![CDATA[",
        "]]>",
        "<!--",
        "<?xml ?>",
        "&amp;",
        "&eacute;",
        "&#1",
        "<a b='",
        "<p hidden>",
        "&lt;p&gt;",
        "/>",
        "<title/>",
    ] {
        let text = piece.repeat(300_000);
        for declared in [TextType::Unknown, TextType::Html, TextType::Nitf, TextType::Xml] {
            plain_text(&text, declared);
        }
        plain_title(&text);
    }
}

/// The parser is not ours, so this measures that it neither recurses nor is quadratic.
#[test]
fn hostile_markdown_is_read_in_one_pass() {
    let texts =
        ["> ", "[", "*a _", "![", "- ", "`", "<a ", "[a](", "|a", "a\n===\n", "&", "**a*", "~", "[a]: b\n", "\\"]
            .map(|piece| piece.repeat(100_000));
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
        for text in texts {
            plain_text(&text, TextType::Markdown);
        }
    });
    thread.expect("a thread starts").join().expect("no stack overflow");
}

fn any_type() -> impl Strategy<Value = TextType> {
    use TextType::{Html, Markdown, Nitf, Plain, Unknown, Xml};
    prop::sample::select(vec![Unknown, Plain, Html, Nitf, Xml, Markdown])
}

fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,6}",
        "[ \t\r\n]{1,2}",
        "</?(p|b|br|a|sup|rt|aside|media|body\\.content|nitf|block|script|title)( (hidden|href=x|a=\"b\"))?/?>",
        "(&|&amp;|&lt;|&gt;|&nGt;|&amp;lt;|&#0;|&copy)",
        "(<!\\[CDATA\\[|\\]\\]>|<!--|-->|<\\?xml|\\?>|<!DOCTYPE nitf)",
        "[#*>`|_!\\[\\]()-]{1,3}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_result_is_bounded(text in any_text(), declared in any_type()) {
        let plain = plain_text(&text, declared);
        prop_assert!(plain.len() <= text.len() * 3 + 16, "{} of {}", plain.len(), text.len());
        prop_assert!(!plain.contains('\r'));
        prop_assert!(plain_title(&text).len() <= text.len() * 6 / 5);
    }

    #[test]
    fn plain_text_stays_plain(text in any_text(), declared in any_type()) {
        let plain = plain_text(&text, declared).into_owned();
        prop_assume!(!plain.contains(['<', '&']));
        prop_assert_eq!(&*plain_text(&plain, TextType::Unknown), &*plain);
    }
}
