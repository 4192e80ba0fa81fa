//! A replay into topics of a namespace of its own.

use std::fmt;

use super::plan::{ReplayPlan, Retirement};
use super::plan_topic::{PlanTopic, plan_topic_spec};
use super::refusal::{Refusal, ReplayError};
use super::target::{ReplayTarget, initial_offsets};
use crate::config::TopicNames;
use crate::kafka::{Admin, ClientSettings, Severity, TopicSpec, topic_specs};
use crate::record::Millis;
use crate::stream::port::TopicPartition;

/// The topics and groups of a replay.
pub(super) struct TopicTarget<'a> {
    admin: &'a Admin,
    names: TopicNames,
    plan: PlanTopic,
    now: Millis,
}

impl<'a> TopicTarget<'a> {
    /// Topics of these names, which must not be those of `source`.
    pub(super) fn new(
        client: &ClientSettings,
        admin: &'a Admin,
        names: &TopicNames,
        source: &TopicNames,
        now: Millis,
    ) -> Result<Self, Refusal> {
        check_names(names, source)?;
        Ok(Self { admin, names: names.clone(), plan: PlanTopic::of(client, names), now })
    }

    /// Deletes everything that a replay has written; the plan last, or the rest would look like a service's.
    fn delete(&self) -> Result<(), ReplayError> {
        self.admin.delete_group(&self.names.stories_group())?;
        self.admin.delete_group(&self.names.signatures_group())?;
        let names = written_topics(&self.names).into_iter().map(|spec| spec.name);
        let (plan, others): (Vec<_>, Vec<_>) = names.partition(|name| *name == self.names.replay());
        self.admin.delete_topics(&others)?;
        Ok(self.admin.delete_topics(&plan)?)
    }

    /// Kafka deletes the offsets of a group a week after its last commit. Without them a resumed replay would read again
    /// what is in its log.
    fn check_offsets(&self, plan: &ReplayPlan) -> Result<(), ReplayError> {
        let read: Vec<TopicPartition> =
            initial_offsets(plan, &self.names).into_iter().map(|(partition, _)| partition).collect();
        if self.admin.committed(&self.names.signatures_group(), &read)?.iter().any(Option::is_none) {
            return Err(Refusal::OffsetsExpired(self.to_string()).into());
        }
        Ok(())
    }

    /// Creates the topics that are missing, and refuses those that are not as they must be.
    fn create_topics(&self) -> Result<(), ReplayError> {
        let specs = written_topics(&self.names);
        self.admin.create(&specs)?;
        check_topics(self.admin, &specs)
    }
}

impl fmt::Display for TopicTarget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names.namespace)
    }
}

impl ReplayTarget for TopicTarget<'_> {
    fn names(&self) -> &TopicNames {
        &self.names
    }

    fn results(&self) -> Vec<String> {
        vec![self.names.stories.clone(), self.names.verdicts.clone(), self.names.dead_letters.clone()]
    }

    fn plan(&self) -> Result<Option<ReplayPlan>, ReplayError> {
        Ok(self.plan.status(self.admin)?.plan)
    }

    /// Topics without a plan belong to a service. The name of a retired namespace cannot be used again, or the two would
    /// name each other as the one to serve.
    fn check_unused(&self) -> Result<(), ReplayError> {
        if let Some(Retirement { namespace, at, successor, .. }) = self.plan.status(self.admin)?.retirement {
            return Err(Refusal::NameRetired { namespace, at, successor }.into());
        }
        for spec in written_topics(&self.names).into_iter().filter(|spec| spec.name != self.names.replay()) {
            if self.admin.partitions(&spec.name)?.is_some() {
                return Err(Refusal::Occupied(format!(
                    "the topic {} exists, and {} has no plan of a replay: it belongs to a service. Choose another --namespace",
                    spec.name,
                    self.names.replay()
                ))
                .into());
            }
        }
        Ok(())
    }

    fn create(&mut self, plan: &ReplayPlan, overwrite: bool) -> Result<(), ReplayError> {
        if overwrite {
            self.delete()?;
        }
        self.admin.create(&[plan_topic_spec(&self.names)])?;
        // Before the plan: a replay that has a plan and no offsets is one whose offsets were deleted by Kafka.
        self.admin.commit(&self.names.signatures_group(), &initial_offsets(plan, &self.names))?;
        self.plan.write(plan, self.now)?;
        self.create_topics()
    }

    fn resume(&mut self, plan: &ReplayPlan) -> Result<(), ReplayError> {
        self.check_offsets(plan)?;
        self.plan.write(plan, self.now)?;
        self.create_topics()
    }

    fn finish(&mut self, plan: &ReplayPlan) -> Result<(), ReplayError> {
        match self.plan()? {
            Some(written) if written == *plan => Ok(()),
            Some(written) if written.process == plan.process => Ok(self.plan.write(plan, self.now)?),
            _ => Err(self.plan.taken_over().into()),
        }
    }
}

/// Refuses names of a replay that the service uses: a replay writes nothing that the service writes.
pub fn check_names(names: &TopicNames, source: &TopicNames) -> Result<(), Refusal> {
    if names.namespace == source.namespace {
        return Err(Refusal::Occupied(format!(
            "{} is the namespace of these settings, which a replay must not write: choose another --namespace",
            names.namespace
        )));
    }
    let used: Vec<String> =
        written_topics(source).into_iter().map(|spec| spec.name).chain(source.articles.clone()).collect();
    match written_topics(names).into_iter().find(|spec| used.contains(&spec.name)) {
        Some(spec) => Err(Refusal::Occupied(format!(
            "the replay would write the topic {}, which is one of these settings: choose another --namespace",
            spec.name
        ))),
        None => Ok(()),
    }
}

/// Refuses topics that are not as they must be, with the first problem.
pub(super) fn check_topics(admin: &Admin, specs: &[TopicSpec]) -> Result<(), ReplayError> {
    match admin.check(specs)?.into_iter().find(|problem| problem.severity == Severity::Error) {
        Some(problem) => Err(Refusal::Topics(problem.to_string()).into()),
        None => Ok(()),
    }
}

/// All topics that a namespace writes.
fn written_topics(names: &TopicNames) -> Vec<TopicSpec> {
    let mut specs = vec![plan_topic_spec(names)];
    specs.extend(topic_specs(&TopicNames { articles: Vec::new(), ..names.clone() }, 1, 1));
    specs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(namespace: &str, stories: &str) -> TopicNames {
        TopicNames {
            namespace: namespace.to_owned(),
            articles: vec!["articles".to_owned()],
            stories: stories.to_owned(),
            verdicts: format!("{namespace}.verdicts"),
            dead_letters: format!("{namespace}.dead-letters"),
        }
    }

    #[test]
    fn a_replay_writes_nothing_that_the_service_writes() {
        let live = names("live", "stories");
        let check =
            |replay: TopicNames, live: &TopicNames| check_names(&replay, live).map_err(|error| error.to_string());
        assert_eq!(check(names("trial", "trial.stories"), &live), Ok(()));
        assert!(check(names("live", "live.stories"), &live).is_err_and(|text| text.contains("live is the namespace")));
        let taken = [
            names("live", "trial.stories"),
            names("live", "trial.signatures"),
            TopicNames { articles: vec!["trial.stories".to_owned()], ..live },
        ];
        for live in taken {
            let text = check(names("trial", "trial.stories"), &live);
            assert!(text.as_ref().is_err_and(|text| text.contains("would write the topic trial.")), "{text:?}");
        }
    }
}
