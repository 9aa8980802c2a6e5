//! The decision: a pure function of what was seen, what the owner wants, and the time.

mod deadline;
mod heartbeat;
mod probe;
mod repair;
mod situation;

use std::time::Duration;

use crate::decision::{Action, Decision, Heartbeat, LifecycleResult, Reason, Rule};
use crate::observation::{Beginning, GroupHooks, LifecycleState, Observation, Reading};
use crate::ping::find_trouble;
use crate::policy::{AgentPolicy, Policy};
use crate::reads::doubt;
use crate::report::{Class, Finding, Report};
use crate::run::{Loss, Purpose, Run, RunState};
use crate::timestamp::Timestamp;
use crate::timing::{ACCEPTED_WITHIN, elapsed};
use situation::{AFTER_TRANSIENT, Row, Situation};

/// After this many lost runs in a row, SSM is left alone for [`AFTER_LOST_RUNS`] before the next
/// (ARCHITECTURE.md#the-decision-table, row 5).
const LOST_RUNS: usize = 3;
/// The pause after [`LOST_RUNS`]. Runs go on after it, because an instance that recovers must still be found.
const AFTER_LOST_RUNS: Duration = Duration::from_mins(2);
/// For how long the sweep repeats a CONTINUE every minute.
const AFTER_VERDICT: Duration = Duration::from_mins(5);
/// The minutes between repetitions after [`AFTER_VERDICT`].
const REPEAT_MINUTES: u64 = 10;

/// Decides what to do now (ARCHITECTURE.md#the-decision-table). No verdict and no repair is decided before the group's
/// hooks were read: the policy is the hook's, not the copy in a message. Where a remembered answer is not enough, it waits.
#[must_use]
pub fn decide(seen: &Observation, policy: &Policy, now: Timestamp) -> Decision {
    let proposed = propose(seen, policy, now);
    let waits = Decision {
        action: Action::Wait,
        rule: Rule::Unreadable,
        reason: Reason::AwsUnreadable,
        heartbeat: Heartbeat::No,
    };
    let blind = seen.hooks.unread() && proposed.action.needs_policy();
    if blind || !doubt(&proposed, seen, policy, now).none() { waits } else { proposed }
}

/// What the known policy asks for: tries the rows of the decision table in order. The first row that applies decides.
pub(crate) fn propose(seen: &Observation, policy: &Policy, now: Timestamp) -> Decision {
    let policy = policy.toward(seen.waits_for().or(seen.destination));
    let situation = Situation::new(seen, &policy, now);
    let row = situation
        .not_waiting()
        .or_else(|| situation.unreadable())
        .or_else(|| situation.ready())
        .or_else(|| situation.partly_read())
        .or_else(|| situation.deadline())
        .or_else(|| situation.no_ping())
        .unwrap_or_else(|| situation.next_run());
    let heartbeat = situation.choose_heartbeat(&row);
    let (rule, action, reason) = row;
    Decision { action, rule, reason, heartbeat }
}

