//! Reconciles the public stories of the old service with those of the replay.
//!
//! The id of a story is that of its first article. Where the replay has decided on that article, its verdict tells which
//! story has it now. Memory grows with the stories, not with their records.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::record::{
    Canonical, CanonicalReason, Decision, DecisionKind, Member, Millis, Outcome, Revision, StoryId, StoryRecord,
    StoryState, StorySummary, VerdictRecord,
};

/// Finds the record that replaces each public story.
#[derive(Debug, Default)]
pub(super) struct StoryReconciler {
    epoch: u32,
    /// Stories that the replay has published, with the `seq` of their last record.
    replayed: HashMap<StoryId, u64>,
    /// The other public stories, with the highest revision of each.
    others: HashMap<StoryId, Revision>,
    /// Where the replay has assigned the first article of those.
    relocated: HashMap<StoryId, Relocation>,
    /// Those whose first article is the only one of its story, by the uri of that article.
    alone: HashMap<Arc<str>, StoryId>,
    /// Open stories of the replay that it has not published in their present state.
    open: BTreeMap<StoryId, StorySummary>,
    expiry_watermark: Millis,
}

/// Where the first article of a story is assigned now.
#[derive(Debug)]
struct Relocation {
    seq: u64,
    story: StoryId,
    /// The article, unless it was taken back.
    member: Option<Member>,
}

impl StoryReconciler {
    /// A reconciler for a replay of this epoch.
    pub(super) fn new(epoch: u32) -> Self {
        Self { epoch, ..Self::default() }
    }

    /// Takes a record of a story that the replay has published.
    pub(super) fn replayed_story(&mut self, story: &StoryRecord) {
        let seq = self.replayed.entry(story.story_id).or_default();
        *seq = story.revision.seq.max(*seq);
    }

    /// Takes a record of the public topic, after all those of the replay.
    pub(super) fn public_story(&mut self, story: &StoryRecord) {
        if !self.replayed.contains_key(&story.story_id) {
            let revision = self.others.entry(story.story_id).or_insert(story.revision);
            *revision = story.revision.max(*revision);
        }
    }

    /// Takes a verdict of the replay, after all public stories. Verdicts on one uri come in their order.
    pub(super) fn replayed_verdict(&mut self, verdict: &VerdictRecord) {
        let first = StoryId::from(verdict.raw.article_id());
        if let Some(story) = self.alone.get(&verdict.uri).filter(|story| **story != first) {
            let takes_back =
                matches!(verdict.decision, DecisionKind::Retracted | DecisionKind::Withheld | DecisionKind::Replaced);
            if let Some(relocated) = self.relocated.get_mut(story).filter(|_| takes_back) {
                relocated.member = None;
            }
        }
        let Some(story) = verdict.story_id.filter(|_| self.others.contains_key(&first)) else { return };
        if story == first {
            self.alone.insert(verdict.uri.clone(), first);
        }
        self.relocated.insert(first, Relocation { seq: verdict.revision.seq, story, member: Some(verdict.member()) });
    }

    /// Takes a decision of the replay, after all public stories. The replay has not published what only its warm-up has
    /// seen; open stories among that belong to the public topic all the same.
    pub(super) fn replayed_decision(&mut self, decision: &Decision) {
        self.expiry_watermark = decision.expiry_watermark;
        if let Outcome::Assigned(assignment) = &decision.outcome {
            for merged in &assignment.merged {
                self.open.remove(merged);
            }
        }
        for summary in &decision.stories {
            let is_newer = self.replayed.get(&summary.id).is_none_or(|seq| *seq < summary.revision);
            if is_newer && (summary.published || summary.size > 1) {
                self.open.insert(summary.id, summary.clone());
            } else {
                self.open.remove(&summary.id);
            }
        }
    }

    /// The open stories that the replay has not published in their present state. Called once, after the decisions.
    pub(super) fn open_stories(&mut self) -> Vec<StoryRecord> {
        let expiry_watermark = self.expiry_watermark;
        let is_live = |summary: &StorySummary| {
            let cut = summary.size as usize > summary.members.len();
            summary.members.iter().any(|member| member.event_at >= expiry_watermark)
                || (cut && summary.last_seen >= expiry_watermark)
        };
        self.open.retain(|_, summary| is_live(summary));
        let record = |summary: &StorySummary| StoryRecord::new(summary, self.epoch, summary.revision, StoryState::Open);
        let others = &self.others;
        let is_public =
            |record: &StoryRecord| others.get(&record.story_id).is_some_and(|other| *other >= record.revision);
        self.open.values().map(record).filter(|record| !is_public(record)).collect()
    }

