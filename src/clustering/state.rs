//! The state of one log partition.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt::Write;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use super::boilerplate::BoilerplateFilters;
use super::index::Index;
use super::live::{LiveArticle, LiveArticles};
use super::summary;
use crate::record::{ArticleId, BoilerplateTable, Decision, Millis, Outcome, RestorePoint, StoryId, StorySummary};

/// The number of live articles of a story that the index holds, the latest ones: a story that 500 outlets copy must neither fill the
/// posting lists nor become impossible to find because of their bound. An article that so many later ones follow leaves the
/// index for good, even if some of those are taken back.
const INDEXED_MAX: usize = 8;

/// A hash map without randomness. Nothing depends on its order all the same.
type Map<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// The state of one log partition: the live articles with their index and stories, and the boilerplate filters.
///
/// Each part is either a function of the live articles, or an absolute value in a written record that a live article (or
/// the compacted topic of boilerplate filters) keeps readable. So the state can be restored from the decisions since
/// [`State::restore_point`] and the boilerplate filters alone.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(crate) last: Option<LastDecision>,
    pub(crate) articles: LiveArticles,
    pub(crate) by_event: BTreeSet<(Millis, u64)>,
    pub(crate) index: Index,
    /// Stories of more than one article. Nine in ten stories have only one, and take no memory here.
    pub(crate) stories: Map<StoryId, LiveStory>,
    /// The number of live stories that never had more than one article.
    singles: usize,
    pub(crate) filters: BoilerplateFilters,
}

/// The last decision applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastDecision {
    pub(crate) seq: u64,
    pub(crate) log_offset: i64,
    pub(crate) stream_time: Millis,
    pub(crate) expiry_watermark: Millis,
}

/// A live story whose facts do not follow from one live article.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveStory {
    /// Absent only while a decision is being applied.
    pub(crate) summary: Option<Box<StorySummary>>,
    /// `seq` of its live articles, ascending. As a rule they leave at the front, which must not take time in proportion to
    /// the size of the story.
    pub(crate) live: VecDeque<u64>,
}

impl State {
    /// Makes the state of an empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// `seq` of the next decision.
    pub fn next_seq(&self) -> u64 {
        self.last.map_or(0, |last| last.seq + 1)
    }

    /// The log offset of the last signature that was decided; none on an empty log.
    pub fn last_log_offset(&self) -> Option<i64> {
        self.last.map(|last| last.log_offset)
    }

    /// The highest ingestion time so far.
    pub fn stream_time(&self) -> Millis {
        self.last.map_or(Millis::MIN, |last| last.stream_time)
    }

    /// The first decision that a restore of this state must apply: that of the first live article, or of the first article
    /// that a filter has learned and no written table includes; at the latest the last decision. None on an empty log.
    pub fn restore_point(&self) -> Option<RestorePoint> {
        let last = self.last?;
        let live = self.articles.first().map(|(seq, article)| RestorePoint { seq, log_offset: article.log_offset });
        let last = RestorePoint { seq: last.seq, log_offset: last.log_offset };
        [live, self.filters.restore_point(), Some(last)]
            .into_iter()
            .flatten()
            .min_by_key(|restore_point| restore_point.seq)
    }

    /// The number of live articles.
    pub fn article_count(&self) -> usize {
        self.articles.len()
    }

    /// The number of stories with a live article.
    pub fn story_count(&self) -> usize {
        self.stories.len() + self.singles
    }

    /// The number of boilerplate filters.
    pub fn filter_count(&self) -> usize {
        self.filters.len()
    }

    /// The boilerplate filter of a publisher, to be written with the decision `seq`; none where it has no filter.
    pub fn boilerplate_table(&self, publisher: &Arc<str>, seq: u64) -> Option<BoilerplateTable> {
        self.filters.table(publisher, seq)
    }

    /// Keeps a decision of the warm-up, which is not applied yet, from publishing its stories: each stays published or
    /// unpublished as it is, except that a story which takes in a published one becomes published.
    pub(super) fn keep_unpublished(&self, decision: &mut Decision) {
        let is_published = |story: StoryId| self.summary(story).is_some_and(|summary| summary.published);
        let merged = match &decision.outcome {
            Outcome::Assigned(assignment) if assignment.merged.iter().any(|&from| is_published(from)) => {
                Some(assignment.story)
            }
            _ => None,
        };
        for summary in &mut decision.stories {
            summary.published = merged == Some(summary.id) || is_published(summary.id);
        }
    }

    /// The summary of a live story, made from its article where no decision has carried one.
    pub(crate) fn summary(&self, story: StoryId) -> Option<StorySummary> {
        match self.stories.get(&story).and_then(|story| story.summary.as_deref()) {
            Some(summary) => Some(summary.clone()),
            None => self.live_members(story).next().and_then(|seq| Some(summary::of_one(seq, self.articles.get(seq)?))),
        }
    }

