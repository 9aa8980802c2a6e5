//! What the SSM Agent does with a command that it was given: begin it, let it wait, or fail by itself (aws-facts 17).

use std::time::Duration;

use lifecycle::Timestamp;

use super::super::story::ssm::{Fate, REBOOT};
use super::Fleet;
use super::invocations::{CutOff, RunState};
use super::schedule::{Due, RunId};
use super::timeline::What;

/// A killed document worker is missed after a minute (aws-facts 17).
const WORKER_MISSED: Duration = Duration::from_mins(1);
/// From the machine being up again to the failure of what ran before (aws-facts 17).
const FAILS_AFTER_REBOOT: Duration = Duration::from_secs(61);
/// As many commands as run at once are accepted and wait (aws-facts 17, `CommandWorkersLimit`).
const MOST_WAITING: usize = 5;
/// Then the agent looks this often whether it can take another one (aws-facts 17).
const TRIES_EVERY: Duration = Duration::from_secs(10);

/// amazon-ssm-agent agent/framework/processor/executer/outofproc/outofproc.go.
const WORKER_GONE: &str = "document process failed unexpectedly: document worker timed out , \
    check [ssm-document-worker]/[ssm-session-worker] log for crash reason";
/// Seen are its last five words (aws-facts 17); those before are as in agent/plugins/runscript/runscript.go.
const DISK_FULL: &str = "failed to create script file. open /var/lib/amazon/ssm/document/orchestration/_script.sh: \
    no space left on device";

impl Fleet {
    /// The agent takes the command, and begins it unless others occupy it.
    pub(super) fn accept(&mut self, now: Timestamp, command: &str, on: &str) {
        let busy = self.instances.get(on).and_then(|instance| {
            let at = instance.story_time(now);
            instance.story.ssm.busy_until(at).map(|until| now + until.saturating_sub(at))
        });
        let full = busy.is_some() && self.waiting_runs(on) >= MOST_WAITING;
        if full {
            return self.due.plan(now + TRIES_EVERY, Due::Deliver(RunId::of(command, on)));
        }
        let Some(invocation) = self.invocation_mut(command, on) else { return };
        invocation.state = RunState::InProgress;
        invocation.started = Some(now);
        invocation.queued = busy.is_some();
        self.invocation_changed(now, command, on);
        match busy {
            Some(until) => self.due.plan(until, Due::Begins(RunId::of(command, on))),
            None => self.begin_run(now, command, on),
        }
    }

    /// How many were accepted and have not begun.
    fn waiting_runs(&self, on: &str) -> usize {
        let runs = self.commands.values().filter_map(|command| command.invocations.get(on));
        runs.filter(|run| run.queued && run.state.runs()).count()
    }

    /// It waited for its turn. What was cancelled or lost meanwhile does not begin.
    pub(super) fn turn_comes(&mut self, now: Timestamp, command: &str, on: &str) {
        let Some(invocation) = self.invocation_mut(command, on) else { return };
        invocation.queued = false;
        if invocation.state == RunState::InProgress && invocation.cut_off.is_none() {
            self.begin_run(now, command, on);
        }
    }

    fn begin_run(&mut self, now: Timestamp, id: &str, on: &str) {
        let Some((command, instance)) = self.commands.get_mut(id).zip(self.instances.get_mut(on)) else { return };
        let (timeout, mends) = (command.execution_timeout(), command.version.mends());
        let Some(invocation) = command.invocations.get_mut(on) else { return };
        invocation.attempt = instance.count_run(mends);
        if instance.story.ssm.disk_full(instance.story_time(now)) {
            return self.agent_fails(now, id, on, DISK_FULL);
        }
        let fate = instance.story.ssm.fate(mends, invocation.attempt);
        if fate != Fate::Told {
            invocation.cut_off = Some(CutOff::Untold);
        }
        self.go_on(now, id, on);
        self.due.plan(now + timeout, Due::ExecutionEnds(RunId::of(id, on)));
        if fate == Fate::Failed {
            self.due.plan(now + WORKER_MISSED, Due::WorkerMissed(RunId::of(id, on)));
        }
    }

    /// The step that runs has no end.
    pub(super) fn never_ends(&mut self, command: &str, on: &str) {
        if let Some(invocation) = self.invocation_mut(command, on) {
            invocation.cut_off = invocation.cut_off.or(Some(CutOff::Endless));
        }
    }

    /// The agent misses the worker of a run. While the machine is down it misses nothing.
    pub(super) fn worker_missed(&mut self, now: Timestamp, command: &str, on: &str) {
        if self.reachable(now, on) {
            self.agent_fails(now, command, on, WORKER_GONE);
        } else if self.instances.get(on).is_some_and(|instance| instance.down(now)) {
            self.due.plan(now + REBOOT + FAILS_AFTER_REBOOT, Due::WorkerMissed(RunId::of(command, on)));
        }
    }

    /// The agent fails a run by itself. The reason stands in `Output` of the first step, and nowhere else
    /// (aws-facts 17; that it is the first step: outofproc.go).
    fn agent_fails(&mut self, now: Timestamp, command: &str, on: &str, why: &str) {
        let Some(invocation) = self.invocation_mut(command, on).filter(|run| run.state.runs()) else { return };
        invocation.fail_by_agent(now, why);
        self.end_run(now, command, on, RunState::Failed);
    }

    /// The machine goes down for a moment. What ran is lost, and that shows when the agent is back.
    pub(super) fn reboots(&mut self, now: Timestamp, id: &str) {
        if self.instances.get(id).is_none_or(|instance| !instance.runs()) {
            return;
        }
        self.note(now, id, What::Reboots);
        self.due.plan(now + REBOOT, Due::IsUp { instance: id.to_owned() });
        for command in self.commands.values_mut() {
            if command.invocations.get_mut(id).is_some_and(|run| run.lose(now)) {
                let missed = now + REBOOT + FAILS_AFTER_REBOOT;
                self.due.plan(missed, Due::WorkerMissed(RunId::of(&command.id, id)));
            }
        }
    }

    /// Its agent pings again.
    pub(super) fn is_up(&mut self, now: Timestamp, id: &str) {
        if let Some(instance) = self.instances.get_mut(id).filter(|one| one.runs() && one.registered.is_some()) {
            instance.register(now);
        }
    }
}
