//! The fold with the members of each story kept until it closes: what a run over files prints.

use std::collections::{HashMap, HashSet};

use crate::fold::{Change, Rules, State, Tally, carries, judge, supersede, verdict};
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
    /// Whether any may be superseded: few stories have one, and only those are searched for it.
    any_superseded: bool,
}

impl Members {
    fn into_standing(self) -> Vec<Member> {
        let Self { admitted, taken_back, .. } = self;
        admitted.into_iter().filter(|(id, _)| !taken_back.contains(id)).map(|(_, member)| member).collect()
    }

    fn standing(&self) -> impl Iterator<Item = &(ArticleId, Member)> {
        self.admitted.iter().filter(|(id, _)| !self.taken_back.contains(id))
    }

    fn admit(&mut self, id: ArticleId, mut member: Member) {
        member.superseded = self.any_superseded && carries(&member, self.standing().map(|(_, member)| member));
        self.admitted.push((id, member));
    }

    /// An article is taken back. The list is cleared of such articles when they are half of it, which costs each of
    /// them a constant share.
    fn take_back(&mut self, id: ArticleId, removed: &Member) {
        self.taken_back.insert(id);
        let standing = self.admitted.iter_mut().filter(|(id, _)| !self.taken_back.contains(id));
        self.any_superseded |= supersede(removed, standing.map(|(_, member)| member));
        if 2 * self.taken_back.len() >= self.admitted.len() {
            let taken_back = std::mem::take(&mut self.taken_back);
            self.admitted.retain(|(id, _)| !taken_back.contains(id));
        }
    }

    fn join(&mut self, other: Self) {
        self.admitted.extend(other.admitted);
        self.taken_back.extend(other.taken_back);
        self.any_superseded |= other.any_superseded;
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
                Change::Removed { story, id, member } => self.forget(*story, *id, member),
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
                superseded: false,
            };
            self.members.entry(admission.story).or_default().admit(signature.raw.article_id(), member);
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

    fn forget(&mut self, story: StoryId, id: ArticleId, member: &Member) {
        if let Some(members) = self.members.get_mut(&story) {
            members.take_back(id, member);
            if members.admitted.is_empty() {
                self.members.remove(&story);
            }
        }
    }

    /// The final record of a story; nothing of one whose articles were all taken back.
    fn close(&mut self, header: &StoryHeader, seq: u64) -> Option<StoryRecord> {
        let mut members = self.members.remove(&header.id)?.into_standing();
        if members.len() > 1 {
            for member in members.iter_mut().filter(|member| member.matched.is_none()) {
                member.relation = Relation::Original;
            }
        }
        members.sort_by_key(|member| member.published_at);
        Some(StoryRecord { members, ..StoryRecord::new(header, 0, seq, StoryState::Closed) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::article::{Article, Incoming, Published, Request};
    use crate::record::{Millis, RawPosition};
    use crate::sign::{self, sign};

    /// An article, a version of it or its withdrawal, of few articles that share most of one text.
    fn signature(line: usize, (uri, version, words): (u8, i64, Option<u8>)) -> Signature {
        let at = Millis(1_800_000_000_000 + line as i64 * 1_000);
        let request = words.map_or(Request::Withdraw, |words| {
            let body: Vec<String> = (0..80).map(|n| format!("word{}", if n < words { n + 100 } else { n })).collect();
            Request::Judge(Box::new(Article {
                title: String::new(),
                body: body.join(" "),
                language: "en".into(),
                source: format!("outlet {}", uri % 5),
                published: Some(Published::At(at)),
                credits: Vec::new(),
            }))
        });
        let incoming = Incoming { uri: format!("urn:example:{uri}"), version: Some(version), request };
        let raw = RawPosition { topic: "articles".into(), partition: 0, offset: line as i64 };
        sign(incoming, raw, at, &sign::Rules::default())
    }

    proptest! {
        /// A run over files marks among all members those that the service marks among the listed ones.
        #[test]
        fn the_same_members_are_superseded_as_in_the_header(
            lines in prop::collection::vec((0u8..8, 0i64..4, prop::option::weighted(0.9, 0u8..20)), 1..40),
        ) {
            let mut stories = Stories::default();
            for (line, drawn) in lines.into_iter().enumerate() {
                stories.fold(&signature(line, drawn), line as u64, &Rules::default());
            }
            let marked = |members: &mut dyn Iterator<Item = &(ArticleId, Member)>| -> Vec<(ArticleId, bool)> {
                let mut marked: Vec<_> = members.map(|(id, member)| (*id, member.superseded)).collect();
                marked.sort_unstable();
                marked
            };
            for header in stories.state.live_headers() {
                let mut standing = stories.members[&header.id].standing();
                prop_assert_eq!(marked(&mut standing), marked(&mut header.members.iter()));
            }
        }
    }
}
