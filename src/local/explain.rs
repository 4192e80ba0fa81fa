//! `wirefold explain`: the fold of `cluster` once more, with two articles watched.

use std::path::PathBuf;
use std::sync::Arc;

use super::lines::LocalError;
use super::reading::{Order, Signed, Signing, read};
use crate::article::{Article, Reader};
use crate::explain::{Inquiry, Missing, Report};
use crate::fold::Rules;
use crate::record::{Millis, Signature};
use crate::sign;

/// Folds the articles of `files` as [`cluster`](super::cluster()) does, and says what was weighed between those of `uris`.
///
/// All of the files are folded: the histories of the outlets and the stories make up what was weighed.
pub fn explain(
    files: &[PathBuf],
    uris: &[Arc<str>; 2],
    order: Order,
    reader: &Reader,
    signing: &sign::Rules,
    rules: &Rules,
    run_started: Millis,
) -> Result<Result<Report, Missing>, LocalError> {
    let keep = |uri: &str| uris.iter().any(|watched| **watched == *uri);
    let mut inquiry = Inquiry::new(uris.clone(), rules, &signing.lexicon);
    let mut waiting: Vec<(Signature, Option<Box<Article>>)> = Vec::new();
    let mut lines = 0;
    read(files, &Signing { reader, rules: signing, run_started, keep: &keep }, |batches, progress| {
        for batch in batches {
            for signed in batch? {
                lines += 1;
                match (signed, order) {
                    (Signed::Err(letter), _) => inquiry.refused(&letter),
                    (Ok((signature, article)), Order::Input) => {
                        inquiry.fold(&signature, article.map(|article| *article));
                    }
                    (Ok(kept), Order::Published) => waiting.push(kept),
                }
            }
            progress.articles(lines);
        }
        waiting.sort_by_key(|(signature, _)| signature.event);
        for (signature, article) in waiting {
            inquiry.fold(&signature, article.map(|article| *article));
        }
        Ok(())
    })?;
    Ok(inquiry.report(lines))
}
