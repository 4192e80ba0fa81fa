//! A clustering, read from records of stories and verdicts: which article belongs to which story.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use serde::Deserialize;

use super::table::LineError;
use crate::record::{Link, Match, Millis, Relation, Revision, StoryId, StoryRecord, StoryState, VerdictRecord};

/// An article of a clustering.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleEntry {
    /// The story: an index into [`Clustering::stories`].
    pub story: usize,
    /// How it relates to its story; none where no record reports it.
    pub relation: Option<Relation>,
    /// How it matched; none for a story's first article.
    pub matched: Option<Match>,
    /// The id in its raw record, as it came; none where no record reports one.
    pub id: Option<Arc<str>>,
    /// The time that its story goes by.
    pub event_at: Millis,
    /// Its outlet; empty where no record names one.
    pub source: Arc<str>,
}

/// One story of a clustering.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Its id.
    pub id: StoryId,
    /// The number of its articles, including those that no record lists.
    pub size: u32,
    /// Its first language; empty where no record names one.
    pub language: Arc<str>,
    /// The file that it was read from: an index into [`Clustering::files`].
    pub file: usize,
    /// Its known articles, in the order of publication.
    pub members: Vec<Arc<str>>,
}

/// Which article belongs to which story.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clustering {
    /// All articles by uri.
    pub articles: BTreeMap<Arc<str>, ArticleEntry>,
    /// The stories.
    pub stories: Vec<Story>,
    /// The files that records were read from.
    pub files: Vec<String>,
    /// Links from articles to stories that they share passages with; only verdicts carry them.
    pub links: BTreeMap<Arc<str>, Vec<Link>>,
    /// The uri of each id that raw records state; none where several articles have the id.
    by_id: BTreeMap<Arc<str>, Option<Arc<str>>>,
    /// The number of articles that two stories list. Each counts in the story with the higher id.
    pub repeated: usize,
}

impl Clustering {
    /// The article of this name, with its uri: the name is its uri, or the id in its raw record where no other article has
    /// it.
    pub fn find(&self, name: &str) -> Option<(&Arc<str>, &ArticleEntry)> {
        let of_id = || self.articles.get_key_value(self.by_id.get(name)?.as_ref()?);
        self.articles.get_key_value(name).or_else(of_id)
    }

    /// Whether both articles belong to one story.
    pub fn joined(&self, a: &str, b: &str) -> bool {
        match (self.find(a), self.find(b)) {
            (Some((_, a)), Some((_, b))) => a.story == b.story,
            _ => false,
        }
    }

    /// The size of the story to which this article belongs; 1 for an article of no story.
    pub fn size(&self, article: &str) -> u32 {
        self.find(article).map_or(1, |(_, entry)| self.stories[entry.story].size)
    }

    /// The relation and match that joined two articles: those of the article that matched the other, else those of the
    /// later article, else those of the earlier one. None if they are apart, or if no record reports a match.
    pub fn joining(&self, a: &str, b: &str) -> Option<(Relation, &Match)> {
        let ((a, entry_a), (b, entry_b)) = (self.find(a)?, self.find(b)?);
        if entry_a.story != entry_b.story {
            return None;
        }
        let names = |entry: &ArticleEntry, other: &str| entry.matched.as_ref().is_some_and(|m| &*m.matched_to == other);
        let later_is_a = (entry_a.event_at, a) > (entry_b.event_at, b);
        let (later, earlier) = if later_is_a { (entry_a, entry_b) } else { (entry_b, entry_a) };
        let earlier_names_later = names(earlier, if later_is_a { a } else { b });
        let later_names_earlier = names(later, if later_is_a { b } else { a });
        let in_order = if earlier_names_later && !later_names_earlier { [earlier, later] } else { [later, earlier] };
        in_order.into_iter().find_map(|entry| Some((entry.relation?, entry.matched.as_ref()?)))
    }
}

/// Reads records of stories and of verdicts, in any order, into a clustering.
///
/// Of several records of one story or article the highest revision counts, so the dump of a topic can be read as it is.
/// Story records decide to which story an article belongs. Verdicts count only for articles that no story record lists:
/// a story of one article that was not published, or members beyond those that the record lists. (A run over files
/// writes each verdict as decided on arrival: without its stories, later merges are missing.)
#[derive(Debug, Default)]
pub struct ClusteringReader {
    files: Vec<String>,
    stories: BTreeMap<StoryId, Read<StoryRecord>>,
    verdicts: BTreeMap<Arc<str>, Read<VerdictRecord>>,
}

/// A record and the file that it was read from.
#[derive(Debug)]
struct Read<T> {
    record: T,
    file: usize,
}

#[derive(Deserialize)]
struct Schema<'r> {
    schema: &'r str,
}

