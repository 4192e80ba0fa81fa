//! The fold with the members of each story kept until it closes: what a run over files prints.

use std::collections::HashMap;

use crate::fold::{Change, Rules, State, Tally, judge, verdict};
use crate::record::{
    ArticleId, Member, Outcome, Relation, Signature, StoryHeader, StoryId, StoryRecord, StoryState, VerdictRecord,
};

/// A state machine and the members of its live stories.
#[derive(Debug, Default)]
pub(crate) struct Stories {
    state: State,
    members: HashMap<StoryId, Vec<(ArticleId, Member)>>,
    pub(crate) tally: Tally,
}

impl Stories {
    /// Judges a signature and applies the decision: the verdict on arrival, and the stories that closed with it.
    pub(crate) fn fold(&mut self, signature: &Signature, at: u64, rules: &Rules) -> (VerdictRecord, Vec<StoryRecord>) {
        let decision = judge(&self.state, signature, at as i64, rules, &mut self.tally);
        let changes = self.state.apply(signature, &decision);
        let verdict = verdict(&self.state, signature, &decision, 0);
        let mut closed = Vec::new();
        if let Outcome::Admitted(admission) = &decision.outcome {
            for change in &changes {
                if let Change::Merged { from, into, .. } = change {
                    let moved = self.members.remove(&from.id).unwrap_or_default();
                    self.members.entry(*into).or_default().extend(moved);
                }
            }
            let member = Member {
                uri: verdict.uri.clone(),
                source: verdict.source.clone().unwrap_or_default(),
                published_at: verdict.published_at,
                relation: admission.relation,
                matched: admission.matched.clone(),
            };
            self.members.entry(admission.story).or_default().push((signature.raw.article_id(), member));
        }
        for change in &changes {
            match change {
                Change::Removed { story, id, .. } => self.forget(*story, *id),
                Change::Closed(header) => closed.extend(self.close(header, decision.seq)),
                Change::Merged { .. } => {}
            }
        }
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
            members.retain(|(other, _)| *other != id);
            if members.is_empty() {
                self.members.remove(&story);
            }
        }
    }

    /// The final record of a story; nothing of one whose articles were all taken back.
    fn close(&mut self, header: &StoryHeader, seq: u64) -> Option<StoryRecord> {
        let mut members: Vec<Member> = self.members.remove(&header.id)?.into_iter().map(|(_, member)| member).collect();
        if members.len() > 1 {
            for member in members.iter_mut().filter(|member| member.matched.is_none()) {
                member.relation = Relation::Original;
            }
        }
        members.sort_by_key(|member| member.published_at);
        Some(StoryRecord { members, ..StoryRecord::new(header, 0, seq, StoryState::Closed) })
    }
}
