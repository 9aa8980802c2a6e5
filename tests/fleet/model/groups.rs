//! Auto Scaling groups: their sizes, their instances, and the operations that change them.

use std::collections::BTreeMap;

use lifecycle::Timestamp;

use super::Fleet;
use super::hooks::Hook;
use super::instances::Instance;
use super::refused::Refused;
use super::sizes;
use super::states::Place;
use super::timeline::What;
use super::warm_pool::WarmPool;

pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) desired: u32,
    pub(crate) zones: Vec<String>,
    pub(crate) subnets: Option<String>,
    /// The launch template or launch configuration, as it was given.
    pub(crate) template: BTreeMap<String, String>,
    pub(crate) configuration: Option<String>,
    pub(crate) tags: Vec<BTreeMap<String, String>>,
    pub(crate) created: Timestamp,
    pub(crate) hooks: BTreeMap<String, Hook>,
    pub(crate) warm_pool: Option<WarmPool>,
    pub(crate) suspended: BTreeMap<String, String>,
    /// Instances that were lost and, as the switch says, are not replaced.
    pub(super) unreplaced: u32,
    pub(super) replaced: u32,
    /// Whether all are replaced, whatever the switch says.
    replaces_all: bool,
}

/// What `CreateAutoScalingGroup` says of a group.
pub(crate) struct GroupMembers {
    pub(crate) name: String,
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) desired: u32,
    pub(crate) zones: Vec<String>,
    pub(crate) subnets: Option<String>,
    pub(crate) template: BTreeMap<String, String>,
    pub(crate) configuration: Option<String>,
    pub(crate) tags: Vec<BTreeMap<String, String>>,
}

impl Group {
    fn new(arn: String, created: Timestamp, members: GroupMembers) -> Self {
        Self {
            arn,
            created,
            name: members.name,
            min: members.min,
            max: members.max,
            desired: members.desired,
            zones: members.zones,
            subnets: members.subnets,
            template: members.template,
            configuration: members.configuration,
            tags: members.tags,
            hooks: BTreeMap::new(),
            warm_pool: None,
            suspended: BTreeMap::new(),
            unreplaced: 0,
            replaced: 0,
            replaces_all: false,
        }
    }

    pub(super) fn replaces_all(&self) -> bool {
        self.replaces_all
    }

    pub(super) fn shrink(&mut self) -> Result<(), Refused> {
        if self.desired <= self.min {
            return Err(Refused::validation(
                "Currently, desiredSize equals minSize. Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
            ));
        }
        self.desired -= 1;
        Ok(())
    }

    pub(super) fn runs(&self, process: &str) -> bool {
        !self.suspended.contains_key(process)
    }
}

impl Fleet {
    pub(crate) fn group(&self, name: &str) -> Result<&Group, Refused> {
        self.groups.get(name).ok_or_else(|| no_group(name))
    }

    pub(crate) fn group_mut(&mut self, name: &str) -> Result<&mut Group, Refused> {
        self.groups.get_mut(name).ok_or_else(|| no_group(name))
    }

    pub(crate) fn create_group(&mut self, now: Timestamp, members: GroupMembers) -> Result<(), Refused> {
        let name = members.name.clone();
        if self.groups.contains_key(&name) {
            return Err(Refused::new(
                "AlreadyExists",
                format!("AutoScalingGroup by this name already exists - A group with the name {name} already exists"),
            ));
        }
        let group = Group::new(self.group_arn(&name), now, members);
        self.groups.insert(name.clone(), group);
        self.plan_balance(now, &name);
        Ok(())
    }

    /// From now on this group replaces every instance that fails or is lost, whatever [`Settings::replacements`] says.
    ///
    /// [`Settings::replacements`]: super::settings::Settings::replacements
    pub fn replace_all(&mut self, name: &str) {
        self.groups.get_mut(name).into_iter().for_each(|group| group.replaces_all = true);
    }

    /// As if each instance of the group had got this tag by itself: the fleet has no tags of single instances.
    pub fn tag_members(&mut self, group: &str, key: &str, value: &str) {
        let tag = [("Key", key), ("Value", value)].map(|(name, text)| (name.to_owned(), text.to_owned()));
        self.groups.get_mut(group).into_iter().for_each(|group| group.tags.push(tag.clone().into()));
    }

    /// Changes sizes; desired capacity follows a bound that passes it, and a new wish forgives old losses.
    pub(crate) fn resize(
        &mut self,
        now: Timestamp,
        name: &str,
        min: Option<u32>,
        max: Option<u32>,
        desired: Option<u32>,
    ) -> Result<(), Refused> {
        let group = self.group_mut(name)?;
        let (min, max) = (min.unwrap_or(group.min), max.unwrap_or(group.max));
        let wanted = desired.unwrap_or(group.desired.clamp(min, max.max(min)));
        sizes::check(min, max, wanted)?;
        (group.min, group.max, group.desired, group.unreplaced) = (min, max, wanted, 0);
        self.plan_balance(now, name);
        Ok(())
    }

    /// Forced: the instances go without hooks (aws-facts 2.1).
    pub(crate) fn delete_group(&mut self, now: Timestamp, name: &str, force: bool) -> Result<(), Refused> {
        self.group(name)?;
        let members = self.members(name);
        if !force {
            self.check_deletable(name, members.len())?;
        }
        for (id, _) in members {
            self.note(now, &id, What::Terminating { why: "the group is deleted".to_owned() });
            self.set_out(now, &id, Place::Group, Place::Ec2);
            self.proceed(now, &id);
        }
        self.groups.remove(name);
        Ok(())
    }

    fn check_deletable(&self, name: &str, members: usize) -> Result<(), Refused> {
        let leaving =
            |instance: &Instance| instance.group == name && instance.state.to == Place::Ec2 && !instance.state.ended();
        if members > 0 {
            return Err(Refused::new(
                "ResourceInUse",
                "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
            ));
        }
        if self.instances.values().any(leaving) {
            return Err(Refused::new(
                "ScalingActivityInProgress",
                "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
            ));
        }
        Ok(())
    }

    pub(crate) fn set_suspended(
        &mut self,
        now: Timestamp,
        name: &str,
        processes: &[String],
        suspend: bool,
    ) -> Result<(), Refused> {
        let group = self.group_mut(name)?;
        // When, in whole seconds, and not who (aws-facts 13).
        let reason = format!("User suspended at {}", Timestamp::from_millis(now.millis().div_euclid(1000) * 1000));
        for process in processes {
            if suspend {
                group.suspended.insert(process.clone(), reason.clone());
            } else {
                group.suspended.remove(process);
            }
        }
        self.plan_balance(now, name);
        Ok(())
    }
}

fn no_group(name: &str) -> Refused {
    Refused::validation(format!("AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"))
}
