//! The file: frames one after another, each all of a transaction or nothing.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::pipeline::Placed;
use crate::pipeline::port::{Committed, Inbound, Outbound, TopicPartition, Transaction};
use crate::record::Millis;

/// Before each frame: how many bytes it has, and their XXH3-64, both little-endian.
const HEADER_BYTES: u64 = 16;

/// What a transaction has written.
#[derive(Serialize, Deserialize)]
pub(super) struct Frame {
    pub(super) records: Vec<Placed>,
    positions: Vec<Position>,
}

/// How far a group has read a partition.
#[derive(Serialize, Deserialize)]
struct Position {
    group: Arc<str>,
    topic: Arc<str>,
    partition: i32,
    next: i64,
    note: String,
}

/// The file, and where in it what stands.
#[derive(Debug)]
pub(super) struct Log {
    /// Locked as long as it is open.
    file: File,
    path: PathBuf,
    end: u64,
    partitions: BTreeMap<TopicPartition, Part>,
    positions: BTreeMap<(Arc<str>, TopicPartition), Committed>,
}

/// A partition of a topic in the file.
#[derive(Debug, Default)]
struct Part {
    /// The offset after its last record.
    end: i64,
    /// The frames that hold records of it: the offset of the first one, and where the frame begins.
    frames: Vec<(i64, u64)>,
}

impl Log {
    /// Begins the file anew, for this process alone: what it held is thrown away, unread.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let log = Self::lock(path)?;
        log.file.set_len(0)?;
        Ok(log)
    }

    /// Opens the file for this process alone. A frame that is not whole is cut off with all that follows: of a file that is only
    /// appended to, that is what a crash left.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut log = Self::lock(path)?;
        let length = log.file.metadata()?.len();
        let mut reader = BufReader::new(log.reader()?);
        while let Some((frame, bytes)) = next_frame(&mut reader, length - log.end)? {
            log.index(frame);
            log.end += bytes;
        }
        if log.end < length {
            let torn = length - log.end;
            tracing::info!("{}: {torn} bytes that a crash has left unfinished are cut off", path.display());
            log.file.set_len(log.end)?;
        }
        log.file.seek(SeekFrom::Start(log.end))?;
        Ok(log)
    }

    fn lock(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(io::ErrorKind::WouldBlock, "another process writes it"),
            TryLockError::Error(error) => error,
        })?;
        let (partitions, positions) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { file, path: path.to_owned(), end: 0, partitions, positions })
    }

    /// Waits until all of it stands on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Another handle, with a place of its own.
    pub(super) fn reader(&self) -> io::Result<File> {
        File::open(&self.path)
    }

    /// Appends all of a transaction, and returns the offset of each record. `passed` is called at points of it at which a crash
    /// leaves something else behind.
    pub(super) fn append(
        &mut self,
        group: &Arc<str>,
        transaction: &Transaction,
        passed: impl Fn(&'static str),
    ) -> io::Result<Vec<i64>> {
        passed("after_begin");
        let frame = self.frame(group, transaction);
        let payload = postcard::to_stdvec(&frame)
            .unwrap_or_else(|error| unreachable!("a frame has no unserialisable part: {error}"));
        let mut bytes = Vec::with_capacity(payload.len() + HEADER_BYTES as usize);
        bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&xxh3_64(&payload).to_le_bytes());
        bytes.extend_from_slice(&payload);
        let (half, almost) = (bytes.len() / 2, bytes.len() - 1);
        let written = (|| {
            self.file.write_all(&bytes[..half])?;
            passed("after_first_record");
            self.file.write_all(&bytes[half..almost])?;
            passed("after_records");
            self.file.write_all(&bytes[almost..])
        })();
        if let Err(error) = written {
            // A full disk, mostly: what was written of the frame makes room. If that fails too, the next open does it.
            let _ = self.file.set_len(self.end).and_then(|()| self.file.seek(SeekFrom::Start(self.end)));
            return Err(error);
        }
        passed("after_positions");
        let offsets = self.index(frame);
        self.end += bytes.len() as u64;
        passed("after_commit");
        Ok(offsets)
    }

    /// A record without a partition goes to the only one that a public topic has here.
    fn frame(&self, group: &Arc<str>, transaction: &Transaction) -> Frame {
        let mut ends = BTreeMap::new();
        let record = |record: &Outbound| {
            let from = TopicPartition { topic: record.topic.clone(), partition: record.partition.unwrap_or(0) };
            let end = ends.entry(from.clone()).or_insert_with(|| self.range_end(&from));
            let (offset, key, value) = (*end, record.key.clone(), record.value.clone());
            *end += 1;
            Placed::from(Inbound { from, offset, timestamp: Millis(-1), key, value, headers: record.headers.clone() })
        };
        let position = |(at, committed): &(TopicPartition, Committed)| Position {
            group: group.clone(),
            topic: at.topic.clone(),
            partition: at.partition,
            next: committed.next,
            note: committed.note.clone(),
        };
        Frame {
            records: transaction.records.iter().map(record).collect(),
            positions: transaction.positions.iter().map(position).collect(),
        }
    }

    /// Takes a frame at the end of the file into the index.
    fn index(&mut self, frame: Frame) -> Vec<i64> {
        let mut offsets = Vec::with_capacity(frame.records.len());
        for record in frame.records {
            let Inbound { from, offset, .. } = record.into();
            let part = self.partitions.entry(from).or_default();
            if part.frames.last().is_none_or(|(_, at)| *at != self.end) {
                part.frames.push((offset, self.end));
            }
            part.end = offset + 1;
            offsets.push(offset);
        }
        for Position { group, topic, partition, next, note } in frame.positions {
            self.positions.insert((group, TopicPartition { topic, partition }), Committed { next, note });
        }
        offsets
    }

    /// The offset after the last record of a partition.
    pub(super) fn range_end(&self, partition: &TopicPartition) -> i64 {
        self.partitions.get(partition).map_or(0, |part| part.end)
    }

    /// Where the frames begin that hold records of a partition, from the one with this offset on.
    pub(super) fn frames(&self, partition: &TopicPartition, from: i64) -> &[(i64, u64)] {
        let Some(part) = self.partitions.get(partition).filter(|part| from < part.end) else { return &[] };
        let first = part.frames.partition_point(|(first, _)| *first <= from).saturating_sub(1);
        &part.frames[first..]
    }

    /// The position of a group.
    pub(super) fn committed(&self, group: &Arc<str>, partition: &TopicPartition) -> Option<Committed> {
        self.positions.get(&(group.clone(), partition.clone())).cloned()
    }
}

