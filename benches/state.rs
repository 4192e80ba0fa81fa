//! What the state of fold weighs, and what an article costs when much is live.
//!
//!     ARTICLES=1000000 cargo bench --bench state
//!
//! Fills a state with distinct articles of 550 tokens, spread over 72 hours, then judges and applies 20,000 more, of which
//! one in four is a copy. Bytes are those asked of the allocator; what that adds shows in the resident set.

#[allow(dead_code, reason = "each bench uses a part of it")]
mod articles;

use std::alloc::{GlobalAlloc, Layout};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mimalloc::MiMalloc;
use wirefold::article::{Article, Incoming, Published, Request};
use wirefold::fold::{Restore, Rules, State, Tally, judge};
use wirefold::record::{Decision, Millis, RawPosition, Signature, Versioned};
use wirefold::sign::{self, sign};

use articles::{Random, START, Texts};

const WORDS: usize = 550;
const HOURS: u64 = 72;
const SOURCES: u64 = 2_000;
/// Articles judged and applied under the clock.
const MEASURED: u64 = 20_000;

/// The program's allocator, and how many bytes were asked of it and not given back.
struct Counting;

static ASKED: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code, reason = "a global allocator is unsafe by signature; this one adds numbers and hands on")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        ASKED.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { MiMalloc.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ASKED.fetch_add(size, Ordering::Relaxed);
        ASKED.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { MiMalloc.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The signature of article `number` at `at`, with the text of another one for a copy.
fn signature(texts: &Texts, number: u64, of: u64, at: Millis) -> Signature {
    let mut random = Random(number ^ 0x50C2);
    let source = random.below(SOURCES).min(random.below(SOURCES));
    let article = Article {
        title: format!("Article {number}"),
        body: texts.text(of, WORDS),
        language: "en".to_owned(),
        source: format!("outlet-{source}.example"),
        published: Some(Published::At(at)),
        credits: Vec::new(),
    };
    let uri = format!("https://www.outlet-{source}.example/2026/01/world/a-headline-of-six-words-{number}");
    let incoming = Incoming { uri, version: None, request: Request::Judge(Box::new(article)) };
    let raw = RawPosition { topic: "articles".into(), partition: 0, offset: number as i64 };
    let signature = sign(incoming, raw, at, &sign::Rules::default());
    // By way of its bytes, as fold reads it from the log.
    Signature::from_bytes(&signature.to_bytes()).expect("a signature")
}

/// Nanoseconds that this thread has run.
fn cpu() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default()
}

/// Resident bytes of this process.
fn resident() -> usize {
    let stat = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    4096 * stat.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default()
}

fn step(state: &mut State, signature: &Signature, offset: u64, rules: &Rules, tally: &mut Tally) -> Decision {
    let decision = judge(state, signature, offset as i64, rules, tally);
    state.apply(signature, &decision);
    decision
}

/// The bytes of all histories: those of their tables, loaded into a state that holds nothing else.
fn histories(state: &State) -> (usize, usize) {
    let mut count = 0;
    let before = ASKED.load(Ordering::Relaxed);
    let mut restore = Restore::new();
    for source in 0..SOURCES {
        let source: Arc<str> = format!("outlet-{source}.example").into();
        if let Some(table) = state.source_table(&source, 0) {
            restore.source_table(&table);
            count += 1;
        }
    }
    let bytes = ASKED.load(Ordering::Relaxed) - before;
    drop(restore);
    (bytes, count)
}

fn measure(texts: &Texts, live: u64) {
    let rules = Rules::default();
    let at = |number: u64| Millis(START + (number * HOURS * 3_600_000 / live) as i64);
    let (asked, resident_before) = (ASKED.load(Ordering::Relaxed), resident());
    let mut state = State::new();
    for number in 0..live {
        let signature = signature(texts, number, number, at(number));
        step(&mut state, &signature, number, &rules, &mut Tally::default());
    }
    assert_eq!(state.article_count() as u64, live);
    let total = ASKED.load(Ordering::Relaxed) - asked;
    let grown = resident().saturating_sub(resident_before);
    let (histories, sources) = histories(&state);
    let live = live as usize;
    println!("{live} live: {} bytes an article without histories", (total - histories) / live);
    println!("{live} live: {} bytes a history ({sources} sources)", histories / sources.max(1));
    println!("{live} live: {} bytes an article resident, histories included", grown / live);

    let live = live as u64;
    let more = (live..live + MEASURED).map(|number| {
        let of = if number % 4 == 0 { number - 1 - Random(number).below(live / 2) } else { number };
        signature(texts, number, of, at(number))
    });
    let signatures: Vec<Signature> = more.collect();
    let mut tally = Tally::default();
    let started = cpu();
    for (number, signature) in (live..).zip(&signatures) {
        step(&mut state, signature, number, &rules, &mut tally);
    }
    let took = cpu() - started;
    println!("{live} live: {:.1} µs to judge and apply an article", took as f64 / MEASURED as f64 / 1_000.0);
    println!("{live} live: {:.3} candidates verified an article", tally.candidates as f64 / MEASURED as f64);
}

fn main() {
    let texts = Texts::new();
    let articles = std::env::var("ARTICLES").ok().and_then(|count| count.parse().ok()).unwrap_or(100_000);
    measure(&texts, articles);
}
