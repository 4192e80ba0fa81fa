//! The pairs that a clustering has wrong, for people to inspect.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;

use super::clustering::Clustering;
use super::labels::{Label, PairSet};
use crate::record::{Match, Relation};

/// A pair for which the clustering contradicts the label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mistake {
    /// The set of the label.
    pub set: String,
    /// The articles.
    pub articles: [Arc<str>; 2],
    /// The sizes of their stories.
    pub story_sizes: [u32; 2],
    /// The label that a person gave.
    pub label: Label,
    /// How sure the person is, from 1 (a guess) to 3 (sure).
    pub confidence: Option<u8>,
    /// Whether the clustering puts both articles into one story.
    pub joined: bool,
    /// The relation by which they were joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// The match by which they were joined.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matched: Option<Match>,
}

/// Lists the pairs that belong together and are apart, and the pairs that are joined and do not belong together (`partial`
/// counts among these); the surest labels come first.
pub fn mistakes(sets: &[PairSet], clustering: &Clustering) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for set in sets {
        for pair in &set.pairs {
            let joined = clustering.joined(&pair.a, &pair.b);
            if joined == pair.label.is_positive() {
                continue;
            }
            let joining = clustering.joining(&pair.a, &pair.b);
            mistakes.push(Mistake {
                set: set.name.clone(),
                articles: [pair.a.clone(), pair.b.clone()],
                story_sizes: [clustering.size(&pair.a), clustering.size(&pair.b)],
                label: pair.label,
                confidence: pair.confidence,
                joined,
                relation: joining.map(|(relation, _)| relation),
                matched: joining.map(|(_, matched)| matched.clone()),
            });
        }
    }
    mistakes.sort_by_key(|mistake| (Reverse(mistake.confidence), mistake.label));
    mistakes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::LabelledPair;
    use crate::evaluation::clustering::tests::clustering;

    #[test]
    fn mistakes_are_listed_with_the_surest_labels_first() {
        let clustering = clustering(&[&["a", "b", "c"], &["d"]]);
        let pair = |a: &str, b: &str, label, confidence| LabelledPair {
            a: a.into(),
            b: b.into(),
            label,
            confidence,
            weight: 1.0,
        };
        let pairs = vec![
            pair("a", "b", Label::Copy, Some(3)),
            pair("b", "c", Label::Partial, Some(1)),
            pair("c", "d", Label::Different, Some(3)),
            pair("a", "c", Label::Different, None),
            pair("b", "d", Label::Rewrite, Some(3)),
        ];
        let set = PairSet { name: "set".to_owned(), pairs, unlabelled: 0 };
        let found = mistakes(&[set], &clustering);
        let seen: Vec<_> = found.iter().map(|mistake| (&*mistake.articles[0], &*mistake.articles[1])).collect();
        assert_eq!(seen, [("b", "d"), ("b", "c"), ("a", "c")]);
        assert_eq!((found[0].joined, found[0].story_sizes, found[0].relation), (false, [3, 1], None));
        assert_eq!((found[1].joined, found[1].relation), (true, Some(Relation::Near)));
    }
}
