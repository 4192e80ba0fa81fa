//! Draws pairs with equal probability: from a sequence of pairs, and from pairs that are too many to list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::clustering::{ArticleEntry, Clustering};
use super::random::Random;
use super::strata::{Pair, PairKind, members, ordered};

/// A bounded sample of a sequence of pairs, each kept with equal probability (algorithm R, Vitter 1985).
#[derive(Default)]
pub(super) struct Reservoir {
    /// The number of pairs offered.
    pub(super) seen: u64,
    kept: Vec<Pair>,
}

impl Reservoir {
    pub(super) fn offer(&mut self, pair: Pair, capacity: usize, random: &mut Random) {
        self.seen += 1;
        if self.kept.len() < capacity {
            self.kept.push(pair);
        } else if let Some(replaced) = self.kept.get_mut(random.below(self.seen) as usize) {
            *replaced = pair;
        }
    }

    pub(super) fn draw(mut self, count: usize, random: &mut Random) -> Vec<Pair> {
        random.shuffle(&mut self.kept);
        self.kept.truncate(count);
        self.kept
    }
}

/// All pairs of one language within the window that are in no other stratum. They are too many to list.
pub(super) struct OtherPairs<'c> {
    /// The numbers of the articles, by language and time.
    sorted: Vec<usize>,
    /// For each index of `sorted`, the number of pairs whose first article comes before it; then the number of all pairs.
    begin_before: Vec<u64>,
    articles: &'c [(&'c Arc<str>, &'c ArticleEntry)],
    linked: &'c BTreeMap<Pair, (PairKind, String)>,
    /// The number of these pairs.
    pub(super) count: u64,
}

impl<'c> OtherPairs<'c> {
    pub(super) fn new(
        clustering: &Clustering,
        articles: &'c [(&'c Arc<str>, &'c ArticleEntry)],
        linked: &'c BTreeMap<Pair, (PairKind, String)>,
        window: Duration,
    ) -> Self {
        let language = |number: usize| &clustering.stories[articles[number].1.story].language;
        let time = |number: usize| articles[number].1.event_at;
        let close = |a: usize, b: usize| language(a) == language(b) && time(a).distance(time(b)) <= window;
        let mut sorted: Vec<usize> = (0..articles.len()).collect();
        sorted.sort_by_key(|&number| (language(number), time(number), number));
        let mut begin_before = vec![0];
        let (mut end, mut count) = (0, 0);
        for (at, &number) in sorted.iter().enumerate() {
            end = end.max(at + 1);
            while sorted.get(end).is_some_and(|&later| close(number, later)) {
                end += 1;
            }
            count += (end - at - 1) as u64;
            begin_before.push(count);
        }
        let mut others = Self { sorted, begin_before, articles, linked, count };
        let joined = members(clustering, articles).iter().map(|of_story| joined_within(of_story, close)).sum::<u64>();
        let linked = linked.keys().filter(|&&(a, b)| close(a, b)).count() as u64;
        others.count -= joined + linked;
        others
    }

    /// Draws among all close pairs and skips those that are in another stratum or drawn already. `count` must not exceed
    /// `self.count`: the loop ends only when that many are drawn.
    pub(super) fn draw(&self, count: usize, random: &mut Random) -> Vec<Pair> {
        let all = self.begin_before.last().copied().unwrap_or_default();
        let mut drawn = BTreeSet::new();
        while drawn.len() < count {
            let pair = random.below(all);
            let at = self.begin_before.partition_point(|&before| before <= pair) - 1;
            let (a, b) = (self.sorted[at], self.sorted[at + 1 + (pair - self.begin_before[at]) as usize]);
            let joined = self.articles[a].1.story == self.articles[b].1.story;
            if !joined && !self.linked.contains_key(&ordered(a, b)) {
                drawn.insert(ordered(a, b));
            }
        }
        drawn.into_iter().collect()
    }
}

/// The number of close pairs among the articles of a story.
fn joined_within(of_story: &[usize], close: impl Fn(usize, usize) -> bool) -> u64 {
    let pairs = of_story.iter().enumerate().flat_map(|(at, &a)| of_story[at + 1..].iter().map(move |&b| (a, b)));
    pairs.filter(|&(a, b)| close(a, b)).count() as u64
}
