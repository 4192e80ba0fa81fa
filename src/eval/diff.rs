//! Where two foldings of the same articles differ.
//!
//! Only articles that both foldings hold say anything about the stories. A story of the first one is *split* when its
//! articles stand in several stories of the second; a story of the second one is *joined* when its articles come from
//! several stories of the first. To say which articles *moved*, each story is paired with one of the other side at most:
//! those that share most articles first, of equal ones those that share the earliest. Articles in both stories of a pair
//! have stayed, all others have moved.

#[cfg(test)]
mod tests;
mod text;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::agreement::{Item, agreement};
use super::folding::Folding;
use crate::record::StoryId;

/// Where two foldings differ.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "wirefold diff", extend("$id" = "wirefold.diff/1"))]
pub struct Diff {
    /// `wirefold.diff/1`.
    #[schemars(extend("const" = Diff::SCHEMA))]
    pub schema: &'static str,
    /// The first folding.
    pub a: Side,
    /// The second one.
    pub b: Side,
    /// What became of the articles from the first to the second.
    pub articles: Articles,
    /// What became of the stories.
    pub stories: Stories,
    /// The adjusted Rand index over the articles that both hold: 1 is the same grouping, 0 what chance would give.
    pub adjusted_rand: f64,
    /// Stories split and joined, those first of which most articles stand apart from the largest part.
    pub changes: Vec<Change>,
    /// How many more there are.
    pub changes_left_out: usize,
    /// Outlet, headline and first words of the articles named above, where their texts are known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub openings: BTreeMap<Arc<str>, String>,
}

/// One of the two foldings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Side {
    /// What it was read from.
    pub name: String,
    /// Its articles.
    pub articles: usize,
    /// Its stories, those of one article included where records tell them.
    pub stories: usize,
    /// Articles that its stories count and no record names: they are not compared.
    pub unlisted: u64,
    /// Articles that two of its stories list.
    pub repeated: usize,
}

/// What became of the articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Articles {
    /// In both foldings.
    pub both: usize,
    /// Of these, the ones that stand in another story now.
    pub moved: usize,
    /// Only in the first.
    pub vanished: usize,
    /// Only in the second.
    pub appeared: usize,
}

/// What became of the stories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Stories {
    /// With the same articles in both.
    pub same: usize,
    /// Of the first, those whose articles stand in several of the second.
    pub split: usize,
    /// Of the second, those whose articles come from several of the first.
    pub joined: usize,
    /// Of the first, those of which the second holds no article.
    pub vanished: usize,
    /// Of the second, those of which the first holds no article.
    pub appeared: usize,
}

/// A story that was split or joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// Which of the two.
    pub kind: ChangeKind,
    /// The story: of the first folding when it was split, of the second when it was joined.
    pub story_id: StoryId,
    /// Its articles, those that the other folding does not hold included.
    pub size: u32,
    /// The stories of the other folding that hold its articles, the largest part first.
    pub parts: Vec<Part>,
}

/// How a story changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It stands in several stories of the second folding.
    Split,
    /// It comes from several stories of the first folding.
    Joined,
}

/// A part of a changed story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Part {
    /// The story of the other folding.
    pub story_id: StoryId,
    /// How many articles that has, in this part or not.
    pub size: u32,
    /// The articles of this part, in the order of their publication.
    pub articles: Vec<Article>,
}

/// An article of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Article {
    /// Its uri.
    pub uri: Arc<str>,
    /// Its outlet; empty where no record says one.
    pub source: Arc<str>,
}

impl Diff {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "wirefold.diff/1";

    /// The articles of the changes listed.
    #[must_use]
    pub fn named(&self) -> BTreeSet<Arc<str>> {
        let parts = self.changes.iter().flat_map(|change| &change.parts);
        parts.flat_map(|part| &part.articles).map(|article| article.uri.clone()).collect()
    }
}

impl Change {
    /// The articles that stand apart from the largest part.
    fn apart(&self) -> usize {
        self.parts.iter().skip(1).map(|part| part.articles.len()).sum()
    }
}

/// Compares two foldings, each with what it is called, and lists at most `limit` changes.
#[must_use]
pub fn diff(a: (&str, &Folding), b: (&str, &Folding), limit: usize) -> Diff {
    let [(a_name, a), (b_name, b)] = [a, b];
    let (of_a, of_b) = (shares(a, b), shares(b, a));
    let items = items(a, b);

    let mut changes = changes(ChangeKind::Split, a, b, &of_a);
    let split = changes.len();
    changes.append(&mut self::changes(ChangeKind::Joined, b, a, &of_b));
    let joined = changes.len() - split;
    changes.sort_by_key(|change| (Reverse(change.apart()), Reverse(change.size), change.kind, change.story_id));
    let changes_left_out = changes.len().saturating_sub(limit);
    changes.truncate(limit);

    Diff {
        schema: Diff::SCHEMA,
        articles: Articles {
            both: items.len(),
            moved: items.len() - stayed(a, &of_a),
            vanished: a.articles.len() - items.len(),
            appeared: b.articles.len() - items.len(),
        },
        stories: Stories {
            same: of_a.iter().zip(&a.stories).filter(|(shares, story)| is_same(shares, story.members.len(), b)).count(),
            split,
            joined,
            vanished: lost(a, &of_a),
            appeared: lost(b, &of_b),
        },
        adjusted_rand: agreement(&items).adjusted_rand,
        a: Side::new(a_name, a),
        b: Side::new(b_name, b),
        changes,
        changes_left_out,
        openings: BTreeMap::new(),
    }
}

