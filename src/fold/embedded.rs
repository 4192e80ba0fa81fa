//! Stories that stand in the tail of another page: links, never membership.

use std::sync::Arc;

use super::compare::{Distinct, sample};
use super::live::LiveArticle;
use super::rules::Rules;
use super::state::State;
use crate::record::{Link, Ratio, Relation, StoryId, Tail};

/// Links that one tail gives: it holds one article, and seldom parts of a second.
const LINKS_MAX: usize = 2;

/// The stories, of these candidates, of which a member stands in the tail of an article of `owner`.
///
/// The tail may hold more than the member, so only how much of the member stands in the tail counts.
pub(super) fn links(
    state: &State,
    rules: &Rules,
    owner: &Arc<str>,
    tail: &Tail,
    candidates: &[StoryId],
    can_match: impl Fn(&LiveArticle) -> bool,
) -> Vec<Link> {
    let (_, tail) = sample(&tail.shingles, state.sources.table(owner), rules.sample_max);
    let embedded = |member: &LiveArticle| -> Option<Ratio> {
        if !tail.shares_at_least(rules.shared_min, member) {
            return None;
        }
        let history = state.sources.table(rules.owner(&member.source));
        let overlap = tail.overlap(&Distinct::of_live(member, history));
        (overlap.shared >= rules.shared_min && overlap.of_second >= rules.threshold).then_some(overlap.of_second)
    };
    let link = |&story_id: &StoryId| {
        let members = state.stories.get(&story_id)?.latest(rules.compared_max);
        let members = members.filter_map(|seq| state.articles.get(seq)).filter(|member| can_match(member));
        let found = members.filter_map(|member| Some((embedded(member)?, member)));
        let (similarity, member) = found.max_by_key(|(similarity, _)| *similarity)?;
        Some(Link { story_id, relation: Relation::Embedded, similarity, matched_to: member.uri.clone() })
    };
    candidates.iter().filter_map(link).take(LINKS_MAX).collect()
}
