//! Article to signature: take the page apart, normalise, shingle, sketch. Pure, and it cannot fail on any input.

mod attribution;
mod folded;
mod hash;
mod lexicon;
mod normalise;
mod phrases;
mod segment;
mod shingle;
mod spans;

use std::time::Duration;

pub use folded::folded;
pub use lexicon::{Agency, Lexicon};
pub use normalise::tokens;
pub use segment::{Segment, SegmentKind, segments};
pub use shingle::{SKETCH_SIZE, shingle_hashes, shingle_set, sketch};
pub use spans::tokens_with_spans;

use crate::article::{Article, Incoming, Published, Request};
use crate::record::{ArticleContent, Content, Millis, RawPosition, Signature, TITLE_TOKENS_MAX, Tail};
use segment::Page;

/// What signing goes by.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// How much older than its ingestion a published time may be and still be believed.
    pub grace: Duration,
    /// Phrases of pages and names of agencies.
    pub lexicon: Lexicon,
}

/// How many bytes of a headline a signature carries: longer ones are teasers.
const TITLE_BYTES_MAX: usize = 200;

/// How far ahead of its ingestion an article may say it was published: clocks and zones are off by that much.
const AHEAD_MAX: Duration = Duration::from_hours(1);

/// How many words behind a body are read: a tail may hold the whole site.
const TAIL_TOKENS_MAX: usize = 2_000;

/// With fewer words a tail holds headlines, and no article.
const TAIL_TOKENS_MIN: usize = 40;

/// The signature of a raw record read at `raw` and ingested at `ingested`.
#[must_use]
pub fn sign(incoming: Incoming, raw: RawPosition, ingested: Millis, rules: &Rules) -> Signature {
    let Incoming { uri, version, request } = incoming;
    let (content, published) = match request {
        Request::Judge(article) => (Content::Article(Box::new(content(&article, &rules.lexicon))), article.published),
        Request::Withdraw => (Content::Withdrawal, None),
        Request::Withhold => (Content::Withheld, None),
    };
    Signature {
        raw,
        uri: uri.into(),
        version,
        ingested,
        event: event_time(published, ingested, rules.grace),
        published: published.map(Published::start),
        content,
    }
}

fn content(article: &Article, lexicon: &Lexicon) -> ArticleContent {
    let page = Page::new(article, lexicon);
    let mut body = Vec::new();
    for part in page.parts(SegmentKind::Body) {
        body.append(&mut tokens(part));
    }
    let mut title_tokens: Vec<u32> = tokens(&article.title).into_iter().map(|token| (token >> 32) as u32).collect();
    title_tokens.truncate(TITLE_TOKENS_MAX);
    ArticleContent {
        source: article.source.as_str().into(),
        language: article.language.as_str().into(),
        title: cut(&article.title, TITLE_BYTES_MAX).into(),
        title_tokens,
        tokens: u32::try_from(body.len()).unwrap_or(u32::MAX),
        shingles: shingle_set(&body),
        sketch: sketch(&body),
        credits: attribution::credits(article, &page, lexicon),
        tail: tail(&page),
    }
}

/// The article in the tail of a page.
fn tail(page: &Page<'_>) -> Option<Tail> {
    let text = page.parts(SegmentKind::Tail).next()?;
    let mut words = tokens(text);
    words.truncate(TAIL_TOKENS_MAX);
    (words.len() >= TAIL_TOKENS_MIN).then(|| Tail { shingles: shingle_set(&words), sketch: sketch(&words) })
}

/// The longest start of `text` that has at most `max` bytes and ends between characters.
fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// The time an article counts from: the published one where it is credible, else when it came in.
///
/// A day without a time of day stands for its end, or for now while it lasts.
fn event_time(published: Option<Published>, ingested: Millis, grace: Duration) -> Millis {
    let said = match published {
        Some(Published::At(at)) => at,
        Some(Published::Day { end, .. }) => end.min(ingested),
        None => return ingested,
    };
    if ingested.minus(grace) <= said && said <= ingested.plus(AHEAD_MAX) { said } else { ingested }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const GRACE: Duration = Duration::from_hours(24);

    fn event(published: Option<Published>) -> i64 {
        event_time(published, Millis(1000 * HOUR), GRACE).0 / HOUR
    }

    #[test]
    fn a_credible_published_time_counts_and_any_other_gives_way_to_ingestion() {
        for (published, counts) in [(990, 990), (976, 976), (975, 1000), (1001, 1001), (1002, 1000), (-999_999, 1000)] {
            assert_eq!(event(Some(Published::At(Millis(published * HOUR)))), counts, "{published}");
        }
        assert_eq!(event(None), 1000);
    }

    #[test]
    fn a_day_counts_from_its_end_but_never_from_the_future() {
        let day =
            |start: i64| Some(Published::Day { start: Millis(start * HOUR), end: Millis((start + 24) * HOUR - 1) });
        assert_eq!(event(day(990)), 1000);
        assert_eq!(event(day(970)), 993);
        assert_eq!(event(day(900)), 1000);
        assert_eq!(event(day(2000)), 1000);
    }

    #[test]
    fn a_title_is_cut_between_characters() {
        assert_eq!(cut("سلام", 3), "س");
        assert_eq!(cut("ab", 3), "ab");
    }
}
