//! The file: one frame after another, each a whole transaction.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::record::Millis;
use crate::replay::spill::SpilledRecord;
use crate::stream::failpoint;
use crate::stream::port::{CommittedOffset, ConsumerRecord, ProducerRecord, TopicPartition, Transaction};

/// Before each frame: its length in bytes and its XXH3-64, both little-endian.
const FRAME_HEADER_BYTES: u64 = 16;

/// A transaction.
#[derive(Serialize, Deserialize)]
pub(super) struct Frame {
    pub(super) records: Vec<SpilledRecord>,
    offsets: Vec<JournalOffset>,
}

/// A committed offset of a group.
#[derive(Serialize, Deserialize)]
struct JournalOffset {
    group: Arc<str>,
    topic: Arc<str>,
    partition: i32,
    next: i64,
    metadata: String,
}

/// The file, and the positions of its frames.
#[derive(Debug)]
pub(super) struct JournalFile {
    /// Locked as long as it is open.
    file: File,
    path: PathBuf,
    end: u64,
    partitions: BTreeMap<TopicPartition, PartitionIndex>,
    committed: BTreeMap<(Arc<str>, TopicPartition), CommittedOffset>,
}

/// A partition of a topic in the file.
#[derive(Debug, Default)]
struct PartitionIndex {
    /// The offset after its last record.
    end: i64,
    /// The frames with records of it: the offset of the first such record, and the position of the frame.
    frames: Vec<(i64, u64)>,
}

impl JournalFile {
    /// Creates an empty file, for this process alone; an earlier one is deleted, unread.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = Self::lock(path)?;
        file.file.set_len(0)?;
        Ok(file)
    }

    /// Opens the file for this process alone. An incomplete frame is cut off with everything behind it: of a file that is
    /// only appended to, it is what a crash has left.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut journal = Self::lock(path)?;
        let length = journal.file.metadata()?.len();
        let mut reader = BufReader::new(journal.reader()?);
        while let Some((frame, bytes)) = next_frame(&mut reader, length - journal.end)? {
            journal.index(frame);
            journal.end += bytes;
        }
        if journal.end < length {
            let torn = length - journal.end;
            tracing::info!(
                "{}: {torn} bytes of a transaction that a crash has interrupted are cut off",
                path.display()
            );
            journal.file.set_len(journal.end)?;
        }
        journal.file.seek(SeekFrom::Start(journal.end))?;
        Ok(journal)
    }

    fn lock(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(io::ErrorKind::WouldBlock, "another process writes it"),
            TryLockError::Error(error) => error,
        })?;
        let (partitions, committed) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { file, path: path.to_owned(), end: 0, partitions, committed })
    }

    /// Waits until the file is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Another handle, with a position of its own.
    pub(super) fn reader(&self) -> io::Result<File> {
        File::open(&self.path)
    }

    /// Appends a transaction, and returns the offset of each record.
    pub(super) fn append(&mut self, group: &Arc<str>, transaction: &Transaction) -> io::Result<Vec<i64>> {
        failpoint::hit("after_begin");
        let frame = self.frame(group, transaction);
        let payload = postcard::to_stdvec(&frame)
            .unwrap_or_else(|error| unreachable!("a frame has no unserialisable part: {error}"));
        let mut bytes = Vec::with_capacity(payload.len() + FRAME_HEADER_BYTES as usize);
        bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&xxh3_64(&payload).to_le_bytes());
        bytes.extend_from_slice(&payload);
        let (half, almost) = (bytes.len() / 2, bytes.len() - 1);
        let written = (|| {
            self.file.write_all(&bytes[..half])?;
            failpoint::hit("after_first_record");
            self.file.write_all(&bytes[half..almost])?;
            failpoint::hit("after_records");
            self.file.write_all(&bytes[almost..])
        })();
        if let Err(error) = written {
            // A full disk, mostly: the part that was written is removed. If that fails too, the next open removes it.
            let _ = self.file.set_len(self.end).and_then(|()| self.file.seek(SeekFrom::Start(self.end)));
            return Err(error);
        }
        failpoint::hit("after_offsets");
        let offsets = self.index(frame);
        self.end += bytes.len() as u64;
        failpoint::hit("after_commit");
        Ok(offsets)
    }

    /// A record without a partition goes to partition 0, the only one of a public topic here.
    fn frame(&self, group: &Arc<str>, transaction: &Transaction) -> Frame {
        let mut ends = BTreeMap::new();
        let record = |record: &ProducerRecord| {
            let from = TopicPartition { topic: record.topic.clone(), partition: record.partition.unwrap_or(0) };
            let end = ends.entry(from.clone()).or_insert_with(|| self.range_end(&from));
            let (offset, key, value) = (*end, record.key.clone(), record.value.clone());
            *end += 1;
            SpilledRecord::from(ConsumerRecord {
                from,
                offset,
                timestamp: Millis(-1),
                key,
                value,
                headers: record.headers.clone(),
            })
        };
        let offset = |(at, committed): &(TopicPartition, CommittedOffset)| JournalOffset {
            group: group.clone(),
            topic: at.topic.clone(),
            partition: at.partition,
            next: committed.next,
            metadata: committed.metadata.clone(),
        };
        Frame {
            records: transaction.records.iter().map(record).collect(),
            offsets: transaction.offsets.iter().map(offset).collect(),
        }
    }

    /// Adds a frame at the end of the file to the index.
    fn index(&mut self, frame: Frame) -> Vec<i64> {
        let mut offsets = Vec::with_capacity(frame.records.len());
        for record in frame.records {
            let ConsumerRecord { from, offset, .. } = record.into();
            let part = self.partitions.entry(from).or_default();
            if part.frames.last().is_none_or(|(_, at)| *at != self.end) {
                part.frames.push((offset, self.end));
            }
            part.end = offset + 1;
            offsets.push(offset);
        }
        for JournalOffset { group, topic, partition, next, metadata } in frame.offsets {
            self.committed.insert((group, TopicPartition { topic, partition }), CommittedOffset { next, metadata });
        }
        offsets
    }

    /// The offset after the last record of a partition.
    pub(super) fn range_end(&self, partition: &TopicPartition) -> i64 {
        self.partitions.get(partition).map_or(0, |part| part.end)
    }

    /// The frames with records of a partition, from the one with this offset on.
    pub(super) fn frames(&self, partition: &TopicPartition, from: i64) -> &[(i64, u64)] {
        let Some(part) = self.partitions.get(partition).filter(|part| from < part.end) else { return &[] };
        let first = part.frames.partition_point(|(first, _)| *first <= from).saturating_sub(1);
        &part.frames[first..]
    }

    /// The committed offset of a group.
    pub(super) fn committed(&self, group: &Arc<str>, partition: &TopicPartition) -> Option<CommittedOffset> {
        self.committed.get(&(group.clone(), partition.clone())).cloned()
    }
}

