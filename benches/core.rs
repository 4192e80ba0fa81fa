//! What an article costs in the pure core, on one core: text to signature, signature to decision.
//!
//!     cargo bench --bench core

#[allow(dead_code, reason = "each bench uses a part of it")]
mod articles;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wirefold::article::Reader;
use wirefold::fold::{Restore, Rules, State, Tally, judge};
use wirefold::record::{Decision, Millis, RawPosition, Signature, Versioned};
use wirefold::sign::{shingle_set, sign, sketch, tokens};

/// A usual article has 3 kB of text.
const WORDS: usize = 480;

/// Articles an hour: the news of the whole world.
const PER_HOUR: u64 = 200_000;

fn text_to_signature(c: &mut Criterion) {
    let text = articles::text(1, WORDS);
    let words = tokens(&text);
    let raw = articles::json(1, WORDS, Millis(articles::START));
    let reader = Reader::default();
    let position = RawPosition { topic: "articles".into(), partition: 0, offset: 0 };
    let rules = wirefold::sign::Rules { grace: std::time::Duration::from_hours(24), ..Default::default() };
    let mut group = c.benchmark_group("sign");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("tokens", |b| b.iter(|| tokens(black_box(&text))));
    group.bench_function("sketch", |b| b.iter(|| sketch(black_box(&words))));
    group.bench_function("shingle set", |b| b.iter(|| shingle_set(black_box(&words))));
    group.bench_function("kernel: text to shingle set and sketch", |b| {
        b.iter(|| {
            let words = tokens(black_box(&text));
            (shingle_set(&words), sketch(&words))
        });
    });
    group.bench_function("whole: raw record to signature bytes", |b| {
        b.iter(|| {
            let incoming = reader.read(None, Some(black_box(raw.as_bytes()))).expect("an article");
            sign(incoming, position.clone(), Millis(articles::START), &rules).to_bytes()
        });
    });
    group.finish();
}

fn signature_to_decision(c: &mut Criterion) {
    let rules = Rules::default();
    let mut group = c.benchmark_group("fold");
    for live in [10_000u64, 100_000] {
        let mut state = State::new();
        let mut number = 0;
        let mut next = |state: &mut State| {
            let signature = articles::signature(number, WORDS, PER_HOUR);
            number += 1;
            let decision = judge(state, &signature, number as i64, &rules, &mut Tally::default());
            state.apply(&signature, &decision);
        };
        for _ in 0..live {
            next(&mut state);
        }
        let signatures: Vec<Signature> = (0..2_000).map(|i| articles::signature(live + i, WORDS, PER_HOUR)).collect();
        let mut at = 0;
        group.bench_function(format!("judge, {live} live"), |b| {
            b.iter(|| {
                at = (at + 1) % signatures.len();
                judge(&state, &signatures[at], 0, &rules, &mut Tally::default())
            });
        });
        group.bench_function(format!("judge and apply, {live} live"), |b| b.iter(|| next(&mut state)));
    }
    group.finish();
}

fn restore(c: &mut Criterion) {
    let rules = Rules::default();
    let mut state = State::new();
    let log: Vec<(Vec<u8>, Vec<u8>)> = (0..10_000u64)
        .map(|number| {
            let signature = articles::signature(number, WORDS, PER_HOUR);
            let decision = judge(&state, &signature, number as i64, &rules, &mut Tally::default());
            state.apply(&signature, &decision);
            (signature.to_bytes(), decision.to_bytes())
        })
        .collect();
    let mut group = c.benchmark_group("restore");
    group.sample_size(10).throughput(Throughput::Elements(log.len() as u64));
    group.bench_function("10000 decisions from bytes", |b| {
        b.iter(|| {
            let mut restore = Restore::new();
            for (number, (signature, decision)) in log.iter().enumerate() {
                let signature = Signature::from_bytes(signature).expect("a signature");
                let decision = Decision::from_bytes(decision).expect("a decision");
                restore.decision(&signature, number as i64, &decision).expect("they fit");
            }
            restore.finish()
        });
    });
    group.finish();
}

criterion_group!(benches, text_to_signature, signature_to_decision, restore);
criterion_main!(benches);
