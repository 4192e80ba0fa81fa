//! What a folding has wrong, for people to read.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;

use super::folding::Folding;
use super::labels::{Label, PairSet};
use crate::record::{Match, Relation};

/// A pair that the folding has otherwise than its label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mistake {
    /// The set of the label.
    pub set: String,
    /// The articles.
    pub articles: [Arc<str>; 2],
    /// The sizes of their stories.
    pub story_sizes: [u32; 2],
    /// What a person says.
    pub label: Label,
    /// How sure the person is.
    pub confidence: Option<u8>,
    /// Whether the folding has them in one story.
    pub joined: bool,
    /// By which verdict they came together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// The numbers of that verdict.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matched: Option<Match>,
}

/// Pairs that belong together and are apart, and those that are joined and do not (`partial` among them), the surest
/// labels first.
#[must_use]
pub fn mistakes(sets: &[PairSet], folding: &Folding) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for set in sets {
        for pair in &set.pairs {
            let joined = folding.joined(&pair.a, &pair.b);
            if joined == pair.label.is_positive() {
                continue;
            }
            let joining = folding.joining(&pair.a, &pair.b);
            mistakes.push(Mistake {
                set: set.name.clone(),
                articles: [pair.a.clone(), pair.b.clone()],
                story_sizes: [folding.size(&pair.a), folding.size(&pair.b)],
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
    use crate::eval::LabelledPair;
    use crate::eval::folding::tests::folding;

    #[test]
    fn what_is_wrong_is_listed_with_the_surest_labels_first() {
        let folding = folding(&[&["a", "b", "c"], &["d"]]);
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
        let set = PairSet { name: "set".to_owned(), pairs, unjudged: 0 };
        let found = mistakes(&[set], &folding);
        let seen: Vec<_> = found.iter().map(|mistake| (&*mistake.articles[0], &*mistake.articles[1])).collect();
        assert_eq!(seen, [("b", "d"), ("b", "c"), ("a", "c")]);
        assert_eq!((found[0].joined, found[0].story_sizes, found[0].relation), (false, [3, 1], None));
        assert_eq!((found[1].joined, found[1].relation), (true, Some(Relation::Near)));
    }
}
