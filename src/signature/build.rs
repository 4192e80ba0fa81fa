//! Parsed record to signature.

use std::time::Duration;

use xxhash_rust::xxh3::Xxh3;

use super::attribution::credits;
use super::lexicon::Lexicon;
use super::normalise::tokens;
use super::publisher::Publishers;
use super::segment::{Page, PageSegmentKind};
use super::shingle::{shingle_set, sketch};
use super::text;
use crate::article::{Article, ParsedContent, ParsedRecord, Published};
use crate::record::{ArticleContent, ArticleNames, Content, Millis, RawPosition, Signature, TITLE_TOKENS_MAX, Tail};

/// The rules by which signatures are made.
#[derive(Debug, Clone, Default)]
pub struct SignatureRules {
    /// How much earlier than the ingestion time a published time may lie to be credible.
    pub grace: Duration,
    /// Phrases of pages and names of agencies.
    pub lexicon: Lexicon,
    /// The publishers of outlets.
    pub publishers: Publishers,
}

/// Longest headline of a signature, in bytes; the rest is cut off. Longer ones are teasers.
const TITLE_BYTES_MAX: usize = 200;

/// How much later than the ingestion time a published time may lie to be credible: clocks and time zones are off by that
/// much.
const FUTURE_MAX: Duration = Duration::from_hours(1);

/// Most words of a tail that are read: a tail may contain the whole site.
const TAIL_TOKENS_MAX: usize = 2_000;

/// Fewest words of a tail: with fewer it contains headlines and no article.
const TAIL_TOKENS_MIN: usize = 40;

/// Makes the signature of a parsed record that was read at position `raw` and came in at `ingested`. The position is the
/// uri of an article that has none.
pub fn build(parsed: ParsedRecord, raw: RawPosition, ingested: Millis, rules: &SignatureRules) -> Signature {
    let ParsedRecord { uri, id, source, version, content, .. } = parsed;
    let uri = uri.unwrap_or_else(|| raw.to_string());
    let (content, published, url) = match content {
        ParsedContent::Article(article) => {
            let content = article_content(&article, &source, rules);
            (Content::Article(Box::new(content)), article.published, article.url)
        }
        ParsedContent::Withdrawal => (Content::Withdrawal, None, None),
        ParsedContent::Withheld => (Content::Withheld, None, None),
    };
    Signature {
        raw,
        names: ArticleNames::new(&uri, id.as_deref(), url.as_deref()),
        source: source.into(),
        version,
        ingested,
        event: event_time(published, ingested, rules.grace),
        published: published.map(Published::start),
        content,
    }
}

fn article_content(article: &Article, source: &str, rules: &SignatureRules) -> ArticleContent {
    let lexicon = &rules.lexicon;
    let page = Page::new(article, lexicon);
    let mut body = Vec::new();
    for part in page.parts(PageSegmentKind::Body) {
        body.append(&mut tokens(part));
    }
    let mut title_tokens: Vec<u32> = tokens(&article.title).into_iter().map(|token| (token >> 32) as u32).collect();
    title_tokens.truncate(TITLE_TOKENS_MAX);
    ArticleContent {
        publisher: rules.publishers.of(source, &article.site).into(),
        language: article.language.as_str().into(),
        title: text::start(&article.title, TITLE_BYTES_MAX).into(),
        title_tokens,
        text_hash: text_hash(&article.title, &article.body),
        tokens: u32::try_from(body.len()).unwrap_or(u32::MAX),
        shingles: shingle_set(&body),
        sketch: sketch(&body),
        credits: credits(article, source, &page, lexicon),
        tail: tail(&page),
    }
}

/// XXH3-64 of a title and a body.
pub fn text_hash(title: &str, body: &str) -> u64 {
    let mut hasher = Xxh3::new();
    hasher.update(title.as_bytes());
    hasher.update(&[0]);
    hasher.update(body.as_bytes());
    hasher.digest()
}

/// The tail of a page, if it is long enough to contain an article.
fn tail(page: &Page<'_>) -> Option<Tail> {
    let text = page.parts(PageSegmentKind::Tail).next()?;
    let mut words = tokens(text);
    words.truncate(TAIL_TOKENS_MAX);
    (words.len() >= TAIL_TOKENS_MIN).then(|| Tail { shingles: shingle_set(&words), sketch: sketch(&words) })
}

/// The event time of an article: its published time if that is credible, else its ingestion time.
///
/// A day without a time of day counts as its end; while the day lasts, as now.
fn event_time(published: Option<Published>, ingested: Millis, grace: Duration) -> Millis {
    let stated = match published {
        Some(Published::At(at)) => at,
        Some(Published::Day { end, .. }) => end.min(ingested),
        None => return ingested,
    };
    if ingested.minus(grace) <= stated && stated <= ingested.plus(FUTURE_MAX) { stated } else { ingested }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;
    const GRACE: Duration = Duration::from_hours(24);

    fn event(published: Option<Published>) -> i64 {
        event_time(published, Millis(1000 * HOUR_MS), GRACE).0 / HOUR_MS
    }

    #[test]
    fn the_event_time_is_a_credible_published_time_or_else_the_ingestion_time() {
        for (published, counts) in [(990, 990), (976, 976), (975, 1000), (1001, 1001), (1002, 1000), (-999_999, 1000)] {
            assert_eq!(event(Some(Published::At(Millis(published * HOUR_MS)))), counts, "{published}");
        }
        assert_eq!(event(None), 1000);
    }

    #[test]
    fn a_day_counts_as_its_end_but_never_as_the_future() {
        let day = |start: i64| {
            Some(Published::Day { start: Millis(start * HOUR_MS), end: Millis((start + 24) * HOUR_MS - 1) })
        };
        assert_eq!(event(day(990)), 1000);
        assert_eq!(event(day(970)), 993);
        assert_eq!(event(day(900)), 1000);
        assert_eq!(event(day(2000)), 1000);
    }
}
