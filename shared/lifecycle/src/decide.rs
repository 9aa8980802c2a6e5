//! The decision: a pure function of what was seen, what the owner wants, and the time.

mod deadline;
mod heartbeat;
mod history;
mod ping;
mod repair;

use std::time::Duration;

pub(crate) use deadline::{deadline, elapsed};
pub(crate) use history::turned_away;
pub(crate) use ping::fresh;

use crate::Timestamp;
use crate::decision::{Action, Decision, LifecycleResult, Reason, Rule};
use crate::observation::{Beginning, Errand, Loss, Observation, Presence, Reading, Run, RunState};
use crate::policy::Policy;
use crate::report::{Class, Finding, Report};
use history::History;

/// For so long after its beginning an action may be visible here and not there: the wait state before the action is
/// accepted, the event before the wait state (DESIGN 5).
pub const ACCEPTED_WITHIN: Duration = Duration::from_mins(1);
/// Lost runs in a row before a loss counts as a finding of its own (DESIGN 5, row 5).
const LOST_RUNS: usize = 3;
/// How long the sweep repeats a CONTINUE every minute, and the minutes between repetitions afterwards.
const AFTER_VERDICT: Duration = Duration::from_mins(5);
const REPEAT_MINUTES: u64 = 10;
/// How long to leave SSM alone after [`LOST_RUNS`]; a recovered instance must still be found.
const AFTER_LOST_RUNS: Duration = Duration::from_mins(2);
/// How long to leave an instance alone whose run has just waited in vain.
const AFTER_TRANSIENT: Duration = Duration::from_secs(10);
/// How long a run may wait on the instance. A ladder, so that many instances share one command.
const WAITS: [u64; 6] = [240, 120, 60, 30, 15, 5];
/// What a run may wait for where the deadline is not known.
const WAIT_WITHOUT_DEADLINE: Duration = Duration::from_secs(130);
/// For so long after the deadline a first run is still asked for: longer, and nothing that fails here will end.
const LAST_LOOK_WITHIN: Duration = Duration::from_mins(5);
/// A run that is asked for after the deadline does not wait on the instance; it ends within this, or says nothing.
const LAST_LOOK: Duration = Duration::from_mins(1);
/// Between the end of the longest wait that fits and the deadline: the way of the report to us.
const BEFORE_DEADLINE: Duration = Duration::from_secs(10);

/// Decides what to do now. The rows of DESIGN 5, in order; the first that applies holds.
#[must_use]
pub fn decide(seen: &Observation, policy: &Policy, now: Timestamp) -> Decision {
    let look = Look { seen, policy, now, history: History::of(seen, now) };
    let (rule, action, reason) = look
        .not_waiting()
        .or_else(|| look.unreadable())
        .or_else(|| look.ready())
        .or_else(|| look.glance())
        .or_else(|| look.deadline())
        .or_else(|| look.no_ping())
        .unwrap_or_else(|| look.next_run());
    let open = !matches!(action, Action::Complete(_) | Action::Settle);
    Decision { action, rule, reason, heartbeat: open && heartbeat::due(seen, policy, now) }
}

type Row = (Rule, Action, Reason);

struct Look<'a> {
    seen: &'a Observation,
    policy: &'a Policy,
    now: Timestamp,
    history: History<'a>,
}

