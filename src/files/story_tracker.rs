//! An engine that keeps all members of each story until it closes, for runs over files.

use std::collections::{HashMap, HashSet};

use crate::clustering::{ClusteringRules, Engine, Publication, StateChange, carries_superseded, supersede};
use crate::record::{
    ArticleId, LogEntry, Member, Outcome, Rejection, Relation, Signature, StoryId, StoryRecord, StoryState,
    StorySummary, VerdictRecord,
};

/// The epoch of results of a run over files: there is no namespace, so no replay can take its place.
const FILE_EPOCH: u32 = 0;

/// An engine and the members of its live stories.
///
/// A story summary lists a bounded number of members; the tracker lists all of them.
#[derive(Debug)]
pub(crate) struct StoryTracker {
    engine: Engine,
    members: HashMap<StoryId, TrackedMembers>,
    processed: i64,
}

/// The members of a live story.
#[derive(Debug, Default)]
struct TrackedMembers {
    /// In the order in which they joined; may still contain articles that were taken back.
    joined: Vec<(ArticleId, Member)>,
    /// Articles of `joined` that were taken back.
    taken_back: HashSet<ArticleId>,
    /// Whether any member may be superseded: few stories have such a member, and only those are searched for it.
    any_superseded: bool,
}

impl TrackedMembers {
    fn into_current(self) -> Vec<Member> {
        let Self { joined, taken_back, .. } = self;
        joined.into_iter().filter(|(id, _)| !taken_back.contains(id)).map(|(_, member)| member).collect()
    }

    fn current(&self) -> impl Iterator<Item = &Member> {
        self.joined.iter().filter(|(id, _)| !self.taken_back.contains(id)).map(|(_, member)| member)
    }

    fn add(&mut self, id: ArticleId, mut member: Member) {
        member.superseded = self.any_superseded && carries_superseded(&member, self.current());
        self.joined.push((id, member));
    }

    /// Takes an article back. When half of the list was taken back, these articles are removed from it, so that the cost
    /// per article is constant on average.
    fn take_back(&mut self, id: ArticleId, removed: &Member) {
        self.taken_back.insert(id);
        let current = self.joined.iter_mut().filter(|(id, _)| !self.taken_back.contains(id));
        self.any_superseded |= supersede(removed, current.map(|(_, member)| member));
        if 2 * self.taken_back.len() >= self.joined.len() {
            let taken_back = std::mem::take(&mut self.taken_back);
            self.joined.retain(|(id, _)| !taken_back.contains(id));
        }
    }

    fn merge(&mut self, other: Self) {
        self.joined.extend(other.joined);
        self.taken_back.extend(other.taken_back);
        self.any_superseded |= other.any_superseded;
    }
}

impl StoryTracker {
    /// A tracker that has processed nothing.
    pub(crate) fn new(rules: ClusteringRules) -> Self {
        Self { engine: Engine::new(rules), members: HashMap::new(), processed: 0 }
    }

    /// Processes a signature. Returns the verdict on it, or why it is a dead letter, and the stories that closed.
    pub(crate) fn process(&mut self, signature: &Signature) -> (Result<VerdictRecord, Rejection>, Vec<StoryRecord>) {
        let entry = LogEntry::unlogged(self.processed);
        let processed = self.engine.process(signature, entry, Publication::Service);
        let rejection = processed.rejection();
        let verdict = processed.verdict(FILE_EPOCH);
        let (decision, changes) = (processed.decision, processed.changes);
        self.processed += 1;
        // In the order in which they happened: an article is replaced before its story is merged into another.
        for change in &changes {
            match change {
                StateChange::Removed { story, member } => self.take_back(*story, member),
                StateChange::Merged { from, into, .. } => {
                    let moved = self.members.remove(&from.id).unwrap_or_default();
                    self.members.entry(*into).or_default().merge(moved);
                }
                StateChange::Closed(_) => {}
            }
        }
        if let Outcome::Assigned(assignment) = decision.outcome {
            let member = Member { relation: assignment.relation, matched: assignment.matched, ..verdict.member() };
            self.members.entry(assignment.story).or_default().add(signature.raw.article_id(), member);
        }
        let closed = changes.iter().filter_map(|change| match change {
            StateChange::Closed(summary) => self.close(summary, decision.seq),
            StateChange::Removed { .. } | StateChange::Merged { .. } => None,
        });
        let closed = closed.collect();
        (rejection.map_or(Ok(verdict), Err), closed)
    }

