//! Which stories an article is compared with at all.

use std::cmp::Reverse;
use std::collections::BTreeMap;

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
        let mut shared: BTreeMap<StoryId, usize> = BTreeMap::new();
        let mut stories: Vec<StoryId> = Vec::new();
        for &hash in sketch {
            let posting = self.state.index.lookup(hash, self.seq);
            if posting.len() > POSTINGS_READ_MAX {
                tally.postings_skipped += 1;
                continue;
            }
            stories.clear();
            stories.extend(
                posting
                    .filter(|&seq| Some(seq) != replaced)
                    .filter_map(|seq| self.state.articles.get(seq))
                    .filter(|article| self.can_match(article))
                    .map(|article| article.story),
            );
            stories.sort_unstable();
            stories.dedup();
            if stories.len() > STORIES_PER_POSTING_MAX {
                tally.postings_skipped += 1;
                continue;
            }
            for &story in &stories {
                *shared.entry(story).or_default() += 1;
            }
        }
        // A short text has few hashes; all of them shared is enough then.
        let enough = self.rules.postings_min.min(sketch.len());
        shared.retain(|_, shared| *shared >= enough);
        let mut found: Vec<(StoryId, usize)> = shared.into_iter().collect();
        found.sort_unstable_by_key(|&(story, shared)| (Reverse(shared), self.earliest(story)));
        tally.candidates_skipped += found.len().saturating_sub(self.rules.candidates_max) as u64;
        found.truncate(self.rules.candidates_max);
        tally.candidates += found.len() as u64;
        found.into_iter().map(|(story, _)| story).collect()
    }

    /// The earliest live article of a story.
    pub(super) fn earliest(&self, story: StoryId) -> Option<u64> {
        self.state.stories.get(&story)?.live.front().copied()
    }

    /// Whether a live article can match this one at all: it stays live, and it is within the window.
    pub(super) fn can_match(&self, article: &LiveArticle) -> bool {
        article.event >= self.horizon && article.event.distance(self.signature.event) <= self.rules.window
    }
}
