//! The algebra of story headers: one article more, one less, two stories become one.

use std::sync::Arc;

use super::live::LiveArticle;
use super::origin;
use crate::record::{ArticleId, Canonical, CanonicalReason, Credit, Match, Member, Relation, StoryHeader};

/// Articles that a story's record lists. With some 120 bytes each a header stays below 8 kB in the log, however far a story spreads.
pub const MEMBERS_MAX: usize = 64;

/// Sources of a story that are told apart.
pub const SOURCES_MAX: usize = 256;

/// Languages that a story's record lists: copies are of one language, a few are wrong tags.
const LANGUAGES_MAX: usize = 8;

/// The header of a story that a live article is all of.
pub(crate) fn of_one(seq: u64, article: &LiveArticle) -> StoryHeader {
    let mut header = StoryHeader {
        id: article.story,
        revision: seq,
        published: false,
        first_seen: article.event,
        last_seen: article.event,
        size: 0,
        sources: Vec::new(),
        languages: Vec::new(),
        canonical: None,
        origin: origin::origin(&[]),
        credits: Vec::new(),
        members: Vec::new(),
    };
    admit(&mut header, article.id(), &article.member(), &article.language, &article.credits);
    header
}

/// An article joins. The first of a story is its original as soon as there is a second.
pub(crate) fn admit(header: &mut StoryHeader, id: ArticleId, member: &Member, language: &Arc<str>, credits: &[Credit]) {
    header.last_seen = header.last_seen.max(member.published_at);
    if let (1, [(_, first)]) = (header.size, &mut header.members[..])
        && first.matched.is_none()
    {
        first.relation = Relation::Original;
    }
    count_source(&mut header.sources, &member.source, 1);
    add_language(&mut header.languages, language);
    origin::add(&mut header.credits, credits);
    header.origin = origin::origin(&header.credits);
    let mut member = member.clone();
    member.superseded = carries(&member, header.members.iter().map(|(_, member)| member));
    elect(header, Some(&member));
    header.first_seen = header.first_seen.min(member.published_at);
    header.size += 1;
    if header.members.len() < MEMBERS_MAX {
        header.members.push((id, member));
    }
    header.published |= header.size > 1;
}

/// An article is taken back, or a newer version takes its place. Those that carry its text are marked.
pub(crate) fn retract(header: &mut StoryHeader, id: ArticleId, member: &Member, credits: &[Credit]) {
    header.published |= header.size > 1;
    origin::remove(&mut header.credits, credits);
    header.origin = origin::origin(&header.credits);
    header.size = header.size.saturating_sub(1);
    if let Ok(at) = header.sources.binary_search_by(|(source, _)| source.cmp(&member.source)) {
        header.sources[at].1 -= 1;
        if header.sources[at].1 == 0 {
            header.sources.remove(at);
        }
    }
    header.members.retain(|(other, _)| *other != id);
    supersede(member, header.members.iter_mut().map(|(_, member)| member));
    if header.canonical.as_ref().is_some_and(|canonical| canonical.uri == member.uri) {
        header.canonical = None;
    }
    if member.published_at == header.first_seen {
        let earliest = header.members.iter().map(|(_, member)| member.published_at).min();
        header.first_seen = earliest.unwrap_or(header.first_seen);
    }
    elect(header, None);
}

/// `from` goes on in `into`.
pub(crate) fn merge(into: &mut StoryHeader, from: &StoryHeader) {
    if from.first_seen < into.first_seen {
        into.canonical.clone_from(&from.canonical);
        into.first_seen = from.first_seen;
    }
    into.last_seen = into.last_seen.max(from.last_seen);
    into.size += from.size;
    for (source, count) in &from.sources {
        count_source(&mut into.sources, source, *count);
    }
    for language in &from.languages {
        add_language(&mut into.languages, language);
    }
    origin::merge(&mut into.credits, &from.credits);
    into.origin = origin::origin(&into.credits);
    let room = MEMBERS_MAX - into.members.len();
    into.members.extend(from.members.iter().take(room).cloned());
    into.published |= into.size > 1;
    elect(into, None);
}

