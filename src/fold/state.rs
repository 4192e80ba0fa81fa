//! The state of one log partition.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt::Write;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use super::header;
use super::history::Sources;
use super::index::Index;
use super::live::{LiveArticle, LiveArticles};
use crate::record::{ArticleId, Decision, Low, Millis, Outcome, SourceTable, StoryHeader, StoryId};

/// How many of a story's live articles the index holds, the latest ones: a story that 500 outlets copy must neither
/// vanish behind a bound on posting lists nor fill them. An article that so many later ones follow leaves the index for
/// good, even if some of them are taken back.
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
    pub(crate) by_event: BTreeSet<(Millis, u64)>,
    pub(crate) index: Index,
    /// Stories that are more than one article; nine in ten are not, and cost nothing here.
    pub(crate) stories: Map<StoryId, LiveStory>,
    /// Live articles that are all there ever was of the story they began.
    singles: usize,
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

/// A story of which a decision said more than follows from one live article.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveStory {
    /// Its published facts; absent in the moment before the decision's other parts take effect.
    pub(crate) header: Option<Box<StoryHeader>>,
    /// Its live articles, ascending. They leave at the front, as a rule, and that must not cost the length of the story.
    pub(crate) live: VecDeque<u64>,
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
        self.stories.len() + self.singles
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

    /// Of an article that is only read ahead nothing is published: a decision on it, which is not applied yet, leaves its
    /// stories as published or unpublished as they, or those that merge into them, are.
    pub fn keep_unpublished(&self, decision: &mut Decision) {
        let is_published = |story: StoryId| self.header(story).is_some_and(|header| header.published);
        let merged = match &decision.outcome {
            Outcome::Admitted(admission) if admission.merged.iter().any(|&from| is_published(from)) => {
                Some(admission.story)
            }
            _ => None,
        };
        for header in &mut decision.stories {
            header.published = merged == Some(header.id) || is_published(header.id);
        }
    }

    /// The header of a live story, made of its article where no decision carried one.
    pub(crate) fn header(&self, story: StoryId) -> Option<StoryHeader> {
        match self.stories.get(&story).and_then(|story| story.header.as_deref()) {
            Some(header) => Some(header.clone()),
            None => self.live(story).next().and_then(|seq| Some(header::of_one(seq, self.articles.get(seq)?))),
        }
    }

    /// Event time of a live story's earliest article ever.
    pub(crate) fn began(&self, story: StoryId) -> Option<Millis> {
        match self.stories.get(&story).and_then(|story| story.header.as_deref()) {
            Some(header) => Some(header.first_seen),
            None => self.live(story).next().and_then(|seq| self.articles.get(seq)).map(|article| article.event),
        }
    }

    /// The headers of all live stories, in no particular order.
    #[must_use]
    pub fn live_headers(&self) -> Vec<StoryHeader> {
        let singles = self.articles.iter().map(|(_, article)| article.story);
        let singles = singles.filter(|story| !self.stories.contains_key(story));
        self.stories.keys().copied().chain(singles).filter_map(|story| self.header(story)).collect()
    }

    /// The live articles of a story, ascending.
    pub(crate) fn live(&self, story: StoryId) -> impl DoubleEndedIterator<Item = u64> + '_ {
        let grouped = self.stories.get(&story);
        let single = if grouped.is_none() { self.single(story) } else { None };
        single.into_iter().chain(grouped.into_iter().flat_map(|story| story.live.iter().copied()))
    }

    /// The article that is all of this story.
    fn single(&self, story: StoryId) -> Option<u64> {
        let (seq, first) = self.articles.with_id(ArticleId(story.0))?;
        (first.story == story && !self.stories.contains_key(&story)).then_some(seq)
    }

    /// The entry of a story that is about to be more than one article.
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

    /// Removes a live article; a story of more than one stays behind without it, even when it was the last.
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

    /// Moves the live articles of one story into another, and ends the first.
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

    /// Has at most so many articles of a story leave the index: those that enough later ones follow.
    fn unindex_older(&mut self, story: StoryId, most: usize) {
        let Some(story) = self.stories.get(&story) else { return };
        for &seq in story.live.iter().rev().skip(INDEXED_MAX).take(most) {
            if let Some(slot) = self.articles.get_mut(seq).and_then(|article| article.slot.take()) {
                self.index.remove(slot);
            }
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
        for (_, article) in self.articles.iter() {
            let by_uri = self.articles.with_uri(&article.uri).map(|(seq, _)| seq);
            let by_id = self.articles.with_id(article.id()).map(|(seq, _)| seq);
            line(format_args!("uri {} {by_uri:?} id {:?} {by_id:?}", article.uri, article.id()));
        }
        line(format_args!("events {:?}", self.by_event));
        line(format_args!("index {:?}", self.index.dump()));
        let stories: std::collections::BTreeMap<_, _> = self.stories.iter().collect();
        for (id, story) in stories {
            line(format_args!("story {id} {story:?}"));
        }
        line(format_args!("singles {}", self.singles));
        line(format_args!("sources {}", self.sources.dump()));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::live::tests::article;
    use crate::record::{Admission, Relation, Sample};

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
    fn a_merge_leaves_what_inserting_into_one_story_would_have() {
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
        assert_eq!((state.story_count(), state.live(story(0)).collect::<Vec<_>>()), (4, vec![0, 4]));
        assert_eq!(state.live_headers().len(), 4);
        assert_eq!(state.merge(story(1), story(2)), [1]);
        assert_eq!((state.story_count(), state.live(story(1)).count()), (3, 0));
        state.remove(3);
        assert_eq!((state.story_count(), state.header(story(3))), (2, None));
    }

    #[test]
    fn what_is_read_ahead_publishes_only_what_takes_a_published_story_in() {
        let mut state = State::new();
        for seq in 0..4 {
            insert(&mut state, seq, article(seq));
        }
        let story = |seq| article(seq).story;
        let header = |seq, published| StoryHeader { published, ..header::of_one(seq, &article(seq)) };
        state.story_mut(story(0)).header = Some(Box::new(header(0, true)));
        let kept = |into: u64, merged: &[u64]| {
            let admission = Admission {
                story: story(into),
                merged: merged.iter().map(|&from| story(from)).collect(),
                replaced: None,
                relation: Relation::Near,
                matched: None,
                links: Vec::new(),
                sample: Sample::default(),
                teaches: None,
            };
            let mut decision = Decision {
                seq: 4,
                log_offset: 4,
                low: Low { seq: 0, log_offset: 0 },
                log_time: Millis(4),
                horizon: Millis(0),
                late: false,
                outcome: Outcome::Admitted(Box::new(admission)),
                stories: vec![header(into, true)],
                sources_written: Vec::new(),
                source_evicted: None,
            };
            state.keep_unpublished(&mut decision);
            decision.stories[0].published
        };
        assert!(kept(0, &[]), "it was published");
        assert!(!kept(1, &[]), "nobody has heard of it");
        assert!(!kept(1, &[2, 3]), "nor of those that it takes in");
        assert!(kept(1, &[2, 0]), "a story that was published goes on in it");
    }
}