impl Side {
    fn new(name: &str, folding: &Folding) -> Self {
        let unlisted = folding.stories.iter().map(|story| u64::from(story.size) - story.members.len() as u64);
        Self {
            name: name.to_owned(),
            articles: folding.articles.len(),
            stories: folding.stories.iter().filter(|story| !story.members.is_empty()).count(),
            unlisted: unlisted.sum(),
            repeated: folding.repeated,
        }
    }
}

/// The articles of a story that stand in one story of the other folding.
struct Share<'f> {
    other: usize,
    articles: Vec<&'f Arc<str>>,
}

/// For each story of a folding its shares, the largest first; of equal ones the one with the earliest article.
fn shares<'f>(folding: &'f Folding, other: &Folding) -> Vec<Vec<Share<'f>>> {
    let of_story = |members: &'f [Arc<str>]| {
        let (mut shares, mut index) = (Vec::<Share<'f>>::new(), BTreeMap::new());
        for uri in members {
            let Some(place) = other.articles.get(uri) else { continue };
            let at = *index.entry(place.story).or_insert_with(|| {
                shares.push(Share { other: place.story, articles: Vec::new() });
                shares.len() - 1
            });
            shares[at].articles.push(uri);
        }
        shares.sort_by_key(|share| Reverse(share.articles.len()));
        shares
    };
    folding.stories.iter().map(|story| of_story(&story.members)).collect()
}

fn items(a: &Folding, b: &Folding) -> Vec<Item> {
    let item = |(uri, place): (&Arc<str>, &super::Place)| {
        let found = b.articles.get(uri)?.story;
        Some(Item { cluster: place.story, story: place.story, found })
    };
    a.articles.iter().filter_map(item).collect()
}

/// How many articles stand in both stories of a pair.
fn stayed(a: &Folding, of_a: &[Vec<Share<'_>>]) -> usize {
    let of_story = |(story, shares)| std::iter::repeat(story).zip::<&Vec<Share<'_>>>(shares);
    let mut pairs: Vec<(usize, &Share<'_>)> = of_a.iter().enumerate().flat_map(of_story).collect();
    pairs.sort_by_key(|(_, share)| {
        let first = share.articles.first().map(|&uri| (a.articles[uri].published_at, uri));
        (Reverse(share.articles.len()), first)
    });
    let (mut of_one, mut of_other) = (BTreeSet::new(), BTreeSet::new());
    let mut is_free = |&(story, share): &(usize, &Share<'_>)| {
        !of_one.contains(&story) && of_other.insert(share.other) && of_one.insert(story)
    };
    pairs.iter().filter(|pair| is_free(pair)).map(|(_, share)| share.articles.len()).sum()
}

/// Whether a story of so many members is one story there, with no article more or less.
fn is_same(shares: &[Share<'_>], members: usize, other: &Folding) -> bool {
    let [share] = shares else { return false };
    share.articles.len() == members && other.stories[share.other].members.len() == members
}

/// Stories of which the other folding holds no article.
fn lost(folding: &Folding, shares: &[Vec<Share<'_>>]) -> usize {
    let stories = folding.stories.iter().zip(shares);
    stories.filter(|(story, shares)| !story.members.is_empty() && shares.is_empty()).count()
}

/// The stories of a folding whose articles stand in several of the other.
fn changes(kind: ChangeKind, folding: &Folding, other: &Folding, shares: &[Vec<Share<'_>>]) -> Vec<Change> {
    let part = |share: &Share<'_>| Part {
        story_id: other.stories[share.other].id,
        size: other.stories[share.other].size,
        articles: share.articles.iter().map(|uri| article(uri, folding)).collect(),
    };
    let changed = folding.stories.iter().zip(shares).filter(|(_, shares)| shares.len() > 1);
    let change = changed.map(|(story, shares)| Change {
        kind,
        story_id: story.id,
        size: story.size,
        parts: shares.iter().map(part).collect(),
    });
    change.collect()
}

fn article(uri: &Arc<str>, folding: &Folding) -> Article {
    let source = folding.articles.get(uri).map(|place| place.source.clone()).unwrap_or_default();
    Article { uri: uri.clone(), source }
}
