//! The results of a replay in its directory: the public records, one a line.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_128;

use super::file::records_at;
use super::handle::Journal;
use crate::stream::dead_letter;
use crate::stream::port::{ConsumerRecord, TopicPartition};

impl Journal {
    /// Writes the last record of each key of `topic`, in the order of their offsets: what a compacted topic keeps. The file
    /// appears when it is complete.
    pub(in crate::replay) fn write_last(&self, topic: &str, path: &Path) -> io::Result<()> {
        // Some 50 bytes a key. Among 10^12 keys, two have the same hash with a probability of about 10^-15.
        let mut last: HashMap<u128, i64> = HashMap::new();
        let key = |record: &ConsumerRecord| xxh3_128(record.key.as_deref().unwrap_or_default());
        self.each(topic, |record| {
            last.insert(key(&record), record.offset);
            Ok(())
        })?;
        write_whole(path, |out| {
            self.each(topic, |record| match record.value {
                Some(ref value) if last.get(&key(&record)) == Some(&record.offset) => {
                    out.write_all(value)?;
                    out.write_all(b"\n")
                }
                _ => Ok(()),
            })
        })
    }

    /// Writes every dead letter of `topic`, in the format of `cluster`.
    pub(in crate::replay) fn write_dead_letters(&self, topic: &str, path: &Path) -> io::Result<()> {
        write_whole(path, |out| {
            self.each(topic, |record| {
                let letter =
                    dead_letter(&record).ok_or_else(|| io::Error::other("a dead letter without its reason"))?;
                serde_json::to_writer(&mut *out, &letter)?;
                out.write_all(b"\n")
            })
        })
    }

    fn each(&self, topic: &str, mut take: impl FnMut(ConsumerRecord) -> io::Result<()>) -> io::Result<()> {
        let partition = TopicPartition { topic: topic.into(), partition: 0 };
        let (frames, mut file) = {
            let file = self.file();
            (file.frames(&partition, 0).to_vec(), file.reader()?)
        };
        for (_, at) in frames {
            records_at(&mut file, at, &partition)?.into_iter().try_for_each(&mut take)?;
        }
        Ok(())
    }
}

/// Writes a file under another name, and renames it when it is complete and on the disk.
pub(in crate::replay) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut out = BufWriter::new(File::create(&unfinished)?);
    write(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(&unfinished, path)
}
