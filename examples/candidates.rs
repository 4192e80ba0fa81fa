//! Measures how many of the pairs labelled copy or rewrite the sketches alone would find: pairs that share at least as many
//! hashes as the index requires. Five more measurements draw the hashes with other seeds than that of the format.
//!
//!     cargo run --release --example candidates -- --set articles.ndjson.zst pairs.tsv [--set …]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use wirefold::article::{ArticleReader, ParsedContent};
use wirefold::evaluation::{Label, PairSet};
use wirefold::files::{FileError, Lines, Records};
use wirefold::signature::{Lexicon, PageSegmentKind, segments, sketch, tokens};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The number of shared hashes that the index requires.
const SHARED_MIN: usize = 2;

/// The seeds with which hashes are drawn; none is the hash of the format.
const SEEDS: [Option<u64>; 6] = [None, Some(1), Some(2), Some(3), Some(4), Some(5)];

#[derive(Parser)]
struct Args {
    /// Articles, and labelled pairs of them
    #[arg(long, num_args = 2, value_names = ["ARTICLES", "PAIRS"], required = true, action = clap::ArgAction::Append)]
    set: Vec<PathBuf>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let mut recalls = [0.0; SEEDS.len()];
    for files in args.set.chunks(2) {
        let [articles, pairs] = files else { continue };
        let labels = PairSet::read(&pairs.to_string_lossy(), Lines::numbered(pairs)?)?;
        let positive: Vec<(&Arc<str>, &Arc<str>)> = labels
            .pairs
            .iter()
            .filter(|pair| matches!(pair.label, Label::Copy | Label::Rewrite))
            .map(|pair| (&pair.a, &pair.b))
            .collect();
        let mut words_of: HashMap<&str, Vec<u64>> =
            positive.iter().flat_map(|(a, b)| [(&***a, vec![]), (&***b, vec![])]).collect();
        read(articles, &mut words_of)?;
        let found = SEEDS.map(|seed| {
            let sketches: HashMap<&str, Vec<u32>> =
                words_of.iter().map(|(uri, words)| (*uri, sketch_of(words, seed))).collect();
            let shared = |a: &[u32], b: &[u32]| a.iter().filter(|hash| b.binary_search(hash).is_ok()).count();
            let is_found = |(a, b): &&(&Arc<str>, &Arc<str>)| shared(&sketches[&***a], &sketches[&***b]) >= SHARED_MIN;
            positive.iter().filter(is_found).count() as f64 / positive.len() as f64
        });
        print(&articles.to_string_lossy(), &found);
        for (sum, found) in recalls.iter_mut().zip(found) {
            *sum += found / (args.set.len() / 2) as f64;
        }
    }
    print("mean", &recalls);
    Ok(())
}

fn print(name: &str, [own, others @ ..]: &[f64; SEEDS.len()]) {
    let mean = others.iter().sum::<f64>() / others.len() as f64;
    println!("{name}: {own:.4}, mean of five other seeds {mean:.4}");
}

/// Reads the token hashes of the bodies of the articles in `words_of`.
fn read(articles: &Path, words_of: &mut HashMap<&str, Vec<u64>>) -> Result<(), FileError> {
    let (reader, lexicon) = (ArticleReader::default(), Lexicon::default());
    for line in Records::new(vec![articles.to_owned()]) {
        let Ok(incoming) = reader.read("", None, Some(&line?.bytes)) else { continue };
        let name = [incoming.uri, incoming.id].into_iter().flatten().find(|name| words_of.contains_key(&**name));
        let words = name.and_then(|name| words_of.get_mut(&*name));
        let (Some(words), ParsedContent::Article(article)) = (words, incoming.content) else { continue };
        for segment in segments(&article, &lexicon).into_iter().filter(|segment| segment.kind == PageSegmentKind::Body)
        {
            words.append(&mut tokens(&article.body[segment.span]));
        }
    }
    Ok(())
}

/// The sketch of an article whose tokens are hashed again with this seed.
fn sketch_of(words: &[u64], seed: Option<u64>) -> Vec<u32> {
    let draw = |seed| words.iter().map(|word| xxh3_64_with_seed(&word.to_le_bytes(), seed)).collect::<Vec<u64>>();
    seed.map_or_else(|| sketch(words), |seed| sketch(&draw(seed)))
}
