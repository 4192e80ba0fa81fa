//! Files that are read for scores and samples: stories, labels, texts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Failure;
use crate::article::{Reader, Request};
use crate::eval::{Folding, FoldingReader, Text};
use crate::local::Lines;

/// Standard input can be one of these files, and not two.
pub(super) fn refuse_two_readers_of_standard_input<'a>(files: impl Iterator<Item = &'a Path>) -> Result<(), Failure> {
    if files.filter(|path| *path == Path::new("-")).count() > 1 {
        return Err(Failure::Settings("standard input can be read once; name files for the others".to_owned()));
    }
    Ok(())
}

/// The folding that files of stories and verdicts tell together.
pub(super) fn folding(files: &[PathBuf]) -> Result<Folding, Failure> {
    let mut reader = FoldingReader::default();
    for line in Lines::new(files.to_vec()) {
        let line = line?;
        reader.line(&line.raw.topic, line.raw.offset as u64 + 1, &line.bytes)?;
    }
    Ok(reader.finish())
}

/// What a report calls a file: its name up to the first point.
pub(super) fn name(path: &Path) -> String {
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    file.split('.').find(|part| !part.is_empty()).unwrap_or(&file).to_owned()
}

/// The texts of some articles. A line that cannot be read is none of theirs, and of two lines with one uri the later
/// one counts.
pub(super) fn texts(
    files: &[PathBuf],
    reader: &Reader,
    wanted: &BTreeSet<Arc<str>>,
) -> Result<BTreeMap<Arc<str>, Text>, Failure> {
    let mut texts = BTreeMap::new();
    for line in Lines::new(files.to_vec()) {
        let Ok(incoming) = reader.read(None, Some(&line?.bytes)) else { continue };
        let Request::Judge(article) = incoming.request else { continue };
        if let Some(uri) = wanted.get(incoming.uri.as_str()) {
            let text = Text { source: article.source.into(), title: article.title, body: article.body };
            texts.insert(uri.clone(), text);
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_its_name_up_to_the_first_point() {
        for (path, expected) in [("a/b.dev.pairs.tsv", "b"), ("-", "-"), (".hidden.tsv", "hidden"), ("plain", "plain")]
        {
            assert_eq!(name(Path::new(path)), expected);
        }
    }
}
