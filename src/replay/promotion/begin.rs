//! A promotion, step by step.

use std::sync::Arc;

use super::checks::{check_no_members, check_promotable, check_public_topics};
use super::handover::{final_offsets, handover};
use super::publish::{PromotionCounts, publish};
use super::request::PromotionRequest;
use crate::config::TopicNames;
use crate::kafka::{Admin, ClientSettings, KafkaBroker};
use crate::record::Millis;
use crate::replay::engine::{ReplayRun, RunSettings};
use crate::replay::plan::{ReplayPlan, ReplayState};
use crate::replay::plan_topic::{NamespaceStatus, PlanTopic};
use crate::replay::process::this_process;
use crate::replay::refusal::{Refusal, ReplayError};
use crate::replay::topic_target::check_names;
use crate::stream::event::Observer;
use crate::stream::failpoint;
use crate::stream::port::TopicPartition;

/// A promotion whose handover is fixed.
pub struct Promotion<'a> {
    client: ClientSettings,
    admin: &'a Admin,
    names: TopicNames,
    live: TopicNames,
    plan: ReplayPlan,
}

impl<'a> Promotion<'a> {
    /// Retires the old namespace and fixes the handover, or finds what was fixed before. Nothing is written before everything
    /// is checked. None when the replay was promoted already.
    pub fn begin(
        client: &ClientSettings,
        admin: &'a Admin,
        request: &PromotionRequest,
    ) -> Result<Option<Self>, ReplayError> {
        let PromotionRequest { names, live, now, .. } = request;
        let topic = PlanTopic::of(client, names);
        let NamespaceStatus { plan: Some(plan), retirement } = topic.status(admin)? else {
            let reason = format!("there is no replay {}: the topic {} holds no plan", names.namespace, names.replay());
            return Err(Refusal::NotPromotable(reason).into());
        };
        if plan.state == ReplayState::Promoted && retirement.is_none() {
            return Ok(None);
        }
        let live_topic = PlanTopic::of(client, live);
        let status = live_topic.status(admin)?;
        check_promotable(&plan, &status, request)?;
        check_names(names, live)?;
        check_no_members(admin, live)?;
        check_public_topics(admin, live)?;

        let mut broker = KafkaBroker::new(client.clone(), &names.signatures_group())?;
        let mut plan = ReplayPlan { run: plan.run + 1, process: this_process(), ..plan };
        if plan.state == ReplayState::Finished {
            // Whatever stands in the way is found before anything is written.
            handover(admin, &mut broker, &plan, request)?;
            // A group without members loses its offsets within days, and the plan knows them.
            let read: Vec<_> = plan.ranges.iter().map(|range| (TopicPartition::from(range), range.to)).collect();
            admin.commit(&names.signatures_group(), &read)?;
            plan.state = ReplayState::Promoting;
        }
        topic.write(&plan, *now)?;
        failpoint::pass("promote.after_plan");
        if status.retirement.is_none() {
            live_topic.retire(admin, &names.namespace, *now)?;
        }
        failpoint::pass("promote.after_retirement");
        // An instance that started meanwhile is a member by now, or reads that it must not serve.
        check_no_members(admin, live)?;
        admin.await_settled(&[
            live.signatures(),
            live.stories.clone(),
            live.verdicts.clone(),
            live.dead_letters.clone(),
        ])?;
        if plan.handover.is_none() {
            plan.handover = Some(handover(admin, &mut broker, &plan, request)?);
            topic.write(&plan, *now)?;
        }
        failpoint::pass("promote.after_handover");
        let (client, names, live) = (client.clone(), names.clone(), live.clone());
        Ok(Some(Self { client, admin, names, live, plan }))
    }

    /// The plan of the replay.
    pub fn plan(&self) -> &ReplayPlan {
        &self.plan
    }

    /// The run of its stages, which read up to the handover. Events are passed on to `observer`.
    pub fn run(&self, settings: RunSettings, observer: Arc<dyn Observer>) -> ReplayRun {
        ReplayRun::new(self.client.clone(), self.names.clone(), self.plan.clone(), None, settings, observer)
    }

    /// Publishes the results of the replay, which has read up to the handover, and completes the promotion. It may be
    /// repeated: records that were written before are not written again. `copied` is told how many records of each topic
    /// were copied.
    pub fn finish(
        self,
        run: &ReplayRun,
        now: Millis,
        copied: &dyn Fn(&str, u64),
    ) -> Result<PromotionCounts, ReplayError> {
        failpoint::pass("promote.after_catch_up");
        self.admin.commit(&self.names.signatures_group(), &final_offsets(&self.plan))?;
        failpoint::pass("promote.after_offsets");
        let counts = publish(&self.client, self.admin, (&self.names, &self.live), &self.plan, copied)?;
        let plan = ReplayPlan { state: ReplayState::Promoted, decisions: Some(run.decisions()), ..self.plan };
        PlanTopic::of(&self.client, &self.names).write(&plan, now)?;
        Ok(counts)
    }
}
