//! The properties of every client: preferred ones, which a deployment may change, and those that correctness depends on.

use std::collections::BTreeMap;
use std::fmt;

use rdkafka::config::ClientConfig;

use super::properties;

/// The largest record that a producer accepts, in bytes: room for the page of 50 MB that a crawler sends one day. The
/// `max.message.bytes` of the topic decides what is stored.
pub const PRODUCER_RECORD_BYTES_MAX: usize = 64 << 20;

/// How long the coordinator waits for a silent writer before it rolls back: an instance that died can hold up readers of
/// committed records for this long.
const TRANSACTION_TIMEOUT_MS: &str = "10000";

/// How to reach a cluster.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// `host:port`, several separated by commas.
    pub bootstrap_servers: String,
    /// Any other librdkafka property, except those that [`owned_property`](crate::config::owned_property) names.
    pub properties: BTreeMap<String, String>,
    /// The name that brokers log and quotas go by.
    pub client_id: String,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            bootstrap_servers: "localhost:9092".to_owned(),
            properties: BTreeMap::new(),
            client_id: "wirefold".to_owned(),
        }
    }
}

/// Prints the names of the properties only: values may be passwords.
impl fmt::Debug for ClientSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSettings")
            .field("bootstrap_servers", &self.bootstrap_servers)
            .field("properties", &self.properties.keys())
            .field("client_id", &self.client_id)
            .finish()
    }
}

impl ClientSettings {
    /// Everything that is wrong with the properties, found without connecting.
    pub fn problems(&self) -> Vec<String> {
        self.properties.iter().filter_map(|(name, value)| properties::problem(name, value)).collect()
    }

    /// A member of `group`.
    ///
    /// What is fetched ahead is bounded by 16 MB and by two thousand records a partition, which is a batch or two;
    /// a full queue is looked at again after 10 ms, because the default of a second would starve the loop.
    pub(super) fn group_consumer(&self, group: &str) -> ClientConfig {
        self.config(
            &[
                ("queued.max.messages.kbytes", "16384"),
                ("queued.min.messages", "2000"),
                ("fetch.queue.backoff.ms", "10"),
                ("check.crcs", "true"),
            ],
            &[
                ("group.id", group),
                ("group.protocol", "classic"),
                ("partition.assignment.strategy", "cooperative-sticky"),
                ("isolation.level", "read_committed"),
                ("enable.auto.commit", "false"),
                ("enable.auto.offset.store", "false"),
                ("auto.offset.reset", "earliest"),
                ("allow.auto.create.topics", "false"),
            ],
        )
    }

    /// A reader of given partitions, which joins no group and commits nothing. The library wants a group id all the same;
    /// `group` is one that access lists know.
    ///
    /// An offset that does not exist is an error: a log is never read from elsewhere in silence. Brokers hold a fetch at the
    /// end of a log for a tenth of a second, not for half a second as by default: a reader has to ask twice.
    pub(super) fn reader(&self, group: &str) -> ClientConfig {
        let mut config = self.config(
            &[
                ("queued.max.messages.kbytes", "16384"),
                ("queued.min.messages", "20000"),
                ("fetch.queue.backoff.ms", "10"),
                ("fetch.wait.max.ms", "100"),
                ("check.crcs", "true"),
            ],
            &[
                ("group.id", group),
                ("isolation.level", "read_committed"),
                ("enable.auto.commit", "false"),
                ("enable.auto.offset.store", "false"),
                ("enable.partition.eof", "true"),
                ("auto.offset.reset", "error"),
                ("allow.auto.create.topics", "false"),
            ],
        );
        config.remove("group.instance.id");
        config
    }

    /// A reader of several partitions at once, each with a queue of its own. What is fetched ahead is bounded for each
    /// partition, and in total by 64 MB or a megabyte a partition; beyond that, each holds one response of the broker.
    pub(super) fn range_reader(&self, group: &str, partitions: usize) -> ClientConfig {
        let kilobytes = (65_536 / partitions.max(1)).clamp(1_024, 16_384).to_string();
        let mut config = self.reader(group);
        for (name, value) in [("queued.max.messages.kbytes", kilobytes.as_str()), ("queued.min.messages", "100000")] {
            if !self.properties.contains_key(name) {
                config.set(name, value);
            }
        }
        config
    }

    /// A client that asks for positions and metadata and reads nothing.
    pub(super) fn lookup(&self) -> ClientConfig {
        let mut config =
            self.config(&[], &[("isolation.level", "read_committed"), ("allow.auto.create.topics", "false")]);
        config.remove("group.instance.id");
        config
    }

