//! External merge sort: sorted runs in temporary files, and their merge.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// How many bytes are sorted in memory at once.
const RUN_BYTES: usize = 64 << 20;

/// How much of a run is read ahead: with a hundred runs, which are 6 GB, 25 MB.
const READ_AHEAD: usize = 256 << 10;

/// Sorts items by a key. Equal keys keep the order in which they were pushed.
#[derive(Debug)]
pub(super) struct ExternalSorter {
    run_bytes: usize,
    items: Vec<(i64, Vec<u8>)>,
    bytes: usize,
    runs: Vec<File>,
    count: u64,
}

impl Default for ExternalSorter {
    fn default() -> Self {
        Self { run_bytes: RUN_BYTES, items: Vec::new(), bytes: 0, runs: Vec::new(), count: 0 }
    }
}

impl ExternalSorter {
    /// Adds an item.
    pub(super) fn push(&mut self, key: i64, item: Vec<u8>) -> io::Result<()> {
        self.bytes += item.len() + size_of::<(i64, Vec<u8>)>();
        self.items.push((key, item));
        self.count += 1;
        if self.bytes >= self.run_bytes { self.write_run() } else { Ok(()) }
    }

    /// All items, in order.
    pub(super) fn finish(mut self) -> io::Result<SortedRecords> {
        self.write_run()?;
        let mut sorted = SortedRecords {
            runs: self.runs.into_iter().map(|file| BufReader::with_capacity(READ_AHEAD, file)).collect(),
            heads: BinaryHeap::new(),
            count: self.count,
            next: 0,
        };
        sorted.begin()?;
        Ok(sorted)
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.items.sort_by_key(|(key, _)| *key);
        let mut out = BufWriter::new(tempfile::tempfile()?);
        for (key, item) in self.items.drain(..) {
            out.write_all(&key.to_le_bytes())?;
            out.write_all(&(item.len() as u64).to_le_bytes())?;
            out.write_all(&item)?;
        }
        self.runs.push(out.into_inner().map_err(io::IntoInnerError::into_error)?);
        self.bytes = 0;
        Ok(())
    }
}

/// Items in order, which can be read more than once.
#[derive(Debug)]
pub(super) struct SortedRecords {
    runs: Vec<BufReader<File>>,
    /// The first item of each run. Runs are numbered in the order in which they were written, which settles equal keys.
    heads: BinaryHeap<Reverse<(i64, usize, Vec<u8>)>>,
    count: u64,
    next: u64,
}

impl SortedRecords {
    /// How many items there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The number of the next item.
    pub(super) fn position(&self) -> u64 {
        self.next
    }

    /// Goes to the item of this number.
    pub(super) fn seek(&mut self, position: u64) -> io::Result<()> {
        if position < self.next {
            self.begin()?;
        }
        while self.next < position && self.next_item()?.is_some() {}
        Ok(())
    }

    /// The next item with its key; none at the end.
    pub(super) fn next_item(&mut self) -> io::Result<Option<(i64, Vec<u8>)>> {
        let Some(Reverse((key, run, item))) = self.heads.pop() else { return Ok(None) };
        self.next += 1;
        self.read_head(run)?;
        Ok(Some((key, item)))
    }

    fn begin(&mut self) -> io::Result<()> {
        self.heads.clear();
        self.next = 0;
        for run in 0..self.runs.len() {
            self.runs[run].rewind()?;
            self.read_head(run)?;
        }
        Ok(())
    }

    fn read_head(&mut self, run: usize) -> io::Result<()> {
        let file = &mut self.runs[run];
        let mut number = [0; 8];
        match file.read_exact(&mut number) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        let key = i64::from_le_bytes(number);
        file.read_exact(&mut number)?;
        let mut item = vec![0; u64::from_le_bytes(number) as usize];
        file.read_exact(&mut item)?;
        self.heads.push(Reverse((key, run, item)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rest(sorted: &mut SortedRecords) -> Vec<(i64, Vec<u8>)> {
        std::iter::from_fn(|| sorted.next_item().expect("read")).collect()
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_a_stable_sort_in_memory_from_any_position_on(
            keys in prop::collection::vec(-5..5_i64, 0..60),
            run_bytes in 1..400_usize,
            position in 0..70_usize,
        ) {
            let mut sorter = ExternalSorter { run_bytes, ..ExternalSorter::default() };
            let mut expected: Vec<(i64, Vec<u8>)> = Vec::new();
            for (number, &key) in keys.iter().enumerate() {
                let item = number.to_string().into_bytes();
                sorter.push(key, item.clone()).expect("written");
                expected.push((key, item));
            }
            expected.sort_by_key(|(key, _)| *key);
            let mut sorted = sorter.finish().expect("read");
            prop_assert_eq!(sorted.count(), keys.len() as u64);
            prop_assert_eq!(&rest(&mut sorted), &expected);
            sorted.seek(position as u64).expect("sought");
            prop_assert_eq!(&rest(&mut sorted)[..], &expected[position.min(keys.len())..]);
        }
    }
}