/// Marks the members that carry the text of an article which is taken back or gives way to a newer version: those that
/// matched it, and those that matched them. What was itself a copy leaves the text that it was copied from standing.
///
/// `members` are the others of its story, each after the one that it matched. Returns whether any is marked.
pub(crate) fn supersede<'a>(removed: &Member, members: impl Iterator<Item = &'a mut Member>) -> bool {
    if copied_from(removed).is_some() {
        return false;
    }
    let mut superseded = vec![removed.uri.clone()];
    for member in members {
        if copied_from(member).is_some_and(|uri| superseded.contains(uri)) {
            member.superseded = true;
            superseded.push(member.uri.clone());
        }
    }
    superseded.len() > 1
}

/// Whether an article that joins these members carries a text that is superseded.
pub(crate) fn carries<'a>(joining: &Member, mut members: impl Iterator<Item = &'a Member>) -> bool {
    copied_from(joining).is_some_and(|uri| members.any(|member| member.superseded && member.uri == *uri))
}

/// The article that a member has its text of.
fn copied_from(member: &Member) -> Option<&Arc<str>> {
    let matched = member.matched.as_ref()?;
    (!is_own_text(member.relation, Some(matched))).then_some(&matched.matched_to)
}

/// Whether an article has its text of no other: the first of its story, and an outlet's update of its own article.
pub(crate) fn is_own_text(relation: Relation, matched: Option<&Match>) -> bool {
    matched.is_none() || relation == Relation::Version
}

/// Chooses the article that stands for the story: the earliest of the outlet that is named as the origin, else the
/// earliest. One that is not listed keeps its place until an earlier one comes.
fn elect(header: &mut StoryHeader, newcomer: Option<&Member>) {
    let members = || header.members.iter().map(|(_, member)| member).chain(newcomer);
    let earliest = members().min_by_key(|member| member.published_at);
    let of_origin = header.origin.name.as_ref().and_then(|name| {
        members().filter(|member| origin::is_of(&member.source, name)).min_by_key(|member| member.published_at)
    });
    let stands = |canonical: &Canonical| {
        canonical.reason == CanonicalReason::Earliest
            && earliest.is_none_or(|earliest| header.first_seen <= earliest.published_at)
    };
    if let Some(member) = of_origin {
        header.canonical = Some(Canonical { uri: member.uri.clone(), reason: CanonicalReason::Origin });
    } else if !header.canonical.as_ref().is_some_and(stands) {
        header.canonical =
            earliest.map(|member| Canonical { uri: member.uri.clone(), reason: CanonicalReason::Earliest });
    }
}

fn count_source(sources: &mut Vec<(Arc<str>, u32)>, source: &Arc<str>, count: u32) {
    match sources.binary_search_by(|(other, _)| other.cmp(source)) {
        Ok(at) => sources[at].1 += count,
        Err(at) if sources.len() < SOURCES_MAX => sources.insert(at, (source.clone(), count)),
        Err(_) => {}
    }
}

