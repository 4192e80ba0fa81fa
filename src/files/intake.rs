//! What was read of each file of a run, and what a person should be told about it.

use std::collections::HashMap;
use std::sync::Arc;

use super::input::{FileError, OpenedFile, RecordUnit, hint};

/// A file is explained if at least this share of its records was refused, in percent.
const REFUSED_PERCENT_MIN: u64 = 90;

/// Number of refused records of each file.
#[derive(Debug, Default)]
pub struct Refusals(HashMap<Arc<str>, u64>);

impl Refusals {
    /// Counts a refused record of `file`.
    pub fn add(&mut self, file: &Arc<str>) {
        match self.0.get_mut(file) {
            Some(count) => *count += 1,
            None => drop(self.0.insert(file.clone(), 1)),
        }
    }
}

/// What was read of the files of a run.
#[derive(Debug, Default)]
pub struct Intake {
    /// The files that were opened, each with the number of its records that were refused.
    pub files: Vec<(OpenedFile, u64)>,
    /// Files that could not be read to their end. What came before the error was used.
    pub errors: Vec<FileError>,
}

impl Intake {
    /// Puts together what was read.
    pub fn new(files: &[OpenedFile], mut refusals: Refusals, errors: Vec<FileError>) -> Self {
        let files = files.iter().map(|file| {
            // A file that is read twice has one count for both.
            let refused = refusals.0.get_mut(&file.name).map_or(0, |count| {
                let refused = (*count).min(file.records);
                *count -= refused;
                refused
            });
            (file.clone(), refused)
        });
        Self { files: files.collect(), errors }
    }

    /// The number of records.
    pub fn records(&self) -> u64 {
        self.files.iter().map(|(file, _)| file.records).sum()
    }

    /// The number of records that were refused.
    pub fn refused(&self) -> u64 {
        self.files.iter().map(|(_, refused)| refused).sum()
    }

    /// A sentence on each file that gave no record, and on each of which nearly all records were refused.
    pub fn notes(&self) -> Vec<String> {
        let failed = |name: &Arc<str>| self.errors.iter().any(|error| error.file() == Some(name));
        let note = |(file, refused): &(OpenedFile, u64)| {
            let OpenedFile { name, unit, records, start, .. } = file;
            if *records == 0 {
                return (!failed(name)).then(|| match start[..] {
                    [] => format!("{name} is empty"),
                    _ => format!("{name} has no records"),
                });
            }
            if refused * 100 < records * REFUSED_PERCENT_MIN {
                return None;
            }
            let of_all = match (unit, refused, records) {
                (_, 1, 1) => format!("the only {unit} could not be read"),
                _ => format!("{refused} of {records} {unit}s could not be read"),
            };
            Some(match hint(start) {
                Some(hint) => format!("{name}: {of_all}; {hint}"),
                None => format!("{name}: {of_all}"),
            })
        };
        let apart = |(file, _): &(OpenedFile, u64)| {
            let OpenedFile { name, records, was_taken_apart, other_lists, .. } = file;
            let others: Vec<String> = other_lists.iter().map(|list| format!("`{list}`")).collect();
            let others = match &others[..] {
                [] => String::new(),
                [list] => format!(", also the list of objects {list}"),
                lists => format!(", also the lists of objects {}", lists.join(", ")),
            };
            (*was_taken_apart && *records > 0).then(|| {
                format!(
                    "{name}: its objects hold lists, whose {records} elements are the records; what is next to the lists \
                     is dropped{others}"
                )
            })
        };
        self.files.iter().filter_map(apart).chain(self.files.iter().filter_map(note)).collect()
    }

    /// Why the run failed: files that could not be read to their end; else that nothing was read. None if it succeeded.
    pub fn failure(&self) -> Option<String> {
        if !self.errors.is_empty() {
            return Some(self.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        }
        let (records, refused) = (self.records(), self.refused());
        if records == 0 {
            return Some("nothing was read: there are no records".to_owned());
        }
        let is_of_lines = self.files.iter().all(|(file, _)| file.unit == RecordUnit::Line);
        let unit = if is_of_lines { RecordUnit::Line } else { RecordUnit::Record };
        (records == refused).then(|| format!("nothing was read: no {unit} of {records} could be read"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn opened(name: &str, records: u64, start: &str) -> OpenedFile {
        OpenedFile {
            name: name.into(),
            unit: RecordUnit::Line,
            records,
            was_taken_apart: false,
            other_lists: BTreeSet::new(),
            start: start.into(),
        }
    }

    fn intake(files: &[OpenedFile], refused: &[(&str, u64)]) -> Intake {
        let mut refusals = Refusals::default();
        for &(name, count) in refused {
            (0..count).for_each(|_| refusals.add(&name.into()));
        }
        Intake::new(files, refusals, Vec::new())
    }

    #[test]
    fn files_without_records_are_named() {
        let intake = intake(&[opened("a", 0, ""), opened("b", 0, "[]"), opened("c", 3, "{}")], &[]);
        assert_eq!(intake.notes(), ["a is empty", "b has no records"]);
        assert_eq!(intake.failure(), None);
    }

    #[test]
    fn what_is_left_out_next_to_lists_is_named() {
        let other_lists = ["featured".to_owned(), "ads".to_owned()].into();
        let file = OpenedFile { was_taken_apart: true, other_lists, ..opened("a", 5, "{") };
        let notes = intake(&[file], &[]).notes();
        assert!(notes[0].ends_with("is dropped, also the lists of objects `ads`, `featured`"), "{notes:?}");
    }

    #[test]
    fn a_file_is_explained_when_nearly_all_of_its_records_are_refused() {
        let files = [opened("a", 10, "id,text"), opened("b", 10, "id,text"), opened("c", 1, "?")];
        let intake = intake(&files, &[("a", 9), ("b", 8), ("c", 1)]);
        let notes = intake.notes();
        assert!(notes[0].starts_with("a: 9 of 10 lines could not be read; it looks like"), "{notes:?}");
        assert_eq!(notes[1..], ["c: the only line could not be read"]);
        assert_eq!((intake.records(), intake.refused(), intake.failure()), (21, 18, None));
    }

    #[test]
    fn a_file_that_is_read_twice_is_counted_twice() {
        let intake = intake(&[opened("a", 2, ""), opened("a", 2, "")], &[("a", 4)]);
        assert_eq!(intake.refused(), 4);
        assert_eq!(intake.failure().expect("a failure"), "nothing was read: no line of 4 could be read");
    }

    #[test]
    fn a_run_without_records_failed() {
        assert_eq!(intake(&[], &[]).failure().expect("a failure"), "nothing was read: there are no records");
    }
}
