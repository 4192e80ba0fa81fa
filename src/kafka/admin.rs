//! Creates, checks and trims topics, and finds offsets by time.

use std::thread;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, ConfigResource, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList, TopicPartitionListElem};

use super::client::ClientSettings;
use super::close::CloseWithTimeout;
use super::error::{REQUEST_WITHIN, fatal, patiently};
use super::log_context::LogContext;
use super::message;
use super::native;
use super::offsets::StandaloneOffsets;
use super::reader::range;
use super::topics::{PartitionCount, Severity, TopicProblem, TopicSpec};
use crate::record::{Millis, TopicId};
use crate::stream::port::{CommittedOffset, PortError, TopicPartition};

/// How long the first contact with the cluster may take: a wrong address is found while somebody is still watching.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// How long it may take until all brokers know that a topic was created or deleted.
const VISIBLE_WITHIN: Duration = Duration::from_secs(30);

/// How long a transaction may stay open: the coordinator rolls back what a silent writer has begun after ten seconds, and
/// looks for such writers every ten seconds.
const SETTLED_WITHIN: Duration = Duration::from_secs(40);

/// A client that looks after topics.
pub struct Admin {
    client: CloseWithTimeout<AdminClient<LogContext>>,
    lookup: CloseWithTimeout<BaseConsumer<LogContext>>,
    settings: ClientSettings,
}

impl Admin {
    /// Connects. The error names the servers that did not answer and says what to do.
    pub fn connect(settings: &ClientSettings) -> Result<Self, PortError> {
        let client = settings
            .admin()
            .create_with_context(LogContext)
            .map_err(|error| fatal(settings, "making a client", &error))?;
        let lookup: BaseConsumer<LogContext> = settings
            .lookup()
            .create_with_context(LogContext)
            .map_err(|error| fatal(settings, "making a client", &error))?;
        // Kafka answers a question about no topic in particular with all of them, so one is named.
        lookup.fetch_metadata(Some("__consumer_offsets"), CONNECT_WITHIN).map_err(|error| {
            PortError::Fatal(format!(
                "no Kafka broker answers at {}: {error}; start one there, or set kafka.bootstrap_servers to its address",
                settings.bootstrap_servers
            ))
        })?;
        Ok(Self {
            client: CloseWithTimeout::new(client),
            lookup: CloseWithTimeout::new(lookup),
            settings: settings.clone(),
        })
    }

    /// Creates the topics that are missing and returns their names. What exists is left as it is: see
    /// [`Admin::check`].
    pub fn create(&self, specs: &[TopicSpec]) -> Result<Vec<String>, PortError> {
        let mut created = Vec::new();
        for spec in specs {
            if self.partitions(&spec.name)?.is_some() {
                continue;
            }
            // Minus one is the cluster's own default.
            let new = NewTopic {
                name: &spec.name,
                num_partitions: spec.partitions,
                replication: TopicReplication::Fixed(-1),
                config: spec.settings.clone(),
            };
            let what = format!("creating the topic {}", spec.name);
            let results = pollster::block_on(self.client.create_topics([&new], &options()))
                .map_err(|error| fatal(&self.settings, &what, &error))?;
            for result in results {
                match result {
                    Ok(name) => created.push(name),
                    // Another instance was faster.
                    Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                    Err((_, code)) => return Err(fatal(&self.settings, &what, &KafkaError::AdminOp(code))),
                }
            }
        }
        self.await_topics(&created, "was created and is not to be seen", |partitions| partitions.is_some())?;
        Ok(created)
    }

    /// Everything about these topics that is not as it should be.
    pub fn check(&self, specs: &[TopicSpec]) -> Result<Vec<TopicProblem>, PortError> {
        let mut problems = Vec::new();
        let mut present = Vec::new();
        for spec in specs {
            let Some(partitions) = self.partitions(&spec.name)? else {
                problems.push(TopicProblem {
                    severity: Severity::Error,
                    topic: spec.name.clone(),
                    what: "the topic".to_owned(),
                    found: "missing".to_owned(),
                    wanted: "there".to_owned(),
                    remedy: "run: wirefold topics create".to_owned(),
                });
                continue;
            };
            present.push(spec);
            if spec.partitions_fixed == PartitionCount::Exactly && partitions != spec.partitions {
                problems.push(TopicProblem {
                    severity: Severity::Error,
                    topic: spec.name.clone(),
                    what: "the number of partitions".to_owned(),
                    found: partitions.to_string(),
                    wanted: spec.partitions.to_string(),
                    remedy: "the partitions of a namespace never change: use another namespace and replay into it"
                        .to_owned(),
                });
            }
        }
        let resources: Vec<ResourceSpecifier<'_>> =
            present.iter().map(|spec| ResourceSpecifier::Topic(&spec.name)).collect();
        if resources.is_empty() {
            return Ok(problems);
        }
        let described = patiently(&self.settings, "reading the settings of topics", || {
            let described = pollster::block_on(self.client.describe_configs(&resources, &options()))?;
            described.into_iter().map(|one| one.map_err(KafkaError::AdminOp)).collect::<KafkaResult<Vec<_>>>()
        })?;
        for (spec, resource) in present.iter().zip(&described) {
            problems.extend(self.wrong_settings(spec, resource));
        }
        Ok(problems)
    }

