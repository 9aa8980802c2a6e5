//! The lifecycle hooks of a group.

use std::time::Duration;

use lifecycle::Timestamp;

use super::Fleet;
use super::actions::ActionResult;
use super::refused::Refused;
use super::states::Transition;

/// Fixed, per group (aws-facts 2.4).
const MOST_HOOKS: usize = 50;

#[derive(Clone)]
pub(crate) struct Hook {
    pub(crate) name: String,
    pub(crate) transition: Transition,
    pub(crate) heartbeat: Duration,
    pub(crate) default: ActionResult,
    pub(crate) metadata: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) role: Option<String>,
}

/// The members of `PutLifecycleHook` that were given; an update keeps the others.
#[derive(Default)]
pub(crate) struct HookMembers {
    pub(crate) name: String,
    pub(crate) transition: Option<Transition>,
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) default: Option<ActionResult>,
    pub(crate) metadata: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) role: Option<String>,
}

impl Hook {
    /// Not beyond 48 hours nor 100 heartbeats (aws-facts 2.2).
    pub(crate) fn global_timeout(&self) -> Duration {
        Duration::from_hours(48).min(self.heartbeat * 100)
    }

    /// Default heartbeat one hour, default result ABANDON (aws-facts 2.2).
    fn new(members: HookMembers) -> Result<Self, Refused> {
        let transition = members
            .transition
            .ok_or_else(|| Refused::validation("LifecycleTransition is required to create a lifecycle hook"))?;
        Ok(Self {
            name: members.name,
            transition,
            heartbeat: members.heartbeat.unwrap_or(Duration::from_hours(1)),
            default: members.default.unwrap_or(ActionResult::Abandon),
            metadata: members.metadata,
            target: members.target,
            role: members.role,
        })
    }

    fn update(&mut self, members: HookMembers) {
        self.transition = members.transition.unwrap_or(self.transition);
        self.heartbeat = members.heartbeat.unwrap_or(self.heartbeat);
        self.default = members.default.unwrap_or(self.default);
        self.metadata = members.metadata.or(self.metadata.take());
        self.target = members.target.or(self.target.take());
        self.role = members.role.or(self.role.take());
    }
}

impl Fleet {
    /// Instances that already wait keep the actions they have (aws-facts 2.1).
    pub(crate) fn put_hook(&mut self, group: &str, members: HookMembers) -> Result<(), Refused> {
        let group = self.group_mut(group)?;
        if let Some(hook) = group.hooks.get_mut(&members.name) {
            hook.update(members);
            return Ok(());
        }
        if group.hooks.len() >= MOST_HOOKS {
            return Err(Refused::new("LimitExceeded", format!("a group has at most {MOST_HOOKS} lifecycle hooks")));
        }
        let hook = Hook::new(members)?;
        group.hooks.insert(hook.name.clone(), hook);
        Ok(())
    }

    /// Its open actions are completed first: ABANDON where an instance launches, else CONTINUE (aws-facts 2.4).
    pub(crate) fn delete_hook(&mut self, now: Timestamp, group: &str, hook: &str) -> Result<(), Refused> {
        let Some(deleted) = self.group_mut(group)?.hooks.remove(hook) else {
            return Err(Refused::validation(format!("No Lifecycle Hook found with name {hook}")));
        };
        self.end_actions(now, group, &deleted);
        Ok(())
    }

    /// The hooks that the current move of an instance starts, all together (aws-facts 2.3).
    pub(super) fn hooks_of_move(&self, id: &str) -> Vec<Hook> {
        let Some(instance) = self.instances.get(id) else {
            return Vec::new();
        };
        let Some(group) = self.groups.get(&instance.group) else {
            return Vec::new();
        };
        let transition = instance.state.transition();
        group.hooks.values().filter(|hook| hook.transition == transition).cloned().collect()
    }
}
