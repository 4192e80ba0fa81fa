use super::*;
use crate::article;

const FROST_BY_REUTERS: &str = "سجلت محطة الرصد في جبل السرو فجر الثلاثاء أدنى درجة حرارة منذ سبعة عشر عاماً، وفق رويترز، إذ هبط المقياس إلى أربع درجات تحت الصفر وغطى الصقيع بساتين اللوز في القرى الأربع. وقال مزارعون إن الأزهار التي تفتحت مبكراً ذبلت في ليلة واحدة.";
const OVEN_BY_AFP: &str = "أطلقت بلدية عين الدلب مسابقة لترميم الأفران القديمة في الحارة الشرقية، ورصدت لها جائزة قدرها تسعة آلاف دينار، نقلا عن فرانس برس. وكان آخر فرن عام قد أغلق أبوابه قبل ثلاثين سنة بعدما تعذر إصلاح قبته.";
const DAM_LEAD: &str = "Engineers reopened the main spillway of the Harrow Vale dam on Monday after a closure of nine days that had left three downstream towns drawing water from tanker lorries.";

fn credited(body: &str, metadata: &[(&str, CreditLocation)]) -> Vec<(String, CreditKind, CreditLocation)> {
    let credit = |&(name, location): &(&str, CreditLocation)| article::MetadataCredit { name: name.into(), location };
    let article = Article { body: body.into(), credits: metadata.iter().map(credit).collect(), ..Article::default() };
    let lexicon = Lexicon::default();
    let credits = credits(&article, "quern-post.example", &Page::new(&article, &lexicon), &lexicon);
    credits.into_iter().map(|credit| (credit.name.to_string(), credit.kind, credit.location)).collect()
}

fn agency(name: &str, location: CreditLocation) -> Vec<(String, CreditKind, CreditLocation)> {
    vec![(name.to_owned(), CreditKind::Agency, location)]
}

#[test]
fn a_scraped_page_credits_its_sources_and_its_tail_is_not_read() {
    let page = |n: &str| {
        format!(
            "جبل السرو / الميزان{n}{FROST_BY_REUTERS}{n}الميزان – متابعة – وكالات{n}المصدر: الميزان{n}إقرأ أيضاً:{n}{OVEN_BY_AFP}"
        )
    };
    let lined = credited(&page("\n"), &[]);
    assert_eq!(
        lined,
        [
            ("الميزان".to_owned(), CreditKind::Own, CreditLocation::Dateline),
            ("agencies".to_owned(), CreditKind::Agencies, CreditLocation::CreditLine),
            ("Reuters".to_owned(), CreditKind::Agency, CreditLocation::Mention),
        ]
    );
    let glued = credited(&page(""), &[]);
    assert!(glued.contains(&("Reuters".to_owned(), CreditKind::Agency, CreditLocation::Mention)), "{glued:?}");
    assert!(glued.iter().all(|(name, ..)| name != "AFP"), "{glued:?}");
}

#[test]
fn every_location_is_read() {
    for (body, name, location) in [
        (format!("TOLBY, March 2 (Reuters) - {DAM_LEAD}"), "Reuters", CreditLocation::Dateline),
        (format!("TOLBY (AP) — {DAM_LEAD}"), "AP", CreditLocation::Dateline),
        (format!("(رويترز) - {FROST_BY_REUTERS}").replace("وفق رويترز، ", ""), "Reuters", CreditLocation::Dateline),
        (format!("{DAM_LEAD}\ndpa"), "dpa", CreditLocation::CreditLine),
        (format!("{DAM_LEAD} (AFP)"), "AFP", CreditLocation::CreditLine),
        (
            format!("{DAM_LEAD}\nCopyright 2026 The Associated Press. All rights reserved."),
            "AP",
            CreditLocation::Copyright,
        ),
        (format!("{DAM_LEAD}\nQuelle: dpa"), "dpa", CreditLocation::SourceLabel),
        (format!("{DAM_LEAD} The board told Reuters that it would act."), "Reuters", CreditLocation::Mention),
        (format!("{DAM_LEAD} Das berichtet die Nachrichtenagentur dpa."), "dpa", CreditLocation::Mention),
    ] {
        assert_eq!(credited(&body, &[]), agency(name, location), "{body}");
    }
}

#[test]
fn metadata_come_before_the_text_and_a_person_is_no_origin() {
    let body = format!("{DAM_LEAD}\ndpa");
    assert_eq!(credited(&body, &[("dpa", CreditLocation::InfoSource)]), agency("dpa", CreditLocation::InfoSource));
    assert_eq!(
        credited(DAM_LEAD, &[("Dana Pell, AFP", CreditLocation::Byline)]),
        agency("AFP", CreditLocation::Byline)
    );
    assert!(credited(DAM_LEAD, &[("Dana Pell", CreditLocation::Byline)]).is_empty());
    let own = credited(DAM_LEAD, &[("Quern Post", CreditLocation::InfoSource)]);
    assert_eq!(own[0].1, CreditKind::Own);
    let other = credited(DAM_LEAD, &[("Norwire", CreditLocation::InfoSource)]);
    assert_eq!(other[0].1, CreditKind::Other);
}

#[test]
fn a_press_release_wire_is_not_an_agency() {
    for body in
        [format!("TOLBY, March 2, 2026 /PRNewswire/ -- {DAM_LEAD}"), format!("TOLBY (Business Wire) - {DAM_LEAD}")]
    {
        assert_eq!(credited(&body, &[])[0].1, CreditKind::Release, "{body}");
    }
}

#[test]
fn words_that_are_also_names_of_agencies_count_only_where_sources_are_credited() {
    assert!(credited(&format!("{DAM_LEAD} The map of the spa, according to the tap, was an ap."), &[]).is_empty());
    assert!(credited(&format!("{DAM_LEAD} Reuters shares fell by a tenth while the board met."), &[]).is_empty());
    assert!(
        credited("وفا الرجل بوعده، وقال إن قنا مدينة جميلة على ضفة النهر وفيها سوق قديم وكونا من الأصدقاء معا.", &[])
            .is_empty()
    );
}
