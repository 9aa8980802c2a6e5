//! How a command is delivered in waves, and how it is cancelled.

use std::time::Duration;

use lifecycle::Timestamp;

use super::super::report;
use super::Fleet;
use super::commands::{Command, share};
use super::invocations::RunState;
use super::refused::Refused;
use super::schedule::{Due, RunId};
use super::timeline::What;

impl Fleet {
    pub(super) fn dispatch(&mut self, now: Timestamp, command: Command, instances: &[String]) -> String {
        let (id, document) = (command.id.clone(), command.document.clone());
        let wave = share(&command.max_concurrency, instances.len()).max(1);
        self.due.plan(command.expires, Due::DeliveryEnds { command: id.clone() });
        self.command_order.push(id.clone());
        for instance in instances {
            self.invocations.push((id.clone(), instance.clone()));
            self.note(now, instance, What::RunSent { command: id.clone(), document: document.clone() });
        }
        self.commands.insert(id.clone(), command);
        for _ in 0..wave {
            self.send_next(now, &id);
        }
        id
    }

    fn send_next(&mut self, now: Timestamp, id: &str) {
        let Some(instance) = self.commands.get_mut(id).and_then(|command| command.waiting.pop_front()) else {
            return;
        };
        self.due.plan(now + self.settings.delivery, Due::Deliver(RunId::of(id, &instance)));
    }

    /// Announces how an invocation stands now, and the command if that changes it.
    pub(super) fn invocation_changed(&mut self, now: Timestamp, id: &str, instance: &str) {
        self.publish_invocation(now, id, instance);
        self.note_end(now, id, instance);
        let Some(command) = self.commands.get_mut(id) else {
            return;
        };
        let ended = command.invocations.get(instance).is_some_and(|invocation| invocation.state.ended());
        if ended && command.too_many_errors() {
            self.stop_sending(now, id);
        } else if ended {
            self.send_next(now, id);
        }
        self.sum_up(now, id);
    }

    fn note_end(&mut self, now: Timestamp, id: &str, instance: &str) {
        let Some(command) = self.commands.get(id) else {
            return;
        };
        let Some(invocation) = command.invocations.get(instance).filter(|invocation| invocation.state.ended()) else {
            return;
        };
        let what = What::RunEnded {
            command: id.to_owned(),
            document: command.document.clone(),
            details: invocation.state.details().to_owned(),
            code: invocation.code(),
            only_agent: invocation.steps.iter().any(|step| report::lacks_only_agent(&step.stdout)),
        };
        self.note(now, instance, what);
    }

    /// More errors than allowed: what was not sent yet never will be (aws-facts 6.3).
    fn stop_sending(&mut self, now: Timestamp, id: &str) {
        let Some(command) = self.commands.get_mut(id) else {
            return;
        };
        let left: Vec<String> = command.waiting.drain(..).collect();
        for instance in &left {
            if let Some(invocation) = command.invocations.get_mut(instance) {
                invocation.end(now, RunState::Terminated);
            }
        }
        for instance in left {
            self.publish_invocation(now, id, &instance);
            self.note_end(now, id, &instance);
        }
    }

    fn sum_up(&mut self, now: Timestamp, id: &str) {
        let Some(command) = self.commands.get_mut(id) else {
            return;
        };
        let state = command.summed_up();
        if state != command.state {
            command.state = state;
            self.publish_command(now, id);
        }
    }

    /// What is not on its instance yet is cancelled at once; what runs is told to stop.
    pub(crate) fn cancel(&mut self, now: Timestamp, id: &str, only: &[String]) -> Result<(), Refused> {
        let Some(command) = self.commands.get_mut(id) else {
            return Err(Refused::new("InvalidCommandId", ""));
        };
        if let Some(unknown) = only.iter().find(|instance| !command.invocations.contains_key(*instance)) {
            return Err(Refused::new("InvalidInstanceId", format!("the command was not sent to {unknown}")));
        }
        command.cancelled = true;
        let meant: Vec<String> = command
            .instances()
            .filter(|id| only.is_empty() || only.iter().any(|one| one == id))
            .map(str::to_owned)
            .collect();
        for instance in meant {
            self.cancel_one(now, id, &instance);
        }
        Ok(())
    }

    fn cancel_one(&mut self, now: Timestamp, id: &str, instance: &str) {
        let Some(command) = self.commands.get_mut(id) else {
            return;
        };
        command.waiting.retain(|one| one != instance);
        let Some(invocation) = command.invocations.get_mut(instance) else {
            return;
        };
        if invocation.state.undelivered() {
            invocation.end(now, RunState::Cancelled);
        } else if invocation.state == RunState::InProgress {
            invocation.state = RunState::Cancelling;
            self.due.plan(now + Duration::from_secs(1), Due::Cancelled(RunId::of(id, instance)));
        } else {
            return;
        }
        self.invocation_changed(now, id, instance);
    }
}