    /// Event time of the earliest article of a live story, expired ones included.
    pub(crate) fn story_began(&self, story: StoryId) -> Option<Millis> {
        match self.stories.get(&story).and_then(|story| story.summary.as_deref()) {
            Some(summary) => Some(summary.first_seen),
            None => self.live_members(story).next().and_then(|seq| self.articles.get(seq)).map(|article| article.event),
        }
    }

    /// The summaries of all live stories, in no particular order.
    pub fn live_summaries(&self) -> Vec<StorySummary> {
        let singles = self.articles.iter().map(|(_, article)| article.story);
        let singles = singles.filter(|story| !self.stories.contains_key(story));
        self.stories.keys().copied().chain(singles).filter_map(|story| self.summary(story)).collect()
    }

    /// `seq` of the live articles of a story, ascending.
    pub(crate) fn live_members(&self, story: StoryId) -> impl DoubleEndedIterator<Item = u64> + '_ {
        let grouped = self.stories.get(&story);
        let single = if grouped.is_none() { self.single(story) } else { None };
        single.into_iter().chain(grouped.into_iter().flat_map(|story| story.live.iter().copied()))
    }

    /// The only article of a story that never had another.
    fn single(&self, story: StoryId) -> Option<u64> {
        let (seq, first) = self.articles.with_id(ArticleId(story.0))?;
        (first.story == story && !self.stories.contains_key(&story)).then_some(seq)
    }

    /// The entry of a story that gets a second article, or a summary.
    pub(crate) fn story_mut(&mut self, story: StoryId) -> &mut LiveStory {
        let single = self.single(story);
        self.singles -= usize::from(single.is_some());
        let entry = self.stories.entry(story).or_default();
        entry.live.extend(single);
        entry
    }

    pub(crate) fn insert(&mut self, seq: u64, mut article: LiveArticle, sketch: &[u32]) {
        let story = article.story;
        if article.is_comparable() {
            article.slot = Some(self.index.insert(seq, sketch));
        }
        self.by_event.insert((article.event, seq));
        if story == article.id().into() && !self.stories.contains_key(&story) {
            self.singles += 1;
            self.articles.insert(seq, article);
        } else {
            self.story_mut(story).live.push_back(seq);
            self.articles.insert(seq, article);
            self.unindex_older(story, 1);
        }
    }

    /// Removes a live article. A story of more than one keeps its entry, even when this was its last live article.
    pub(crate) fn remove(&mut self, seq: u64) -> Option<LiveArticle> {
        let article = self.articles.remove(seq)?;
        match self.stories.get_mut(&article.story) {
            Some(story) => {
                if let Ok(at) = story.live.binary_search(&seq) {
                    story.live.remove(at);
                }
            }
            None => self.singles -= 1,
        }
        if let Some(slot) = article.slot {
            self.index.remove(slot);
        }
        self.by_event.remove(&(article.event, seq));
        Some(article)
    }

    /// Moves the live articles of `from` into another story, ends `from`, and returns the `seq` of the moved articles.
    pub(crate) fn merge(&mut self, from: StoryId, into: StoryId) -> Vec<u64> {
        let moved = Vec::from(std::mem::take(&mut self.story_mut(from).live));
        self.stories.remove(&from);
        for &seq in &moved {
            if let Some(article) = self.articles.get_mut(seq) {
                article.story = into;
            }
        }
        let live = &mut self.story_mut(into).live;
        live.extend(&moved);
        live.make_contiguous().sort_unstable();
        self.unindex_older(into, usize::MAX);
        moved
    }

    /// Removes articles of a story from the index that are followed by [`INDEXED_MAX`] later ones: at most `most`.
    fn unindex_older(&mut self, story: StoryId, most: usize) {
        let Some(story) = self.stories.get(&story) else { return };
        for &seq in story.live.iter().rev().skip(INDEXED_MAX).take(most) {
            if let Some(slot) = self.articles.get_mut(seq).and_then(|article| article.slot.take()) {
                self.index.remove(slot);
            }
        }
    }

    /// The whole state as text, in a fixed order: two states are equal when their dumps are.
    pub fn dump(&self) -> String {
        let mut out = String::new();
        let mut line = |part: std::fmt::Arguments<'_>| {
            let _ = writeln!(out, "{part}");
        };
        line(format_args!("last {:?} restore_point {:?}", self.last, self.restore_point()));
        for (seq, article) in self.articles.iter() {
            line(format_args!("article {seq} {article:?}"));
        }
        for (_, article) in self.articles.iter() {
            let by_uri = self.articles.with_uri(article.uri()).map(|(seq, _)| seq);
            let by_id = self.articles.with_id(article.id()).map(|(seq, _)| seq);
            let stated = self.articles.with_stated_id(article.names.id().unwrap_or_default());
            let stated: Vec<_> = stated.into_iter().map(|(seq, _)| seq).collect();
            line(format_args!("uri {} {by_uri:?} {stated:?} id {:?} {by_id:?}", article.uri(), article.id()));
        }
        line(format_args!("events {:?}", self.by_event));
        line(format_args!("index {:?}", self.index.dump()));
        let stories: std::collections::BTreeMap<_, _> = self.stories.iter().collect();
        for (id, story) in stories {
            line(format_args!("story {id} {story:?}"));
        }
        line(format_args!("singles {}", self.singles));
        line(format_args!("filters {}", self.filters.dump()));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clustering::live::tests::article;
    use crate::record::{Assignment, Relation, ShingleSample};

    fn insert(state: &mut State, seq: u64, article: LiveArticle) {
        state.insert(seq, article, &[7, 1_000 + seq as u32]);
    }

    fn indexed(state: &State) -> Vec<u64> {
        let mut seqs: Vec<u64> = state.index.lookup(7).collect();
        seqs.sort_unstable();
        seqs
    }

    #[test]
    fn the_index_holds_the_latest_articles_of_a_story() {
        let mut state = State::new();
        let story = article(0).story;
        for seq in 0..12 {
            insert(&mut state, seq, LiveArticle { story, ..article(seq) });
        }
        assert_eq!(indexed(&state), (4..12).collect::<Vec<_>>());
        state.remove(8);
        assert_eq!(indexed(&state), [4, 5, 6, 7, 9, 10, 11]);
        insert(&mut state, 12, LiveArticle { story, ..article(12) });
        assert_eq!(indexed(&state), [4, 5, 6, 7, 9, 10, 11, 12]);
        for seq in 0..13 {
            state.remove(seq);
        }
        assert!(indexed(&state).is_empty() && state.index.dump().is_empty());
    }

    #[test]
    fn a_merge_gives_the_state_that_inserting_into_one_story_gives() {
        let (a, b) = (article(0).story, article(1).story);
        let mut merged = State::new();
        let mut single = State::new();
        for seq in 0..20 {
            insert(&mut merged, seq, LiveArticle { story: if seq % 2 == 0 { a } else { b }, ..article(seq) });
            insert(&mut single, seq, LiveArticle { story: a, ..article(seq) });
        }
        assert_eq!(merged.merge(b, a), (0..10).map(|i| 2 * i + 1).collect::<Vec<_>>());
        assert_eq!(merged.dump(), single.dump());
    }

    #[test]
    fn a_story_of_one_is_counted_while_its_article_lives_alone() {
        let mut state = State::new();
        for seq in 0..4 {
            insert(&mut state, seq, article(seq));
        }
        let story = |seq| article(seq).story;
        assert_eq!((state.story_count(), state.stories.len()), (4, 0));
        insert(&mut state, 4, LiveArticle { story: story(0), ..article(4) });
        assert_eq!((state.story_count(), state.live_members(story(0)).collect::<Vec<_>>()), (4, vec![0, 4]));
        assert_eq!(state.live_summaries().len(), 4);
        assert_eq!(state.merge(story(1), story(2)), [1]);
        assert_eq!((state.story_count(), state.live_members(story(1)).count()), (3, 0));
        state.remove(3);
        assert_eq!((state.story_count(), state.summary(story(3))), (2, None));
    }

    #[test]
    fn the_warm_up_publishes_only_a_story_that_takes_in_a_published_one() {
        let mut state = State::new();
        for seq in 0..4 {
            insert(&mut state, seq, article(seq));
        }
        let story = |seq| article(seq).story;
        let summary = |seq, published| StorySummary { published, ..summary::of_one(seq, &article(seq)) };
        state.story_mut(story(0)).summary = Some(Box::new(summary(0, true)));
        let published_after = |into: u64, merged: &[u64]| {
            let assignment = Assignment {
                story: story(into),
                merged: merged.iter().map(|&from| story(from)).collect(),
                replaced: None,
                relation: Relation::Near,
                matched: None,
                links: Vec::new(),
                sample: ShingleSample::default(),
                learned_by: None,
            };
            let mut decision = Decision {
                seq: 4,
                log_offset: 4,
                signature_hash: 0,
                restore_point: RestorePoint { seq: 0, log_offset: 0 },
                stream_time: Millis(4),
                expiry_watermark: Millis(0),
                late: false,
                outcome: Outcome::Assigned(Box::new(assignment)),
                stories: vec![summary(into, true)],
                filters_written: Vec::new(),
                filter_evicted: None,
            };
            state.keep_unpublished(&mut decision);
            decision.stories[0].published
        };
        assert!(published_after(0, &[]), "it was published before");
        assert!(!published_after(1, &[]), "it was not published");
        assert!(!published_after(1, &[2, 3]), "neither it nor the stories merged into it were published");
        assert!(published_after(1, &[2, 0]), "a published story was merged into it");
    }
}
