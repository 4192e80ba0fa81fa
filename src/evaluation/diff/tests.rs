use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::evaluation::ClusteringReader;
use crate::evaluation::clustering::tests::{clustering, story};

fn compare(a: &[&[&str]], b: &[&[&str]]) -> Diff {
    diff(("a", &clustering(a)), ("b", &clustering(b)), 20)
}

/// The kind and size of each change, and the sizes of its parts.
fn listed(diff: &Diff) -> Vec<(ChangeKind, u32, Vec<usize>)> {
    let sizes = |change: &StoryChange| change.parts.iter().map(|part| part.articles.len()).collect();
    diff.changes.iter().map(|change| (change.kind, change.size, sizes(change))).collect()
}

#[test]
fn a_clustering_equals_itself_with_other_story_ids() {
    let diff = compare(&[&["a", "b"], &["c"]], &[&["c"], &["a", "b"]]);
    assert_eq!(diff.articles, ArticleCounts { both: 3, moved: 0, vanished: 0, appeared: 0 });
    assert_eq!(diff.stories, StoryCounts { same: 2, split: 0, joined: 0, vanished: 0, appeared: 0 });
    assert_eq!((diff.changes.len(), diff.adjusted_rand.to_bits()), (0, 1f64.to_bits()));
}

#[test]
fn an_article_that_moves_splits_one_story_and_joins_another() {
    let diff = compare(&[&["a", "b", "c"], &["d", "e"]], &[&["a", "b"], &["c", "d", "e"]]);
    assert_eq!(listed(&diff), [(ChangeKind::Split, 3, vec![2, 1]), (ChangeKind::Joined, 3, vec![2, 1])]);
    assert_eq!((diff.articles.moved, diff.stories.same), (1, 0));
    let uris: Vec<&str> = diff.changes[1].parts[1].articles.iter().map(|article| &*article.uri).collect();
    assert_eq!(uris, ["c"]);
}

#[test]
fn the_part_with_the_earliest_article_comes_first_among_equal_parts() {
    let diff = compare(&[&["a", "b", "c", "d"]], &[&["c", "d"], &["a", "b"]]);
    assert_eq!(diff.articles.moved, 2);
    assert_eq!(&*diff.changes[0].parts[0].articles[0].uri, "a");
}

#[test]
fn a_story_is_paired_by_its_largest_overlap() {
    let diff = compare(&[&["a", "b", "c", "d", "e"], &["f", "g"]], &[&["a", "b", "c"], &["d", "e", "f", "g"]]);
    assert_eq!(diff.articles.moved, 2);
}

#[test]
fn articles_of_one_side_only_split_and_join_no_story() {
    let diff = compare(&[&["a", "b", "x"], &["y"]], &[&["a", "b", "z"], &["v", "w"]]);
    assert_eq!(diff.articles, ArticleCounts { both: 2, moved: 0, vanished: 2, appeared: 3 });
    assert_eq!(diff.stories, StoryCounts { same: 0, split: 0, joined: 0, vanished: 1, appeared: 1 });
}

#[test]
fn the_largest_changes_are_listed_and_the_rest_are_counted() {
    let a: [&[&str]; 3] = [&["a", "b"], &["c", "d", "e", "f"], &["g", "h", "i"]];
    let singles: Vec<&[&str]> = a.iter().flat_map(|members| members.chunks(1)).collect();
    let diff = diff(("a", &clustering(&a)), ("b", &clustering(&singles)), 2);
    assert_eq!(listed(&diff), [(ChangeKind::Split, 4, vec![1; 4]), (ChangeKind::Split, 3, vec![1; 3])]);
    assert_eq!((diff.changes_left_out, diff.stories.split, diff.articles.moved), (1, 3, 6));
    assert_eq!(diff.named().len(), 7);
}

#[test]
fn unlisted_articles_are_counted_and_reported() {
    let mut reader = ClusteringReader::default();
    let mut record = story(1, 1, &["a", "b"]);
    record["size"] = 70.into();
    reader.line("x", 1, record.to_string().as_bytes()).expect("a record");
    let diff = diff(("a", &reader.finish()), ("b", &clustering(&[&["a", "b"]])), 20);
    assert_eq!((diff.a.unlisted, diff.b.unlisted, diff.stories.same), (68, 0, 1));
    assert!(diff.to_string().contains("note: 68 articles of a are not compared: their stories count them"), "{diff}");
}

/// The story of an article in each of two clusterings; none where the clustering lacks the article.
type Assigned = (Option<usize>, Option<usize>);

/// Computes the counts directly from their definitions, by looking at every pair of stories and of articles.
struct Model(Vec<Assigned>);

impl Model {
    fn swapped(&self) -> Self {
        Self(self.0.iter().map(|&(a, b)| (b, a)).collect())
    }