impl Situation<'_> {
    fn not_waiting(&self) -> Option<Row> {
        let state = self.seen.lifecycle_state.known()?;
        let unhooked = matches!(self.seen.hooks, Reading::Known(GroupHooks { ours: None, .. }));
        let reason = match state {
            LifecycleState::Before | LifecycleState::Absent if elapsed(self.seen, self.now) < ACCEPTED_WITHIN => {
                return Some((Rule::NotWaiting, Action::Wait, Reason::NotYetWaiting));
            }
            LifecycleState::Gone | LifecycleState::Absent => Reason::Gone,
            LifecycleState::Before | LifecycleState::Elsewhere => Reason::NoLongerWaiting,
            // The same instance waits for its other destination: that is another action (aws-facts 2.4).
            LifecycleState::Waiting(destination)
                if self.seen.destination.is_some_and(|expected| expected != *destination) =>
            {
                Reason::NoLongerWaiting
            }
            LifecycleState::Waiting(_) if unhooked => Reason::NotHooked,
            LifecycleState::Waiting(_) => return None,
        };
        Some((Rule::NotWaiting, Action::Settle, reason))
    }

    fn unreadable(&self) -> Option<Row> {
        self.seen.has_failed_read().then_some((Rule::Unreadable, Action::Wait, Reason::AwsUnreadable))
    }

    fn ready(&self) -> Option<Row> {
        let (_, ended, report) = self.history.last_report()?;
        let ready = self.waits() && report.ready;
        let action = if self.was_continued(ended) { Action::Wait } else { Action::Complete(LifecycleResult::Continue) };
        ready.then_some((Rule::Ready, action, Reason::Ready))
    }

    /// Whether the CONTINUE for a report that `ended` then was surely sent before. On a group with several hooks an
    /// instance goes on waiting after our action is settled. The sweep meets it every minute, and repeats the CONTINUE
    /// only every [`REPEAT_MINUTES`].
    fn was_continued(&self, ended: Timestamp) -> bool {
        let swept = matches!(self.seen.beginning, Beginning::SoonAfter(_));
        let due = (elapsed(self.seen, self.now).as_secs() / 60).is_multiple_of(REPEAT_MINUTES);
        swept && !due && self.now.since(ended) > AFTER_VERDICT
    }

    /// Only the run of one command was read, and it is not ready. The next look reads all runs.
    fn partly_read(&self) -> Option<Row> {
        self.seen.runs.partial().then_some((Rule::Run, Action::Wait, Reason::RunInProgress))
    }

    fn no_ping(&self) -> Option<Row> {
        let reason = find_trouble(self.seen, self.now)?;
        Some((Rule::NoPing, Action::Wait, reason))
    }

    /// Rows 4 to 8: the newest run says what comes next.
    fn next_run(&self) -> Row {
        let Some(last) = self.history.newest() else { return self.first_run() };
        if !self.waits() && !last.is_awaited(self.now) {
            return (Rule::Unreadable, Action::Wait, Reason::AwsUnreadable);
        }
        match (&last.state, last.purpose) {
            (RunState::Sent | RunState::Running, Purpose::Readiness) => {
                (Rule::Run, Action::Wait, Reason::RunInProgress)
            }
            (RunState::Sent | RunState::Running, Purpose::Repair | Purpose::StartAgent) => {
                self.repairing(last, last.requested)
            }
            // Whether the repair helped must be known at once, also if no other repair can follow.
            (RunState::Lost { .. } | RunState::Reported { .. }, Purpose::Repair | Purpose::StartAgent) => {
                self.repaired()
            }
            (RunState::Reported { .. }, Purpose::Readiness) if self.history.was_beside_a_repair(last) => {
                self.repaired()
            }
            (RunState::Lost { at, loss }, Purpose::Readiness) => self.lost(*at, *loss),
            (RunState::Reported { at, report }, Purpose::Readiness) => self.findings(last, *at, report),
        }
    }

    /// A nudge does not know the beginning, so it cannot tell a settled launch from an open one. If SSM lists older runs,
    /// it starts no run: the launch message or the sweep will. Where runs were not read, it is too early for one.
    fn first_run(&self) -> Row {
        let left_to_others = self.seen.beginning == Beginning::Unknown && self.history.listed();
        let action =
            if left_to_others || self.seen.runs.unread() { Action::Wait } else { self.probe(self.offers_repair()) };
        (Rule::Run, action, Reason::NoRunYet)
    }

    fn repaired(&self) -> Row {
        (Rule::Repairable, self.probe(self.policy.mends()), Reason::Repairing)
    }

    fn lost(&self, at: Timestamp, loss: Loss) -> Row {
        if let Some(repair) = self.history.repair_in_progress() {
            return self.repairing(repair, at);
        }
        let pause = if self.history.count_losses() < LOST_RUNS { Duration::ZERO } else { AFTER_LOST_RUNS };
        (Rule::LostRun, self.probe_after(at, pause), Reason::Lost(loss))
    }

    fn findings(&self, run: &Run, at: Timestamp, report: &Report) -> Row {
        let Some(worst) = report.worst() else {
            return (Rule::Transient, self.probe_after(at, AFTER_TRANSIENT), Reason::RunInProgress);
        };
        match worst.class {
            Class::Fatal => (Rule::Fatal, Action::Complete(LifecycleResult::Abandon), reason_of(worst)),
            Class::Repairable => self.repairable(run, at, report, worst),
            Class::Transient => match self.history.repair_in_progress() {
                Some(repair) => self.repairing(repair, at),
                None => (Rule::Transient, self.probe_after(at, AFTER_TRANSIENT), reason_of(worst)),
            },
        }
    }

    /// What to do about a `finding` that a repair may mend: the worst in the `report` of this run, which ended `at`.
    fn repairable(&self, run: &Run, at: Timestamp, report: &Report, finding: &Finding) -> Row {
        let starts = self.policy.agent == AgentPolicy::Last && report.lacks_only_agent();
        // A repair that only SSM calls in progress has mended what it was for. The start waits for its turn on the instance.
        let is_over = |repair: &&Run| starts && repair.purpose == Purpose::Repair;
        if let Some(repair) = self.history.repair_in_progress().filter(|repair| !is_over(repair)) {
            return self.repairing(repair, at);
        }
        let hindered = Self::is_hindered(report) || (self.leaves_alone(finding) && !starts);
        let action = match self.repair_wait(run, starts).filter(|_| !hindered) {
            Some(wait) if starts => Action::StartAgent(wait),
            Some(wait) => Action::Repair(wait),
            None if self.is_in_vain(run, report, finding) => Action::Complete(LifecycleResult::Abandon),
            // A nudge knows too little for either. The launch message or the sweep comes within a tick.
            None if !hindered && self.policy.mends() && self.seen.beginning == Beginning::Unknown => Action::Wait,
            // The next run waits on the instance: for the hindrance to pass, or for somebody else to mend it.
            None => self.probe_after(at, AFTER_TRANSIENT),
        };
        (Rule::Repairable, action, reason_of(finding))
    }
}

fn reason_of(finding: &Finding) -> Reason {
    Reason::Finding(finding.code.clone())
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod table;
