//! Makes the weights of the score again, from articles and the pairs that people judged.
//!
//!     cargo run --release --example fit -- --set articles.ndjson.zst pairs.tsv [--set …] [--half a]
//!
//! Each set is folded in the order of its articles' times. When the later article of a judged pair arrives, the evidence
//! between the two is what `judge` would weigh at that moment. The weights are those of a logistic regression (copy and
//! rewrite against the rest), in which each set counts the same and a `partial` pair somewhat less than another: it is the
//! label that people agree on least. The weights printed belong into `Weights::default`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use wirefold::article::Reader;
use wirefold::cli::HalfArg;
use wirefold::eval::{Label, LabelledPair, PairSet};
use wirefold::fold::{Evidence, Rules, State, Tally, evidence_between, judge};
use wirefold::local::{Lines, LocalError, Stamper};
use wirefold::record::{Millis, Signature};
use wirefold::sign::{self, sign};

/// A day in milliseconds.
const DAY: f64 = 86_400_000.0;

/// Features, the constant first.
const FEATURES: [&str; 6] = ["bias", "containment", "openings", "lengths", "same_outlet", "day_apart"];

type Row = [f64; FEATURES.len()];

#[derive(Parser)]
struct Args {
    /// Articles and the pairs judged of them
    #[arg(long, num_args = 2, value_names = ["ARTICLES", "PAIRS"], required = true, action = clap::ArgAction::Append)]
    set: Vec<PathBuf>,

    /// Use one half of the pairs, and leave the other for measuring
    #[arg(long, value_enum)]
    half: Option<HalfArg>,

    /// How much a pair labelled partial counts beside another
    #[arg(long, default_value = "0.7")]
    partial: f64,

    /// How strongly weights are drawn to zero
    #[arg(long, default_value = "0.3")]
    ridge: f64,

    /// Print the evidence of each pair
    #[arg(long)]
    rows: bool,
}

/// A judged pair as the regression sees it.
struct Example {
    row: Row,
    is_copy: bool,
    weight: f64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let mut examples = Vec::new();
    for files in args.set.chunks(2) {
        let [articles, pairs] = files else { continue };
        let mut labels = PairSet::read(&pairs.to_string_lossy(), Lines::numbered(pairs)?)?;
        if let Some(half) = args.half {
            labels = labels.half(half.into());
        }
        let found = evidence_of(articles, &labels.pairs)?;
        eprintln!("{}: {} pairs, {} with evidence", articles.display(), labels.pairs.len(), found.len());
        let mut set: Vec<Example> = Vec::new();
        for (pair, evidence) in found {
            let is_partial = pair.label == Label::Partial;
            let example = Example {
                row: row(&evidence),
                is_copy: matches!(pair.label, Label::Copy | Label::Rewrite),
                weight: if is_partial { args.partial } else { 1.0 },
            };
            if args.rows {
                println!("{}\t{}\t{:?}\t{:?}", pair.a, pair.b, pair.label, evidence);
            }
            set.push(example);
        }
        let total: f64 = set.iter().map(|example| example.weight).sum();
        examples.extend(set.into_iter().map(|example| Example { weight: 100.0 * example.weight / total, ..example }));
    }
    let (weights, loss) = fit(&examples, args.ridge);
    for (name, weight) in FEATURES.iter().zip(weights) {
        println!("{name}: {:.0},", weight * 10_000.0);
    }
    eprintln!("mean log loss {loss:.4}");
    Ok(())
}

/// The evidence between the articles of each pair when the later one arrives.
fn evidence_of<'a>(
    articles: &Path,
    pairs: &'a [LabelledPair],
) -> Result<Vec<(&'a LabelledPair, Evidence)>, LocalError> {
    let (reader, rules) = (Reader::default(), Rules::default());
    let signing = sign::Rules::default();
    let mut stamper = Stamper::new(Millis(i64::MAX / 2));
    let mut signatures: Vec<Signature> = Vec::new();
    for line in Lines::new(vec![articles.to_owned()]) {
        let line = line?;
        let Ok(incoming) = reader.read(None, Some(&line.bytes)) else { continue };
        let ingested = stamper.stamp(&[incoming.published()])[0];
        signatures.push(sign(incoming, line.raw, ingested, &signing));
    }
    signatures.sort_by_key(|signature| signature.event);
    let mut of: HashMap<&Arc<str>, Vec<&LabelledPair>> = HashMap::new();
    for pair in pairs {
        of.entry(&pair.a).or_default().push(pair);
        of.entry(&pair.b).or_default().push(pair);
    }
    let mut state = State::new();
    let mut found = Vec::new();
    for (at, signature) in signatures.iter().enumerate() {
        for &pair in of.get(&signature.uri).into_iter().flatten() {
            let other = if pair.a == signature.uri { &pair.b } else { &pair.a };
            found.extend(evidence_between(&state, signature, other, &rules).map(|evidence| (pair, evidence)));
        }
        let decision = judge(&state, signature, at as i64, &rules, &mut Tally::default());
        state.apply(signature, &decision);
    }
    Ok(found)
}

fn row(evidence: &Evidence) -> Row {
    let share = |ratio: wirefold::record::Ratio| f64::from(ratio.0) / 10_000.0;
    [
        1.0,
        share(evidence.containment()),
        share(evidence.openings),
        share(evidence.lengths()),
        f64::from(u8::from(evidence.same_outlet)),
        evidence.apart as f64 / DAY,
    ]
}

/// Logistic regression by Newton's method, with a ridge on all weights but the bias.
fn fit(examples: &[Example], ridge: f64) -> (Row, f64) {
    let mut weights = Row::default();
    for _ in 0..30 {
        let mut gradient = Row::default();
        let mut hessian = [Row::default(); FEATURES.len()];
        for (i, weight) in weights.iter().enumerate().skip(1) {
            gradient[i] = -ridge * weight;
            hessian[i][i] = ridge;
        }
        for Example { row, is_copy, weight } in examples {
            let p = probability(&weights, row);
            for i in 0..FEATURES.len() {
                gradient[i] += weight * (f64::from(u8::from(*is_copy)) - p) * row[i];
                for j in 0..FEATURES.len() {
                    hessian[i][j] += weight * p * (1.0 - p) * row[i] * row[j];
                }
            }
        }
        for (weight, step) in weights.iter_mut().zip(solve(hessian, gradient)) {
            *weight += step;
        }
    }
    let (mut loss, mut total) = (0.0, 0.0);
    for Example { row, is_copy, weight } in examples {
        let p = probability(&weights, row);
        loss -= weight * (if *is_copy { p } else { 1.0 - p }).ln();
        total += weight;
    }
    (weights, loss / total)
}

fn probability(weights: &Row, row: &Row) -> f64 {
    let logit: f64 = weights.iter().zip(row).map(|(weight, value)| weight * value).sum();
    1.0 / (1.0 + (-logit).exp())
}

/// Solves a positive definite system by elimination.
fn solve(mut matrix: [Row; FEATURES.len()], mut right: Row) -> Row {
    let n = right.len();
    for pivot in 0..n {
        for below in pivot + 1..n {
            let factor = matrix[below][pivot] / matrix[pivot][pivot];
            let above = matrix[pivot];
            for (value, above) in matrix[below].iter_mut().zip(above) {
                *value -= factor * above;
            }
            right[below] -= factor * right[pivot];
        }
    }
    for pivot in (0..n).rev() {
        let known: f64 = (pivot + 1..n).map(|column| matrix[pivot][column] * right[column]).sum();
        right[pivot] = (right[pivot] - known) / matrix[pivot][pivot];
    }
    right
}
