//! `GetCommandInvocation`: what the last runs wrote to standard error, beside their reports. If the SSM Agent itself
//! failed, standard error is empty, and the reason stands in the output that the list of runs showed (aws-facts 17).

use lifecycle::run::Run;
use runtime::CallError;
use tracing::warn;

use crate::context::Context;
use crate::look::Decided;

/// The standard error of the readiness run whose report was decided upon, or of the last one that ended if none reported.
/// The standard error of the last repair follows, unless the repair says that it has mended everything: it tells what
/// kept the repair from mending the finding. AWS gives at most 8,000 characters of each (aws-facts 6.4).
pub(super) async fn read_run_output(decided: &Decided, context: &Context<'_>) -> Option<String> {
    let history = decided.history();
    let reported = history.weighed_report(decided.decision.rule).map(|(run, _)| run);
    let readiness = reported.or_else(|| history.last_readiness());
    let repair = history.last_repair().filter(|run| !has_mended(run));
    let (seen, mending) =
        tokio::join!(read_standard_error(readiness, decided, context), read_standard_error(repair, decided, context));
    let step = repair.and_then(|run| run.step.as_deref()).unwrap_or("unknown");
    let mending = mending.map(|text| format!("== the last repair, step {step}\n{text}"));
    let parts: Vec<String> = seen.into_iter().chain(mending).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

async fn read_standard_error(run: Option<&Run>, decided: &Decided, context: &Context<'_>) -> Option<String> {
    let run = run?;
    let written = ask_for_standard_error(run, decided, context).await;
    written.or_else(|| run.output.clone())
}

async fn ask_for_standard_error(run: &Run, decided: &Decided, context: &Context<'_>) -> Option<String> {
    let instance = &decided.look.instance;
    let call = context.aws.ssm.get_command_invocation().command_id(&run.command).instance_id(instance.as_str());
    // Of a command with several steps AWS tells only about the one that is named (aws-facts 6.4).
    let answer = call.set_plugin_name(run.step.clone().filter(|_| run.purpose.mends())).send().await;
    // The report is already known. An output that cannot be read delays nothing.
    let answer = answer.map_err(|error| CallError::new("GetCommandInvocation", instance, &error));
    let answer = answer.inspect_err(|error| warn!(%error, "the line has no evidence of this run")).ok()?;
    answer.standard_error_content.filter(|text| !text.is_empty())
}

fn has_mended(run: &Run) -> bool {
    run.report().is_some_and(|(_, report)| report.ready)
}
