//! `wirefold inspect`: reads the records of files, and reports on each.

use std::io;
use std::path::PathBuf;

use rayon::prelude::*;

use super::input::{FileError, FilePlace, RecordUnit};
use super::intake::Intake;
use super::read::{ReadOptions, ReadRecord, RecordResult, read};
use crate::article::ArticleReader;
use crate::inspection::{Examination, ExaminedRecord, InspectedRecord, Inspector, RecordPlace};
use crate::record::{DeadLetter, Millis, RawPosition, Rejection};
use crate::signature;

/// How the files are read.
#[derive(Debug, Clone, Copy)]
pub struct InspectOptions<'a> {
    /// Parses records.
    pub reader: &'a ArticleReader,
    /// The rules by which signatures are made.
    pub rules: &'a signature::SignatureRules,
    /// The clock at the start of the run: published times more than an hour later are not credible.
    pub run_started: Millis,
    /// Add the text that is compared.
    pub with_body: bool,
    /// Stop after this number of records.
    pub limit: u64,
    /// Show how far the reading has come, if standard error is a terminal.
    pub progress: bool,
}

/// Inspects the records of `files` in their order. They get the ingestion times that
/// [`cluster`](super::cluster()) gives them. `write` takes each report; its error ends the run.
pub fn inspect(
    files: &[PathBuf],
    options: &InspectOptions<'_>,
    inspector: &mut Inspector,
    mut write: impl FnMut(&InspectedRecord) -> io::Result<()>,
) -> Result<Intake, FileError> {
    let InspectOptions { reader, rules, run_started, with_body, limit, progress: with_progress } = *options;
    let how = Examination { lexicon: &rules.lexicon, with_body };
    let options = ReadOptions { reader, rules, run_started, keep: &|_| true };
    let ((), intake) = read(files, &options, |batches, progress| {
        if !with_progress {
            progress.hide();
        }
        for mut batch in batches {
            batch.truncate(usize::try_from(limit - inspector.summary().records).unwrap_or(usize::MAX));
            let examined: Vec<ExaminedRecord> = batch.into_par_iter().map(|result| examine(result, how)).collect();
            for record in examined {
                let inspected = inspector.process(record);
                write(&inspected).map_err(|source| FileError::Write { what: "records".into(), source })?;
            }
            progress.show(inspector.summary().records);
            if inspector.summary().records >= limit {
                break;
            }
        }
        Ok(())
    })?;
    Ok(intake)
}

fn examine(result: RecordResult, how: Examination<'_>) -> ExaminedRecord {
    match result {
        Ok(ReadRecord { signature, place, kept: Some(parsed), .. }) => {
            ExaminedRecord::read(record_place(&signature.raw, place), &parsed, signature, how)
        }
        Ok(ReadRecord { kept: None, .. }) => unreachable!("every record is kept"),
        Err(refused) => {
            let DeadLetter { raw, reason, detail, .. } = refused.letter;
            ExaminedRecord::refused(record_place(&raw, refused.place), Rejection { reason, detail }, how)
        }
    }
}

fn record_place(raw: &RawPosition, place: FilePlace) -> RecordPlace {
    let FilePlace { unit, line, number } = place;
    RecordPlace::of_file(raw.topic.clone(), line, number, unit == RecordUnit::Line)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::clustering::ClusteringRules;

    /// The reports on the records of these bytes.
    fn reports(bytes: &[u8], limit: u64) -> Vec<InspectedRecord> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(bytes).expect("written");
        let (reader, rules) = (ArticleReader::default(), signature::SignatureRules::default());
        let options = InspectOptions {
            reader: &reader,
            rules: &rules,
            run_started: Millis(1_800_000_000_000),
            with_body: false,
            limit,
            progress: false,
        };
        let mut inspector = Inspector::new(ClusteringRules::default());
        let mut reports = Vec::new();
        let write = |report: &InspectedRecord| {
            reports.push(report.clone());
            Ok(())
        };
        inspect(&[file.path().to_owned()], &options, &mut inspector, write).expect("a readable file");
        reports
    }

    fn line() -> impl Strategy<Value = String> {
        let record = |(id, text): (u8, String)| serde_json::json!({ "id": id.to_string(), "text": text }).to_string();
        prop_oneof![
            (0u8..20, "[a-d ]{0,40}").prop_map(record),
            (0u8..20).prop_map(|id| format!(r#"{{"id": "{id}", "pubStatus": "canceled"}}"#)),
            "x\\PC{0,40}",
            Just(String::new()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        /// For any lines there is one report for each record, in order.
        #[test]
        fn each_record_has_one_report_in_order(lines in prop::collection::vec(line(), 0..40), limit in 1u64..60) {
            let is_record = |line: &String| line.bytes().any(|byte| !byte.is_ascii_whitespace());
            let numbers = (1..).zip(&lines).filter(|(_, line)| is_record(line)).map(|(number, _)| Some(number));
            let expected: Vec<Option<u64>> = numbers.take(limit as usize).collect();
            let reports = reports(lines.join("\n").as_bytes(), limit);
            prop_assert_eq!(reports.iter().map(|report| report.place.line).collect::<Vec<_>>(), expected);
        }
    }
}
