//! The judgement of one signature against the state: candidates, verification, admission.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::compare::{Distinct, Overlap, sample};
use super::header;
use super::live::LiveArticle;
use super::rules::Rules;
use super::state::State;
use crate::record::{
    Admission, ArticleContent, Content, Decision, Link, Low, Match, Millis, Outcome, Ratio, Relation, Signature,
    StoryHeader, StoryId,
};

/// Posting lists longer than this are not read: the shingle is a phrase that everybody uses.
const POSTINGS_READ_MAX: usize = 400;

/// A hash that more stories than this have says nothing; counted by story, so that a viral one stays findable.
const STORIES_PER_POSTING_MAX: usize = 50;

/// Links to other stories that a decision carries.
const LINKS_MAX: usize = 4;

/// Live articles of a story among which an earlier one of the same outlet is looked for, the latest ones: looking
/// through all would cost a story of `n` articles `n`² steps.
const PRINTED_BEFORE_MAX: usize = 1_024;

/// What judging had to leave aside, for counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Posting lists that were too common to look at.
    pub postings_skipped: u64,
    /// Candidate stories beyond the number that is verified.
    pub candidates_skipped: u64,
    /// Candidate stories verified.
    pub candidates: u64,
}

/// Judges the signature at `log_offset` of the log. Changes nothing; a failure inside becomes a decision too.
#[must_use]
pub fn judge(state: &State, signature: &Signature, log_offset: i64, rules: &Rules, tally: &mut Tally) -> Decision {
    let log_time = state.log_time().max(signature.ingested);
    let horizon = log_time.minus(rules.window).minus(rules.grace);
    let judgement = Judgement { state, signature, horizon, rules, seq: state.next_seq() };
    let live_seq = state.articles.first().map_or(judgement.seq, |(seq, _)| seq);
    let mut decision = Decision {
        seq: judgement.seq,
        log_offset,
        low: state.low().unwrap_or(Low { seq: 0, log_offset }),
        log_time,
        horizon,
        late: signature.event < horizon,
        outcome: Outcome::Duplicate { standing: 0 },
        stories: Vec::new(),
        sources_written: state.sources.due(live_seq),
        source_evicted: None,
    };
    // The closure only reads the state, and what it returns is dropped when it panics.
    let judged = catch_unwind(AssertUnwindSafe(|| judgement.outcome(tally)));
    (decision.outcome, decision.stories) = judged.unwrap_or_else(|panic| {
        let reason = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        (Outcome::Quarantined { reason: reason.into() }, Vec::new())
    });
    if let Outcome::Admitted(admission) = &decision.outcome {
        decision.source_evicted =
            admission.teaches.as_ref().and_then(|owner| state.sources.evict_for(owner, rules.sources_max));
    }
    decision
}

/// One judgement's surroundings.
struct Judgement<'a> {
    state: &'a State,
    signature: &'a Signature,
    /// What lies before it expires with this decision, and counts as gone already.
    horizon: Millis,
    rules: &'a Rules,
    seq: u64,
}

/// A story, compared with the article.
struct Compared {
    story: StoryId,
    /// Mean containment in the shorter text over the members compared.
    mean: Ratio,
    members: usize,
    agreeing: usize,
    /// The member that matched best.
    best: u64,
    overlap: Overlap,
}

