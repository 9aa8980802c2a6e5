//! One readiness run with the service's checks, from its start to its end.

use std::time::Duration;

use lifecycle::policy::Policy;
use lifecycle::report::Report;
use lifecycle::run::{Loss, RunState};
use runtime::CallError;
use runtime::documents::{DELIVERY_SECONDS, DOCUMENT_VERSION, Documents, Parameters, read_run};
use tokio::time::{sleep, timeout};

use crate::answer::Inconclusive;
use crate::context::Context;
use crate::request::Request;

/// The longest wait on the instance for the service to come up.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// How long a run takes beside its wait: the command reaches the instance, the report comes back, one check is slow.
const BESIDE_THE_WAIT: Duration = Duration::from_secs(30);
/// When the run is looked at first.
const FIRST_LOOK: Duration = Duration::from_secs(1);
/// The longest pause between two looks. Many instances may be deployed to at once, and all ask the same SSM.
const APART: Duration = Duration::from_secs(5);

/// Starts the run and waits for its report.
pub(crate) async fn run_readiness(
    request: &Request,
    policy: &Policy,
    context: &Context<'_>,
) -> Result<Report, Inconclusive> {
    let wait = context.budget.left().saturating_sub(BESIDE_THE_WAIT).min(LONGEST_WAIT);
    let parameters = Parameters::of_readiness(policy, false, wait);
    let command = context.within("starting the run", send(request, &parameters, context)).await?;
    let (mut pause, mut seen) = (FIRST_LOOK, Ok(None));
    while context.budget.left() > pause {
        sleep(pause).await;
        pause = APART.min(pause * 2);
        // If the time ends during a look, what was seen before counts.
        let Ok(looked) = timeout(context.budget.left(), read_state(&command, request, context)).await else { break };
        seen = looked;
        match &seen {
            Ok(Some(RunState::Reported { report, .. })) => return Ok(report.clone()),
            Ok(Some(RunState::Lost { loss, .. })) => return Err(Inconclusive(tell_loss(*loss, &command))),
            // Not listed yet, under way, or unreadable for now.
            Ok(Some(RunState::Sent | RunState::Running) | None) | Err(_) => {}
        }
    }
    seen?;
    let last = context.calls.tell_last_failure();
    Err(Inconclusive(format!("the run {command} had not ended when the time was over{last}")))
}

async fn send(request: &Request, parameters: &Parameters, context: &Context<'_>) -> Result<String, CallError> {
    let instance = request.instance_id.as_str();
    let call = context.aws.ssm.send_command().document_name(&context.config.document);
    let call = call.document_version(DOCUMENT_VERSION).set_parameters(Some(parameters.to_request()));
    let call = call.instance_ids(instance).timeout_seconds(DELIVERY_SECONDS);
    // At most 100 characters (aws-facts 6.2): cut off, since a caller may have made the id up.
    let comment: String = format!("launchgate: validates {}", request.deployment_id).chars().take(100).collect();
    let answer = call.comment(comment).send().await;
    let answer = answer.map_err(|error| CallError::new("SendCommand", instance, &error))?;
    Ok(answer.command.and_then(|command| command.command_id).unwrap_or_default())
}

/// The state of the run; nothing if SSM does not list it yet, as may be right after it was sent (aws-facts 6.4).
async fn read_state(command: &str, request: &Request, context: &Context<'_>) -> Result<Option<RunState>, CallError> {
    let instance = request.instance_id.as_str();
    let call = context.aws.ssm.list_command_invocations().command_id(command).instance_id(instance).details(true);
    let answer = call.send().await.map_err(|error| CallError::new("ListCommandInvocations", instance, &error))?;
    let documents = Documents { readiness: &context.config.document, install: None };
    let mut listed = answer.command_invocations.into_iter().flatten();
    let run = listed.find_map(|listed| read_run(listed, context.now(), documents));
    Ok(run.map(|(_, run)| run.state))
}

fn tell_loss(loss: Loss, command: &str) -> String {
    let how = match loss {
        Loss::Undelivered => "was not delivered: the SSM Agent does not take it",
        Loss::TimedOut => "was cut off: a check hangs",
        Loss::Cancelled => "was cancelled by somebody",
        Loss::Refused => "was refused: the platform or the permissions",
        Loss::Broken => "ended without a report: the probe itself broke",
    };
    format!("the run {command} {how}")
}
