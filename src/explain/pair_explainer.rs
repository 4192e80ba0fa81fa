//! A clustering run that watches two articles.

use std::sync::Arc;

use super::explanation::{Explanation, Obstacle};
use super::missing::{MissingArticle, MissingArticles};
use super::passages::{ComparedWords, Passage};
use super::report::{ExplainedArticle, Report, ScoreBreakdown, Verdict};
use crate::article::Article;
use crate::clustering::{ClusteringRules, Engine, Publication, StateChange, features_between};
use crate::record::{ArticleId, DeadLetter, DecisionKind, LogEntry, RawPosition, Signature, StoryId, VerdictRecord};
use crate::signature::{Lexicon, tokens};

/// Most remarks, and most dead letters, kept of one article: a uri can be repeated any number of times.
const REMARKS_MAX: usize = 8;

/// Clusters the articles of a run and records how two of them compare.
///
/// When an article has several versions, the comparison between the last two that were compared is reported.
pub struct PairExplainer<'a> {
    engine: Engine,
    lexicon: &'a Lexicon,
    processed: i64,
    watched: [WatchedArticle; 2],
    comparison: Option<Comparison>,
}

/// One of the two articles, as far as the run has seen it.
struct WatchedArticle {
    /// Its uri, or the id in its record.
    name: Arc<str>,
    /// Its uri, once a record of it was read.
    uri: Option<Arc<str>>,
    /// Whether any record with its uri was read.
    seen: bool,
    /// Its latest version that a story was decided for.
    decided: Option<DecidedArticle>,
    story: Option<StoryId>,
    remarks: Vec<String>,
    /// Unreadable lines that mention the name.
    dead_letters: Vec<String>,
}

struct DecidedArticle {
    article: Article,
    signature: Signature,
    words: ComparedWords,
    verdict: VerdictRecord,
}

/// The comparison made when the later of the two articles arrived.
struct Comparison {
    /// The index of the article that came later.
    later: usize,
    scoring: Option<ScoreBreakdown>,
    /// The passages of each article.
    passages: [Vec<Passage>; 2],
    explanation: Explanation,
}

impl<'a> PairExplainer<'a> {
    /// An explainer that watches two articles, each named by its uri or by the id in its record.
    pub fn new(names: [Arc<str>; 2], rules: &ClusteringRules, lexicon: &'a Lexicon) -> Self {
        let watched = names.map(|name| WatchedArticle {
            name,
            uri: None,
            seen: false,
            decided: None,
            story: None,
            remarks: Vec::new(),
            dead_letters: Vec::new(),
        });
        Self { engine: Engine::new(rules.clone()), lexicon, processed: 0, watched, comparison: None }
    }

    /// Takes in a line that could not be parsed: it is reported if it mentions an article that is never found.
    pub fn add_dead_letter(&mut self, letter: &DeadLetter) {
        for WatchedArticle { name, dead_letters, .. } in &mut self.watched {
            if dead_letters.len() < REMARKS_MAX && letter.value.contains(&**name) {
                dead_letters.push(format!("{}: {}: {}", line_name(&letter.raw), letter.reason.name(), letter.detail));
            }
        }
    }

    /// Processes a signature. `article` is the text it was made of; it is needed only for the two watched articles.
    pub fn process(&mut self, signature: &Signature, article: Option<Article>) {
        let which = self.watched.iter_mut().position(|watched| watched.takes(signature));
        let arriving = article.map(|article| {
            let words = ComparedWords::of(&article, self.lexicon);
            (article, words)
        });
        // Compared before it is processed: afterwards the state contains the article itself.
        let comparison = match (which, &arriving) {
            (Some(which), Some((_, words))) => self.compare(which, signature, words),
            _ => None,
        };
        let entry = LogEntry::unlogged(self.processed);
        let processed = self.engine.process(signature, entry, Publication::Service);
        let verdict = which.map(|_| processed.verdict(0));
        let changes = processed.changes;
        self.processed += 1;
        self.follow_stories(&changes, signature);
        let (Some(which), Some(verdict)) = (which, verdict) else { return };
        let watched = &mut self.watched[which];
        watched.seen = true;
        let line = line_name(&signature.raw);
        match (verdict.decision, arriving) {
            (DecisionKind::Assigned | DecisionKind::Empty | DecisionKind::Replaced, Some((article, words))) => {
                watched.story = verdict.story_id;
                if verdict.decision == DecisionKind::Replaced {
                    watched.remarks = vec![format!("the version in {line} replaced an older one")];
                }
                watched.decided =
                    Some(DecidedArticle { article, signature: signature.clone(), words, verdict: verdict.clone() });
                let earlier = &self.watched[1 - which];
                if let Some(mut comparison) = comparison {
                    let name = earlier.uri.as_ref().unwrap_or(&earlier.name);
                    comparison.explanation.add_verdict(&verdict, name, earlier.story);
                    self.comparison = Some(comparison);
                }
            }
            (kind, _) => watched.remark(match kind {
                DecisionKind::Duplicate => format!("{line} repeats a known version and was not clustered"),
                DecisionKind::Ambiguous => format!("{line} takes back an id that several live articles have"),
                DecisionKind::Withheld => format!("{line} is marked as not to be published and was not clustered"),
                DecisionKind::Quarantined => format!("{line} was not clustered because of an internal error"),
                _ => format!("{line} takes the article back"),
            }),
        }
    }

