//! A folding: which article stands in which story, as records of stories and verdicts tell it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use serde::Deserialize;

use super::table::LineError;
use crate::record::{Link, Match, Millis, Relation, Revision, StoryId, StoryRecord, StoryState, VerdictRecord};

/// How an article stands in its story.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The story: an index into [`Folding::stories`].
    pub story: usize,
    /// What it was judged to be.
    pub relation: Option<Relation>,
    /// How it matched; none of a story's first article.
    pub matched: Option<Match>,
    /// When it was published.
    pub published_at: Millis,
    /// Its outlet; empty where no record says one.
    pub source: Arc<str>,
}

/// One story of a folding.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Its id.
    pub id: StoryId,
    /// Its articles, also those that no record lists.
    pub size: u32,
    /// Its first language; empty where no record says one.
    pub language: Arc<str>,
    /// The file that it was read from: an index into [`Folding::files`].
    pub file: usize,
    /// The articles known to stand in it, in the order of their publication.
    pub members: Vec<Arc<str>>,
}

/// Which article stands in which story.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Folding {
    /// Where each article stands.
    pub articles: BTreeMap<Arc<str>, Place>,
    /// The stories.
    pub stories: Vec<Story>,
    /// The files that records were read from.
    pub files: Vec<String>,
    /// Links from articles to stories that they share passages with; only verdicts carry them.
    pub links: BTreeMap<Arc<str>, Vec<Link>>,
    /// Articles that two stories list; they count in the one of the higher id.
    pub repeated: usize,
}

impl Folding {
    /// Whether both articles stand in one story.
    #[must_use]
    pub fn joined(&self, a: &str, b: &str) -> bool {
        match (self.articles.get(a), self.articles.get(b)) {
            (Some(a), Some(b)) => a.story == b.story,
            _ => false,
        }
    }

    /// The number of articles of the story in which this one stands; an article of no story is alone.
    #[must_use]
    pub fn size(&self, article: &str) -> u32 {
        self.articles.get(article).map_or(1, |place| self.stories[place.story].size)
    }

    /// The verdict by which two joined articles came together: the one that names the other, else that of the later
    /// article, else that of the earlier one. None when they are apart, or when no record says.
    #[must_use]
    pub fn joining(&self, a: &str, b: &str) -> Option<(Relation, &Match)> {
        let (place_a, place_b) = (self.articles.get(a)?, self.articles.get(b)?);
        if place_a.story != place_b.story {
            return None;
        }
        let names = |place: &Place, other: &str| place.matched.as_ref().is_some_and(|m| &*m.matched_to == other);
        let later_is_a = (place_a.published_at, a) > (place_b.published_at, b);
        let (later, earlier) = if later_is_a { (place_a, place_b) } else { (place_b, place_a) };
        let earlier_names_later = names(earlier, if later_is_a { a } else { b });
        let later_names_earlier = names(later, if later_is_a { b } else { a });
        let in_order = if earlier_names_later && !later_names_earlier { [earlier, later] } else { [later, earlier] };
        in_order.into_iter().find_map(|place| Some((place.relation?, place.matched.as_ref()?)))
    }
}

/// Reads records of stories and of verdicts, in any order, into a folding.
///
/// Of several records of one story or article the highest revision counts, so that a dump of a topic will do. Stories
/// decide where an article stands, and verdicts where no story lists it: a story of one that was not published, or
/// one beyond the members that a topic's record lists. (The verdicts that a run over files writes stand as judged on
/// arrival: without its stories they miss the merges that came later.)
#[derive(Debug, Default)]
pub struct FoldingReader {
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

impl FoldingReader {
    /// Takes one line in, counted from 1. A tombstone of a compacted topic (`null`) is passed over.
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
                "no {} or {} ({error}); name files that `wirefold cluster` wrote",
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

    /// The number of a file; lines of one file come together.
    fn file(&mut self, name: &str) -> usize {
        if self.files.last().is_none_or(|last| last != name) {
            self.files.push(name.to_owned());
        }
        self.files.len() - 1
    }

    /// The folding that the records tell.
    #[must_use]
    pub fn finish(self) -> Folding {
        let Self { files, stories: records, verdicts } = self;
        let mut folding = Folding { files, ..Folding::default() };
        let mut index: BTreeMap<StoryId, usize> = BTreeMap::new();
        for Read { record, file } in records.values().filter(|read| read.record.state != StoryState::Merged) {
            let story = folding.stories.len();
            index.insert(record.story_id, story);
            folding.stories.push(Story {
                id: record.story_id,
                size: record.size,
                language: record.languages.first().cloned().unwrap_or_default(),
                file: *file,
                members: Vec::new(),
            });
            for member in &record.members {
                let place = Place {
                    story,
                    relation: Some(member.relation),
                    matched: member.matched.clone(),
                    published_at: member.published_at,
                    source: member.source.clone(),
                };
                folding.repeated += usize::from(folding.articles.insert(member.uri.clone(), place).is_some());
            }
        }
        for (uri, Read { record: verdict, file }) in verdicts {
            let Some(id) = verdict.story_id.map(|id| redirected(&records, id)) else { continue };
            if !folding.articles.contains_key(&uri) {
                let story = *index.entry(id).or_insert_with(|| {
                    folding.stories.push(Story { id, size: 0, language: Arc::default(), file, members: Vec::new() });
                    folding.stories.len() - 1
                });
                let VerdictRecord { relation, matched, published_at, source, .. } = verdict;
                let source = source.unwrap_or_default();
                folding.articles.insert(uri.clone(), Place { story, relation, matched, published_at, source });
            }
            if !verdict.links.is_empty() {
                let to = |link: Link| Link { story_id: redirected(&records, link.story_id), ..link };
                folding.links.insert(uri, verdict.links.into_iter().map(to).collect());
            }
        }
        let mut by_time: Vec<_> = folding.articles.iter().collect();
        by_time.sort_by_key(|(_, place)| place.published_at);
        for (uri, place) in by_time {
            folding.stories[place.story].members.push(uri.clone());
        }
        for story in &mut folding.stories {
            story.size = story.size.max(story.members.len() as u32);
        }
        folding
    }
}

/// Keeps the newer of two records; of two equal ones the one read last.
fn newest<K: Ord, T>(entry: Entry<'_, K, Read<T>>, read: Read<T>, revision: impl Fn(&T) -> Revision) {
    match entry {
        Entry::Occupied(mut standing) => {
            if revision(&standing.get().record) <= revision(&read.record) {
                standing.insert(read);
            }
        }
        Entry::Vacant(place) => _ = place.insert(read),
    }
}

/// The story in which this one goes on. Redirects that go round in a circle are damage, and end.
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
