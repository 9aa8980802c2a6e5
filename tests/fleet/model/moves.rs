//! How instances move between EC2, the warm pool and the group. A move begins, waits for hooks, proceeds, and arrives
//! (aws-facts 2.1).

use lifecycle::Timestamp;

use super::Fleet;
use super::activities::Outcome;
use super::schedule::Due;
use super::states::{LifecycleState, Place, PoolState, Step};
use super::timeline::What;

impl Fleet {
    /// Starts a move; whatever the instance was doing before is over.
    pub(super) fn set_out(&mut self, now: Timestamp, id: &str, from: Place, to: Place) {
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        let rest = self
            .groups
            .get(&instance.group)
            .and_then(|group| group.warm_pool.as_ref())
            .map_or(PoolState::Stopped, |pool| pool.rest);
        let number = instance.state.number + 1;
        instance.state = LifecycleState { from, to, step: Step::Begins, rest, number };
        instance.actions.clear();
        self.due.plan(now + self.settings.pending, Due::Step { instance: id.to_owned(), number });
    }

    pub(super) fn step(&mut self, now: Timestamp, id: &str, number: u32) {
        let Some(instance) = self.instances.get(id).filter(|instance| instance.state.number == number) else {
            return;
        };
        match instance.state.step {
            Step::Begins => self.wait_for_hooks(now, id),
            Step::Proceeds => self.arrive(now, id),
            Step::Waits | Step::Arrived => {}
        }
    }

    fn wait_for_hooks(&mut self, now: Timestamp, id: &str) {
        let hooks = self.hooks_of_move(id);
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        // Hooks do not run for an instance that EC2 has already taken away.
        if hooks.is_empty() || instance.dead {
            return self.proceed(now, id);
        }
        instance.state.step = Step::Waits;
        let (state, activity) = (instance.state.text(), instance.activity);
        self.note(now, id, What::Waits { state });
        self.activity_waits(activity);
        for hook in &hooks {
            self.start_action(now, id, hook);
        }
    }

    pub(super) fn proceed(&mut self, now: Timestamp, id: &str) {
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        instance.state.step = Step::Proceeds;
        instance.state.number += 1;
        instance.actions.clear();
        let number = instance.state.number;
        self.due.plan(now + self.settings.proceeding, Due::Step { instance: id.to_owned(), number });
    }

    fn arrive(&mut self, now: Timestamp, id: &str) {
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        instance.state.step = Step::Arrived;
        let state = instance.state;
        match state.to {
            Place::Group => self.note(now, id, What::InService),
            Place::WarmPool => self.rest_in_pool(now, id),
            Place::Ec2 => self.end(now, id),
        }
        self.finish_activity(now, id, &Outcome::Successful);
    }

    fn end(&mut self, now: Timestamp, id: &str) {
        self.note(now, id, What::Terminated);
        self.due.plan(now + self.settings.terminated_shown, Due::Gone { instance: id.to_owned() });
    }

    /// An instance that never came into service: it is terminated, and replaced (aws-facts 2.3).
    pub(super) fn fail_launch(&mut self, now: Timestamp, id: &str, why: &str) {
        self.finish_activity(now, id, &Outcome::Cancelled(why.to_owned()));
        self.note(now, id, What::Terminating { why: why.to_owned() });
        self.leave(now, id, why);
        if !self.settings.hooks_after_failed_launch {
            self.proceed(now, id);
        }
        self.replace(now, id);
    }

    /// An instance that was in service or in the pool goes, and is replaced if the group still wants its number.
    pub(super) fn terminate(&mut self, now: Timestamp, id: &str, why: &str) {
        self.let_go(now, id, why);
        self.replace(now, id);
    }

    /// An instance that nobody misses goes.
    pub(super) fn let_go(&mut self, now: Timestamp, id: &str, why: &str) {
        self.note(now, id, What::Terminating { why: why.to_owned() });
        self.leave(now, id, why);
    }

    fn leave(&mut self, now: Timestamp, id: &str, why: &str) {
        let Some(instance) = self.instances.get(id) else {
            return;
        };
        let from = if instance.state.to == Place::WarmPool { Place::WarmPool } else { Place::Group };
        self.set_out(now, id, from, Place::Ec2);
        self.start_termination_activity(now, id, why);
    }

    fn replace(&mut self, now: Timestamp, id: &str) {
        let Some(group) = self.instances.get(id).map(|instance| instance.group.clone()) else {
            return;
        };
        self.count_replacement(&group);
        self.plan_balance(now + self.settings.replaces_after, &group);
    }
}
