//! CodeDeploy deployments: what is deployed to which targets, and how far each target is.

pub(crate) mod agent;
mod ends;
mod launch;
mod parts;
pub(crate) mod revision;
pub(crate) mod traffic;

use std::collections::BTreeMap;

use lifecycle::Timestamp;

pub(super) use self::parts::EventId;
pub(crate) use self::parts::{
    Creator, Deployment, DeploymentMembers, DeploymentStatus, Diagnostics, LifecycleEvent, NamedFleet, Progress, Target,
};
use super::Fleet;
use super::refused::Refused;
use super::timeline::What;

impl Fleet {
    pub(crate) fn deployment(&self, id: &str) -> Result<&Deployment, Refused> {
        self.deployments.get(id).ok_or_else(|| {
            let message = format!("The deployment {id} could not be found");
            Refused::new("DeploymentDoesNotExistException", message)
        })
    }

    /// `CreateDeployment`, on whatever platform the application is for.
    pub(crate) fn create_deployment(&mut self, now: Timestamp, members: DeploymentMembers) -> Result<String, Refused> {
        let group = self.deployment_group(&members.application, &members.group)?;
        if let Some(active) = self.active_deployment(&group.id) {
            let message =
                format!("The Deployment Group '{}' already has an active Deployment '{active}'", members.group);
            return Err(Refused::new("DeploymentLimitExceededException", message));
        }
        let platform = self.application(&members.application)?.platform.clone();
        let green = group.green.clone();
        if members.fleet.is_some() && green.as_ref().is_none_or(|green| green.copies) {
            let message = "target instances are for blue/green deployments that discover existing instances";
            return Err(Refused::new("InvalidTargetInstancesException", message));
        }
        if green.is_some_and(|green| green.copies) {
            return self.start_copy(now, members);
        }
        let targets = match platform.as_str() {
            "Server" => self.outdated(&members),
            _ => Self::shifts(now, &platform, &members.revision)?,
        };
        Ok(self.start_deployment(now, members, Creator::User, platform, targets))
    }

    /// One at a time for each deployment group, beside those that launches begin (aws-facts 3.2).
    fn active_deployment(&self, group: &str) -> Option<&String> {
        let active = |deployment: &&Deployment| {
            let name = &deployment.members;
            deployment.status == DeploymentStatus::InProgress
                && deployment.creator == Creator::User
                && self.deployment_group(&name.application, &name.group).is_ok_and(|of| of.id == group)
        };
        self.deployments.values().find(active).map(|deployment| &deployment.id)
    }

    fn start_deployment(
        &mut self,
        now: Timestamp,
        members: DeploymentMembers,
        creator: Creator,
        platform: String,
        targets: BTreeMap<String, Target>,
    ) -> String {
        let none = targets.is_empty();
        let id = self.insert_deployment(now, members, creator, platform);
        if none {
            let message = "The deployment failed because no instances were found for your deployment group.";
            self.deployment_ends(now, &id, DeploymentStatus::Failed, Some(("NO_INSTANCES", message.to_owned())));
        }
        self.targets_begin(now, &id, targets);
        id
    }

    /// It has no targets yet.
    pub(super) fn insert_deployment(
        &mut self,
        now: Timestamp,
        members: DeploymentMembers,
        creator: Creator,
        platform: String,
    ) -> String {
        let id = self.deployment_id();
        // What a launch begins is no blue/green deployment, whatever its deployment group does otherwise.
        let named = self.deployment_group(&members.application, &members.group).ok();
        let green = named.filter(|group| creator == Creator::User && group.green.is_some());
        let copied = green.filter(|group| group.green.as_ref().is_some_and(|green| green.copies));
        let blue = copied.and_then(|group| group.scaling.keys().next().cloned());
        let is_green = green.is_some();
        let deployment = Deployment {
            id: id.clone(),
            members,
            creator,
            platform,
            status: DeploymentStatus::InProgress,
            created: now,
            completed: None,
            error: None,
            targets: BTreeMap::new(),
            is_green,
            blue,
        };
        self.deployments.insert(id.clone(), deployment);
        self.deployment_order.push(id.clone());
        self.publish_deployment(now, &id);
        id
    }

