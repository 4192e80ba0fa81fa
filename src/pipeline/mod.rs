//! The two loops of the service. They know no Kafka: see [`port`].

pub mod failpoint;
pub mod observe;
pub mod port;
