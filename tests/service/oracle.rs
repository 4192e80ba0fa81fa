//! What must hold after every scenario, whatever happened in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wirefold::article::Reader;
use wirefold::fold::{Restore, Rules, State, Tally, Unpublished, judge, story_records, verdicts};
use wirefold::pipeline::port::Inbound;
use wirefold::record::{Decision, Low, RawPosition, Signature, VerdictRecord, Versioned};
use wirefold::sign::{self, sign};

use crate::namespace::Namespace;

/// The records under each key, in order.
pub(crate) type ByKey = BTreeMap<Vec<u8>, Vec<Option<Vec<u8>>>>;

/// All that a run has written.
pub(crate) struct Run {
    signatures: Vec<Vec<u8>>,
    pub(crate) decisions: Vec<Decision>,
    stories: ByKey,
    verdicts: ByKey,
    pub(crate) dead_letters: BTreeMap<RawPosition, Inbound>,
    /// The state after the last decision.
    pub(crate) state: State,
}

/// Reads everything back and checks it.
pub(crate) fn check(namespace: &Namespace) -> Run {
    let name = &namespace.name;
    let log = namespace.records(&namespace.topic("signatures")).remove(0);
    let input = namespace.records(&namespace.articles);
    let raw: BTreeMap<RawPosition, &Inbound> =
        input.iter().flatten().map(|record| (position(record), record)).collect();
    let dead_letters = dead_letters(namespace);

    let mut signed = BTreeSet::new();
    let reader = Reader::default();
    let rules = Rules::default();
    let signing = sign::Rules { grace: rules.grace, ..sign::Rules::default() };
    for record in &log {
        let bytes = record.value.as_deref().expect("the log has no tombstones");
        let at = Signature::from_bytes(bytes).expect("a signature can be read").raw;
        let raw = raw.get(&at).unwrap_or_else(|| panic!("{name}: {at} has a signature and does not exist"));
        let incoming = reader.read(raw.key.as_deref(), raw.value.as_deref());
        let incoming = incoming.unwrap_or_else(|rejection| panic!("{name}: {at} has a signature: {rejection}"));
        let expected = sign(incoming, at.clone(), raw.timestamp, &signing);
        assert!(bytes == expected.to_bytes(), "{name}: {at} has another signature than its text says");
        assert!(!dead_letters.contains_key(&at), "{name}: {at} has a signature and a dead letter");
        assert!(signed.insert(at.clone()), "{name}: {at} has two signatures");
    }
    for at in raw.keys() {
        assert!(signed.contains(at) || dead_letters.contains_key(at), "{name}: {at} is lost");
    }
    assert_eq!(signed.len() + dead_letters.len(), raw.len(), "{name}: a dead letter names what does not exist");

    let decided = namespace.records(&namespace.topic("decisions")).remove(0);
    let decisions: Vec<Decision> = decided.iter().map(decision).collect();
    let expected = Folded::of(&log, &rules, 0);
    for (number, (decision, expected)) in decisions.iter().zip(&expected.decisions).enumerate() {
        assert_eq!(decision.seq, number as u64, "{name}: the decisions have a hole or a repetition");
        assert_eq!(decision, expected, "{name}: another decision than the pure fold takes");
    }
    assert_eq!(decisions.len(), log.len(), "{name}: decisions and signatures");
    let [sources, stories, verdicts] =
        ["sources", "stories", "verdicts"].map(|topic| by_key(&namespace.records(&namespace.topic(topic))));
    assert_same(name, "source tables", &sources, &expected.sources);
    assert_same(name, "stories", &stories, &expected.stories);
    assert_same(name, "verdicts", &verdicts, &expected.verdicts);

    let ends: Vec<Option<i64>> = input.iter().map(|records| records.last().map(|last| last.offset + 1)).collect();
    assert_eq!(namespace.positions("sign", &namespace.articles), ends, "{name}: the positions in the input");
    let end = log.last().map_or(0, |last| last.offset + 1);
    assert_eq!(namespace.folded(), end, "{name}: the position in the log");
    let signatures = log.into_iter().filter_map(|record| record.value).collect();
    Run { signatures, decisions, stories, verdicts, dead_letters, state: expected.state }
}

impl Run {
    /// That a disturbed run has written what an undisturbed one has over the same single partition, byte for byte; only
    /// the offsets of the log, which have gaps where transactions end, are the run's own.
    pub(crate) fn assert_same_as(&self, undisturbed: &Self) {
        assert!(self.signatures == undisturbed.signatures, "the signatures differ, or their order");
        assert_eq!(numbered(&self.decisions), numbered(&undisturbed.decisions));
        assert_same("both runs", "stories", &self.stories, &undisturbed.stories);
        assert_same("both runs", "verdicts", &self.verdicts, &undisturbed.verdicts);
        let at = |run: &Self| run.dead_letters.keys().cloned().collect::<Vec<_>>();
        assert_eq!(at(self), at(undisturbed));
    }

    /// From where a restart reads: the place that the last decision carries.
    pub(crate) fn low(&self) -> Low {
        self.decisions.last().expect("something was decided").low
    }

    /// The signatures of the log.
    pub(crate) fn signatures(&self) -> impl Iterator<Item = Signature> {
        self.signatures.iter().map(|bytes| Signature::from_bytes(bytes).expect("a signature"))
    }

