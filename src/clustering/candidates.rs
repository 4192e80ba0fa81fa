//! Finds the candidates: the stories that an article is compared with.

use std::cmp::Reverse;

use super::context::{DecisionContext, DecisionCounters};
use super::live::LiveArticle;
use crate::record::StoryId;

/// The highest number of postings that are read for one hash: a shingle with more is a phrase that everybody uses.
const POSTINGS_READ_MAX: usize = 400;

/// The highest number of stories with one hash: a hash of more stories is ignored. Stories are counted and not articles, so
/// that a viral story can still be found.
const STORIES_PER_POSTING_MAX: usize = 50;

impl DecisionContext<'_> {
    /// The stories that share enough of the sketch, those that share most first. Of equals, the story with the earliest live
    /// article comes first. Ids do not count: they hash the raw position, and the same articles in another topic must be
    /// decided in the same way.
    pub(super) fn candidates(
        &self,
        sketch: &[u32],
        replaced: Option<u64>,
        counters: &mut DecisionCounters,
    ) -> Vec<StoryId> {
        let mut shared: Vec<StoryId> = Vec::new();
        let mut stories: Vec<StoryId> = Vec::new();
        for &hash in sketch {
            if self.stories_with(hash, replaced, &mut stories) {
                shared.extend(&stories);
            } else {
                counters.postings_skipped += 1;
            }
        }
        // A short text has few hashes: then it is enough to share all of them.
        let enough = self.rules.postings_min.min(sketch.len());
        shared.sort_unstable();
        let counts = shared.chunk_by(StoryId::eq).map(|run| (run[0], run.len()));
        let mut found: Vec<(StoryId, usize)> = counts.filter(|&(_, shared)| shared >= enough).collect();
        found.sort_unstable_by_key(|&(story, shared)| (Reverse(shared), self.earliest(story)));
        counters.candidates_skipped += found.len().saturating_sub(self.rules.candidates_max) as u64;
        found.truncate(self.rules.candidates_max);
        counters.candidates += found.len() as u64;
        found.into_iter().map(|(story, _)| story).collect()
    }

    /// Sets `stories` to the stories that have `hash`, ascending; returns false when the hash is too common to count.
    fn stories_with(&self, hash: u32, replaced: Option<u64>, stories: &mut Vec<StoryId>) -> bool {
        stories.clear();
        for (read, seq) in self.state.index.lookup(hash).enumerate() {
            if read == POSTINGS_READ_MAX {
                return false;
            }
            if Some(seq) != replaced
                && let Some(article) = self.state.articles.get(seq).filter(|article| self.can_match(article))
                && let Err(at) = stories.binary_search(&article.story)
            {
                if stories.len() == STORIES_PER_POSTING_MAX {
                    return false;
                }
                stories.insert(at, article.story);
            }
        }
        true
    }

    /// `seq` of the earliest live article of a story.
    pub(super) fn earliest(&self, story: StoryId) -> Option<u64> {
        self.state.live_members(story).next()
    }

    /// Whether a live article can match the arriving one at all: it does not expire now, and it is within the window.
    pub(super) fn can_match(&self, article: &LiveArticle) -> bool {
        article.event >= self.expiry_watermark && article.event.distance(self.signature.event) <= self.rules.window
    }
}
