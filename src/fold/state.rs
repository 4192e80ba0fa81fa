//! The state of one log partition.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt::Write;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use super::header;
use super::history::Sources;
use super::index::Index;
use super::live::{LiveArticle, LiveArticles};
use crate::record::{ArticleId, Low, Millis, SourceTable, StoryHeader, StoryId};

/// How many of a story's live articles the index holds, the latest ones: a story that 500 outlets copy must neither
/// vanish behind a bound on posting lists nor fill them.
const INDEXED_MAX: usize = 8;

/// A hash map that does not ask the system for randomness. Nothing depends on its order all the same.
type Map<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// Everything that one log partition knows: the live articles with their index and stories, and what each
/// source has printed.
///
/// Each part is either a function of the live articles, or an absolute value that a written record carries and that a
/// live article (or the compacted topic of source tables) keeps readable. So it can be restored from the
/// decisions since [`State::low`] and the source tables alone.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(crate) last: Option<Last>,
    pub(crate) articles: LiveArticles,
    pub(crate) by_uri: Map<Arc<str>, u64>,
    pub(crate) by_id: Map<ArticleId, u64>,
    pub(crate) by_event: BTreeSet<(Millis, u64)>,
    pub(crate) index: Index,
    pub(crate) stories: Map<StoryId, LiveStory>,
    pub(crate) sources: Sources,
}

/// The last decision applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Last {
    pub(crate) seq: u64,
    pub(crate) log_offset: i64,
    pub(crate) log_time: Millis,
    pub(crate) horizon: Millis,
}

/// A story with at least one live article.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveStory {
    /// Its published facts; absent while it is the story of one article that no decision said more of, since then
    /// they follow from the article.
    pub(crate) header: Option<Box<StoryHeader>>,
    /// Its live articles, ascending. They leave at the front, as a rule, and that must not cost the length of the story.
    pub(crate) live: VecDeque<u64>,
}

impl LiveStory {
    /// The articles that stand for it in the index and in comparisons: the latest ones.
    pub(crate) fn latest(&self, count: usize) -> impl Iterator<Item = u64> + '_ {
        self.live.range(self.live.len().saturating_sub(count)..).copied()
    }
}

