//! What CodeDeploy does when its hook holds an instance that is launching (aws-facts 3.2).

use lifecycle::Timestamp;

use super::super::Fleet;
use super::super::actions::{ActionResult, Named};
use super::super::hooks::Hook;
use super::super::schedule::Due;
use super::agent::LIFECYCLE_EVENTS;
use super::{Creator, DeploymentMembers, DeploymentStatus, Target};

impl Fleet {
    /// Only a hook of the name that the deployment group knows counts (aws-facts 3.4).
    pub(in super::super) fn codedeploy_hears(&mut self, now: Timestamp, instance: &str, hook: &Hook) {
        if self.owner(hook.name.as_str()).is_some() {
            let (instance, hook) = (instance.to_owned(), hook.name.clone());
            self.due.plan(now + self.settings.codedeploy.deploys_after, Due::DeploysOnLaunch { instance, hook });
        }
    }

    /// The application and the deployment group that a hook is of.
    fn owner(&self, hook: &str) -> Option<(String, String)> {
        self.applications.values().find_map(|application| {
            let group = application.groups.values().find(|group| group.scaling.values().any(|name| name == hook))?;
            Some((application.name.clone(), group.name.clone()))
        })
    }

    /// The last successful revision. Where there is none, the hook is continued and nothing deployed: UNCONFIRMED, as
    /// commonly observed.
    pub(in super::super) fn deploys_on_launch(&mut self, now: Timestamp, instance: String, hook: String) {
        let Some((application, name)) = self.owner(&hook) else { return };
        let Ok(group) = self.deployment_group(&application, &name) else { return };
        let last = group.last_successful.as_ref().and_then(|id| self.deployments.get(id));
        let Some(revision) = last.map(|deployment| deployment.members.revision.clone()) else {
            return self.answers(now, &instance, &hook, ActionResult::Continue);
        };
        let (description, only_outdated, fleet) = (None, false, None);
        let members = DeploymentMembers { application, group: name, revision, description, only_outdated, fleet };
        let targets = [(instance, Target::new(now, &LIFECYCLE_EVENTS))].into();
        let creator = Creator::AutoScaling { hook };
        let id = self.start_deployment(now, members, creator, "Server".to_owned(), targets);
        self.due.plan(now + self.settings.codedeploy.heartbeat_every, Due::DeploymentHeartbeat { deployment: id });
    }

    /// While it deploys, it keeps its hook alive.
    pub(in super::super) fn deployment_heartbeat(&mut self, now: Timestamp, id: String) {
        let Some((instance, hook, DeploymentStatus::InProgress)) = self.held(&id) else { return };
        if let Some(group) = self.instances.get(&instance).map(|instance| instance.group.clone()) {
            // An action that is over needs no heartbeat.
            let _ = self.heartbeat(now, &group, &hook, &Named::CodeDeploy(&instance));
        }
        self.due.plan(now + self.settings.codedeploy.heartbeat_every, Due::DeploymentHeartbeat { deployment: id });
    }

    pub(super) fn answer_hook(&mut self, now: Timestamp, id: &str) {
        let Some((instance, hook, status)) = self.held(id) else { return };
        match status {
            DeploymentStatus::Succeeded => self.answers(now, &instance, &hook, ActionResult::Continue),
            DeploymentStatus::Failed => self.answers(now, &instance, &hook, ActionResult::Abandon),
            DeploymentStatus::Stopped if self.settings.codedeploy.stopped_abandons => {
                self.answers(now, &instance, &hook, ActionResult::Abandon);
            }
            DeploymentStatus::Stopped | DeploymentStatus::InProgress => {}
        }
    }

    /// The instance and the hook that a deployment was begun for.
    fn held(&self, id: &str) -> Option<(String, String, DeploymentStatus)> {
        let deployment = self.deployments.get(id)?;
        let Creator::AutoScaling { hook } = &deployment.creator else { return None };
        Some((deployment.targets.keys().next()?.clone(), hook.clone(), deployment.status))
    }

    fn answers(&mut self, now: Timestamp, instance: &str, hook: &str, result: ActionResult) {
        if let Some(group) = self.instances.get(instance).map(|instance| instance.group.clone()) {
            // What somebody else has ended needs no answer.
            let _ = self.complete(now, &group, hook, &Named::CodeDeploy(instance), result);
        }
    }
}
