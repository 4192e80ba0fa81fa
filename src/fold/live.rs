//! The live articles: those that a new one can still match.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::index::Slot;
use crate::record::{
    Admission, ArticleContent, ArticleId, Credit, Link, Match, Member, Millis, RawPosition, Relation, Sample,
    Signature, StoryId, is_opening, kept_at, rice,
};

/// What the state holds of an article inside window and grace: a function of its signature and its decision.
///
/// There are millions of them: what can be computed is not stored.
#[derive(Debug, Clone)]
pub(crate) struct LiveArticle {
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
    /// How many 2-shingles are kept for comparing.
    pub(super) kept_count: u16,
    /// They themselves, coded; see [`LiveArticle::kept`].
    pub(super) coded: Box<[u8]>,
    /// Which of them stand in the opening, a bit each, lowest first.
    pub(super) openings: Box<[u8]>,
    /// Where it stands in the index; absent when it is not there.
    pub(crate) slot: Option<Slot>,
}

/// The 2-shingles that are kept of a live article.
pub(crate) struct Kept<'a> {
    /// Their sampling rate.
    pub(crate) rate: u8,
    /// The hashes, ascending.
    pub(crate) hashes: Vec<u32>,
    openings: &'a [u8],
}

impl Kept<'_> {
    /// Whether the hash at this place stands in the opening.
    pub(crate) fn is_opening(&self, at: usize) -> bool {
        self.openings[at / 8] >> (at % 8) & 1 == 1
    }
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
            kept_count: kept.len() as u16,
            coded: rice::encode(&kept).into(),
            openings: openings.into(),
            slot: None,
        }
    }

    pub(crate) fn id(&self) -> ArticleId {
        self.raw.article_id()
    }

    /// The 2-shingles kept for comparing, decoded.
    pub(crate) fn kept(&self) -> Kept<'_> {
        let hashes = rice::decode(&self.coded, self.kept_count.into()).unwrap_or_default();
        Kept { rate: self.rate, hashes, openings: &self.openings }
    }

    /// Whether any are kept: an article without can match nothing.
    pub(crate) fn is_comparable(&self) -> bool {
        self.kept_count > 0
    }

    /// As a member of its story.
    pub(crate) fn member(&self) -> Member {
        Member {
            uri: self.uri.clone(),
            source: self.source.clone(),
            published_at: self.event,
            relation: self.relation,
            matched: self.matched.as_deref().cloned(),
            superseded: false,
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
    /// By uri and by raw record: the `seq`s alone, each under the hash of what its article says.
    by_uri: HashTable<u64>,
    by_id: HashTable<u64>,
    names: Names,
}

/// Names that many articles share, each held once: a record that is read brings its own copies.
#[derive(Debug, Clone, Default)]
struct Names {
    held: HashSet<Arc<str>, BuildHasherDefault<DefaultHasher>>,
    /// How many there were when unused ones were last let go.
    used: usize,
}

impl Names {
    fn share(&mut self, name: &mut Arc<str>) {
        if let Some(held) = self.held.get(name) {
            name.clone_from(held);
            return;
        }
        self.held.insert(name.clone());
        if self.held.len() > 2 * self.used + 64 {
            self.held.retain(|name| Arc::strong_count(name) > 1);
            self.used = self.held.len();
        }
    }
}

impl LiveArticles {
    pub(crate) fn get(&self, seq: u64) -> Option<&LiveArticle> {
        let at = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        self.slots.get(at)?.as_deref()
    }

    /// The live article of this uri.
    pub(crate) fn with_uri(&self, uri: &str) -> Option<(u64, &LiveArticle)> {
        let has = |&seq: &u64| self.get(seq).is_some_and(|article| &*article.uri == uri);
        let &seq = self.by_uri.find(hash_of_uri(uri), has)?;
        Some((seq, self.get(seq)?))
    }

    /// The live article of this raw record.
    pub(crate) fn with_id(&self, id: ArticleId) -> Option<(u64, &LiveArticle)> {
        let has = |&seq: &u64| self.get(seq).is_some_and(|article| article.id() == id);
        let &seq = self.by_id.find(hash_of_id(id), has)?;
        Some((seq, self.get(seq)?))
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
    pub(crate) fn insert(&mut self, seq: u64, mut article: LiveArticle) {
        for name in [&mut article.raw.topic, &mut article.source, &mut article.language] {
            self.names.share(name);
        }
        if self.slots.is_empty() {
            self.first = seq;
        }
        let end = self.first + self.slots.len() as u64;
        debug_assert!(seq >= end, "articles come in order of seq");
        self.slots.extend((end..seq).map(|_| None));
        let (uri, id) = (hash_of_uri(&article.uri), hash_of_id(article.id()));
        self.slots.push_back(Some(Box::new(article)));
        self.count += 1;
        let Self { first, slots, .. } = self;
        let article = |seq: u64| slots[(seq - *first) as usize].as_deref();
        self.by_uri.insert_unique(uri, seq, |&seq| article(seq).map_or(0, |article| hash_of_uri(&article.uri)));
        self.by_id.insert_unique(id, seq, |&seq| article(seq).map_or(0, |article| hash_of_id(article.id())));
    }

    pub(crate) fn remove(&mut self, seq: u64) -> Option<LiveArticle> {
        let at = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        let article = self.slots.get_mut(at)?.take()?;
        self.count -= 1;
        for (table, hash) in
            [(&mut self.by_uri, hash_of_uri(&article.uri)), (&mut self.by_id, hash_of_id(article.id()))]
        {
            if let Ok(entry) = table.find_entry(hash, |&other| other == seq) {
                entry.remove();
            }
        }
        while let Some(None) = self.slots.front() {
            self.slots.pop_front();
            self.first += 1;
        }
        Some(*article)
    }
}

fn hash_of_uri(uri: &str) -> u64 {
    xxh3_64(uri.as_bytes())
}

fn hash_of_id(ArticleId(id): ArticleId) -> u64 {
    id as u64
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A live article of its own story.
    pub(crate) fn article(seq: u64) -> LiveArticle {
        let raw = RawPosition { topic: "articles".into(), partition: 0, offset: seq as i64 };
        LiveArticle {
            story: raw.article_id().into(),
            log_offset: seq as i64,
            uri: format!("urn:example:{seq}").into(),
            version: None,
            event: Millis(seq as i64),
            source: "The Example".into(),
            language: "en".into(),
            credits: Box::default(),
            relation: Relation::Unique,
            matched: None,
            links: Box::default(),
            rate: 0,
            kept_count: 2,
            coded: rice::encode(&[1, 2]).into(),
            openings: [0].into(),
            slot: None,
            raw,
        }
    }

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

    #[test]
    fn a_name_is_held_once_and_no_longer_than_somebody_has_it() {
        let mut live = LiveArticles::default();
        for seq in 0..1_000 {
            live.insert(seq, LiveArticle { source: format!("Outlet {}", seq / 2).into(), ..article(seq) });
            if let Some(gone) = seq.checked_sub(10) {
                live.remove(gone);
            }
        }
        assert!(live.names.held.len() < 200, "{}", live.names.held.len());
        let source = |seq| live.get(seq).map(|article| article.source.clone());
        assert!(Arc::ptr_eq(&source(998).expect("live"), &source(999).expect("live")));
    }
}
