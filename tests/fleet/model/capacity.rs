//! Launches and terminates instances until a group has as many as it wants.

use lifecycle::Timestamp;

use super::Fleet;
use super::groups::Group;
use super::instances::Instance;
use super::refused::Refused;
use super::schedule::Due;
use super::states::{LifecycleState, Place, PoolState, Step};
use super::timeline::What;

impl Fleet {
    pub(super) fn plan_balance(&mut self, at: Timestamp, group: &str) {
        self.due.plan(at, Due::Balance { group: group.to_owned() });
    }

    /// A user's wish, with or without a replacement.
    pub(crate) fn terminate_by_user(
        &mut self,
        now: Timestamp,
        id: &str,
        decrement: bool,
    ) -> Result<Option<u64>, Refused> {
        let instance = self.instances.get(id).filter(|instance| instance.state.to != Place::Ec2);
        let name = instance.map(|instance| instance.group.clone()).ok_or_else(|| no_instance(id))?;
        if decrement {
            self.group_mut(&name)?.shrink()?;
        }
        self.terminate(now, id, "an instance was taken out of service in response to a user request");
        Ok(self.instances.get(id).and_then(|instance| instance.activity))
    }

    /// The instances of a group that are not leaving it, in the order of their launch.
    pub(crate) fn members(&self, group: &str) -> Vec<(String, LifecycleState)> {
        let mut members: Vec<&Instance> = self
            .instances
            .values()
            .filter(|instance| instance.group == group && instance.state.to != Place::Ec2)
            .collect();
        members.sort_by_key(|instance| instance.order);
        members.into_iter().map(|instance| (instance.id.clone(), instance.state)).collect()
    }

    pub(super) fn count_replacement(&mut self, group: &str) {
        let most = self.settings.replacements;
        let Some(group) = self.groups.get_mut(group) else {
            return;
        };
        if most.is_some_and(|most| group.replaced >= most) && !group.replaces_all() {
            group.unreplaced += 1;
        } else {
            group.replaced += 1;
        }
    }

    /// Launches what is missing (from the pool first), lets go what is too much, and fills the pool.
    pub(super) fn balance(&mut self, now: Timestamp, name: &str) {
        let Some(group) = self.groups.get(name) else {
            return;
        };
        let wanted = group.desired.saturating_sub(group.unreplaced) as usize;
        let (launches, terminates) = (group.runs("Launch"), group.runs("Terminate"));
        let counted: Vec<String> =
            self.members(name).into_iter().filter(|(_, state)| state.counts()).map(|(id, _)| id).collect();
        if launches {
            for have in counted.len()..wanted {
                self.launch_one(now, name, have, wanted);
            }
        }
        if terminates {
            for id in counted.iter().take(counted.len().saturating_sub(wanted)) {
                self.scale_in(now, id);
            }
        }
        if launches {
            self.fill_pool(now, name);
        }
    }

    fn launch_one(&mut self, now: Timestamp, name: &str, have: usize, wanted: usize) {
        let cause = format!(
            "At {now} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from {have} to {wanted}."
        );
        if !self.leave_pool(now, name, &cause) {
            self.launch(now, name, Place::Group, &cause);
        }
    }

    /// From now on EC2 has no capacity for as many launches. Each group tries again by itself.
    pub fn refuse_launches(&mut self, count: u32) {
        self.refused_launches = count;
    }

    /// Whether EC2 refuses this launch.
    fn is_refused(&mut self, now: Timestamp, name: &str, cause: &str) -> bool {
        let Some(group) = self.groups.get(name).filter(|_| self.refused_launches > 0) else { return false };
        let zone = zone_of(group, self.launches);
        self.refused_launches -= 1;
        self.add_refused_launch(now, name, zone, cause);
        self.plan_balance(now + self.settings.replaces_after, name);
        true
    }

    /// The oldest goes; with a reuse policy it goes back to the pool (aws-facts 2.5).
    fn scale_in(&mut self, now: Timestamp, id: &str) {
        let Some(instance) = self.instances.get(id) else {
            return;
        };
        let reuse =
            self.groups.get(&instance.group).and_then(|group| group.warm_pool.as_ref()).is_some_and(|pool| pool.reuse);
        if reuse && instance.state.step == Step::Arrived {
            self.set_out(now, id, Place::Group, Place::WarmPool);
            self.start_termination_activity(now, id, "scale-in, back to the warm pool");
        } else {
            self.let_go(
                now,
                id,
                "an instance was taken out of service in response to a difference between desired and actual capacity",
            );
        }
    }

    /// Launches what the pool lacks, and lets go what rests there beyond its size.
    fn fill_pool(&mut self, now: Timestamp, name: &str) {
        let Some(group) = self.groups.get(name) else {
            return;
        };
        let Some(pool) = &group.warm_pool else { return };
        let wanted = pool.wants(group.max, group.desired);
        let have: Vec<_> = self.members(name).into_iter().filter(|(_, state)| state.to == Place::WarmPool).collect();
        let cause = format!("At {now} an instance was started to fill the warm pool.");
        for _ in have.len()..wanted {
            self.launch(now, name, Place::WarmPool, &cause);
        }
        let beyond = have.len().saturating_sub(wanted);
        for (id, _) in have.iter().filter(|(_, state)| state.pooled()).take(beyond) {
            self.let_go(now, id, "the warm pool is larger than it should be");
        }
    }

    fn launch(&mut self, now: Timestamp, name: &str, to: Place, cause: &str) {
        if self.is_refused(now, name, cause) {
            return;
        }
        let Some(group) = self.groups.get(name) else {
            return;
        };
        let story = self.stories.take(name);
        let zone = zone_of(group, self.launches);
        let (id, title) = (self.chance.instance_id(), story.name.clone());
        let state = LifecycleState { from: Place::Ec2, to, step: Step::Begins, rest: PoolState::Stopped, number: 0 };
        let mut instance = Instance::launched(id.clone(), name.to_owned(), zone, state, story, now);
        instance.order = self.launches;
        self.launches += 1;
        self.instances.insert(id.clone(), instance);
        self.note(now, &id, What::Launched { group: name.to_owned(), story: title });
        self.set_out(now, &id, Place::Ec2, to);
        self.start_launch_activity(now, &id, cause);
        self.plan_story(now, &id);
    }
}

/// Zones take turns.
fn zone_of(group: &Group, launches: u64) -> String {
    let turn = usize::try_from(launches).unwrap_or(0) % group.zones.len().max(1);
    group.zones.get(turn).cloned().unwrap_or_default()
}

fn no_instance(id: &str) -> Refused {
    Refused::validation(format!("Instance Id not found - No managed instance found for instance ID: {id}"))
}
