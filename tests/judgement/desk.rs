//! A desk that articles arrive at, one after the other, and that says where each was placed.

use std::collections::BTreeMap;

use wirefold::article::{Article, Incoming, Published, Request};
use wirefold::fold::{Rules, State, Tally, judge};
use wirefold::record::{Admission, Millis, Outcome, RawPosition, Relation, StoryId};
use wirefold::sign::{self, sign};

const MINUTE: i64 = 60_000;

/// 2026-03-02T06:00:00Z.
const START: i64 = 1_772_431_200_000;

/// A minute of the day after `days` days.
pub(crate) fn day(days: i64) -> i64 {
    days * 24 * 60
}

/// So many words that stand in no other text.
pub(crate) fn words(name: &str, count: usize) -> String {
    let words: Vec<String> = (0..count).map(|word| format!("{name}{word}")).collect();
    words.join(" ")
}

/// The words of a text from one to another.
pub(crate) fn part(text: &str, from: usize, to: usize) -> String {
    text.split_whitespace().skip(from).take(to - from).collect::<Vec<_>>().join(" ")
}

/// Texts one after the other, each a paragraph.
pub(crate) fn paragraphs(texts: &[&str]) -> String {
    texts.join("\n")
}

/// The fold of what arrived.
#[derive(Default)]
pub(crate) struct Desk {
    state: State,
    arrived: u64,
    rules: Rules,
    places: BTreeMap<String, Admission>,
}

impl Desk {
    /// An article of an outlet arrives so many minutes after the start; says what it was judged to be.
    pub(crate) fn arrive(&mut self, uri: &str, source: &str, minute: i64, body: &str) -> Relation {
        self.arrive_as_version(uri, 0, source, minute, body)
    }

    /// A version of an article takes the place of a lower one.
    pub(crate) fn arrive_as_version(
        &mut self,
        uri: &str,
        version: i64,
        source: &str,
        minute: i64,
        body: &str,
    ) -> Relation {
        let at = Millis(START + minute * MINUTE);
        let article = Article {
            title: format!("Headline of {uri}"),
            body: body.into(),
            language: "en".into(),
            source: source.into(),
            published: Some(Published::At(at)),
            credits: Vec::new(),
        };
        let request = Request::Judge(Box::new(article));
        let outcome = self.decide(Incoming { uri: uri.into(), version: Some(version), request }, at);
        let Outcome::Admitted(admission) = outcome else { panic!("{uri} was not placed") };
        for merged in &admission.merged {
            for place in self.places.values_mut().filter(|place| place.story == *merged) {
                place.story = admission.story;
            }
        }
        let relation = admission.relation;
        self.places.insert(uri.into(), *admission);
        relation
    }

    /// An article is taken back.
    pub(crate) fn withdraw(&mut self, uri: &str, minute: i64) {
        let at = Millis(START + minute * MINUTE);
        self.decide(Incoming { uri: uri.into(), version: None, request: Request::Withdraw }, at);
        self.places.remove(uri);
    }

    fn decide(&mut self, incoming: Incoming, at: Millis) -> Outcome {
        let offset = self.arrived as i64;
        self.arrived += 1;
        let raw = RawPosition { topic: "articles".into(), partition: 0, offset };
        let signature = sign(incoming, raw, at, &sign::Rules::default());
        let decision = judge(&self.state, &signature, offset, &self.rules, &mut Tally::default());
        self.state.apply(&signature, &decision);
        decision.outcome
    }

    /// The members of an article's story that carry a text which was taken back or has a newer version, sorted.
    pub(crate) fn superseded(&self, uri: &str) -> Vec<String> {
        let story = self.story(uri);
        let headers = self.state.live_headers();
        let header = headers.iter().find(|header| header.id == story).expect("a live story");
        let members = header.members.iter().filter(|(_, member)| member.superseded);
        let mut uris: Vec<String> = members.map(|(_, member)| member.uri.to_string()).collect();
        uris.sort_unstable();
        uris
    }

    /// The member that an article was judged to carry the text of.
    pub(crate) fn carries(&self, uri: &str) -> &str {
        self.places[uri].matched.as_ref().map_or("", |matched| &matched.matched_to)
    }

    /// The story of an article.
    pub(crate) fn story(&self, uri: &str) -> StoryId {
        self.places[uri].story
    }

    /// Whether two articles are of one story.
    pub(crate) fn together(&self, a: &str, b: &str) -> bool {
        self.story(a) == self.story(b)
    }

    /// The stories that an article is linked to, and how.
    pub(crate) fn links(&self, uri: &str) -> Vec<(StoryId, Relation)> {
        self.places[uri].links.iter().map(|link| (link.story_id, link.relation)).collect()
    }

    /// Sizes of the stories, the largest first.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let mut sizes: BTreeMap<StoryId, usize> = BTreeMap::new();
        for place in self.places.values() {
            *sizes.entry(place.story).or_default() += 1;
        }
        let mut sizes: Vec<usize> = sizes.into_values().collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes
    }
}
