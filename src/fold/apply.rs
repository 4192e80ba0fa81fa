//! A decision takes effect. No judging here: whatever apply needs, the decision carries.

use super::header;
use super::live::LiveArticle;
use super::state::{Last, State};
use crate::record::{ArticleId, Decision, Member, Outcome, Signature, StoryHeader, StoryId, kept_at};

/// What a decision changed beyond the article it placed: what the shells publish, and what a restore drops.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The story has no live article any more.
    Closed(StoryHeader),
    /// An article was taken back or replaced.
    Removed {
        /// Its story.
        story: StoryId,
        /// Its raw record.
        id: ArticleId,
        /// The article.
        member: Member,
    },
    /// A story goes on in another.
    Merged {
        /// The story that ends, as it stood.
        from: StoryHeader,
        /// The story it goes on in.
        into: StoryId,
        /// Its live articles by `seq`, now members of `into`.
        moved: Vec<u64>,
    },
}

impl State {
    /// Applies the decision taken on `signature`: decisions are applied in the order of their `seq`.
    ///
    /// It asks for no rule and no clock, and does the same on restore as it did live. Articles that
    /// only an uninterrupted run knows, because they expire before the restored suffix ends, may be missing.
    pub fn apply(&mut self, signature: &Signature, decision: &Decision) -> Vec<Change> {
        let mut changes = Vec::new();
        self.last = Some(Last {
            seq: decision.seq,
            log_offset: decision.log_offset,
            log_time: decision.log_time,
            horizon: decision.horizon,
        });
        while let Some(&(event, seq)) = self.by_event.first()
            && event < decision.horizon
        {
            self.take_out(seq, &mut changes);
        }
        let mut touched: Vec<StoryId> = decision.stories.iter().map(|header| header.id).collect();
        match &decision.outcome {
            Outcome::Admitted(admission) => {
                if let Some(replaced) = admission.replaced {
                    touched.extend(self.retract(replaced, &mut changes));
                }
                self.update_headers(&decision.stories);
                for &from in &admission.merged {
                    let header = self.header(from);
                    let moved = self.merge(from, admission.story);
                    changes.extend(header.map(|from| Change::Merged { from, into: admission.story, moved }));
                }
                if let Some(content) = signature.article() {
                    let article = LiveArticle::new(signature, content, decision.log_offset, admission);
                    if signature.event >= decision.horizon {
                        self.insert(decision.seq, article, &content.sketch);
                    } else if !touched.contains(&admission.story) {
                        // A story of one that came too late to live.
                        changes.push(Change::Closed(header::of_one(decision.seq, &article)));
                    }
                    let hashes = content.shingles.hashes();
                    let taught = hashes.partition_point(|&hash| kept_at(admission.sample.rate, hash));
                    self.teach(decision, &hashes[..taught], admission.teaches.as_ref());
                }
            }
            Outcome::Retracted { removed: Some(seq) } | Outcome::Withheld { removed: Some(seq) } => {
                touched.extend(self.retract(*seq, &mut changes));
                self.update_headers(&decision.stories);
            }
            Outcome::Retracted { removed: None }
            | Outcome::Withheld { removed: None }
            | Outcome::Duplicate { .. }
            | Outcome::Quarantined { .. } => {}
        }
        for source in &decision.sources_written {
            self.sources.cover(source, decision.seq);
        }
        touched.sort_unstable();
        touched.dedup();
        for story in touched {
            self.close_if_empty(story, &mut changes);
        }
        changes
    }

    /// An article leaves because its time is over.
    fn take_out(&mut self, seq: u64, changes: &mut Vec<Change>) {
        let Some(story) = self.articles.get(seq).map(|article| article.story) else { return };
        let of_one = self.header(story);
        self.remove(seq);
        if self.live(story).next().is_none() {
            self.stories.remove(&story);
            changes.extend(of_one.map(Change::Closed));
        }
    }

    /// An article is taken back; returns its story.
    fn retract(&mut self, seq: u64, changes: &mut Vec<Change>) -> Option<StoryId> {
        let article = self.remove(seq)?;
        changes.push(Change::Removed { story: article.story, id: article.id(), member: article.member() });
        Some(article.story)
    }

    fn update_headers(&mut self, headers: &[StoryHeader]) {
        for header in headers {
            self.story_mut(header.id).header = Some(Box::new(header.clone()));
        }
    }

    /// A story that a decision touched and that has no live article is over. One that was only ever one article,
    /// now taken back, has no header and leaves nothing.
    fn close_if_empty(&mut self, story: StoryId, changes: &mut Vec<Change>) {
        if self.stories.get(&story).is_some_and(|story| story.live.is_empty()) {
            let header = self.stories.remove(&story).and_then(|story| story.header);
            changes.extend(header.map(|header| Change::Closed(*header)));
        }
    }

    fn teach(&mut self, decision: &Decision, hashes: &[u32], owner: Option<&std::sync::Arc<str>>) {
        if let Some(evicted) = &decision.source_evicted {
            self.sources.evict(evicted, decision.seq);
        }
        if let Some(owner) = owner {
            self.sources.teach(owner, hashes, decision.seq, decision.log_offset);
        }
    }
}