fn add_language(languages: &mut Vec<Arc<str>>, language: &Arc<str>) {
    if let Err(at) = languages.binary_search(language)
        && !language.is_empty()
        && languages.len() < LANGUAGES_MAX
    {
        languages.insert(at, language.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::live::tests::article;
    use crate::record::{CreditKind, CreditPlace, Millis, Ratio};

    fn joined(seqs: &[u64]) -> StoryHeader {
        let mut header = of_one(seqs[0], &article(seqs[0]));
        for &seq in &seqs[1..] {
            let article = article(seq);
            admit(&mut header, article.id(), &article.member(), &article.language, &article.credits);
        }
        header
    }

    #[test]
    fn the_earliest_article_is_canonical_even_when_it_arrives_late() {
        let header = joined(&[5, 9, 3, 7]);
        assert_eq!(header.canonical.as_ref().map(|canonical| &*canonical.uri), Some("urn:example:3"));
        assert_eq!((header.first_seen, header.last_seen, header.size), (Millis(3), Millis(9), 4));
    }

    #[test]
    fn taking_the_canonical_article_back_moves_the_title_to_the_next_earliest() {
        let mut header = joined(&[5, 9, 3, 7]);
        retract(&mut header, article(3).id(), &article(3).member(), &[]);
        assert_eq!(header, joined(&[5, 9, 7]));
        for seq in [5, 7, 9] {
            retract(&mut header, article(seq).id(), &article(seq).member(), &[]);
        }
        assert!(header.canonical.is_none() && header.members.is_empty() && header.sources.is_empty());
        assert_eq!(header.size, 0);
    }

    #[test]
    fn a_copy_whose_original_is_taken_back_does_not_become_an_original() {
        let mut header = of_one(1, &article(1));
        let copy = Member { relation: Relation::Near, matched: Some(matched("urn:example:1")), ..article(2).member() };
        admit(&mut header, article(2).id(), &copy, &"en".into(), &[]);
        retract(&mut header, article(1).id(), &article(1).member(), &[]);
        let another =
            Member { relation: Relation::Near, matched: Some(matched("urn:example:2")), ..article(3).member() };
        admit(&mut header, article(3).id(), &another, &"en".into(), &[]);
        let members = header.members.iter().map(|(_, member)| (member.relation, member.superseded));
        assert_eq!(members.collect::<Vec<_>>(), [(Relation::Near, true), (Relation::Near, true)]);
    }

    fn matched(uri: &str) -> Match {
        Match {
            similarity: Ratio::ONE,
            containment_in_story: Ratio::ONE,
            containment_of_story: Ratio::ONE,
            matched_to: uri.into(),
            shared: 60,
            compared: 1,
            agreeing: 1,
        }
    }

    #[test]
    fn a_source_counts_once_however_often_it_prints_the_story() {
        let header = joined(&[1, 2, 3]);
        assert_eq!(header.sources, [("The Example".into(), 3)]);
    }

    #[test]
    fn merging_adds_up() {
        let mut header = joined(&[5, 6]);
        merge(&mut header, &joined(&[3, 9]));
        assert_eq!((header.size, header.members.len(), header.first_seen), (4, 4, Millis(3)));
    }

    #[test]
    fn a_long_story_lists_a_bounded_number_and_counts_the_rest() {
        let header = joined(&(0..100).collect::<Vec<_>>());
        assert_eq!((header.members.len(), header.size), (MEMBERS_MAX, 100));
    }

    fn elected(articles: &[(u64, &str, &str)]) -> (String, CanonicalReason) {
        let mut header: Option<StoryHeader> = None;
        for &(seq, source, credit) in articles {
            let mut article = article(seq);
            article.source = source.into();
            let kind = CreditKind::Agency;
            let by = Credit { name: credit.into(), kind, place: CreditPlace::Byline, evidence: credit.into() };
            article.credits = if credit.is_empty() { Box::default() } else { [by].into() };
            match &mut header {
                None => header = Some(of_one(seq, &article)),
                Some(header) => admit(header, article.id(), &article.member(), &article.language, &article.credits),
            }
        }
        let canonical = header.and_then(|header| header.canonical).expect("a canonical article");
        (canonical.uri.to_string(), canonical.reason)
    }

    #[test]
    fn an_article_of_the_outlet_that_is_the_origin_stands_for_the_story() {
        let (earliest, origin) = (CanonicalReason::Earliest, CanonicalReason::Origin);
        let post = (1, "The Post", "Norwire");
        assert_eq!(elected(&[post]), ("urn:example:1".into(), earliest));
        assert_eq!(elected(&[post, (2, "norwire.example", "")]), ("urn:example:2".into(), origin));
        assert_eq!(elected(&[(2, "Norwire", ""), post]), ("urn:example:2".into(), origin));
        assert_eq!(elected(&[(3, "Norwire", ""), post, (2, "Norwire", "")]), ("urn:example:2".into(), origin));
        assert_eq!(elected(&[post, (2, "The Mail", "")]), ("urn:example:1".into(), earliest));
    }
}
