//! One command invocation as SSM lists it, read as one of our runs. The open enums of the SDK end here.

use aws_sdk_ssm::types::{CommandInvocation, CommandInvocationStatus as Status, CommandPlugin};
use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;
use lifecycle::observation::{Errand, Loss, Run, RunState};
use lifecycle::report::Report;

use super::Documents;
use crate::comment;

/// The exit codes of a step that prints a report (DESIGN 6). The second of each kind also ends the command: with 168 the
/// SSM Agent calls the step a success, with 169 a failure, and skips the rest (its runpluginutil.go).
const READY: [i32; 2] = [0, 168];
const NOT_READY: [i32; 2] = [10, 169];

/// The run that this invocation is, if it is of one of our documents, and the instance that it is on.
#[must_use]
pub fn read(listed: CommandInvocation, now: Timestamp, documents: Documents<'_>) -> Option<(InstanceId, Run)> {
    let document = listed.document_name.as_deref()?;
    let errand = match document {
        _ if document == documents.readiness => Errand::Readiness,
        _ if Some(document) == documents.install => Errand::Repair,
        _ => return None,
    };
    let requested = Timestamp::from_millis(listed.requested_date_time?.to_millis().ok()?);
    let spoken = spoken(&listed, errand);
    let step = spoken.as_ref().map_or_else(|| last_that_ran(&listed), |(step, _)| step.name.clone());
    let state = state(&listed, spoken.map(|(_, report)| report), errand, requested, now);
    let comment = listed.comment.unwrap_or_default();
    let (launched, phase) = (comment::launched(&comment), comment::phase(&comment));
    let command = listed.command_id?;
    Some((listed.instance_id?.try_into().ok()?, Run { errand, command, step, launched, phase, requested, state }))
}

fn state(
    listed: &CommandInvocation,
    report: Option<Report>,
    errand: Errand,
    requested: Timestamp,
    now: Timestamp,
) -> RunState {
    // The end is told by the instance's own clock, which may be wrong by hours.
    let at = finished(listed).map_or(requested, |end| end.clamp(requested, now.max(requested)));
    let lost = |otherwise| RunState::Lost { at, loss: loss(listed, otherwise) };
    match (&listed.status, report) {
        (Some(Status::Pending | Status::Delayed), _) => RunState::Sent,
        (Some(Status::Success | Status::Failed), Some(report)) => RunState::Reported { at, report },
        // A step of a repair that was cut off does not keep the next from mending.
        (Some(Status::TimedOut | Status::Cancelled), Some(report)) if errand == Errand::Repair => {
            RunState::Reported { at, report }
        }
        (Some(Status::Success | Status::Failed), None) => lost(Loss::Broken),
        (Some(Status::TimedOut), _) => lost(Loss::TimedOut),
        (Some(Status::Cancelled), _) => lost(Loss::Cancelled),
        // In progress, cancelling, or a status that AWS has added since: the run is not known to have ended.
        _ => RunState::Running,
    }
}

/// The end of the step that ended last.
fn finished(listed: &CommandInvocation) -> Option<Timestamp> {
    let ends = listed.command_plugins().iter().filter_map(|step| step.response_finish_date_time?.to_millis().ok());
    ends.max().map(Timestamp::from_millis)
}

/// The last step that printed a report, and what it says. Of a repair any may: the first one if it had nothing to
/// install, the last one otherwise, and what the command is as a whole says nothing about either.
fn spoken(listed: &CommandInvocation, errand: Errand) -> Option<(&CommandPlugin, Report)> {
    let steps = match errand {
        Errand::Readiness => listed.command_plugins().get(..1).unwrap_or_default(),
        Errand::Repair => listed.command_plugins(),
    };
    steps.iter().rev().find_map(|step| Some((step, report(step, errand)?)))
}

/// The report, if the exit code says the same as it does.
fn report(step: &CommandPlugin, errand: Errand) -> Option<Report> {
    let report = Report::read(step.output().unwrap_or_default())?;
    let codes = if report.ready { READY } else { NOT_READY };
    let agrees = match errand {
        Errand::Readiness => step.response_code() == codes[0],
        Errand::Repair => codes.contains(&step.response_code()),
    };
    agrees.then_some(report)
}

/// Steps that were skipped, or never begun, have printed nothing.
fn last_that_ran(listed: &CommandInvocation) -> Option<String> {
    let ran = |step: &&CommandPlugin| step.output().is_some_and(|output| !output.is_empty());
    listed.command_plugins().iter().rev().find(ran).and_then(|step| step.name.clone())
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
