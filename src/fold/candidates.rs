//! Which stories an article is compared with at all.

use std::cmp::Reverse;

use super::judge::{Judgement, Tally};
use super::live::LiveArticle;
use crate::record::StoryId;

/// Posting lists longer than this are not read: the shingle is a phrase that everybody uses.
const POSTINGS_READ_MAX: usize = 400;

/// A hash that more stories than this have says nothing; counted by story, so that a viral one stays findable.
const STORIES_PER_POSTING_MAX: usize = 50;

impl Judgement<'_> {
    /// Stories that share enough of the sketch, most shared first; of equals the one with the earliest live article, never
    /// by a name: ids hash the raw position, and the same articles in another topic must be judged the same.
    pub(super) fn candidates(&self, sketch: &[u32], replaced: Option<u64>, tally: &mut Tally) -> Vec<StoryId> {
        let mut shared: Vec<StoryId> = Vec::new();
        let mut stories: Vec<StoryId> = Vec::new();
        for &hash in sketch {
            if self.stories_with(hash, replaced, &mut stories) {
                shared.extend(&stories);
            } else {
                tally.postings_skipped += 1;
            }
        }
        // A short text has few hashes; all of them shared is enough then.
        let enough = self.rules.postings_min.min(sketch.len());
        shared.sort_unstable();
        let counts = shared.chunk_by(StoryId::eq).map(|run| (run[0], run.len()));
        let mut found: Vec<(StoryId, usize)> = counts.filter(|&(_, shared)| shared >= enough).collect();
        found.sort_unstable_by_key(|&(story, shared)| (Reverse(shared), self.earliest(story)));
        tally.candidates_skipped += found.len().saturating_sub(self.rules.candidates_max) as u64;
        found.truncate(self.rules.candidates_max);
        tally.candidates += found.len() as u64;
        found.into_iter().map(|(story, _)| story).collect()
    }

    /// Puts into `stories` the stories that have `hash`, ascending; false when it is too common to say anything.
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

    /// The earliest live article of a story.
    pub(super) fn earliest(&self, story: StoryId) -> Option<u64> {
        self.state.live(story).next()
    }

    /// Whether a live article can match this one at all: it stays live, and it is within the window.
    pub(super) fn can_match(&self, article: &LiveArticle) -> bool {
        article.event >= self.horizon && article.event.distance(self.signature.event) <= self.rules.window
    }
}
