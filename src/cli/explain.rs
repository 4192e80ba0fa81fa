//! `wirefold explain`.

mod page;
mod text;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::{ArgAction, Args};
use console::Term;

use super::print::print_json;
use super::rules::{reader, rules, signing};
use super::{ConfigArgs, Failure, Order, stages};
use crate::config::cores;
use crate::local;
use page::{Look, write_report};

const HELP: &str = "\
All of FILES are folded, as `cluster` does it: what the outlets print anyway and what the stories were when the later \
of the two articles came is part of the answer.

Shared passages are green and what is left out is dim, each with its reason below; without colours they stand in \
⟦brackets⟧ and ‹brackets›. Texts written from right to left, and all on a narrow terminal, stand one above the \
other. Colours are left away when NO_COLOR is set or the output is no terminal.

Examples:
  wirefold explain news.ndjson --uri https://a.example/1 --uri https://b.example/2
  wirefold explain 2026-*.ndjson.zst --uri urn:a --uri urn:b --json | jq .verdict.sentence

Exit codes:
  0  explained, whatever the verdict
  1  a file could not be read
  2  the command line or the settings are wrong, or no article has one of the uris";

/// What is printed where there is no terminal to ask for its width.
const WIDTH_ELSEWHERE: usize = 100;

/// Arguments of `explain`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = HELP)]
pub struct ExplainArgs {
    /// NDJSON files, plain or packed by gzip (.gz) or zstd (.zst); `-` is standard input
    #[arg(required = true, value_name = "FILES")]
    pub files: Vec<PathBuf>,

    /// An article; given twice
    #[arg(long = "uri", value_name = "URI", required = true, action = ArgAction::Append)]
    pub uris: Vec<String>,

    /// Fold the articles in the order in which they were published, or as they stand in the files
    #[arg(long, value_enum, default_value_t = Order::Published)]
    pub order: Order,

    /// Print the texts whole, without passing over long stretches
    #[arg(long)]
    pub full: bool,

    /// Print so many columns wide [default: the terminal's width, elsewhere 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(40..))]
    pub width: Option<u16>,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,

    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

pub(super) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let [a, b] = &args.uris[..] else {
        return Err(Failure::Settings(format!("--uri is wanted twice, and given {} times", args.uris.len())));
    };
    if a == b {
        return Err(Failure::Settings(format!("both --uri name {a}; name two articles")));
    }
    let (config, _) = args.config.load(&args.config.arguments())?;
    let (reader, signing, rules) = (reader(&config)?, signing(&config), rules(&config));
    stages::sign_on(cores())?;
    let uris = [a.as_str().into(), b.as_str().into()];
    let report = local::explain(&args.files, &uris, args.order.into(), &reader, &signing, &rules, stages::now())?;
    let report = report.map_err(|missing| Failure::Settings(missing.to_string()))?;
    if args.json {
        return print_json(&report);
    }
    let mut out = io::stdout().lock();
    let width = match args.width {
        Some(width) => usize::from(width),
        None if out.is_terminal() => usize::from(Term::stdout().size().1),
        None => WIDTH_ELSEWHERE,
    };
    let written = write_report(&mut out, &report, Look { width, colours: console::colors_enabled(), full: args.full });
    written.and_then(|()| out.flush()).or_else(Failure::output)
}
