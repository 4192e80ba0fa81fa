//! What becomes of the stories that a replay has not made: those that the service before it has published, and that stand in the
//! public topic still.
//!
//! A story's id is that of its first article. Where the replay has judged that article, it says where the story goes on.
//! Memory grows with the stories and never with their records.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::record::{
    Canonical, CanonicalReason, Decision, Kind, Member, Millis, Outcome, Relation, Revision, StoryHeader, StoryId,
    StoryRecord, StoryState, VerdictRecord,
};

/// Which record of each public story takes the place of the one that stands there.
#[derive(Debug, Default)]
pub(super) struct Succession {
    generation: u32,
    /// Stories that the replay has published, with the `seq` of their last record.
    own: HashMap<StoryId, u64>,
    /// The others that are to be seen, with the highest revision of each.
    others: HashMap<StoryId, Revision>,
    /// Where the replay has put the first article of those.
    placed: HashMap<StoryId, Placed>,
    /// Those of which the first article makes a story of one, by its uri.
    alone: HashMap<Arc<str>, StoryId>,
    /// Stories of the replay that are open, and that it has not published as they stand.
    open: BTreeMap<StoryId, StoryHeader>,
    horizon: Millis,
}

/// Where the first article of a story is.
#[derive(Debug)]
struct Placed {
    seq: u64,
    story: StoryId,
    /// The article, as long as it is not taken back.
    member: Option<Member>,
}

impl Succession {
    /// The succession to a replay of this generation.
    pub(super) fn new(generation: u32) -> Self {
        Self { generation, ..Self::default() }
    }

    /// Looks at a record of a story that the replay has published.
    pub(super) fn own_story(&mut self, story: &StoryRecord) {
        let seq = self.own.entry(story.story_id).or_default();
        *seq = story.revision.seq.max(*seq);
    }

    /// Looks at a record that stands in the public topic, when those of the replay are known.
    pub(super) fn public_story(&mut self, story: &StoryRecord) {
        if !self.own.contains_key(&story.story_id) {
            let revision = self.others.entry(story.story_id).or_insert(story.revision);
            *revision = story.revision.max(*revision);
        }
    }

    /// Looks at a verdict of the replay, when the public stories are known. Those on one uri come in their order.
    pub(super) fn own_verdict(&mut self, verdict: &VerdictRecord) {
        let first = StoryId::from(verdict.raw.article_id());
        if let Some(story) = self.alone.get(&verdict.uri).filter(|story| **story != first) {
            let takes_back = matches!(verdict.decision, Kind::Retracted | Kind::Withheld | Kind::Replaced);
            if let Some(placed) = self.placed.get_mut(story).filter(|_| takes_back) {
                placed.member = None;
            }
        }
        let Some(story) = verdict.story_id.filter(|_| self.others.contains_key(&first)) else { return };
        if story == first {
            self.alone.insert(verdict.uri.clone(), first);
        }
        let member = Member {
            uri: verdict.uri.clone(),
            source: verdict.source.clone().unwrap_or_default(),
            published_at: verdict.published_at,
            relation: verdict.relation.unwrap_or(Relation::Unique),
            matched: verdict.matched.clone(),
            superseded: false,
        };
        self.placed.insert(first, Placed { seq: verdict.revision.seq, story, member: Some(member) });
    }

    /// Looks at a decision of the replay, when the public stories are known. What it read ahead of its range it has not
    /// published; stories of it that are open belong to the public topic all the same.
    pub(super) fn own_decision(&mut self, decision: &Decision) {
        self.horizon = decision.horizon;
        if let Outcome::Admitted(admission) = &decision.outcome {
            for merged in &admission.merged {
                self.open.remove(merged);
            }
        }
        for header in &decision.stories {
            let is_newer = self.own.get(&header.id).is_none_or(|seq| *seq < header.revision);
            if is_newer && (header.published || header.size > 1) {
                self.open.insert(header.id, header.clone());
            } else {
                self.open.remove(&header.id);
            }
        }
    }

    /// The stories that are open, and that the replay has not published as they stand. To be asked once, after the decisions.
    pub(super) fn open_stories(&mut self) -> Vec<StoryRecord> {
        let horizon = self.horizon;
        let lives = |header: &StoryHeader| {
            let cut = header.size as usize > header.members.len();
            header.members.iter().any(|(_, member)| member.published_at >= horizon)
                || (cut && header.last_seen >= horizon)
        };
        self.open.retain(|_, header| lives(header));
        let record =
            |header: &StoryHeader| StoryRecord::new(header, self.generation, header.revision, StoryState::Open);
        let others = &self.others;
        let stands = |record: &StoryRecord| others.get(&record.story_id).is_some_and(|other| *other >= record.revision);
        self.open.values().map(record).filter(|record| !stands(record)).collect()
    }

