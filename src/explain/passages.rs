//! Where two texts are the same, and what of them is left out of the comparison.

use std::collections::BTreeSet;
use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;

use crate::article::Article;
use crate::sign::{Lexicon, SegmentKind, segments, shingle_hashes, tokens_with_spans};

/// A stretch of a text. Stretches that no passage covers are the article's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Passage {
    /// Its first byte in the text.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
    /// What it is.
    pub what: What,
}

impl Passage {
    /// Where it stands.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// What a passage is: shared, or left out for a reason. A word that is two of these is the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// Pairs of words that stand in the other text too.
    Shared,
    /// The outlet has printed it in two earlier articles: it prints it anyway.
    PrintedBefore,
    /// It stands in the other text too, but that one's outlet prints it anyway.
    OtherPrintsAnyway,
    /// The headline, repeated above the text.
    Headline,
    /// Place, date and outlet before the first sentence.
    Dateline,
    /// Who wrote or sent it.
    Credit,
    /// Rights and opinions.
    Disclaimer,
    /// A source named as such.
    SourceLabel,
    /// "Read also", with the headlines that stand beside it.
    ReadAlso,
    /// What follows that: other articles.
    Tail,
}

impl What {
    /// In words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::PrintedBefore => "this outlet prints it anyway",
            Self::OtherPrintsAnyway => "the other outlet prints it anyway",
            Self::Headline => "headline above the text",
            Self::Dateline => "dateline",
            Self::Credit => "credit line",
            Self::Disclaimer => "disclaimer",
            Self::SourceLabel => "source label",
            Self::ReadAlso => "read-also marker",
            Self::Tail => "tail after a read-also marker",
        }
    }

    /// What a part of a page is; none for its body.
    fn of(kind: SegmentKind) -> Option<Self> {
        Some(match kind {
            SegmentKind::Body => return None,
            SegmentKind::Title => Self::Headline,
            SegmentKind::Dateline => Self::Dateline,
            SegmentKind::Credit => Self::Credit,
            SegmentKind::Disclaimer => Self::Disclaimer,
            SegmentKind::SourceLabel => Self::SourceLabel,
            SegmentKind::ReadAlso => Self::ReadAlso,
            SegmentKind::Tail => Self::Tail,
        })
    }
}

/// The words of an article that are compared, and the parts of its page that are not.
#[derive(Debug)]
pub(super) struct Words {
    /// Where each word stands, and in which run of words without a part between them.
    places: Vec<(Range<usize>, usize)>,
    /// The 2-shingles, the one at `i` of the words `i` and `i + 1`.
    shingles: Vec<u32>,
    aside: Vec<Passage>,
}

impl Words {
    pub(super) fn of(article: &Article, lexicon: &Lexicon) -> Self {
        let (mut tokens, mut places, mut aside) = (Vec::new(), Vec::new(), Vec::new());
        for (run, segment) in segments(article, lexicon).into_iter().enumerate() {
            let text = &article.body[segment.span.clone()];
            match What::of(segment.kind) {
                None => {
                    for (token, span) in tokens_with_spans(text) {
                        tokens.push(token);
                        places.push((segment.span.start + span.start..segment.span.start + span.end, run));
                    }
                }
                Some(what) => {
                    let start = segment.span.start + (text.len() - text.trim_start().len());
                    let end = start + text.trim().len();
                    aside.push(Passage { start, end, what });
                }
            }
        }
        Self { places, shingles: shingle_hashes(&tokens), aside }
    }

