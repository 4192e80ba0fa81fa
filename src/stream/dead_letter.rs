//! Dead letters as they travel: the record as it came, with Kafka Connect's headers saying where from and why.

use std::sync::Arc;

use strum::VariantArray;
use xxhash_rust::xxh3::xxh3_64;

use super::event::{Bound, Event, Observer, Stage};
use super::port::{ConsumerRecord, ProducerRecord, TopicPartition};
use crate::record::{DeadLetter, RawPosition, Reason, Rejection, Signature};

/// The longest value that a dead letter forwards whole: brokers take records of 1,048,588 bytes by default, headers included.
const VALUE_BYTES_MAX: usize = 900_000;

/// How much of a longer value a dead letter carries.
const PREFIX_BYTES: usize = 64 * 1024;

const TOPIC: &str = "__connect.errors.topic";
const PARTITION: &str = "__connect.errors.partition";
const OFFSET: &str = "__connect.errors.offset";
const REASON: &str = "__connect.errors.exception.class.name";
const DETAIL: &str = "__connect.errors.exception.message";
const BYTES: &str = "wirefold.value.bytes";
const XXH3: &str = "wirefold.value.xxh3";

/// The dead letter of a record for `topic`. A value that is too large is cut, and headers give its size and hash. A huge key
/// and huge headers are cut too, because no topic would accept the record.
pub(super) fn producer_record(
    topic: &Arc<str>,
    record: &ConsumerRecord,
    rejection: &Rejection,
    observer: &dyn Observer,
) -> ProducerRecord {
    let mut value = record.value.clone();
    let mut key = record.key.clone();
    let mut headers = record.headers.clone();
    let named: usize = headers.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, Vec::len)).sum();
    if key.as_ref().map_or(0, Vec::len) + named > PREFIX_BYTES {
        observer.observe(Event::Bound(Bound::DeadLetterBytes, 1));
        let dropped = std::mem::take(&mut headers).len();
        headers.push(("wirefold.headers.dropped".to_owned(), Some(dropped.to_string().into_bytes())));
        if let Some(key) = &mut key {
            key.truncate(PREFIX_BYTES);
        }
    }
    let TopicPartition { topic: from, partition } = record.from.clone();
    let raw = RawPosition { topic: from, partition, offset: record.offset };
    headers.extend(headers_of(&raw, Stage::Signatures, rejection));
    let mut say = |name: &str, what: String| headers.push((name.to_owned(), Some(what.into_bytes())));
    if let Some(whole) = value.as_mut().filter(|value| value.len() > VALUE_BYTES_MAX) {
        observer.observe(Event::Bound(Bound::DeadLetterBytes, 1));
        say(BYTES, whole.len().to_string());
        say(XXH3, format!("{:016x}", xxh3_64(whole)));
        whole.truncate(PREFIX_BYTES);
    }
    ProducerRecord { topic: topic.clone(), partition: None, key, value, headers }
}

/// The dead letter of a record that was refused when its signature was decided. Its value is not known any more: the
/// headers say where the record is, and the key is the id in it.
pub(super) fn of_signature(topic: &Arc<str>, signature: &Signature, rejection: &Rejection) -> ProducerRecord {
    let key = signature.names.id().unwrap_or(signature.names.uri());
    ProducerRecord {
        topic: topic.clone(),
        partition: None,
        key: Some(key.as_bytes().to_vec()),
        value: None,
        headers: headers_of(&signature.raw, Stage::Stories, rejection).into(),
    }
}

/// The headers that say which record was refused, where, and why.
fn headers_of(raw: &RawPosition, stage: Stage, rejection: &Rejection) -> [(String, Option<Vec<u8>>); 6] {
    [
        (TOPIC, raw.topic.to_string()),
        (PARTITION, raw.partition.to_string()),
        (OFFSET, raw.offset.to_string()),
        ("__connect.errors.stage", stage.name().to_owned()),
        (REASON, rejection.reason.name().to_owned()),
        (DETAIL, rejection.detail.clone()),
    ]
    .map(|(name, what)| (name.to_owned(), Some(what.into_bytes())))
}

