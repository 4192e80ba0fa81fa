//! Makes the records that a decision publishes: story records and verdicts.

use std::sync::Arc;

use super::apply::StateChange;
use super::live::LiveArticle;
use super::state::State;
use crate::record::{
    ArticleNames, Decision, DecisionKind, Millis, Outcome, RawPosition, Reason, Rejection, Revision, Signature,
    StoryRecord, StoryState, StorySummary, VerdictRecord,
};

/// How much of an id a rejection shows, in bytes.
const SHOWN_ID_BYTES_MAX: usize = 200;

/// Whether the records of a decision are published.
///
/// A story becomes published with the first decision outside the warm-up that leaves it with two articles or more; from
/// then on all its changes are published. The variants differ in what is published of the other stories of two articles
/// or more: those that the warm-up of a replay has formed and no later decision has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Publication {
    /// In the warm-up: nothing, and no verdict on the article either.
    WarmUp,
    /// In the range of a replay: the record that such a story was merged into another one. Its end is not published.
    Replay,
    /// In a service: also the record that such a story has closed. Where the namespace comes from a replay, the promotion
    /// has published the stories that were open.
    Service,
}

/// The verdict on the article of `signature`, from the state after the decision was applied.
pub(super) fn verdict(state: &State, signature: &Signature, decision: &Decision, epoch: u32) -> VerdictRecord {
    let article = signature.article();
    let kind = decision.kind(article.map_or(0, |article| article.tokens));
    let revision = Revision { epoch, seq: decision.seq };
    let mut record = VerdictRecord {
        title: article.and_then(|article| stated(&article.title)),
        source: stated(&signature.source),
        publisher: article.and_then(|article| stated(&article.publisher)),
        published_at: signature.published,
        event_at: signature.event,
        late: decision.late,
        ..unassigned(&signature.names, signature.raw.clone(), kind, revision)
    };
    match &decision.outcome {
        Outcome::Assigned(assignment) => {
            record.story_id = Some(assignment.story);
            record.relation = Some(assignment.relation);
            record.matched.clone_from(&assignment.matched);
            record.links.clone_from(&assignment.links);
        }
        Outcome::Duplicate { existing } => {
            if let Some(article) = state.articles.get(*existing) {
                fill_from_live(&mut record, article);
            }
        }
        Outcome::Retracted { .. } | Outcome::Withheld { .. } | Outcome::Ambiguous { .. } => {}
        Outcome::Quarantined { reason } => record.reason = Some(Arc::clone(reason)),
    }
    record
}

/// Why a record is refused with this decision, if it is.
pub(super) fn rejection(signature: &Signature, decision: &Decision) -> Option<Rejection> {
    let Outcome::Ambiguous { articles } = decision.outcome else { return None };
    let id = signature.names.id().unwrap_or_default();
    let detail = format!(
        "the record takes back the article with the id {:?}, and {articles} live articles have it: name the article by its \
         uri, or say of which outlet it is",
        &id[..id.floor_char_boundary(SHOWN_ID_BYTES_MAX)]
    );
    Some(Rejection { reason: Reason::AmbiguousId, detail })
}

/// The verdicts that a decision publishes: the one on its article, except in the warm-up and of a dead letter, then one for
/// each live article that a merge moved into another story.
pub(super) fn verdicts(
    state: &State,
    signature: &Signature,
    decision: &Decision,
    changes: &[StateChange],
    epoch: u32,
    publication: Publication,
) -> Vec<VerdictRecord> {
    let is_published = publication > Publication::WarmUp;
    let is_refused = matches!(decision.outcome, Outcome::Ambiguous { .. });
    let own = (is_published && !is_refused).then(|| verdict(state, signature, decision, epoch));
    let mut records: Vec<_> = own.into_iter().collect();
    let moved = changes.iter().flat_map(|change| match change {
        StateChange::Merged { from, moved, .. } if is_published || from.published => &moved[..],
        StateChange::Merged { .. } | StateChange::Closed(_) | StateChange::Removed { .. } => &[],
    });
    for article in moved.filter_map(|&seq| state.articles.get(seq)) {
        let mut record = VerdictRecord {
            title: stated(&article.title),
            source: stated(&article.source),
            publisher: stated(&article.publisher),
            published_at: article.published(),
            event_at: article.event,
            ..unassigned(
                &article.names,
                article.raw.clone(),
                DecisionKind::Assigned,
                Revision { epoch, seq: decision.seq },
            )
        };
        fill_from_live(&mut record, article);
        records.push(record);
    }
    records
}

/// A verdict without a story.
fn unassigned(names: &ArticleNames, raw: RawPosition, decision: DecisionKind, revision: Revision) -> VerdictRecord {
    VerdictRecord {
        schema: VerdictRecord::SCHEMA.into(),
        uri: names.uri().into(),
        id: names.id().map(Into::into),
        url: names.url().map(Into::into),
        title: None,
        revision,
        decision,
        raw,
        late: false,
        source: None,
        publisher: None,
        published_at: None,
        event_at: Millis::default(),
        story_id: None,
        relation: None,
        matched: None,
        links: Vec::new(),
        reason: None,
    }
}

/// A name or a headline, if there is one.
fn stated(text: &str) -> Option<Arc<str>> {
    (!text.is_empty()).then(|| text.into())
}

/// Copies the story of a live article, and how it matched, into its verdict.
fn fill_from_live(record: &mut VerdictRecord, article: &LiveArticle) {
    record.story_id = Some(article.story);
    record.relation = Some(article.relation);
    record.matched = article.matched.as_deref().cloned();
    record.links = article.links.to_vec();
}

/// The story records that a decision publishes: stories that ended, then stories that changed. A story that never had
/// two articles is not published.
pub(super) fn story_records(
    decision: &Decision,
    changes: &[StateChange],
    epoch: u32,
    publication: Publication,
) -> Vec<StoryRecord> {
    let is_emitted = |summary: &StorySummary, least| summary.published || (publication >= least && summary.size > 1);
    let ended = changes.iter().filter_map(|change| match change {
        StateChange::Closed(summary) => is_emitted(summary, Publication::Service)
            .then(|| StoryRecord::new(summary, epoch, decision.seq, StoryState::Closed)),
        StateChange::Merged { from, into, .. } => is_emitted(from, Publication::Replay).then(|| StoryRecord {
            merged_into: Some(*into),
            ..StoryRecord::new(from, epoch, decision.seq, StoryState::Merged)
        }),
        StateChange::Removed { .. } => None,
    });
    let closed = |id| changes.iter().any(|change| matches!(change, StateChange::Closed(summary) if summary.id == id));
    let open = decision
        .stories
        .iter()
        .filter(|summary| summary.published && !closed(summary.id))
        .map(|summary| StoryRecord::new(summary, epoch, decision.seq, StoryState::Open));
    ended.chain(open).collect()
}
