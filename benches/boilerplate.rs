//! The share of an outlet's repeated shingles that its boilerplate filter still recognises on long streams, compared with an
//! unbounded filter.
//!
//!     cargo bench --bench boilerplate

#[allow(dead_code, reason = "each bench uses a part of it")]
mod articles;

use std::collections::HashMap;

use wirefold::article::{Article, ParsedContent, ParsedRecord, Published};
use wirefold::clustering::{Engine, Publication};
use wirefold::record::{Decision, LogEntry, Millis, Outcome, RawPosition, Signature, Versioned};
use wirefold::signature::{self, shingle_set, tokens};

use articles::{START, Texts};

/// Words of an article that were never printed before.
const OWN_WORDS: usize = 450;

/// A passage that an outlet repeats.
struct Passage {
    name: &'static str,
    words: usize,
    /// The passage is in each article whose number this divides.
    every: u64,
    text: String,
}

fn passages(texts: &Texts, of: &[(&'static str, usize, u64)]) -> Vec<Passage> {
    let numbered = of.iter().enumerate();
    numbered
        .map(|(at, &(name, words, every))| Passage {
            name,
            words,
            every,
            text: texts.text(u64::MAX - at as u64, words),
        })
        .collect()
}

fn signature(texts: &Texts, number: u64, at: Millis, passages: &[Passage]) -> Signature {
    let mut body = texts.text(number, OWN_WORDS);
    for passage in passages.iter().filter(|passage| number.is_multiple_of(passage.every)) {
        body.push_str(&passage.text);
    }
    let article = Article {
        title: format!("Article {number}"),
        body,
        language: "en".to_owned(),
        published: Some(Published::At(at)),
        ..Article::default()
    };
    let content = ParsedContent::Article(Box::new(article));
    let incoming = ParsedRecord {
        source: "outlet.example".to_owned(),
        ..ParsedRecord::new(format!("urn:example:{number}"), None, content)
    };
    let raw = RawPosition { topic: "articles".into(), partition: 0, offset: number as i64 };
    signature::build(incoming, raw, at, &signature::SignatureRules::default())
}

/// The sampled hashes of an article, each with whether it was boilerplate by the filter.
fn filtered<'a>(signature: &'a Signature, decision: &'a Decision) -> Vec<(u32, bool)> {
    let (Some(article), Outcome::Assigned(assignment)) = (signature.article(), &decision.outcome) else {
        panic!("every record is an article")
    };
    let survivors = &assignment.sample.survivors;
    let sampled = article.shingles.hashes().iter().take(8 * survivors.len());
    let sampled = sampled.take_while(|&&hash| u64::from(hash) < 1 << (32 - assignment.sample.rate));
    sampled.enumerate().map(|(at, &hash)| (hash, survivors[at / 8] >> (at % 8) & 1 == 0)).collect()
}

fn measure(stream: &str, articles: u64, a_day: f64, texts: &Texts, passages: &[Passage]) {
    let mut engine = Engine::default();
    let mut printed: HashMap<u32, u32> = HashMap::new();
    let hashes: Vec<Vec<u32>> =
        passages.iter().map(|passage| shingle_set(&tokens(&passage.text)).hashes().to_vec()).collect();
    // For each passage, and at the end for all other text: hashes that two earlier articles had, and how many of them the
    // filter recognised.
    let mut counts = vec![(0u64, 0u64); passages.len() + 1];
    for number in 0..articles {
        let at = Millis(START + (number as f64 * 86_400_000.0 / a_day) as i64);
        let signature = signature(texts, number, at, passages);
        let decision = engine.process(&signature, LogEntry::unlogged(number as i64), Publication::Service).decision;
        for (hash, recognised) in filtered(&signature, &decision) {
            let before = printed.entry(hash).or_default();
            if *before >= 2 {
                let has = |passage: &Passage| number.is_multiple_of(passage.every);
                let mut both = passages.iter().zip(&hashes);
                let passage = both.position(|(passage, hashes)| has(passage) && hashes.binary_search(&hash).is_ok());
                let (all, recognised_count) = &mut counts[passage.unwrap_or(passages.len())];
                *all += 1;
                *recognised_count += u64::from(recognised);
            }
            *before += 1;
        }
    }
    println!("{stream}:");
    let names =
        passages.iter().map(|passage| format!("{} ({} words, every {})", passage.name, passage.words, passage.every));
    for (name, (all, recognised)) in names.chain(["other phrases".to_owned()]).zip(counts) {
        println!("  {name}: {:.3} of {all} recognised", recognised as f64 / all.max(1) as f64);
    }
    let table = engine.state().boilerplate_table(&"outlet.example".into(), 0).expect("a filter");
    println!("  its record has {} bytes", table.to_bytes().len());
}

fn main() {
    let texts = Texts::new();
    let busy = [
        ("boilerplate", 40, 1),
        ("background", 60, 100),
        ("template of the day", 120, 500),
        ("weekly column", 80, 3_500),
    ];
    measure("500 articles a day for a month", 15_000, 500.0, &texts, &passages(&texts, &busy));
    let rare = [("boilerplate", 40, 1), ("weekly column", 80, 2), ("monthly column", 80, 9), ("quarterly", 80, 26)];
    measure("twice a week for a year", 104, 2.0 / 7.0, &texts, &passages(&texts, &rare));
}
