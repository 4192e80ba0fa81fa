//! Applies a decision to the state. The decision carries all that this needs.

use super::live::LiveArticle;
use super::state::{LastDecision, State};
use super::summary;
use crate::record::{Decision, Member, Outcome, Signature, StoryId, StorySummary, is_sampled};

/// A change that a decision makes beyond the article itself. What is published follows from it; a restore ignores it.
#[derive(Debug, Clone, PartialEq)]
pub enum StateChange {
    /// A story has no live article any more.
    Closed(StorySummary),
    /// An article was taken back or replaced.
    Removed {
        /// The story of the article.
        story: StoryId,
        /// The article, as its story listed it.
        member: Member,
    },
    /// A story was merged into another.
    Merged {
        /// The summary of the story that ends, before the merge.
        from: StorySummary,
        /// The story that it was merged into.
        into: StoryId,
        /// The `seq` of each of its live articles, which are members of `into` now.
        moved: Vec<u64>,
    },
}

impl State {
    /// Applies the decision on `signature`. Decisions must be applied in the order of their `seq`.
    ///
    /// It reads neither rules nor a clock, so on restore it does what it did before. On restore, articles may be missing that
    /// expire before the last decision, and which only an uninterrupted run knows.
    pub(crate) fn apply(&mut self, signature: &Signature, decision: &Decision) -> Vec<StateChange> {
        let mut changes = Vec::new();
        self.last = Some(LastDecision {
            seq: decision.seq,
            log_offset: decision.log_offset,
            stream_time: decision.stream_time,
            expiry_watermark: decision.expiry_watermark,
        });
        while let Some(&(event, seq)) = self.by_event.first()
            && event < decision.expiry_watermark
        {
            self.expire(seq, &mut changes);
        }
        let mut touched: Vec<StoryId> = decision.stories.iter().map(|summary| summary.id).collect();
        match &decision.outcome {
            Outcome::Assigned(assignment) => {
                if let Some(replaced) = assignment.replaced {
                    touched.extend(self.retract(replaced, &mut changes));
                }
                self.update_summaries(&decision.stories);
                for &from in &assignment.merged {
                    let summary = self.summary(from);
                    let moved = self.merge(from, assignment.story);
                    changes.extend(summary.map(|from| StateChange::Merged { from, into: assignment.story, moved }));
                }
                if let Some(content) = signature.article() {
                    let article = LiveArticle::new(signature, content, decision.log_offset, assignment);
                    if signature.event >= decision.expiry_watermark {
                        self.insert(decision.seq, article, &content.sketch);
                    } else if !touched.contains(&assignment.story) {
                        // The article came in too late to become live, and so its story ends at once.
                        changes.push(StateChange::Closed(summary::of_one(decision.seq, &article)));
                    }
                    let hashes = content.shingles.hashes();
                    let sampled = hashes.partition_point(|&hash| is_sampled(assignment.sample.rate, hash));
                    self.learn(decision, &hashes[..sampled], assignment.learned_by.as_ref());
                }
            }
            Outcome::Retracted { removed: Some(seq) } | Outcome::Withheld { removed: Some(seq) } => {
                touched.extend(self.retract(*seq, &mut changes));
                self.update_summaries(&decision.stories);
            }
            Outcome::Retracted { removed: None }
            | Outcome::Withheld { removed: None }
            | Outcome::Duplicate { .. }
            | Outcome::Ambiguous { .. }
            | Outcome::Quarantined { .. } => {}
        }
        for publisher in &decision.filters_written {
            self.filters.cover(publisher, decision.seq);
        }
        touched.sort_unstable();
        touched.dedup();
        for story in touched {
            self.close_if_empty(story, &mut changes);
        }
        changes
    }

    /// Removes an article whose time is over.
    fn expire(&mut self, seq: u64, changes: &mut Vec<StateChange>) {
        let Some(story) = self.articles.get(seq).map(|article| article.story) else { return };
        let summary = self.summary(story);
        self.remove(seq);
        if self.live_members(story).next().is_none() {
            self.stories.remove(&story);
            changes.extend(summary.map(StateChange::Closed));
        }
    }

    /// Removes an article that is taken back or replaced, and returns its story.
    fn retract(&mut self, seq: u64, changes: &mut Vec<StateChange>) -> Option<StoryId> {
        let article = self.remove(seq)?;
        changes.push(StateChange::Removed { story: article.story, member: article.member() });
        Some(article.story)
    }

    fn update_summaries(&mut self, summaries: &[StorySummary]) {
        for summary in summaries {
            self.story_mut(summary.id).summary = Some(Box::new(summary.clone()));
        }
    }

    /// Ends a story that has no live article. A story that never had more than one article, which was taken back, has no
    /// summary: nothing is published of its end.
    fn close_if_empty(&mut self, story: StoryId, changes: &mut Vec<StateChange>) {
        if self.stories.get(&story).is_some_and(|story| story.live.is_empty()) {
            let summary = self.stories.remove(&story).and_then(|story| story.summary);
            changes.extend(summary.map(|summary| StateChange::Closed(*summary)));
        }
    }

    fn learn(&mut self, decision: &Decision, hashes: &[u32], publisher: Option<&std::sync::Arc<str>>) {
        if let Some(evicted) = &decision.filter_evicted {
            self.filters.evict(evicted, decision.seq);
        }
        if let Some(publisher) = publisher {
            self.filters.learn(publisher, hashes, decision.seq, decision.log_offset);
        }
    }
}
