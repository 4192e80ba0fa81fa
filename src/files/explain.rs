//! `wirefold explain`: the run of `cluster` once more, with two articles watched.

use std::path::PathBuf;
use std::sync::Arc;

use super::input::FileError;
use super::intake::Intake;
use super::read::{Order, ReadOptions, ReadRecord, RecordResult, read};
use crate::article::{ArticleReader, ParsedRecord};
use crate::clustering::ClusteringRules;
use crate::explain::{MissingArticles, PairExplainer, Report};
use crate::record::{Millis, Signature};
use crate::signature;

/// Clusters the articles of `files` as [`cluster`](super::cluster()) does, and explains how two of them compare, each named
/// by its uri or by the id in its record.
///
/// All of the files are clustered, because the comparison depends on the boilerplate filters and on the stories.
/// A file that cannot be read to its end gives what comes before the error, which the intake has.
pub fn explain(
    files: &[PathBuf],
    names: &[Arc<str>; 2],
    order: Order,
    reader: &ArticleReader,
    signature_rules: &signature::SignatureRules,
    rules: &ClusteringRules,
    run_started: Millis,
) -> Result<(Result<Report, MissingArticles>, Intake), FileError> {
    let is_named = |stated: &Option<String>| names.iter().any(|name| stated.as_deref() == Some(&**name));
    let keep = |record: &ParsedRecord| is_named(&record.uri) || is_named(&record.id);
    let mut explainer = PairExplainer::new(names.clone(), rules, &signature_rules.lexicon);
    let mut waiting: Vec<(Signature, Option<Box<ParsedRecord>>)> = Vec::new();
    let mut lines = 0;
    let options = ReadOptions { reader, rules: signature_rules, run_started, keep: &keep };
    let ((), intake) = read(files, &options, |batches, progress| {
        for batch in batches {
            for result in batch {
                lines += 1;
                match (result, order) {
                    (RecordResult::Err(refused), _) => explainer.add_dead_letter(&refused.letter),
                    (Ok(ReadRecord { signature, kept, .. }), Order::Input) => {
                        explainer.process(&signature, kept.and_then(|record| record.into_article()));
                    }
                    (Ok(ReadRecord { signature, kept, .. }), Order::Published) => waiting.push((signature, kept)),
                }
            }
            progress.show(lines);
        }
        waiting.sort_by_key(|(signature, _)| signature.event);
        for (signature, record) in waiting {
            explainer.process(&signature, record.and_then(|record| record.into_article()));
        }
        Ok(())
    })?;
    Ok((explainer.report(lines), intake))
}
