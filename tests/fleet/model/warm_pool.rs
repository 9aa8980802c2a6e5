//! Warm pools. Their instances are launched ahead and wait until the group needs them (aws-facts 2.5).

use lifecycle::Timestamp;

use super::Fleet;
use super::refused::Refused;
use super::states::{Place, PoolState};
use super::timeline::What;

pub(crate) struct WarmPool {
    pub(crate) rest: PoolState,
    pub(crate) min_size: u32,
    /// Absent: the group's maximum size.
    pub(crate) max_prepared: Option<u32>,
    pub(crate) reuse: bool,
}

impl WarmPool {
    /// How many instances the pool wants: what the group could still grow by, at least its own minimum.
    pub(super) fn wants(&self, group_max: u32, desired: u32) -> usize {
        let prepared = self.max_prepared.unwrap_or(group_max);
        self.min_size.max(prepared.saturating_sub(desired)) as usize
    }
}

impl Fleet {
    pub(crate) fn put_warm_pool(&mut self, now: Timestamp, group: &str, pool: WarmPool) -> Result<(), Refused> {
        self.group_mut(group)?.warm_pool = Some(pool);
        self.plan_balance(now, group);
        Ok(())
    }

    /// An instance has come to rest; a stopped one runs no more.
    pub(super) fn rest_in_pool(&mut self, now: Timestamp, id: &str) {
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        match instance.state.rest {
            PoolState::Stopped | PoolState::Hibernated => instance.stop(now),
            PoolState::Running => {}
        }
        let (state, group) = (instance.state.text(), instance.group.clone());
        self.note(now, id, What::InPool { state });
        self.plan_balance(now, &group);
    }

    /// The longest rested first. It is started again, and its hooks run a second time with new tokens.
    pub(super) fn leave_pool(&mut self, now: Timestamp, group: &str, cause: &str) -> bool {
        if self.groups.get(group).is_none_or(|group| group.warm_pool.is_none()) {
            return false;
        }
        let rested = self.members(group).into_iter().filter(|(_, state)| state.pooled()).map(|(id, _)| id).next();
        let Some(id) = rested else { return false };
        self.restart(now, &id);
        self.note(now, &id, What::LeavesPool);
        self.set_out(now, &id, Place::WarmPool, Place::Group);
        self.start_launch_activity(now, &id, cause);
        true
    }
}
