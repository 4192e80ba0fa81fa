//! What commands share: settings to clients and rules, signals, threads, output, exit codes.

mod arguments;
mod failure;
mod harmless;
mod inputs;
mod logging;
mod print;
mod replay_run;
mod rules;
mod signals;
mod stages;

pub use failure::Failure;
pub use print::print_note;

pub(super) use arguments::{SettingsArgs, namespace_name, retyped};
pub(super) use harmless::harmless;
pub(super) use inputs::{check_articles, check_one_stdin, clustering, set_name, texts};
pub(super) use logging::{init_logging, init_logging_with_bar};
pub(super) use print::{STORY_DIGITS, beginning, print, print_json};
pub(super) use replay_run::execute;
pub(super) use rules::{
    LOG_PARTITIONS, RULE_SECTIONS, article_reader, check_topics, client, clustering_rules, run_settings,
    signature_rules,
};
pub(super) use signals::{ExitAtSignal, Signals, stop_flag};
pub(super) use stages::{Ended, LOOK_AFTER_EVERY, POLL_WAIT, Stages, exit_if_stuck, now, runtime, start_thread_pool};
