use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(text: &str) -> Value {
    Value::Object(record(text).expect("is read"))
}

fn error(text: &str) -> String {
    record(text).expect_err("is refused")
}

const ITEM: &str = "<newsItem xmlns='http://iptc.example/nar' guid='urn:x:1' version='3' xml:lang='en'>\
    <itemMeta><itemClass qcode='ninat:text'/><provider qcode='p:nw'><name>Norwire</name></provider>\
    <versionCreated> 2026-03-02T06:10:00Z\n</versionCreated><pubStatus qcode='stat:usable'/></itemMeta>\
    <contentMeta><headline role='hl:sub'>Sub</headline><headline>Dam  reopens</headline></contentMeta>\
    <contentSet><inlineXML contenttype='application/nitf+xml'><nitf><body><body.content><p>One.</p></body.content>\
    </body></nitf></inlineXML></contentSet></newsItem>";

#[test]
fn nitf_is_read() {
    let document = "\u{feff}\n<?xml version='1.0' encoding='ISO-8859-1'?><!-- c -- c -->\
        <!DOCTYPE nitf SYSTEM 'nitf.dtd' [<!ENTITY a '<]>'> <!-- ]> ' -->]>\
        <nitf xmlns='http://iptc.example/nitf' baselang='en-GB'><head><title>T</title>\
        <docdata management-status='usable'><doc-id id-string='nw:1' regsrc='NW'/><du-key version='2'/>\
        <date.issue norm='20260302T061000Z'/><doc.copyright holder='Norwire &eacute;'/></docdata></head>\
        <body><body.head><hedline><hl1>Dam\n <em>reopens</em> &mdash; A&B</hl1></hedline>\
        <byline>By Mira Holt<byttl>Editor</byttl></byline><distributor>Norwire AB</distributor></body.head>\
        <body.content><p>Fish&nbsp;&amp; chips &lt;now&gt; &unknown; \u{b}x</p><p>Two</p></body.content></body></nitf>\n";
    let value = "<p>Fish\u{a0}&amp; chips &lt;now&gt; &amp;unknown;  x</p><p>Two</p>";
    assert_eq!(
        read(document),
        json!({
            "uri": "nw:1", "version": "2", "versionCreated": "20260302T061000Z", "pubStatus": "usable",
            "headlines": [{"role": "main", "value": "Dam reopens \u{2014} A&B"}], "language": "en-GB",
            "by": "By Mira Holt Editor", "source": "Norwire AB", "copyrightHolder": "Norwire \u{e9}",
            "infoSources": [{"name": "Norwire AB"}, {"name": "NW"}],
            "bodies": [{"contentType": "application/nitf+xml", "value": value}],
        })
    );
}

#[test]
fn newsml_g2_is_read() {
    let mut expected = json!({
        "uri": "urn:x:1", "version": "3", "versionCreated": "2026-03-02T06:10:00Z", "pubStatus": "usable",
        "headlines": [{"role": "sub", "value": "Sub"}, {"role": "main", "value": "Dam reopens"}],
        "language": "en", "source": "Norwire",
        "bodies": [{
            "contentType": "application/nitf+xml",
            "value": "<nitf><body><body.content><p>One.</p></body.content></body></nitf>",
        }],
    });
    assert_eq!(read(ITEM), expected);
    let message = |items: &str| format!("<n:newsMessage xmlns:n='x'><n:itemSet>{items}</n:itemSet></n:newsMessage>");
    let picture = "<n:newsItem guid='p'><n:itemMeta><n:itemClass qcode='ninat:picture'/></n:itemMeta></n:newsItem>";
    assert_eq!(read(&message(&format!("<n:packageItem/>{picture}{ITEM}"))), expected);
    assert_eq!(
        error(&message(&ITEM.repeat(2))),
        "a NewsML-G2 message with 2 texts; send each `newsItem` as its own record"
    );
    assert_eq!(error(&message(picture)), "a NewsML-G2 item without a text in it; its class is `picture`");
    assert_eq!(
        error(&message("<n:packageItem/>")),
        "a NewsML-G2 message without a `newsItem`; it has 1 items, first `packageItem`"
    );

    let inline = ITEM
        .replace(
            "<inlineXML contenttype='application/nitf+xml'><nitf>",
            "<inlineData contenttype='text/plain'>&lt;p&gt;",
        )
        .replace(
            "<body><body.content><p>One.</p></body.content></body></nitf></inlineXML>",
            "One.&lt;/p&gt;</inlineData>",
        );
    expected["bodies"] = json!([{"value": "<p>One.</p>"}]);
    assert_eq!(read(&inline), expected);
}

