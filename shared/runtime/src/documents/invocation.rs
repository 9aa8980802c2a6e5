//! Reads one command invocation, as SSM lists it, as one of our runs. The open enums of the SDK end here.

use aws_sdk_ssm::types::{CommandInvocation, CommandInvocationStatus as Status, CommandPlugin};
use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;
use lifecycle::report::{Class, Finding, Report};
use lifecycle::run::{Loss, Purpose, Run, RunState};

use super::{Documents, comment};

/// The exit codes of a step whose report says ready (ARCHITECTURE.md#the-report). After 168 the SSM Agent skips the
/// steps that follow and calls this one a success (aws-facts 17).
const READY: [i32; 2] = [0, 168];
/// The exit codes of a step whose report says not ready. After 169 the SSM Agent skips the steps that follow and calls
/// this one a failure (aws-facts 17).
const NOT_READY: [i32; 2] = [10, 169];

/// Part of what the SSM Agent says of a step that it has skipped (aws-facts 17).
const SKIPPED: &str = "skipped due to";
/// What the system says if no space is left on the disk.
const NO_SPACE: &str = "no space left on device";

/// The run of a launch that this invocation is, and the instance that it runs on; nothing if it is not of one of our
/// documents, or if validate-service started it.
#[must_use]
pub fn read_run(listed: CommandInvocation, now: Timestamp, documents: Documents<'_>) -> Option<(InstanceId, Run)> {
    let validates = comment::is_validation(listed.comment().unwrap_or_default());
    if validates { None } else { read(listed, now, documents) }
}

/// The run of validate-service that this invocation is, if its comment is this one.
#[must_use]
pub fn read_validation(
    listed: CommandInvocation,
    now: Timestamp,
    readiness: &str,
    comment: &str,
) -> Option<(InstanceId, Run)> {
    let wanted = listed.comment() == Some(comment);
    if wanted { read(listed, now, Documents { readiness, install: None }) } else { None }
}

fn read(listed: CommandInvocation, now: Timestamp, documents: Documents<'_>) -> Option<(InstanceId, Run)> {
    let document = listed.document_name.as_deref()?;
    let comment = listed.comment.as_deref().unwrap_or_default();
    let purpose = match document {
        _ if document == documents.readiness => Purpose::Readiness,
        _ if Some(document) == documents.install && comment::starts_agent(comment) => Purpose::StartAgent,
        _ if Some(document) == documents.install => Purpose::Repair,
        _ => return None,
    };
    let requested = Timestamp::from_millis(listed.requested_date_time?.to_millis().ok()?);
    let reporting = find_reporting_step(&listed, purpose);
    let silent = if reporting.is_none() { find_last_step_that_ran(&listed) } else { None };
    let step = reporting.as_ref().map(|(step, _)| *step).or(silent).and_then(|step| step.name.clone());
    let output = silent.and_then(|step| step.output.clone());
    let report = reporting.map(|(_, report)| report).or_else(|| report_full_disk(output.as_deref()?));
    let state = read_state(&listed, report, purpose, requested, now);
    let text = listed.comment.unwrap_or_default();
    let (launched, destination) = (comment::read_launched(&text), comment::read_destination(&text));
    let wait = comment::read_wait(&text);
    let command = listed.command_id?;
    Some((
        listed.instance_id?.try_into().ok()?,
        Run { purpose, command, step, output, launched, destination, wait, requested, state },
    ))
}

fn read_state(
    listed: &CommandInvocation,
    report: Option<Report>,
    purpose: Purpose,
    requested: Timestamp,
    now: Timestamp,
) -> RunState {
    // The end is told by the clock of the instance, which may be wrong by hours.
    let at = read_end(listed).map_or(requested, |end| end.clamp(requested, now.max(requested)));
    let lost = |otherwise| RunState::Lost { at, loss: read_loss(listed, otherwise) };
    match (&listed.status, report) {
        (Some(Status::Pending | Status::Delayed), _) => RunState::Sent,
        (Some(Status::Success | Status::Failed), Some(report)) => RunState::Reported { at, report },
        // A step of a repair may be cut off and the last step still report.
        (Some(Status::TimedOut | Status::Cancelled), Some(report)) if purpose.mends() => {
            RunState::Reported { at, report }
        }
        (Some(Status::Success | Status::Failed), None) => lost(Loss::Broken),
        (Some(Status::TimedOut), _) => lost(Loss::TimedOut),
        (Some(Status::Cancelled), _) => lost(Loss::Cancelled),
        // In progress, cancelling, or a status that AWS has added since: the run is not known to have ended.
        _ => RunState::Running,
    }
}

/// When the step that ended last ended.
fn read_end(listed: &CommandInvocation) -> Option<Timestamp> {
    let ends = listed.command_plugins().iter().filter_map(|step| step.response_finish_date_time?.to_millis().ok());
    ends.max().map(Timestamp::from_millis)
}

/// The last step that printed a report, and the report. In a repair any step may print it: the first if nothing had to be
/// installed, else the last. The status of the command as a whole says nothing about either.
fn find_reporting_step(listed: &CommandInvocation, purpose: Purpose) -> Option<(&CommandPlugin, Report)> {
    let all = listed.command_plugins();
    let steps = if purpose.mends() { all } else { all.get(..1).unwrap_or_default() };
    steps.iter().rev().find_map(|step| Some((step, read_report(step, purpose)?)))
}

/// The report of a step, if its exit code says the same.
fn read_report(step: &CommandPlugin, purpose: Purpose) -> Option<Report> {
    let report = Report::read(step.output().unwrap_or_default())?;
    let codes = if report.ready { READY } else { NOT_READY };
    let agrees = if purpose.mends() { codes.contains(&step.response_code()) } else { step.response_code() == codes[0] };
    agrees.then_some(report)
}

/// A step that never began has printed nothing. The output of one that was skipped only says so.
fn find_last_step_that_ran(listed: &CommandInvocation) -> Option<&CommandPlugin> {
    let ran =
        |step: &&CommandPlugin| step.output().is_some_and(|output| !output.is_empty() && !output.contains(SKIPPED));
    listed.command_plugins().iter().rev().find(ran)
}

/// The report that a script would make if it could start: below about 100 KB of free space none does (aws-facts 17).
fn report_full_disk(output: &str) -> Option<Report> {
    let why = output.lines().find(|line| line.contains(NO_SPACE))?;
    let detail = format!("no script starts: {}", why.trim());
    let finding = Finding { check: "disk".into(), code: "disk-full".into(), class: Class::Transient, detail };
    Some(Report {
        v: 1,
        ready: false,
        waited_s: 0,
        agent: None,
        agent_early: false,
        findings: vec![finding],
        installed: None,
    })
}

/// `StatusDetails` is free text, which occurs with and without spaces (aws-facts 6.3).
fn read_loss(listed: &CommandInvocation, otherwise: Loss) -> Loss {
    let details = listed.status_details().unwrap_or_default().replace(' ', "");
    match details.as_str() {
        "DeliveryTimedOut" | "Undeliverable" => Loss::Undelivered,
        "ExecutionTimedOut" => Loss::TimedOut,
        "Terminated" => Loss::Cancelled,
        "AccessDenied" | "InvalidPlatform" => Loss::Refused,
        _ => otherwise,
    }
}
