//! Runs of the install document: one at a time on each instance, and what they change there if no script really runs.

use std::time::Duration;

use lifecycle::Timestamp;

use super::super::repair::{Asked, Mends, Repair};
use super::Fleet;
use super::commands::Command;
use super::instances::Instance;
use super::invocations::{Coming, Invocation, Said};
use super::steps::Does;

impl Fleet {
    /// Whether another repair runs on the instance.
    pub(super) fn repaired_by_another(&self, id: &str, on: &str) -> bool {
        self.commands.values().filter(|command| command.id != id && command.version.mends()).any(|command| {
            let works = |one: &Invocation| one.goes_on() && !one.waits_turn && !command.is_at_distributor(one);
            command.invocations.get(on).is_some_and(works)
        })
    }

    /// A repair of the instance is over, or at Distributor: one that waited for it goes on.
    pub(super) fn next_turn(&mut self, now: Timestamp, on: &str) {
        let waits = |command: &&Command| command.invocations.get(on).is_some_and(|one| one.waits_turn && one.goes_on());
        let Some(id) = self.commands.values().find(waits).map(|command| command.id.clone()) else {
            return;
        };
        if !self.repaired_by_another(&id, on) {
            self.foresee(now, &id, on);
        }
    }
}

impl Command {
    /// Whether Distributor is at work: meanwhile the run has no turn.
    pub(super) fn is_at_distributor(&self, invocation: &Invocation) -> bool {
        let step = invocation.current().and_then(|at| self.version.steps.get(at));
        step.is_some_and(|step| matches!(step.does, Does::Package(_)))
    }
}

impl Instance {
    /// What the current step of a repair will come to; nothing if it has no end. Distributor sleeps before it begins.
    pub(super) fn repair_step(
        &self,
        now: Timestamp,
        command: &Command,
        busy: bool,
        sleeps: Duration,
    ) -> Option<Coming> {
        let invocation = command.invocations.get(&self.id)?;
        let at = invocation.current()?;
        let package =
            |at: &usize| matches!(command.version.steps.get(*at).map(|step| &step.does), Some(Does::Package(_)));
        let begin = self.story_time(now);
        let repair = Repair {
            story: &self.story,
            attempt: invocation.attempt,
            asked: Asked::read(&command.accepted),
            host_at: &|after| self.host_at(begin + after),
            begin,
            used: self.waited(now, command),
        };
        let done = if package(&at) {
            repair.distributor(sleeps)?
        } else if (0..at).any(|before| package(&before)) {
            repair.mend(busy)
        } else {
            repair.prepare(busy)
        };
        let said = Said { code: done.code, stdout: done.stdout, stderr: done.stderr };
        Some(Coming { at: now + done.took, said, mends: done.mends })
    }

    /// How long the scripts of the run have taken so far.
    fn waited(&self, now: Timestamp, command: &Command) -> Duration {
        let Some(invocation) = command.invocations.get(&self.id) else {
            return Duration::ZERO;
        };
        let scripts = command.version.steps.iter().zip(&invocation.steps);
        let scripts = scripts.filter(|(step, _)| matches!(step.does, Does::Script(_)));
        scripts.filter_map(|(_, run)| Some(run.ended.unwrap_or(now).since(run.started?))).sum()
    }

    pub(super) fn mend(&mut self, now: Timestamp, mends: Mends) {
        if mends != Mends::default() {
            self.mended.push((self.story_time(now), mends));
        }
    }
}