impl State {
    /// The state of an empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of the next decision.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.last.map_or(0, |last| last.seq + 1)
    }

    /// The offset of the last signature decided on.
    #[must_use]
    pub fn last_log_offset(&self) -> Option<i64> {
        self.last.map(|last| last.log_offset)
    }

    /// Running maximum of the ingestion times.
    #[must_use]
    pub fn log_time(&self) -> Millis {
        self.last.map_or(Millis::MIN, |last| last.log_time)
    }

    /// The smallest place that a restore of this state has to read from: the first live article, the first that a
    /// history was taught from and no written table covers, and at the latest the last decision. None where nothing was decided.
    #[must_use]
    pub fn low(&self) -> Option<Low> {
        let last = self.last?;
        let live = self.articles.first().map(|(seq, article)| Low { seq, log_offset: article.log_offset });
        let last = Low { seq: last.seq, log_offset: last.log_offset };
        [live, self.sources.low(), Some(last)].into_iter().flatten().min_by_key(|low| low.seq)
    }

    /// Live articles.
    #[must_use]
    pub fn article_count(&self) -> usize {
        self.articles.len()
    }

    /// Stories with a live article.
    #[must_use]
    pub fn story_count(&self) -> usize {
        self.stories.len()
    }

    /// Sources with a history.
    #[must_use]
    pub fn source_count(&self) -> usize {
        self.sources.len()
    }

    /// The history of a source as it is written with the decision `seq`.
    #[must_use]
    pub fn source_table(&self, source: &Arc<str>, seq: u64) -> Option<SourceTable> {
        self.sources.write(source, seq)
    }

    /// The header of a live story, made of its article where no decision carried one.
    pub(crate) fn header(&self, story: StoryId) -> Option<StoryHeader> {
        let live = self.stories.get(&story)?;
        match &live.header {
            Some(header) => Some(StoryHeader::clone(header)),
            None => live.live.front().and_then(|&seq| Some(header::of_one(seq, self.articles.get(seq)?))),
        }
    }

    /// Event time of a live story's earliest article ever.
    pub(crate) fn began(&self, story: StoryId) -> Option<Millis> {
        let live = self.stories.get(&story)?;
        match &live.header {
            Some(header) => Some(header.first_seen),
            None => live.live.front().and_then(|&seq| self.articles.get(seq)).map(|article| article.event),
        }
    }

    /// The headers of all live stories, in no particular order.
    #[must_use]
    pub fn live_headers(&self) -> Vec<StoryHeader> {
        self.stories.keys().filter_map(|&story| self.header(story)).collect()
    }

    pub(crate) fn insert(&mut self, seq: u64, article: LiveArticle) {
        self.by_uri.insert(article.uri.clone(), seq);
        self.by_id.insert(article.id, seq);
        self.by_event.insert((article.event, seq));
        let story = article.story;
        self.articles.insert(seq, article);
        self.with_reindexed(story, |state| state.stories.entry(story).or_default().live.push_back(seq));
    }

    /// Removes a live article; the story stays behind without it, even when it was the last.
    pub(crate) fn remove(&mut self, seq: u64) -> Option<LiveArticle> {
        let story = self.articles.get(seq)?.story;
        self.with_reindexed(story, |state| {
            if let Some(story) = state.stories.get_mut(&story)
                && let Ok(at) = story.live.binary_search(&seq)
            {
                story.live.remove(at);
            }
        });
        let article = self.articles.remove(seq)?;
        if self.by_uri.get(&article.uri) == Some(&seq) {
            self.by_uri.remove(&article.uri);
        }
        if self.by_id.get(&article.id) == Some(&seq) {
            self.by_id.remove(&article.id);
        }
        self.by_event.remove(&(article.event, seq));
        Some(article)
    }

    /// Moves the live articles of one story into another, and ends the first.
    pub(crate) fn merge(&mut self, from: StoryId, into: StoryId) -> Vec<u64> {
        let Some(story) = self.stories.get_mut(&from) else { return Vec::new() };
        let moved = Vec::from(std::mem::take(&mut story.live));
        for &seq in moved.iter().rev().take(INDEXED_MAX) {
            self.unindex(seq);
        }
        self.stories.remove(&from);
        for &seq in &moved {
            if let Some(article) = self.articles.get_mut(seq) {
                article.story = into;
            }
        }
        self.with_reindexed(into, |state| {
            let live = &mut state.stories.entry(into).or_default().live;
            live.extend(&moved);
            live.make_contiguous().sort_unstable();
        });
        moved
    }

    /// Changes which articles of a story are live, and has the index follow.
    fn with_reindexed(&mut self, story: StoryId, change: impl FnOnce(&mut Self)) {
        let latest =
            |state: &Self| state.stories.get(&story).map_or(Vec::new(), |story| story.latest(INDEXED_MAX).collect());
        let before = latest(self);
        change(self);
        let after = latest(self);
        for seq in before.iter().filter(|seq| !after.contains(seq)) {
            self.unindex(*seq);
        }
        for seq in after.iter().filter(|seq| !before.contains(seq)) {
            if let Some(article) = self.articles.get(*seq).filter(|article| !article.kept.is_empty()) {
                self.index.insert(*seq, &article.sketch);
            }
        }
    }

    fn unindex(&mut self, seq: u64) {
        if let Some(article) = self.articles.get(seq).filter(|article| !article.kept.is_empty()) {
            self.index.remove(seq, &article.sketch);
        }
    }

    /// The whole state as text in an order of its own: two states are the same when their dumps are.
    #[must_use]
    pub fn dump(&self) -> String {
        let mut out = String::new();
        let mut line = |part: std::fmt::Arguments<'_>| {
            let _ = writeln!(out, "{part}");
        };
        line(format_args!("last {:?} low {:?}", self.last, self.low()));
        for (seq, article) in self.articles.iter() {
            line(format_args!("article {seq} {article:?}"));
        }
        let uris: std::collections::BTreeMap<_, _> = self.by_uri.iter().collect();
        let ids: std::collections::BTreeMap<_, _> = self.by_id.iter().collect();
        line(format_args!("uris {uris:?}\nids {ids:?}\nevents {:?}", self.by_event));
        line(format_args!("index {:?}", self.index.dump(self.next_seq())));
        let stories: std::collections::BTreeMap<_, _> = self.stories.iter().collect();
        for (id, story) in stories {
            line(format_args!("story {id} {story:?}"));
        }
        line(format_args!("sources {}", self.sources.dump()));
        out
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::record::{RawPosition, Relation};

    /// A live article of its own story.
    pub(crate) fn article(seq: u64) -> LiveArticle {
        let raw = RawPosition { topic: "articles".into(), partition: 0, offset: seq as i64 };
        LiveArticle {
            id: raw.article_id(),
            story: raw.article_id().into(),
            log_offset: seq as i64,
            uri: format!("urn:example:{seq}").into(),
            version: None,
            event: Millis(seq as i64),
            source: "The Example".into(),
            language: "en".into(),
            credits: Box::default(),
            relation: Relation::Unique,
            matched: None,
            links: Box::default(),
            rate: 0,
            kept: [1, 2].into(),
            openings: [0].into(),
            sketch: [7, 1_000 + seq as u32].into(),
            raw,
        }
    }

    #[test]
    fn the_index_holds_the_latest_articles_of_a_story_whatever_leaves_it() {
        let mut state = State::new();
        let story = article(0).story;
        for seq in 0..12 {
            state.insert(seq, LiveArticle { story, ..article(seq) });
        }
        let indexed = |state: &State| {
            let mut seqs: Vec<u64> = state.index.lookup(7, 100).collect();
            seqs.sort_unstable();
            seqs
        };
        assert_eq!(indexed(&state), (4..12).collect::<Vec<_>>());
        state.remove(8);
        assert_eq!(indexed(&state), [3, 4, 5, 6, 7, 9, 10, 11]);
        for seq in 0..12 {
            state.remove(seq);
        }
        assert!(indexed(&state).is_empty() && state.index.dump(100).is_empty());
    }

    #[test]
    fn a_merge_leaves_what_inserting_into_one_story_would_have() {
        let (a, b) = (article(0).story, article(1).story);
        let mut merged = State::new();
        let mut single = State::new();
        for seq in 0..20 {
            merged.insert(seq, LiveArticle { story: if seq % 2 == 0 { a } else { b }, ..article(seq) });
            single.insert(seq, LiveArticle { story: a, ..article(seq) });
        }
        assert_eq!(merged.merge(b, a), (0..10).map(|i| 2 * i + 1).collect::<Vec<_>>());
        assert_eq!(merged.dump(), single.dump());
    }
}
