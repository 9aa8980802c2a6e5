//! The reads that a look can make, and which remembered answers must be read afresh.
//!
//! A process remembers what it has read itself. That may save reads before something harmless: before a wait, before a
//! readiness run, which changes nothing, and before a CONTINUE, which AWS refuses where no action is open. A ready report
//! may be remembered too: SSM would tell the same once more, and no run follows it. An ABANDON, a repair and everything
//! else after the deadline need every answer afresh.

use crate::decision::{Action, Decision, LifecycleResult, Rule};
use crate::observation::Observation;
use crate::policy::Policy;
use crate::timestamp::Timestamp;
use crate::timing::deadline;

/// A set of reads.
#[expect(clippy::struct_excessive_bools, reason = "a set of four, and a set crate would say no more")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// `DescribeInstanceInformation`.
    pub ping: bool,
    /// `DescribeAutoScalingInstances`.
    pub lifecycle_state: bool,
    /// `ListCommandInvocations`.
    pub runs: bool,
    /// `DescribeLifecycleHooks`.
    pub hooks: bool,
}

impl Reads {
    /// Whether it is empty.
    #[must_use]
    pub fn none(self) -> bool {
        self == Self::default()
    }

    /// Those of either set.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            ping: self.ping || other.ping,
            lifecycle_state: self.lifecycle_state || other.lifecycle_state,
            runs: self.runs || other.runs,
            hooks: self.hooks || other.hooks,
        }
    }
}

/// The remembered answers that must be read afresh before this decision is carried out.
pub(crate) fn doubt(decision: &Decision, seen: &Observation, policy: &Policy, now: Timestamp) -> Reads {
    let remembered = Reads {
        ping: seen.ping.remembered(),
        lifecycle_state: seen.lifecycle_state.remembered(),
        runs: seen.runs.remembered(),
        hooks: seen.hooks.remembered(),
    };
    let late = deadline(seen, policy).is_some_and(|deadline| deadline <= now);
    match (decision.action, decision.rule) {
        (Action::Complete(LifecycleResult::Continue), Rule::Ready) => Reads::default(),
        // A ping that was heard once says nothing of a silence that follows.
        (Action::Wait, Rule::NoPing) if !late => Reads { ping: remembered.ping, ..Reads::default() },
        (Action::Wait | Action::Probe { .. }, _) if !late => Reads::default(),
        _ => remembered,
    }
}

#[cfg(test)]
mod tests;
