//! The differences between two clusterings of the same articles.
//!
//! Stories are compared by the articles that both clusterings contain. A story of the first is *split* when its articles
//! belong to several stories of the second; a story of the second is *joined* when its articles come from several stories
//! of the first. To tell which articles *moved*, each story is paired with at most one story of the other side: stories
//! that share most articles are paired first, and of equal ones those that share the earliest article. Articles in both
//! stories of a pair have stayed, all others have moved.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::adjusted_rand::{Item, compare_groupings};
use super::clustering::{ArticleEntry, Clustering};
use crate::record::StoryId;

/// The differences between two clusterings.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "wirefold diff", extend("$id" = "wirefold.diff/1"))]
pub struct Diff {
    /// `wirefold.diff/1`.
    #[schemars(extend("const" = Diff::SCHEMA))]
    pub schema: &'static str,
    /// The first clustering.
    pub a: DiffSide,
    /// The second clustering.
    pub b: DiffSide,
    /// Counts of articles that moved, vanished and appeared.
    pub articles: ArticleCounts,
    /// Counts of stories that were split, joined, vanished and appeared.
    pub stories: StoryCounts,
    /// The adjusted Rand index over the articles in both: 1 for the same grouping, 0 on average for a random one.
    pub adjusted_rand: f64,
    /// Split and joined stories; those with most articles outside their largest part come first.
    pub changes: Vec<StoryChange>,
    /// The number of changes beyond those listed.
    pub changes_left_out: usize,
    /// Outlet, headline and first words of the articles listed in `changes`, where their texts are known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub excerpts: BTreeMap<Arc<str>, String>,
}

/// One of the two clusterings compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DiffSide {
    /// The file, directory or namespace that it was read from.
    pub name: String,
    /// The number of its articles.
    pub articles: usize,
    /// The number of its stories, including stories of one article if its records contain them.
    pub stories: usize,
    /// The number of articles that its stories count and no record names. They are not compared.
    pub unlisted: u64,
    /// The number of articles that two of its stories list.
    pub repeated: usize,
}

/// Counts of articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ArticleCounts {
    /// Articles in both clusterings.
    pub both: usize,
    /// Articles in both that moved to another story.
    pub moved: usize,
    /// Articles only in the first clustering.
    pub vanished: usize,
    /// Articles only in the second clustering.
    pub appeared: usize,
}

/// Counts of stories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StoryCounts {
    /// Stories with the same articles in both clusterings.
    pub same: usize,
    /// Stories of the first whose articles belong to several stories of the second.
    pub split: usize,
    /// Stories of the second whose articles come from several stories of the first.
    pub joined: usize,
    /// Stories of the first without an article in the second.
    pub vanished: usize,
    /// Stories of the second without an article in the first.
    pub appeared: usize,
}

/// A story that was split or joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StoryChange {
    /// Whether it was split or joined.
    pub kind: ChangeKind,
    /// The story: of the first clustering if it was split, of the second if it was joined.
    pub story_id: StoryId,
    /// The number of its articles, including those that are not in the other clustering.
    pub size: u32,
    /// Its parts, one for each story of the other clustering that contains some of its articles; the largest first.
    pub parts: Vec<StoryPart>,
}

/// How a story changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Its articles belong to several stories of the second clustering.
    Split,
    /// Its articles come from several stories of the first clustering.
    Joined,
}

/// A part of a changed story: its articles in one story of the other clustering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StoryPart {
    /// The story of the other clustering.
    pub story_id: StoryId,
    /// The number of articles of that story, in this part or not.
    pub size: u32,
    /// The articles of this part, in the order of publication.
    pub articles: Vec<DiffArticle>,
}

/// An article of a changed story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DiffArticle {
    /// Its uri.
    pub uri: Arc<str>,
    /// Its outlet; empty where no record names one.
    pub source: Arc<str>,
}

impl Diff {
    /// The value of the field `schema`.
    pub const SCHEMA: &'static str = "wirefold.diff/1";

    /// The uris of all articles in `changes`.
    pub fn named(&self) -> BTreeSet<Arc<str>> {
        let parts = self.changes.iter().flat_map(|change| &change.parts);
        parts.flat_map(|part| &part.articles).map(|article| article.uri.clone()).collect()
    }
}

impl StoryChange {
    /// The number of articles outside the largest part.
    fn apart(&self) -> usize {
        self.parts.iter().skip(1).map(|part| part.articles.len()).sum()
    }
}

/// Compares two clusterings, each given with its name, and lists at most `limit` changes.
pub fn diff(a: (&str, &Clustering), b: (&str, &Clustering), limit: usize) -> Diff {
    let [(a_name, a), (b_name, b)] = [a, b];
    let (of_a, of_b) = (overlaps(a, b), overlaps(b, a));
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
        articles: ArticleCounts {
            both: items.len(),
            moved: items.len() - stayed(a, &of_a),
            vanished: a.articles.len() - items.len(),
            appeared: b.articles.len() - items.len(),
        },
        stories: StoryCounts {
            same: of_a
                .iter()
                .zip(&a.stories)
                .filter(|(overlaps, story)| is_same(overlaps, story.members.len(), b))
                .count(),
            split,
            joined,
            vanished: vanished(a, &of_a),
            appeared: vanished(b, &of_b),
        },
        adjusted_rand: compare_groupings(&items).adjusted_rand,
        a: DiffSide::new(a_name, a),
        b: DiffSide::new(b_name, b),
        changes,
        changes_left_out,
        excerpts: BTreeMap::new(),
    }
}

