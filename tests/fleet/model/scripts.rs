//! Scripts that really run: the model hands them out and takes their end back; it runs nothing itself.

use std::collections::BTreeMap;
use std::time::Duration;

use lifecycle::Timestamp;

use super::Fleet;
use super::commands::Command;
use super::invocations::Said;

/// A script that is to run in the sandbox of an instance, now. What is true on the instance while it runs is told by
/// [`Fleet::host`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptToRun {
    /// The command it belongs to.
    pub command: String,
    /// The instance it runs on; with the command it names the invocation.
    pub instance: String,
    /// The document it comes from.
    pub document: String,
    /// Its text.
    pub script: String,
    /// The parameters that it reads from its environment, as `SSM_<name>`.
    pub environment: BTreeMap<String, String>,
    /// All parameters by their own names.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// After this time the invocation is `Execution Timed Out`, whatever the script does.
    pub timeout: Duration,
}

impl ScriptToRun {
    pub(super) fn of(command: &Command, instance: &str, timeout: Duration) -> Self {
        let (script, environment) = command.version.interpolate(&command.version.step.script, &command.accepted);
        Self {
            command: command.id.clone(),
            instance: instance.to_owned(),
            document: command.document.clone(),
            script,
            environment,
            parameters: command.accepted.clone(),
            timeout,
        }
    }
}

impl Fleet {
    /// The scripts whose runs began since the last call.
    pub fn take_scripts(&mut self) -> Vec<ScriptToRun> {
        std::mem::take(&mut self.scripts)
    }

    /// A script has ended. Nothing happens if its invocation is over, or the instance is.
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
            .is_some_and(|invocation| invocation.state.runs());
        let reachable = self.instances.get(instance).is_some_and(|instance| instance.reachable(now));
        if runs && reachable {
            self.finish_run(now, command, instance, Said { code, stdout, stderr });
        }
    }
}
