//! A progress bar on a terminal, nothing elsewhere.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar for reading files. Hidden when standard error is no terminal.
pub struct FileProgress {
    bar: ProgressBar,
    done: Arc<AtomicU64>,
}

impl FileProgress {
    /// A bar for `files`; `bytes_read` counts the bytes read from all of them, before decompression.
    pub fn new(files: &[PathBuf], bytes_read: Arc<AtomicU64>) -> Self {
        let size =
            |path: &PathBuf| std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|meta| meta.len());
        let total: Option<u64> =
            if files.iter().any(|path| path == Path::new("-")) { None } else { files.iter().map(size).sum() };
        Self::with_total(total, bytes_read)
    }

    /// A bar for so many bytes or other units, of which `done` counts those that were read. Without a total it shows how
    /// many were read.
    pub fn with_total(total: Option<u64>, done: Arc<AtomicU64>) -> Self {
        let bar = ProgressBar::with_draw_target(
            total,
            if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() },
        );
        let template = match total {
            Some(_) => "{bar:30} {percent:>3}% {msg}, {elapsed} elapsed, {eta} to go",
            None => "{spinner} {bytes} {msg}, {elapsed} elapsed",
        };
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, done }
    }

    /// Shows how much has been read, and that `articles` articles are done.
    pub fn show(&self, articles: u64) {
        if !self.bar.is_hidden() {
            self.bar.set_position(self.done.load(Ordering::Relaxed));
            let rate = articles as f64 / self.bar.elapsed().as_secs_f64().max(1e-3);
            self.bar.set_message(format!("{articles} articles, {rate:.0}/s"));
        }
    }

    /// Hides the bar: where standard output is the same terminal, it would break the lines there.
    pub fn hide(&self) {
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
