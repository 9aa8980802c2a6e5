//! Operations on commands.

use std::time::Duration;

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::super::model::commands::{Command, CommandMembers};
use super::super::model::invocations::RunState;
use super::super::model::parameters::Given;
use super::super::{Fleet, Refused};
use super::bounds::{COMMAND, COMMENT, CONCURRENCY, DOCUMENT, ERRORS, INSTANCE, VERSION};
use super::invocations::{Filters, details};
use super::members::Members;
use super::times::epoch;
use super::{Outcome, page};

pub(super) fn send(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let sent = read(members)?;
    let id = fleet.send(now, sent)?;
    let command = fleet.commands.get(&id).ok_or_else(|| Refused::new("InternalServerError", "the command was lost"))?;
    Ok(json!({"Command": command_json(fleet, command)}))
}

fn read(members: &Members<'_>) -> Result<CommandMembers, Refused> {
    let instances = members.texts("InstanceIds", 50, &INSTANCE)?;
    if !members.list("Targets", 5)?.is_empty() {
        return Err(Refused::validation("the fleet takes InstanceIds, not Targets"));
    }
    if instances.is_empty() {
        return Err(Refused::validation("InstanceIds or Targets is required"));
    }
    // Delivery time-out 3,600 s if none is given ([BOTO ssm:SendCommandRequest.TimeoutSeconds]).
    let timeout = members.number("TimeoutSeconds", 30..=2_592_000)?.unwrap_or(3600);
    Ok(CommandMembers {
        document: members.required("DocumentName", &DOCUMENT)?.to_owned(),
        version: members.owned("DocumentVersion", &VERSION)?,
        instances,
        parameters: parameters(members)?,
        comment: members.owned("Comment", &COMMENT)?.unwrap_or_default(),
        timeout: Duration::from_secs(u64::try_from(timeout).unwrap_or(3600)),
        max_concurrency: members.owned("MaxConcurrency", &CONCURRENCY)?.unwrap_or_else(|| "50".to_owned()),
        max_errors: members.owned("MaxErrors", &ERRORS)?.unwrap_or_else(|| "0".to_owned()),
    })
}

fn parameters(members: &Members<'_>) -> Result<Given, Refused> {
    let Some(given) = members.structure("Parameters")? else {
        return Ok(Given::new());
    };
    given.entries().map(|(name, _)| Ok((name.clone(), given.texts(name, usize::MAX, &super::bounds::ANY)?))).collect()
}

pub(super) fn cancel(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let id = members.required("CommandId", &COMMAND)?;
    fleet.cancel(now, id, &members.texts("InstanceIds", 50, &INSTANCE)?)?;
    Ok(json!({}))
}

/// Newest first.
pub(super) fn list(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let filters = Filters::read(members)?;
    let id = members.text("CommandId", &COMMAND)?;
    let instance = members.text("InstanceId", &INSTANCE)?;
    let most = members.number("MaxResults", 1..=50)?.unwrap_or(50);
    let seen = fleet.command_order.iter().rev().filter_map(|id| fleet.seen_command(now, id));
    let meant = seen.filter(|command| {
        id.is_none_or(|id| command.id == id)
            && instance.is_none_or(|instance| command.invocations.contains_key(instance))
    });
    let meant = meant.filter(|command| filters.meet(command, command.state.status(), command.state.details()));
    if id.is_some_and(|id| fleet.seen_command(now, id).is_none()) {
        return Err(Refused::new("InvalidCommandId", ""));
    }
    page::of("Commands", meant, |command| command_json(fleet, command), members, most)
}

fn command_json(fleet: &Fleet, command: &Command) -> Value {
    json!({
        "CommandId": command.id, "DocumentName": command.document, "DocumentVersion": command.version.number.to_string(),
        "Comment": command.comment, "ExpiresAfter": epoch(command.expires), "Parameters": command.parameters,
        "InstanceIds": command.instances().collect::<Vec<_>>(), "Targets": [],
        "RequestedDateTime": epoch(command.requested),
        "Status": command.state.status(), "StatusDetails": details(fleet, command.state.details()),
        "OutputS3BucketName": "", "OutputS3KeyPrefix": "", "OutputS3Region": fleet.settings.region,
        "MaxConcurrency": command.max_concurrency, "MaxErrors": command.max_errors,
        "TargetCount": command.invocations.len(), "CompletedCount": command.count(RunState::ended),
        "ErrorCount": command.count(RunState::is_error),
        "DeliveryTimedOutCount": command.count(|state| state == RunState::DeliveryTimedOut),
        "ServiceRole": "", "TimeoutSeconds": command.timeout.as_secs(),
        "NotificationConfig": {"NotificationArn": "", "NotificationEvents": [], "NotificationType": ""},
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": false},
    })
}