    /// Deletes the records of a partition before an offset.
    pub fn delete_records(&self, partition: &TopicPartition, before: i64) -> Result<(), PortError> {
        let list = message::at(partition, Offset::Offset(before));
        patiently(&self.settings, &format!("deleting records of {}", partition.topic), || {
            let deleted = pollster::block_on(self.client.delete_records(&list, &options()))?;
            deleted.elements().iter().try_for_each(TopicPartitionListElem::error)
        })
    }

    /// The ids of these topics: none of one that does not exist, [`TopicId::NONE`] where the brokers give no ids.
    pub fn topic_ids(&self, topics: &[&str]) -> Result<Vec<Option<TopicId>>, PortError> {
        patiently(&self.settings, &format!("asking for the ids of {}", topics.join(", ")), || {
            native::topic_ids(self.client.inner(), topics, REQUEST_WITHIN)
        })
    }

    /// Deletes these topics and waits until they are gone. One that does not exist is gone already.
    pub fn delete_topics(&self, topics: &[String]) -> Result<(), PortError> {
        let names: Vec<&str> = topics.iter().map(String::as_str).collect();
        let what = format!("deleting {}", names.join(", "));
        let deleted = pollster::block_on(self.client.delete_topics(&names, &options()))
            .map_err(|error| fatal(&self.settings, &what, &error))?;
        none_left(deleted, RDKafkaErrorCode::UnknownTopicOrPartition)
            .map_err(|error| fatal(&self.settings, &what, &error))?;
        self.await_topics(topics, "was deleted and is still to be seen", |partitions| partitions.is_none())
    }

    /// Deletes a group with its committed offsets. One that does not exist is deleted already; one whose member was killed is not
    /// empty before that member's session has run out, and is waited for.
    pub fn delete_group(&self, group: &str) -> Result<(), PortError> {
        patiently(&self.settings, &format!("deleting the group {group}, which must have no members"), || {
            let deleted = pollster::block_on(self.client.delete_groups(&[group], &options()))?;
            none_left(deleted, RDKafkaErrorCode::GroupIdNotFound)
        })
    }

    /// Commits offsets for a group that has no members.
    pub fn commit(&self, group: &str, offsets: &[(TopicPartition, i64)]) -> Result<(), PortError> {
        let what = format!("committing offsets for the group {group}");
        let client: BaseConsumer<LogContext> = self
            .settings
            .reader(group)
            .create_with_context(LogContext)
            .map_err(|error| fatal(&self.settings, &what, &error))?;
        let client = CloseWithTimeout::new(client);
        let offset = |(at, next): &(TopicPartition, i64)| (at.topic.to_string(), at.partition, Offset::Offset(*next));
        let list: TopicPartitionList = offsets.iter().map(offset).collect();
        patiently(&self.settings, &what, || client.commit(&list, CommitMode::Sync))
    }

