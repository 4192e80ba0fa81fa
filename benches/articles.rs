//! Invented articles for the benches: any number of any length, all of one shape and with different content.

use wirefold::article::{Article, ParsedContent, ParsedRecord, Published};
use wirefold::evaluation::Random;
use wirefold::record::{Millis, RawPosition, Signature};
use wirefold::signature::{self, SignatureRules};

/// The time of the first article: 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600_000;

/// A text of `words` words from a vocabulary of 30,000, short words more often than long ones.
pub(crate) fn text(seed: u64, words: usize) -> String {
    let mut random = Random::new(seed);
    let mut text = String::with_capacity(words * 7);
    for at in 0..words {
        if at > 0 {
            text.push_str(if random.below(14) == 0 { ". " } else { " " });
        }
        let word = random.below(30_000).min(random.below(30_000));
        let mut letters = Random::new(word);
        for _ in 0..2 + (word + 1).ilog2() / 2 {
            text.push(char::from(b'a' + letters.below(26) as u8));
        }
    }
    text
}

/// Texts in which words occur with the inverse of their rank as frequency, as in natural language (Zipf 1949).
pub(crate) struct Texts {
    vocabulary: Vec<String>,
}

impl Texts {
    pub(crate) fn new() -> Self {
        let vocabulary = (0..50_000u64).map(|rank| {
            let mut letters = Random::new(rank);
            (0..2 + (rank + 1).ilog2() / 2).map(|_| char::from(b'a' + letters.below(26) as u8)).collect()
        });
        Self { vocabulary: vocabulary.collect() }
    }

    /// A text of `words` words.
    pub(crate) fn text(&self, seed: u64, words: usize) -> String {
        let mut random = Random::new(seed);
        let mut text = String::with_capacity(words * 7);
        for _ in 0..words {
            let uniform = (random.next() >> 11) as f64 / (1u64 << 53) as f64;
            let rank = (self.vocabulary.len() as f64).powf(uniform) as usize - 1;
            text.push_str(&self.vocabulary[rank]);
            text.push(' ');
        }
        text
    }
}

/// The body of article `number`: one in four is a copy, cut or extended, of one of the fifty articles before it.
pub(crate) fn body(number: u64, words: usize) -> String {
    let mut random = Random::new(number ^ 0xB0D7);
    match random.below(4) {
        0 if number > 50 => {
            let original = text(number - 1 - random.below(50), words);
            let cut = original.len() * (40 + random.below(60) as usize) / 100;
            format!("{} {}", &original[..cut], text(number, words / 10))
        }
        _ => text(number, words),
    }
}

/// The source of article `number`: one of two hundred outlets, of which some are busier than others.
pub(crate) fn source(number: u64) -> String {
    let mut random = Random::new(number ^ 0x50C2);
    format!("outlet-{}.example", random.below(200).min(random.below(200)))
}

/// The time of article `number` where `per_hour` articles are published per hour.
pub(crate) fn published(number: u64, per_hour: u64) -> Millis {
    Millis(START + (number * 3_600_000 / per_hour) as i64)
}

/// The raw record of article `number`.
pub(crate) fn json(number: u64, words: usize, at: Millis) -> String {
    serde_json::json!({
        "id": format!("urn:example:{number}"),
        "title": text(number ^ 0x717E, 9),
        "text": body(number, words),
        "source": source(number),
        "language": "en",
        "published_at": at.to_string(),
    })
    .to_string()
}

/// The signature of article `number`.
pub(crate) fn signature(number: u64, words: usize, per_hour: u64) -> Signature {
    let at = published(number, per_hour);
    let article = Article {
        title: text(number ^ 0x717E, 9),
        body: body(number, words),
        language: "en".to_owned(),
        published: Some(Published::At(at)),
        ..Article::default()
    };
    let content = ParsedContent::Article(Box::new(article));
    let incoming =
        ParsedRecord { source: source(number), ..ParsedRecord::new(format!("urn:example:{number}"), None, content) };
    let raw = RawPosition { topic: "articles".into(), partition: 0, offset: number as i64 };
    signature::build(
        incoming,
        raw,
        at,
        &SignatureRules { grace: std::time::Duration::from_hours(24), ..SignatureRules::default() },
    )
}