    /// Compares the arriving article with the other one, if a story was decided for that before.
    fn compare(&self, later: usize, signature: &Signature, words: &ComparedWords) -> Option<Comparison> {
        let (state, rules) = (self.engine.state(), self.engine.rules());
        let content = signature.article()?;
        let other = self.watched[1 - later].decided.as_ref()?;
        let earlier = other.signature.article()?;
        let time_gap = other.signature.event.distance(signature.event);
        let features = features_between(state, signature, other.signature.names.uri(), rules);
        let compared = if content.tokens == 0 || earlier.tokens == 0 {
            Err(Obstacle::NoWords)
        } else if time_gap > rules.window {
            Err(Obstacle::OutsideWindow(time_gap, rules.window))
        } else if state.story_of(other.signature.names.uri()).is_none() {
            Err(Obstacle::NotLive)
        } else {
            features.ok_or(Obstacle::TooLittleShared(rules.shared_min))
        };
        let is_boilerplate = |publisher: &Arc<str>| {
            let publisher = publisher.clone();
            move |shingle: u32| state.is_boilerplate(&publisher, shingle)
        };
        let mut passages = [
            other.words.passages(words, is_boilerplate(&earlier.publisher), is_boilerplate(&content.publisher)),
            words.passages(&other.words, is_boilerplate(&content.publisher), is_boilerplate(&earlier.publisher)),
        ];
        if later == 0 {
            passages.swap(0, 1);
        }
        Some(Comparison {
            later,
            scoring: features.as_ref().map(|features| ScoreBreakdown::new(features, rules)),
            passages,
            explanation: Explanation::new(compared, rules),
        })
    }

    /// Keeps track of the stories of the two articles while stories merge and articles are removed.
    fn follow_stories(&mut self, changes: &[StateChange], signature: &Signature) {
        for watched in &mut self.watched {
            let id: Option<ArticleId> = watched.decided.as_ref().map(|decided| decided.signature.raw.article_id());
            for change in changes {
                match change {
                    StateChange::Merged { from, into, .. } if watched.story == Some(from.id) => {
                        watched.story = Some(*into);
                        watched.remark(format!("{} merged its story into another one", line_name(&signature.raw)));
                    }
                    StateChange::Removed { member, .. } if id == Some(member.raw.article_id()) => watched.story = None,
                    _ => {}
                }
            }
        }
    }

    /// The report after `lines` lines. Fails when no record has one of the uris.
    pub fn report(self, lines: u64) -> Result<Report, MissingArticles> {
        let missing: Vec<MissingArticle> = self
            .watched
            .iter()
            .filter(|watched| !watched.seen)
            .map(|watched| MissingArticle { name: watched.name.clone(), dead_letters: watched.dead_letters.clone() })
            .collect();
        if !missing.is_empty() {
            return Err(MissingArticles { articles: missing, lines });
        }
        let [a, b] = &self.watched;
        let together = a.story.is_some() && a.story == b.story;
        let sentence = match &self.comparison {
            Some(comparison) => comparison.explanation.sentence(together),
            None => "apart: they were never compared, because at least one of them was not clustered".to_owned(),
        };
        let later = self.comparison.as_ref().map_or(1, |comparison| comparison.later);
        let (scoring, [first_in_second, second_in_first]) =
            self.comparison.map_or_else(Default::default, |comparison| (comparison.scoring, comparison.passages));
        let [first, second] = self.watched;
        let (first, second) = (first.explained(first_in_second), second.explained(second_in_first));
        let (earlier, later) = if later == 0 { (second, first) } else { (first, second) };
        let verdict = Verdict { together, sentence };
        Ok(Report { schema: Report::SCHEMA, lines, earlier, later, scoring, verdict })
    }
}

impl WatchedArticle {
    /// Whether a signature is one of this article. The first article that has the name as its uri or id is watched.
    fn takes(&mut self, signature: &Signature) -> bool {
        let names = &signature.names;
        if self.uri.is_none() && (names.uri() == &*self.name || names.id() == Some(&*self.name)) {
            self.uri = Some(names.uri().into());
        }
        let is_taken = self.uri.as_deref() == Some(names.uri());
        if !is_taken && names.id() == Some(&*self.name) {
            self.remark(format!("{} has this id too: it is {}", line_name(&signature.raw), names.uri()));
        }
        is_taken
    }

    fn remark(&mut self, remark: String) {
        if self.remarks.len() < REMARKS_MAX {
            self.remarks.push(remark);
        }
    }

    fn explained(self, passages: Vec<Passage>) -> ExplainedArticle {
        let Self { name, uri, story, remarks, decided, .. } = self;
        let uri = uri.unwrap_or(name);
        let (article, source, words_compared, verdict) = match decided {
            Some(DecidedArticle { article, signature, words, verdict }) => {
                (article, signature.source.to_string(), words.count(), Some(verdict))
            }
            None => (Article::default(), String::new(), 0, None),
        };
        ExplainedArticle {
            uri,
            words: tokens(&article.body).len(),
            words_compared,
            passages,
            verdict,
            story_id: story,
            remarks,
            source,
            title: article.title,
            language: article.language,
            text: article.body,
        }
    }
}

/// The file and line of a raw position, counted from 1.
fn line_name(raw: &RawPosition) -> String {
    format!("{} line {}", raw.topic, raw.offset + 1)
}
