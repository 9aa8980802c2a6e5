//! `GetCommandInvocation`: what the last runs wrote beside their reports. The instance is about to vanish.

use lifecycle::observation::{Errand, Run, RunState};
use tracing::warn;

use crate::error::CallError;
use crate::handler::Invocation;
use crate::look::Look;

/// The standard error of the last ended readiness run, and of the last repair unless that one says that it has mended
/// all: a finding that outlives a repair is explained by what kept the repair from mending it. Up to 8,000 characters
/// each (AWS-FACTS 6.4).
pub(super) async fn evidence(look: &Look, invocation: &Invocation<'_>) -> Option<String> {
    let runs = look.seen.runs.known()?;
    let last = |errand| runs.iter().find(|run| run.errand == errand && ended(run));
    let repair = last(Errand::Repair).filter(|run| !content(run));
    let (seen, mending) =
        tokio::join!(stderr(last(Errand::Readiness), look, invocation), stderr(repair, look, invocation),);
    let step = repair.and_then(|run| run.step.as_deref()).unwrap_or("unknown");
    let mending = mending.map(|text| format!("== the last repair, step {step}\n{text}"));
    let told: Vec<String> = seen.into_iter().chain(mending).collect();
    (!told.is_empty()).then(|| told.join("\n"))
}

async fn stderr(run: Option<&Run>, look: &Look, invocation: &Invocation<'_>) -> Option<String> {
    let run = run?;
    let call = invocation.aws.ssm.get_command_invocation().command_id(&run.command);
    // Of a command with several steps AWS tells only about one that is named (AWS-FACTS 6.4).
    let call = call.set_plugin_name(run.step.clone().filter(|_| run.errand == Errand::Repair));
    let answer = call.instance_id(look.instance.as_str()).send().await;
    // The reports are already in hand; what is missing here delays nothing.
    let answer = answer.map_err(|error| CallError::new("GetCommandInvocation", &look.instance, &error));
    let answer = answer.inspect_err(|error| warn!(%error, "no evidence")).ok()?;
    answer.standard_error_content.filter(|text| !text.is_empty())
}

fn ended(run: &Run) -> bool {
    matches!(run.state, RunState::Reported { .. } | RunState::Lost { .. })
}

fn content(run: &Run) -> bool {
    matches!(&run.state, RunState::Reported { report, .. } if report.ready)
}
