//! `wirefold explain`: the run of `cluster` once more, with two articles watched.

use std::path::PathBuf;
use std::sync::Arc;

use super::lines::FileError;
use super::read::{LineResult, Order, ReadOptions, read};
use crate::article::{Article, ArticleReader};
use crate::clustering::ClusteringRules;
use crate::explain::{MissingArticles, PairExplainer, Report};
use crate::record::{Millis, Signature};
use crate::signature;

/// Clusters the articles of `files` as [`cluster`](super::cluster()) does, and explains how those of `uris` compare.
///
/// All of the files are clustered, because the comparison depends on the boilerplate filters and on the stories.
pub fn explain(
    files: &[PathBuf],
    uris: &[Arc<str>; 2],
    order: Order,
    reader: &ArticleReader,
    signature_rules: &signature::SignatureRules,
    rules: &ClusteringRules,
    run_started: Millis,
) -> Result<Result<Report, MissingArticles>, FileError> {
    let keep = |uri: &str| uris.iter().any(|watched| **watched == *uri);
    let mut explainer = PairExplainer::new(uris.clone(), rules, &signature_rules.lexicon);
    let mut waiting: Vec<(Signature, Option<Box<Article>>)> = Vec::new();
    let mut lines = 0;
    let options = ReadOptions { reader, rules: signature_rules, run_started, keep: &keep };
    read(files, &options, |batches, progress| {
        for batch in batches {
            for result in batch? {
                lines += 1;
                match (result, order) {
                    (LineResult::Err(letter), _) => explainer.add_dead_letter(&letter),
                    (Ok((signature, article)), Order::Input) => {
                        explainer.process(&signature, article.map(|article| *article));
                    }
                    (Ok(result), Order::Published) => waiting.push(result),
                }
            }
            progress.show(lines);
        }
        waiting.sort_by_key(|(signature, _)| signature.event);
        for (signature, article) in waiting {
            explainer.process(&signature, article.map(|article| *article));
        }
        Ok(())
    })?;
    Ok(explainer.report(lines))
}
