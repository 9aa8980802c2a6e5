//! Row 7: whether a repair is worth starting, how long it may wait for its turn, and when mending has been in vain.

use std::time::Duration;

use super::deadline::earliest_deadline;
use super::{AFTER_TRANSIENT, Look, Row};
use crate::Timestamp;
use crate::decision::{Action, LifecycleResult, Reason, Rule};
use crate::observation::{Beginning, Run};
use crate::report::{Class, Finding, Report};

/// Repairs of one launch (DESIGN 5, row 7).
pub(super) const REPAIRS: usize = 2;
/// How long a repair may wait for the package lock, or for another run. A ladder, so that many instances share one
/// command. The longest outlasts what a distribution does at its first boot; below the shortest a repair that loses one
/// race for the lock has no second try.
const WAITS: [u64; 5] = [240, 120, 60, 30, 15];
const SHORTEST_WAIT: Duration = Duration::from_secs(15);
/// What mending takes where nobody holds the lock: one package of some 30 MB, fetched and installed in 20 to 40 s, and
/// the agent's start. A slower one is not cut off; it is only not begun any more.
const MENDING: Duration = Duration::from_mins(1);
/// What the proof takes: the command's way to the instance, up to 15 s in which a new worker counts as starting, and the
/// way of the report to us. A mended instance that nobody has looked at is abandoned like any other.
const PROVING: Duration = Duration::from_secs(30);
/// Checks whose findings a repair has to outlive, since it needs what they miss: the network to fetch from, metadata to
/// know the Region, the clock for TLS, room. The boot may be about to mend the same thing, and two package transactions
/// collide. A repair spent on these would be missed later. For the package lock it waits by itself.
const HINDRANCES: [&str; 6] = ["boot", "metadata", "credentials", "network", "clock", "disk"];

impl Look<'_> {
    /// What to do about a `finding` that a repair may mend, the gravest in the `report` of this run, which ended `at`.
    pub(super) fn repairable(&self, run: &Run, at: Timestamp, report: &Report, finding: &Finding) -> Row {
        if self.history.repairing() {
            return (Rule::Repairable, Action::Wait, Reason::Repairing);
        }
        let hindered = report.findings.iter().any(|finding| HINDRANCES.contains(&finding.check.as_str()));
        let repair = if hindered { None } else { self.repair(run) };
        let action = match repair {
            Some(wait) => Action::Repair(wait),
            None if self.in_vain(run, report, finding) => Action::Complete(LifecycleResult::Abandon),
            // A nudge does not know enough for either; who does looks within a tick.
            None if !hindered && self.policy.mends() && self.seen.beginning == Beginning::Unknown => Action::Wait,
            // The next run waits on the instance, for whatever hinders a repair or for whoever else may mend.
            None => self.probe_after(at, AFTER_TRANSIENT),
        };
        (Rule::Repairable, action, Reason::Finding(finding.code.clone()))
    }

    /// How long a repair may wait for its turn, if one may be started and can still help.
    fn repair(&self, run: &Run) -> Option<Duration> {
        if !self.policy.mends() || self.history.repairs() >= REPAIRS {
            return None;
        }
        let left = earliest_deadline(self.seen, self.policy, run.launched, self.now)?.since(self.now);
        let fits = |wait: &Duration| *wait + MENDING + PROVING <= left;
        WAITS.map(Duration::from_secs).into_iter().find(fits)
    }

    /// Whether a repair may follow a readiness run that is started now, as far as anybody knows.
    pub(super) fn offers(&self) -> bool {
        let launched = self.history.newest().and_then(|run| run.launched);
        let deadline = earliest_deadline(self.seen, self.policy, launched, self.now);
        let in_time = |deadline: Timestamp| SHORTEST_WAIT + MENDING + PROVING <= deadline.since(self.now);
        self.policy.mends() && self.history.repairs() < REPAIRS && deadline.is_none_or(in_time)
    }

    /// Whether waiting for the deadline would only cost time: the finding stood before each repair and after the last,
    /// and nothing beside it passes by itself and may change that. Unlike a fatal finding this is no proof, so an owner
    /// who would rather have an instance that is not ready than none has his way.
    fn in_vain(&self, run: &Run, report: &Report, finding: &Finding) -> bool {
        let passes = report.findings.iter().any(|finding| finding.class == Class::Transient);
        let strict = self.policy.mends() && self.policy.on_deadline == LifecycleResult::Abandon;
        strict && !passes && self.history.survived(&finding.code, run)
    }
}
