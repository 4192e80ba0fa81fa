//! A fold that watches two articles.

use std::fmt;
use std::sync::Arc;

use super::passages::{Passage, Words};
use super::report::{Report, Side, Verdict, Weighing};
use super::sentence::{Meeting, Obstacle};
use crate::article::Article;
use crate::fold::{Change, Rules, State, Tally, evidence_between, judge, verdict};
use crate::record::{ArticleId, DeadLetter, Kind, RawPosition, Signature, StoryId, VerdictRecord};
use crate::sign::{Lexicon, tokens};

/// Notes on an article, and lines that name it and could not be read: a uri can come again and again.
const NOTES_MAX: usize = 8;

/// Judges the articles of a run, and notes what is weighed between two of them.
///
/// Of an article with several versions, the last two that met count.
pub struct Inquiry<'a> {
    rules: &'a Rules,
    lexicon: &'a Lexicon,
    state: State,
    folded: i64,
    watched: [Watched; 2],
    met: Option<Met>,
}

/// What is known of one of the two.
struct Watched {
    uri: Arc<str>,
    /// Some line has its uri.
    named: bool,
    judged: Option<Judged>,
    story: Option<StoryId>,
    notes: Vec<String>,
    /// Lines that name it and could not be read.
    refused: Vec<String>,
}

struct Judged {
    article: Article,
    signature: Signature,
    words: Words,
    verdict: VerdictRecord,
}

/// How the two met.
struct Met {
    /// Which of the two came later.
    later: usize,
    weighing: Option<Weighing>,
    /// The passages of each.
    passages: [Vec<Passage>; 2],
    meeting: Meeting,
}

/// An article that none of the lines holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingUri {
    /// Its uri.
    pub uri: Arc<str>,
    /// Lines that name it and could not be read, with the reason.
    pub refused: Vec<String>,
}

/// Why there is nothing to explain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Missing {
    /// The articles that are not there.
    pub uris: Vec<MissingUri>,
    /// Lines read.
    pub lines: u64,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, MissingUri { uri, refused }) in self.uris.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "no article has the uri {uri}; {} lines were read", self.lines)?;
            for line in refused {
                write!(f, "\n  one that names it could not be: {line}")?;
            }
        }
        Ok(())
    }
}

impl<'a> Inquiry<'a> {
    /// About the articles of these uris.
    #[must_use]
    pub fn new(uris: [Arc<str>; 2], rules: &'a Rules, lexicon: &'a Lexicon) -> Self {
        let watched = uris.map(|uri| Watched {
            uri,
            named: false,
            judged: None,
            story: None,
            notes: Vec::new(),
            refused: Vec::new(),
        });
        Self { rules, lexicon, state: State::new(), folded: 0, watched, met: None }
    }

    /// A line could not be read.
    pub fn refused(&mut self, letter: &DeadLetter) {
        for Watched { uri, refused, .. } in &mut self.watched {
            if refused.len() < NOTES_MAX && letter.value.contains(&**uri) {
                refused.push(format!("{}: {}: {}", place(&letter.raw), letter.reason.name(), letter.detail));
            }
        }
    }

    /// Judges a signature and applies the decision. `article` is what was signed, for the two that are watched.
    pub fn fold(&mut self, signature: &Signature, article: Option<Article>) {
        let which = self.watched.iter().position(|watched| watched.uri == signature.uri);
        let arriving = article.map(|article| {
            let words = Words::of(&article, self.lexicon);
            (article, words)
        });
        let met = match (which, &arriving) {
            (Some(which), Some((_, words))) => self.meet(which, signature, words),
            _ => None,
        };
        let decision = judge(&self.state, signature, self.folded, self.rules, &mut Tally::default());
        self.folded += 1;
        let changes = self.state.apply(signature, &decision);
        self.follow(&changes, signature);
        let Some(which) = which else { return };
        let verdict = verdict(&self.state, signature, &decision, 0);
        let watched = &mut self.watched[which];
        watched.named = true;
        match (verdict.decision, arriving) {
            (Kind::Judged | Kind::NoFingerprint | Kind::Replaced, Some((article, words))) => {
                watched.story = verdict.story_id;
                if verdict.decision == Kind::Replaced {
                    watched.notes =
                        vec![format!("its version of {} takes the place of an older one", place(&signature.raw))];
                }
                watched.judged =
                    Some(Judged { article, signature: signature.clone(), words, verdict: verdict.clone() });
                let earlier = &self.watched[1 - which];
                if let Some(mut met) = met {
                    met.meeting.decided(&verdict, &earlier.uri, earlier.story);
                    self.met = Some(met);
                }
            }
            (kind, _) => {
                let what = match kind {
                    Kind::Duplicate => "repeats it and was not judged",
                    Kind::Withheld => "says that it is not to be published, so it is not judged",
                    Kind::Quarantined => "could not be judged: judging it failed inside",
                    _ => "takes it back",
                };
                watched.note(format!("{} {what}", place(&signature.raw)));
            }
        }
    }

