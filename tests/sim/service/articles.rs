//! Raw records of a small world: a few texts that few sources print, cut and lengthen, and everything else that
//! comes in.

use serde_json::json;
use wirefold::pipeline::port::Outbound;
use wirefold::record::Millis;

use super::place::INPUT;
use crate::random::Random;

/// A source of raw records; equal seeds write the same.
pub(crate) struct Articles {
    random: Random,
    partitions: u64,
}

impl Articles {
    pub(crate) fn new(seed: u64, partitions: u64) -> Self {
        Self { random: Random::new(seed), partitions }
    }

    /// The next record, written now. All records of a uri go to one partition.
    pub(crate) fn next(&mut self, now: Millis) -> Outbound {
        let number = self.random.below(30);
        let uri = format!("urn:example:{number}");
        let key = Some(uri.clone().into_bytes());
        let (key, value) = match self.random.below(26) {
            0 => (key, None),
            1 => (None, None),
            2 => (key, Some(b"{\"uri\": \"urn:example:broken\", ".to_vec())),
            3 => (key, Some(json!({ "uri": uri }).to_string().into_bytes())),
            4 => (key, Some(json!({ "uri": uri, "pubStatus": "canceled" }).to_string().into_bytes())),
            5 => (key, Some(json!({ "uri": uri, "pubStatus": "withheld" }).to_string().into_bytes())),
            _ => (key, Some(self.article(number, &uri, now).into_bytes())),
        };
        let mut headers = vec![("crawler".to_owned(), Some(b"north".to_vec()))];
        if self.random.below(3) == 0 {
            headers.push(("traceparent".to_owned(), Some(format!("00-{:032x}-01", self.random.next()).into_bytes())));
        }
        Outbound { topic: INPUT.into(), partition: Some((number % self.partitions) as i32), key, value, headers }
    }

    fn article(&mut self, number: u64, uri: &str, now: Millis) -> String {
        let source = self.random.below(5);
        let text = self.random.below(5);
        // Most come at once, a few from before the window.
        let slow = self.random.below(8) == 0;
        let delay = self.random.below(if slow { 150_000 } else { 30_000 });
        let mut article = json!({
            "uri": uri,
            "headline": format!("Title {text}"),
            "body_text": self.text(number, source, text),
            "language": if text.is_multiple_of(2) { "en" } else { "ar" },
            "source": format!("Source {source}"),
            "published_at": Millis(now.0 - delay.cast_signed()).to_string(),
        });
        if self.random.below(3) == 0 {
            article["version"] = self.random.below(4).into();
        }
        article.to_string()
    }

    /// Thirty words of one of five texts, less a cut, then words of its own and a line that its source always prints; or
    /// nothing.
    fn text(&mut self, number: u64, source: u64, text: u64) -> String {
        if self.random.below(20) == 0 {
            return String::new();
        }
        let mut now_and_then = |most: u64| if self.random.below(3) == 0 { 0 } else { self.random.below(most) };
        let (cut, own) = (now_and_then(25), now_and_then(15));
        let shared = (0..30 - cut).map(|word| format!("t{text}w{word}"));
        let own = (0..own).map(|word| format!("u{number}o{word}"));
        let furniture = (0..5).map(|word| format!("s{source}f{word}"));
        shared.chain(own).chain(furniture).collect::<Vec<_>>().join(" ")
    }
}