impl ClusteringReader {
    /// Reads one line; `line` is its number, counted from 1. A tombstone of a compacted topic (`null`) is skipped.
    pub fn line(&mut self, file: &str, line: u64, bytes: &[u8]) -> Result<(), LineError> {
        let read = match serde_json::from_slice(bytes) {
            Ok(None) => return Ok(()),
            Ok(Some(Schema { schema: StoryRecord::SCHEMA })) => {
                serde_json::from_slice(bytes).map(|record| self.story(record, file))
            }
            Ok(Some(Schema { schema: VerdictRecord::SCHEMA })) => {
                serde_json::from_slice(bytes).map(|record| self.verdict(record, file))
            }
            Ok(Some(Schema { schema })) => Err(serde::de::Error::custom(format!("the schema is {schema}"))),
            Err(error) => Err(error),
        };
        read.map_err(|error| LineError {
            file: file.to_owned(),
            line,
            problem: format!(
                "not a {} or {} record ({error}); give files that `wirefold cluster` wrote",
                StoryRecord::SCHEMA,
                VerdictRecord::SCHEMA
            ),
        })
    }

    fn story(&mut self, record: StoryRecord, file: &str) {
        let read = Read { file: self.file(file), record };
        newest(self.stories.entry(read.record.story_id), read, |story| story.revision);
    }

    fn verdict(&mut self, record: VerdictRecord, file: &str) {
        let read = Read { file: self.file(file), record };
        newest(self.verdicts.entry(read.record.uri.clone()), read, |verdict| verdict.revision);
    }

    /// The index of a file. The lines of one file come without others between them.
    fn file(&mut self, name: &str) -> usize {
        if self.files.last().is_none_or(|last| last != name) {
            self.files.push(name.to_owned());
        }
        self.files.len() - 1
    }

    /// The clustering of all records read.
    pub fn finish(self) -> Clustering {
        let Self { files, stories: records, verdicts } = self;
        let mut clustering = Clustering { files, ..Clustering::default() };
        let mut index: BTreeMap<StoryId, usize> = BTreeMap::new();
        for Read { record, file } in records.values().filter(|read| read.record.state != StoryState::Merged) {
            let story = clustering.stories.len();
            index.insert(record.story_id, story);
            clustering.stories.push(Story {
                id: record.story_id,
                size: record.size,
                language: record.languages.first().cloned().unwrap_or_default(),
                file: *file,
                members: Vec::new(),
            });
            for member in &record.members {
                let entry = ArticleEntry {
                    story,
                    relation: Some(member.relation),
                    matched: member.matched.clone(),
                    event_at: member.event_at,
                    id: member.id.clone(),
                    source: member.source.clone(),
                };
                clustering.repeated += usize::from(clustering.articles.insert(member.uri.clone(), entry).is_some());
            }
        }
        for (uri, Read { record: verdict, file }) in verdicts {
            let Some(id) = verdict.story_id.map(|id| redirected(&records, id)) else { continue };
            if !clustering.articles.contains_key(&uri) {
                let story = *index.entry(id).or_insert_with(|| {
                    clustering.stories.push(Story { id, size: 0, language: Arc::default(), file, members: Vec::new() });
                    clustering.stories.len() - 1
                });
                let VerdictRecord { id, relation, matched, event_at, source, .. } = verdict;
                let source = source.unwrap_or_default();
                clustering
                    .articles
                    .insert(uri.clone(), ArticleEntry { story, relation, matched, id, event_at, source });
            }
            if !verdict.links.is_empty() {
                let to = |link: Link| Link { story_id: redirected(&records, link.story_id), ..link };
                clustering.links.insert(uri, verdict.links.into_iter().map(to).collect());
            }
        }
        for (uri, entry) in &clustering.articles {
            if let Some(id) = entry.id.as_ref().filter(|id| *id != uri) {
                clustering.by_id.entry(id.clone()).and_modify(|uri| *uri = None).or_insert_with(|| Some(uri.clone()));
            }
        }
        let mut by_time: Vec<_> = clustering.articles.iter().collect();
        by_time.sort_by_key(|(_, entry)| entry.event_at);
        for (uri, entry) in by_time {
            clustering.stories[entry.story].members.push(uri.clone());
        }
        for story in &mut clustering.stories {
            story.size = story.size.max(story.members.len() as u32);
        }
        clustering
    }
}

/// Keeps the record of the higher revision; of equal revisions the one read last.
fn newest<K: Ord, T>(entry: Entry<'_, K, Read<T>>, read: Read<T>, revision: impl Fn(&T) -> Revision) {
    match entry {
        Entry::Occupied(mut known) => {
            if revision(&known.get().record) <= revision(&read.record) {
                known.insert(read);
            }
        }
        Entry::Vacant(vacant) => _ = vacant.insert(read),
    }
}

/// The story into which this one was merged, directly or by others; itself if it was not. Damaged records can redirect in
/// a circle: the number of steps is bounded.
fn redirected(records: &BTreeMap<StoryId, Read<StoryRecord>>, mut id: StoryId) -> StoryId {
    for _ in 0..records.len() {
        match records.get(&id).map(|read| &read.record) {
            Some(StoryRecord { state: StoryState::Merged, merged_into: Some(into), .. }) => id = *into,
            _ => break,
        }
    }
    id
}

#[cfg(test)]
pub(super) mod tests;
