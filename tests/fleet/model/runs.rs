//! How a command reaches an instance, runs there step by step, and ends.

use lifecycle::Timestamp;

use super::super::repair::Mends;
use super::super::report;
use super::Fleet;
use super::commands::Command;
use super::invocations::{Coming, CutOff, Invocation, RunState, Said};
use super::schedule::{Due, RunId};
use super::scripts::ScriptToRun;
use super::steps::{Does, StepState, aggregate, refused, skipped};
use super::timeline::What;

impl Fleet {
    pub(super) fn invocation_mut(&mut self, command: &str, instance: &str) -> Option<&mut Invocation> {
        self.commands.get_mut(command)?.invocations.get_mut(instance)
    }

    /// Delivers, or tries again later: `Delayed` (aws-facts 6.3).
    pub(super) fn deliver(&mut self, now: Timestamp, command: &str, instance: &str) {
        let reachable = self.reachable(now, instance);
        let Some(invocation) =
            self.invocation_mut(command, instance).filter(|invocation| invocation.state.undelivered())
        else {
            return;
        };
        if reachable {
            return self.accept(now, command, instance);
        }
        let first = invocation.state == RunState::Pending;
        invocation.state = RunState::Delayed;
        self.due.plan(now + self.settings.delivery_retry, Due::Deliver(RunId::of(command, instance)));
        if first {
            self.invocation_changed(now, command, instance);
        }
    }

    pub(super) fn reachable(&self, now: Timestamp, instance: &str) -> bool {
        self.instances.get(instance).is_some_and(|instance| instance.reachable(now))
    }

    /// The instance is gone: undeliverable. It is there and does not listen: timed out.
    pub(super) fn delivery_ends(&mut self, now: Timestamp, command: &str) {
        let Some(sent) = self.commands.get(command) else {
            return;
        };
        let late: Vec<String> = sent
            .invocations
            .iter()
            .filter(|(_, invocation)| invocation.state.undelivered())
            .map(|(id, _)| id.clone())
            .collect();
        for instance in late {
            let there = self.instances.get(&instance).is_some_and(|instance| !instance.state.ended());
            let state = if there { RunState::DeliveryTimedOut } else { RunState::Undeliverable };
            self.end_run(now, command, &instance, state);
        }
    }

    /// Passes over the steps that are not to run and begins the next, or ends the run where there is none.
    pub(super) fn go_on(&mut self, now: Timestamp, id: &str, on: &str) {
        let Some(command) = self.commands.get_mut(id) else {
            return;
        };
        let (steps, Some(invocation)) = (&command.version.steps, command.invocations.get_mut(on)) else {
            return;
        };
        while let Some(at) = invocation.current() {
            let skipped = skipped(steps, &invocation.steps, at);
            let (Some(step), Some(run)) = (steps.get(at), invocation.steps.get_mut(at)) else {
                return;
            };
            if let Some(why) = skipped {
                run.skip(now, why);
            } else if let Some(why) = refused(step) {
                run.refuse(now, why);
            } else {
                (run.state, run.started) = (StepState::InProgress, Some(now));
                return self.begin_step(now, id, on, at);
            }
        }
        let state = aggregate(&invocation.steps);
        let ready = invocation.steps.iter().any(|step| report::says_ready(&step.stdout));
        if ready && command.version.mends() {
            self.note(now, on, What::Repaired);
        }
        self.end_run(now, id, on, state);
    }

    fn begin_step(&mut self, now: Timestamp, id: &str, on: &str, at: usize) {
        let Some((command, instance)) = self.commands.get(id).zip(self.instances.get(on)) else {
            return;
        };
        if instance.story.hangs {
            return;
        }
        // aws:configurePackage has no time-out (aws-facts 17).
        let step = command.version.steps.get(at);
        if let Some(step) = step.filter(|step| !matches!(step.does, Does::Package(_))) {
            let timeout = command.step_timeout(step);
            self.due.plan(now + timeout, Due::StepTimesOut { run: RunId::of(id, on), step: at });
        }
        let distributes = command.invocations.get(on).is_some_and(|one| command.is_at_distributor(one));
        match ScriptToRun::of(command, instance, at) {
            Some(script) => self.scripts.push(script),
            None => self.foresee(now, id, on),
        }
        if distributes {
            self.next_turn(now, on);
        }
    }

