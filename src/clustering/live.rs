//! The live articles: those that a new one can still match.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::index::Slot;
use crate::record::{
    ArticleContent, ArticleId, ArticleNames, Assignment, Credit, Link, Match, Member, Millis, RawPosition, Relation,
    ShingleSample, Signature, StoryId, Version, is_lead, is_sampled, rice,
};

/// What the state holds of a live article: a function of its signature and its decision.
///
/// There are millions of them, so what can be computed is not stored.
#[derive(Debug, Clone)]
pub(crate) struct LiveArticle {
    pub(crate) raw: RawPosition,
    pub(crate) log_offset: i64,
    pub(crate) names: ArticleNames,
    pub(crate) title: Box<str>,
    pub(crate) text_hash: u64,
    pub(crate) version: Option<Version>,
    pub(super) published: OptionalTime,
    pub(crate) ingested: Millis,
    pub(crate) event: Millis,
    pub(crate) source: Arc<str>,
    pub(crate) publisher: Arc<str>,
    pub(crate) language: Arc<str>,
    pub(crate) credits: Box<[Credit]>,
    /// The story that it belongs to, after all merges.
    pub(crate) story: StoryId,
    pub(crate) relation: Relation,
    pub(crate) matched: Option<Box<Match>>,
    pub(crate) links: Box<[Link]>,
    /// The sampling rate of the 2-shingles.
    pub(crate) rate: u8,
    /// The number of 2-shingles that are kept for comparing.
    pub(super) sampled_count: u16,
    /// Their hashes, Rice-coded; see [`LiveArticle::sampled`].
    pub(super) coded: Box<[u8]>,
    /// One bit for each, lowest first: whether it is in the lead.
    pub(super) lead_bits: Box<[u8]>,
    /// Its slot in the index; absent when it is not indexed.
    pub(crate) slot: Option<Slot>,
}

/// A time or none, in 8 bytes: no publisher states the earliest of all times.
#[derive(Debug, Clone, Copy)]
pub(super) struct OptionalTime(Millis);

impl OptionalTime {
    fn new(time: Option<Millis>) -> Self {
        Self(time.unwrap_or(Millis::MIN))
    }

    fn get(self) -> Option<Millis> {
        (self.0 != Millis::MIN).then_some(self.0)
    }
}

/// The 2-shingles that are kept of a live article, decoded.
pub(crate) struct SampledShingles<'a> {
    pub(crate) rate: u8,
    /// The hashes, ascending.
    pub(crate) hashes: Vec<u32>,
    lead_bits: &'a [u8],
}

impl SampledShingles<'_> {
    /// Whether the hash at this place is in the lead.
    pub(crate) fn is_lead(&self, at: usize) -> bool {
        self.lead_bits[at / 8] >> (at % 8) & 1 == 1
    }
}

impl LiveArticle {
    pub(crate) fn new(
        signature: &Signature,
        content: &ArticleContent,
        log_offset: i64,
        assignment: &Assignment,
    ) -> Self {
        let ShingleSample { rate, survivors } = &assignment.sample;
        let survived = |at: usize| survivors.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
        let count = survivors.iter().map(|byte| byte.count_ones() as usize).sum();
        let mut sampled = Vec::with_capacity(count);
        let mut lead_bits = vec![0; count.div_ceil(8)];
        let shingles = content.shingles.hashes().iter().zip(content.shingles.position_buckets());
        for (at, (&hash, &position_bucket)) in shingles.enumerate() {
            if !is_sampled(*rate, hash) {
                break;
            }
            if survived(at) {
                lead_bits[sampled.len() / 8] |= u8::from(is_lead(position_bucket)) << (sampled.len() % 8);
                sampled.push(hash);
            }
        }
        Self {
            raw: signature.raw.clone(),
            log_offset,
            names: signature.names.clone(),
            title: (*content.title).into(),
            text_hash: content.text_hash,
            version: signature.version,
            published: OptionalTime::new(signature.published),
            ingested: signature.ingested,
            event: signature.event,
            source: signature.source.clone(),
            publisher: content.publisher.clone(),
            language: content.language.clone(),
            credits: content.credits.clone().into(),
            story: assignment.story,
            relation: assignment.relation,
            matched: assignment.matched.clone().map(Box::new),
            links: assignment.links.clone().into(),
            rate: *rate,
            sampled_count: sampled.len() as u16,
            coded: rice::encode(&sampled).into(),
            lead_bits: lead_bits.into(),
            slot: None,
        }
    }

    pub(crate) fn id(&self) -> ArticleId {
        self.raw.article_id()
    }

    /// What identifies the article.
    pub(crate) fn uri(&self) -> &str {
        self.names.uri()
    }

    /// The published time that the article states.
    pub(crate) fn published(&self) -> Option<Millis> {
        self.published.get()
    }

    /// The 2-shingles that are kept for comparing.
    pub(crate) fn sampled(&self) -> SampledShingles<'_> {
        let hashes = rice::decode(&self.coded, self.sampled_count.into()).unwrap_or_default();
        SampledShingles { rate: self.rate, hashes, lead_bits: &self.lead_bits }
    }

    /// Whether any 2-shingles are sampled: an article without them matches nothing.
    pub(crate) fn is_comparable(&self) -> bool {
        self.sampled_count > 0
    }

    /// The article as its story lists it.
    pub(crate) fn member(&self) -> Member {
        Member {
            uri: self.uri().into(),
            id: self.names.id().map(Into::into),
            url: self.names.url().map(Into::into),
            title: Some(&*self.title).filter(|title| !title.is_empty()).map(Into::into),
            source: self.source.clone(),
            publisher: self.publisher.clone(),
            published_at: self.published(),
            event_at: self.event,
            raw: self.raw.clone(),
            relation: self.relation,
            matched: self.matched.as_deref().cloned(),
            superseded: false,
        }
    }
}

