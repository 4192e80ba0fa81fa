use proptest::prelude::*;

use super::*;
use crate::article::Article;
use crate::signature::lexicon::Lexicon;

const FROST: &str = "سجلت محطة الرصد في جبل السرو فجر الثلاثاء أدنى درجة حرارة منذ سبعة عشر عاماً، إذ هبط المقياس إلى أربع درجات تحت الصفر وغطى الصقيع بساتين اللوز. وقال مزارعون إن الأزهار التي تفتحت مبكراً ذبلت في ليلة واحدة، وفق رويترز.";
const OVEN: &str = "أطلقت بلدية عين الدلب مسابقة لترميم الأفران القديمة في الحارة الشرقية، ورصدت لها جائزة قدرها تسعة آلاف دينار. وأعربت رئيسة اللجنة هناء السالم عن أملها في أن يشارك طلاب الهندسة، على أن تعلن النتائج في ختام مهرجان الخبز. وكان آخر فرن عام قد أغلق أبوابه قبل ثلاثين سنة بعدما تعذر إصلاح قبته.";
const DAM: &str = "Engineers reopened the main spillway of the Harrow Vale dam on Monday after a closure of nine days that had left three downstream towns drawing water from tanker lorries. The regional water board said the concrete apron had been patched and that divers found no movement in the foundations.";
const DAM_MORE: &str = "Reservoir levels stand at 62 percent, slightly below the average for the season, and divers will inspect the concrete again. The water board said towns downstream of the Harrow Vale dam should boil water until Thursday, when tanker lorries leave and the pipes of the spillway have been flushed.";
const MOSS: &str = "A clump of moss that spent ten years in a laboratory freezer has begun to grow again, researchers at a polar institute report. Green shoots appeared on nine of twelve fragments after two weeks on damp sand. The finding may help to store rare plants without expensive tanks of liquid nitrogen, although the species is unusually tough.";

fn article(title: &str, body: &str) -> Article {
    Article { title: title.into(), body: body.into(), ..Article::default() }
}

/// The segments as pairs of kind and text.
fn parts<'a>(title: &str, body: &'a str) -> Vec<(PageSegmentKind, &'a str)> {
    let segments = segments(&article(title, body), &Lexicon::default());
    segments.into_iter().map(|segment| (segment.kind, body[segment.span].trim())).collect()
}

fn only(parts: &[(PageSegmentKind, &str)], kind: PageSegmentKind) -> String {
    let texts: Vec<&str> = parts.iter().filter(|(found, _)| *found == kind).map(|(_, text)| *text).collect();
    texts.join(" | ")
}

const FROST_TITLE: &str = "صقيع مبكر يضرب بساتين اللوز";
const RIGHTS: &str = "جميع الحقوق محفوظة لموقع الميزان، والآراء المنشورة لا تعبر بالضرورة عن رأي الموقع.";

#[test]
fn a_scraped_page_is_split_into_its_segments() {
    let page = format!(
        "{FROST_TITLE}\nجبل السرو / الميزان\n{FROST}\nالميزان – متابعة – وكالات\n{RIGHTS}\nالمصدر: الميزان\nإقرأ أيضاً:\nعودة الأفران\n{OVEN}"
    );
    let parts = parts(FROST_TITLE, &page);
    assert_eq!(
        parts,
        [
            (PageSegmentKind::Title, FROST_TITLE),
            (PageSegmentKind::Dateline, "جبل السرو / الميزان"),
            (PageSegmentKind::Body, FROST),
            (PageSegmentKind::Credit, "الميزان – متابعة – وكالات"),
            (PageSegmentKind::Disclaimer, RIGHTS),
            (PageSegmentKind::SourceLabel, "المصدر: الميزان"),
            (PageSegmentKind::ReadAlso, "إقرأ أيضاً:"),
            (PageSegmentKind::Tail, &format!("عودة الأفران\n{OVEN}")),
        ]
    );
}

#[test]
fn a_page_without_line_breaks_has_the_same_body_and_tail() {
    let page = format!("{FROST}الميزان – متابعة – وكالات{RIGHTS}المصدر: الميزانإقرأ أيضاً:عودة الأفران{OVEN}");
    let parts = parts("", &page);
    assert_eq!(only(&parts, PageSegmentKind::Body), FROST);
    assert_eq!(only(&parts, PageSegmentKind::ReadAlso), "إقرأ أيضاً:");
    assert_eq!(only(&parts, PageSegmentKind::Tail), format!("عودة الأفران{OVEN}"));
}

#[test]
fn an_english_page_is_split_too() {
    let page = format!(
        "TOLBY, March 2 (Norwire) - {DAM}\n(Reporting by Dana Pell; Editing by Otto Crane)\n© 2026 Quern Post. All rights reserved.\nSource: Quern Post\nRead also\nMoss survives\n{MOSS}"
    );
    let parts = parts("", &page);
    assert_eq!(only(&parts, PageSegmentKind::Dateline), "TOLBY, March 2 (Norwire) -");
    assert_eq!(only(&parts, PageSegmentKind::Body), DAM);
    assert_eq!(only(&parts, PageSegmentKind::Credit), "(Reporting by Dana Pell; Editing by Otto Crane)");
    assert_eq!(only(&parts, PageSegmentKind::Tail), format!("Moss survives\n{MOSS}"));
}

#[test]
fn a_read_also_line_between_two_paragraphs_does_not_end_the_body() {
    for line in ["Read also: Moss survives a decade in a freezer", "Related: Moss survives"] {
        let page = format!("{DAM}\n{line}\n{DAM_MORE}");
        let parts = parts("", &page);
        assert_eq!(only(&parts, PageSegmentKind::ReadAlso), line);
        assert_eq!(only(&parts, PageSegmentKind::Body), format!("{DAM} | {DAM_MORE}"));
    }
}

