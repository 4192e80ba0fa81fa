//! Reads the files of `eval`, `diff` and `sample`: stories, labels, texts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failure::Failure;
use crate::article::{ArticleReader, ParsedContent};
use crate::evaluation::{ArticleText, Clustering, ClusteringReader};
use crate::files::Lines;

/// Refuses to read standard input as more than one of these files.
pub(in crate::cli) fn check_one_stdin<'a>(files: impl Iterator<Item = &'a Path>) -> Result<(), Failure> {
    if files.filter(|path| *path == Path::new("-")).count() > 1 {
        return Err(Failure::Settings("standard input can be read only once; give files for the others".to_owned()));
    }
    Ok(())
}

/// Reads one clustering from files of stories and verdicts.
pub(in crate::cli) fn clustering(files: &[PathBuf]) -> Result<Clustering, Failure> {
    let mut reader = ClusteringReader::default();
    for line in Lines::new(files.to_vec()) {
        let line = line?;
        reader.line(&line.raw.topic, line.raw.offset as u64 + 1, &line.bytes)?;
    }
    Ok(reader.finish())
}

/// The name of a file in reports: its file name up to the first dot.
pub(in crate::cli) fn set_name(path: &Path) -> String {
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    file.split('.').find(|part| !part.is_empty()).unwrap_or(&file).to_owned()
}

/// Reads the texts of the wanted articles. Lines that cannot be read are skipped; of two lines with one uri the later one
/// counts.
pub(in crate::cli) fn texts(
    files: &[PathBuf],
    reader: &ArticleReader,
    wanted: &BTreeSet<Arc<str>>,
) -> Result<BTreeMap<Arc<str>, ArticleText>, Failure> {
    let mut texts = BTreeMap::new();
    for line in Lines::new(files.to_vec()) {
        let Ok(incoming) = reader.read(None, Some(&line?.bytes)) else { continue };
        let ParsedContent::Article(article) = incoming.content else { continue };
        if let Some(uri) = wanted.get(incoming.uri.as_str()) {
            let text = ArticleText { source: article.source.into(), title: article.title, body: article.body };
            texts.insert(uri.clone(), text);
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_its_file_name_up_to_the_first_dot() {
        for (path, expected) in [("a/b.dev.pairs.tsv", "b"), ("-", "-"), (".hidden.tsv", "hidden"), ("plain", "plain")]
        {
            assert_eq!(set_name(Path::new(path)), expected);
        }
    }
}
