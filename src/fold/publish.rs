//! What a decision says to the world: story records and verdicts.

use std::sync::Arc;

use super::apply::Change;
use super::live::LiveArticle;
use super::state::State;
use crate::record::{
    Decision, Kind, Millis, Outcome, RawPosition, Revision, Signature, StoryHeader, StoryRecord, StoryState,
    VerdictRecord,
};

/// The verdict on the signature, from the state after the decision was applied.
#[must_use]
pub fn verdict(state: &State, signature: &Signature, decision: &Decision, generation: u32) -> VerdictRecord {
    let article = signature.article();
    let kind = decision.kind(article.map_or(0, |article| article.tokens));
    let revision = Revision { generation, seq: decision.seq };
    let mut record = VerdictRecord {
        late: decision.late,
        source: article.map(|article| article.source.clone()),
        published_at: signature.event,
        ..unplaced(signature.uri.clone(), signature.raw.clone(), kind, revision)
    };
    match &decision.outcome {
        Outcome::Admitted(admission) => {
            record.story_id = Some(admission.story);
            record.relation = Some(admission.relation);
            record.matched.clone_from(&admission.matched);
            record.links.clone_from(&admission.links);
        }
        Outcome::Duplicate { standing } => {
            if let Some(article) = state.articles.get(*standing) {
                stand(&mut record, article);
            }
        }
        Outcome::Retracted { .. } | Outcome::Withheld { .. } => {}
        Outcome::Quarantined { reason } => record.reason = Some(Arc::clone(reason)),
    }
    record
}

/// The verdicts that a decision publishes: its own, unless the article was read ahead, then that of each live article whose story
/// has become another one.
#[must_use]
pub fn verdicts(
    state: &State,
    signature: &Signature,
    decision: &Decision,
    changes: &[Change],
    generation: u32,
    unpublished: Unpublished,
) -> Vec<VerdictRecord> {
    let is_said = unpublished > Unpublished::Silent;
    let mut records: Vec<_> = is_said.then(|| verdict(state, signature, decision, generation)).into_iter().collect();
    let moved = changes.iter().flat_map(|change| match change {
        Change::Merged { from, moved, .. } if is_said || from.published => &moved[..],
        Change::Merged { .. } | Change::Closed(_) | Change::Removed { .. } => &[],
    });
    for article in moved.filter_map(|&seq| state.articles.get(seq)) {
        let mut record = VerdictRecord {
            source: Some(article.source.clone()),
            published_at: article.event,
            ..unplaced(
                article.uri.clone(),
                article.raw.clone(),
                Kind::Judged,
                Revision { generation, seq: decision.seq },
            )
        };
        stand(&mut record, article);
        records.push(record);
    }
    records
}

/// A verdict that places the article nowhere yet.
fn unplaced(uri: Arc<str>, raw: RawPosition, decision: Kind, revision: Revision) -> VerdictRecord {
    VerdictRecord {
        schema: VerdictRecord::SCHEMA.into(),
        uri,
        revision,
        decision,
        raw,
        late: false,
        source: None,
        published_at: Millis::default(),
        story_id: None,
        relation: None,
        matched: None,
        links: Vec::new(),
        reason: None,
    }
}

/// How a live article stands.
fn stand(record: &mut VerdictRecord, article: &LiveArticle) {
    record.story_id = Some(article.story);
    record.relation = Some(article.relation);
    record.matched = article.matched.as_deref().cloned();
    record.links = article.links.to_vec();
}

/// What is said of what no decision has published: stories of more than one article that a replay has read ahead of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unpublished {
    /// Nothing, nor of the article: it was read ahead too.
    Silent,
    /// Into which story they merge: an article of the range has changed them.
    Merged,
    /// Also that they are closed: a promotion has published those that were open.
    Closed,
}

/// The story records that a decision publishes: stories that ended, then those that changed. Stories that never had
/// two articles are not published.
#[must_use]
pub fn story_records(
    decision: &Decision,
    changes: &[Change],
    generation: u32,
    unpublished: Unpublished,
) -> Vec<StoryRecord> {
    let is_told = |header: &StoryHeader, end| header.published || (unpublished >= end && header.size > 1);
    let ended = changes.iter().filter_map(|change| match change {
        Change::Closed(header) => is_told(header, Unpublished::Closed)
            .then(|| StoryRecord::new(header, generation, decision.seq, StoryState::Closed)),
        Change::Merged { from, into, .. } => is_told(from, Unpublished::Merged).then(|| StoryRecord {
            merged_into: Some(*into),
            ..StoryRecord::new(from, generation, decision.seq, StoryState::Merged)
        }),
        Change::Removed { .. } => None,
    });
    let closed = |id| changes.iter().any(|change| matches!(change, Change::Closed(header) if header.id == id));
    let open = decision
        .stories
        .iter()
        .filter(|header| header.published && !closed(header.id))
        .map(|header| StoryRecord::new(header, generation, decision.seq, StoryState::Open));
    ended.chain(open).collect()
}
