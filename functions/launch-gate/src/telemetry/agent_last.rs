//! The warnings about an agent that the gate is to start last.

use std::time::Duration;

use lifecycle::history::History;
use lifecycle::policy::{AgentPolicy, Mode, Policy};

/// How long `CodeDeploy` surely waits for the agent of a launch. Its guide says an hour for a launch, and five minutes for
/// other deployments (aws-facts 3.3).
const CODEDEPLOY_WAITS: Duration = Duration::from_mins(5);

/// What the owner of the group should change, or know.
pub(super) fn list_agent_warnings(policy: &Policy, history: &History<'_>) -> Vec<String> {
    if policy.agent != AgentPolicy::Last {
        return Vec::new();
    }
    let early = history.had_agent_early().then(|| {
        "agent-early: the CodeDeploy agent ran before the rest was ready, so CodeDeploy may have deployed too early; \
         disable it in the image (systemctl disable codedeploy-agent) and in user data"
            .to_owned()
    });
    let slow = (policy.ready_within > CODEDEPLOY_WAITS).then(|| {
        format!(
            "with agent last a ready_within of {} s may be too long: CodeDeploy may give up on an agent that does not \
             poll within {} s of the launch",
            policy.ready_within.as_secs(),
            CODEDEPLOY_WAITS.as_secs()
        )
    });
    let observed = (policy.mode == Mode::Observe)
        .then(|| "agent last: in mode observe nobody starts the agent, so CodeDeploy cannot deploy".to_owned());
    early.into_iter().chain(slow).chain(observed).collect()
}
