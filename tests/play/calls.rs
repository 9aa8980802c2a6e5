//! The calls of AWS that launch-gate made in a play, and its log lines.

use serde_json::Value;

use super::Play;

impl Play {
    /// Calls of AWS that the gate made, throttled ones included, by operation.
    #[must_use]
    pub fn calls(&self) -> Vec<(String, u64)> {
        // What the CLI and the deployment called is not the gate's.
        let ours = ["CompleteLifecycleAction", "RecordLifecycleActionHeartbeat", "SendCommand", "StopDeployment"];
        let calls = self.fleet.with(|fleet| fleet.calls().clone());
        let gates = calls.into_iter().filter(|((_, name), _)| {
            ours.contains(&name.as_str())
                || name.starts_with("List")
                || name.starts_with("BatchGet")
                || name.starts_with("GetCommand")
                || is_read(name)
        });
        gates.map(|((_, name), calls)| (name, calls.made)).collect()
    }

    /// The line in the function's log that tells of this instance.
    #[must_use]
    pub fn line(&self, instance: &str) -> Option<&Value> {
        self.settled.get(instance)
    }
}

fn is_read(operation: &str) -> bool {
    operation.starts_with("Describe") && !operation.ends_with("Document")
}