impl Judgement<'_> {
    fn outcome(&self, tally: &mut Tally) -> (Outcome, Vec<StoryHeader>) {
        let standing = self.still_live(self.state.articles.with_uri(&self.signature.uri));
        match &self.signature.content {
            Content::Withdrawal => (
                Outcome::Retracted { removed: standing.map(|(seq, _)| seq) },
                self.without(standing).into_iter().collect(),
            ),
            Content::Withheld => (
                Outcome::Withheld { removed: standing.map(|(seq, _)| seq) },
                self.without(standing).into_iter().collect(),
            ),
            Content::Article(content) => {
                let id = self.signature.raw.article_id();
                // The first article of a story that is still live may have expired: its raw record was seen all the
                // same, and another story of that id there cannot be.
                let seen = self.still_live(self.state.articles.with_id(id)).or_else(|| self.live_member(id.into()));
                let known = seen.or(standing.filter(|(_, article)| self.signature.version <= article.version));
                match known {
                    Some((seq, _)) => (Outcome::Duplicate { standing: seq }, Vec::new()),
                    None => self.place(content, standing, tally),
                }
            }
        }
    }

    /// The article, if it does not expire with this decision.
    fn still_live<'a>(&self, found: Option<(u64, &'a LiveArticle)>) -> Option<(u64, &'a LiveArticle)> {
        found.filter(|(_, article)| article.event >= self.horizon)
    }

    /// A live article of this story.
    fn live_member(&self, story: StoryId) -> Option<(u64, &LiveArticle)> {
        self.state
            .live(story)
            .find_map(|seq| self.still_live(self.state.articles.get(seq).map(|article| (seq, article))))
    }

    /// The header of a removed article's story as it stands without it. A story of one that was never published
    /// leaves nothing behind.
    fn without(&self, removed: Option<(u64, &LiveArticle)>) -> Option<StoryHeader> {
        let (_, article) = removed?;
        let mut header = self.state.header(article.story)?;
        header::retract(&mut header, article.id(), &article.member());
        header.revision = self.seq;
        (header.published || header.size > 0).then_some(header)
    }

    /// Finds the article its place.
    fn place(
        &self,
        content: &ArticleContent,
        replaced: Option<(u64, &LiveArticle)>,
        tally: &mut Tally,
    ) -> (Outcome, Vec<StoryHeader>) {
        let owner = self.rules.owner(&content.source);
        let (mut kept, distinct) = sample(&content.shingles, self.state.sources.table(owner), self.rules.sample_max);
        let mut compared = Vec::new();
        if distinct.len() >= self.rules.shared_min {
            let replaced = replaced.map(|(seq, _)| seq);
            for story in self.candidates(content, replaced, tally) {
                compared.extend(self.compare(story, &distinct, replaced));
            }
        } else {
            // Too little to match anything, ever: it is not kept, and so not indexed.
            kept.survivors.clear();
        }
        // Stable: equal ones keep the order of the candidates.
        compared.sort_by_key(|compared: &Compared| Reverse(compared.mean));
        self.admit(content, replaced, kept, &compared)
    }

    /// Stories that share enough of the sketch, most shared first; of equals the one with the earliest live article, never
    /// by a name: ids hash the raw position, and the same articles in another topic must be judged the same.
    fn candidates(&self, content: &ArticleContent, replaced: Option<u64>, tally: &mut Tally) -> Vec<StoryId> {
        let mut shared: Vec<StoryId> = Vec::new();
        let mut stories: Vec<StoryId> = Vec::new();
        for &hash in &content.sketch {
            if self.stories_with(hash, replaced, &mut stories) {
                shared.extend(&stories);
            } else {
                tally.postings_skipped += 1;
            }
        }
        // A short text has few hashes; all of them shared is enough then.
        let enough = self.rules.postings_min.min(content.sketch.len());
        shared.sort_unstable();
        let counts = shared.chunk_by(StoryId::eq).map(|run| (run[0], run.len()));
        let mut found: Vec<(StoryId, usize)> = counts.filter(|&(_, shared)| shared >= enough).collect();
        found.sort_unstable_by_key(|&(story, shared)| (Reverse(shared), self.earliest(story)));
        tally.candidates_skipped += found.len().saturating_sub(self.rules.candidates_max) as u64;
        found.truncate(self.rules.candidates_max);
        tally.candidates += found.len() as u64;
        found.into_iter().map(|(story, _)| story).collect()
    }

    /// Puts into `stories` the stories that have `hash`, ascending; false when it is too common to say anything.
    fn stories_with(&self, hash: u32, replaced: Option<u64>, stories: &mut Vec<StoryId>) -> bool {
        stories.clear();
        for (read, seq) in self.state.index.lookup(hash).enumerate() {
            if read == POSTINGS_READ_MAX {
                return false;
            }
            if Some(seq) != replaced
                && let Some(article) = self.state.articles.get(seq).filter(|article| self.can_match(article))
                && let Err(at) = stories.binary_search(&article.story)
            {
                if stories.len() == STORIES_PER_POSTING_MAX {
                    return false;
                }
                stories.insert(at, article.story);
            }
        }
        true
    }

    /// The earliest live article of a story.
    fn earliest(&self, story: StoryId) -> Option<u64> {
        self.state.live(story).next()
    }

    /// Whether a live article can match this one at all: it stays live, and it is within the window.
    fn can_match(&self, article: &LiveArticle) -> bool {
        article.event >= self.horizon && article.event.distance(self.signature.event) <= self.rules.window
    }

    /// Compares the article with the latest members of a story.
    fn compare(&self, story: StoryId, distinct: &Distinct, replaced: Option<u64>) -> Option<Compared> {
        let members = self.state.live(story).rev();
        let mut total = 0;
        let mut compared = 0;
        let mut agreeing = 0;
        let mut best: Option<(Ratio, u64, Overlap)> = None;
        let latest = members
            .filter(|&seq| Some(seq) != replaced)
            .filter_map(|seq| self.state.articles.get(seq).map(|article| (seq, article)))
            .filter(|(_, article)| self.can_match(article))
            .take(self.rules.compared_max);
        for (seq, article) in latest {
            let overlap = if distinct.shares_at_least(self.rules.shared_min, article) {
                let history = self.state.sources.table(self.rules.owner(&article.source));
                Some(distinct.overlap(&Distinct::of_live(article, history)))
            } else {
                None
            };
            let overlap = overlap.filter(|overlap| overlap.shared >= self.rules.shared_min).unwrap_or(Overlap::NONE);
            let containment = overlap.in_shorter();
            total += u64::from(containment.0);
            compared += 1;
            agreeing += usize::from(containment >= self.rules.threshold);
            if best.is_none_or(|(most, _, _)| containment > most) {
                best = Some((containment, seq, overlap));
            }
        }
        let (_, best, overlap) = best?;
        Some(Compared {
            story,
            mean: Ratio((total / compared) as u16),
            members: compared as usize,
            agreeing,
            best,
            overlap,
        })
    }

    /// Whether the story as a whole takes the article: at least half of the members compared agree, and all of them
    /// do on average. A nearest neighbour alone would chain stories together.
    fn is_admitted(&self, compared: &Compared) -> bool {
        2 * compared.agreeing >= compared.members && compared.agreeing > 0 && compared.mean >= self.rules.mean_min
    }

    /// Places the article in the story that takes it, or in one of its own. `compared` is sorted, best first.
    fn admit(
        &self,
        content: &ArticleContent,
        replaced: Option<(u64, &LiveArticle)>,
        sample: crate::record::Sample,
        compared: &[Compared],
    ) -> (Outcome, Vec<StoryHeader>) {
        let id = self.signature.raw.article_id();
        let mut headers: BTreeMap<StoryId, StoryHeader> = BTreeMap::new();
        if let Some(header) = self.without(replaced) {
            headers.insert(header.id, header);
        }
        let admitted: Vec<&Compared> = compared.iter().filter(|compared| self.is_admitted(compared)).collect();
        let links = self.links(compared);
        let best = admitted.first().copied();
        let mut admission = Admission {
            story: best.map_or(id.into(), |best| best.story),
            merged: Vec::new(),
            replaced: replaced.map(|(seq, _)| seq),
            relation: best.map_or(if links.is_empty() { Relation::Unique } else { Relation::Partial }, |best| {
                self.relation(content, best)
            }),
            matched: best.map(|best| self.evidence(best)),
            links,
            sample,
            teaches: None,
        };
        admission.teaches = self.teaches(content, &admission);
        if let Some(best) = best {
            let mut header = headers.remove(&best.story).or_else(|| self.state.header(best.story));
            for other in &admitted[1..] {
                if self.is_one_story(best.story, other.story) {
                    let from = headers.remove(&other.story).or_else(|| self.state.header(other.story));
                    if let (Some(a), Some(b)) = (header.take(), from) {
                        // The story whose first article is earlier keeps its id.
                        let age = |header: &StoryHeader| (header.first_seen, self.earliest(header.id));
                        let (mut into, from) = if age(&a) < age(&b) { (a, b) } else { (b, a) };
                        header::merge(&mut into, &from);
                        admission.merged.push(from.id);
                        admission.story = into.id;
                        header = Some(into);
                    }
                }
            }
            if let Some(mut header) = header {
                let member = LiveArticle::new(self.signature, content, 0, &admission).member();
                header::admit(&mut header, id, &member, &content.language);
                header.revision = self.seq;
                headers.insert(header.id, header);
            }
        }
        (Outcome::Admitted(Box::new(admission)), headers.into_values().collect())
    }

    /// What is kept of stories that the article shares passages with and that did not take it.
    fn links(&self, compared: &[Compared]) -> Vec<Link> {
        compared
            .iter()
            .filter(|compared| !self.is_admitted(compared) && compared.overlap.in_shorter() >= self.rules.link_min)
            .take(LINKS_MAX)
            .map(|compared| Link {
                story_id: compared.story,
                relation: Relation::Partial,
                similarity: compared.overlap.in_shorter(),
                matched_to: self.uri(compared.best),
            })
            .collect()
    }

    fn evidence(&self, compared: &Compared) -> Match {
        Match {
            similarity: compared.mean,
            containment_in_story: compared.overlap.of_first,
            containment_of_story: compared.overlap.of_second,
            matched_to: self.uri(compared.best),
            shared: compared.overlap.shared as u32,
            compared: compared.members as u32,
            agreeing: compared.agreeing as u32,
        }
    }

    fn uri(&self, seq: u64) -> Arc<str> {
        self.state.articles.get(seq).map_or_else(|| "".into(), |article| article.uri.clone())
    }

    /// What the article is to the member it matched best.
    fn relation(&self, content: &ArticleContent, compared: &Compared) -> Relation {
        const NEARLY_ALL: Ratio = Ratio(8_500);
        let Overlap { of_first, of_second, .. } = compared.overlap;
        let same_owner = self.state.articles.get(compared.best).is_some_and(|member| {
            !content.source.is_empty() && self.rules.owner(&member.source) == self.rules.owner(&content.source)
        });
        match (of_first >= NEARLY_ALL, of_second >= NEARLY_ALL) {
            _ if of_first == Ratio::ONE && of_second == Ratio::ONE => Relation::Exact,
            _ if same_owner => Relation::Version,
            (true, true) => Relation::Near,
            (true, false) => Relation::Abridged,
            (false, true) => Relation::Extended,
            (false, false) => Relation::Rewrite,
        }
    }

    /// Two stories that both take the article become one when they would take each other.
    fn is_one_story(&self, a: StoryId, b: StoryId) -> bool {
        let members = |story: StoryId| -> Vec<Distinct> {
            let latest = self.state.live(story).rev().take(self.rules.compared_max / 2);
            latest
                .filter_map(|seq| self.state.articles.get(seq))
                .map(|article| Distinct::of_live(article, self.state.sources.table(self.rules.owner(&article.source))))
                .collect()
        };
        let (a, b) = (members(a), members(b));
        let total: u64 = a.iter().flat_map(|x| b.iter().map(|y| u64::from(x.overlap(y).in_shorter().0))).sum();
        let pairs = (a.len() * b.len()) as u64;
        pairs > 0 && total / pairs >= u64::from(self.rules.threshold.0)
    }

    /// Whose history the article goes into. Of several versions of one story by one outlet only the first teaches: the others
    /// would make the story its furniture. A newer version of a uri teaches as little.
    fn teaches(&self, content: &ArticleContent, admission: &Admission) -> Option<Arc<str>> {
        let owner = self.rules.owner(&content.source);
        let latest = self.state.live(admission.story).rev().take(PRINTED_BEFORE_MAX);
        let printed_before = latest
            .filter_map(|seq| self.state.articles.get(seq))
            .any(|member| self.rules.owner(&member.source) == owner);
        let teaches = !owner.is_empty() && content.tokens > 0 && admission.replaced.is_none() && !printed_before;
        teaches.then(|| owner.clone())
    }
}
