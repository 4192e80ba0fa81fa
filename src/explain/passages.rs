//! The passages that two texts share, and the passages that are left out of the comparison.

use std::collections::BTreeSet;
use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;

use crate::article::Article;
use crate::signature::{Lexicon, PageSegment, PageSegmentKind, segments, shingle_hashes, tokens_with_spans};

/// A passage of a text. Text that no passage covers was compared and is not in the other article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Passage {
    /// The first byte of the passage in the text.
    pub start: usize,
    /// The byte after the passage.
    pub end: usize,
    /// Why the passage is listed.
    pub kind: PassageKind,
}

impl Passage {
    /// The bytes of the passage in the text.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// Whether a passage is shared, or the reason why it is left out. A word to which two kinds apply has the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PassageKind {
    /// Pairs of words that the other text contains too.
    Shared,
    /// Boilerplate of the article's own publisher, which had printed it in two earlier articles.
    Boilerplate,
    /// Contained in the other text too, but boilerplate of the other article's publisher.
    BoilerplateOfOther,
    /// The headline, repeated above the text.
    Headline,
    /// The place, date and outlet before the first sentence.
    Dateline,
    /// The names of those who wrote or distributed the text.
    Credit,
    /// A notice about rights or opinions.
    Disclaimer,
    /// A line that names the source of the text.
    SourceLabel,
    /// A "read also" line, with the headlines next to it.
    ReadAlso,
    /// What follows a "read also" line: other articles.
    Tail,
}

impl PassageKind {
    /// The kind in words, as a reason for leaving the passage out.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Boilerplate => "boilerplate of the outlet",
            Self::BoilerplateOfOther => "boilerplate of the other outlet",
            Self::Headline => "headline above the text",
            Self::Dateline => "dateline",
            Self::Credit => "credit line",
            Self::Disclaimer => "disclaimer",
            Self::SourceLabel => "source label",
            Self::ReadAlso => "read-also line",
            Self::Tail => "tail after a read-also line",
        }
    }

    /// The kind of a page segment; none for the body.
    pub fn of(kind: PageSegmentKind) -> Option<Self> {
        Some(match kind {
            PageSegmentKind::Body => return None,
            PageSegmentKind::Title => Self::Headline,
            PageSegmentKind::Dateline => Self::Dateline,
            PageSegmentKind::Credit => Self::Credit,
            PageSegmentKind::Disclaimer => Self::Disclaimer,
            PageSegmentKind::SourceLabel => Self::SourceLabel,
            PageSegmentKind::ReadAlso => Self::ReadAlso,
            PageSegmentKind::Tail => Self::Tail,
        })
    }
}

/// The words of an article that are compared, and the segments of its page that are not.
#[derive(Debug)]
pub struct ComparedWords {
    /// The bytes of each word, and the number of the body segment that contains it.
    spans: Vec<(Range<usize>, usize)>,
    /// The 2-shingles: the one at `i` is made of the words `i` and `i + 1`.
    shingles: Vec<u32>,
    /// The segments that are not compared.
    left_out: Vec<Passage>,
}

impl ComparedWords {
    pub(super) fn of(article: &Article, lexicon: &Lexicon) -> Self {
        Self::of_segments(&article.body, &segments(article, lexicon))
    }

