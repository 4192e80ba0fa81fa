//! The live articles: those that a new one can still match.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::record::{
    Admission, ArticleContent, ArticleId, Credit, Link, Match, Member, Millis, RawPosition, Relation, Sample,
    Signature, StoryId, is_opening, kept_at,
};

/// What the state holds of an article inside window and grace: a function of its signature and its decision.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LiveArticle {
    pub(crate) id: ArticleId,
    pub(crate) raw: RawPosition,
    pub(crate) log_offset: i64,
    pub(crate) uri: Arc<str>,
    pub(crate) version: Option<i64>,
    pub(crate) event: Millis,
    pub(crate) source: Arc<str>,
    pub(crate) language: Arc<str>,
    pub(crate) credits: Box<[Credit]>,
    /// The story it belongs to, as merges leave it.
    pub(crate) story: StoryId,
    pub(crate) relation: Relation,
    pub(crate) matched: Option<Box<Match>>,
    pub(crate) links: Box<[Link]>,
    /// The sampling rate of `kept`.
    pub(crate) rate: u8,
    /// The 2-shingles kept for comparing, ascending.
    pub(crate) kept: Box<[u32]>,
    /// Which of them stand in the opening, a bit each, lowest first.
    pub(crate) openings: Box<[u8]>,
    /// The bottom-k sketch under which it is found, ascending.
    pub(crate) sketch: Box<[u32]>,
}

impl LiveArticle {
    pub(crate) fn new(signature: &Signature, content: &ArticleContent, log_offset: i64, admission: &Admission) -> Self {
        let Sample { rate, survivors } = &admission.sample;
        let survived = |at: usize| survivors.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
        let count = survivors.iter().map(|byte| byte.count_ones() as usize).sum();
        let mut kept = Vec::with_capacity(count);
        let mut openings = vec![0; count.div_ceil(8)];
        let sampled = content.shingles.hashes().iter().zip(content.shingles.zones());
        for (at, (&hash, &zone)) in sampled.enumerate() {
            if !kept_at(*rate, hash) {
                break;
            }
            if survived(at) {
                openings[kept.len() / 8] |= u8::from(is_opening(zone)) << (kept.len() % 8);
                kept.push(hash);
            }
        }
        Self {
            id: signature.raw.article_id(),
            raw: signature.raw.clone(),
            log_offset,
            uri: signature.uri.clone(),
            version: signature.version,
            event: signature.event,
            source: content.source.clone(),
            language: content.language.clone(),
            credits: content.credits.clone().into(),
            story: admission.story,
            relation: admission.relation,
            matched: admission.matched.clone().map(Box::new),
            links: admission.links.clone().into(),
            rate: *rate,
            kept: kept.into(),
            openings: openings.into(),
            sketch: content.sketch.as_slice().into(),
        }
    }

    /// The 2-shingles kept for comparing, ascending, each with whether it stands in the opening.
    pub(crate) fn kept(&self) -> impl Iterator<Item = (u32, bool)> + '_ {
        let is_opening = |at: usize| self.openings[at / 8] >> (at % 8) & 1 == 1;
        self.kept.iter().enumerate().map(move |(at, &hash)| (hash, is_opening(at)))
    }

    /// As a member of its story.
    pub(crate) fn member(&self) -> Member {
        Member {
            uri: self.uri.clone(),
            source: self.source.clone(),
            published_at: self.event,
            relation: self.relation,
            matched: self.matched.as_deref().cloned(),
        }
    }
}

/// Live articles by `seq`. Articles die in about the order in which they came, so a queue with holes holds them; its
/// front is always a live one, which makes it the smallest place that a restore reads from.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveArticles {
    first: u64,
    slots: VecDeque<Option<Box<LiveArticle>>>,
    count: usize,
}

impl LiveArticles {
    pub(crate) fn get(&self, seq: u64) -> Option<&LiveArticle> {
        let at = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        self.slots.get(at)?.as_deref()
    }

    pub(crate) fn get_mut(&mut self, seq: u64) -> Option<&mut LiveArticle> {
        let at = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        self.slots.get_mut(at)?.as_deref_mut()
    }

    /// The live article of the smallest `seq`.
    pub(crate) fn first(&self) -> Option<(u64, &LiveArticle)> {
        self.slots.front()?.as_deref().map(|article| (self.first, article))
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &LiveArticle)> {
        (self.first..).zip(&self.slots).filter_map(|(seq, slot)| Some((seq, slot.as_deref()?)))
    }

    /// Appends an article; `seq` is larger than any before.
    pub(crate) fn insert(&mut self, seq: u64, article: LiveArticle) {
        if self.slots.is_empty() {
            self.first = seq;
        }
        let end = self.first + self.slots.len() as u64;
        debug_assert!(seq >= end, "articles come in order of seq");
        self.slots.extend((end..seq).map(|_| None));
        self.slots.push_back(Some(Box::new(article)));
        self.count += 1;
    }

    pub(crate) fn remove(&mut self, seq: u64) -> Option<LiveArticle> {
        let at = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        let article = self.slots.get_mut(at)?.take()?;
        self.count -= 1;
        while let Some(None) = self.slots.front() {
            self.slots.pop_front();
            self.first += 1;
        }
        Some(*article)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::state::tests::article;

    #[test]
    fn the_front_is_always_a_live_article() {
        let mut live = LiveArticles::default();
        for seq in [3, 4, 7, 9] {
            live.insert(seq, article(seq));
        }
        let first = |live: &LiveArticles| live.first().map(|(seq, _)| seq);
        assert_eq!(first(&live), Some(3));
        assert!(live.remove(4).is_some() && live.remove(4).is_none() && live.remove(5).is_none());
        assert_eq!(first(&live), Some(3));
        live.remove(3);
        assert_eq!(first(&live), Some(7));
        live.remove(7);
        live.remove(9);
        assert_eq!((first(&live), live.len()), (None, 0));
        live.insert(12, article(12));
        assert_eq!(first(&live), Some(12));
        assert!(live.get(11).is_none() && live.get(2).is_none() && live.get(12).is_some());
    }
}
