//! `wirefold explain`.

mod page;
mod text;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::{ArgAction, Args};
use console::Term;

use super::app::{
    Failure, SettingsArgs, article_reader, check_articles, clustering_rules, now, print_json, print_note,
    signature_rules, start_thread_pool,
};
use crate::config::cores;
use crate::explain::Report;
use crate::files::{self, Order};
use page::{PageStyle, write_report};

/// The width of the page where there is no terminal to ask.
const WIDTH_WITHOUT_TERMINAL: usize = 100;

/// Arguments of `explain`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/explain.txt").trim_end())]
pub(super) struct ExplainArgs {
    /// Files of articles: NDJSON, JSON or XML, plain or compressed with gzip or zstd; `-` is standard input
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,

    /// The uri of an article; give it twice
    #[arg(long = "uri", value_name = "URI", required = true, action = ArgAction::Append)]
    uris: Vec<String>,

    /// The order in which articles are clustered
    #[arg(long, value_enum, default_value_t = Order::Published)]
    order: Order,

    /// Print the texts in full, without shortening long passages
    #[arg(long)]
    full: bool,

    /// The width of the page in columns [default: the width of the terminal, or 100 without one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(40..))]
    width: Option<u16>,

    /// Print the explanation as one JSON object
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let [a, b] = &args.uris[..] else {
        return Err(Failure::Settings(format!(
            "--uri must be given exactly twice; it was given {} times",
            args.uris.len()
        )));
    };
    if a == b {
        return Err(Failure::Settings(format!("both --uri are {a}; give two different articles")));
    }
    let (config, _) = args.settings.load()?;
    let (reader, signature_rules, rules) =
        (article_reader(&config)?, signature_rules(&config), clustering_rules(&config));
    check_articles(&args.files)?;
    start_thread_pool(cores())?;
    let uris = [a.as_str().into(), b.as_str().into()];
    let (report, intake) = files::explain(&args.files, &uris, args.order, &reader, &signature_rules, &rules, now())?;
    for note in intake.notes() {
        print_note(note);
    }
    match (report, intake.failure()) {
        (Ok(report), failure) => {
            print_report(args, &report)?;
            failure.map_or(Ok(()), |failure| Err(Failure::Other(failure)))
        }
        (Err(missing), Some(failure)) => Err(Failure::Other(format!("{missing}\n{failure}"))),
        (Err(missing), None) => Err(Failure::Settings(missing.to_string())),
    }
}

fn print_report(args: &ExplainArgs, report: &Report) -> Result<(), Failure> {
    if args.json {
        return print_json(report);
    }
    let mut out = io::stdout().lock();
    let width = match args.width {
        Some(width) => usize::from(width),
        None if out.is_terminal() => usize::from(Term::stdout().size().1),
        None => WIDTH_WITHOUT_TERMINAL,
    };
    let style = PageStyle { width, colours: console::colors_enabled(), full: args.full };
    write_report(&mut out, report, style).and_then(|()| out.flush()).or_else(Failure::output)
}
