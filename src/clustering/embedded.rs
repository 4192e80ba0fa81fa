//! Finds stories that the tail of a page contains: links, never membership.

use std::sync::Arc;

use super::compare::{FilteredShingles, sample};
use super::live::LiveArticle;
use super::rules::ClusteringRules;
use super::state::State;
use crate::record::{Link, Ratio, Relation, StoryId, Tail};

/// The highest number of links from one tail: a tail holds one article, and seldom parts of a second.
const EMBEDDED_LINKS_MAX: usize = 2;

/// The share of an article that must be in a tail for a link.
const CONTAINED_MIN: Ratio = Ratio(4_600);

/// Links to those of the candidates of which a member is in the tail of an article of `publisher`.
///
/// The tail may hold more than the member, so only the share of the member that is in the tail counts.
pub(super) fn links(
    state: &State,
    rules: &ClusteringRules,
    publisher: &Arc<str>,
    tail: &Tail,
    candidates: &[StoryId],
    can_match: impl Fn(&LiveArticle) -> bool,
) -> Vec<Link> {
    let (_, tail) = sample(&tail.shingles, state.filters.get(publisher), rules.sample_max);
    let embedded = |member: &LiveArticle| -> Option<Ratio> {
        let sampled = member.sampled();
        if !tail.shares_at_least(rules.shared_min, &sampled) {
            return None;
        }
        let filter = state.filters.get(&member.publisher);
        let overlap = tail.overlap(&FilteredShingles::of_live(&sampled, filter));
        let contained = Ratio::of(overlap.shared_shingles, overlap.second_len);
        (overlap.shared_shingles >= rules.shared_min && contained >= CONTAINED_MIN).then_some(contained)
    };
    let link = |&story_id: &StoryId| {
        let members = state.live_members(story_id).rev().take(rules.compared_max);
        let members = members.filter_map(|seq| state.articles.get(seq)).filter(|member| can_match(member));
        let found = members.filter_map(|member| Some((embedded(member)?, member)));
        let (containment, member) = found.max_by_key(|(containment, _)| *containment)?;
        Some(Link { story_id, relation: Relation::Embedded, containment, matched_to: member.uri().into() })
    };
    candidates.iter().filter_map(link).take(EMBEDDED_LINKS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Article, ParsedContent, ParsedRecord};
    use crate::clustering::{Engine, Publication};
    use crate::record::{Assignment, LogEntry, Millis, Outcome, RawPosition};
    use crate::signature;

    /// Sixty words that occur in no other text.
    fn text(name: &str) -> String {
        let words: Vec<String> = (0..60).map(|word| format!("{name}{word}")).collect();
        words.join(" ")
    }

    /// Clusters these texts in order and returns their assignments.
    fn assigned(bodies: &[&str]) -> Vec<Assignment> {
        let mut engine = Engine::default();
        let mut assignments = Vec::new();
        for (offset, body) in (0..).zip(bodies) {
            let article = Article { body: (*body).into(), ..Article::default() };
            let content = ParsedContent::Article(Box::new(article));
            let incoming = ParsedRecord {
                source: format!("Source {offset}"),
                ..ParsedRecord::new(format!("urn:example:{offset}"), None, content)
            };
            let raw = RawPosition { topic: "articles".into(), partition: 0, offset };
            let signature = signature::build(incoming, raw, Millis(offset), &signature::SignatureRules::default());
            let processed = engine.process(&signature, LogEntry::unlogged(offset), Publication::Service);
            let Outcome::Assigned(assignment) = processed.decision.outcome else { panic!("an article is assigned") };
            assignments.push(*assignment);
        }
        assignments
    }

    #[test]
    fn a_page_with_another_article_in_its_tail_is_linked_to_it_and_stays_apart() {
        let page = format!("{}\nSource: dpa\nRead also:\n{}", text("frost"), text("oven"));
        let assignments = assigned(&[&text("oven"), &page]);
        assert_ne!(assignments[0].story, assignments[1].story);
        assert_eq!(assignments[1].relation, Relation::Unique);
        let links: Vec<_> = assignments[1].links.iter().map(|link| (link.story_id, link.relation)).collect();
        assert_eq!(links, [(assignments[0].story, Relation::Embedded)]);
    }

    #[test]
    fn a_page_joins_the_story_of_its_body_whatever_its_tail_contains() {
        let page = format!("{}\nRead also:\n{}", text("frost"), text("oven"));
        let assignments = assigned(&[&text("oven"), &text("frost"), &page, &text("oven")]);
        assert_eq!(assignments[2].story, assignments[1].story);
        assert_eq!(assignments[2].links[0].relation, Relation::Embedded);
        assert_eq!(assignments[3].story, assignments[0].story);
    }

    #[test]
    fn an_article_that_comes_after_the_page_does_not_join_its_story() {
        let page = format!("{}\nRead also:\n{}", text("frost"), text("oven"));
        let assignments = assigned(&[&page, &text("oven")]);
        assert_ne!(assignments[0].story, assignments[1].story);
    }
}
