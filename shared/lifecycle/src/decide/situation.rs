//! Everything that one decision is made from.

use std::time::Duration;

use crate::decision::{Action, Reason, Rule};
use crate::history::History;
use crate::observation::Observation;
use crate::policy::Policy;
use crate::timestamp::Timestamp;

/// How long to wait after a run that found something transient or ended without news, before the next run.
pub(super) const AFTER_TRANSIENT: Duration = Duration::from_secs(10);

/// One row of the decision table as it applies: the rule, what to do, and why.
pub(super) type Row = (Rule, Action, Reason);

/// What was seen, what the owner wants, and the time.
pub(super) struct Situation<'a> {
    pub(super) seen: &'a Observation,
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    pub(super) history: History<'a>,
}

impl<'a> Situation<'a> {
    pub(super) fn new(seen: &'a Observation, policy: &'a Policy, now: Timestamp) -> Self {
        Self { seen, policy, now, history: History::of(seen, now) }
    }

    /// Whether the instance was seen in a wait state.
    pub(super) fn waits(&self) -> bool {
        self.seen.waits_for().is_some()
    }
}