/// The position of the record that a dead letter holds. None where its headers are not ours.
pub fn rejected_at(letter: &ConsumerRecord) -> Option<RawPosition> {
    Some(RawPosition {
        topic: header(letter, TOPIC)?.into(),
        partition: header(letter, PARTITION)?.parse().ok()?,
        offset: header(letter, OFFSET)?.parse().ok()?,
    })
}

/// What a dead letter on its topic says, in the form that files have. None where its headers are not ours.
pub fn dead_letter(letter: &ConsumerRecord) -> Option<DeadLetter> {
    let value = letter.value.as_deref().unwrap_or_default();
    let shown = &value[..value.len().min(DeadLetter::EXCERPT_BYTES_MAX)];
    let reason = header(letter, REASON)?;
    Some(DeadLetter {
        schema: DeadLetter::SCHEMA.into(),
        raw: rejected_at(letter)?,
        reason: *Reason::VARIANTS.iter().find(|known| known.name() == reason)?,
        detail: header(letter, DETAIL)?.to_owned(),
        value: String::from_utf8_lossy(shown).into_owned(),
        bytes: header(letter, BYTES).and_then(|bytes| bytes.parse().ok()).unwrap_or(value.len() as u64),
        xxh3: header(letter, XXH3).map_or_else(|| format!("{:016x}", xxh3_64(value)), str::to_owned),
    })
}

/// The value of a header. A record that was rejected and sent again also has the headers of the first time: the last ones
/// count.
fn header<'a>(letter: &'a ConsumerRecord, name: &str) -> Option<&'a str> {
    let begin = letter.headers.iter().rposition(|(name, _)| name == TOPIC)?;
    let (_, value) = letter.headers[begin..].iter().find(|(found, _)| found == name)?;
    std::str::from_utf8(value.as_deref()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Millis;

    /// What comes back of a record that was refused, and was refused at another place before.
    fn letter(value: &[u8]) -> DeadLetter {
        let from = |topic: &str| TopicPartition { topic: topic.into(), partition: 3 };
        let rejection = |detail: &str| Rejection { reason: Reason::NotJson, detail: detail.to_owned() };
        let mut record = ConsumerRecord {
            from: from("before"),
            offset: 7,
            timestamp: Millis(1),
            key: None,
            value: Some(vec![b'x'; VALUE_BYTES_MAX + 1]),
            headers: vec![("kept".to_owned(), None)],
        };
        for (topic, value, detail) in [("before", None, "first"), ("articles", Some(value), "second")] {
            let value = value.map(<[u8]>::to_vec).or(record.value);
            record = ConsumerRecord { from: from(topic), value, ..record };
            let ProducerRecord { value, headers, .. } =
                producer_record(&"letters".into(), &record, &rejection(detail), &());
            record = ConsumerRecord { value, headers, ..record };
        }
        dead_letter(&record).expect("a dead letter")
    }

    #[test]
    fn a_dead_letter_is_read_back_as_it_was_refused_last() {
        let found = letter(b"{no \xff json");
        assert_eq!((&*found.raw.topic, found.raw.partition, found.raw.offset), ("articles", 3, 7));
        assert_eq!((found.reason, found.detail.as_str()), (Reason::NotJson, "second"));
        assert_eq!((found.value.as_str(), found.bytes), ("{no \u{fffd} json", 10));
        assert_eq!(found.xxh3, format!("{:016x}", xxh3_64(b"{no \xff json")));
    }

    #[test]
    fn of_a_value_that_was_cut_the_whole_is_named() {
        let whole = vec![b'a'; VALUE_BYTES_MAX + 5];
        let found = letter(&whole);
        assert_eq!((found.bytes, found.value.len()), (whole.len() as u64, PREFIX_BYTES));
        assert_eq!(found.xxh3, format!("{:016x}", xxh3_64(&whole)));
    }

    #[test]
    fn headers_that_are_not_ours_are_no_dead_letter() {
        let from = TopicPartition { topic: "letters".into(), partition: 0 };
        let headers = vec![(TOPIC.to_owned(), Some(b"articles".to_vec()))];
        let record = ConsumerRecord { from, offset: 0, timestamp: Millis(0), key: None, value: None, headers };
        assert_eq!(dead_letter(&record), None);
    }
}
