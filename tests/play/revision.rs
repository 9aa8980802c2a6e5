//! Runs the script of a revision for real. It is the example's own script, which asks the stack's validate-service.

use std::sync::Arc;

use super::Play;
use crate::fleet::RevisionScript;
use crate::fleet::story::deploys::labelled;

impl Play {
    /// Runs it in the background, as the agent of its instance does, and reports its end to the fleet.
    pub(super) fn run_revision(&self, script: RevisionScript) {
        let (fleet, run) =
            (Arc::clone(&self.fleet), self.stack.instance_script("validate_service.sh", &script.instance));
        tokio::spawn(async move {
            let (code, log) = match run.run(&script.deployment, script.lifecycle_event).await {
                Ok(told) => (told.code, labelled("stdout", &told.stdout) + &labelled("stderr", &told.stderr)),
                Err(error) => (127, labelled("stderr", &error.to_string())),
            };
            fleet.revision_script_ended(&script, code.into(), &log);
        });
    }
}
