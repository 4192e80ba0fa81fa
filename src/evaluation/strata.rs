//! The strata of a sample: the kinds of pairs of a clustering, and the names of their strata.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::clustering::{ArticleEntry, Clustering};
use crate::record::Ratio;

/// Two articles by their numbers, the smaller first.
pub(super) type Pair = (usize, usize);

/// The kind of a pair. The strata of a kind share its part of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PairKind {
    /// Both are in one story; a stratum for each relation and band of the match score.
    Joined,
    /// They are apart, and a verdict links the one to the other; a stratum for each relation and band of the containment.
    Linked,
    /// They are apart, and a verdict links the one to another article of the other's story.
    Neighbour,
    /// They are apart, within the window, and of one language.
    Other,
}

/// The pair of two article numbers.
pub(super) fn ordered(a: usize, b: usize) -> Pair {
    (a.min(b), a.max(b))
}

/// The numbers of the articles of each story.
pub(super) fn members(clustering: &Clustering, articles: &[(&Arc<str>, &ArticleEntry)]) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); clustering.stories.len()];
    for (number, (_, entry)) in articles.iter().enumerate() {
        members[entry.story].push(number);
    }
    members
}

/// The name of the stratum of two articles of one story.
pub(super) fn joined_name(clustering: &Clustering, a: &str, b: &str) -> String {
    clustering.joining(a, b).map_or_else(
        || "joined".to_owned(),
        |(relation, matched)| format!("joined as {}, score {}", relation.name(), band(matched.score)),
    )
}

fn band(ratio: Ratio) -> &'static str {
    match ratio.0 {
        0..2_500 => "under .25",
        2_500..5_000 => ".25 to .5",
        5_000..7_500 => ".5 to .75",
        _ => ".75 and more",
    }
}

/// The linked and the neighbouring pairs, each with its kind and the name of the first stratum that it belongs to.
pub(super) fn linked(
    clustering: &Clustering,
    articles: &[(&Arc<str>, &ArticleEntry)],
    members: &[Vec<usize>],
) -> BTreeMap<Pair, (PairKind, String)> {
    let number = |uri: &Arc<str>| articles.binary_search_by_key(&uri, |(id, _)| *id).ok();
    let links = || {
        clustering.links.iter().filter_map(|(uri, links)| Some((number(uri)?, links))).flat_map(move |(from, links)| {
            links.iter().filter_map(move |link| Some((from, number(&link.matched_to)?, link)))
        })
    };
    let apart = |a: usize, b: usize| articles[a].1.story != articles[b].1.story;
    let mut pairs = BTreeMap::new();
    for (from, to, link) in links().filter(|&(from, to, _)| apart(from, to)) {
        let name = format!("linked as {}, containment {}", link.relation.name(), band(link.containment));
        pairs.entry(ordered(from, to)).or_insert((PairKind::Linked, name));
    }
    for (from, to, _) in links() {
        for &neighbour in members[articles[to].1.story].iter().filter(|&&neighbour| apart(from, neighbour)) {
            let name = "neighbour of a linked article".to_owned();
            pairs.entry(ordered(from, neighbour)).or_insert((PairKind::Neighbour, name));
        }
    }
    pairs
}
