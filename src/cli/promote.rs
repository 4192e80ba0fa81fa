//! `wirefold promote`.

use std::net::SocketAddr;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tracing::info;

use super::config::client;
use super::replay::{RULES, Run, draw_target, log_beside_a_bar, names_of, namespace};
use super::rules::reader;
use super::signals::ExitAtSignal;
use super::stages::{now, sign_on};
use super::topics::names;
use super::{ConfigArgs, Failure, args};
use crate::kafka::{Admin, KafkaBroker, PlanTopic, TopicNames};
use crate::pipeline::failpoint;
use crate::pipeline::observe::Stage;
use crate::promote::{Published, Request, begin, hand_over, publish};
use crate::record::{ReplayPlan, ReplayState};

/// Arguments of `promote`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_long_help = "\
Examples:
  wirefold promote march
  wirefold promote strict --set match.threshold=0.5

Run it with the settings of the service, of which every instance has been stopped; what writes
articles goes on. The replay reads on to where the service stopped, and its stories and verdicts go
to the public topics with a higher generation. Then it is served in the place of the old namespace:
set namespace = \"NAME\" and start wirefold serve. The old one is kept, and serve refuses it.

A promotion that was stopped, or has crashed, goes on when it is run again.

Exit codes:
  0    the replay has taken over, now or before
  1    the broker, a topic or the network failed for good, or it was refused; what to do is said
  2    the command line or the settings are wrong; nothing was started
  130  stopped by SIGINT or SIGTERM; run it again")]
pub struct PromoteArgs {
    /// The namespace of a finished replay
    #[arg(value_name = "NAME", value_parser = namespace)]
    pub namespace: String,

    /// Serve /metrics, /livez and /readyz here while it reads on [default: they are not served]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,

    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

pub(super) fn run(args: &PromoteArgs) -> Result<(), Failure> {
    let (config, typed) = args.config.load(&args.config.arguments())?;
    let client = client(&config)?;
    reader(&config)?;
    log_beside_a_bar(&config, &args.config)?;
    sign_on(config.serve.threads)?;

    let (name, own, live) = (&args.namespace, names_of(&config, &args.namespace), names(&config));
    let exit = ExitAtSignal::listen(&args::typed(&["promote", name], &args.config))?;
    let request = Request { names: own.clone(), live: live.clone(), settings: typed.under(&RULES), now: now() };
    let admin = Admin::connect(&client)?;
    let mut lookup = KafkaBroker::new(client.clone(), Stage::Sign, &own.sign_group())?;
    let Some(plan) = begin(&client, &admin, &mut lookup, &request)? else {
        eprintln!("{name} was promoted already: set namespace = \"{name}\" and start wirefold serve");
        return Ok(());
    };
    info!(
        namespace = name,
        generation = plan.generation,
        "the service before it is retired: reading on to where it stopped"
    );
    let run = Run {
        config,
        client: client.clone(),
        names: own.clone(),
        plan: plan.clone(),
        journal: None,
        exit: exit.clone(),
    };
    let done = run.execute(args.listen)?;
    failpoint::pass("promote.after_catch_up");

    let shown = ProgressBar::with_draw_target(None, draw_target());
    shown.set_style(ProgressStyle::default_spinner());
    let tell = |topic: &str, records| {
        shown.inc(records);
        shown.set_message(format!("publishing {topic}: {} records so far", shown.position()));
    };
    let published = hand_over(&admin, &own, &plan)
        .and_then(|()| publish(&client, &admin, (&own, &live), &plan, &tell))
        .map_err(|error| Failure::Other(format!("{error}\n{}", exit.remedy())))?;
    shown.finish_and_clear();
    let plan = ReplayPlan { state: ReplayState::Promoted, decisions: Some(done.decisions), ..plan };
    PlanTopic::of(&client, &own).write(&plan, now())?;
    eprint!("{}", done.summary);
    eprint!("{}", summary(&published, &plan, &own, &client.bootstrap_servers));
    Ok(())
}

fn summary(published: &Published, plan: &ReplayPlan, own: &TopicNames, servers: &str) -> String {
    let Published { stories, verdicts, merged, closed, dead_letters } = published;
    let ReplayPlan { namespace, beside, generation, .. } = plan;
    let delete = |topics: &str| format!("kafka-topics.sh --bootstrap-server {servers} --delete --topic '{topics}'");
    let spent = format!("{namespace}[.](stories|verdicts)");
    let old = format!("{beside}[.](signatures|decisions|sources)");
    format!(
        "published     by this run {stories} stories, {verdicts} verdicts, {dead_letters} dead letters; of earlier stories \
         {merged} go on in others, {closed} are closed\n\
         promoted      {namespace}, generation {generation}, in the place of {beside}\n\
         next          set namespace = \"{namespace}\", and what the replay was given with --set, in the file that serve \
         reads; start wirefold serve\n\
         spent         {} and {}, which were copied: {}\n\
         kept          the log of {beside}; once it is not needed any more: {}\n",
        own.stories,
        own.verdicts,
        delete(&spent),
        delete(&old),
    )
}
