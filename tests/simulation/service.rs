//! The service with both stages on the simulated Kafka.
//!
//! A [`Simulation`](simulation::Simulation) is a cluster with a few [`ServiceProcess`](process::ServiceProcess)es.
//! Whatever faults they meet, the [`oracle`] decides in the end whether the run was correct.

mod articles;
mod oracle;
mod process;
mod recorded_run;
mod simulation;

mod boundaries;
mod inconsistent_logs;
mod oracle_detects_errors;
mod random_runs;
mod retention;
