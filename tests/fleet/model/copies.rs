//! A blue/green deployment that copies its Auto Scaling group, as it was seen once, in 2019 (aws-facts 14).
//!
//! The traffic events of green and blue instances are left out: they have no scripts of a revision before `BeforeAllowTraffic`.

use std::collections::BTreeMap;

use lifecycle::Timestamp;
use lifecycle::green::name_copied_group;

use super::Fleet;
use super::codedeploy_settings::CopiesHooks;
use super::deployments::agent::LIFECYCLE_EVENTS;
use super::deployments::{Creator, Deployment, DeploymentMembers, DeploymentStatus, Target};
use super::groups::{Group, GroupMembers};
use super::hooks::HookMembers;
use super::refused::Refused;
use super::schedule::{CopyStep, Due};
use super::states::{LifecycleState, Step};

/// The processes that do not run on the green group until the deployment has succeeded.
const SUSPENDED: [&str; 3] = ["AddToLoadBalancer", "AlarmNotification", "ScheduledActions"];
/// The tag of a copied group.
const TAG: &str = "CodeDeployProvisioningDeploymentId";
/// How the names of `CodeDeploy`'s own hooks begin, which it does not copy but moves.
const ITS_OWN: &str = "CodeDeploy-managed-";

/// The two groups of a copy.
struct Copy {
    blue: String,
    green: String,
    /// The application and the deployment group.
    group: (String, String),
}

impl Fleet {
    /// The blue/green deployments that somebody has stopped.
    #[must_use]
    pub fn list_stopped_blue_green(&self) -> Vec<String> {
        let stopped = |deployment: &&Deployment| deployment.is_green && deployment.status == DeploymentStatus::Stopped;
        self.deployments.values().filter(stopped).map(|deployment| deployment.id.clone()).collect()
    }

    /// Whether a blue/green deployment is in progress.
    #[must_use]
    pub fn has_blue_green_under_way(&self) -> bool {
        let runs = |deployment: &Deployment| deployment.is_green && deployment.status == DeploymentStatus::InProgress;
        self.deployments.values().any(runs)
    }

    /// Creates the green group without instances.
    pub(super) fn start_copy(&mut self, now: Timestamp, members: DeploymentMembers) -> Result<String, Refused> {
        let id = self.insert_deployment(now, members, Creator::User, "Server".to_owned());
        let Some(copy) = self.copy_of(&id) else { return Ok(id) };
        let blue = self.group(&copy.blue)?;
        let members = copied_members(blue, &copy.green, &id);
        self.create_group(now, members)?;
        if self.settings.codedeploy.copies_hooks == CopiesHooks::WithTheGroup {
            self.copy_hooks(&copy);
        }
        self.plan_green(now, &id, CopyStep::Grows);
        Ok(id)
    }

    pub(super) fn green_step(&mut self, now: Timestamp, id: &str, step: CopyStep) {
        let Some(copy) = self.copy_of(id) else { return };
        let running = self.deployments.get(id).is_some_and(|of| of.status == DeploymentStatus::InProgress);
        match step {
            CopyStep::Grows if running => self.green_grows(now, id, &copy),
            CopyStep::LooksAtInstances if running => self.look_at_green(now, id, &copy),
            // A deployment that was stopped or has failed leaves the green group as it is.
            CopyStep::Grows | CopyStep::LooksAtInstances => {}
            CopyStep::MovesHook => self.move_hook(now, id, &copy),
            CopyStep::DeletesBlue => drop(self.delete_group(now, &copy.blue, true)),
        }
    }

    /// As many as the blue group has healthy ones.
    fn green_grows(&mut self, now: Timestamp, id: &str, copy: &Copy) {
        let healthy = self.members(&copy.blue).into_iter().filter(|(_, state)| in_service(*state)).count();
        let healthy = u32::try_from(healthy).unwrap_or(u32::MAX);
        let min = self.groups.get(&copy.blue).map_or(0, |blue| blue.min.min(healthy));
        // The group was just made, with these bounds.
        let _ = self.resize(now, &copy.green, Some(min), None, Some(healthy));
        let _ = self.set_suspended(now, &copy.green, &SUSPENDED.map(str::to_owned), true);
        self.plan_green(now, id, CopyStep::LooksAtInstances);
    }

