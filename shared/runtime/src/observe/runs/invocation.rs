//! One command invocation as SSM lists it, read as one of our runs. The open enums of the SDK end here.

use aws_sdk_ssm::types::{CommandInvocation, CommandInvocationStatus as Status, CommandPlugin};
use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;
use lifecycle::observation::{Errand, Loss, Run, RunState};
use lifecycle::report::Report;

use crate::comment;
use crate::config::Config;

/// The exit codes of our documents (DESIGN 6).
const READY: i32 = 0;
const NOT_READY: i32 = 10;

/// The run that this invocation is, if it is of one of our documents.
pub(super) fn read(listed: CommandInvocation, now: Timestamp, config: &Config) -> Option<(InstanceId, Run)> {
    let document = listed.document_name.as_deref()?;
    let errand = match document {
        _ if document == config.readiness_document => Errand::Readiness,
        _ if Some(document) == config.install_document.as_deref() => Errand::Repair,
        _ => return None,
    };
    let requested = Timestamp::from_millis(listed.requested_date_time?.to_millis().ok()?);
    let state = state(&listed, requested, now);
    let launched = listed.comment.as_deref().and_then(comment::launched);
    let command = listed.command_id?;
    Some((listed.instance_id?.try_into().ok()?, Run { errand, command, launched, requested, state }))
}

fn state(listed: &CommandInvocation, requested: Timestamp, now: Timestamp) -> RunState {
    let plugin = listed.command_plugins().first();
    let finished = plugin.and_then(|plugin| plugin.response_finish_date_time?.to_millis().ok());
    // The end is told by the instance's own clock, which may be wrong by hours.
    let at = finished.map_or(requested, |millis| Timestamp::from_millis(millis).clamp(requested, now.max(requested)));
    match listed.status {
        Some(Status::Pending | Status::Delayed) => RunState::Sent,
        Some(Status::Success | Status::Failed) => match plugin.and_then(report) {
            Some(report) => RunState::Reported { at, report },
            None => RunState::Lost { at, loss: loss(listed, Loss::Broken) },
        },
        Some(Status::TimedOut) => RunState::Lost { at, loss: loss(listed, Loss::TimedOut) },
        Some(Status::Cancelled) => RunState::Lost { at, loss: loss(listed, Loss::Cancelled) },
        // In progress, cancelling, or a status that AWS has added since: the run is not known to have ended.
        _ => RunState::Running,
    }
}

/// The report, if the exit code says the same as it does.
fn report(plugin: &CommandPlugin) -> Option<Report> {
    let report = Report::read(plugin.output().unwrap_or_default())?;
    let agrees = plugin.response_code() == if report.ready { READY } else { NOT_READY };
    agrees.then_some(report)
}

/// `StatusDetails` is free text that occurs with and without spaces (AWS-FACTS 6.3).
fn loss(listed: &CommandInvocation, otherwise: Loss) -> Loss {
    let details = listed.status_details().unwrap_or_default().replace(' ', "");
    match details.as_str() {
        "DeliveryTimedOut" | "Undeliverable" => Loss::Undelivered,
        "ExecutionTimedOut" => Loss::TimedOut,
        "Terminated" => Loss::Cancelled,
        "AccessDenied" | "InvalidPlatform" => Loss::Refused,
        _ => otherwise,
    }
}