    /// Weighs the article that is about to be judged against the other one, if that was judged before.
    fn meet(&self, later: usize, signature: &Signature, words: &Words) -> Option<Met> {
        let content = signature.article()?;
        let other = self.watched[1 - later].judged.as_ref()?;
        let earlier = other.signature.article()?;
        let apart = other.signature.event.distance(signature.event);
        let evidence = evidence_between(&self.state, signature, &other.signature.uri, self.rules);
        let weighed = if content.tokens == 0 || earlier.tokens == 0 {
            Err(Obstacle::NoWords)
        } else if apart > self.rules.window {
            Err(Obstacle::Window(apart, self.rules.window))
        } else if self.state.story_of(&other.signature.uri).is_none() {
            Err(Obstacle::Gone)
        } else {
            evidence.ok_or(Obstacle::Little(self.rules.shared_min))
        };
        let prints = |source: &Arc<str>| {
            let owner = self.rules.owner(source).clone();
            move |shingle: u32| self.state.prints_anyway(&owner, shingle)
        };
        let mut passages = [
            other.words.passages(words, prints(&earlier.source), prints(&content.source)),
            words.passages(&other.words, prints(&content.source), prints(&earlier.source)),
        ];
        if later == 0 {
            passages.swap(0, 1);
        }
        Some(Met {
            later,
            weighing: evidence.as_ref().map(|evidence| Weighing::new(evidence, self.rules)),
            passages,
            meeting: Meeting::new(weighed, self.rules),
        })
    }

    /// Keeps to the stories of the two.
    fn follow(&mut self, changes: &[Change], signature: &Signature) {
        for watched in &mut self.watched {
            let id: Option<ArticleId> = watched.judged.as_ref().map(|judged| judged.signature.raw.article_id());
            for change in changes {
                match change {
                    Change::Merged { from, into, .. } if watched.story == Some(from.id) => {
                        watched.story = Some(*into);
                        watched.note(format!("its story goes on in another since {}", place(&signature.raw)));
                    }
                    Change::Removed { id: removed, .. } if id == Some(*removed) => watched.story = None,
                    _ => {}
                }
            }
        }
    }

    /// What was seen in so many lines.
    pub fn report(self, lines: u64) -> Result<Report, Missing> {
        let missing: Vec<MissingUri> = self
            .watched
            .iter()
            .filter(|watched| !watched.named)
            .map(|watched| MissingUri { uri: watched.uri.clone(), refused: watched.refused.clone() })
            .collect();
        if !missing.is_empty() {
            return Err(Missing { uris: missing, lines });
        }
        let [a, b] = &self.watched;
        let together = a.story.is_some() && a.story == b.story;
        let sentence = match &self.met {
            Some(met) => met.meeting.sentence(together),
            None => "apart: they never met, since not both of them were judged".to_owned(),
        };
        let later = self.met.as_ref().map_or(1, |met| met.later);
        let (weighing, [of_first, of_second]) =
            self.met.map_or_else(Default::default, |met| (met.weighing, met.passages));
        let [first, second] = self.watched;
        let (first, second) = (first.side(of_first), second.side(of_second));
        let (earlier, later) = if later == 0 { (second, first) } else { (first, second) };
        let verdict = Verdict { together, sentence };
        Ok(Report { schema: Report::SCHEMA, lines, earlier, later, weighing, verdict })
    }
}

impl Watched {
    fn note(&mut self, note: String) {
        if self.notes.len() < NOTES_MAX {
            self.notes.push(note);
        }
    }

    fn side(self, passages: Vec<Passage>) -> Side {
        let Self { uri, story, notes, judged, .. } = self;
        let (article, words_compared, verdict) = match judged {
            Some(Judged { article, words, verdict, .. }) => (article, words.count(), Some(verdict)),
            None => (Article::default(), 0, None),
        };
        Side {
            uri,
            words: tokens(&article.body).len(),
            words_compared,
            passages,
            verdict,
            story_id: story,
            notes,
            source: article.source,
            title: article.title,
            language: article.language,
            text: article.body,
        }
    }
}

/// A line as people count it.
fn place(raw: &RawPosition) -> String {
    format!("{} line {}", raw.topic, raw.offset + 1)
}
