//! The time that one article takes on one CPU core: from text to signature, from signature to decision, and on restore.
//!
//!     cargo bench --bench core

#[allow(dead_code, reason = "each bench uses a part of it")]
mod articles;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wirefold::article::ArticleReader;
use wirefold::clustering::{ClusteringRules, Engine, Publication, Restore};
use wirefold::record::{Decision, LogEntry, Millis, RawPosition, Signature, Versioned};
use wirefold::signature::{self, shingle_set, sketch, tokens};

/// A usual article has 3 kB of text.
const WORDS: usize = 480;

/// Articles per hour: the news of the whole world.
const PER_HOUR: u64 = 200_000;

fn text_to_signature(c: &mut Criterion) {
    let text = articles::text(1, WORDS);
    let words = tokens(&text);
    let raw = articles::json(1, WORDS, Millis(articles::START));
    let reader = ArticleReader::default();
    let position = RawPosition { topic: "articles".into(), partition: 0, offset: 0 };
    let rules = signature::SignatureRules { grace: std::time::Duration::from_hours(24), ..Default::default() };
    let mut group = c.benchmark_group("signature");
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
            let incoming = reader.read("", None, Some(black_box(raw.as_bytes()))).expect("an article");
            signature::build(incoming, position.clone(), Millis(articles::START), &rules).to_bytes()
        });
    });
    group.finish();
}

fn signature_to_decision(c: &mut Criterion) {
    let mut group = c.benchmark_group("clustering");
    for live in [10_000u64, 100_000] {
        let mut engine = Engine::new(ClusteringRules::default());
        let mut number = 0;
        let mut next = || {
            let signature = articles::signature(number, WORDS, PER_HOUR);
            number += 1;
            engine.process(&signature, LogEntry::unlogged(number as i64), Publication::Service).decision.seq
        };
        for _ in 0..live {
            next();
        }
        group.bench_function(format!("process, {live} live"), |b| b.iter(&mut next));
    }
    group.finish();
}

fn restore(c: &mut Criterion) {
    let mut engine = Engine::new(ClusteringRules::default());
    let log: Vec<(Vec<u8>, Vec<u8>)> = (0..10_000u64)
        .map(|number| {
            let signature = articles::signature(number, WORDS, PER_HOUR);
            let processed = engine.process(&signature, LogEntry::unlogged(number as i64), Publication::Service);
            (signature.to_bytes(), processed.decision.to_bytes())
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
                restore
                    .decision(&signature, LogEntry::unlogged(number as i64), &decision)
                    .expect("the decision fits the log");
            }
            restore.finish()
        });
    });
    group.finish();
}

criterion_group!(benches, text_to_signature, signature_to_decision, restore);
criterion_main!(benches);
