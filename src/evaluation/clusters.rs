//! Reference groupings: from a label file, or from another clustering.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::adjusted_rand::Item;
use super::clustering::Clustering;
use super::split::Half;
use super::table::{LineError, TextTable};

/// A reference grouping: articles with their cluster and with the looser story around it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterSet {
    /// Its name in reports.
    pub name: String,
    articles: BTreeMap<Arc<str>, ClusterLabel>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ClusterLabel {
    cluster: usize,
    story: usize,
}

impl ClusterSet {
    /// Reads a table with the columns `article` and `cluster`, and optionally `story`: pairs of one story and different
    /// clusters are left out. Each line comes with its number, counted from 1.
    pub fn read(file: &str, lines: impl IntoIterator<Item = (u64, Vec<u8>)>) -> Result<Self, LineError> {
        let table = TextTable::read(file, lines, &["article", "cluster"])?;
        let (mut clusters, mut stories) = (BTreeMap::new(), BTreeMap::new());
        let mut set = Self { name: file.to_owned(), articles: BTreeMap::new() };
        for row in table.rows() {
            let (article, cluster) = (row.required("article")?, row.required("cluster")?);
            // A cluster without a story is a story of its own. Names of clusters and of stories must not be mixed up.
            let story = match row.get("story") {
                "" => (true, cluster),
                story => (false, story),
            };
            let next = stories.len();
            let story = *stories.entry(story).or_insert(next);
            let next = clusters.len();
            let label = *clusters.entry(cluster).or_insert(ClusterLabel { cluster: next, story });
            if label.story != story {
                return Err(row.error(format!("cluster {cluster} is in two stories; a story contains whole clusters")));
            }
            if set.articles.insert(article.into(), label).is_some() {
                return Err(row.error(format!("{article} already has a line; keep one of them")));
            }
        }
        Ok(set)
    }

    /// The stories of another clustering as clusters; no pair is left out.
    pub fn from_clustering(clustering: &Clustering) -> Self {
        let label = |story| ClusterLabel { cluster: story, story };
        let articles = clustering.articles.iter().map(|(id, entry)| (id.clone(), label(entry.story)));
        Self { name: clustering.files.join(", "), articles: articles.collect() }
    }

    /// Keeps the stories of one half. A hash of the smallest article id of a story decides its half.
    #[must_use]
    pub fn half(mut self, half: Half) -> Self {
        let mut halves: BTreeMap<usize, Half> = BTreeMap::new();
        self.articles.retain(|id, label| *halves.entry(label.story).or_insert_with(|| Half::of(id)) == half);
        self
    }

    /// The ids of its articles.
    pub fn articles(&self) -> impl Iterator<Item = &Arc<str>> {
        self.articles.keys()
    }

    /// Each article with its story in `clustering`. An article that no story contains is a group of its own.
    pub(super) fn items(&self, clustering: &Clustering) -> Vec<Item> {
        let mut alone = clustering.stories.len();
        let item = |(id, label): (&Arc<str>, &ClusterLabel)| {
            let found = clustering.find(id).map_or_else(
                || {
                    alone += 1;
                    alone
                },
                |(_, entry)| entry.story,
            );
            Item { cluster: label.cluster, story: label.story, found }
        };
        self.articles.iter().map(item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::clustering::tests::clustering;

    fn read(text: &str) -> Result<ClusterSet, String> {
        let lines = text.lines().enumerate().map(|(at, line)| (at as u64 + 1, line.as_bytes().to_vec()));
        ClusterSet::read("x.tsv", lines).map_err(|error| error.to_string())
    }

    #[test]
    fn a_cluster_without_a_story_is_a_story_of_its_own() {
        let set = read("article\tcluster\tstory\na\t1\t2\nb\t2\t\nc\t3\t2").expect("a set");
        let items = set.items(&clustering(&[&["a", "b"], &["c"]]));
        let groups: Vec<_> = items.iter().map(|item| (item.cluster, item.story, item.found)).collect();
        assert_eq!(groups, [(0, 0, 0), (1, 1, 0), (2, 0, 1)]);
    }

    #[test]
    fn each_article_that_no_story_contains_is_a_group_of_its_own() {
        let set = read("article\tcluster\nx\t1\ny\t1\na\t1").expect("a set");
        let items = set.items(&clustering(&[&["a", "b"]]));
        let mut found: Vec<_> = items.iter().map(|item| item.found).collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_contradiction_is_reported_with_its_line() {
        let head = "article\tcluster\tstory\na\t1\t1\n";
        for (row, message) in [
            ("b\t1\t2", "x.tsv:3: cluster 1 is in two stories"),
            ("a\t1\t1", "x.tsv:3: a already has a line"),
            ("b", "x.tsv:3: the column cluster is empty"),
        ] {
            let error = read(&format!("{head}{row}")).expect_err("an error");
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn a_half_contains_whole_stories_and_the_other_half_the_rest() {
        let rows: Vec<String> = (0..100).map(|at| format!("a{at}\tc{}\ts{}", at / 3, at / 6)).collect();
        let set = read(&format!("article\tcluster\tstory\n{}", rows.join("\n"))).expect("a set");
        let (a, b) = (set.clone().half(Half::A), set.clone().half(Half::B));
        assert_eq!(a.articles.len() + b.articles.len(), 100);
        assert!(!a.articles.is_empty() && !b.articles.is_empty());
        let of_b: Vec<usize> = b.articles.values().map(|label| label.story).collect();
        assert!(a.articles.values().all(|label| !of_b.contains(&label.story)));
    }
}
