//! Samples of pairs for people to label, drawn with known probabilities.
//!
//! The pairs of a clustering are divided into strata. Within a stratum all pairs are drawn with equal probability. A drawn
//! pair therefore represents (pairs of its stratum) / (pairs drawn from it) pairs, and sums with these weights estimate sums
//! over all pairs (Horvitz and Thompson 1952).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::clustering::{ArticleEntry, Clustering};
use super::draw::{OtherPairs, Reservoir};
use super::random::Random;
use super::strata::{PairKind, joined_name, linked, members, ordered};

/// The settings of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Design {
    /// The number of pairs to draw.
    pub number: usize,
    /// The seed of the random numbers.
    pub seed: u64,
    /// The largest distance between the publication of two articles that are neither joined nor linked.
    pub window: Duration,
}

/// A pair of a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct SampledPair {
    /// The articles, in random order.
    pub articles: [Arc<str>; 2],
    /// Its stratum: an index into [`PairSample::strata`].
    pub stratum: usize,
}

/// A set of pairs from which pairs are drawn with equal probability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stratum {
    /// Its name, which describes its pairs.
    pub name: String,
    /// The number of its pairs.
    pub pairs: u64,
    /// The number of pairs drawn from it.
    pub drawn: u64,
}

impl Stratum {
    /// The probability with which each of its pairs is drawn.
    pub fn probability(&self) -> f64 {
        self.drawn as f64 / self.pairs as f64
    }

    /// The number of pairs that one drawn pair represents.
    pub fn weight(&self) -> f64 {
        self.pairs as f64 / self.drawn as f64
    }
}

/// The drawn pairs, in random order: the order must not give away what the clustering made of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PairSample {
    /// The drawn pairs.
    pub pairs: Vec<SampledPair>,
    /// The strata from which pairs were drawn.
    pub strata: Vec<Stratum>,
}

/// The shares of the sample, in eighths. What a kind cannot fill goes to the kinds after it.
const SHARES: [(PairKind, usize); 4] =
    [(PairKind::Joined, 4), (PairKind::Linked, 2), (PairKind::Neighbour, 1), (PairKind::Other, 1)];

/// Draws pairs from a clustering. A clustering without verdicts has no links, hence only joined and other pairs.
pub fn sample(clustering: &Clustering, design: Design) -> PairSample {
    let mut random = Random::new(design.seed);
    let articles: Vec<(&Arc<str>, &ArticleEntry)> = clustering.articles.iter().collect();
    let mut reservoirs: BTreeMap<(PairKind, String), Reservoir> = BTreeMap::new();
    let mut offer = |kind, name: String, pair, random: &mut Random| {
        reservoirs.entry((kind, name)).or_default().offer(pair, design.number, random);
    };

    let members = members(clustering, &articles);
    for of_story in &members {
        for (at, &a) in of_story.iter().enumerate() {
            for &b in &of_story[at + 1..] {
                offer(
                    PairKind::Joined,
                    joined_name(clustering, articles[a].0, articles[b].0),
                    ordered(a, b),
                    &mut random,
                );
            }
        }
    }
    let linked = linked(clustering, &articles, &members);
    for (&pair, (kind, name)) in &linked {
        offer(*kind, name.clone(), pair, &mut random);
    }
    let others = OtherPairs::new(clustering, &articles, &linked, design.window);

    let mut strata: Vec<((PairKind, String), u64)> =
        reservoirs.iter().map(|(key, reservoir)| (key.clone(), reservoir.seen)).collect();
    if others.count > 0 {
        strata.push(((PairKind::Other, "other".to_owned()), others.count));
    }
    let mut sample = PairSample::default();
    for (((kind, name), pairs), drawn) in strata.iter().zip(allocate(&strata, design.number)) {
        if drawn == 0 {
            continue;
        }
        let stratum = sample.strata.len();
        sample.strata.push(Stratum { name: name.clone(), pairs: *pairs, drawn: drawn as u64 });
        let drawn_pairs = match kind {
            PairKind::Other => others.draw(drawn, &mut random),
            _ => reservoirs
                .remove(&(*kind, name.clone()))
                .map_or_else(Vec::new, |reservoir| reservoir.draw(drawn, &mut random)),
        };
        for (a, b) in drawn_pairs {
            let mut articles = [articles[a].0.clone(), articles[b].0.clone()];
            random.shuffle(&mut articles);
            sample.pairs.push(SampledPair { articles, stratum });
        }
    }
    random.shuffle(&mut sample.pairs);
    sample
}

/// The number of pairs to draw from each stratum: the share of its kind, divided evenly among the strata of the kind as far
/// as they have enough pairs.
fn allocate(strata: &[((PairKind, String), u64)], number: usize) -> Vec<usize> {
    let mut drawn = vec![0; strata.len()];
    let (mut shares_left, mut left) = (SHARES.iter().map(|(_, share)| share).sum::<usize>(), number);
    let mut fill = |room: usize, of_kind: &dyn Fn(PairKind) -> bool| {
        // The smallest come first: what they lack is divided among the larger ones.
        let mut members: Vec<usize> = (0..strata.len()).filter(|&at| of_kind(strata[at].0.0)).collect();
        members.sort_by_key(|&at| strata[at].1 - drawn[at] as u64);
        let mut room = room;
        for (done, &at) in members.iter().enumerate() {
            let even = room.div_ceil(members.len() - done);
            let given = (even as u64).min(strata[at].1 - drawn[at] as u64) as usize;
            drawn[at] += given;
            room -= given;
        }
        room
    };
    for (kind, share) in SHARES {
        let room = left * share / shares_left;
        left -= room - fill(room, &|of| of == kind);
        shares_left -= share;
    }
    fill(left, &|_| true);
    drawn
}

#[cfg(test)]
mod tests;
