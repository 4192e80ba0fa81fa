//! The fold with the members of each story kept until it closes: what a run over files prints.

use std::collections::{HashMap, HashSet};

use crate::fold::{Change, Rules, State, Tally, judge, verdict};
use crate::record::{
    ArticleId, Member, Outcome, Relation, Signature, StoryHeader, StoryId, StoryRecord, StoryState, VerdictRecord,
};

/// A state machine and the members of its live stories.
#[derive(Debug, Default)]
pub(crate) struct Stories {
    state: State,
    members: HashMap<StoryId, Members>,
    pub(crate) tally: Tally,
}

/// The members of a live story.
#[derive(Debug, Default)]
struct Members {
    /// In the order in which they came, also some that were taken back since.
    admitted: Vec<(ArticleId, Member)>,
    /// Those of `admitted` that were taken back.
    taken_back: HashSet<ArticleId>,
}

impl Members {
    fn standing(self) -> Vec<Member> {
        let Self { admitted, taken_back } = self;
        admitted.into_iter().filter(|(id, _)| !taken_back.contains(id)).map(|(_, member)| member).collect()
    }

    /// An article is taken back. The list is cleared of such articles when they are half of it, which costs each of
    /// them a constant share.
    fn take_back(&mut self, id: ArticleId) {
        self.taken_back.insert(id);
        if 2 * self.taken_back.len() >= self.admitted.len() {
            let taken_back = std::mem::take(&mut self.taken_back);
            self.admitted.retain(|(id, _)| !taken_back.contains(id));
        }
    }

    fn join(&mut self, other: Self) {
        self.admitted.extend(other.admitted);
        self.taken_back.extend(other.taken_back);
    }
}

impl Stories {
    /// Judges a signature and applies the decision: the verdict on arrival, and the stories that closed with it.
    pub(crate) fn fold(&mut self, signature: &Signature, at: u64, rules: &Rules) -> (VerdictRecord, Vec<StoryRecord>) {
        let decision = judge(&self.state, signature, at as i64, rules, &mut self.tally);
        let changes = self.state.apply(signature, &decision);
        let verdict = verdict(&self.state, signature, &decision, 0);
        // In the order in which they happened: an article is replaced before its story goes on in another.
        for change in &changes {
            match change {
                Change::Removed { story, id, .. } => self.forget(*story, *id),
                Change::Merged { from, into, .. } => {
                    let moved = self.members.remove(&from.id).unwrap_or_default();
                    self.members.entry(*into).or_default().join(moved);
                }
                Change::Closed(_) => {}
            }
        }
        if let Outcome::Admitted(admission) = &decision.outcome {
            let member = Member {
                uri: verdict.uri.clone(),
                source: verdict.source.clone().unwrap_or_default(),
                published_at: verdict.published_at,
                relation: admission.relation,
                matched: admission.matched.clone(),
            };
            let members = self.members.entry(admission.story).or_default();
            members.admitted.push((signature.raw.article_id(), member));
        }
        let closed = changes.iter().filter_map(|change| match change {
            Change::Closed(header) => self.close(header, decision.seq),
            Change::Removed { .. } | Change::Merged { .. } => None,
        });
        let closed = closed.collect();
        (verdict, closed)
    }

    /// Closes every story that is still open, earliest first.
    pub(crate) fn finish(mut self) -> Vec<StoryRecord> {
        let seq = self.state.next_seq();
        let mut headers = self.state.live_headers();
        headers.sort_by_key(|header| (header.first_seen, header.id));
        headers.iter().filter_map(|header| self.close(header, seq)).collect()
    }

    fn forget(&mut self, story: StoryId, id: ArticleId) {
        if let Some(members) = self.members.get_mut(&story) {
            members.take_back(id);
            if members.admitted.is_empty() {
                self.members.remove(&story);
            }
        }
    }

    /// The final record of a story; nothing of one whose articles were all taken back.
    fn close(&mut self, header: &StoryHeader, seq: u64) -> Option<StoryRecord> {
        let mut members = self.members.remove(&header.id)?.standing();
        if members.len() > 1 {
            for member in members.iter_mut().filter(|member| member.matched.is_none()) {
                member.relation = Relation::Original;
            }
        }
        members.sort_by_key(|member| member.published_at);
        Some(StoryRecord { members, ..StoryRecord::new(header, 0, seq, StoryState::Closed) })
    }
}
