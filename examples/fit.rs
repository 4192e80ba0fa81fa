//! Fits the weights of the match score, from articles and labelled pairs of them.
//!
//!     cargo run --release --example fit -- --set articles.ndjson.zst pairs.tsv [--set …] [--half a]
//!
//! Each set is clustered in the order of the articles' event times. When the later article of a labelled pair arrives, the
//! features of the pair are those that `decide` would use at that moment. A logistic regression (copy and rewrite against the
//! other labels) gives the weights. Each set has the same total weight, and a `partial` pair counts somewhat less than other
//! pairs, because people agree least on this label. The printed weights are the values for `Weights::default`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use wirefold::article::ArticleReader;
use wirefold::clustering::{ClusteringRules, Engine, Features, Publication, features_between};
use wirefold::evaluation::{Half, Label, LabelledPair, PairSet};
use wirefold::files::{FileError, IngestionClock, Lines, Records};
use wirefold::record::{LogEntry, Millis, Signature};
use wirefold::signature;

/// A day in milliseconds.
const DAY: f64 = 86_400_000.0;

/// The names of the features, the constant first.
const FEATURES: [&str; 6] = ["bias", "containment", "lead_overlap", "length_ratio", "same_publisher", "days_apart"];

type Row = [f64; FEATURES.len()];

#[derive(Parser)]
struct Args {
    /// Articles, and labelled pairs of them
    #[arg(long, num_args = 2, value_names = ["ARTICLES", "PAIRS"], required = true, action = clap::ArgAction::Append)]
    set: Vec<PathBuf>,

    /// Use one half of the pairs, and keep the other for evaluation
    #[arg(long, value_enum)]
    half: Option<Half>,

    /// The weight of a pair labelled partial; other pairs have weight 1
    #[arg(long, default_value = "0.7")]
    partial: f64,

    /// The strength of the ridge penalty, which shrinks the weights towards zero
    #[arg(long, default_value = "0.3")]
    ridge: f64,

    /// Print the features of each pair
    #[arg(long)]
    rows: bool,
}

/// A labelled pair as input of the regression.
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
            labels = labels.half(half);
        }
        let found = features_of(articles, &labels.pairs)?;
        eprintln!("{}: {} pairs, {} with features", articles.display(), labels.pairs.len(), found.len());
        let mut set: Vec<Example> = Vec::new();
        for (pair, features) in found {
            let is_partial = pair.label == Label::Partial;
            let example = Example {
                row: row(&features),
                is_copy: matches!(pair.label, Label::Copy | Label::Rewrite),
                weight: if is_partial { args.partial } else { 1.0 },
            };
            if args.rows {
                println!("{}\t{}\t{:?}\t{:?}", pair.a, pair.b, pair.label, features);
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

/// The features between the articles of each pair at the time when the later one arrives.
fn features_of<'a>(articles: &Path, pairs: &'a [LabelledPair]) -> Result<Vec<(&'a LabelledPair, Features)>, FileError> {
    let (reader, rules) = (ArticleReader::default(), ClusteringRules::default());
    let signature_rules = signature::SignatureRules::default();
    let mut clock = IngestionClock::new(Millis(i64::MAX / 2));
    let mut signatures: Vec<Signature> = Vec::new();
    for line in Records::new(vec![articles.to_owned()]) {
        let line = line?;
        let Ok(incoming) = reader.read(&line.raw.topic, None, Some(&line.bytes)) else { continue };
        let ingested = clock.assign(&[incoming.published()])[0];
        signatures.push(signature::build(incoming, line.raw, ingested, &signature_rules));
    }
    signatures.sort_by_key(|signature| signature.event);
    let mut pairs_of: HashMap<&str, Vec<(&LabelledPair, &Arc<str>)>> = HashMap::new();
    for pair in pairs {
        pairs_of.entry(&*pair.a).or_default().push((pair, &pair.b));
        pairs_of.entry(&*pair.b).or_default().push((pair, &pair.a));
    }
    // Labels name an article by its uri or by its id.
    let mut uris: HashMap<&str, &str> = HashMap::new();
    for names in signatures.iter().map(|signature| &signature.names) {
        uris.extend([Some(names.uri()), names.id()].into_iter().flatten().map(|name| (name, names.uri())));
    }
    let mut engine = Engine::new(rules);
    let mut found = Vec::new();
    for (at, signature) in signatures.iter().enumerate() {
        let names = [Some(signature.names.uri()), signature.names.id().filter(|id| *id != signature.names.uri())];
        for &(pair, other) in names.into_iter().flatten().filter_map(|name| pairs_of.get(name)).flatten() {
            let other = uris.get(&**other).copied().unwrap_or(other);
            found.extend(
                features_between(engine.state(), signature, other, engine.rules()).map(|features| (pair, features)),
            );
        }
        engine.process(signature, LogEntry::unlogged(at as i64), Publication::Service);
    }
    Ok(found)
}

fn row(features: &Features) -> Row {
    let share = |ratio: wirefold::record::Ratio| f64::from(ratio.0) / 10_000.0;
    [
        1.0,
        share(features.containment()),
        share(features.lead_overlap),
        share(features.length_ratio()),
        f64::from(u8::from(features.same_publisher)),
        features.time_gap_ms as f64 / DAY,
    ]
}

/// Logistic regression by Newton's method, with a ridge penalty on all weights except the bias. Returns the weights and the
/// mean log loss.
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
