//! Rows 4, 5 and 8: when the next readiness run starts, and how long it may wait on the instance.

use std::time::Duration;

use super::situation::Situation;
use crate::decision::Action;
use crate::timestamp::Timestamp;
use crate::timing::deadline;

/// How long a run may wait on the instance. Only these steps are used, so that many instances share one command.
const WAITS: [u64; 6] = [240, 120, 60, 30, 15, 5];
/// How much time a run has if the deadline is not known.
const WAIT_WITHOUT_DEADLINE: Duration = Duration::from_secs(130);
/// The longest wait that fits ends this long before the deadline, so that the report still reaches the gate.
const BEFORE_DEADLINE: Duration = Duration::from_secs(10);

impl Situation<'_> {
    /// Starts a readiness run, but not before `pause` has passed since the last run `ended`.
    pub(super) fn probe_after(&self, ended: Timestamp, pause: Duration) -> Action {
        if self.now < ended + pause { Action::Wait } else { self.probe(self.offers_repair()) }
    }

    /// Starts a readiness run. It ends with the first finding that can be mended if a repair is `offered`, and otherwise
    /// waits until its time is over.
    pub(super) fn probe(&self, offered: bool) -> Action {
        let left = deadline(self.seen, self.policy).map_or(WAIT_WITHOUT_DEADLINE, |deadline| deadline.since(self.now));
        let fits = |wait: &Duration| *wait + BEFORE_DEADLINE <= left;
        let wait = WAITS.map(Duration::from_secs).into_iter().find(fits).unwrap_or_default();
        Action::Probe { wait, offered }
    }
}
