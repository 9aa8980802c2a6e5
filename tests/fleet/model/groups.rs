//! Auto Scaling groups: what they want, what they have, and how they close the gap.

use std::collections::BTreeMap;

use lifecycle::Timestamp;

use super::Fleet;
use super::hooks::Hook;
use super::instances::Instance;
use super::refused::Refused;
use super::schedule::Due;
use super::states::{LifecycleState, Place};
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

    pub(crate) fn create_group(
        &mut self,
        now: Timestamp,
        members: GroupMembers,
    ) -> Result<(), Refused> {
        if self.groups.contains_key(&members.name) {
            return Err(Refused::new(
                "AlreadyExists",
                format!(
                    "AutoScalingGroup by this name already exists - A group with the name {} already exists",
                    members.name
                ),
            ));
        }
        let arn = self.group_arn(&members.name);
        let group = Group {
            arn,
            min: members.min,
            max: members.max,
            desired: members.desired,
            zones: members.zones,
            subnets: members.subnets,
            template: members.template,
            configuration: members.configuration,
            tags: members.tags,
            created: now,
            hooks: BTreeMap::new(),
            warm_pool: None,
            suspended: BTreeMap::new(),
            unreplaced: 0,
            replaced: 0,
            name: members.name,
        };
        self.due.plan(
            now,
            Due::Balance {
                group: group.name.clone(),
            },
        );
        self.groups.insert(group.name.clone(), group);
        Ok(())
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
        check_sizes(min, max, wanted)?;
        (group.min, group.max, group.desired, group.unreplaced) = (min, max, wanted, 0);
        self.due.plan(
            now,
            Due::Balance {
                group: name.to_owned(),
            },
        );
        Ok(())
    }

    /// Forced: the instances go without hooks (AWS-FACTS 2.1).
    pub(crate) fn delete_group(
        &mut self,
        now: Timestamp,
        name: &str,
        force: bool,
    ) -> Result<(), Refused> {
        self.group(name)?;
        let members = self.members(name);
        if !members.is_empty() && !force {
            return Err(Refused::new(
                "ResourceInUse",
                "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
            ));
        }
        for (id, _) in members {
            self.note(
                now,
                &id,
                What::Terminating {
                    why: "the group is deleted".to_owned(),
                },
            );
            self.set_out(now, &id, Place::Group, Place::Ec2);
            self.proceed(now, &id);
        }
        self.groups.remove(name);
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
        for process in processes {
            if suspend {
                group
                    .suspended
                    .insert(process.clone(), format!("User suspended at {now}"));
            } else {
                group.suspended.remove(process);
            }
        }
        self.due.plan(
            now,
            Due::Balance {
                group: name.to_owned(),
            },
        );
        Ok(())
    }

    pub(crate) fn terminate_by_user(
        &mut self,
        now: Timestamp,
        id: &str,
        decrement: bool,
    ) -> Result<u64, Refused> {
        let instance = self
            .instances
            .get(id)
            .filter(|instance| instance.state.to != Place::Ec2);
        let name = instance
            .map(|instance| instance.group.clone())
            .ok_or_else(|| {
                Refused::validation(format!(
                    "Instance Id not found - No managed instance found for instance ID: {id}"
                ))
            })?;
        let group = self.group_mut(&name)?;
        if decrement && group.desired <= group.min {
            return Err(Refused::validation(
                "Currently, desiredSize equals minSize. Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
            ));
        }
        if decrement {
            group.desired -= 1;
        }
        self.terminate(
            now,
            id,
            "an instance was taken out of service in response to a user request",
        );
        Ok(self
            .instances
            .get(id)
            .map_or(0, |instance| instance.activity))
    }

    /// The instances of a group that are not leaving it, in the order of their launch.
    pub(crate) fn members(&self, group: &str) -> Vec<(String, LifecycleState)> {
        let mut members: Vec<&Instance> = self
            .instances
            .values()
            .filter(|instance| instance.group == group && instance.state.to != Place::Ec2)
            .collect();
        members.sort_by_key(|instance| instance.order);
        members
            .into_iter()
            .map(|instance| (instance.id.clone(), instance.state))
            .collect()
    }
}

pub(crate) fn check_sizes(min: u32, max: u32, desired: u32) -> Result<(), Refused> {
    if max < min {
        return Err(Refused::validation(format!(
            "Max bound, {max}, must be greater than or equal to min bound, {min}"
        )));
    }
    if desired > max {
        return Err(Refused::validation(format!(
            "New SetDesiredCapacity value {desired} is above max value {max} for the AutoScalingGroup."
        )));
    }
    if desired < min {
        return Err(Refused::validation(format!(
            "New SetDesiredCapacity value {desired} is below min value {min} for the AutoScalingGroup."
        )));
    }
    Ok(())
}

fn no_group(name: &str) -> Refused {
    Refused::validation(format!(
        "AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"
    ))
}