impl Look<'_> {
    fn not_waiting(&self) -> Option<Row> {
        let Reading::Known(presence) = &self.seen.presence else {
            return None;
        };
        let reason = match presence {
            Presence::Before(_) | Presence::Absent if elapsed(self.seen, self.now) < ACCEPTED_WITHIN => {
                return Some((Rule::NotWaiting, Action::Wait, Reason::NotYetWaiting));
            }
            Presence::Gone | Presence::Absent => Reason::Gone,
            Presence::Before(_) | Presence::Elsewhere(_) => Reason::NoLongerWaiting,
            // The same instance waits in another phase: that is another action (AWS-FACTS 2.4).
            Presence::Waiting(phase) if self.seen.phase.is_some_and(|expected| expected != *phase) => {
                Reason::NoLongerWaiting
            }
            Presence::Waiting(_) if self.seen.hook == Reading::Known(None) => Reason::NotHooked,
            Presence::Waiting(_) => return None,
        };
        Some((Rule::NotWaiting, Action::Settle, reason))
    }

    fn unreadable(&self) -> Option<Row> {
        self.seen.unreadable().then_some((Rule::Unreadable, Action::Wait, Reason::AwsUnreadable))
    }

    fn ready(&self) -> Option<Row> {
        let (ended, report) = self.history.report()?;
        let ready = self.waits() && report.ready;
        let action = if self.answered(ended) { Action::Wait } else { Action::Complete(LifecycleResult::Continue) };
        ready.then_some((Rule::Ready, action, Reason::Ready))
    }

    /// Its other runs were not looked at: the next tick looks at them all.
    fn glance(&self) -> Option<Row> {
        self.seen.glance.then_some((Rule::Run, Action::Wait, Reason::RunInProgress))
    }

    /// Whether the verdict on a report that ended then has surely been sent. With several hooks an instance goes on
    /// waiting when ours is settled; the sweep, which meets it every minute, then only repeats the verdict now and then.
    fn answered(&self, ended: Timestamp) -> bool {
        let swept = matches!(self.seen.beginning, Beginning::SoonAfter(_));
        let due = (elapsed(self.seen, self.now).as_secs() / 60).is_multiple_of(REPEAT_MINUTES);
        swept && !due && self.now.since(ended) > AFTER_VERDICT
    }

    fn deadline(&self) -> Option<Row> {
        let deadline = deadline(self.seen, self.policy)?;
        if !self.waits() || self.now < deadline {
            return None;
        }
        let verdict = || (Rule::Deadline, Action::Complete(self.policy.on_deadline), self.diagnosis());
        Some(self.last_look(deadline).unwrap_or_else(verdict))
    }

    /// An instance that talks and was never looked at, because AWS could not be read until now, is looked at once before
    /// the verdict.
    fn last_look(&self, deadline: Timestamp) -> Option<Row> {
        let talks = fresh(self.seen, self.now);
        match self.history.newest() {
            None if talks && self.now < deadline + LAST_LOOK_WITHIN => {
                Some((Rule::Run, self.probe(self.offers()), Reason::NoRunYet))
            }
            Some(run) if run.requested > deadline && self.now.since(run.requested) < LAST_LOOK => {
                let looking = matches!(run.state, RunState::Sent | RunState::Running);
                looking.then_some((Rule::Run, Action::Wait, Reason::RunInProgress))
            }
            Some(_) | None => None,
        }
    }

    fn no_ping(&self) -> Option<Row> {
        let reason = ping::trouble(self.seen, self.now)?;
        Some((Rule::NoPing, Action::Wait, reason))
    }

    /// Rows 4 to 8: what the newest run asks for.
    fn next_run(&self) -> Row {
        let Some(last) = self.history.newest() else {
            // A nudge cannot tell a settled launch from an open one; where there have been runs, others know.
            let left_to_others = self.seen.beginning == Beginning::Unknown && self.history.listed();
            return (
                Rule::Run,
                if left_to_others { Action::Wait } else { self.probe(self.offers()) },
                Reason::NoRunYet,
            );
        };
        if !self.waits() {
            return (Rule::Unreadable, Action::Wait, Reason::AwsUnreadable);
        }
        match (&last.state, last.errand) {
            (RunState::Sent | RunState::Running, Errand::Readiness) => (Rule::Run, Action::Wait, Reason::RunInProgress),
            (RunState::Sent | RunState::Running, Errand::Repair) => (Rule::Repairable, Action::Wait, Reason::Repairing),
            (RunState::Lost { .. } | RunState::Reported { .. }, Errand::Repair) => {
                // Whether it was in vain is to be known at once, be there another repair or not.
                (Rule::Repairable, self.probe(self.policy.mends()), Reason::Repairing)
            }
            (RunState::Lost { at, loss }, Errand::Readiness) => self.lost(*at, *loss),
            (RunState::Reported { at, report }, Errand::Readiness) => self.findings(last, *at, report),
        }
    }

    fn lost(&self, at: Timestamp, loss: Loss) -> Row {
        let pause = if self.history.losses() < LOST_RUNS { Duration::ZERO } else { AFTER_LOST_RUNS };
        (Rule::LostRun, self.probe_after(at, pause), Reason::Lost(loss))
    }

    fn findings(&self, run: &Run, at: Timestamp, report: &Report) -> Row {
        let Some(worst) = report.worst() else {
            return (Rule::Transient, self.probe_after(at, AFTER_TRANSIENT), Reason::RunInProgress);
        };
        match worst.class {
            Class::Fatal => (Rule::Fatal, Action::Complete(LifecycleResult::Abandon), finding(worst)),
            Class::Repairable => self.repairable(run, at, report, worst),
            Class::Transient => (Rule::Transient, self.probe_after(at, AFTER_TRANSIENT), finding(worst)),
        }
    }

    fn probe_after(&self, ended: Timestamp, pause: Duration) -> Action {
        if self.now < ended + pause { Action::Wait } else { self.probe(self.offers()) }
    }

    fn probe(&self, offered: bool) -> Action {
        let left = deadline(self.seen, self.policy).map_or(WAIT_WITHOUT_DEADLINE, |deadline| deadline.since(self.now));
        let fits = |wait: &Duration| *wait + BEFORE_DEADLINE <= left;
        let wait = WAITS.map(Duration::from_secs).into_iter().find(fits).unwrap_or_default();
        Action::Probe { wait, offered }
    }

    fn waits(&self) -> bool {
        matches!(self.seen.presence, Reading::Known(Presence::Waiting(_)))
    }

    /// What an instance that is not ready suffers from: its last report, else its runs, else its silence.
    fn diagnosis(&self) -> Reason {
        let reported = self.history.report().and_then(|(_, report)| report.worst()).map(finding);
        reported.or_else(|| ping::trouble(self.seen, self.now)).unwrap_or_else(|| {
            match self.history.newest().map(|run| &run.state) {
                Some(RunState::Lost { loss, .. }) => Reason::Lost(*loss),
                Some(_) => Reason::RunInProgress,
                None => Reason::NoRunYet,
            }
        })
    }
}

fn finding(finding: &Finding) -> Reason {
    Reason::Finding(finding.code.clone())
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod table;
