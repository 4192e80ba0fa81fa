//! The command line.

mod args;
mod config;

pub use args::{
    Cli, ClusterArgs, Command, ConfigArgs, Order, ProduceArgs, ServeArgs, TailArgs, TailTopic, TopicsArgs,
    TopicsCommand,
};
pub use config::{PrintError, exit, print_config};
