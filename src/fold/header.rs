//! The algebra of story headers: one article more, one less, two stories become one.

use std::sync::Arc;

use super::live::LiveArticle;
use super::origin;
use crate::record::{ArticleId, Canonical, CanonicalReason, Credit, Member, Relation, StoryHeader};

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
    if header.canonical.is_none() || member.published_at < header.first_seen {
        header.canonical = Some(canonical(member));
        header.first_seen = member.published_at;
    }
    header.last_seen = header.last_seen.max(member.published_at);
    if let (1, [(_, first)]) = (header.size, &mut header.members[..]) {
        first.relation = Relation::Original;
    }
    header.size += 1;
    count_source(&mut header.sources, &member.source, 1);
    add_language(&mut header.languages, language);
    origin::add(&mut header.credits, credits);
    header.origin = origin::origin(&header.credits);
    if header.members.len() < MEMBERS_MAX {
        header.members.push((id, member.clone()));
    }
    header.published |= header.size > 1;
}

/// An article is taken back, or a newer version takes its place.
pub(crate) fn retract(header: &mut StoryHeader, id: ArticleId, member: &Member, credits: &[Credit]) {
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
    if header.canonical.as_ref().is_some_and(|canonical| canonical.uri == member.uri) {
        let earliest = header.members.iter().map(|(_, member)| member).min_by_key(|member| member.published_at);
        header.canonical = earliest.map(canonical);
        header.first_seen = earliest.map_or(header.first_seen, |member| member.published_at);
    }
}

/// `from` goes on in `into`.
pub(crate) fn merge(into: &mut StoryHeader, from: &StoryHeader) {
    if from.canonical.is_some() && (into.canonical.is_none() || from.first_seen < into.first_seen) {
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
}

fn canonical(member: &Member) -> Canonical {
    Canonical { uri: member.uri.clone(), reason: CanonicalReason::Earliest }
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
    use crate::record::Millis;

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
}
