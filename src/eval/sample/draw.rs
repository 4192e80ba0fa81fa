//! Drawing from pairs that are seen one after the other, and from pairs that are too many to be listed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::{Group, Pair, members, ordered};
use crate::eval::{Folding, Place, Random};

/// Pairs seen one after the other, of which a bounded number is kept: every one as likely (algorithm R, Vitter 1985).
#[derive(Default)]
pub(super) struct Pool {
    pub(super) seen: u64,
    kept: Vec<Pair>,
}

impl Pool {
    pub(super) fn put(&mut self, pair: Pair, room: usize, random: &mut Random) {
        self.seen += 1;
        if self.kept.len() < room {
            self.kept.push(pair);
        } else if let Some(place) = self.kept.get_mut(random.below(self.seen) as usize) {
            *place = pair;
        }
    }

    pub(super) fn draw(mut self, count: usize, random: &mut Random) -> Vec<Pair> {
        random.shuffle(&mut self.kept);
        self.kept.truncate(count);
        self.kept
    }
}

/// All pairs within the window and of one language that are in no other stratum. They are too many to be listed.
pub(super) struct Others<'s> {
    /// Articles by language and time.
    sorted: Vec<usize>,
    /// How many pairs begin before each place of `sorted`, and at its end how many there are.
    begin_before: Vec<u64>,
    articles: &'s [(&'s Arc<str>, &'s Place)],
    linked: &'s BTreeMap<Pair, (Group, String)>,
    pub(super) count: u64,
}

impl<'s> Others<'s> {
    pub(super) fn new(
        folding: &Folding,
        articles: &'s [(&'s Arc<str>, &'s Place)],
        linked: &'s BTreeMap<Pair, (Group, String)>,
        window: Duration,
    ) -> Self {
        let language = |number: usize| &folding.stories[articles[number].1.story].language;
        let time = |number: usize| articles[number].1.published_at;
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
        let joined = members(folding, articles).iter().map(|of_story| joined_within(of_story, close)).sum::<u64>();
        let linked = linked.keys().filter(|&&(a, b)| close(a, b)).count() as u64;
        others.count -= joined + linked;
        others
    }

    /// Draws among all pairs and passes over those that are in another stratum or drawn already. `count` is at most
    /// the number of pairs that there are, so it ends.
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

fn joined_within(of_story: &[usize], close: impl Fn(usize, usize) -> bool) -> u64 {
    let pairs = of_story.iter().enumerate().flat_map(|(at, &a)| of_story[at + 1..].iter().map(move |&b| (a, b)));
    pairs.filter(|&(a, b)| close(a, b)).count() as u64
}