#[test]
fn a_status_is_that_of_ninjs() {
    let status = |code: &str| read(&ITEM.replace("stat:usable", code))["pubStatus"].clone();
    assert_eq!(status("stat:canceled"), "canceled");
    assert_eq!(status("stat:withheld"), "withheld");
    let nitf = |status: &str| {
        read(&format!("<nitf><head><docdata management-status='{status}'/></head></nitf>"))["pubStatus"].clone()
    };
    assert_eq!(nitf("embargoed"), "withheld");
    assert_eq!(nitf("Cancelled"), "canceled");
    let withdrawn = "<newsItem guid='a'><itemMeta><pubStatus qcode='stat:canceled'/></itemMeta></newsItem>";
    assert_eq!(read(withdrawn), json!({"uri": "a", "pubStatus": "canceled"}));
}

#[test]
fn newsml_1_is_read() {
    let item = "<NewsItem xml:lang='en'><Identification><NewsIdentifier><ProviderId>norwire.example</ProviderId>\
        <DateId>20260302</DateId><NewsItemId>77</NewsItemId><RevisionId>2</RevisionId>\
        <PublicIdentifier>urn:newsml:norwire.example:20260302:77:2</PublicIdentifier></NewsIdentifier></Identification>\
        <NewsManagement><ThisRevisionCreated>20260302T061000Z</ThisRevisionCreated><Status FormalName='Usable'/>\
        </NewsManagement><NewsComponent><NewsLines><HeadLine/><HeadLine>Dam reopens</HeadLine>\
        <CreditLine>Norwire</CreditLine></NewsLines><AdministrativeMetadata><Provider><Party FormalName='NW'/></Provider>\
        </AdministrativeMetadata><DescriptiveMetadata><Language FormalName='en'/></DescriptiveMetadata>\
        <NewsComponent><Role FormalName='Caption'/><ContentItem><DataContent>A caption</DataContent></ContentItem>\
        </NewsComponent><NewsComponent><Role FormalName='Main'/><ContentItem><MediaType FormalName='Text'/>\
        <Format FormalName='HTML'/><DataContent> <![CDATA[<P>One & two</P>]]></DataContent></ContentItem></NewsComponent>\
        </NewsComponent></NewsItem>";
    assert_eq!(
        read(&format!("<NewsML><NewsEnvelope/>{item}</NewsML>")),
        json!({
            "uri": "urn:newsml:norwire.example:20260302:77", "version": "2", "versionCreated": "20260302T061000Z",
            "pubStatus": "usable", "headlines": [{"role": "main", "value": "Dam reopens"}], "language": "en",
            "source": "NW", "infoSources": [{"name": "Norwire"}, {"name": "NW"}],
            "bodies": [{"contentType": "HTML", "value": " <P>One & two</P>"}],
        })
    );
    let two = format!("<NewsML>{item}{item}</NewsML>");
    assert_eq!(error(&two), "a NewsML document with 2 items; send each `NewsItem` as its own record");
}

