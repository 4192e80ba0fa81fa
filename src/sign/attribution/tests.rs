use super::*;
use crate::article;

const FROST: &str = "سجلت محطة الرصد في جبل السرو فجر الثلاثاء أدنى درجة حرارة منذ سبعة عشر عاماً، وفق رويترز، إذ هبط المقياس إلى أربع درجات تحت الصفر وغطى الصقيع بساتين اللوز في القرى الأربع. وقال مزارعون إن الأزهار التي تفتحت مبكراً ذبلت في ليلة واحدة.";
const TAIL: &str = "أطلقت بلدية عين الدلب مسابقة لترميم الأفران القديمة في الحارة الشرقية، ورصدت لها جائزة قدرها تسعة آلاف دينار، نقلا عن فرانس برس. وكان آخر فرن عام قد أغلق أبوابه قبل ثلاثين سنة بعدما تعذر إصلاح قبته.";
const DAM: &str = "Engineers reopened the main spillway of the Harrow Vale dam on Monday after a closure of nine days that had left three downstream towns drawing water from tanker lorries.";

fn credited(body: &str, metadata: &[(&str, CreditPlace)]) -> Vec<(String, CreditKind, CreditPlace)> {
    let credit = |&(name, place): &(&str, CreditPlace)| article::Credit { name: name.into(), place };
    let article = Article {
        body: body.into(),
        source: "quern-post.example".into(),
        credits: metadata.iter().map(credit).collect(),
        ..Article::default()
    };
    let lexicon = Lexicon::default();
    let credits = credits(&article, &Page::new(&article, &lexicon), &lexicon);
    credits.into_iter().map(|credit| (credit.name.to_string(), credit.kind, credit.place)).collect()
}

fn agency(name: &str, place: CreditPlace) -> Vec<(String, CreditKind, CreditPlace)> {
    vec![(name.to_owned(), CreditKind::Agency, place)]
}

#[test]
fn a_scraped_page_cites_its_wire_credits_itself_and_nothing_is_read_from_its_tail() {
    let page = |n: &str| {
        format!("جبل السرو / الميزان{n}{FROST}{n}الميزان – متابعة – وكالات{n}المصدر: الميزان{n}إقرأ أيضاً:{n}{TAIL}")
    };
    let lined = credited(&page("\n"), &[]);
    assert_eq!(
        lined,
        [
            ("الميزان".to_owned(), CreditKind::Own, CreditPlace::Dateline),
            ("agencies".to_owned(), CreditKind::Agencies, CreditPlace::CreditLine),
            ("Reuters".to_owned(), CreditKind::Agency, CreditPlace::Mention),
        ]
    );
    let glued = credited(&page(""), &[]);
    assert!(glued.contains(&("Reuters".to_owned(), CreditKind::Agency, CreditPlace::Mention)), "{glued:?}");
    assert!(glued.iter().all(|(name, ..)| name != "AFP"), "{glued:?}");
}

#[test]
fn every_place_is_read() {
    for (body, name, place) in [
        (format!("TOLBY, March 2 (Reuters) - {DAM}"), "Reuters", CreditPlace::Dateline),
        (format!("TOLBY (AP) — {DAM}"), "AP", CreditPlace::Dateline),
        (format!("(رويترز) - {FROST}").replace("وفق رويترز، ", ""), "Reuters", CreditPlace::Dateline),
        (format!("{DAM}\ndpa"), "dpa", CreditPlace::CreditLine),
        (format!("{DAM} (AFP)"), "AFP", CreditPlace::CreditLine),
        (format!("{DAM}\nCopyright 2026 The Associated Press. All rights reserved."), "AP", CreditPlace::Copyright),
        (format!("{DAM}\nQuelle: dpa"), "dpa", CreditPlace::SourceLabel),
        (format!("{DAM} The board told Reuters that it would act."), "Reuters", CreditPlace::Mention),
        (format!("{DAM} Das berichtet die Nachrichtenagentur dpa."), "dpa", CreditPlace::Mention),
    ] {
        assert_eq!(credited(&body, &[]), agency(name, place), "{body}");
    }
}

#[test]
fn metadata_weigh_more_than_the_text_and_a_person_is_no_origin() {
    let body = format!("{DAM}\ndpa");
    assert_eq!(credited(&body, &[("dpa", CreditPlace::InfoSource)]), agency("dpa", CreditPlace::InfoSource));
    assert_eq!(credited(DAM, &[("Dana Pell, AFP", CreditPlace::Byline)]), agency("AFP", CreditPlace::Byline));
    assert!(credited(DAM, &[("Dana Pell", CreditPlace::Byline)]).is_empty());
    let own = credited(DAM, &[("Quern Post", CreditPlace::InfoSource)]);
    assert_eq!(own[0].1, CreditKind::Own);
    let other = credited(DAM, &[("Norwire", CreditPlace::InfoSource)]);
    assert_eq!(other[0].1, CreditKind::Other);
}

#[test]
fn a_release_wire_is_no_agency() {
    for body in [format!("TOLBY, March 2, 2026 /PRNewswire/ -- {DAM}"), format!("TOLBY (Business Wire) - {DAM}")] {
        assert_eq!(credited(&body, &[])[0].1, CreditKind::Release, "{body}");
    }
}

#[test]
fn words_that_are_also_names_of_agencies_count_only_where_sources_are_credited() {
    assert!(credited(&format!("{DAM} The map of the spa, according to the tap, was an ap."), &[]).is_empty());
    assert!(credited(&format!("{DAM} Reuters shares fell by a tenth while the board met."), &[]).is_empty());
    assert!(
        credited("وفا الرجل بوعده، وقال إن قنا مدينة جميلة على ضفة النهر وفيها سوق قديم وكونا من الأصدقاء معا.", &[])
            .is_empty()
    );
}
