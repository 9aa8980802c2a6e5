//! One readiness run with the service's checks, from its start to its end.

use std::time::Duration;

use lifecycle::observation::{Loss, RunState};
use lifecycle::policy::Policy;
use lifecycle::report::Report;
use runtime::CallError;
use runtime::run::{DELIVERY_SECONDS, Documents, Parameters, read};
use tokio::time::{sleep, timeout};

use crate::answer::Inconclusive;
use crate::handler::Invocation;
use crate::request::Request;

/// The longest wait on the instance for the service to come up.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// What a run needs beside its wait: the way there and back, and a check that is slow.
const BESIDE_THE_WAIT: Duration = Duration::from_secs(30);
/// How soon the first look at the run comes, and how far apart the later ones are at most: many instances may be
/// deployed to at once, and all ask the same SSM.
const FIRST_LOOK: Duration = Duration::from_secs(1);
const APART: Duration = Duration::from_secs(5);

/// What the run reports.
pub(crate) async fn report(
    request: &Request,
    policy: &Policy,
    invocation: &Invocation<'_>,
) -> Result<Report, Inconclusive> {
    let wait = invocation.left().saturating_sub(BESIDE_THE_WAIT).min(LONGEST_WAIT);
    let parameters = Parameters::of_readiness(policy, false, wait);
    let command = invocation.within("starting the run", send(request, &parameters, invocation)).await?;
    let (mut pause, mut seen) = (FIRST_LOOK, Ok(None));
    while invocation.left() > pause {
        sleep(pause).await;
        pause = APART.min(pause * 2);
        // A look that the time ends leaves what was seen before.
        let Ok(looked) = timeout(invocation.left(), look(&command, request, invocation)).await else { break };
        seen = looked;
        match &seen {
            Ok(Some(RunState::Reported { report, .. })) => return Ok(report.clone()),
            Ok(Some(RunState::Lost { loss, .. })) => return Err(Inconclusive(lost(*loss, &command))),
            // Not listed yet, under way, or unreadable for now.
            Ok(Some(RunState::Sent | RunState::Running) | None) | Err(_) => {}
        }
    }
    seen?;
    let last = invocation.last.told();
    Err(Inconclusive(format!("the run {command} had not ended when the time was over{last}")))
}

async fn send(request: &Request, parameters: &Parameters, invocation: &Invocation<'_>) -> Result<String, CallError> {
    let instance = request.instance_id.as_str();
    let call = invocation.aws.ssm.send_command().document_name(&invocation.config.readiness_document);
    let call = call.set_parameters(Some(parameters.sent())).instance_ids(instance).timeout_seconds(DELIVERY_SECONDS);
    // At most 100 characters (AWS-FACTS 6.2): cut off, since a caller may have made the id up.
    let comment: String = format!("launchgate: validates {}", request.deployment_id).chars().take(100).collect();
    let answer = call.comment(comment).send().await;
    let answer = answer.map_err(|error| CallError::new("SendCommand", instance, &error))?;
    Ok(answer.command.and_then(|command| command.command_id).unwrap_or_default())
}

/// Where the run stands; nothing if SSM does not list it yet, which it may not right after it was sent (AWS-FACTS 6.4).
async fn look(command: &str, request: &Request, invocation: &Invocation<'_>) -> Result<Option<RunState>, CallError> {
    let instance = request.instance_id.as_str();
    let call = invocation.aws.ssm.list_command_invocations().command_id(command).instance_id(instance).details(true);
    let answer = call.send().await.map_err(|error| CallError::new("ListCommandInvocations", instance, &error))?;
    let documents = Documents { readiness: &invocation.config.readiness_document, install: None };
    let mut listed = answer.command_invocations.into_iter().flatten();
    let run = listed.find_map(|listed| read(listed, invocation.now(), documents));
    Ok(run.map(|(_, run)| run.state))
}

fn lost(loss: Loss, command: &str) -> String {
    let how = match loss {
        Loss::Undelivered => "was not delivered: the SSM Agent does not take it",
        Loss::TimedOut => "was cut off: a check hangs",
        Loss::Cancelled => "was cancelled by somebody",
        Loss::Refused => "was refused: the platform or the permissions",
        Loss::Broken => "ended without a report: the probe itself broke",
    };
    format!("the run {command} {how}")
}
