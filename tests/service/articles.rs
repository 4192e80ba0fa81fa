//! Generated articles.

use serde_json::{Value, json};

use wirefold::evaluation::Random;

/// 2024-03-01T00:00:00Z in seconds.
const BEGIN: u64 = 1_709_251_200;

/// The time span of the articles of a run: several windows, so that stories close during the run.
const SPAN: u64 = 12 * 24 * 3600;

const SOURCES: [&str; 6] =
    ["harbour.example", "The Valley Post", "northern-wire.example", "وكالة الميناء", "صحيفة الوادي", "Daily Lantern"];

const ENGLISH: &str = "the council harbour vote bridge market river school budget minister spokesman rain storm ferry \
    harvest price farmer union strike doctor hospital clinic road tunnel train station mayor court decide appeal \
    museum painting theatre festival singer coach match league stadium striker goal island coast lighthouse fishing \
    boat crew engine fuel wind solar power grid cable village town region capital border treaty talks delegation \
    report survey figure percent million year month week Monday Friday morning evening said announced denied \
    expected promised opened closed rose fell signed rejected visited arrived left called asked because after before \
    while despite under over near between during against without within";

const ARABIC: &str = "المجلس الميناء الجسر السوق النهر المدرسة الميزانية الوزير المتحدث المطر العاصفة العبارة الحصاد \
    السعر المزارع النقابة الإضراب الطبيب المستشفى الطريق النفق القطار المحطة العمدة المحكمة القاضي الاستئناف المتحف \
    اللوحة المسرح المهرجان المغني المدرب المباراة الملعب الهدف الجزيرة الساحل المنارة الصيد القارب الطاقم المحرك الوقود \
    الرياح الطاقة الشبكة القرية المدينة المنطقة العاصمة الحدود المعاهدة المحادثات الوفد التقرير النسبة مليون عام شهر \
    أسبوع الاثنين الجمعة صباح مساء قال أعلن نفى توقع وعد افتتح أغلق ارتفع انخفض وقع رفض زار وصل غادر طلب بعد قبل رغم \
    تحت فوق قرب بين خلال ضد دون داخل";

/// The text that the articles of a story copy.
struct OriginalText {
    words: Vec<&'static str>,
    language: &'static str,
}

impl OriginalText {
    fn new(random: &mut Random) -> Self {
        let (language, vocabulary) = if random.below(2) == 0 { ("en", ENGLISH) } else { ("ar", ARABIC) };
        let vocabulary: Vec<&str> = vocabulary.split_whitespace().collect();
        let count = 40 + random.below(80);
        Self {
            words: (0..count).map(|_| vocabulary[random.below(vocabulary.len() as u64) as usize]).collect(),
            language,
        }
    }

    /// A copy of the text: with a few words changed, cut, with an addition, or unchanged.
    fn copy(&self, random: &mut Random) -> String {
        let mut words = self.words.clone();
        match random.below(4) {
            0 => words.truncate(words.len() * 2 / 3),
            1 => words.extend(OriginalText::new(random).words.iter().take(15)),
            2 => {
                for _ in 0..3 {
                    let at = random.below(words.len() as u64) as usize;
                    words[at] = "edited";
                }
            }
            _ => {}
        }
        words.join(" ")
    }
}

/// `count` lines of NDJSON, one record each: stories and their copies in two languages by several sources, newer versions,
/// withdrawals, withheld and repeated articles, and some unreadable lines.
pub(crate) fn lines(seed: u64, count: usize) -> String {
    let mut random = Random::new(seed);
    let mut originals: Vec<OriginalText> = Vec::new();
    let mut articles: Vec<Value> = Vec::new();
    let mut out = String::new();
    for number in 0..count {
        let seconds = BEGIN + SPAN * number as u64 / count as u64;
        let time = jiff::Timestamp::from_second(seconds as i64).expect("a time of this century").to_string();
        let recent_article = |random: &mut Random| {
            let back = random.below(20.min(articles.len().max(1) as u64)) as usize;
            articles.len().checked_sub(back + 1).map(|at| articles[at].clone())
        };
        let line = match (random.below(100), recent_article(&mut random)) {
            (0..3, Some(article)) => json!({ "uri": article["uri"], "pubStatus": "canceled" }).to_string(),
            (3, Some(article)) => json!({ "uri": article["uri"], "pubStatus": "withheld" }).to_string(),
            (4..7, Some(mut article)) => {
                article["versionCreated"] = json!(time);
                article["body_text"] = json!(format!("{} updated", article["body_text"].as_str().unwrap_or_default()));
                article.to_string()
            }
            (7..9, Some(article)) => article.to_string(),
            (9, _) => format!("{{\"uri\": \"urn:invented:{number}\", \"body_text\": "),
            (10, _) => json!({ "pubStatus": "canceled", "note": "nobody knows whose this is" }).to_string(),
            (11, _) => json!({ "uri": format!("urn:invented:{number}") }).to_string(),
            (chance, _) => {
                if chance < 55 || originals.is_empty() {
                    originals.push(OriginalText::new(&mut random));
                }
                let recent = random.below(8.min(originals.len() as u64)) as usize;
                let original = &originals[originals.len() - 1 - recent];
                let article = json!({
                    "uri": format!("urn:invented:{number}"),
                    "headline": original.words[..6].join(" "),
                    "body_text": original.copy(&mut random),
                    "language": original.language,
                    "source": SOURCES[random.below(SOURCES.len() as u64) as usize],
                    "published_at": time,
                });
                articles.push(article.clone());
                article.to_string()
            }
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}
