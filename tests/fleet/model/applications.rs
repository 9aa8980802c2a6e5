//! CodeDeploy applications, their deployment groups, and the launch hook that a deployment group puts on each of its
//! Auto Scaling groups.

pub(crate) mod green_fleet;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lifecycle::Timestamp;

use self::green_fleet::{GreenFleet, Style};
use super::Fleet;
use super::actions::ActionResult;
use super::hooks::HookMembers;
use super::refused::Refused;
use super::states::Transition;
use super::tags::TagFilter;

/// aws-facts 3.2.
const MOST_DEPLOYMENT_GROUPS: usize = 1000;
/// aws-facts 3.2.
const MOST_SCALING_GROUPS: usize = 10;
/// As it was seen on an account; AWS does not promise it (aws-facts 3.1).
const HEARTBEAT: Duration = Duration::from_mins(10);

pub(crate) struct Application {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) platform: String,
    pub(crate) created: Timestamp,
    pub(crate) groups: BTreeMap<String, DeploymentGroup>,
}

pub(crate) struct DeploymentGroup {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) role: String,
    pub(crate) config: String,
    /// The Auto Scaling groups, each with the name of the hook that was put on it.
    pub(crate) scaling: BTreeMap<String, String>,
    /// Instances with one of these tags belong to it as well.
    pub(crate) tags: Vec<TagFilter>,
    /// How its green fleet comes to be; nothing: it deploys in place.
    pub(crate) green: Option<GreenFleet>,
    /// The deployment whose revision every new instance gets.
    pub(crate) last_successful: Option<String>,
}

/// What `CreateDeploymentGroup` says.
pub(crate) struct DeploymentGroupMembers {
    pub(crate) application: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) config: String,
    pub(crate) scaling: BTreeSet<String>,
    pub(crate) tags: Vec<TagFilter>,
    pub(crate) green: Option<GreenFleet>,
}

/// What `UpdateDeploymentGroup` says; what it does not say stays.
#[derive(Default)]
pub(crate) struct DeploymentGroupChanges {
    pub(crate) name: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) config: Option<String>,
    /// An empty list takes all hooks away, none at all leaves them as they are (aws-facts 3.4).
    pub(crate) scaling: Option<BTreeSet<String>>,
    pub(crate) tags: Option<Vec<TagFilter>>,
    /// In place or blue/green, if it says either.
    pub(crate) style: Option<Style>,
}

impl Fleet {
    pub(crate) fn create_application(&mut self, now: Timestamp, name: &str, platform: &str) -> Result<String, Refused> {
        if self.applications.contains_key(name) {
            let message = format!("An application with the name {name} already exists.");
            return Err(Refused::new("ApplicationAlreadyExistsException", message));
        }
        let id = self.chance.uuid();
        let (name, platform) = (name.to_owned(), platform.to_owned());
        let groups = BTreeMap::new();
        let application = Application { name: name.clone(), id: id.clone(), platform, created: now, groups };
        self.applications.insert(name, application);
        Ok(id)
    }

    /// One that is not there is deleted already ([BOTO codedeploy:DeleteApplication] has no error for it).
    pub(crate) fn delete_application(&mut self, now: Timestamp, name: &str) {
        let Some(application) = self.applications.remove(name) else { return };
        for group in application.groups.values() {
            self.take_hooks_away(now, &group.scaling);
        }
    }

    pub(crate) fn application(&self, name: &str) -> Result<&Application, Refused> {
        self.applications.get(name).ok_or_else(|| {
            Refused::new("ApplicationDoesNotExistException", format!("No application found for name: {name}"))
        })
    }

    pub(crate) fn deployment_group(&self, application: &str, name: &str) -> Result<&DeploymentGroup, Refused> {
        self.application(application)?.groups.get(name).ok_or_else(|| {
            Refused::new("DeploymentGroupDoesNotExistException", format!("No Deployment Group found for name: {name}"))
        })
    }

    pub(crate) fn create_deployment_group(&mut self, members: DeploymentGroupMembers) -> Result<String, Refused> {
        let application = self.application(&members.application)?;
        if application.groups.contains_key(&members.name) {
            return Err(exists(&members.name));
        }
        if application.groups.len() >= MOST_DEPLOYMENT_GROUPS {
            let message = format!("an application has at most {MOST_DEPLOYMENT_GROUPS} deployment groups");
            return Err(Refused::new("DeploymentGroupLimitExceededException", message));
        }
        GreenFleet::check(members.green.as_ref(), members.scaling.len())?;
        let scaling = self.put_hooks(&members.name, &members.scaling)?;
        let id = self.chance.uuid();
        let DeploymentGroupMembers { application, name, role, config, scaling: _, tags, green } = members;
        let (last_successful, group_id) = (None, id.clone());
        let group =
            DeploymentGroup { name: name.clone(), id: group_id, role, config, scaling, tags, green, last_successful };
        if let Some(application) = self.applications.get_mut(&application) {
            application.groups.insert(name, group);
        }
        Ok(id)
    }