    /// How many candidate stories were compared with an article since the last call.
    pub(crate) fn candidates_compared(&mut self) -> u64 {
        self.engine.take_counters().candidates
    }

    /// Closes every story that is still open, earliest first.
    pub(crate) fn finish(mut self) -> Vec<StoryRecord> {
        let seq = self.engine.state().next_seq();
        let mut summaries = self.engine.state().live_summaries();
        summaries.sort_by_key(|summary| (summary.first_seen, summary.id));
        summaries.iter().filter_map(|summary| self.close(summary, seq)).collect()
    }

    fn take_back(&mut self, story: StoryId, member: &Member) {
        if let Some(members) = self.members.get_mut(&story) {
            members.take_back(member.raw.article_id(), member);
            if members.joined.is_empty() {
                self.members.remove(&story);
            }
        }
    }

    /// The final record of a story; none if all of its articles were taken back.
    fn close(&mut self, summary: &StorySummary, seq: u64) -> Option<StoryRecord> {
        let mut members = self.members.remove(&summary.id)?.into_current();
        if members.len() > 1 {
            for member in members.iter_mut().filter(|member| member.matched.is_none()) {
                member.relation = Relation::Original;
            }
        }
        members.sort_by_key(|member| member.event_at);
        Some(StoryRecord { members, ..StoryRecord::new(summary, FILE_EPOCH, seq, StoryState::Closed) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::article::{Article, ParsedContent, ParsedRecord, Published};
    use crate::record::{Millis, RawPosition, Version};
    use crate::signature;

    /// The signature of an article, of a new version or of a withdrawal. There are few articles, which share most of
    /// one text.
    fn signature(line: usize, (uri, version, words): (u8, i64, Option<u8>)) -> Signature {
        let at = Millis(1_800_000_000_000 + line as i64 * 1_000);
        let content = words.map_or(ParsedContent::Withdrawal, |words| {
            let body: Vec<String> = (0..80).map(|n| format!("word{}", if n < words { n + 100 } else { n })).collect();
            ParsedContent::Article(Box::new(Article {
                body: body.join(" "),
                language: "en".into(),
                published: Some(Published::At(at)),
                ..Article::default()
            }))
        });
        let record = ParsedRecord {
            source: format!("outlet {}", uri % 5),
            ..ParsedRecord::new(format!("urn:example:{uri}"), Some(Version::Number(version)), content)
        };
        let raw = RawPosition { topic: "articles".into(), partition: 0, offset: line as i64 };
        signature::build(record, raw, at, &signature::SignatureRules::default())
    }

    proptest! {
        /// The tracker and the story summary mark the same members as superseded.
        #[test]
        fn the_tracker_and_the_summary_mark_the_same_members_as_superseded(
            lines in prop::collection::vec((0u8..8, 0i64..4, prop::option::weighted(0.9, 0u8..20)), 1..40),
        ) {
            let mut tracker = StoryTracker::new(ClusteringRules::default());
            for (line, drawn) in lines.into_iter().enumerate() {
                let _ = tracker.process(&signature(line, drawn));
            }
            let marked = |members: &mut dyn Iterator<Item = &Member>| -> Vec<(ArticleId, bool)> {
                let mut marked: Vec<_> =
                    members.map(|member| (member.raw.article_id(), member.superseded)).collect();
                marked.sort_unstable();
                marked
            };
            for summary in tracker.engine.state().live_summaries() {
                let members = &tracker.members[&summary.id];
                prop_assert_eq!(marked(&mut members.current()), marked(&mut summary.members.iter()));
            }
        }
    }
}
