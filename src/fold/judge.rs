//! The judgement of one signature against the state: candidates, verification, admission.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::embedded;
use super::evidence::Evidence;
use super::header;
use super::live::LiveArticle;
use super::rules::Rules;
use super::state::State;
use super::verify::{Compared, arriving};
use crate::record::{
    Admission, ArticleContent, Content, Decision, Link, Low, Match, Millis, Outcome, Ratio, Relation, Signature,
    StoryHeader, StoryId,
};

/// Links to other stories that a decision carries.
const LINKS_MAX: usize = 4;

/// How much of an article a story must hold for what the same outlet printed of it to be the same text, to its history.
const SAME_TEXT_MIN: Ratio = Ratio(3_500);

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
pub(super) struct Judgement<'a> {
    pub(super) state: &'a State,
    pub(super) signature: &'a Signature,
    /// What lies before it expires with this decision, and counts as gone already.
    pub(super) horizon: Millis,
    pub(super) rules: &'a Rules,
    pub(super) seq: u64,
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
        header::retract(&mut header, article.id(), &article.member(), &article.credits);
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
        let (mut kept, arriving) = arriving(self.state, self.signature, content, self.rules);
        let mut compared = Vec::new();
        if arriving.distinct.len() >= self.rules.shared_min {
            let replaced = replaced.map(|(seq, _)| seq);
            for story in self.candidates(&content.sketch, replaced, tally) {
                compared.extend(self.compare(story, &arriving, replaced));
            }
        } else {
            // Too little to match anything, ever: it is not kept, and so not indexed.
            kept.survivors.clear();
        }
        // Stable: equal ones keep the order of the candidates.
        compared.sort_by_key(|compared: &Compared| Reverse(compared.mean));
        let embedded = content.tail.as_ref().map_or_else(Vec::new, |tail| {
            let stories = self.candidates(&tail.sketch, replaced.map(|(seq, _)| seq), tally);
            embedded::links(self.state, self.rules, &arriving.owner, tail, &stories, |member| self.can_match(member))
        });
        self.admit(content, replaced, kept, &compared, embedded)
    }

    /// Places the article in the story that takes it, or in one of its own. `compared` is sorted, best first.
    fn admit(
        &self,
        content: &ArticleContent,
        replaced: Option<(u64, &LiveArticle)>,
        sample: crate::record::Sample,
        compared: &[Compared],
        embedded: Vec<Link>,
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
            relation: match best {
                Some(best) if updates(replaced, best.story) => Relation::Version,
                Some(best) => relation(&best.evidence),
                None if links.is_empty() => Relation::Unique,
                None => Relation::Partial,
            },
            matched: best.map(|best| self.matched(best)),
            links,
            sample,
            teaches: None,
        };
        admission.teaches = self.teaches(content, &admission, compared);
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
                header::admit(&mut header, id, &member, &content.language, &content.credits);
                header.revision = self.seq;
                headers.insert(header.id, header);
            }
        }
        let own = |story| story == admission.story || admission.merged.contains(&story);
        admission.links.extend(embedded.into_iter().filter(|link| !own(link.story_id)));
        (Outcome::Admitted(Box::new(admission)), headers.into_values().collect())
    }

    /// What is kept of stories that the article shares passages with and that did not take it.
    fn links(&self, compared: &[Compared]) -> Vec<Link> {
        compared
            .iter()
            .filter(|compared| !self.is_admitted(compared) && compared.evidence.containment() >= self.rules.link_min)
            .take(LINKS_MAX)
            .map(|compared| Link {
                story_id: compared.story,
                relation: Relation::Partial,
                similarity: compared.evidence.containment(),
                matched_to: self.uri(compared.best),
            })
            .collect()
    }

    fn matched(&self, compared: &Compared) -> Match {
        Match {
            similarity: compared.mean,
            containment_in_story: compared.evidence.of_first,
            containment_of_story: compared.evidence.of_second,
            matched_to: self.uri(compared.best),
            shared: compared.evidence.shared,
            compared: compared.members as u32,
            agreeing: compared.agreeing as u32,
        }
    }

    fn uri(&self, seq: u64) -> Arc<str> {
        self.state.articles.get(seq).map_or_else(|| "".into(), |article| article.uri.clone())
    }

    /// Whose history the article goes into. Of what one outlet prints of a story only the first article teaches: the others
    /// would make the story its furniture. A newer version of a uri teaches as little.
    fn teaches(&self, content: &ArticleContent, admission: &Admission, compared: &[Compared]) -> Option<Arc<str>> {
        let owner = self.rules.owner(&content.source);
        let is_of_owner =
            |seq| self.state.articles.get(seq).is_some_and(|member| self.rules.owner(&member.source) == owner);
        let printed_before = compared
            .iter()
            .filter(|compared| compared.evidence.containment() >= SAME_TEXT_MIN)
            .any(|compared| self.state.live(compared.story).rev().take(PRINTED_BEFORE_MAX).any(is_of_owner));
        let teaches = !owner.is_empty() && content.tokens > 0 && admission.replaced.is_none() && !printed_before;
        teaches.then(|| owner.clone())
    }
}

/// Whether an article takes the place of one that was the story's own text: it is that text's next version, whatever
/// copies of the old one it is compared with.
fn updates(replaced: Option<(u64, &LiveArticle)>, story: StoryId) -> bool {
    replaced.is_some_and(|(_, article)| {
        article.story == story && header::is_own_text(article.relation, article.matched.as_deref())
    })
}

/// What the article is to the member it matched best.
fn relation(evidence: &Evidence) -> Relation {
    const NEARLY_ALL: Ratio = Ratio(8_500);
    let Evidence { of_first, of_second, same_outlet, .. } = *evidence;
    match (of_first >= NEARLY_ALL, of_second >= NEARLY_ALL) {
        _ if of_first == Ratio::ONE && of_second == Ratio::ONE => Relation::Exact,
        _ if same_outlet => Relation::Version,
        (true, true) => Relation::Near,
        (true, false) => Relation::Abridged,
        (false, true) => Relation::Extended,
        (false, false) => Relation::Rewrite,
    }
}