/// The records of a partition in the frame that begins at `at`.
pub(super) fn records_at(file: &mut File, at: u64, partition: &TopicPartition) -> io::Result<Vec<ConsumerRecord>> {
    file.seek(SeekFrom::Start(at))?;
    let (frame, _) = next_frame(file, u64::MAX)?.ok_or_else(|| io::Error::other(format!("damaged at byte {at}")))?;
    let records = frame.records.into_iter().map(ConsumerRecord::from);
    Ok(records.filter(|record| record.from == *partition).collect())
}

/// The next frame and its size in the file, of which `left` bytes remain; none where it is incomplete.
fn next_frame(reader: &mut impl Read, left: u64) -> io::Result<Option<(Frame, u64)>> {
    let mut number = [0; 8];
    if left < FRAME_HEADER_BYTES {
        return Ok(None);
    }
    reader.read_exact(&mut number)?;
    let length = u64::from_le_bytes(number);
    reader.read_exact(&mut number)?;
    if length > left - FRAME_HEADER_BYTES {
        return Ok(None);
    }
    let mut payload = Vec::new();
    let read = reader.take(length).read_to_end(&mut payload)?;
    let is_whole = read as u64 == length && xxh3_64(&payload) == u64::from_le_bytes(number);
    // A frame of another build has a right checksum and may still be unreadable.
    let frame = is_whole.then(|| postcard::from_bytes(&payload)).transpose().map_err(io::Error::other)?;
    Ok(frame.map(|frame| (frame, FRAME_HEADER_BYTES + length)))
}
