//! How story summaries change: an article joins or leaves, or two stories become one.

use std::sync::Arc;

use super::live::LiveArticle;
use super::origin;
use crate::record::{Canonical, CanonicalReason, Credit, Match, Member, Relation, StorySummary};

/// The highest number of articles that a story's record lists. At some 350 bytes each, a summary stays below 24 kB in the log,
/// however far a story spreads.
pub const MEMBERS_MAX: usize = 64;

/// The highest number of sources, and of publishers, that a story counts apart.
pub const SOURCES_MAX: usize = 256;

/// The highest number of languages that a story's record lists: copies are of one language, and a few have a wrong tag.
const LANGUAGES_MAX: usize = 8;

/// The summary of a story whose only article this is.
pub(crate) fn of_one(seq: u64, article: &LiveArticle) -> StorySummary {
    let mut summary = StorySummary {
        id: article.story,
        revision: seq,
        published: false,
        first_seen: article.event,
        last_seen: article.event,
        size: 0,
        sources: Vec::new(),
        publishers: Vec::new(),
        languages: Vec::new(),
        canonical: None,
        origin: origin::origin(&[]),
        credits: Vec::new(),
        members: Vec::new(),
    };
    add_member(&mut summary, article.member(), &article.language, &article.credits);
    summary
}

/// Adds an article that joins. The first article of a story becomes its original when a second one joins.
pub(crate) fn add_member(summary: &mut StorySummary, mut member: Member, language: &Arc<str>, credits: &[Credit]) {
    summary.last_seen = summary.last_seen.max(member.event_at);
    if let (1, [first]) = (summary.size, &mut summary.members[..])
        && first.matched.is_none()
    {
        first.relation = Relation::Original;
    }
    count(&mut summary.sources, &member.source, 1);
    count(&mut summary.publishers, &member.publisher, 1);
    add_language(&mut summary.languages, language);
    origin::add(&mut summary.credits, credits);
    summary.origin = origin::origin(&summary.credits);
    member.superseded = carries_superseded(&member, summary.members.iter());
    elect(summary, Some(&member));
    summary.first_seen = summary.first_seen.min(member.event_at);
    summary.size += 1;
    if summary.members.len() < MEMBERS_MAX {
        summary.members.push(member);
    }
    summary.published |= summary.size > 1;
}

/// Removes an article that is taken back or replaced by a newer version, and marks the members that copy its text.
pub(crate) fn remove_member(summary: &mut StorySummary, member: &Member, credits: &[Credit]) {
    summary.published |= summary.size > 1;
    origin::remove(&mut summary.credits, credits);
    summary.origin = origin::origin(&summary.credits);
    summary.size = summary.size.saturating_sub(1);
    uncount(&mut summary.sources, &member.source);
    uncount(&mut summary.publishers, &member.publisher);
    summary.members.retain(|other| other.raw != member.raw);
    supersede(member, summary.members.iter_mut());
    if summary.canonical.as_ref().is_some_and(|canonical| canonical.uri == member.uri) {
        summary.canonical = None;
    }
    if member.event_at == summary.first_seen {
        let earliest = summary.members.iter().map(|member| member.event_at).min();
        summary.first_seen = earliest.unwrap_or(summary.first_seen);
    }
    elect(summary, None);
}

