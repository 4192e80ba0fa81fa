//! Random raw records: a few texts that a few sources print, cut and extend, and records of all other kinds that
//! come in.

use serde_json::json;
use wirefold::record::Millis;
use wirefold::stream::port::ProducerRecord;

use super::process::INPUT;
use wirefold::evaluation::Random;

/// Generates raw records; equal seeds give equal records.
pub(crate) struct ArticleGenerator {
    random: Random,
    partitions: u64,
}

impl ArticleGenerator {
    pub(crate) fn new(seed: u64, partitions: u64) -> Self {
        Self { random: Random::new(seed), partitions }
    }

    /// The next record, ingested at `now`. All records of a uri go to one partition.
    pub(crate) fn next(&mut self, now: Millis) -> ProducerRecord {
        let number = self.random.below(30);
        let uri = format!("urn:example:{number}");
        let key = Some(uri.clone().into_bytes());
        let (key, value) = match self.random.below(26) {
            0 => (key, None),
            1 => (None, None),
            2 => (key, Some(b"{\"uri\": \"urn:example:broken\", ".to_vec())),
            3 => (key, Some(json!({ "uri": uri }).to_string().into_bytes())),
            // The articles from 20 on share four ids.
            4 if number >= 20 => {
                (key, Some(json!({ "id": number % 4, "pubStatus": "canceled" }).to_string().into_bytes()))
            }
            4 => (key, Some(json!({ "uri": uri, "pubStatus": "canceled" }).to_string().into_bytes())),
            5 => (key, Some(json!({ "uri": uri, "pubStatus": "withheld" }).to_string().into_bytes())),
            _ => (key, Some(self.article(number, &uri, now).into_bytes())),
        };
        let mut headers = vec![("crawler".to_owned(), Some(b"north".to_vec()))];
        if self.random.below(3) == 0 {
            headers.push(("traceparent".to_owned(), Some(format!("00-{:032x}-01", self.random.next()).into_bytes())));
        }
        ProducerRecord { topic: INPUT.into(), partition: Some((number % self.partitions) as i32), key, value, headers }
    }

    fn article(&mut self, number: u64, uri: &str, now: Millis) -> String {
        let source = self.random.below(5);
        let text = self.random.below(5);
        // Most articles are recent, a few are older than the window.
        let is_old = self.random.below(8) == 0;
        let delay = self.random.below(if is_old { 150_000 } else { 30_000 });
        let mut article = json!({
            "uri": uri,
            "headline": format!("Title {text}"),
            "body_text": self.text(number, source, text),
            "language": if text.is_multiple_of(2) { "en" } else { "ar" },
            "source": format!("Source {source}"),
            "published_at": Millis(now.0 - delay.cast_signed()).to_string(),
        });
        if number >= 20 {
            article["uri"] = json!(null);
            article["id"] = (number % 4).into();
            article["url"] = format!("https://pages.example/{number}").into();
        }
        if self.random.below(3) == 0 {
            article["version"] = self.random.below(4).into();
        }
        article.to_string()
    }

    /// Up to thirty words of one of five texts, then words of the article's own and the boilerplate of its source; or
    /// nothing.
    fn text(&mut self, number: u64, source: u64, text: u64) -> String {
        if self.random.below(20) == 0 {
            return String::new();
        }
        let mut sometimes = |most: u64| if self.random.below(3) == 0 { 0 } else { self.random.below(most) };
        let (cut, own) = (sometimes(25), sometimes(15));
        let shared = (0..30 - cut).map(|word| format!("t{text}w{word}"));
        let own = (0..own).map(|word| format!("u{number}o{word}"));
        let boilerplate = (0..5).map(|word| format!("s{source}f{word}"));
        shared.chain(own).chain(boilerplate).collect::<Vec<_>>().join(" ")
    }
}