    /// The record that replaces this public one; none where it stays. Called after everything was taken.
    pub(super) fn replacement(&self, story: &StoryRecord) -> Option<StoryRecord> {
        let id = story.story_id;
        let is_last = self.others.get(&id).is_some_and(|revision| *revision == story.revision);
        if !is_last || story.revision.epoch >= self.epoch || self.open.contains_key(&id) {
            return None;
        }
        let revision = |seq| Revision { epoch: self.epoch, seq };
        match self.relocated.get(&id) {
            Some(relocated) if relocated.story == id => {
                Some(of_one(story, relocated.member.as_ref(), revision(relocated.seq)))
            }
            Some(relocated)
                if self.replayed.contains_key(&relocated.story) || self.open.contains_key(&relocated.story) =>
            {
                Some(StoryRecord {
                    revision: revision(relocated.seq),
                    state: StoryState::Merged,
                    merged_into: Some(relocated.story),
                    ..story.clone()
                })
            }
            // The replay does not know it, and would never close it.
            _ if story.state == StoryState::Open => {
                Some(StoryRecord { revision: revision(0), state: StoryState::Closed, ..story.clone() })
            }
            _ => None,
        }
    }
}

/// The record of a story for which the replay has found no second article. Nothing would publish or close it: it is closed
/// until a second article comes.
fn of_one(story: &StoryRecord, member: Option<&Member>, revision: Revision) -> StoryRecord {
    let count = u32::from(member.is_some());
    let time = member.map(|member| member.event_at);
    StoryRecord {
        revision,
        state: StoryState::Closed,
        merged_into: None,
        first_seen: time.unwrap_or(story.first_seen),
        last_seen: time.unwrap_or(story.last_seen),
        size: count,
        sources: count,
        publishers: count,
        title: member.and_then(|member| member.title.clone()),
        url: member.and_then(|member| member.url.clone()),
        publisher: member.map(|member| member.publisher.clone()).filter(|publisher| !publisher.is_empty()),
        canonical: member.map(|member| Canonical::new(member, CanonicalReason::Earliest)),
        members: member.cloned().into_iter().collect(),
        ..story.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Origin, OriginKind, Ratio, RawPosition, Relation, RestorePoint};

    fn raw(offset: i64) -> RawPosition {
        RawPosition { topic: "articles".into(), partition: 0, offset }
    }

    fn id(offset: i64) -> StoryId {
        raw(offset).article_id().into()
    }

    fn member(offset: i64) -> Member {
        Member {
            uri: format!("urn:{offset}").into(),
            id: None,
            url: None,
            title: None,
            source: "The Example".into(),
            publisher: "the example".into(),
            published_at: None,
            event_at: Millis(offset * 10),
            raw: raw(offset),
            relation: Relation::Unique,
            matched: None,
            superseded: false,
        }
    }

    /// A story of the articles at these offsets.
    fn story(articles: &[i64], epoch: u32, seq: u64, state: StoryState) -> StoryRecord {
        StoryRecord::new(&summary(articles, seq), epoch, seq, state)
    }

    fn summary(articles: &[i64], revision: u64) -> StorySummary {
        StorySummary {
            id: id(articles[0]),
            revision,
            published: articles.len() > 1,
            first_seen: Millis(articles[0] * 10),
            last_seen: Millis(articles[articles.len() - 1] * 10),
            size: articles.len() as u32,
            sources: vec![("The Example".into(), articles.len() as u32)],
            publishers: vec![("the example".into(), articles.len() as u32)],
            languages: vec!["en".into()],
            canonical: None,
            origin: Origin { kind: OriginKind::Unknown, name: None, confidence: Ratio(0), evidence: Vec::new() },
            credits: Vec::new(),
            members: articles.iter().map(|&at| member(at)).collect(),
        }
    }

    /// The summary in a replay that has read these articles as warm-up.
    fn unpublished(articles: &[i64], revision: u64) -> StorySummary {
        StorySummary { published: false, ..summary(articles, revision) }
    }

    /// The verdict on the article at `offset`, in the story that begins with the one at `story`.
    fn verdict(offset: i64, story: Option<i64>, seq: u64, decision: DecisionKind) -> VerdictRecord {
        VerdictRecord {
            schema: VerdictRecord::SCHEMA.into(),
            uri: member(offset).uri,
            id: None,
            url: None,
            title: None,
            revision: Revision { epoch: 1, seq },
            decision,
            raw: raw(offset),
            late: false,
            source: Some("The Example".into()),
            publisher: Some("the example".into()),
            published_at: None,
            event_at: Millis(offset * 10),
            story_id: story.map(id),
            relation: story.map(|_| Relation::Unique),
            matched: None,
            links: Vec::new(),
            reason: None,
        }
    }

    fn decision(seq: u64, expiry_watermark: i64, merged: &[i64], stories: Vec<StorySummary>) -> Decision {
        let outcome = Outcome::Assigned(Box::new(crate::record::Assignment {
            story: id(0),
            merged: merged.iter().map(|&at| id(at)).collect(),
            replaced: None,
            relation: Relation::Unique,
            matched: None,
            links: Vec::new(),
            sample: crate::record::ShingleSample::default(),
            learned_by: None,
        }));
        Decision {
            seq,
            log_offset: seq as i64,
            signature_hash: 0,
            restore_point: RestorePoint { seq: 0, log_offset: 0 },
            stream_time: Millis(0),
            expiry_watermark: Millis(expiry_watermark),
            late: false,
            outcome,
            stories,
            filters_written: Vec::new(),
            filter_evicted: None,
        }
    }

    /// A reconciler of epoch 1 that has seen these public stories, and `replayed` ones of the replay.
    fn after(replayed: &[StoryRecord], public: &[&StoryRecord]) -> StoryReconciler {
        let mut reconciler = StoryReconciler::new(1);
        for story in replayed {
            reconciler.replayed_story(story);
        }
        for story in public {
            reconciler.public_story(story);
        }
        reconciler
    }

    #[test]
    fn a_story_continues_in_the_story_of_its_first_article() {
        let old = story(&[3, 4], 0, 4, StoryState::Closed);
        let mut reconciler = after(&[story(&[1, 3, 4], 1, 7, StoryState::Open)], &[&old]);
        reconciler.replayed_verdict(&verdict(3, Some(3), 5, DecisionKind::Assigned));
        reconciler.replayed_verdict(&verdict(3, Some(1), 7, DecisionKind::Assigned));
        let replacement = reconciler.replacement(&old).expect("a replacement");
        assert_eq!((replacement.state, replacement.merged_into), (StoryState::Merged, Some(id(1))));
        assert_eq!(replacement.revision, Revision { epoch: 1, seq: 7 });
        assert_eq!((replacement.size, &replacement.members), (2, &old.members), "the record keeps its content");
    }

    #[test]
    fn a_story_that_the_replay_has_published_or_replaced_is_not_changed() {
        let old = story(&[3, 4], 0, 4, StoryState::Open);
        let replaced = story(&[5, 6], 1, 0, StoryState::Closed);
        let reconciler = after(&[story(&[3, 9], 1, 9, StoryState::Open)], &[&old, &replaced]);
        assert_eq!((reconciler.replacement(&old), reconciler.replacement(&replaced)), (None, None));
    }

    #[test]
    fn a_story_with_one_article_left_is_closed_and_lists_that() {
        let old = story(&[3, 4], 0, 4, StoryState::Open);
        let mut reconciler = after(&[], &[&old]);
        reconciler.replayed_verdict(&verdict(3, Some(3), 5, DecisionKind::Assigned));
        reconciler.replayed_verdict(&verdict(4, Some(4), 6, DecisionKind::Assigned));
        let replacement = reconciler.replacement(&old).expect("a replacement");
        assert_eq!((replacement.state, replacement.size, replacement.sources), (StoryState::Closed, 1, 1));
        assert_eq!(replacement.members, [member(3)]);
        assert_eq!(replacement.revision, Revision { epoch: 1, seq: 5 });

        let taken_back = VerdictRecord { uri: member(3).uri, ..verdict(8, None, 8, DecisionKind::Retracted) };
        reconciler.replayed_verdict(&taken_back);
        let replacement = reconciler.replacement(&old).expect("a replacement");
        assert_eq!((replacement.size, replacement.sources, replacement.canonical), (0, 0, None));
        assert!(replacement.members.is_empty());
    }

    #[test]
    fn a_story_that_the_replay_does_not_know_is_closed_once() {
        let (open, closed) = (story(&[3, 4], 0, 4, StoryState::Open), story(&[5, 6], 0, 6, StoryState::Closed));
        let earlier = story(&[3], 0, 3, StoryState::Open);
        let mut reconciler = after(&[], &[&earlier, &open, &closed]);
        reconciler.replayed_verdict(&verdict(9, Some(9), 9, DecisionKind::Assigned));
        assert_eq!(reconciler.replacement(&earlier), None, "it is not the last record");
        let replacement = reconciler.replacement(&open).expect("a replacement");
        assert_eq!((replacement.state, replacement.size), (StoryState::Closed, 2));
        assert_eq!(replacement.revision, Revision { epoch: 1, seq: 0 });
        assert_eq!(reconciler.replacement(&closed), None);
    }

    #[test]
    fn open_stories_of_the_warm_up_are_published_in_their_present_state() {
        let old = story(&[3, 4], 0, 4, StoryState::Open);
        let mut reconciler = after(&[story(&[6, 7], 1, 7, StoryState::Open)], &[&old]);
        for (seq, stories) in [
            (1, vec![summary(&[1, 2], 1)]),
            (2, vec![summary(&[3, 4], 2)]),
            (3, vec![summary(&[5], 3)]),
            (7, vec![summary(&[6, 7], 7)]),
            (8, vec![summary(&[8, 9], 8)]),
            (10, vec![unpublished(&[10, 11], 10)]),
            (12, vec![unpublished(&[10], 12)]),
        ] {
            reconciler.replayed_decision(&decision(seq, 0, &[], stories));
        }
        reconciler.replayed_decision(&decision(13, 35, &[8], Vec::new()));
        // 1 has expired, 5 is one article, 6 was published, 8 goes on in another, 10 is one article again.
        let open = reconciler.open_stories();
        assert_eq!(open, [story(&[3, 4], 1, 2, StoryState::Open)]);
        assert_eq!(reconciler.replacement(&old), None);
        // Once it is public, it is not published again.
        reconciler.public_story(&open[0]);
        assert!(reconciler.open_stories().is_empty());
    }
}
