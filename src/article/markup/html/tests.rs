use super::*;

fn to_text(html: &str) -> String {
    super::to_text(html, Vocabulary::Html)
}

#[test]
fn block_elements_end_lines_and_inline_elements_do_not() {
    let html = "<h2>A <b>bold</b>er claim</h2>\n<p>One\n  line.</p><p>Two<br/>lines.</p><ul><li>a<li>b</ul>";
    assert_eq!(to_text(html), "A bolder claim\nOne line.\nTwo\nlines.\na\nb");
}

#[test]
fn character_references_are_decoded() {
    assert_eq!(
        to_text("<p>Fish &amp; chips&nbsp;&mdash; &#8364;5 &#x627;&lt;p&gt;</p>"),
        "Fish & chips \u{2014} \u{20ac}5 \u{627}<p>"
    );
}

#[test]
fn elements_outside_the_article_are_left_out() {
    let html = "<!DOCTYPE html><html><head><title>T</title><style>p{}</style><script>if (a</p>b) {}</script>\
                <body><nav><ul><li>Home</ul></nav><!-- note --><form><p>Body<button>Share</button> text.</p></form>\
                <figure><img src=a><figcaption>Photo: B</figcaption></figure><aside>More<aside>x</aside></aside>\
                <noscript>On</noscript><template><p>t</p></template><footer>Imprint</footer><p>End.</p>";
    assert_eq!(to_text(html), "Body text.\nEnd.");
}

#[test]
fn a_dropped_element_without_an_end_tag_drops_nothing() {
    assert_eq!(to_text("<p>One.</p><aside>Two.<p>Three.</p>"), "One.\nTwo.\nThree.");
    assert_eq!(to_text("<nav><aside>x</nav>y</aside>z"), "y\nz");
    assert_eq!(to_text("One<svg/>two</nav>"), "One two");
}

#[test]
fn a_script_without_an_end_tag_takes_the_rest_of_the_page() {
    assert_eq!(to_text("<p>One.</p><script>var a = '<p>';"), "One.");
}

#[test]
fn text_without_markup_is_unchanged() {
    assert_eq!(to_text("a < b and c > d, 3<5 & so on"), "a < b and c > d, 3<5 & so on");
    assert_eq!(to_text(""), "");
}

#[test]
fn the_raw_elements_are_dropped_first() {
    assert_eq!(RAW_ELEMENTS, xhtml::RAW.len());
    assert!(xhtml::RAW.iter().zip(DROPPED_IN_HTML).all(|(raw, dropped)| raw.as_bytes() == *dropped));
    assert_eq!(to_text("<head><title/></head><p>One</p>"), "One");
}

#[test]
fn hidden_elements_are_left_out() {
    for (html, text) in [
        ("<p>One</p><div hidden><div>x</div>y</div><p>Two</p>", "One\nTwo"),
        ("<p>One</p><div class=a style=\"color:red; DISPLAY : none\">y</div><p>Two</p>", "One\nTwo"),
        ("One <span hidden=\"\">x</span>two <span style='display:block'>three</span>", "One two three"),
        ("<div hidden><aside>x</div><p>One</p></aside>Two", "One\nTwo"),
        ("<aside><div hidden>x</aside>One</div>Two", "One\nTwo"),
        // Nothing says where these end, or that they are hidden for good.
        ("<div hidden>One", "One"),
        ("<img hidden>One<br hidden>Two", "One\nTwo"),
        ("<body style='display:none'><p>One</p></body>", "One"),
        ("<p aria-hidden=true>One</p>", "One"),
    ] {
        assert_eq!(to_text(html), text, "{html}");
    }
}

#[test]
fn a_mark_after_a_word_is_no_part_of_it() {
    for (html, text) in [
        ("a claim<sup>1</sup>that", "a claim 1 that"),
        ("CO<sub>2</sub>, 5 km<sup>2</sup>, the 1<sup>st</sup>", "CO2, 5 km2, the 1st"),
        ("<ruby>\u{660e}\u{65e5}<rp>(</rp><rt>Ashita</rt><rp>)</rp></ruby>\u{306f}", "\u{660e}\u{65e5}\u{306f}"),
    ] {
        assert_eq!(to_text(html), text, "{html}");
    }
}

#[test]
fn without_blocks_the_ends_of_lines_count() {
    assert_eq!(super::to_text("One <b>two</b>\nthree\r\n\r\nfour", Vocabulary::HtmlLines), "One two\nthree\nfour");
}

#[test]
fn nitf_is_the_text_of_its_content_alone() {
    let nitf = |text: &str| super::to_text(text, Vocabulary::Nitf);
    let document = "<?xml version='1.0'?><!DOCTYPE nitf SYSTEM 'nitf.dtd'><nitf><head><title>T</title>\
         <docdata><note>n</note></docdata></head><body><body.head><hedline><hl1>H</hl1></hedline>\
         <byline>By B</byline><dateline>TOLBY</dateline></body.head><body.content><!-- c -->\
         <media media-type='image'><media-caption><p>Caption</p></media-caption></media><media/>\
         <block><byline>By C</byline><p>One <person>Mira</person>&nbsp;<org>Norwire</org>.</p><hl2>Two</hl2>\
         <p><![CDATA[Fish & chips]]></p></block></body.content><body.end><tagline>E</tagline></body.end></body></nitf>";
    assert_eq!(nitf(document), "One Mira Norwire.\nTwo\nFish & chips");
    assert_eq!(nitf("<block><p>One</p><p>Two</p></block>"), "One\nTwo");
    assert_eq!(nitf("<nitf:p>One</nitf:p><nitf:p>Two</nitf:p>"), "One\nTwo");
    assert_eq!(nitf("<body.content><title>One"), "One");
}

#[test]
fn unknown_elements_of_xml_separate_words() {
    let xml = |text: &str| super::to_text(text, Vocabulary::Xml);
    assert_eq!(xml("<doc><par>One</par><par>two <b>thr</b>ee</par><p>Four</p></doc>"), "One two three\nFour");
}

/// The stack is small, and a recursive walk or a search on each tag would not survive these pages.
#[test]
fn hostile_pages_take_neither_deep_stacks_nor_quadratic_time() {
    let pages = [
        "<div>".repeat(100_000) + "x",
        "<nav>".repeat(200_000) + "x" + &"</aside></nav>".repeat(200_000) + "x",
        "<b><p>".repeat(200_000) + "x",
        "<p hidden>".repeat(200_000) + "x",
        "<aside><div hidden></aside>".repeat(100_000) + "x",
        "<a ".to_owned() + &(0..300_000).map(|i: u32| i.to_string() + " ").collect::<String>() + ">x",
    ];
    let texts = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || pages.map(|page| to_text(&page)))
        .expect("a thread starts")
        .join()
        .expect("no stack overflow");
    assert_eq!(texts, ["x", "x", "x", "x", "x", "x"]);
}
