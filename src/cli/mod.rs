//! The command line: what can be typed, and each command from its settings to its exit code.

mod args;
mod cluster;
mod config;
mod diff;
mod eval;
mod explain;
mod failure;
mod files;
mod print;
mod produce;
mod promote;
mod replay;
mod rules;
mod sample;
mod serve;
mod signals;
mod stages;
mod tail;
mod topics;

pub use args::{
    Cli, ClusterArgs, Command, ConfigArgs, Order, ProduceArgs, ServeArgs, TailArgs, TailTopic, TopicsArgs,
    TopicsCommand,
};
pub use diff::DiffArgs;
pub use eval::{EvalArgs, HalfArg};
pub use explain::ExplainArgs;
pub use failure::Failure;
pub use promote::PromoteArgs;
pub use replay::{ReplayArgs, Sequence, Source};
pub use sample::SampleArgs;

/// Runs a command to its end.
pub fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Cluster(args) => cluster::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Promote(args) => promote::run(&args),
        Command::Topics(args) => topics::run(&args.command),
        Command::Produce(args) => produce::run(&args),
        Command::Tail(args) => tail::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Sample(args) => sample::run(&args),
        Command::Config(args) => config::run(&args),
    }
}