    /// The record that takes the place of this public one; none where it stays. To be asked when everything was looked at.
    pub(super) fn successor(&self, story: &StoryRecord) -> Option<StoryRecord> {
        let id = story.story_id;
        let is_last = self.others.get(&id).is_some_and(|revision| *revision == story.revision);
        if !is_last || story.revision.generation >= self.generation || self.open.contains_key(&id) {
            return None;
        }
        let revision = |seq| Revision { generation: self.generation, seq };
        match self.placed.get(&id) {
            Some(placed) if placed.story == id => Some(of_one(story, placed.member.as_ref(), revision(placed.seq))),
            Some(placed) if self.own.contains_key(&placed.story) || self.open.contains_key(&placed.story) => {
                Some(StoryRecord {
                    revision: revision(placed.seq),
                    state: StoryState::Merged,
                    merged_into: Some(placed.story),
                    ..story.clone()
                })
            }
            // The replay knows nothing of it, and will never close it.
            _ if story.state == StoryState::Open => {
                Some(StoryRecord { revision: revision(0), state: StoryState::Closed, ..story.clone() })
            }
            _ => None,
        }
    }
}

/// A story of which the replay has found no second article. It would not have been published, and nothing would close it: it is
/// closed, until a second article comes.
fn of_one(story: &StoryRecord, member: Option<&Member>, revision: Revision) -> StoryRecord {
    let count = u32::from(member.is_some());
    let time = member.map(|member| member.published_at);
    StoryRecord {
        revision,
        state: StoryState::Closed,
        merged_into: None,
        first_seen: time.unwrap_or(story.first_seen),
        last_seen: time.unwrap_or(story.last_seen),
        size: count,
        sources: count,
        canonical: member.map(|member| Canonical { uri: member.uri.clone(), reason: CanonicalReason::Earliest }),
        members: member.cloned().into_iter().collect(),
        ..story.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Low, Origin, OriginKind, Ratio, RawPosition};

    fn raw(offset: i64) -> RawPosition {
        RawPosition { topic: "articles".into(), partition: 0, offset }
    }

    fn id(offset: i64) -> StoryId {
        raw(offset).article_id().into()
    }

    fn member(offset: i64) -> Member {
        Member {
            uri: format!("urn:{offset}").into(),
            source: "The Example".into(),
            published_at: Millis(offset * 10),
            relation: Relation::Unique,
            matched: None,
            superseded: false,
        }
    }

    /// A story of the articles at these offsets.
    fn story(articles: &[i64], generation: u32, seq: u64, state: StoryState) -> StoryRecord {
        StoryRecord::new(&header(articles, seq), generation, seq, state)
    }

    fn header(articles: &[i64], revision: u64) -> StoryHeader {
        StoryHeader {
            id: id(articles[0]),
            revision,
            published: articles.len() > 1,
            first_seen: Millis(articles[0] * 10),
            last_seen: Millis(articles[articles.len() - 1] * 10),
            size: articles.len() as u32,
            sources: vec![("The Example".into(), articles.len() as u32)],
            languages: vec!["en".into()],
            canonical: None,
            origin: Origin { kind: OriginKind::Unknown, name: None, confidence: Ratio(0), evidence: Vec::new() },
            credits: Vec::new(),
            members: articles.iter().map(|&at| (raw(at).article_id(), member(at))).collect(),
        }
    }

    /// As a replay has it that has read these articles ahead.
    fn unpublished(articles: &[i64], revision: u64) -> StoryHeader {
        StoryHeader { published: false, ..header(articles, revision) }
    }

    /// The verdict on the article at `offset`, which stands in the story that begins with the one at `story`.
    fn verdict(offset: i64, story: Option<i64>, seq: u64, decision: Kind) -> VerdictRecord {
        VerdictRecord {
            schema: VerdictRecord::SCHEMA.into(),
            uri: member(offset).uri,
            revision: Revision { generation: 1, seq },
            decision,
            raw: raw(offset),
            late: false,
            source: Some("The Example".into()),
            published_at: Millis(offset * 10),
            story_id: story.map(id),
            relation: story.map(|_| Relation::Unique),
            matched: None,
            links: Vec::new(),
            reason: None,
        }
    }

    fn decision(seq: u64, horizon: i64, merged: &[i64], stories: Vec<StoryHeader>) -> Decision {
        let outcome = Outcome::Admitted(Box::new(crate::record::Admission {
            story: id(0),
            merged: merged.iter().map(|&at| id(at)).collect(),
            replaced: None,
            relation: Relation::Unique,
            matched: None,
            links: Vec::new(),
            sample: crate::record::Sample::default(),
            teaches: None,
        }));
        Decision {
            seq,
            log_offset: seq as i64,
            low: Low { seq: 0, log_offset: 0 },
            log_time: Millis(0),
            horizon: Millis(horizon),
            late: false,
            outcome,
            stories,
            sources_written: Vec::new(),
            source_evicted: None,
        }
    }

    /// A succession of generation 1 that has seen these public stories, and `own` ones of the replay.
    fn after(own: &[StoryRecord], public: &[&StoryRecord]) -> Succession {
        let mut succession = Succession::new(1);
        for story in own {
            succession.own_story(story);
        }
        for story in public {
            succession.public_story(story);
        }
        succession
    }

    #[test]
    fn a_story_goes_on_where_its_first_article_stands() {
        let old = story(&[3, 4], 0, 4, StoryState::Closed);
        let mut succession = after(&[story(&[1, 3, 4], 1, 7, StoryState::Open)], &[&old]);
        succession.own_verdict(&verdict(3, Some(3), 5, Kind::Judged));
        succession.own_verdict(&verdict(3, Some(1), 7, Kind::Judged));
        let successor = succession.successor(&old).expect("a successor");
        assert_eq!((successor.state, successor.merged_into), (StoryState::Merged, Some(id(1))));
        assert_eq!(successor.revision, Revision { generation: 1, seq: 7 });
        assert_eq!((successor.size, &successor.members), (2, &old.members), "it says what it was");
    }

    #[test]
    fn a_story_that_the_replay_has_published_or_replaced_is_left_alone() {
        let old = story(&[3, 4], 0, 4, StoryState::Open);
        let replaced = story(&[5, 6], 1, 0, StoryState::Closed);
        let succession = after(&[story(&[3, 9], 1, 9, StoryState::Open)], &[&old, &replaced]);
        assert_eq!((succession.successor(&old), succession.successor(&replaced)), (None, None));
    }

    #[test]
    fn a_story_of_which_the_replay_knows_one_article_is_closed_and_lists_that() {
        let old = story(&[3, 4], 0, 4, StoryState::Open);
        let mut succession = after(&[], &[&old]);
        succession.own_verdict(&verdict(3, Some(3), 5, Kind::Judged));
        succession.own_verdict(&verdict(4, Some(4), 6, Kind::Judged));
        let successor = succession.successor(&old).expect("a successor");
        assert_eq!((successor.state, successor.size, successor.sources), (StoryState::Closed, 1, 1));
        assert_eq!(successor.members, [member(3)]);
        assert_eq!(successor.revision, Revision { generation: 1, seq: 5 });

        let taken_back = VerdictRecord { uri: member(3).uri, ..verdict(8, None, 8, Kind::Retracted) };
        succession.own_verdict(&taken_back);
        let successor = succession.successor(&old).expect("a successor");
        assert_eq!((successor.size, successor.sources, successor.canonical), (0, 0, None));
        assert!(successor.members.is_empty());
    }

    #[test]
    fn a_story_that_the_replay_has_not_judged_is_closed_once() {
        let (open, closed) = (story(&[3, 4], 0, 4, StoryState::Open), story(&[5, 6], 0, 6, StoryState::Closed));
        let earlier = story(&[3], 0, 3, StoryState::Open);
        let mut succession = after(&[], &[&earlier, &open, &closed]);
        succession.own_verdict(&verdict(9, Some(9), 9, Kind::Judged));
        assert_eq!(succession.successor(&earlier), None, "a later record of it stands there");
        let successor = succession.successor(&open).expect("a successor");
        assert_eq!((successor.state, successor.size), (StoryState::Closed, 2));
        assert_eq!(successor.revision, Revision { generation: 1, seq: 0 });
        assert_eq!(succession.successor(&closed), None);
    }

    #[test]
    fn open_stories_that_were_read_ahead_of_the_range_are_published_as_they_stand() {
        let old = story(&[3, 4], 0, 4, StoryState::Open);
        let mut succession = after(&[story(&[6, 7], 1, 7, StoryState::Open)], &[&old]);
        for (seq, stories) in [
            (1, vec![header(&[1, 2], 1)]),
            (2, vec![header(&[3, 4], 2)]),
            (3, vec![header(&[5], 3)]),
            (7, vec![header(&[6, 7], 7)]),
            (8, vec![header(&[8, 9], 8)]),
            (10, vec![unpublished(&[10, 11], 10)]),
            (12, vec![unpublished(&[10], 12)]),
        ] {
            succession.own_decision(&decision(seq, 0, &[], stories));
        }
        succession.own_decision(&decision(13, 35, &[8], Vec::new()));
        // 1 has expired, 5 is one article, 6 was published, 8 goes on in another, 10 is one article again.
        let open = succession.open_stories();
        assert_eq!(open, [story(&[3, 4], 1, 2, StoryState::Open)]);
        assert_eq!(succession.successor(&old), None);
        // Asked again after it was published, it says nothing.
        succession.public_story(&open[0]);
        assert!(succession.open_stories().is_empty());
    }
}