    /// Plans the end of a step that no script runs.
    pub(super) fn foresee(&mut self, now: Timestamp, id: &str, on: &str) {
        let distributes =
            |command: &Command| command.invocations.get(on).is_some_and(|one| command.is_at_distributor(one));
        let busy = !self.commands.get(id).is_some_and(distributes) && self.repaired_by_another(id, on);
        let sleeps = self.chance.between(self.settings.distributor_sleeps);
        let Some((command, instance)) = self.commands.get(id).zip(self.instances.get(on)) else {
            return;
        };
        let mends = command.version.mends();
        let coming = if mends {
            instance.repair_step(now, command, busy, sleeps)
        } else {
            Some(instance.report_run(now, command))
        };
        let Some(coming) = coming else {
            return self.never_ends(id, on);
        };
        self.due.plan(coming.at, Due::StepEnds(RunId::of(id, on)));
        if let Some(invocation) = self.invocation_mut(id, on) {
            invocation.waits_turn = busy;
            invocation.coming = Some(coming);
        }
    }

    /// A step that ends by itself, unless its agent died meanwhile: then it stays in progress until the execution
    /// timeout (aws-facts 6.2).
    pub(super) fn step_ends(&mut self, now: Timestamp, command: &str, instance: &str) {
        let reachable = self.reachable(now, instance);
        let Some(invocation) = self.invocation_mut(command, instance).filter(|invocation| invocation.goes_on()) else {
            return;
        };
        // What was planned may have been put off.
        if invocation.coming.as_ref().is_none_or(|coming| coming.at > now) || !reachable {
            return;
        }
        if let Some(Coming { said, mends, .. }) = invocation.coming.take() {
            invocation.waits_turn = false;
            if let Some(instance) = self.instances.get_mut(instance) {
                instance.mend(now, mends);
            }
            self.finish_step(now, command, instance, said);
        }
    }

    pub(super) fn finish_step(&mut self, now: Timestamp, id: &str, on: &str, said: Said) {
        let Some(command) = self.commands.get_mut(id) else {
            return;
        };
        let (steps, Some(invocation)) = (&command.version.steps, command.invocations.get_mut(on)) else {
            return;
        };
        let Some(at) = invocation.current() else {
            return;
        };
        if let (Some(step), Some(run)) = (steps.get(at), invocation.steps.get_mut(at)) {
            run.end(now, step, said);
        }
        self.go_on(now, id, on);
    }

    /// The agent stops the step, and goes on.
    pub(super) fn step_times_out(&mut self, now: Timestamp, command: &str, instance: &str, step: usize) {
        let reachable = self.reachable(now, instance);
        let Some(invocation) = self.invocation_mut(command, instance).filter(|one| one.goes_on() && reachable) else {
            return;
        };
        if invocation.current() != Some(step) {
            return;
        }
        invocation.coming = None;
        if let Some(run) = invocation.steps.get_mut(step) {
            run.time_out(now);
        }
        self.go_on(now, command, instance);
    }

    pub(super) fn execution_ends(&mut self, now: Timestamp, command: &str, instance: &str) {
        let reachable = self.reachable(now, instance);
        let Some(invocation) = self.invocation_mut(command, instance).filter(|one| one.state.runs()) else { return };
        if invocation.cut_off.is_none() || !reachable {
            invocation.cut_off = None;
            self.end_run(now, command, instance, RunState::ExecutionTimedOut);
        }
    }

    pub(super) fn cancelled(&mut self, now: Timestamp, command: &str, instance: &str) {
        let heard = |run: &mut Invocation| run.state == RunState::Cancelling && run.cut_off.is_none();
        if self.invocation_mut(command, instance).is_some_and(heard) {
            self.end_run(now, command, instance, RunState::Cancelled);
        }
    }

    pub(super) fn end_run(&mut self, now: Timestamp, command: &str, instance: &str, state: RunState) {
        let Some(invocation) = self.invocation_mut(command, instance) else { return };
        if invocation.cut_off != Some(CutOff::Untold) {
            invocation.end(now, state);
            self.invocation_changed(now, command, instance);
        }
        self.next_turn(now, instance);
    }
}

impl super::instances::Instance {
    fn report_run(&self, now: Timestamp, command: &Command) -> Coming {
        let wants = report::Wants::read(&command.accepted, command.execution_timeout());
        let begin = self.story_time(now);
        let run = report::run(|after| self.host_at(begin + after), begin, self.story.run_takes, &wants);
        let said = Said { code: run.code, stdout: run.stdout, stderr: run.stderr };
        Coming { at: now + run.took, said, mends: Mends::default() }
    }
}
