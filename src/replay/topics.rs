//! A replay into topics of a namespace of its own.

use std::fmt;

use super::begin::refused;
use super::home::{Home, positions};
use crate::kafka::{Admin, ClientSettings, PlanTopic, TopicNames, TopicSpec};
use crate::pipeline::port::{PortError, TopicPartition};
use crate::record::{Millis, ReplayPlan, Retirement};

/// The topics and groups of a replay.
pub struct Topics<'a> {
    admin: &'a Admin,
    names: TopicNames,
    plan: PlanTopic,
    now: Millis,
}

impl<'a> Topics<'a> {
    /// Those of these names, which must not be those of `beside`.
    pub fn new(
        client: &ClientSettings,
        admin: &'a Admin,
        names: &TopicNames,
        beside: &TopicNames,
        now: Millis,
    ) -> Result<Self, PortError> {
        refuse_names_in_use(names, beside)?;
        Ok(Self { admin, names: names.clone(), plan: PlanTopic::of(client, names), now })
    }

    /// Deletes all that a replay has written; its plan last, or what is left of it would be taken for a service.
    fn throw_away(&self) -> Result<(), PortError> {
        self.admin.delete_group(&self.names.fold_group())?;
        self.admin.delete_group(&self.names.sign_group())?;
        let (plan, others): (Vec<_>, Vec<_>) =
            own(&self.names).into_iter().map(|spec| spec.name).partition(|name| *name == self.names.replay());
        self.admin.delete_topics(&others)?;
        self.admin.delete_topics(&plan)
    }

    /// Kafka forgets the positions of a group a week after its last commit. A replay that went on without them would read
    /// again what stands in its log.
    fn refuse_forgotten(&self, plan: &ReplayPlan) -> Result<(), PortError> {
        let read: Vec<TopicPartition> =
            positions(plan, &self.names).into_iter().map(|(partition, _)| partition).collect();
        if self.admin.committed(&self.names.sign_group(), &read)?.iter().any(Option::is_none) {
            return Err(refused(format!(
                "Kafka has forgotten how far the replay {self} has read (offsets.retention.minutes): --force begins it again"
            )));
        }
        Ok(())
    }
}

impl fmt::Display for Topics<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names.namespace)
    }
}

impl Home for Topics<'_> {
    fn plan(&self) -> Result<Option<ReplayPlan>, PortError> {
        self.plan.read(self.admin)
    }

    /// Topics without a plan belong to a service; the name of one that was replaced is spent, or the two would name each
    /// other as the one to serve.
    fn refuse_strangers(&self) -> Result<(), PortError> {
        if let Some(Retirement { at, successor, .. }) = self.plan.standing(self.admin)?.retirement {
            return Err(refused(format!(
                "{self} was retired at {at}, and {successor} goes on in its place: choose another --namespace"
            )));
        }
        for spec in own(&self.names).into_iter().filter(|spec| spec.name != self.names.replay()) {
            if self.admin.partitions(&spec.name)?.is_some() {
                return Err(refused(format!(
                    "the topic {} exists and {} does not say that it is a replay's: it belongs to a service, choose \
                     another --namespace",
                    spec.name,
                    self.names.replay()
                )));
            }
        }
        Ok(())
    }

    fn found(&mut self, plan: &ReplayPlan, over: bool) -> Result<(), PortError> {
        if over {
            self.throw_away()?;
        }
        self.admin.create(&[self.names.replay_spec()])?;
        // Before the plan: a replay that has one and no positions is one whose positions were forgotten.
        self.admin.commit(&self.names.sign_group(), &positions(plan, &self.names))?;
        self.plan.write(plan, self.now)?;
        self.admin.create(&own(&self.names)).map(drop)
    }

    fn take_over(&mut self, plan: &ReplayPlan) -> Result<(), PortError> {
        self.refuse_forgotten(plan)?;
        self.plan.write(plan, self.now)?;
        self.admin.create(&own(&self.names)).map(drop)
    }

    fn finish(&mut self, plan: &ReplayPlan) -> Result<(), PortError> {
        match self.plan()? {
            Some(written) if written == *plan => Ok(()),
            Some(written) if written.process == plan.process => self.plan.write(plan, self.now),
            _ => Err(self.plan.taken_over()),
        }
    }
}

/// A replay writes nothing that the service writes.
pub fn refuse_names_in_use(names: &TopicNames, beside: &TopicNames) -> Result<(), PortError> {
    if names.namespace == beside.namespace {
        return Err(refused(format!(
            "{} is the namespace of these settings, which a replay must not write: choose another --namespace",
            names.namespace
        )));
    }
    let theirs: Vec<String> = own(beside).into_iter().map(|spec| spec.name).chain(beside.articles.clone()).collect();
    match own(names).into_iter().find(|spec| theirs.contains(&spec.name)) {
        Some(spec) => Err(refused(format!(
            "the replay would write the topic {}, which these settings name: choose another --namespace",
            spec.name
        ))),
        None => Ok(()),
    }
}

/// All topics that a namespace writes.
fn own(names: &TopicNames) -> Vec<TopicSpec> {
    let mut specs = vec![names.replay_spec()];
    specs.extend(TopicNames { articles: Vec::new(), ..names.clone() }.specs(1, 1));
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
        let refusal = |replay: TopicNames, live: &TopicNames| {
            refuse_names_in_use(&replay, live).map_err(|error| error.to_string())
        };
        assert_eq!(refusal(names("trial", "trial.stories"), &live), Ok(()));
        assert!(
            refusal(names("live", "live.stories"), &live).is_err_and(|said| said.contains("live is the namespace"))
        );
        let taken = [
            names("live", "trial.stories"),
            names("live", "trial.signatures"),
            TopicNames { articles: vec!["trial.stories".to_owned()], ..live },
        ];
        for live in taken {
            let said = refusal(names("trial", "trial.stories"), &live);
            assert!(said.as_ref().is_err_and(|said| said.contains("would write the topic trial.")), "{said:?}");
        }
    }
}
