//! Reads the files of `eval`, `diff` and `sample`: stories, labels, texts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failure::Failure;
use super::print::print_note;
use crate::article::{ArticleReader, ParsedContent};
use crate::evaluation::{ArticleText, Clustering, ClusteringReader};
use crate::files::{Lines, Records, check_files};

/// Refuses to read standard input as more than one of these files.
pub(in crate::cli) fn check_one_stdin<'a>(files: impl Iterator<Item = &'a Path>) -> Result<(), Failure> {
    if files.filter(|path| *path == Path::new("-")).count() > 1 {
        return Err(Failure::Settings("standard input can be read only once; give files for the others".to_owned()));
    }
    Ok(())
}

/// Checks that every file of articles can be opened. A wrong name is reported before anything is done.
pub(in crate::cli) fn check_articles(files: &[PathBuf]) -> Result<(), Failure> {
    check_files(files)
        .map_err(|errors| Failure::Other(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

/// Reads one clustering from files of stories and verdicts. An empty one is named: a run may have found no story, but a
/// name may also be the wrong one.
pub(in crate::cli) fn clustering(files: &[PathBuf]) -> Result<Clustering, Failure> {
    let mut reader = ClusteringReader::default();
    let mut lines = Lines::new(files.to_vec());
    for line in lines.by_ref() {
        let line = line?;
        reader.line(&line.raw.topic, line.raw.offset as u64 + 1, &line.bytes)?;
    }
    for empty in lines.opened().iter().filter(|file| file.records == 0) {
        print_note(format_args!("{} is empty", empty.name));
    }
    Ok(reader.finish())
}

/// The name of a file in reports: its file name up to the first dot.
pub(in crate::cli) fn set_name(path: &Path) -> String {
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    file.split('.').find(|part| !part.is_empty()).unwrap_or(&file).to_owned()
}

/// Reads the texts of the wanted articles, each named by its uri or by the id in its record. Records that cannot be read
/// are skipped; of two with one name the later one counts.
pub(in crate::cli) fn texts(
    files: &[PathBuf],
    reader: &ArticleReader,
    wanted: &BTreeSet<Arc<str>>,
) -> Result<BTreeMap<Arc<str>, ArticleText>, Failure> {
    let mut texts = BTreeMap::new();
    for record in Records::of_articles(files.to_vec(), reader) {
        let record = record?;
        let Ok(incoming) = reader.read(&record.raw.topic, None, Some(&record.bytes)) else { continue };
        let ParsedContent::Article(article) = incoming.content else { continue };
        let names = [incoming.uri, incoming.id];
        if let Some(name) = names.iter().flatten().find_map(|name| wanted.get(name.as_str())) {
            let text = ArticleText { source: incoming.source.into(), title: article.title, body: article.body };
            texts.insert(name.clone(), text);
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
