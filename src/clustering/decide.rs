//! Decides what becomes of a signature: finds candidates, compares, and chooses a story.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::context::{DecisionContext, DecisionCounters};
use super::embedded;
use super::features::Features;
use super::live::LiveArticle;
use super::rules::ClusteringRules;
use super::state::State;
use super::summary;
use super::verify::{ComparedStory, arriving};
use crate::record::{
    ArticleContent, Assignment, Content, Decision, Link, LogEntry, Match, Outcome, Ratio, Relation, RestorePoint,
    ShingleSample, Signature, StoryId, StorySummary,
};

/// The highest number of `partial` links of a decision.
const PARTIAL_LINKS_MAX: usize = 4;

/// The containment from which on a story counts as the same text as the article: where the publisher has an article in such a
/// story, its boilerplate filter does not learn another.
const SAME_TEXT_MIN: Ratio = Ratio(3_500);

/// The number of live articles of a story, the latest ones, that are searched for one of the same publisher: to search all
/// would take `n`² steps for a story of `n` articles.
const SEARCHED_FOR_PUBLISHER_MAX: usize = 1_024;

/// Decides on the signature of a log entry. It changes nothing, and a panic becomes a decision too.
pub(super) fn decide(
    state: &State,
    signature: &Signature,
    LogEntry { offset: log_offset, hash }: LogEntry,
    rules: &ClusteringRules,
    counters: &mut DecisionCounters,
) -> Decision {
    let stream_time = state.stream_time().max(signature.ingested);
    let expiry_watermark = stream_time.minus(rules.window).minus(rules.grace);
    let context = DecisionContext { state, signature, expiry_watermark, rules, seq: state.next_seq() };
    let live_seq = state.articles.first().map_or(context.seq, |(seq, _)| seq);
    let mut decision = Decision {
        seq: context.seq,
        log_offset,
        signature_hash: hash,
        restore_point: state.restore_point().unwrap_or(RestorePoint { seq: 0, log_offset }),
        stream_time,
        expiry_watermark,
        late: signature.event < expiry_watermark,
        outcome: Outcome::Duplicate { existing: 0 },
        stories: Vec::new(),
        filters_written: state.filters.due(live_seq),
        filter_evicted: None,
    };
    // The closure only reads the state, and what it returns is dropped when it panics.
    let decided = catch_unwind(AssertUnwindSafe(|| context.outcome(counters)));
    (decision.outcome, decision.stories) = decided.unwrap_or_else(|panic| {
        let reason = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        (Outcome::Quarantined { reason: reason.into() }, Vec::new())
    });
    if let Outcome::Assigned(assignment) = &decision.outcome {
        decision.filter_evicted = assignment
            .learned_by
            .as_ref()
            .and_then(|publisher| state.filters.to_evict_for(publisher, rules.filters_max));
    }
    decision
}

