//! `wirefold inspect`.

mod page;
mod topic;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use console::Term;

use super::app::{
    Failure, SettingsArgs, article_reader, check_articles, client, clustering_rules, harmless, init_logging_with_bar,
    now, print_note, signature_rules, start_thread_pool,
};
use crate::config::cores;
use crate::files::{self, FileError, InspectOptions};
use crate::inspection::{InspectedRecord, InspectionSummary, Inspector, RecordOutcome};
use crate::record::Reason;
use crate::replay::RangeBound;
use page::{PageWriter, RecordStyle};

/// The width of a report where there is no terminal to ask.
const REPORT_WIDTH_DEFAULT: usize = 120;

/// Arguments of `inspect`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/inspect.txt").trim_end())]
pub(super) struct InspectArgs {
    /// Files of articles, plain or compressed with gzip (.gz) or zstd (.zst); `-` is standard input
    #[arg(required_unless_present = "topic", conflicts_with = "topic", value_name = "FILES")]
    files: Vec<PathBuf>,

    /// Read this topic instead, to where it ends now; without NAME the first of topics.articles
    #[arg(long, value_name = "NAME", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "the option may be absent, without a name, or with one")]
    topic: Option<Option<String>>,

    /// Begin with the first record of the topic, an offset, or a time [default: earliest]
    #[arg(long, value_name = "earliest|OFFSET|TIME", value_parser = RangeBound::from, conflicts_with = "files")]
    from: Option<RangeBound>,

    /// Print each report as one JSON object a line
    #[arg(long)]
    json: bool,

    /// Add the text that is compared with other articles: `body` in JSON
    #[arg(long)]
    text: bool,

    /// Read only the first N records
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,

    /// Print only these records; all are read. Can be given several times
    #[arg(long, value_enum, value_name = "KIND")]
    only: Vec<RecordFilter>,

    #[command(flatten)]
    settings: SettingsArgs,
}

/// Which records are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RecordFilter {
    /// Articles
    Article,
    /// Records that take an article back
    Withdrawn,
    /// Records that must not be published
    Withheld,
    /// Records that could not be read
    Refused,
    /// Records of which something may be lost: refused, unread values, an unused longer text, the uri of another text, no
    /// date or no outlet
    Incomplete,
}

impl RecordFilter {
    fn includes(self, record: &InspectedRecord) -> bool {
        let outcome = match self {
            Self::Article => RecordOutcome::Article,
            Self::Withdrawn => RecordOutcome::Withdrawn,
            Self::Withheld => RecordOutcome::Withheld,
            Self::Refused => RecordOutcome::Refused,
            Self::Incomplete => return record.is_incomplete(),
        };
        record.outcome == outcome
    }
}

/// Prints reports on standard output.
struct ReportPrinter<'a> {
    args: &'a InspectArgs,
    page: PageWriter,
    out: BufWriter<io::Stdout>,
}

impl ReportPrinter<'_> {
    fn print(&mut self, record: &InspectedRecord) -> io::Result<()> {
        if !self.args.only.is_empty() && !self.args.only.iter().any(|filter| filter.includes(record)) {
            return Ok(());
        }
        if self.args.json {
            serde_json::to_writer(&mut self.out, record)?;
            writeln!(self.out)
        } else {
            self.page.write(&mut self.out, record)
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.page.finish(&mut self.out)?;
        self.out.flush()
    }
}