    /// Stories published.
    pub(crate) fn stories(&self) -> usize {
        self.stories.len()
    }

    /// The last verdict on this uri.
    pub(crate) fn verdict(&self, uri: &str) -> VerdictRecord {
        let last = self.verdicts.get(uri.as_bytes()).and_then(|verdicts| verdicts.last()?.as_deref());
        serde_json::from_slice(last.unwrap_or_else(|| panic!("no verdict on {uri}"))).expect("a verdict")
    }
}

/// What the pure fold makes of a log.
#[derive(Default)]
pub(crate) struct Folded {
    state: State,
    pub(crate) decisions: Vec<Decision>,
    sources: ByKey,
    pub(crate) stories: ByKey,
    pub(crate) verdicts: ByKey,
}

impl Folded {
    pub(crate) fn of(log: &[Inbound], rules: &Rules, generation: u32) -> Self {
        let mut folded = Self::default();
        let json = |value: serde_json::Result<Vec<u8>>| Some(value.expect("a record can be written"));
        for record in log {
            let signature = Signature::from_bytes(record.value.as_deref().unwrap_or_default()).expect("a signature");
            let mut decision = judge(&folded.state, &signature, record.offset, rules, &mut Tally::default());
            if record.headers.iter().any(|(name, _)| name == "wirefold.warmup") {
                folded.state.keep_unpublished(&mut decision);
            }
            let changes = folded.state.apply(&signature, &decision);
            for (source, table) in Restore::tables_after(&folded.state, &decision) {
                folded.sources.entry(source.as_bytes().to_vec()).or_default().push(table.map(|table| table.to_bytes()));
            }
            for story in story_records(&decision, &changes, generation, Unpublished::Closed) {
                let key = story.story_id.to_string().into_bytes();
                folded.stories.entry(key).or_default().push(json(serde_json::to_vec(&story)));
            }
            for verdict in verdicts(&folded.state, &signature, &decision, &changes, generation, Unpublished::Closed) {
                let key = verdict.uri.as_bytes().to_vec();
                folded.verdicts.entry(key).or_default().push(json(serde_json::to_vec(&verdict)));
            }
            folded.decisions.push(decision);
        }
        folded
    }
}

/// Dead letters by the position that their headers name.
pub(crate) fn dead_letters(namespace: &Namespace) -> BTreeMap<RawPosition, Inbound> {
    let mut letters = BTreeMap::new();
    for letter in namespace.records(&namespace.topic("dead-letters")).into_iter().flatten() {
        let number = |name| header(&letter, name).and_then(|text| text.parse().ok()).expect("a number");
        let at = RawPosition {
            topic: header(&letter, "__connect.errors.topic").expect("a topic").into(),
            partition: i32::try_from(number("__connect.errors.partition")).expect("a partition"),
            offset: number("__connect.errors.offset"),
        };
        let standing = letters.insert(at.clone(), letter);
        assert!(standing.is_none(), "{}: {at} has two dead letters", namespace.name);
    }
    letters
}

/// A header as text; the last one of its name.
pub(crate) fn header(record: &Inbound, name: &str) -> Option<String> {
    let (_, value) = record.headers.iter().rev().find(|(header, _)| header == name)?;
    String::from_utf8(value.clone()?).ok()
}

/// Where a raw record stands.
pub(crate) fn position(record: &Inbound) -> RawPosition {
    let from = &record.from;
    RawPosition { topic: Arc::clone(&from.topic), partition: from.partition, offset: record.offset }
}

fn decision(record: &Inbound) -> Decision {
    Decision::from_bytes(record.value.as_deref().unwrap_or_default()).expect("a decision can be read")
}

/// Decisions whose log offsets are replaced by their place in the log.
fn numbered(decisions: &[Decision]) -> Vec<Decision> {
    let place: BTreeMap<i64, i64> = decisions.iter().map(|one| (one.log_offset, one.seq as i64)).collect();
    let number = |mut decision: Decision| {
        decision.log_offset = place[&decision.log_offset];
        decision.low.log_offset = place[&decision.low.log_offset];
        decision
    };
    decisions.iter().cloned().map(number).collect()
}

fn by_key(partitions: &[Vec<Inbound>]) -> ByKey {
    let mut keys = ByKey::new();
    for record in partitions.iter().flatten() {
        keys.entry(record.key.clone().expect("public records have keys")).or_default().push(record.value.clone());
    }
    keys
}

fn assert_same(name: &str, what: &str, found: &ByKey, expected: &ByKey) {
    let text = |values: &[Option<Vec<u8>>]| -> Vec<String> {
        values.iter().map(|value| String::from_utf8_lossy(value.as_deref().unwrap_or(b"null")).into_owned()).collect()
    };
    for (key, expected) in expected {
        let found = found.get(key).map_or(&[][..], Vec::as_slice);
        if found != expected {
            let key = String::from_utf8_lossy(key);
            panic!("{name}: {what}: under {key} stands\n{:#?}\nand not\n{:#?}", text(found), text(expected));
        }
    }
    assert_eq!(found.len(), expected.len(), "{name}: {what} of more keys than there are decisions for");
}