impl DecisionContext<'_> {
    fn outcome(&self, counters: &mut DecisionCounters) -> (Outcome, Vec<StorySummary>) {
        match &self.signature.content {
            Content::Withdrawal => self.take_back(|removed| Outcome::Retracted { removed }),
            Content::Withheld => self.take_back(|removed| Outcome::Withheld { removed }),
            Content::Article(content) => {
                let id = self.signature.raw.article_id();
                // The first article of a live story may have expired. Its raw record was read all the same, and there
                // cannot be a second story with that id.
                let existing = self.still_live(self.state.articles.with_uri(self.signature.names.uri()));
                let seen = self.still_live(self.state.articles.with_id(id)).or_else(|| self.live_member(id.into()));
                let known = seen.or(existing.filter(|(_, article)| !self.is_newer(content, article)));
                match known {
                    Some((seq, _)) => (Outcome::Duplicate { existing: seq }, Vec::new()),
                    None => self.assign(content, existing, counters),
                }
            }
        }
    }

    /// The decision on a record that takes an article back.
    fn take_back(&self, outcome: impl FnOnce(Option<u64>) -> Outcome) -> (Outcome, Vec<StorySummary>) {
        let named = self.named();
        if let [_, _, ..] = named[..] {
            return (Outcome::Ambiguous { articles: named.len() as u32 }, Vec::new());
        }
        let existing = named.first().copied();
        (outcome(existing.map(|(seq, _)| seq)), self.without(existing).into_iter().collect())
    }

    /// The live articles that a record without an article names: that of its uri, where the uri is more than its id, else
    /// all of its id, at its outlet where it states one. Feeds that delete know the id, and not always the address that
    /// identifies the article.
    fn named(&self) -> Vec<(u64, &LiveArticle)> {
        let Signature { names, source, .. } = self.signature;
        let of_uri = self.still_live(self.state.articles.with_uri(names.uri()));
        if let Some(of_uri) = of_uri.filter(|_| names.id() != Some(names.uri())) {
            return vec![of_uri];
        }
        let is_of_outlet = |LiveArticle { source: of, .. }: &LiveArticle| {
            source.is_empty() || of.is_empty() || summary::letters(source).eq(summary::letters(of))
        };
        let mut named = names.id().map_or_else(Vec::new, |id| self.state.articles.with_stated_id(id));
        named.retain(|(seq, article)| {
            let is_named = is_of_outlet(article) && self.still_live(Some((*seq, article))).is_some();
            is_named && of_uri.is_none_or(|(of_uri, _)| of_uri != *seq)
        });
        named.extend(of_uri);
        named
    }

    /// Whether the article is a later one than the live article of its uri: it has another text, and a later version; where
    /// their versions do not compare or are the same, a later published time; else a later record time. Of two records of
    /// one time the one that comes later in the log is later.
    fn is_newer(&self, content: &ArticleContent, live: &LiveArticle) -> bool {
        let Signature { version, published, ingested, .. } = self.signature;
        let by_version = version.zip(live.version).and_then(|(new, old)| new.partial_cmp(&old));
        let by_published = || published.zip(live.published()).map(|(new, old)| new.cmp(&old));
        let order = by_version
            .filter(|order| order.is_ne())
            .or_else(|| by_published().filter(|order| order.is_ne()))
            .unwrap_or_else(|| ingested.cmp(&live.ingested));
        content.text_hash != live.text_hash && order.is_ge()
    }

    /// Drops an article that expires with this decision.
    fn still_live<'a>(&self, found: Option<(u64, &'a LiveArticle)>) -> Option<(u64, &'a LiveArticle)> {
        found.filter(|(_, article)| article.event >= self.expiry_watermark)
    }

    /// A live article of this story.
    fn live_member(&self, story: StoryId) -> Option<(u64, &LiveArticle)> {
        self.state
            .live_members(story)
            .find_map(|seq| self.still_live(self.state.articles.get(seq).map(|article| (seq, article))))
    }

    /// The summary of an article's story without the article; none where the story had no other and was never published.
    fn without(&self, removed: Option<(u64, &LiveArticle)>) -> Option<StorySummary> {
        let (_, article) = removed?;
        let mut summary = self.state.summary(article.story)?;
        summary::remove_member(&mut summary, &article.member(), &article.credits);
        summary.revision = self.seq;
        (summary.published || summary.size > 0).then_some(summary)
    }

    /// Assigns the article to a story.
    fn assign(
        &self,
        content: &ArticleContent,
        replaced: Option<(u64, &LiveArticle)>,
        counters: &mut DecisionCounters,
    ) -> (Outcome, Vec<StorySummary>) {
        let (mut sample, arriving) = arriving(self.state, self.signature, content, self.rules);
        let mut compared = Vec::new();
        if arriving.shingles.len() >= self.rules.shared_min {
            let replaced = replaced.map(|(seq, _)| seq);
            for story in self.candidates(&content.sketch, replaced, counters) {
                compared.extend(self.compare(story, &arriving, replaced));
            }
        } else {
            // Too few to ever match anything: none are kept, so the article is not indexed.
            sample.survivors.clear();
        }
        // A stable sort: equal scores keep the order of the candidates.
        compared.sort_by_key(|compared: &ComparedStory| Reverse(compared.mean_score));
        let embedded = content.tail.as_ref().map_or_else(Vec::new, |tail| {
            let stories = self.candidates(&tail.sketch, replaced.map(|(seq, _)| seq), counters);
            embedded::links(self.state, self.rules, &arriving.publisher, tail, &stories, |member| {
                self.can_match(member)
            })
        });
        self.choose_story(content, replaced, sample, &compared, embedded)
    }

    /// Chooses the best of the stories that take the article, or begins one. `compared` is sorted, best first.
    fn choose_story(
        &self,
        content: &ArticleContent,
        replaced: Option<(u64, &LiveArticle)>,
        sample: ShingleSample,
        compared: &[ComparedStory],
        embedded: Vec<Link>,
    ) -> (Outcome, Vec<StorySummary>) {
        let id = self.signature.raw.article_id();
        let mut summaries: BTreeMap<StoryId, StorySummary> = BTreeMap::new();
        if let Some(summary) = self.without(replaced) {
            summaries.insert(summary.id, summary);
        }
        let accepting: Vec<&ComparedStory> = compared.iter().filter(|compared| self.accepts(compared)).collect();
        let links = self.links(compared);
        let best = accepting.first().copied();
        let mut assignment = Assignment {
            story: best.map_or(id.into(), |best| best.story),
            merged: Vec::new(),
            replaced: replaced.map(|(seq, _)| seq),
            relation: match best {
                Some(best) if updates(replaced, best.story) => Relation::Version,
                Some(best) => relation(&best.features),
                None if links.is_empty() => Relation::Unique,
                None => Relation::Partial,
            },
            matched: best.map(|best| self.matched(best)),
            links,
            sample,
            learned_by: None,
        };
        assignment.learned_by = self.learned_by(content, &assignment, compared);
        if let Some(best) = best {
            let mut summary = summaries.remove(&best.story).or_else(|| self.state.summary(best.story));
            for other in &accepting[1..] {
                if self.is_one_story(best.story, other.story) {
                    let from = summaries.remove(&other.story).or_else(|| self.state.summary(other.story));
                    if let (Some(a), Some(b)) = (summary.take(), from) {
                        // The story whose first article is earlier keeps its id.
                        let age = |summary: &StorySummary| (summary.first_seen, self.earliest(summary.id));
                        let (mut into, from) = if age(&a) < age(&b) { (a, b) } else { (b, a) };
                        summary::merge(&mut into, &from);
                        assignment.merged.push(from.id);
                        assignment.story = into.id;
                        summary = Some(into);
                    }
                }
            }
            if let Some(mut summary) = summary {
                let member = LiveArticle::new(self.signature, content, 0, &assignment).member();
                summary::add_member(&mut summary, member, &content.language, &content.credits);
                summary.revision = self.seq;
                summaries.insert(summary.id, summary);
            }
        }
        let own = |story| story == assignment.story || assignment.merged.contains(&story);
        assignment.links.extend(embedded.into_iter().filter(|link| !own(link.story_id)));
        (Outcome::Assigned(Box::new(assignment)), summaries.into_values().collect())
    }

    /// Links to the stories that do not take the article, but share passages with it.
    fn links(&self, compared: &[ComparedStory]) -> Vec<Link> {
        compared
            .iter()
            .filter(|compared| !self.accepts(compared) && compared.features.containment() >= self.rules.link_min)
            .take(PARTIAL_LINKS_MAX)
            .map(|compared| Link {
                story_id: compared.story,
                relation: Relation::Partial,
                containment: compared.features.containment(),
                matched_to: self.uri(compared.best),
            })
            .collect()
    }

    fn matched(&self, compared: &ComparedStory) -> Match {
        Match {
            score: compared.mean_score,
            article_in_matched: compared.features.first_in_second,
            matched_in_article: compared.features.second_in_first,
            matched_to: self.uri(compared.best),
            shared_shingles: compared.features.shared_shingles,
            members_compared: compared.members_compared as u32,
            members_matching: compared.members_matching as u32,
        }
    }

    fn uri(&self, seq: u64) -> Arc<str> {
        self.state.articles.get(seq).map_or_else(|| "".into(), |article| article.uri().into())
    }

    /// The publisher whose boilerplate filter learns the article. Of a publisher's articles in a story, only the first is
    /// learned: the others would make the story its boilerplate. For the same reason, no newer version of a uri is learned.
    fn learned_by(
        &self,
        content: &ArticleContent,
        assignment: &Assignment,
        compared: &[ComparedStory],
    ) -> Option<Arc<str>> {
        let publisher = &content.publisher;
        let is_of_publisher = |seq| self.state.articles.get(seq).is_some_and(|member| member.publisher == *publisher);
        let learned_before =
            compared.iter().filter(|compared| compared.features.containment() >= SAME_TEXT_MIN).any(|compared| {
                self.state.live_members(compared.story).rev().take(SEARCHED_FOR_PUBLISHER_MAX).any(is_of_publisher)
            });
        let is_learned =
            !publisher.is_empty() && content.tokens > 0 && assignment.replaced.is_none() && !learned_before;
        is_learned.then(|| publisher.clone())
    }
}

/// Whether an article replaces one that was the story's own text. Then it is the next version of that text, whatever copies
/// of the old one it is compared with.
fn updates(replaced: Option<(u64, &LiveArticle)>, story: StoryId) -> bool {
    replaced.is_some_and(|(_, article)| {
        article.story == story && summary::is_own_text(article.relation, article.matched.as_deref())
    })
}

/// The relation of the article to the member that it matched best.
fn relation(features: &Features) -> Relation {
    const NEARLY_ALL: Ratio = Ratio(8_500);
    let Features { first_in_second, second_in_first, same_publisher, .. } = *features;
    match (first_in_second >= NEARLY_ALL, second_in_first >= NEARLY_ALL) {
        _ if first_in_second == Ratio::ONE && second_in_first == Ratio::ONE => Relation::Exact,
        _ if same_publisher => Relation::Version,
        (true, true) => Relation::Near,
        (true, false) => Relation::Abridged,
        (false, true) => Relation::Extended,
        (false, false) => Relation::Rewrite,
    }
}
