//! The memory that the state takes, and the time that an article takes when much is live.
//!
//!     ARTICLES=1000000 cargo bench --bench state
//!
//! Fills a state with distinct articles of 550 tokens, spread over 72 hours, then processes 20,000 more, of which one in four is
//! a copy. Bytes are those that were requested from the allocator; its own overhead shows in the resident set.

#[allow(dead_code, reason = "each bench uses a part of it")]
mod articles;

use std::alloc::{GlobalAlloc, Layout};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mimalloc::MiMalloc;
use wirefold::article::{Article, ParsedContent, ParsedRecord, Published};
use wirefold::clustering::{ClusteringRules, Engine, Publication, Restore, State};
use wirefold::evaluation::Random;
use wirefold::record::{LogEntry, Millis, RawPosition, Signature, Versioned};
use wirefold::signature;

use articles::{START, Texts};

const WORDS: usize = 550;
const HOURS: u64 = 72;
const SOURCES: u64 = 2_000;
/// Articles whose processing is timed.
const MEASURED: u64 = 20_000;

/// The program's allocator, with a count of the bytes that are allocated.
struct CountingAllocator;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code, reason = "a global allocator is unsafe by signature; this one counts and calls mimalloc")]
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { MiMalloc.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATED.fetch_add(size, Ordering::Relaxed);
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { MiMalloc.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// The signature of article `number` at `at`, with the text of article `of`: of another one for a copy.
fn signature(texts: &Texts, number: u64, of: u64, at: Millis) -> Signature {
    let mut random = Random::new(number ^ 0x50C2);
    let source = random.below(SOURCES).min(random.below(SOURCES));
    let uri = format!("https://www.outlet-{source}.example/2026/01/world/a-headline-of-six-words-{number}");
    let article = Article {
        title: format!("A headline of nine words that is the {number}th one"),
        body: texts.text(of, WORDS),
        language: "en".to_owned(),
        published: Some(Published::At(at)),
        url: Some(uri.clone()),
        site: format!("outlet-{source}.example"),
        ..Article::default()
    };
    let content = ParsedContent::Article(Box::new(article));
    let incoming = ParsedRecord {
        id: Some(number.to_string()),
        source: format!("outlet-{source}.example"),
        ..ParsedRecord::new(uri, None, content)
    };
    let raw = RawPosition { topic: "articles".into(), partition: 0, offset: number as i64 };
    let signature = signature::build(incoming, raw, at, &signature::SignatureRules::default());
    // By way of its bytes, as the stage `stories` reads it from the log.
    Signature::from_bytes(&signature.to_bytes()).expect("a signature")
}

/// Nanoseconds of CPU time that this thread has taken.
fn cpu_nanos() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default()
}

/// Resident bytes of this process.
fn resident() -> usize {
    let stat = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    4096 * stat.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default()
}

/// The bytes of all boilerplate filters, loaded into a state that holds nothing else, and their number.
fn filters(state: &State) -> (usize, usize) {
    let mut count = 0;
    let before = ALLOCATED.load(Ordering::Relaxed);
    let mut restore = Restore::new();
    for source in 0..SOURCES {
        let source: Arc<str> = format!("outlet-{source}.example").into();
        if let Some(table) = state.boilerplate_table(&source, 0) {
            restore.boilerplate_table(&table);
            count += 1;
        }
    }
    let bytes = ALLOCATED.load(Ordering::Relaxed) - before;
    drop(restore);
    (bytes, count)
}

fn measure(texts: &Texts, live: u64) {
    let at = |number: u64| Millis(START + (number * HOURS * 3_600_000 / live) as i64);
    let (allocated_before, resident_before) = (ALLOCATED.load(Ordering::Relaxed), resident());
    let mut engine = Engine::new(ClusteringRules::default());
    for number in 0..live {
        let signature = signature(texts, number, number, at(number));
        engine.process(&signature, LogEntry::unlogged(number as i64), Publication::Service);
    }
    assert_eq!(engine.state().article_count() as u64, live);
    let total = ALLOCATED.load(Ordering::Relaxed) - allocated_before;
    let grown = resident().saturating_sub(resident_before);
    let (filter_bytes, filters) = filters(engine.state());
    let live = live as usize;
    println!("{live} live: {} bytes per article without boilerplate filters", (total - filter_bytes) / live);
    println!("{live} live: {} bytes per boilerplate filter ({filters} filters)", filter_bytes / filters.max(1));
    println!("{live} live: {} resident bytes per article, boilerplate filters included", grown / live);

    let live = live as u64;
    let more = (live..live + MEASURED).map(|number| {
        let of = if number % 4 == 0 { number - 1 - Random::new(number).below(live / 2) } else { number };
        signature(texts, number, of, at(number))
    });
    let signatures: Vec<Signature> = more.collect();
    engine.take_counters();
    let started = cpu_nanos();
    for (number, signature) in (live..).zip(&signatures) {
        engine.process(signature, LogEntry::unlogged(number as i64), Publication::Service);
    }
    let took = cpu_nanos() - started;
    println!("{live} live: {:.1} µs per article to process", took as f64 / MEASURED as f64 / 1_000.0);
    println!(
        "{live} live: {:.3} candidates compared per article",
        engine.take_counters().candidates as f64 / MEASURED as f64
    );
}

fn main() {
    let texts = Texts::new();
    let articles = std::env::var("ARTICLES").ok().and_then(|count| count.parse().ok()).unwrap_or(100_000);
    measure(&texts, articles);
}
