//! Stories that stand in the tail of another page: links, never membership.

use std::sync::Arc;

use super::compare::{Distinct, sample};
use super::live::LiveArticle;
use super::rules::Rules;
use super::state::State;
use crate::record::{Link, Ratio, Relation, StoryId, Tail};

/// Links that one tail gives: it holds one article, and seldom parts of a second.
const LINKS_MAX: usize = 2;

/// How much of an article must stand in a tail for the tail to hold it.
const CONTAINED_MIN: Ratio = Ratio(4_600);

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
        let kept = member.kept();
        if !tail.shares_at_least(rules.shared_min, &kept) {
            return None;
        }
        let history = state.sources.table(rules.owner(&member.source));
        let overlap = tail.overlap(&Distinct::of_live(&kept, history));
        let contained = Ratio::of(overlap.shared, overlap.second);
        (overlap.shared >= rules.shared_min && contained >= CONTAINED_MIN).then_some(contained)
    };
    let link = |&story_id: &StoryId| {
        let members = state.live(story_id).rev().take(rules.compared_max);
        let members = members.filter_map(|seq| state.articles.get(seq)).filter(|member| can_match(member));
        let found = members.filter_map(|member| Some((embedded(member)?, member)));
        let (similarity, member) = found.max_by_key(|(similarity, _)| *similarity)?;
        Some(Link { story_id, relation: Relation::Embedded, similarity, matched_to: member.uri.clone() })
    };
    candidates.iter().filter_map(link).take(LINKS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Article, Incoming, Request};
    use crate::fold::{Tally, judge};
    use crate::record::{Admission, Millis, Outcome, RawPosition};
    use crate::sign::{self, sign};

    /// Sixty words that no other text has.
    fn text(name: &str) -> String {
        let words: Vec<String> = (0..60).map(|word| format!("{name}{word}")).collect();
        words.join(" ")
    }

    /// Judges these texts in turn.
    fn judged(bodies: &[&str]) -> Vec<Admission> {
        let mut state = State::new();
        let mut admissions = Vec::new();
        for (offset, body) in (0..).zip(bodies) {
            let article = Article { body: (*body).into(), source: format!("Source {offset}"), ..Article::default() };
            let request = Request::Judge(Box::new(article));
            let incoming = Incoming { uri: format!("urn:example:{offset}"), version: None, request };
            let raw = RawPosition { topic: "articles".into(), partition: 0, offset };
            let signature = sign(incoming, raw, Millis(offset), &sign::Rules::default());
            let decision = judge(&state, &signature, offset, &Rules::default(), &mut Tally::default());
            state.apply(&signature, &decision);
            let Outcome::Admitted(admission) = decision.outcome else { panic!("an article is admitted") };
            admissions.push(*admission);
        }
        admissions
    }

    #[test]
    fn a_page_with_another_article_in_its_tail_is_linked_to_it_and_stays_apart() {
        let page = format!("{}\nSource: dpa\nRead also:\n{}", text("frost"), text("oven"));
        let admissions = judged(&[&text("oven"), &page]);
        assert_ne!(admissions[0].story, admissions[1].story);
        assert_eq!(admissions[1].relation, Relation::Unique);
        let links: Vec<_> = admissions[1].links.iter().map(|link| (link.story_id, link.relation)).collect();
        assert_eq!(links, [(admissions[0].story, Relation::Embedded)]);
    }

    #[test]
    fn a_page_joins_the_story_of_its_body_whatever_its_tail_holds() {
        let page = format!("{}\nRead also:\n{}", text("frost"), text("oven"));
        let admissions = judged(&[&text("oven"), &text("frost"), &page, &text("oven")]);
        assert_eq!(admissions[2].story, admissions[1].story);
        assert_eq!(admissions[2].links[0].relation, Relation::Embedded);
        assert_eq!(admissions[3].story, admissions[0].story);
    }

    #[test]
    fn an_article_that_came_after_the_page_is_no_member_of_it() {
        let page = format!("{}\nRead also:\n{}", text("frost"), text("oven"));
        let admissions = judged(&[&page, &text("oven")]);
        assert_ne!(admissions[0].story, admissions[1].story);
    }
}