    /// The hook is installed anew, under another name, whenever the deployment group is updated (aws-facts 3.1).
    pub(crate) fn update_deployment_group(
        &mut self,
        now: Timestamp,
        application: &str,
        current: &str,
        changes: DeploymentGroupChanges,
    ) -> Result<(), Refused> {
        let group = self.deployment_group(application, current)?;
        let name = changes.name.unwrap_or_else(|| current.to_owned());
        if name != current && self.deployment_group(application, &name).is_ok() {
            return Err(exists(&name));
        }
        let before = group.scaling.clone();
        let green = changes.style.map_or_else(|| group.green.clone(), Style::green);
        let wanted = changes.scaling.unwrap_or_else(|| before.keys().cloned().collect());
        GreenFleet::check(green.as_ref(), wanted.len())?;
        let scaling = self.put_hooks(&name, &wanted)?;
        self.take_hooks_away(now, &before);
        let Some(application) = self.applications.get_mut(application) else { return Ok(()) };
        if let Some(mut group) = application.groups.remove(current) {
            group.role = changes.role.unwrap_or(group.role);
            group.config = changes.config.unwrap_or(group.config);
            group.tags = changes.tags.unwrap_or(group.tags);
            application.groups.insert(name.clone(), DeploymentGroup { name, scaling, green, ..group });
        }
        Ok(())
    }

    /// A group that is not there is deleted already.
    pub(crate) fn delete_deployment_group(&mut self, now: Timestamp, application: &str, name: &str) {
        let group = self.applications.get_mut(application).and_then(|application| application.groups.remove(name));
        if let Some(group) = group {
            self.take_hooks_away(now, &group.scaling);
        }
    }

    /// Either all of them, or none: a group that is not there makes the request fail.
    fn put_hooks(&mut self, name: &str, scaling: &BTreeSet<String>) -> Result<BTreeMap<String, String>, Refused> {
        if scaling.len() > MOST_SCALING_GROUPS {
            let message = format!("a deployment group has at most {MOST_SCALING_GROUPS} Auto Scaling groups");
            return Err(Refused::new("InvalidAutoScalingGroupException", message));
        }
        if let Some(unknown) = scaling.iter().find(|group| self.group(group).is_err()) {
            let message = format!("The Auto Scaling group {unknown} does not exist.");
            return Err(Refused::new("InvalidAutoScalingGroupException", message));
        }
        scaling.iter().map(|group| Ok((group.clone(), self.put_managed_hook(group, name)?))).collect()
    }

    /// aws-facts 3.1: the name, and the settings as they were seen.
    pub(super) fn put_managed_hook(&mut self, scaling: &str, deployment_group: &str) -> Result<String, Refused> {
        let (id, metadata) = (self.chance.uuid(), self.chance.uuid());
        let name = format!("CodeDeploy-managed-automatic-launch-deployment-hook-{deployment_group}-{id}");
        let region = &self.settings.region;
        let queue =
            format!("arn:aws:sqs:{region}:{AWS_ACCOUNT}:razorbill-{region}-prod-default-autoscaling-lifecycle-hook");
        let hook = HookMembers {
            name: name.clone(),
            transition: Some(Transition::Launching),
            heartbeat: Some(HEARTBEAT),
            default: Some(ActionResult::Abandon),
            metadata: Some(metadata),
            target: Some(queue),
            role: None,
        };
        self.put_hook(scaling, hook)?;
        Ok(name)
    }

    /// What somebody else deleted before needs no more.
    pub(super) fn take_hooks_away(&mut self, now: Timestamp, scaling: &BTreeMap<String, String>) {
        for (group, hook) in scaling {
            let _ = self.delete_hook(now, group, hook);
        }
    }
}

/// The account that `CodeDeploy`'s own queue stands in, made up.
const AWS_ACCOUNT: &str = "999999999999";

fn exists(name: &str) -> Refused {
    Refused::new("DeploymentGroupAlreadyExistsException", format!("A deployment group named {name} already exists."))
}