    /// How many words are compared.
    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    /// The passages of this text beside the other one, in order and without overlap. `prints` and `other_prints` say
    /// what the outlets of the two print anyway.
    pub(super) fn passages(
        &self,
        other: &Self,
        prints: impl Fn(u32) -> bool,
        other_prints: impl Fn(u32) -> bool,
    ) -> Vec<Passage> {
        let theirs: BTreeSet<u32> = other.shingles.iter().copied().collect();
        let mut words: Vec<Option<What>> = vec![None; self.places.len()];
        for (at, &shingle) in self.shingles.iter().enumerate() {
            let what = if prints(shingle) {
                What::PrintedBefore
            } else if !theirs.contains(&shingle) {
                continue;
            } else if other_prints(shingle) {
                What::OtherPrintsAnyway
            } else {
                What::Shared
            };
            for word in words.iter_mut().skip(at).take(2) {
                *word = Some(word.map_or(what, |already| already.min(what)));
            }
        }
        let mut passages = self.aside.clone();
        let mut last: Option<(usize, Passage)> = None;
        for ((span, run), what) in self.places.iter().zip(words) {
            match (&mut last, what) {
                (Some((open, passage)), Some(what)) if open == run && passage.what == what => passage.end = span.end,
                _ => {
                    passages.extend(last.take().map(|(_, passage)| passage));
                    last = what.map(|what| (*run, Passage { start: span.start, end: span.end, what }));
                }
            }
        }
        passages.extend(last.map(|(_, passage)| passage));
        in_order(passages)
    }
}

/// Neighbouring words of a script without spaces have a character in common: the first passage keeps it.
fn in_order(mut passages: Vec<Passage>) -> Vec<Passage> {
    passages.sort_by_key(|passage| (passage.start, passage.end));
    let mut end = 0;
    passages.retain_mut(|passage| {
        passage.start = passage.start.max(end);
        end = end.max(passage.end);
        passage.start < passage.end
    });
    passages
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Words {
        Words::of(&Article { body: text.to_owned(), ..Article::default() }, &Lexicon::default())
    }

    fn shown<'t>(text: &'t str, passages: &[Passage]) -> Vec<(&'t str, What)> {
        passages.iter().map(|passage| (&text[passage.range()], passage.what)).collect()
    }

    #[test]
    fn what_stands_in_both_texts_is_shared_however_it_is_written() {
        let (a, b) =
            ("Yesterday the OLD mill “burned down” at night.", "They say the old mill burned down, and then not.");
        let passages = words(a).passages(&words(b), |_| false, |_| false);
        assert_eq!(shown(a, &passages), [("the OLD mill “burned down", What::Shared)]);
        let (a, b) = ("قال الوزير إنّ الميناء فُتِح أمس", "أعلن أن الميناء فتح امس رسميا");
        let passages = words(a).passages(&words(b), |_| false, |_| false);
        assert_eq!(shown(a, &passages), [("إنّ الميناء فُتِح أمس", What::Shared)]);
    }

    #[test]
    fn what_an_outlet_prints_anyway_is_not_shared() {
        let text = "one two three four five";
        let (mine, same) = (words(text), words(text));
        let first = mine.shingles[0];
        let last = mine.shingles[3];
        let passages = mine.passages(&same, |shingle| shingle == first, |shingle| shingle == last);
        let expected =
            [("one", What::PrintedBefore), ("two three four", What::Shared), ("five", What::OtherPrintsAnyway)];
        assert_eq!(shown(text, &passages), expected);
    }

    #[test]
    fn scripts_without_spaces_have_passages_too() {
        let (a, b) = ("新华社北京报道", "据新华社东京");
        let passages = words(a).passages(&words(b), |_| false, |_| false);
        assert_eq!(shown(a, &passages), [("新华社", What::Shared)]);
    }

    proptest! {
        #[test]
        fn passages_are_in_order_apart_and_between_characters(
            a in "(\\PC|[ا-ي新华あアー \n]|Read also: |وكالات|the old mill ){0,120}",
            b in "(\\PC|[ا-ي新华あアー \n]|Source: |the old mill ){0,120}",
            printed in any::<u32>(),
        ) {
            let (first, second) = (words(&a), words(&b));
            let prints = |shingle: u32| shingle % 5 == printed % 5;
            for (text, passages) in
                [(&a, first.passages(&second, prints, |_| false)), (&b, second.passages(&first, |_| false, prints))]
            {
                let mut end = 0;
                for passage in passages {
                    prop_assert!(end <= passage.start && passage.start < passage.end);
                    prop_assert!(text.get(passage.range()).is_some());
                    end = passage.end;
                }
            }
        }
    }
}