/// Merges `from` into `into`.
pub(crate) fn merge(into: &mut StorySummary, from: &StorySummary) {
    if from.first_seen < into.first_seen {
        into.canonical.clone_from(&from.canonical);
        into.first_seen = from.first_seen;
    }
    into.last_seen = into.last_seen.max(from.last_seen);
    into.size += from.size;
    for (source, articles) in &from.sources {
        count(&mut into.sources, source, *articles);
    }
    for (publisher, articles) in &from.publishers {
        count(&mut into.publishers, publisher, *articles);
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

/// Marks the members that copy the text of `removed`, which is taken back or replaced by a newer version: those that matched
/// it, and those that matched them. Where it was a copy itself nothing is marked, since the text that it copied still exists.
///
/// `members` are the others of its story, each after the one that it matched. Returns whether any was marked.
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

/// Whether an article that joins these members copies a superseded text.
pub(crate) fn carries_superseded<'a>(joining: &Member, mut members: impl Iterator<Item = &'a Member>) -> bool {
    copied_from(joining).is_some_and(|uri| members.any(|member| member.superseded && member.uri == *uri))
}

/// The article whose text a member copies.
fn copied_from(member: &Member) -> Option<&Arc<str>> {
    let matched = member.matched.as_ref()?;
    (!is_own_text(member.relation, Some(matched))).then_some(&matched.matched_to)
}

/// Whether an article copies no other: it is the first of its story, or an outlet's update of its own article.
pub(crate) fn is_own_text(relation: Relation, matched: Option<&Match>) -> bool {
    matched.is_none() || relation == Relation::Version
}

/// Chooses the canonical article: the earliest of the outlet that is named as the origin, else the earliest. One that is not
/// listed among the members stays canonical until an earlier one comes.
fn elect(summary: &mut StorySummary, newcomer: Option<&Member>) {
    let members = || summary.members.iter().chain(newcomer);
    let earliest = members().min_by_key(|member| member.event_at);
    let of_origin = summary.origin.name.as_ref().and_then(|name| {
        members().filter(|member| origin::is_of(&member.source, name)).min_by_key(|member| member.event_at)
    });
    let is_still_earliest = |canonical: &Canonical| {
        canonical.reason == CanonicalReason::Earliest
            && earliest.is_none_or(|earliest| summary.first_seen <= earliest.event_at)
    };
    if let Some(member) = of_origin {
        summary.canonical = Some(Canonical::new(member, CanonicalReason::Origin));
    } else if !summary.canonical.as_ref().is_some_and(is_still_earliest) {
        summary.canonical = earliest.map(|member| Canonical::new(member, CanonicalReason::Earliest));
    }
}

/// Counts articles of a source or publisher. One name in capitals and in small letters is one.
fn count(counts: &mut Vec<(Arc<str>, u32)>, name: &Arc<str>, articles: u32) {
    match find(counts, name) {
        Ok(at) => counts[at].1 += articles,
        Err(at) if counts.len() < SOURCES_MAX => counts.insert(at, (name.clone(), articles)),
        Err(_) => {}
    }
}

/// Counts an article no longer.
fn uncount(counts: &mut Vec<(Arc<str>, u32)>, name: &str) {
    if let Ok(at) = find(counts, name) {
        counts[at].1 -= 1;
        if counts[at].1 == 0 {
            counts.remove(at);
        }
    }
}

fn find(counts: &[(Arc<str>, u32)], name: &str) -> Result<usize, usize> {
    counts.binary_search_by(|(other, _)| letters(other).cmp(letters(name)))
}

/// The letters of a name, all small: capitals make no other outlet.
pub(super) fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().flat_map(char::to_lowercase)
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
    use crate::clustering::live::tests::article;
    use crate::record::{CreditKind, CreditLocation, Millis, Ratio};

    fn joined(seqs: &[u64]) -> StorySummary {
        let mut summary = of_one(seqs[0], &article(seqs[0]));
        for &seq in &seqs[1..] {
            let article = article(seq);
            add_member(&mut summary, article.member(), &article.language, &article.credits);
        }
        summary
    }

    #[test]
    fn the_earliest_article_is_canonical_even_when_it_arrives_late() {
        let summary = joined(&[5, 9, 3, 7]);
        assert_eq!(summary.canonical.as_ref().map(|canonical| &*canonical.uri), Some("urn:example:3"));
        assert_eq!((summary.first_seen, summary.last_seen, summary.size), (Millis(3), Millis(9), 4));
    }

    #[test]
    fn when_the_canonical_article_is_taken_back_the_next_earliest_is_canonical() {
        let mut summary = joined(&[5, 9, 3, 7]);
        remove_member(&mut summary, &article(3).member(), &[]);
        assert_eq!(summary, joined(&[5, 9, 7]));
        for seq in [5, 7, 9] {
            remove_member(&mut summary, &article(seq).member(), &[]);
        }
        assert!(summary.canonical.is_none() && summary.members.is_empty() && summary.sources.is_empty());
        assert_eq!(summary.size, 0);
    }

    #[test]
    fn a_copy_whose_original_is_taken_back_does_not_become_an_original() {
        let mut summary = of_one(1, &article(1));
        let copy = Member { relation: Relation::Near, matched: Some(matched("urn:example:1")), ..article(2).member() };
        add_member(&mut summary, copy, &"en".into(), &[]);
        remove_member(&mut summary, &article(1).member(), &[]);
        let another =
            Member { relation: Relation::Near, matched: Some(matched("urn:example:2")), ..article(3).member() };
        add_member(&mut summary, another, &"en".into(), &[]);
        let members = summary.members.iter().map(|member| (member.relation, member.superseded));
        assert_eq!(members.collect::<Vec<_>>(), [(Relation::Near, true), (Relation::Near, true)]);
    }

    fn matched(uri: &str) -> Match {
        Match {
            score: Ratio::ONE,
            article_in_matched: Ratio::ONE,
            matched_in_article: Ratio::ONE,
            matched_to: uri.into(),
            shared_shingles: 60,
            members_compared: 1,
            members_matching: 1,
        }
    }

    #[test]
    fn a_source_is_listed_once_however_many_articles_it_has() {
        let summary = joined(&[1, 2, 3]);
        assert_eq!(summary.sources, [("The Example".into(), 3)]);
    }

    #[test]
    fn capitals_make_no_other_source() {
        let mut summary = joined(&[1]);
        for (seq, source) in [(2, "THE EXAMPLE"), (3, "The Post"), (4, "the example")] {
            let member = Member { source: source.into(), ..article(seq).member() };
            add_member(&mut summary, member, &"en".into(), &[]);
        }
        assert_eq!(summary.sources, [("The Example".into(), 3), ("The Post".into(), 1)]);
        assert_eq!(summary.publishers, [("the example".into(), 4)]);
        remove_member(&mut summary, &Member { source: "The post".into(), ..article(3).member() }, &[]);
        assert_eq!(summary.sources.len(), 1);
    }

    #[test]
    fn a_merge_adds_up_both_stories() {
        let mut summary = joined(&[5, 6]);
        merge(&mut summary, &joined(&[3, 9]));
        assert_eq!((summary.size, summary.members.len(), summary.first_seen), (4, 4, Millis(3)));
    }

    #[test]
    fn a_long_story_lists_a_bounded_number_of_members_and_counts_the_rest() {
        let summary = joined(&(0..100).collect::<Vec<_>>());
        assert_eq!((summary.members.len(), summary.size), (MEMBERS_MAX, 100));
    }

    fn elected(articles: &[(u64, &str, &str)]) -> (String, CanonicalReason) {
        let mut summary: Option<StorySummary> = None;
        for &(seq, source, credit) in articles {
            let mut article = article(seq);
            article.source = source.into();
            let kind = CreditKind::Agency;
            let by = Credit { name: credit.into(), kind, location: CreditLocation::Byline, evidence: credit.into() };
            article.credits = if credit.is_empty() { Box::default() } else { [by].into() };
            match &mut summary {
                None => summary = Some(of_one(seq, &article)),
                Some(summary) => {
                    add_member(summary, article.member(), &article.language, &article.credits);
                }
            }
        }
        let canonical = summary.and_then(|summary| summary.canonical).expect("a canonical article");
        (canonical.uri.to_string(), canonical.reason)
    }

    #[test]
    fn an_article_of_the_outlet_that_is_the_origin_is_canonical() {
        let (earliest, origin) = (CanonicalReason::Earliest, CanonicalReason::Origin);
        let post = (1, "The Post", "Norwire");
        assert_eq!(elected(&[post]), ("urn:example:1".into(), earliest));
        assert_eq!(elected(&[post, (2, "norwire.example", "")]), ("urn:example:2".into(), origin));
        assert_eq!(elected(&[(2, "Norwire", ""), post]), ("urn:example:2".into(), origin));
        assert_eq!(elected(&[(3, "Norwire", ""), post, (2, "Norwire", "")]), ("urn:example:2".into(), origin));
        assert_eq!(elected(&[post, (2, "The Mail", "")]), ("urn:example:1".into(), earliest));
    }
}