/// The records of a partition in the frame that begins at `at`.
pub(super) fn records_at(file: &mut File, at: u64, partition: &TopicPartition) -> io::Result<Vec<Inbound>> {
    file.seek(SeekFrom::Start(at))?;
    let (frame, _) = next_frame(file, u64::MAX)?.ok_or_else(|| io::Error::other(format!("damaged at byte {at}")))?;
    let records = frame.records.into_iter().map(Inbound::from);
    Ok(records.filter(|record| record.from == *partition).collect())
}

/// The next frame and its bytes in the file, of which so many are left; none where it is not whole.
fn next_frame(reader: &mut impl Read, left: u64) -> io::Result<Option<(Frame, u64)>> {
    let mut number = [0; 8];
    if left < HEADER_BYTES {
        return Ok(None);
    }
    reader.read_exact(&mut number)?;
    let length = u64::from_le_bytes(number);
    reader.read_exact(&mut number)?;
    if length > left - HEADER_BYTES {
        return Ok(None);
    }
    let mut payload = Vec::new();
    let read = reader.take(length).read_to_end(&mut payload)?;
    let is_whole = read as u64 == length && xxh3_64(&payload) == u64::from_le_bytes(number);
    // A frame of another build has its checksum and still cannot be read.
    let frame = is_whole.then(|| postcard::from_bytes(&payload)).transpose().map_err(io::Error::other)?;
    Ok(frame.map(|frame| (frame, HEADER_BYTES + length)))
}
