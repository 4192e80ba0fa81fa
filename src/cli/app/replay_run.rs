//! Runs the stages of a replay, with signals, health pages and progress.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tracing::error;

use super::failure::Failure;
use super::signals::{ExitAtSignal, Signals};
use super::stages::{Ended, LOOK_AFTER_EVERY, Stages, exit_if_stuck, runtime};
use crate::config::Config;
use crate::http::Server;
use crate::replay::ReplayRun;
use crate::stream::event::Stage;
use crate::telemetry::Telemetry;

/// How often progress is shown.
const SHOW_EVERY: Duration = Duration::from_millis(250);

/// Runs both stages until the whole range is clustered, or a signal stops them.
pub(in crate::cli) fn execute(
    config: &Config,
    listen: Option<SocketAddr>,
    exit: &ExitAtSignal,
    start: impl FnOnce(Arc<Telemetry>) -> ReplayRun,
) -> Result<Arc<ReplayRun>, Failure> {
    let telemetry = Telemetry::new(&[Stage::Signatures, Stage::Stories], config.serve.stall_after);
    let run = Arc::new(start(telemetry.clone()));
    let runtime = runtime()?;
    let ended = runtime.block_on(supervise(&run, telemetry, listen, exit, config.serve.drain_deadline));
    exit.hold(true);
    // A probe that is still being answered does not delay the end.
    runtime.shutdown_timeout(LOOK_AFTER_EVERY);
    run.progress().clear();
    ended.map(|()| run)
}

async fn supervise(
    run: &Arc<ReplayRun>,
    telemetry: Arc<Telemetry>,
    listen: Option<SocketAddr>,
    exit: &ExitAtSignal,
    drain_deadline: Duration,
) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    exit.hold(false);
    if let Some(listen) = listen {
        tokio::spawn(Server::bind(listen, telemetry.clone()).await?.run(std::future::pending()));
    }
    let mut stages = Stages::new();
    let (signatures, stories) = (run.clone(), run.clone());
    stages.start(Stage::Signatures, move |stop| signatures.signatures(stop))?;
    stages.start(Stage::Stories, move |stop| stories.stories(stop))?;
    loop {
        let tick = || {
            exit_if_stuck(telemetry.health());
            run.progress().show();
        };
        match stages.next_end(&mut signals, SHOW_EVERY, tick).await {
            Ended::All => return Ok(()),
            Ended::Stage(_, Ok(())) => {}
            Ended::Stage(stage, Err(failed)) => {
                run.progress().clear();
                error!(stage = stage.name(), reason = %failed, "failed");
                stages.drain(&mut signals, drain_deadline, Some(exit)).await;
                return Err(Failure::from(failed).with_remedy(&exit.remedy()));
            }
            Ended::Signal => {
                run.progress().clear();
                let failure = stages.drain(&mut signals, drain_deadline, Some(exit)).await;
                let stopped = || Failure::Interrupted(format!("stopped; {}", exit.remedy()));
                return Err(failure.unwrap_or_else(stopped));
            }
        }
    }
}
