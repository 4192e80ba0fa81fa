//! Invented articles.

use serde_json::{Value, json};

/// 2024-03-01T00:00:00Z in seconds.
const BEGIN: u64 = 1_709_251_200;

/// How long the articles of a run span: several windows, so that stories close on the way.
const SPAN: u64 = 12 * 24 * 3600;

const SOURCES: [&str; 6] =
    ["harbour.example", "The Valley Post", "northern-wire.example", "وكالة الميناء", "صحيفة الوادي", "Daily Lantern"];

const ENGLISH: &str = "the council harbour vote bridge market river school budget minister spokesman rain storm ferry \
    harvest price farmer union strike doctor hospital clinic road tunnel train station mayor court judge appeal \
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

/// `SplitMix64`: equal seeds give equal articles.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// A story as its first outlet printed it.
struct Wire {
    words: Vec<&'static str>,
    language: &'static str,
}

impl Wire {
    fn new(random: &mut Random) -> Self {
        let (language, vocabulary) = if random.below(2) == 0 { ("en", ENGLISH) } else { ("ar", ARABIC) };
        let vocabulary: Vec<&str> = vocabulary.split_whitespace().collect();
        let count = 40 + random.below(80);
        Self {
            words: (0..count).map(|_| vocabulary[random.below(vocabulary.len() as u64) as usize]).collect(),
            language,
        }
    }

    /// The text with a few words changed, or cut, or with something added.
    fn copy(&self, random: &mut Random) -> String {
        let mut words = self.words.clone();
        match random.below(4) {
            0 => words.truncate(words.len() * 2 / 3),
            1 => words.extend(Wire::new(random).words.iter().take(15)),
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

/// So many lines of NDJSON, one record each: stories and their copies in two languages by several sources, newer versions,
/// recalls, withheld and repeated articles, and some lines that cannot be read.
pub(crate) fn lines(seed: u64, count: usize) -> String {
    let mut random = Random::new(seed);
    let mut wires: Vec<Wire> = Vec::new();
    let mut articles: Vec<Value> = Vec::new();
    let mut out = String::new();
    for number in 0..count {
        let seconds = BEGIN + SPAN * number as u64 / count as u64;
        let time = jiff::Timestamp::from_second(seconds as i64).expect("a time of this century").to_string();
        let earlier = |random: &mut Random| {
            let back = random.below(20.min(articles.len().max(1) as u64)) as usize;
            articles.len().checked_sub(back + 1).map(|at| articles[at].clone())
        };
        let line = match (random.below(100), earlier(&mut random)) {
            (0..3, Some(article)) => json!({ "uri": article["uri"], "pubStatus": "canceled" }).to_string(),
            (3, Some(article)) => json!({ "uri": article["uri"], "pubStatus": "withheld" }).to_string(),
            (4..7, Some(mut article)) => {
                article["versionCreated"] = json!(time);
                article["body_text"] = json!(format!("{} updated", article["body_text"].as_str().unwrap_or_default()));
                article.to_string()
            }
            (7..9, Some(article)) => article.to_string(),
            (9, _) => format!("{{\"uri\": \"urn:invented:{number}\", \"body_text\": "),
            (10, _) => json!({ "body_text": "nobody knows whose this is" }).to_string(),
            (11, _) => json!({ "uri": format!("urn:invented:{number}") }).to_string(),
            (chance, _) => {
                if chance < 55 || wires.is_empty() {
                    wires.push(Wire::new(&mut random));
                }
                let recent = random.below(8.min(wires.len() as u64)) as usize;
                let wire = &wires[wires.len() - 1 - recent];
                let article = json!({
                    "uri": format!("urn:invented:{number}"),
                    "headline": wire.words[..6].join(" "),
                    "body_text": wire.copy(&mut random),
                    "language": wire.language,
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
