//! How a command reaches an instance, runs there and ends.

use std::time::Duration;

use lifecycle::Timestamp;

use super::super::report;
use super::Fleet;
use super::commands::Command;
use super::invocations::{Invocation, RunState, Said};
use super::schedule::{Due, RunId};
use super::scripts::ScriptToRun;
use super::timeline::What;

impl Fleet {
    fn invocation_mut(&mut self, command: &str, instance: &str) -> Option<&mut Invocation> {
        self.commands.get_mut(command)?.invocations.get_mut(instance)
    }

    /// Delivers, or tries again later: `Delayed` (AWS-FACTS 6.3).
    pub(super) fn deliver(&mut self, now: Timestamp, command: &str, instance: &str) {
        let reachable = self.instances.get(instance).is_some_and(|instance| instance.reachable(now));
        let Some(invocation) =
            self.invocation_mut(command, instance).filter(|invocation| invocation.state.undelivered())
        else {
            return;
        };
        if reachable {
            invocation.state = RunState::InProgress;
            invocation.started = Some(now);
            self.start_run(now, command, instance);
            return self.invocation_changed(now, command, instance);
        }
        let first = invocation.state == RunState::Pending;
        invocation.state = RunState::Delayed;
        self.due.plan(now + self.settings.delivery_retry, Due::Deliver(RunId::of(command, instance)));
        if first {
            self.invocation_changed(now, command, instance);
        }
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
            self.end_run(now, command, &instance, state, None);
        }
    }

    fn start_run(&mut self, now: Timestamp, id: &str, on: &str) {
        let Some((command, instance)) = self.commands.get(id).zip(self.instances.get(on)) else {
            return;
        };
        let timeout = command.execution_timeout();
        self.due.plan(now + timeout, Due::ExecutionEnds(RunId::of(id, on)));
        if instance.story.hangs {
            return;
        }
        if instance.story.real {
            return self.scripts.push(ScriptToRun::of(command, on, timeout));
        }
        let (took, said) =
            if repairs(command) { instance.story.repair_run() } else { instance.report_run(now, command) };
        self.due.plan(now + took, Due::RunEnds(RunId::of(id, on)));
        if let Some(invocation) = self.invocation_mut(id, on) {
            invocation.coming = Some(said);
        }
    }

    /// A run that ends by itself, unless its agent died meanwhile: then it stays in progress until the execution
    /// timeout (AWS-FACTS 6.2).
    pub(super) fn run_ends(&mut self, now: Timestamp, command: &str, instance: &str) {
        let reachable = self.instances.get(instance).is_some_and(|instance| instance.reachable(now));
        let Some(invocation) = self.invocation_mut(command, instance).filter(|invocation| invocation.state.runs())
        else {
            return;
        };
        if let Some(said) = invocation.coming.take().filter(|_| reachable) {
            self.finish_run(now, command, instance, said);
        }
    }

    pub(super) fn finish_run(&mut self, now: Timestamp, command: &str, instance: &str, said: Said) {
        let mended = said.code == 0 && self.commands.get(command).is_some_and(repairs);
        if let Some(instance) = self.instances.get_mut(instance).filter(|instance| mended && !instance.story.real) {
            instance.repair(now);
        }
        if mended {
            self.note(now, instance, What::Repaired);
        }
        let state = if said.code == 0 { RunState::Success } else { RunState::Failed };
        self.end_run(now, command, instance, state, Some(said));
    }

    pub(super) fn execution_ends(&mut self, now: Timestamp, command: &str, instance: &str) {
        if self.invocation_mut(command, instance).is_some_and(|invocation| invocation.state.runs()) {
            self.end_run(now, command, instance, RunState::ExecutionTimedOut, None);
        }
    }

    pub(super) fn cancelled(&mut self, now: Timestamp, command: &str, instance: &str) {
        if self.invocation_mut(command, instance).is_some_and(|invocation| invocation.state == RunState::Cancelling) {
            self.end_run(now, command, instance, RunState::Cancelled, None);
        }
    }

    fn end_run(&mut self, now: Timestamp, command: &str, instance: &str, state: RunState, said: Option<Said>) {
        if let Some(invocation) = self.invocation_mut(command, instance) {
            invocation.end(now, state, said);
            self.invocation_changed(now, command, instance);
        }
    }
}

/// The repair document is known by its name; every other one reports.
fn repairs(command: &Command) -> bool {
    command.document.to_ascii_lowercase().contains("install")
}

impl super::instances::Instance {
    fn report_run(&self, now: Timestamp, command: &Command) -> (Duration, Said) {
        let wants = report::Wants::read(&command.accepted, command.execution_timeout());
        let begin = self.story_time(now);
        let run = report::run(|after| self.host_at(begin + after), self.story.run_takes, &wants);
        (run.took, Said { code: run.code, stdout: run.stdout, stderr: run.stderr })
    }
}

impl super::super::story::Story {
    fn repair_run(&self) -> (Duration, Said) {
        let said = if self.repair_works {
            Said { code: 0, stdout: "installed\n".to_owned(), stderr: String::new() }
        } else {
            Said { code: 1, stdout: "not installed\n".to_owned(), stderr: "no package could be installed\n".to_owned() }
        };
        (self.repair_takes, said)
    }
}