impl DiffSide {
    fn new(name: &str, clustering: &Clustering) -> Self {
        let unlisted = clustering.stories.iter().map(|story| u64::from(story.size) - story.members.len() as u64);
        Self {
            name: name.to_owned(),
            articles: clustering.articles.len(),
            stories: clustering.stories.iter().filter(|story| !story.members.is_empty()).count(),
            unlisted: unlisted.sum(),
            repeated: clustering.repeated,
        }
    }
}

/// The articles of a story that belong to one story of the other clustering.
struct StoryOverlap<'c> {
    other: usize,
    articles: Vec<&'c Arc<str>>,
}

/// The overlaps of each story of a clustering, the largest first; of equal ones the one with the earliest article.
fn overlaps<'c>(clustering: &'c Clustering, other: &Clustering) -> Vec<Vec<StoryOverlap<'c>>> {
    let of_story = |members: &'c [Arc<str>]| {
        let (mut overlaps, mut index) = (Vec::<StoryOverlap<'c>>::new(), BTreeMap::new());
        for uri in members {
            let Some(entry) = counterpart(clustering, uri, other) else { continue };
            let at = *index.entry(entry.story).or_insert_with(|| {
                overlaps.push(StoryOverlap { other: entry.story, articles: Vec::new() });
                overlaps.len() - 1
            });
            overlaps[at].articles.push(uri);
        }
        overlaps.sort_by_key(|overlap| Reverse(overlap.articles.len()));
        overlaps
    };
    clustering.stories.iter().map(|story| of_story(&story.members)).collect()
}

/// The article of the other clustering that this one is: it has the same uri, else the same id at the same outlet, since a url
/// that was added or a setting that was changed makes another uri.
fn counterpart<'o>(clustering: &Clustering, uri: &str, other: &'o Clustering) -> Option<&'o ArticleEntry> {
    let by_id = || {
        let entry = clustering.articles.get(uri)?;
        other.find(entry.id.as_deref()?).filter(|(_, found)| found.source == entry.source)
    };
    other.articles.get(uri).or_else(|| by_id().map(|(_, found)| found))
}

/// The articles in both, with their stories as groups.
fn items(a: &Clustering, b: &Clustering) -> Vec<Item> {
    let item = |(uri, entry): (&Arc<str>, &ArticleEntry)| {
        let found = counterpart(a, uri, b)?.story;
        Some(Item { cluster: entry.story, story: entry.story, found })
    };
    a.articles.iter().filter_map(item).collect()
}

/// The number of articles that stayed: those in both stories of a pair.
fn stayed(a: &Clustering, of_a: &[Vec<StoryOverlap<'_>>]) -> usize {
    let of_story = |(story, overlaps)| std::iter::repeat(story).zip::<&Vec<StoryOverlap<'_>>>(overlaps);
    let mut pairs: Vec<(usize, &StoryOverlap<'_>)> = of_a.iter().enumerate().flat_map(of_story).collect();
    pairs.sort_by_key(|(_, overlap)| {
        let first = overlap.articles.first().map(|&uri| (a.articles[uri].event_at, uri));
        (Reverse(overlap.articles.len()), first)
    });
    let (mut of_one, mut of_other) = (BTreeSet::new(), BTreeSet::new());
    let mut is_free = |&(story, overlap): &(usize, &StoryOverlap<'_>)| {
        !of_one.contains(&story) && of_other.insert(overlap.other) && of_one.insert(story)
    };
    pairs.iter().filter(|pair| is_free(pair)).map(|(_, overlap)| overlap.articles.len()).sum()
}

/// Whether a story with this number of members is one story of the other clustering with exactly the same members.
fn is_same(overlaps: &[StoryOverlap<'_>], members: usize, other: &Clustering) -> bool {
    let [overlap] = overlaps else { return false };
    overlap.articles.len() == members && other.stories[overlap.other].members.len() == members
}

/// The number of stories without an article in the other clustering.
fn vanished(clustering: &Clustering, overlaps: &[Vec<StoryOverlap<'_>>]) -> usize {
    let stories = clustering.stories.iter().zip(overlaps);
    stories.filter(|(story, overlaps)| !story.members.is_empty() && overlaps.is_empty()).count()
}

/// The stories of a clustering whose articles belong to several stories of the other.
fn changes(
    kind: ChangeKind,
    clustering: &Clustering,
    other: &Clustering,
    overlaps: &[Vec<StoryOverlap<'_>>],
) -> Vec<StoryChange> {
    let part = |overlap: &StoryOverlap<'_>| StoryPart {
        story_id: other.stories[overlap.other].id,
        size: other.stories[overlap.other].size,
        articles: overlap.articles.iter().map(|uri| article(uri, clustering)).collect(),
    };
    let changed = clustering.stories.iter().zip(overlaps).filter(|(_, overlaps)| overlaps.len() > 1);
    let change = changed.map(|(story, overlaps)| StoryChange {
        kind,
        story_id: story.id,
        size: story.size,
        parts: overlaps.iter().map(part).collect(),
    });
    change.collect()
}

fn article(uri: &Arc<str>, clustering: &Clustering) -> DiffArticle {
    let source = clustering.articles.get(uri).map(|entry| entry.source.clone()).unwrap_or_default();
    DiffArticle { uri: uri.clone(), source }
}