    /// The revision comes only when all are in service.
    fn look_at_green(&mut self, now: Timestamp, id: &str, copy: &Copy) {
        let wanted = self.groups.get(&copy.green).map_or(0, |green| green.desired as usize);
        let members = self.members(&copy.green);
        let ready: Vec<String> =
            members.into_iter().filter(|(_, state)| in_service(*state)).map(|(id, _)| id).collect();
        if ready.len() >= wanted && wanted > 0 {
            let targets = ready.into_iter().map(|id| (id, Target::new(now, &LIFECYCLE_EVENTS)));
            return self.targets_begin(now, id, targets.collect());
        }
        let began = self.deployments.get(id).map_or(now, |deployment| deployment.created);
        if now.since(began) >= self.settings.codedeploy.provisions_within {
            let message = "The instances of the replacement environment did not come into service in time.".to_owned();
            return self.deployment_ends(now, id, DeploymentStatus::Failed, Some(("TIMEOUT", message)));
        }
        self.plan_green(now, id, CopyStep::LooksAtInstances);
    }

    /// After the success, and only then.
    pub(super) fn copy_ends(&mut self, now: Timestamp, id: &str) {
        let Some(copy) = self.copy_of(id) else { return };
        if self.deployments.get(id).is_some_and(|of| of.status == DeploymentStatus::Succeeded) {
            let _ = self.set_suspended(now, &copy.green, &SUSPENDED.map(str::to_owned), false);
            self.plan_green(now, id, CopyStep::MovesHook);
        }
    }

    fn move_hook(&mut self, now: Timestamp, id: &str, copy: &Copy) {
        let (application, name) = &copy.group;
        let Ok(group) = self.deployment_group(application, name) else { return };
        let (before, waits) = (group.scaling.clone(), group.green.as_ref().and_then(|green| green.terminates_after));
        self.take_hooks_away(now, &before);
        let Ok(hook) = self.put_managed_hook(&copy.green, name) else { return };
        if self.settings.codedeploy.copies_hooks == CopiesHooks::WithItsOwnHook {
            self.copy_hooks(copy);
        }
        let group = self.applications.get_mut(application).and_then(|of| of.groups.get_mut(name));
        if let Some(group) = group {
            group.scaling = [(copy.green.clone(), hook)].into();
        }
        if let Some(waits) = waits {
            self.due.plan(now + waits, Due::Green { deployment: id.to_owned(), step: CopyStep::DeletesBlue });
        }
    }

    fn copy_hooks(&mut self, copy: &Copy) {
        let hooks = self.groups.get(&copy.blue).map(|blue| blue.hooks.values().cloned().collect::<Vec<_>>());
        for hook in hooks.unwrap_or_default().into_iter().filter(|hook| !hook.name.starts_with(ITS_OWN)) {
            let members = HookMembers {
                name: hook.name,
                transition: Some(hook.transition),
                heartbeat: Some(hook.heartbeat),
                default: Some(hook.default),
                metadata: hook.metadata,
                target: hook.target,
                role: hook.role,
            };
            // The copy has no more hooks than the original.
            let _ = self.put_hook(&copy.green, members);
        }
    }

    /// The groups of a deployment that copies one.
    fn copy_of(&self, id: &str) -> Option<Copy> {
        let deployment = self.deployments.get(id)?;
        let (application, name) = (deployment.members.application.clone(), deployment.members.group.clone());
        Some(Copy { blue: deployment.blue.clone()?, green: name_copied_group(&name, id), group: (application, name) })
    }

    fn plan_green(&mut self, now: Timestamp, id: &str, step: CopyStep) {
        self.due.plan(now + self.settings.codedeploy.copy_step, Due::Green { deployment: id.to_owned(), step });
    }
}

fn in_service(state: LifecycleState) -> bool {
    state.counts() && state.step == Step::Arrived
}

/// The copy has no instances yet, and no hooks.
fn copied_members(blue: &Group, name: &str, id: &str) -> GroupMembers {
    let tag = [("Key", TAG), ("Value", id), ("PropagateAtLaunch", "false")];
    let tag: BTreeMap<String, String> =
        tag.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let others = blue.tags.iter().filter(|tag| tag.get("Key").is_none_or(|key| key != TAG)).cloned();
    GroupMembers {
        name: name.to_owned(),
        min: 0,
        max: blue.max,
        desired: 0,
        zones: blue.zones.clone(),
        subnets: blue.subnets.clone(),
        template: blue.template.clone(),
        configuration: blue.configuration.clone(),
        tags: others.chain([tag]).collect(),
    }
}