    pub(super) fn targets_begin(&mut self, now: Timestamp, id: &str, targets: BTreeMap<String, Target>) {
        let begins: Vec<String> = targets.keys().cloned().collect();
        if let Some(deployment) = self.deployments.get_mut(id) {
            deployment.targets = targets;
        }
        for target in begins {
            self.target_begins(now, id, target);
        }
    }

    /// `d-` and nine letters or digits.
    fn deployment_id(&mut self) -> String {
        let id = self.chance.uuid().replace('-', "").to_uppercase();
        format!("d-{}", id.chars().take(9).collect::<String>())
    }

    fn target_begins(&mut self, now: Timestamp, deployment: &str, target: String) {
        let event = EventId { deployment: deployment.to_owned(), target, number: 0 };
        if let Some(target) = self.target_mut(&event) {
            target.status = Progress::InProgress;
        }
        self.publish_target(now, &event.deployment, &event.target, "START");
        let deployment = event.deployment.clone();
        self.note_of_instance(now, (&event.deployment, &event.target), What::Deploys { deployment });
        self.event_is_next(now, event);
    }

    fn event_is_next(&mut self, now: Timestamp, event: EventId) {
        let Some(target) = self.target_mut(&event) else { return };
        if event.number >= target.events.len() {
            return self.target_ends(now, &event, Progress::Succeeded);
        }
        match target.shift {
            Some(_) => self.traffic_event(now, event),
            None => self.offer(now, event),
        }
    }

    /// The target of a deployment that is not over.
    fn target_mut(&mut self, event: &EventId) -> Option<&mut Target> {
        let deployment = self.deployments.get_mut(&event.deployment)?;
        let target = deployment.targets.get_mut(&event.target)?;
        (deployment.status == DeploymentStatus::InProgress && !target.status.ended()).then_some(target)
    }

    /// The lifecycle event, if it stands there.
    fn event_mut(&mut self, event: &EventId, stands: Progress) -> Option<&mut LifecycleEvent> {
        let target = self.target_mut(event)?;
        target.events.get_mut(event.number).filter(|event| event.status == stands)
    }

    fn event_succeeds(&mut self, now: Timestamp, mut event: EventId) {
        let Some(succeeds) = self.event_mut(&event, Progress::InProgress) else { return };
        succeeds.status = Progress::Succeeded;
        succeeds.end = Some(now);
        event.number += 1;
        self.event_is_next(now, event);
    }

    fn event_fails(&mut self, now: Timestamp, event: &EventId, diagnostics: Option<Diagnostics>) {
        let Some(fails) = self.target_mut(event).and_then(|target| target.events.get_mut(event.number)) else { return };
        fails.status = Progress::Failed;
        fails.end = Some(now);
        fails.start = fails.start.or(Some(now));
        fails.diagnostics = diagnostics;
        self.target_ends(now, event, Progress::Failed);
    }

    fn target_ends(&mut self, now: Timestamp, event: &EventId, status: Progress) {
        let Some(target) = self.target_mut(event) else { return };
        target.end(now, status);
        let succeeded = status == Progress::Succeeded;
        self.publish_target(now, &event.deployment, &event.target, if succeeded { "SUCCESS" } else { "FAILURE" });
        let (deployment, status) = (event.deployment.clone(), status.text().to_owned());
        self.note_of_instance(now, (&event.deployment, &event.target), What::Deployed { deployment, status });
        if succeeded {
            self.has_revision(event);
        }
        self.ends_with_its_targets(now, &event.deployment);
    }

    /// Targets of other platforms have no timeline. An instance that is not described any more has one.
    fn note_of_instance(&mut self, now: Timestamp, (deployment, target): (&str, &str), what: What) {
        if self.deployments.get(deployment).is_some_and(|deployment| deployment.platform == "Server") {
            self.note(now, target, what);
        }
    }
}
