//! A grouping that is taken for right: of labels, or of another folding.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::agreement::Item;
use super::folding::Folding;
use super::split::Half;
use super::table::{LineError, Table};

/// Articles with their cluster and the looser story around it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterSet {
    /// How reports call it.
    pub name: String,
    articles: BTreeMap<Arc<str>, Group>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Group {
    cluster: usize,
    story: usize,
}

impl ClusterSet {
    /// Reads a table with the columns `article`, `cluster` and, if some pairs are to be left out, `story`. Each line
    /// comes with its number, counted from 1.
    pub fn read(file: &str, lines: impl IntoIterator<Item = (u64, Vec<u8>)>) -> Result<Self, LineError> {
        let table = Table::read(file, lines, &["article", "cluster"])?;
        let (mut clusters, mut stories) = (BTreeMap::new(), BTreeMap::new());
        let mut set = Self { name: file.to_owned(), articles: BTreeMap::new() };
        for row in table.rows() {
            let (article, cluster) = (row.required("article")?, row.required("cluster")?);
            // Clusters and stories have names of their own: a cluster without a story is one.
            let story = match row.get("story") {
                "" => (true, cluster),
                story => (false, story),
            };
            let next = stories.len();
            let story = *stories.entry(story).or_insert(next);
            let next = clusters.len();
            let group = *clusters.entry(cluster).or_insert(Group { cluster: next, story });
            if group.story != story {
                return Err(row.error(format!("cluster {cluster} stands in two stories; a story holds whole clusters")));
            }
            if set.articles.insert(article.into(), group).is_some() {
                return Err(row.error(format!("{article} has a line already; keep one of them")));
            }
        }
        Ok(set)
    }

    /// The stories of another folding; nothing is left out.
    #[must_use]
    pub fn of_folding(folding: &Folding) -> Self {
        let group = |story| Group { cluster: story, story };
        let articles = folding.articles.iter().map(|(id, place)| (id.clone(), group(place.story)));
        Self { name: folding.files.join(", "), articles: articles.collect() }
    }

    /// Only the stories of one half: the hash of a story's smallest article picks it.
    #[must_use]
    pub fn half(mut self, half: Half) -> Self {
        let mut halves: BTreeMap<usize, Half> = BTreeMap::new();
        self.articles.retain(|id, group| *halves.entry(group.story).or_insert_with(|| Half::of(id)) == half);
        self
    }

    /// The articles.
    pub fn articles(&self) -> impl Iterator<Item = &Arc<str>> {
        self.articles.keys()
    }

    /// Each article with where it is found; one that no story holds is found alone.
    pub(super) fn items(&self, folding: &Folding) -> Vec<Item> {
        let mut alone = folding.stories.len();
        let item = |(id, group): (&Arc<str>, &Group)| {
            let found = folding.articles.get(id).map_or_else(
                || {
                    alone += 1;
                    alone
                },
                |place| place.story,
            );
            Item { cluster: group.cluster, story: group.story, found }
        };
        self.articles.iter().map(item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::folding::tests::folding;

    fn read(text: &str) -> Result<ClusterSet, String> {
        let lines = text.lines().enumerate().map(|(at, line)| (at as u64 + 1, line.as_bytes().to_vec()));
        ClusterSet::read("x.tsv", lines).map_err(|error| error.to_string())
    }

    #[test]
    fn a_cluster_without_a_story_is_a_story_of_its_own() {
        let set = read("article\tcluster\tstory\na\t1\t2\nb\t2\t\nc\t3\t2").expect("a set");
        let items = set.items(&folding(&[&["a", "b"], &["c"]]));
        let groups: Vec<_> = items.iter().map(|item| (item.cluster, item.story, item.found)).collect();
        assert_eq!(groups, [(0, 0, 0), (1, 1, 0), (2, 0, 1)]);
    }

    #[test]
    fn articles_that_no_story_holds_are_alone_each_for_itself() {
        let set = read("article\tcluster\nx\t1\ny\t1\na\t1").expect("a set");
        let items = set.items(&folding(&[&["a", "b"]]));
        let mut found: Vec<_> = items.iter().map(|item| item.found).collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn what_contradicts_itself_is_named_by_line() {
        let head = "article\tcluster\tstory\na\t1\t1\n";
        for (row, message) in [
            ("b\t1\t2", "x.tsv:3: cluster 1 stands in two stories"),
            ("a\t1\t1", "x.tsv:3: a has a line already"),
            ("b", "x.tsv:3: nothing under cluster"),
        ] {
            let error = read(&format!("{head}{row}")).expect_err("an error");
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn a_half_holds_whole_stories_and_the_other_half_the_rest() {
        let rows: Vec<String> = (0..100).map(|at| format!("a{at}\tc{}\ts{}", at / 3, at / 6)).collect();
        let set = read(&format!("article\tcluster\tstory\n{}", rows.join("\n"))).expect("a set");
        let (a, b) = (set.clone().half(Half::A), set.clone().half(Half::B));
        assert_eq!(a.articles.len() + b.articles.len(), 100);
        assert!(!a.articles.is_empty() && !b.articles.is_empty());
        let of_b: Vec<usize> = b.articles.values().map(|group| group.story).collect();
        assert!(a.articles.values().all(|group| !of_b.contains(&group.story)));
    }
}