    /// The words of a text with these segments.
    pub fn of_segments<'s>(body: &str, segments: impl IntoIterator<Item = &'s PageSegment>) -> Self {
        let (mut tokens, mut spans, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        for (number, segment) in segments.into_iter().enumerate() {
            let text = &body[segment.span.clone()];
            match PassageKind::of(segment.kind) {
                None => {
                    for (token, span) in tokens_with_spans(text) {
                        tokens.push(token);
                        spans.push((segment.span.start + span.start..segment.span.start + span.end, number));
                    }
                }
                Some(kind) => {
                    let start = segment.span.start + (text.len() - text.trim_start().len());
                    let end = start + text.trim().len();
                    left_out.push(Passage { start, end, kind });
                }
            }
        }
        Self { spans, shingles: shingle_hashes(&tokens), left_out }
    }

    /// How many words are compared.
    pub fn count(&self) -> usize {
        self.spans.len()
    }

    /// How many of these words are in a 2-shingle that is boilerplate.
    pub fn boilerplate_count(&self, is_boilerplate: impl Fn(u32) -> bool) -> usize {
        let mut count = 0;
        // The word after the last one that was counted.
        let mut next = 0;
        for (at, &shingle) in self.shingles.iter().enumerate() {
            if is_boilerplate(shingle) {
                let end = (at + 2).min(self.spans.len());
                count += end.saturating_sub(next.max(at));
                next = end;
            }
        }
        count
    }

    /// The passages of this text, compared with the other one, in order and without overlap. `is_boilerplate` and
    /// `is_boilerplate_of_other` look a shingle up in the boilerplate filters of the two publishers.
    pub(super) fn passages(
        &self,
        other: &Self,
        is_boilerplate: impl Fn(u32) -> bool,
        is_boilerplate_of_other: impl Fn(u32) -> bool,
    ) -> Vec<Passage> {
        let shingles_of_other: BTreeSet<u32> = other.shingles.iter().copied().collect();
        let mut words: Vec<Option<PassageKind>> = vec![None; self.spans.len()];
        for (at, &shingle) in self.shingles.iter().enumerate() {
            let kind = if is_boilerplate(shingle) {
                PassageKind::Boilerplate
            } else if !shingles_of_other.contains(&shingle) {
                continue;
            } else if is_boilerplate_of_other(shingle) {
                PassageKind::BoilerplateOfOther
            } else {
                PassageKind::Shared
            };
            for word in words.iter_mut().skip(at).take(2) {
                *word = Some(word.map_or(kind, |earlier| earlier.min(kind)));
            }
        }
        let mut passages = self.left_out.clone();
        let mut last: Option<(usize, Passage)> = None;
        for ((span, segment), kind) in self.spans.iter().zip(words) {
            match (&mut last, kind) {
                (Some((open, passage)), Some(kind)) if open == segment && passage.kind == kind => {
                    passage.end = span.end;
                }
                _ => {
                    passages.extend(last.take().map(|(_, passage)| passage));
                    last = kind.map(|kind| (*segment, Passage { start: span.start, end: span.end, kind }));
                }
            }
        }
        passages.extend(last.map(|(_, passage)| passage));
        without_overlap(passages)
    }
}

/// Sorts passages and cuts overlaps. In scripts without spaces, neighbouring tokens share a character: the first passage
/// keeps it.
fn without_overlap(mut passages: Vec<Passage>) -> Vec<Passage> {
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

    fn words(text: &str) -> ComparedWords {
        ComparedWords::of(&Article { body: text.to_owned(), ..Article::default() }, &Lexicon::default())
    }

    fn shown<'t>(text: &'t str, passages: &[Passage]) -> Vec<(&'t str, PassageKind)> {
        passages.iter().map(|passage| (&text[passage.range()], passage.kind)).collect()
    }

    #[test]
    fn words_of_both_texts_are_shared_whatever_their_case_accents_and_punctuation() {
        let (a, b) =
            ("Yesterday the OLD mill “burned down” at night.", "They say the old mill burned down, and then not.");
        let passages = words(a).passages(&words(b), |_| false, |_| false);
        assert_eq!(shown(a, &passages), [("the OLD mill “burned down", PassageKind::Shared)]);
        let (a, b) = ("قال الوزير إنّ الميناء فُتِح أمس", "أعلن أن الميناء فتح امس رسميا");
        let passages = words(a).passages(&words(b), |_| false, |_| false);
        assert_eq!(shown(a, &passages), [("إنّ الميناء فُتِح أمس", PassageKind::Shared)]);
    }

    #[test]
    fn boilerplate_of_either_publisher_is_not_shared() {
        let text = "one two three four five";
        let (mine, same) = (words(text), words(text));
        let first = mine.shingles[0];
        let last = mine.shingles[3];
        let passages = mine.passages(&same, |shingle| shingle == first, |shingle| shingle == last);
        let expected = [
            ("one", PassageKind::Boilerplate),
            ("two three four", PassageKind::Shared),
            ("five", PassageKind::BoilerplateOfOther),
        ];
        assert_eq!(shown(text, &passages), expected);
    }

    #[test]
    fn passages_are_found_in_scripts_without_spaces() {
        let (a, b) = ("新华社北京报道", "据新华社东京");
        let passages = words(a).passages(&words(b), |_| false, |_| false);
        assert_eq!(shown(a, &passages), [("新华社", PassageKind::Shared)]);
    }

    proptest! {
        #[test]
        fn passages_are_in_order_do_not_overlap_and_split_no_character(
            a in "(\\PC|[ا-ي新华あアー \n]|Read also: |وكالات|the old mill ){0,120}",
            b in "(\\PC|[ا-ي新华あアー \n]|Source: |the old mill ){0,120}",
            printed in any::<u32>(),
        ) {
            let (first, second) = (words(&a), words(&b));
            let is_boilerplate = |shingle: u32| shingle % 5 == printed % 5;
            for (text, passages) in
                [(&a, first.passages(&second, is_boilerplate, |_| false)), (&b, second.passages(&first, |_| false, is_boilerplate))]
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
