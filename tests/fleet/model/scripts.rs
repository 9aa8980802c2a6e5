//! Scripts that really run. The model hands them out and takes their ends back; it runs nothing itself.

use std::collections::BTreeMap;
use std::time::Duration;

use lifecycle::Timestamp;

use super::super::story::distributor::Distributor;
use super::Fleet;
use super::commands::Command;
use super::instances::Instance;
use super::invocations::{Invocation, Said};
use super::steps::Does;

/// A script that is to run now in the sandbox of an instance. [`Fleet::host`] gives the state of the instance while it
/// runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptToRun {
    /// The command it belongs to.
    pub command: String,
    /// The instance it runs on; with the command it names the invocation.
    pub instance: String,
    /// The document it comes from.
    pub document: String,
    /// The place of its step in the document.
    pub step: usize,
    /// Its text.
    pub script: String,
    /// Instead of a text: the package that Distributor is to install.
    pub package: Option<String>,
    /// The parameters that it reads from its environment, as `SSM_<name>`.
    pub environment: BTreeMap<String, String>,
    /// All parameters by their own names.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// After this time the step is `Execution Timed Out`, whatever the script does.
    pub timeout: Duration,
}

/// How a script ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptEnd {
    /// Its exit code.
    pub code: i64,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl ScriptToRun {
    /// The step at this place, if it really runs: in the story, and as far as Distributor has its package.
    pub(super) fn of(command: &Command, instance: &Instance, at: usize) -> Option<Self> {
        let step = command.version.steps.get(at).filter(|_| instance.story.real)?;
        let (text, package) = match &step.does {
            Does::Script(script) => (script.as_str(), None),
            Does::Package(name) if instance.story.distributor() == Distributor::Has => ("", Some(name.clone())),
            Does::Package(_) | Does::Unknown => return None,
        };
        let (script, environment) = command.version.interpolate(text, &command.accepted);
        Some(Self {
            command: command.id.clone(),
            instance: instance.id.clone(),
            document: command.document.clone(),
            step: at,
            script,
            package,
            environment,
            parameters: command.accepted.clone(),
            timeout: command.step_timeout(step),
        })
    }
}

impl Fleet {
    /// The scripts whose steps began since the last call.
    pub fn take_scripts(&mut self) -> Vec<ScriptToRun> {
        std::mem::take(&mut self.scripts)
    }

    /// The script of the current step has ended. Nothing happens if its invocation is over, or the instance is.
    pub fn finish_script(
        &mut self,
        now: Timestamp,
        command: &str,
        instance: &str,
        code: i64,
        stdout: String,
        stderr: String,
    ) {
        self.advance(now);
        let runs = self
            .commands
            .get(command)
            .and_then(|command| command.invocations.get(instance))
            .is_some_and(Invocation::goes_on);
        if runs && self.reachable(now, instance) {
            self.finish_step(now, command, instance, Said { code, stdout, stderr });
        }
    }

    /// The same for a script that was handed out. An end that comes after the step timed out is ignored.
    pub fn script_ended(&mut self, now: Timestamp, script: &ScriptToRun, end: ScriptEnd) {
        let ScriptEnd { code, stdout, stderr } = end;
        let (command, instance) = (&script.command, &script.instance);
        self.advance(now);
        let invocation = self.commands.get(command).and_then(|command| command.invocations.get(instance));
        if invocation.is_some_and(|invocation| invocation.current() == Some(script.step)) {
            self.finish_script(now, command, instance, code, stdout, stderr);
        }
    }
}