/// Live articles by `seq`. They expire in about the order in which they came, so they are held in a queue with holes. Its
/// front is always a live article: no restore has to read from before it for the sake of articles.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveArticles {
    first: u64,
    slots: VecDeque<Option<Box<LiveArticle>>>,
    count: usize,
    /// `seq` by uri, by the id that the record states, and by raw record, under the hash of each, which the article itself
    /// holds.
    by_uri: HashTable<u64>,
    by_stated_id: HashTable<u64>,
    by_id: HashTable<u64>,
    shared: SharedNames,
}

/// Interned names, which many articles share: each record that is read brings its own copies.
#[derive(Debug, Clone, Default)]
struct SharedNames {
    held: HashSet<Arc<str>, BuildHasherDefault<DefaultHasher>>,
    /// The number of names after unused ones were last dropped.
    used: usize,
}

impl SharedNames {
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

    /// The live article with this uri.
    pub(crate) fn with_uri(&self, uri: &str) -> Option<(u64, &LiveArticle)> {
        let has = |&seq: &u64| self.get(seq).is_some_and(|article| article.uri() == uri);
        let &seq = self.by_uri.find(hash_of_uri(uri), has)?;
        Some((seq, self.get(seq)?))
    }

    /// The live articles whose records state this id, by ascending `seq`.
    pub(crate) fn with_stated_id(&self, id: &str) -> Vec<(u64, &LiveArticle)> {
        let candidates = self.by_stated_id.iter_hash(hash_of_uri(id));
        let mut found: Vec<_> = candidates.filter_map(|&seq| Some((seq, self.get(seq)?))).collect();
        found.retain(|(_, article)| article.names.id() == Some(id));
        found.sort_unstable_by_key(|(seq, _)| *seq);
        found
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

    /// The live article with the lowest `seq`.
    pub(crate) fn first(&self) -> Option<(u64, &LiveArticle)> {
        self.slots.front()?.as_deref().map(|article| (self.first, article))
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &LiveArticle)> {
        (self.first..).zip(&self.slots).filter_map(|(seq, slot)| Some((seq, slot.as_deref()?)))
    }

    /// Appends an article; `seq` must be higher than any before.
    pub(crate) fn insert(&mut self, seq: u64, mut article: LiveArticle) {
        let LiveArticle { raw, source, publisher, language, .. } = &mut article;
        for name in [&mut raw.topic, source, publisher, language] {
            self.shared.share(name);
        }
        if self.slots.is_empty() {
            self.first = seq;
        }
        let end = self.first + self.slots.len() as u64;
        debug_assert!(seq >= end, "articles are inserted in the order of seq");
        self.slots.extend((end..seq).map(|_| None));
        let [uri, stated_id, id] = hashes(&article);
        self.slots.push_back(Some(Box::new(article)));
        self.count += 1;
        let Self { first, slots, .. } = self;
        let hashes = |seq: u64| slots[(seq - *first) as usize].as_deref().map_or([None; 3], hashes);
        for (at, (table, hash)) in [(&mut self.by_uri, uri), (&mut self.by_stated_id, stated_id), (&mut self.by_id, id)]
            .into_iter()
            .enumerate()
        {
            if let Some(hash) = hash {
                table.insert_unique(hash, seq, |&seq| hashes(seq)[at].unwrap_or_default());
            }
        }
    }

    pub(crate) fn remove(&mut self, seq: u64) -> Option<LiveArticle> {
        let at = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        let article = self.slots.get_mut(at)?.take()?;
        self.count -= 1;
        let tables = [&mut self.by_uri, &mut self.by_stated_id, &mut self.by_id];
        for (table, hash) in tables.into_iter().zip(hashes(&article)) {
            if let Some(Ok(entry)) = hash.map(|hash| table.find_entry(hash, |&other| other == seq)) {
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

/// The hashes of an article's uri, of the id that its record states where the uri is another, and of its raw record.
fn hashes(article: &LiveArticle) -> [Option<u64>; 3] {
    let stated_id = article.names.id().filter(|id| *id != article.uri()).map(hash_of_uri);
    [Some(hash_of_uri(article.uri())), stated_id, Some(hash_of_id(article.id()))]
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
            names: ArticleNames::new(&format!("urn:example:{seq}"), None, None),
            title: format!("Article {seq}").into(),
            text_hash: seq,
            version: None,
            published: OptionalTime::new(None),
            ingested: Millis(seq as i64),
            event: Millis(seq as i64),
            source: "The Example".into(),
            publisher: "the example".into(),
            language: "en".into(),
            credits: Box::default(),
            relation: Relation::Unique,
            matched: None,
            links: Box::default(),
            rate: 0,
            sampled_count: 2,
            coded: rice::encode(&[1, 2]).into(),
            lead_bits: [0].into(),
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
    fn a_name_is_held_once_and_no_longer_than_an_article_has_it() {
        let mut live = LiveArticles::default();
        for seq in 0..1_000 {
            live.insert(seq, LiveArticle { source: format!("Outlet {}", seq / 2).into(), ..article(seq) });
            if let Some(gone) = seq.checked_sub(10) {
                live.remove(gone);
            }
        }
        assert!(live.shared.held.len() < 200, "{}", live.shared.held.len());
        let source = |seq| live.get(seq).map(|article| article.source.clone());
        assert!(Arc::ptr_eq(&source(998).expect("live"), &source(999).expect("live")));
    }
}
