//! A deployment on an instance. The agent runs one lifecycle event after the other, or does not answer.

use std::collections::BTreeMap;
use std::time::Duration;

use lifecycle::Timestamp;

use super::super::super::host::{AgentState, Host};
use super::super::super::story::deploys::Deploys;
use super::super::Fleet;
use super::super::schedule::Due;
use super::super::states::Step;
use super::super::timeline::What;
use super::{Creator, DeploymentMembers, Diagnostics, EventId, Progress, Target};

/// In place, without a load balancer (aws-facts 4.1).
pub(crate) const LIFECYCLE_EVENTS: [&str; 7] = [
    "ApplicationStop",
    "DownloadBundle",
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
];

/// aws-facts 5.
const NEVER_ANSWERED: &str = "CodeDeploy agent was not able to receive the lifecycle event. Check the CodeDeploy agent \
    logs on your host and make sure the agent is running and can connect to the CodeDeploy server.";

impl Fleet {
    /// The instances of the deployment group: those of its Auto Scaling groups that are in service, and those that have
    /// one of its tags; without those that have the revision, if told so.
    pub(super) fn outdated(&self, members: &DeploymentMembers) -> BTreeMap<String, Target> {
        let Ok(group) = self.deployment_group(&members.application, &members.group) else { return BTreeMap::new() };
        // A green fleet that the call names counts in place of the deployment group's own instances (aws-facts 14).
        let own: Vec<String> = group.scaling.keys().cloned().collect();
        let (scaling, tags) = match &members.fleet {
            Some(fleet) => (&fleet.scaling, &fleet.tags),
            None => (&own, &group.tags),
        };
        let chosen = self.instances.values().filter(|instance| {
            let tagged = self
                .groups
                .get(&instance.group)
                .is_some_and(|scaling| tags.iter().any(|tag| tag.chooses(&scaling.tags)));
            let named = scaling.contains(&instance.group);
            let has = instance.revisions.get(&group.id) == Some(&members.revision);
            // By tags CodeDeploy looks at EC2, which knows no lifecycle states: a stopped instance of a warm pool is a
            // target too (aws-facts 12.5, 12.6). It fails like one whose agent is silent; after how long is UNCONFIRMED.
            // By group an instance that is still launching has no deployment but the one that its launch begins.
            let exists = !instance.dead && !instance.state.ended();
            let there = exists && (tagged || instance.runs() && instance.state.step == Step::Arrived);
            (tagged || named) && there && !(members.only_outdated && has)
        });
        chosen.map(|instance| (instance.id.clone(), Target::new(self.now, &LIFECYCLE_EVENTS))).collect()
    }

    /// The agent has until a time-out to take the event (aws-facts 3.3: an hour to hear of the deployment at all, five
    /// minutes from one event to the next; which of them counts for the first is open, and so a setting).
    pub(super) fn offer(&mut self, now: Timestamp, event: EventId) {
        let settings = &self.settings.codedeploy;
        let launched = self.deployment(&event.deployment).is_ok_and(|deployment| deployment.creator != Creator::User);
        let first = if launched { settings.silent_agent } else { settings.between_events };
        let patience = if event.number == 0 { first } else { settings.between_events };
        let next = settings.next_event_after;
        self.due.plan(now + patience, Due::EventLost { event: event.clone(), stands: Progress::Pending });
        if event.number == 0 || next.is_zero() {
            return self.agent_asks(now, event);
        }
        self.due.plan(now + next, Due::AgentAsks(event));
    }

    pub(in super::super) fn agent_asks(&mut self, now: Timestamp, event: EventId) {
        let polls = self.polls(now, &event.target);
        let asks_every = self.settings.codedeploy.agent_asks_every;
        let Some(offered) = self.event_mut(&event, Progress::Pending) else { return };
        if !polls {
            return self.due.plan(now + asks_every, Due::AgentAsks(event));
        }
        offered.status = Progress::InProgress;
        offered.start = Some(now);
        if event.number == 0 {
            let deployment = event.deployment.clone();
            self.note(now, &event.target, What::AgentTakes { deployment });
        }
        let (name, takes, real) = match self.deploys(&event) {
            Some((name, deploys)) => (name, deploys.takes(name), deploys.really_runs(name)),
            None => ("", Duration::ZERO, false),
        };
        if real {
            self.begin_revision_script(&event, name);
        }
        self.due.plan(now + takes, Due::EventEnds(event));
    }

    fn polls(&self, now: Timestamp, instance: &str) -> bool {
        let polling = |host: Host| host.agent.state == AgentState::Polling;
        self.instances
            .get(instance)
            .is_some_and(|instance| instance.runs() && !instance.down(now) && polling(instance.host(now)))
    }

    pub(in super::super) fn event_ends(&mut self, now: Timestamp, event: EventId) {
        if !self.polls(now, &event.target) {
            // Nobody says how the script ended: up to an hour until that shows (aws-facts 3.3).
            let lost = Due::EventLost { event, stands: Progress::InProgress };
            return self.due.plan(now + self.settings.codedeploy.silent_agent, lost);
        }
        let failure = self.deploys(&event).and_then(|(name, deploys)| deploys.failure(name));
        if self.event_mut(&event, Progress::InProgress).is_none() {
            return;
        }
        match failure {
            Some(failure) => self.event_fails(now, &event, Some(failure)),
            None => self.event_succeeds(now, event),
        }
    }

    /// Nobody took it, or nobody said how it ended.
    pub(in super::super) fn event_lost(&mut self, now: Timestamp, event: &EventId, stands: Progress) {
        if self.event_mut(event, stands).is_some() {
            let (code, message) = ("UnknownError".to_owned(), NEVER_ANSWERED.to_owned());
            self.event_fails(now, event, Some(Diagnostics { code, message, ..Diagnostics::default() }));
        }
    }

    /// The instance has the revision now, as far as its deployment group knows.
    pub(super) fn has_revision(&mut self, event: &EventId) {
        let Some(members) = self.deployments.get(&event.deployment).map(|deployment| &deployment.members) else {
            return;
        };
        let Ok(group) = self.deployment_group(&members.application, &members.group) else { return };
        let (group, revision) = (group.id.clone(), members.revision.clone());
        if let Some(instance) = self.instances.get_mut(&event.target) {
            instance.revisions.insert(group, revision);
        }
    }

    /// The name of the lifecycle event, and what the instance's story has for deployments.
    pub(super) fn deploys(&self, event: &EventId) -> Option<(&'static str, &Deploys)> {
        let instance = self.instances.get(&event.target)?;
        Some((LIFECYCLE_EVENTS.get(event.number)?, &instance.story.deploys))
    }
}