    fn stories(&self) -> BTreeSet<usize> {
        self.0.iter().filter_map(|&(a, _)| a).collect()
    }

    fn members(&self, story: usize) -> Vec<usize> {
        (0..self.0.len()).filter(|&at| self.0[at].0 == Some(story)).collect()
    }

    fn shared(&self, a: usize, b: usize) -> Vec<usize> {
        (0..self.0.len()).filter(|&at| self.0[at] == (Some(a), Some(b))).collect()
    }

    fn split(&self) -> usize {
        let others = |a: usize| self.swapped().stories().into_iter().filter(|&b| !self.shared(a, b).is_empty()).count();
        self.stories().into_iter().filter(|&a| others(a) > 1).count()
    }

    fn vanished(&self) -> usize {
        let none = |a: usize| self.swapped().stories().into_iter().all(|b| self.shared(a, b).is_empty());
        self.stories().into_iter().filter(|&a| none(a)).count()
    }

    fn same(&self) -> usize {
        let others = self.swapped();
        let equal = |a: usize| others.stories().into_iter().any(|b| others.members(b) == self.members(a));
        self.stories().into_iter().filter(|&a| equal(a)).count()
    }

    /// Pairs the two stories that share most articles until no two share any, and counts the articles left over.
    fn moved(&self) -> usize {
        let (mut a, mut b) = (self.stories(), self.swapped().stories());
        let mut moved = self.0.iter().filter(|(a, b)| a.is_some() && b.is_some()).count();
        loop {
            let all = a.iter().flat_map(|&one| b.iter().map(move |&other| (one, other)));
            let sharing =
                all.map(|(one, other)| (self.shared(one, other), one, other)).filter(|pair| !pair.0.is_empty());
            let Some((shared, one, other)) = sharing.min_by_key(|pair| (Reverse(pair.0.len()), pair.0[0])) else {
                return moved;
            };
            moved -= shared.len();
            a.remove(&one);
            b.remove(&other);
        }
    }

    /// The first side as a clustering. Articles are published in the order of their numbers.
    fn clustering(&self) -> Clustering {
        let names: Vec<String> = (0..self.0.len()).map(|at| format!("{at:02}")).collect();
        let members = |story| self.members(story).into_iter().map(|at| names[at].as_str()).collect::<Vec<_>>();
        let mut reader = ClusteringReader::default();
        for id in self.stories() {
            let mut record = story(id as u128 + 1, 1, &members(id));
            for member in record["members"].as_array_mut().expect("a list") {
                member["event_at"] = format!("2026-03-02T08:{}:00Z", member["uri"].as_str().expect("text")).into();
            }
            reader.line("x", 1, record.to_string().as_bytes()).expect("a record");
        }
        reader.finish()
    }
}

proptest! {
    #[test]
    fn counting_by_the_definitions_gives_the_same_result(
        assigned in prop::collection::vec((prop::option::weighted(0.9, 0..6usize), prop::option::weighted(0.9, 0..6usize)), 0..40),
        limit in 0..8usize,
    ) {
        let model = Model(assigned);
        let (a, b) = (model.clustering(), model.swapped().clustering());
        let diff = diff(("a", &a), ("b", &b), limit);
        let count = |holds: fn(&Assigned) -> bool| model.0.iter().filter(|assigned| holds(assigned)).count();
        prop_assert_eq!(diff.articles, ArticleCounts {
            both: count(|(a, b)| a.is_some() && b.is_some()),
            moved: model.moved(),
            vanished: count(|(a, b)| a.is_some() && b.is_none()),
            appeared: count(|(a, b)| a.is_none() && b.is_some()),
        });
        let swapped = model.swapped();
        prop_assert_eq!(diff.stories, StoryCounts {
            same: model.same(),
            split: model.split(),
            joined: swapped.split(),
            vanished: model.vanished(),
            appeared: swapped.vanished(),
        });
        prop_assert_eq!((diff.a.stories, diff.b.stories), (model.stories().len(), swapped.stories().len()));
        prop_assert_eq!(diff.changes.len() + diff.changes_left_out, diff.stories.split + diff.stories.joined);
        prop_assert!(diff.changes.len() <= limit && diff.changes.is_sorted_by_key(|change| Reverse(change.apart())));
        for change in &diff.changes {
            prop_assert!(change.parts.len() > 1);
            prop_assert!(change.parts.is_sorted_by_key(|part| Reverse(part.articles.len())));
        }
        // The distance is the same in both directions, and 0 exactly if every article is together with the same others.
        let back = super::diff(("b", &b), ("a", &a), limit);
        prop_assert_eq!((back.articles.moved, back.adjusted_rand.to_bits()), (diff.articles.moved, diff.adjusted_rand.to_bits()));
        prop_assert_eq!(diff.articles.moved == 0, diff.stories.split + diff.stories.joined == 0);
    }
}
