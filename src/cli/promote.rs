//! `wirefold promote`.

use std::net::SocketAddr;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing::info;

use super::app::{
    ExitAtSignal, Failure, RULE_SECTIONS, SettingsArgs, article_reader, client, execute, init_logging_with_bar,
    namespace_name, now, print_note, retyped, run_settings, start_thread_pool,
};
use crate::config::TopicNames;
use crate::kafka::Admin;
use crate::replay::ReplayPlan;
use crate::replay::promotion::{Promotion, PromotionCounts, PromotionRequest};

/// Arguments of `promote`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = include_str!("help/promote.txt").trim_end())]
pub(super) struct PromoteArgs {
    /// The namespace of a finished replay
    #[arg(value_name = "NAME", value_parser = namespace_name)]
    namespace: String,

    /// Serve /metrics, /livez and /readyz here while it reads on [default: they are not served]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,

    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(args: &PromoteArgs) -> Result<(), Failure> {
    let (config, typed) = args.settings.load()?;
    let client = client(&config)?;
    article_reader(&config)?;
    init_logging_with_bar(&config, &args.settings)?;
    start_thread_pool(config.serve.threads)?;

    let (name, names) = (&args.namespace, TopicNames::of_replay(&args.namespace, config.topics.articles.clone()));
    let exit = ExitAtSignal::listen(&retyped(&["promote", name], &args.settings))?;
    let request = PromotionRequest {
        names: names.clone(),
        live: config.names(),
        settings: typed.under(&RULE_SECTIONS),
        now: now(),
    };
    let admin = Admin::connect(&client)?;
    let Some(promotion) = Promotion::begin(&client, &admin, &request)? else {
        print_note(format_args!("{name} was promoted already: set namespace = \"{name}\" and start wirefold serve"));
        return Ok(());
    };
    let plan = promotion.plan().clone();
    info!(namespace = name, epoch = plan.epoch, "the old namespace is retired: reading on to where it stopped");
    let settings = run_settings(&config)?;
    let run = execute(&config, args.listen, &exit, |observer| promotion.run(settings, observer))?;

    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::default_spinner());
    let copied = |topic: &str, records| {
        bar.inc(records);
        bar.set_message(format!("publishing {topic}: {} records so far", bar.position()));
    };
    let counts =
        promotion.finish(&run, now(), &copied).map_err(|error| Failure::from(error).with_remedy(&exit.remedy()))?;
    bar.finish_and_clear();
    print_note(run.progress().summary().trim_end());
    print_note(summary(&counts, &plan, &names, &client.bootstrap_servers).trim_end());
    Ok(())
}

fn summary(counts: &PromotionCounts, plan: &ReplayPlan, names: &TopicNames, servers: &str) -> String {
    let PromotionCounts { stories, verdicts, merged, closed, dead_letters } = counts;
    let ReplayPlan { namespace, source_namespace, epoch, .. } = plan;
    let delete = |topics: &str| format!("kafka-topics.sh --bootstrap-server {servers} --delete --topic '{topics}'");
    let copied = format!("{namespace}[.](stories|verdicts)");
    let old = format!("{source_namespace}[.](signatures|decisions|boilerplate)");
    format!(
        "published     by this run {stories} stories, {verdicts} verdicts, {dead_letters} dead letters; of earlier stories \
         {merged} are merged into new ones, {closed} are closed\n\
         promoted      {namespace}, epoch {epoch}, replaces {source_namespace}\n\
         next          set namespace = \"{namespace}\", and the settings of the replay, in the file that serve reads; start \
         wirefold serve\n\
         copied        {} and {}, which are not needed any more: {}\n\
         kept          the log of {source_namespace}; once it is not needed any more: {}\n",
        names.stories,
        names.verdicts,
        delete(&copied),
        delete(&old),
    )
}