    /// A producer whose records become visible with its transactions.
    pub(super) fn transactional_producer(&self, transactional_id: &str) -> ClientConfig {
        self.producer(&[
            ("transactional.id", transactional_id),
            ("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS),
            ("message.timeout.ms", TRANSACTION_TIMEOUT_MS),
        ])
    }

    /// A producer without transactions. It keeps trying for five minutes: a broker's restart is not a lost article.
    pub(super) fn plain_producer(&self) -> ClientConfig {
        self.producer(&[("message.timeout.ms", "300000")])
    }

    /// A client that looks after topics.
    pub(super) fn admin(&self) -> ClientConfig {
        self.config(&[], &[])
    }

    /// The queue holds two of the largest records; a full queue is back-pressure. Batches close after 2 ms: a
    /// transaction hands over all of its records at once, so waiting longer only adds to the latency.
    fn producer(&self, owned: &[(&str, &str)]) -> ClientConfig {
        let mut config = self.config(
            &[
                ("linger.ms", "2"),
                ("batch.size", "1000000"),
                ("compression.type", "zstd"),
                ("queue.buffering.max.kbytes", "131072"),
                ("queue.buffering.max.messages", "100000"),
                ("message.max.bytes", &PRODUCER_RECORD_BYTES_MAX.to_string()),
            ],
            owned,
        );
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("max.in.flight", "5")
            .set("partitioner", "murmur2_random");
        config
    }

    fn config(&self, preferred: &[(&str, &str)], owned: &[(&str, &str)]) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("client.id", &self.client_id).set("socket.keepalive.enable", "true");
        // The default of ten seconds outlasts the restart of a broker.
        config.set("reconnect.backoff.max.ms", "2000");
        set_all(&mut config, preferred);
        for (name, value) in &self.properties {
            if let Some(preferred) = properties::other_name(name) {
                config.remove(preferred);
            }
            config.set(name, value);
        }
        set_all(&mut config, owned);
        config.set("bootstrap.servers", &self.bootstrap_servers);
        config
    }
}

fn set_all(config: &mut ClientConfig, properties: &[(&str, &str)]) {
    for (name, value) in properties {
        config.set(*name, *value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{OWNED_PROPERTIES, owned_property};

    fn with(name: &str, value: &str) -> ClientSettings {
        ClientSettings { properties: BTreeMap::from([(name.to_owned(), value.to_owned())]), ..Default::default() }
    }

    #[test]
    fn every_owned_property_is_refused_by_name() {
        for (name, _) in OWNED_PROPERTIES {
            let problems = with(name, "x").problems();
            assert!(problems.len() == 1 && problems[0].contains(name), "{problems:?}");
        }
    }

    #[test]
    fn whatever_a_client_is_built_with_beyond_preferences_is_owned() {
        let preferences = ClientSettings::default();
        let tuned: BTreeMap<String, String> = [
            preferences.group_consumer("g"),
            preferences.reader("g"),
            preferences.lookup(),
            preferences.transactional_producer("t"),
            preferences.plain_producer(),
            preferences.admin(),
        ]
        .iter()
        .flat_map(|config| config.config_map().into_keys().map(|name| (name.to_owned(), "mine".to_owned())))
        .collect();
        let settings = ClientSettings { properties: tuned, ..Default::default() };
        for config in [
            settings.group_consumer("g"),
            settings.reader("g"),
            settings.range_reader("g", 6),
            settings.lookup(),
            settings.transactional_producer("t"),
            settings.plain_producer(),
            settings.admin(),
        ] {
            for (name, value) in config.config_map() {
                assert!(value == "mine" || owned_property(name).is_some(), "{name} is overridden in silence");
            }
        }
    }

    #[test]
    fn a_preference_steps_back_for_the_second_name_of_its_property() {
        let config = with("compression.codec", "lz4").plain_producer();
        assert_eq!((config.get("compression.type"), config.get("compression.codec")), (None, Some("lz4")));
    }

    #[test]
    fn an_unknown_property_and_a_wrong_value_are_found_without_connecting() {
        assert!(with("no.such.thing", "1").problems()[0].contains("kafka.properties.no.such.thing"));
        assert!(with("session.timeout.ms", "soon").problems()[0].contains("session.timeout.ms"));
        assert_eq!(with("session.timeout.ms", "6000").problems(), Vec::<String>::new());
        assert_eq!(with("group.instance.id", "pod-1").problems(), Vec::<String>::new());
    }

    #[test]
    fn a_password_is_not_printed() {
        assert!(!format!("{:?}", with("sasl.password", "secret-word")).contains("secret-word"));
    }
}