#[test]
fn headlines_below_a_marker_belong_to_it_and_the_body_goes_on() {
    let page = format!("{DAM}\nRead also:\nMoss survives a decade in a freezer\nVillage oven fires again\n{DAM_MORE}");
    assert_eq!(only(&parts("", &page), PageSegmentKind::Body), format!("{DAM} | {DAM_MORE}"));
}

#[test]
fn another_article_after_a_marker_is_a_tail_even_without_boilerplate() {
    for marker in ["\nRead also:\n", "\nRelated stories\n", "Read also:"] {
        let page = format!("{DAM}{marker}{MOSS}");
        assert_eq!(only(&parts("", &page), PageSegmentKind::Tail), MOSS, "{marker:?}");
    }
}

#[test]
fn a_source_label_and_an_invitation_end_the_body_without_a_marker() {
    for line_break in ["\n", ""] {
        let boilerplate = ["متابعة: الميزان", "تابعونا على منصات التواصل."].join(line_break);
        let page = [FROST, &boilerplate, "عودة الأفران", OVEN].join(line_break);
        let parts = parts("", &page);
        assert_eq!(only(&parts, PageSegmentKind::Body), FROST);
        assert_eq!(only(&parts, PageSegmentKind::Tail), ["عودة الأفران", OVEN].join(line_break));
    }
}

#[test]
fn invitations_between_two_paragraphs_do_not_end_the_body() {
    let invitations = "Follow us on all channels.\nSign up for our newsletter.";
    let page = format!("{DAM}\n{invitations}\n{DAM_MORE}");
    let parts = parts("", &page);
    assert_eq!(only(&parts, PageSegmentKind::Disclaimer), invitations);
    assert_eq!(only(&parts, PageSegmentKind::Body), format!("{DAM} | {DAM_MORE}"));
}

#[test]
fn the_words_of_a_marker_within_a_sentence_are_body() {
    let sentences = [
        format!(
            "{DAM} Two people read also the related reports, and a source said: \"We are late.\" See also the annex. {DAM_MORE}"
        ),
        format!(
            "{FROST} وقال المصدر: \"لا نعلم\". ومن يدري قد يعجبك ما تراه، واقرأ أيضا ما كتب عن مواضيع ذات صلة بالطقس. {FROST}"
        ),
    ];
    for body in sentences {
        assert_eq!(only(&parts("", &body), PageSegmentKind::Body), body);
    }
}

#[test]
fn a_first_sentence_that_begins_like_the_headline_stays() {
    let body = format!("Engineers reopened the main spillway of a dam. {DAM_MORE}");
    assert_eq!(only(&parts("Engineers reopened the main spillway", &body), PageSegmentKind::Body), body);
}

#[test]
fn a_text_of_boilerplate_alone_is_body() {
    for body in ["Read also:", "dpa", "المصدر: الميزان", "© 2026 Quern Post", ""] {
        assert_eq!(only(&parts("", body), PageSegmentKind::Body), body);
    }
}

/// Random texts made of pieces of pages.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("اقرأ أيضاً:".to_owned()),
        Just("Read also".to_owned()),
        Just("المصدر: الميزان".to_owned()),
        Just("Source: dpa".to_owned()),
        Just("© 2026 All rights reserved. ".to_owned()),
        Just(" – متابعة – وكالات".to_owned()),
        Just("(Reporting by X)".to_owned()),
        Just("TOLBY (AP) - ".to_owned()),
        Just("\n".to_owned()),
        Just(DAM.to_owned()),
        Just(MOSS.to_owned()),
        "\\PC{0,12}",
        "[ﷺ½İẞ关于、。:()/–|-]{0,6}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

#[test]
fn characters_that_letter_folding_drops_are_body() {
    let segments = |body: &str| segments(&article("", body), &Lexicon::default());
    let whole = |body: &str| vec![PageSegment { kind: PageSegmentKind::Body, span: 0..body.len() }];
    for body in ["\u{FE71}", "\u{640}\u{640}", "\u{FEFF}A line.", "A line.\u{FEFF}"] {
        assert_eq!(segments(body), whole(body), "{body:?}");
    }
}

proptest! {
    #[test]
    fn segments_cover_any_text_in_order(body in pieces(), title in "\\PC{0,20}") {
        let segments = segments(&article(&title, &body), &Lexicon::default());
        let mut at = 0;
        for segment in &segments {
            prop_assert_eq!(segment.span.start, at);
            prop_assert!(segment.span.end > at && body.is_char_boundary(segment.span.end));
            at = segment.span.end;
        }
        prop_assert_eq!(at, body.len());
    }
}

/// A text twice as long must not take four times as long: a quadratic step on a megabyte takes minutes.
#[test]
fn a_megabyte_of_markers_takes_no_quadratic_time() {
    let hostile = [
        "Read also: ",
        "اقرأ أيضاً:\n",
        "Source: dpa. ",
        "© 2026 all rights reserved ",
        " – وكالات – متابعة",
        "all rights reserved",
        "follow us on\n",
        "متابعة: ",
        "(dpa) (AFP) ",
        "according to Reuters ",
        "(",
        "\n",
        " ",
    ];
    for piece in hostile {
        let body = format!("{DAM} {}", piece.repeat((1 << 20) / piece.len()));
        let segments = segments(&article("", &body), &Lexicon::default());
        assert_eq!(segments.last().map(|segment| segment.span.end), Some(body.len()));
    }
}