pub(super) fn run(args: &InspectArgs) -> Result<(), Failure> {
    let (config, _) = args.settings.load()?;
    let (reader, rules) = (article_reader(&config)?, signature_rules(&config));
    let mut inspector = Inspector::new(clustering_rules(&config)).with_field_map(&config.fields);
    let stdout = io::stdout();
    let options = InspectOptions {
        reader: &reader,
        rules: &rules,
        run_started: now(),
        with_body: args.text,
        limit: args.limit.unwrap_or(u64::MAX),
        progress: !stdout.is_terminal(),
    };
    let width = if stdout.is_terminal() { usize::from(Term::stdout().size().1) } else { REPORT_WIDTH_DEFAULT };
    let style = RecordStyle { width, colours: console::colors_enabled(), with_file: args.files.len() > 1 };
    let mut printer = ReportPrinter { args, page: PageWriter::new(style), out: BufWriter::new(stdout) };
    let mut intake_of_files = None;
    let ended = if let Some(topic) = &args.topic {
        let client = client(&config)?;
        init_logging_with_bar(&config, &args.settings)?;
        start_thread_pool(cores())?;
        let topic = topic.as_ref().or(config.topics.articles.first()).map_or("", String::as_str);
        let from = args.from.clone().unwrap_or(RangeBound::Earliest);
        topic::inspect(&client, (topic, &from), &options, &mut inspector, |record| printer.print(record))
    } else {
        check_articles(&args.files)?;
        start_thread_pool(cores())?;
        let intake = files::inspect(&args.files, &options, &mut inspector, |record| printer.print(record));
        match intake {
            Ok(read) => {
                intake_of_files = Some(read);
                Ok(())
            }
            Err(FileError::Write { source, .. }) => Err(Failure::Output(source)),
            Err(error) => Err(error.into()),
        }
    };
    // What was read before a file failed is printed all the same.
    let ended = printer.finish().map_err(Failure::Output).and(ended);
    match ended {
        Err(Failure::Output(error)) => return Failure::output(error),
        ended => {
            // It has names of the feed.
            inspector.summary().to_string().lines().for_each(|line| print_note(harmless(line)));
            ended?;
        }
    }
    if let Some(intake) = intake_of_files {
        intake.notes().iter().for_each(print_note);
        // That no record could be read is said below, with what to do.
        if let Some(failure) = intake.failure().filter(|_| !intake.errors.is_empty()) {
            return Err(Failure::Other(failure));
        }
    }
    check_any_was_read(inspector.summary())
}

/// Fails where no record could be read, and says what to do.
fn check_any_was_read(summary: &InspectionSummary) -> Result<(), Failure> {
    let (records, refused) = (summary.records, summary.with(RecordOutcome::Refused));
    if records == 0 {
        return Err(Failure::Other("there is no record: the input is empty".to_owned()));
    }
    if refused < records {
        return Ok(());
    }
    let what = if records == 1 { "the only record was" } else { &format!("each of the {records} records was") };
    // Only names can be mended in the settings.
    let remedy = if summary.refused_for(Reason::MissingText) > 0 || summary.refused_for(Reason::WrongType) > 0 {
        ". docs/input.md lists the shapes and fields that are read, and says how to add the names of another feed under \
         [fields] in the settings"
    } else {
        ""
    };
    Err(Failure::Other(format!("{what} refused{remedy}")))
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    fn parsed(line: &[&str]) -> Result<InspectArgs, String> {
        let command = InspectArgs::augment_args(Command::new("inspect"));
        let matches = command.try_get_matches_from([&["inspect"], line].concat()).map_err(|error| error.to_string())?;
        InspectArgs::from_arg_matches(&matches).map_err(|error| error.to_string())
    }

    #[test]
    fn either_files_or_a_topic_is_read() {
        assert_eq!(parsed(&["a", "b"]).expect("files").files.len(), 2);
        assert_eq!(parsed(&["--topic"]).expect("a topic").topic, Some(None));
        let named = parsed(&["--topic", "wires", "--from", "2026-03-01"]).expect("a topic");
        assert_eq!(named.topic, Some(Some("wires".to_owned())));
        for wrong in [&[][..], &["a", "--topic", "wires"], &["a", "--from", "7"], &["--topic", "t", "--from", "soon"]] {
            assert!(parsed(wrong).is_err(), "{wrong:?}");
        }
    }
}
