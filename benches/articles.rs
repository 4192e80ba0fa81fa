//! Invented articles for the benches: any number, each of any length, all alike in shape and none in content.

use wirefold::article::{Article, Incoming, Published, Request};
use wirefold::record::{Millis, RawPosition, Signature};
use wirefold::sign::{Rules, sign};

/// The start of the benches' time: 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600_000;

/// A pseudo-random sequence (`SplitMix64`, Steele et al. 2014): the same for the same seed on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// A text of `words` words from a vocabulary of 30,000, short words more often than long ones.
pub(crate) fn text(seed: u64, words: usize) -> String {
    let mut random = Random(seed);
    let mut text = String::with_capacity(words * 7);
    for at in 0..words {
        if at > 0 {
            text.push_str(if random.below(14) == 0 { ". " } else { " " });
        }
        let word = random.below(30_000).min(random.below(30_000));
        let mut letters = Random(word);
        for _ in 0..2 + (word + 1).ilog2() / 2 {
            text.push(char::from(b'a' + letters.below(26) as u8));
        }
    }
    text
}

/// Texts of words that occur as often as the inverse of their rank, as words do (Zipf 1949).
pub(crate) struct Texts {
    vocabulary: Vec<String>,
}

impl Texts {
    pub(crate) fn new() -> Self {
        let vocabulary = (0..50_000u64).map(|rank| {
            let mut letters = Random(rank);
            (0..2 + (rank + 1).ilog2() / 2).map(|_| char::from(b'a' + letters.below(26) as u8)).collect()
        });
        Self { vocabulary: vocabulary.collect() }
    }

    /// A text of so many words.
    pub(crate) fn text(&self, seed: u64, words: usize) -> String {
        let mut random = Random(seed);
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

/// The body of article `number`: one in four is a copy, cut or extended, of one of the fifty before it.
pub(crate) fn body(number: u64, words: usize) -> String {
    let mut random = Random(number ^ 0xB0D7);
    match random.below(4) {
        0 if number > 50 => {
            let original = text(number - 1 - random.below(50), words);
            let cut = original.len() * (40 + random.below(60) as usize) / 100;
            format!("{} {}", &original[..cut], text(number, words / 10))
        }
        _ => text(number, words),
    }
}

/// The source of article `number`: two hundred outlets, some busier than others.
pub(crate) fn source(number: u64) -> String {
    let mut random = Random(number ^ 0x50C2);
    format!("outlet-{}.example", random.below(200).min(random.below(200)))
}

/// The time of article `number`, of `per_hour` an hour.
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
        source: source(number),
        published: Some(Published::At(at)),
        credits: Vec::new(),
    };
    let incoming =
        Incoming { uri: format!("urn:example:{number}"), version: None, request: Request::Judge(Box::new(article)) };
    let raw = RawPosition { topic: "articles".into(), partition: 0, offset: number as i64 };
    sign(incoming, raw, at, &Rules { grace: std::time::Duration::from_hours(24), ..Rules::default() })
}
