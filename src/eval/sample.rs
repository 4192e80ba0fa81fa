//! Pairs for people to judge, drawn with known probabilities.
//!
//! The pairs of a folding fall into strata, and from each a number of pairs is drawn of which every one is as likely:
//! a pair stands for (pairs of its stratum) / (pairs drawn from it) pairs, and sums weighted by that estimate sums over all
//! pairs (Horvitz and Thompson 1952).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use self::draw::{Others, Pool};
use super::folding::{Folding, Place};
use super::random::Random;
use crate::record::Ratio;

mod draw;

/// What to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Design {
    /// How many pairs.
    pub number: usize,
    /// What the drawing begins with.
    pub seed: u64,
    /// How far apart the articles of a pair that stands for no link may be published.
    pub window: Duration,
}

/// A pair drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The articles.
    pub articles: [Arc<str>; 2],
    /// Its stratum: an index into [`Sample::strata`].
    pub stratum: usize,
}

/// Pairs of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stratum {
    /// What they are.
    pub name: String,
    /// How many there are.
    pub pairs: u64,
    /// How many were drawn.
    pub drawn: u64,
}

impl Stratum {
    /// The probability with which one of its pairs was drawn.
    #[must_use]
    pub fn probability(&self) -> f64 {
        self.drawn as f64 / self.pairs as f64
    }

    /// How many pairs one that was drawn stands for.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.pairs as f64 / self.drawn as f64
    }
}

/// Pairs drawn, in an order that tells nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sample {
    /// The pairs.
    pub pairs: Vec<Drawn>,
    /// What they were drawn from.
    pub strata: Vec<Stratum>,
}

/// Shares of the sample, in eighths: joined pairs, linked pairs, their neighbours, and any others. What a group cannot
/// fill goes to the ones after it.
const SHARES: [(Group, usize); 4] = [(Group::Joined, 4), (Group::Linked, 2), (Group::Neighbour, 1), (Group::Other, 1)];

/// Kinds of strata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    /// In one story; a stratum for each relation and band of similarity.
    Joined,
    /// Apart, and a verdict links the one to the other.
    Linked,
    /// Apart, and a verdict links the one to another article of the other's story.
    Neighbour,
    /// Apart, within the window, in one language.
    Other,
}

/// Two articles by their numbers, the smaller first.
type Pair = (usize, usize);

/// Draws pairs from a folding. Without verdicts it has no links, and there are only joined pairs and others.
#[must_use]
pub fn sample(folding: &Folding, design: Design) -> Sample {
    let mut random = Random::new(design.seed);
    let articles: Vec<(&Arc<str>, &Place)> = folding.articles.iter().collect();
    let mut pools: BTreeMap<(Group, String), Pool> = BTreeMap::new();
    let mut put = |group, name: String, pair, random: &mut Random| {
        pools.entry((group, name)).or_default().put(pair, design.number, random);
    };

    let members = members(folding, &articles);
    for of_story in &members {
        for (at, &a) in of_story.iter().enumerate() {
            for &b in &of_story[at + 1..] {
                put(Group::Joined, joined_name(folding, articles[a].0, articles[b].0), ordered(a, b), &mut random);
            }
        }
    }
    let linked = linked(folding, &articles, &members);
    for (&pair, (group, name)) in &linked {
        put(*group, name.clone(), pair, &mut random);
    }
    let others = Others::new(folding, &articles, &linked, design.window);

    let mut strata: Vec<((Group, String), u64)> = pools.iter().map(|(key, pool)| (key.clone(), pool.seen)).collect();
    if others.count > 0 {
        strata.push(((Group::Other, "other".to_owned()), others.count));
    }
    let mut sample = Sample::default();
    for (((group, name), pairs), drawn) in strata.iter().zip(allocate(&strata, design.number)) {
        if drawn == 0 {
            continue;
        }
        let stratum = sample.strata.len();
        sample.strata.push(Stratum { name: name.clone(), pairs: *pairs, drawn: drawn as u64 });
        let pool = match group {
            Group::Other => others.draw(drawn, &mut random),
            _ => pools.remove(&(*group, name.clone())).map(|pool| pool.draw(drawn, &mut random)).unwrap_or_default(),
        };
        for (a, b) in pool {
            let mut articles = [articles[a].0.clone(), articles[b].0.clone()];
            random.shuffle(&mut articles);
            sample.pairs.push(Drawn { articles, stratum });
        }
    }
    random.shuffle(&mut sample.pairs);
    sample
}

fn ordered(a: usize, b: usize) -> Pair {
    (a.min(b), a.max(b))
}

/// The numbers of the articles of each story.
fn members(folding: &Folding, articles: &[(&Arc<str>, &Place)]) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); folding.stories.len()];
    for (number, (_, place)) in articles.iter().enumerate() {
        members[place.story].push(number);
    }
    members
}

fn joined_name(folding: &Folding, a: &str, b: &str) -> String {
    folding.joining(a, b).map_or_else(
        || "joined".to_owned(),
        |(relation, matched)| format!("joined as {}, similarity {}", relation.name(), band(matched.similarity)),
    )
}

fn band(similarity: Ratio) -> &'static str {
    match similarity.0 {
        0..2_500 => "under .25",
        2_500..5_000 => ".25 to .5",
        5_000..7_500 => ".5 to .75",
        _ => ".75 and more",
    }
}

/// Pairs that links name, each in the first stratum that claims it.
fn linked(
    folding: &Folding,
    articles: &[(&Arc<str>, &Place)],
    members: &[Vec<usize>],
) -> BTreeMap<Pair, (Group, String)> {
    let number = |uri: &Arc<str>| articles.binary_search_by_key(&uri, |(id, _)| *id).ok();
    let links = || {
        folding.links.iter().filter_map(|(uri, links)| Some((number(uri)?, links))).flat_map(move |(from, links)| {
            links.iter().filter_map(move |link| Some((from, number(&link.matched_to)?, link)))
        })
    };
    let apart = |a: usize, b: usize| articles[a].1.story != articles[b].1.story;
    let mut pairs = BTreeMap::new();
    for (from, to, link) in links().filter(|&(from, to, _)| apart(from, to)) {
        let name = format!("linked as {}, similarity {}", link.relation.name(), band(link.similarity));
        pairs.entry(ordered(from, to)).or_insert((Group::Linked, name));
    }
    for (from, to, _) in links() {
        for &neighbour in members[articles[to].1.story].iter().filter(|&&neighbour| apart(from, neighbour)) {
            let name = "neighbour of a linked article".to_owned();
            pairs.entry(ordered(from, neighbour)).or_insert((Group::Neighbour, name));
        }
    }
    pairs
}

/// How many pairs to draw from each stratum: its group's share, evenly within the group as far as strata can give.
fn allocate(strata: &[((Group, String), u64)], number: usize) -> Vec<usize> {
    let mut drawn = vec![0; strata.len()];
    let (mut shares_left, mut left) = (SHARES.iter().map(|(_, share)| share).sum::<usize>(), number);
    let mut fill = |room: usize, of_group: &dyn Fn(Group) -> bool| {
        // The smallest first: what they cannot give is shared among the larger ones.
        let mut members: Vec<usize> = (0..strata.len()).filter(|&at| of_group(strata[at].0.0)).collect();
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
    for (group, share) in SHARES {
        let room = left * share / shares_left;
        left -= room - fill(room, &|of| of == group);
        shares_left -= share;
    }
    fill(left, &|_| true);
    drawn
}

#[cfg(test)]
mod tests;
