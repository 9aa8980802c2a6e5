//! `GetCommandInvocation`: what the last run wrote beside its report. The instance is about to vanish.

use lifecycle::observation::{Errand, Run, RunState};
use tracing::warn;

use crate::error::CallError;
use crate::handler::Invocation;
use crate::look::Look;

/// The standard error of the last ended readiness run: up to 8,000 characters (AWS-FACTS 6.4).
pub(super) async fn evidence(look: &Look, invocation: &Invocation<'_>) -> Option<String> {
    let run = look.seen.runs.known()?.iter().find(|run| ended(run))?;
    let call = invocation.aws.ssm.get_command_invocation().command_id(&run.command);
    let answer = call.instance_id(look.instance.as_str()).send().await;
    // The report is already in hand; what is missing here delays nothing.
    let answer = answer.map_err(|error| CallError::new("GetCommandInvocation", &look.instance, &error));
    let answer = answer.inspect_err(|error| warn!(%error, "no evidence")).ok()?;
    answer.standard_error_content.filter(|text| !text.is_empty())
}

fn ended(run: &Run) -> bool {
    run.errand == Errand::Readiness && matches!(run.state, RunState::Reported { .. } | RunState::Lost { .. })
}
