//! Row 2: the deadline has passed. An ABANDON needs a last look at the instance.
//!
//! A last look is a readiness run that does not wait on the instance, requested at the deadline or later. A run or a
//! repair that is still in progress is no reason to give an instance up, nor is an older report, nor is none.

use std::time::Duration;

use super::situation::{AFTER_TRANSIENT, Row, Situation};
use crate::decision::{Action, LifecycleResult, Reason, Rule};
use crate::ping::{find_trouble, heard_since, was_heard};
use crate::run::{Loss, Run, RunState};
use crate::timestamp::Timestamp;
use crate::timing::{LAST_LOOK, deadline};

impl Situation<'_> {
    /// What to do once the deadline has passed.
    pub(super) fn deadline(&self) -> Option<Row> {
        let deadline = deadline(self.seen, self.policy)?;
        if !self.waits() || self.now < deadline {
            return None;
        }
        let abandons = self.policy.on_deadline == LifecycleResult::Abandon;
        let last_look = || self.last_look(deadline).filter(|_| abandons);
        let verdict = || (Rule::Deadline, Action::Complete(self.policy.on_deadline), self.diagnose());
        Some(last_look().unwrap_or_else(verdict))
    }

    /// Asks for a last look, or waits for one; nothing if the verdict needs none any more.
    fn last_look(&self, deadline: Timestamp) -> Option<Row> {
        if self.seen.takes_no_run || self.is_undelivered(deadline) {
            return None;
        }
        let ask = (Rule::Run, Action::Probe { wait: Duration::ZERO, offered: false }, self.diagnose());
        let Some(newest) = self.history.last_looks(deadline).next() else {
            return was_heard(self.seen, self.now).then_some(ask);
        };
        match newest.state {
            RunState::Reported { .. } => None,
            _ if self.is_over(deadline) => None,
            RunState::Sent | RunState::Running => Some((Rule::Run, Action::Wait, Reason::RunInProgress)),
            RunState::Lost { at, .. } if self.now < at + AFTER_TRANSIENT => Some((Rule::Run, Action::Wait, ask.2)),
            RunState::Lost { .. } => Some(ask),
        }
    }

    /// Whether SSM accepted the first last look a minute ago or earlier. If it was lost, others may have followed.
    fn is_over(&self, deadline: Timestamp) -> bool {
        let first = self.history.last_looks(deadline).next_back();
        first.is_some_and(|run| self.now >= run.requested + LAST_LOOK)
    }

    /// Whether the instance did not take the run that was requested last, and SSM has not heard from it since; or did not
    /// take a run that was requested after the deadline.
    fn is_undelivered(&self, deadline: Timestamp) -> bool {
        let lost = |run: &Run| matches!(run.state, RunState::Lost { loss: Loss::Undelivered, .. });
        let silent = |run: &Run| run.requested >= deadline || !heard_since(self.seen, run.requested);
        self.history.newest().is_some_and(|run| lost(run) && silent(run))
    }

    /// Why the instance is not ready: its last report says so, else its ping, else the run that ended last.
    fn diagnose(&self) -> Reason {
        let reported = self.history.last_report().and_then(|(_, _, report)| report.worst());
        let reported = reported.map(|finding| Reason::Finding(finding.code.clone()));
        let refused = || self.seen.takes_no_run.then_some(Reason::TakesNoRun);
        let silent = || find_trouble(self.seen, self.now);
        let lost = || self.history.last_loss().map(Reason::Lost);
        let open = || if self.history.newest().is_some() { Reason::RunInProgress } else { Reason::NoRunYet };
        reported.or_else(refused).or_else(silent).or_else(lost).unwrap_or_else(open)
    }
}