#[test]
fn other_documents_are_refused_by_their_name() {
    for (document, named) in [
        ("<rss version='2.0'><channel/></rss>", "an RSS feed"),
        ("<rdf:RDF xmlns:rdf='x'/>", "an RSS feed"),
        ("<feed xmlns='x'/>", "an Atom feed"),
        ("<html><body><p>x</p></body></html>", "a web page"),
        ("<!DOCTYPE html><html><body><p>x<br></body></html>", "a web page"),
        ("<packageItem/>", "a NewsML-G2 package"),
        ("<planningItem/>", "`planningItem`"),
        ("<urlset/>", "a sitemap"),
        ("<a:doc xmlns:a='x'/>", "root element `doc`"),
        ("<nitf><p></nitf>", "not well-formed"),
        ("<?xml version='1.0'?>\n<!DOCTYPE nitf [\n]><!-- é --><nitf>\n<p>a <b>\n</nitf>", "at column 1 of its line 5"),
        ("<?xml version='1.0'?><nitf><p></nitf>", "at column 31 of its line 1"),
        ("<nitf", "not well-formed"),
        ("<", "not well-formed"),
        ("<!-- x", "not well-formed"),
        ("<nitf a='></nitf>", "not well-formed"),
    ] {
        let error = error(document);
        assert!(error.contains(named), "{document}: {error}");
    }
}

#[test]
fn hostile_documents_are_refused_or_read_in_one_pass() {
    const COUNT: usize = 390_000;
    let laughs = (1..40).map(|i| format!("<!ENTITY l{i} '&l{};&l{};'>", i - 1, i - 1)).collect::<Vec<_>>().concat();
    let laughs = format!("<!DOCTYPE nitf [<!ENTITY l0 'ha'>{laughs}]><nitf><head><title>&l39;</title></head></nitf>");
    assert_eq!(read(&laughs)["headlines"], json!([{"role": "main", "value": "&l39;"}]));

    let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
    assert!(error(&deep).contains("deeper than 256"));
    let attributes = (0..COUNT).map(|i| format!(" a{i}=''")).collect::<Vec<_>>().concat();
    assert!(error(&format!("<a{attributes}/>")).contains("more than 256 attributes"));
    let namespaces = (0..2_000).map(|i| format!("<a xmlns:n{i}='u{i}'/>")).collect::<Vec<_>>().concat();
    assert!(error(&format!("<a>{namespaces}</a>")).contains("more than 1000 namespaces"));
    let nested = (0..250)
        .map(|i| format!("<a xmlns:n{i}='u{i}' xmlns:m{i}='u{i}' xmlns:o{i}='v'>"))
        .collect::<Vec<_>>()
        .concat();
    assert!(error(&(nested.clone() + &"<b/>".repeat(COUNT) + &"</a>".repeat(250))).contains("root element"));
    assert!(error(&"<".repeat(8 << 20)).contains("more than 400000 elements"));
    for piece in ["<!--", "<![CDATA[", "<?", "<!DOCTYPE a [", "<a b=\"", "<a>&", "<a/>", "&#", "<!--c-->", "<nitf>"] {
        let _ = record(&("<a>".to_owned() + &piece.repeat(COUNT / 2)));
        let _ = record(&("<nitf>".to_owned() + &piece.repeat(COUNT / 2) + "</nitf>"));
    }
    let items = format!("<newsItem>{}</newsItem>", "<contentMeta/><nitf/><by/>".repeat(COUNT / 3));
    let _ = record(&items);
    let items =
        format!("<NewsItem>{}</NewsItem>", "<ContentItem><DataContent>x</DataContent></ContentItem>".repeat(COUNT / 4));
    let _ = record(&items);
}

fn any_document() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "</?(nitf|head|docdata|body|body\\.content|p|newsMessage|itemSet|newsItem|contentSet|inlineXML|NewsML|NewsItem)>",
        "<(newsItem guid='a'|inlineData|doc-id id-string=\"b\"|NewsComponent xml:lang='c') ?/?>",
        "(<!\\[CDATA\\[|\\]\\]>|<!--|-->|<\\?xml|\\?>|<!DOCTYPE a \\[|\\]>|&amp;|&nbsp;|&#1;|&)",
        "\\PC{0,4}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_document_is_read_or_refused(document in any_document(), root in "(nitf|newsItem|newsMessage|NewsML|NewsItem)") {
        let _ = record(&document);
        let _ = record(&format!("<{root}>{document}</{root}>"));
    }
}