    /// The first offset of a partition whose record is not older than `time`; none when there is none.
    pub fn offset_for_time(&self, partition: &TopicPartition, time: Millis) -> Result<Option<i64>, PortError> {
        let asked = message::at(partition, Offset::Offset(time.0.max(0)));
        let found = patiently(&self.settings, &format!("finding a time in {}", partition.topic), || {
            let found = self.lookup.offsets_for_times(asked.clone(), REQUEST_WITHIN)?;
            found.elements().iter().try_for_each(TopicPartitionListElem::error)?;
            Ok(found)
        })?;
        Ok(found.elements().first().and_then(|element| match element.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        }))
    }

    /// The committed offset of a group in each partition; none where nothing was committed.
    pub fn committed(
        &self,
        group: &str,
        partitions: &[TopicPartition],
    ) -> Result<Vec<Option<CommittedOffset>>, PortError> {
        StandaloneOffsets::new(&self.settings, group)?.committed(partitions)
    }

    /// How many members a group has; none of one that does not exist.
    pub fn members(&self, group: &str) -> Result<usize, PortError> {
        patiently(&self.settings, &format!("asking for the members of {group}"), || {
            let found = self.lookup.fetch_group_list(Some(group), REQUEST_WITHIN)?;
            Ok(found.groups().iter().filter(|found| found.name() == group).map(|found| found.members().len()).sum())
        })
    }

    /// Waits until no transaction is open on any partition of these topics: what was committed can be read then, and what a
    /// process left open when it died has been rolled back.
    pub fn await_settled(&self, topics: &[String]) -> Result<(), PortError> {
        let newest: BaseConsumer<LogContext> = self
            .settings
            .lookup()
            .set("isolation.level", "read_uncommitted")
            .create_with_context(LogContext)
            .map_err(|error| fatal(&self.settings, "making a client", &error))?;
        let newest = CloseWithTimeout::new(newest);
        let deadline = Instant::now() + SETTLED_WITHIN;
        for topic in topics {
            for number in 0..self.partitions(topic)?.unwrap_or(0) {
                let partition = TopicPartition { topic: topic.as_str().into(), partition: number };
                loop {
                    let (_, end) = range(&self.settings, &newest, &partition)?;
                    let (_, stable) = range(&self.settings, &self.lookup, &partition)?;
                    if stable >= end {
                        break;
                    }
                    if Instant::now() >= deadline {
                        return Err(PortError::Fatal(format!(
                            "a transaction on {partition} is open since {SETTLED_WITHIN:?}: it ends at {end}, and is \
                             committed to {stable}; something still writes there"
                        )));
                    }
                    thread::sleep(Duration::from_millis(50));
                }
            }
        }
        Ok(())
    }

    /// How many partitions a topic has; none when there is no such topic.
    pub fn partitions(&self, topic: &str) -> Result<Option<i32>, PortError> {
        patiently(&self.settings, &format!("asking for the topic {topic}"), || partitions(&self.lookup, topic))
    }

    fn await_topics(
        &self,
        topics: &[String],
        else_said: &str,
        done: impl Fn(Option<i32>) -> bool,
    ) -> Result<(), PortError> {
        let deadline = Instant::now() + VISIBLE_WITHIN;
        for topic in topics {
            while !done(self.partitions(topic)?) {
                if Instant::now() >= deadline {
                    return Err(PortError::Fatal(format!("the topic {topic} {else_said}")));
                }
                thread::sleep(Duration::from_millis(50));
            }
        }
        Ok(())
    }

    fn wrong_settings(&self, spec: &TopicSpec, resource: &ConfigResource) -> Vec<TopicProblem> {
        spec.settings
            .iter()
            .filter_map(|(name, wanted)| {
                // A broker that does not know a setting yet does not enforce it either.
                let found = resource.get(name)?.value.as_deref().unwrap_or_default();
                (!spec.accepts(name, wanted, found)).then(|| TopicProblem {
                    severity: spec.severity,
                    topic: spec.name.clone(),
                    what: (*name).to_owned(),
                    found: found.to_owned(),
                    wanted: (*wanted).to_owned(),
                    remedy: format!(
                        "run: kafka-configs.sh --bootstrap-server {} --alter --entity-type topics --entity-name {} \
                         --add-config {name}={}",
                        self.settings.bootstrap_servers,
                        spec.name,
                        // A list has to be bracketed there.
                        if wanted.contains(',') { format!("[{wanted}]") } else { (*wanted).to_owned() },
                    ),
                })
            })
            .collect()
    }
}

/// How many partitions a topic has; none when there is no such topic.
pub(super) fn partitions(client: &BaseConsumer<LogContext>, topic: &str) -> KafkaResult<Option<i32>> {
    let metadata = client.fetch_metadata(Some(topic), REQUEST_WITHIN)?;
    let Some(found) = metadata.topics().iter().find(|found| found.name() == topic) else { return Ok(None) };
    match found.error().map(RDKafkaErrorCode::from) {
        None => Ok(Some(found.partitions().len() as i32)),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => Ok(None),
        Some(code) => Err(KafkaError::MetadataFetch(code)),
    }
}

/// That everything was deleted, or was not there.
fn none_left(
    deleted: Vec<Result<String, (String, RDKafkaErrorCode)>>,
    absent: RDKafkaErrorCode,
) -> Result<(), KafkaError> {
    let refused = deleted.into_iter().filter_map(Result::err).find(|(_, code)| *code != absent);
    refused.map_or(Ok(()), |(_, code)| Err(KafkaError::AdminOp(code)))
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(REQUEST_WITHIN)).operation_timeout(Some(REQUEST_WITHIN))
}
