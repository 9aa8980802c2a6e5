//! Reads the results of commands (aws-facts 6.4).

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::super::model::commands::Command;
use super::super::model::invocations::Invocation;
use super::super::{Fleet, Refused};
use super::bounds::{COMMAND, INSTANCE, Text};
use super::members::Members;
use super::times::{elapsed, epoch};
use super::{Outcome, page};

/// [BOTO ssm:CommandFilterValue]
static FILTER_VALUE: Text = Text::chars(1, 128);
/// [BOTO ssm:CommandPluginName]
static PLUGIN: Text = Text::chars(4, usize::MAX);

/// The filters of a list.
#[derive(Default)]
pub(super) struct Filters {
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    status: Option<String>,
    document: Option<String>,
}

impl Filters {
    pub(super) fn read(members: &Members<'_>) -> Result<Self, Refused> {
        let mut filters = Self::default();
        for filter in members.list("Filters", 5)? {
            let value = filter.required("value", &FILTER_VALUE)?;
            match filter.required("key", &FILTER_VALUE)? {
                "InvokedAfter" => filters.after = Some(moment(value)?),
                "InvokedBefore" => filters.before = Some(moment(value)?),
                "Status" => filters.status = Some(value.to_owned()),
                "DocumentName" => filters.document = Some(value.to_owned()),
                "ExecutionStage" => {}
                _ => return Err(Refused::new("InvalidFilterKey", "")),
            }
        }
        Ok(filters)
    }

    /// A status is named by the coarse word or by the detailed one without blanks (aws-facts 6.3).
    pub(super) fn meet(&self, command: &Command, status: &str, details: &str) -> bool {
        let named = |wanted: &String| wanted == status || *wanted == details.replace(' ', "");
        self.after.is_none_or(|after| command.requested >= after)
            && self.before.is_none_or(|before| command.requested < before)
            && self.status.as_ref().is_none_or(named)
            && self.document.as_ref().is_none_or(|document| *document == command.document)
    }
}

fn moment(text: &str) -> Result<Timestamp, Refused> {
    Timestamp::parse(text).ok_or_else(|| Refused::validation(format!("{text} is not a time in ISO 8601")))
}

/// With blanks or without, as the fleet is set (aws-facts 6.3).
pub(super) fn details(fleet: &Fleet, details: &str) -> String {
    if fleet.settings.spaced_details { details.to_owned() } else { details.replace(' ', "") }
}

/// Newest first.
pub(super) fn list(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let filters = Filters::read(members)?;
    let id = members.text("CommandId", &COMMAND)?;
    let instance = members.text("InstanceId", &INSTANCE)?;
    let whole = members.flag("Details")?.unwrap_or(false);
    let most = usize::try_from(members.number("MaxResults", 1..=50)?.unwrap_or(50)).unwrap_or(50);
    let wanted = |command: &Command, on: &str, invocation: &Invocation| {
        id.is_none_or(|id| command.id == id)
            && instance.is_none_or(|instance| instance == on)
            && filters.meet(command, invocation.state.status(), invocation.state.details())
    };
    let (found, next) = fleet.invocations_page(now, page::place(members)?, most, wanted);
    let described: Vec<Value> = found
        .into_iter()
        .map(|(command, on, invocation)| invocation_json(fleet, command, on, invocation, whole))
        .collect();
    Ok(page::with_next(json!({"CommandInvocations": described}), next))
}

fn invocation_json(fleet: &Fleet, command: &Command, instance: &str, invocation: &Invocation, whole: bool) -> Value {
    let plugins: Vec<Value> = if whole {
        (0..invocation.steps.len()).filter_map(|at| plugin_json(fleet, command, invocation, at)).collect()
    } else {
        Vec::new()
    };
    json!({
        "CommandId": command.id, "InstanceId": instance, "InstanceName": "", "Comment": command.comment,
        "DocumentName": command.document, "DocumentVersion": command.version.number.to_string(),
        "RequestedDateTime": epoch(command.requested), "Status": invocation.state.status(),
        "StatusDetails": details(fleet, invocation.state.details()), "TraceOutput": "",
        "StandardOutputUrl": "", "StandardErrorUrl": "", "CommandPlugins": plugins, "ServiceRole": "",
        "NotificationConfig": {"NotificationArn": "", "NotificationEvents": [], "NotificationType": ""},
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": false},
    })
}

/// One of these for each step, under the name of the step.
fn plugin_json(fleet: &Fleet, command: &Command, invocation: &Invocation, at: usize) -> Option<Value> {
    let (step, run) = (command.version.steps.get(at)?, invocation.told_step(at)?);
    let (status, words) = invocation.step_status(at);
    let mut plugin = json!({
        "Name": step.name, "Status": status, "StatusDetails": details(fleet, words), "ResponseCode": run.code,
        "Output": run.output, "StandardOutputUrl": "", "StandardErrorUrl": "",
        "OutputS3Region": fleet.settings.region, "OutputS3BucketName": "", "OutputS3KeyPrefix": "",
    });
    let times = [("ResponseStartDateTime", run.started), ("ResponseFinishDateTime", run.ended)];
    if let Some(plugin) = plugin.as_object_mut() {
        plugin.extend(times.into_iter().filter_map(|(name, at)| Some((name.to_owned(), epoch(at?)))));
    }
    Some(plugin)
}

/// One step of a run; its status, not that of the whole run.
pub(super) fn get(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let (id, instance) = (members.required("CommandId", &COMMAND)?, members.required("InstanceId", &INSTANCE)?);
    let plugin = members.text("PluginName", &PLUGIN)?;
    let (command, invocation) = fleet.invocation(now, id, instance)?;
    let version = &command.version;
    let found = version.step_at(plugin).and_then(|at| Some((at, version.steps.get(at)?, invocation.told_step(at)?)));
    let (at, step, run) = found.ok_or_else(|| Refused::new("InvalidPluginName", ""))?;
    let (status, words) = invocation.step_status(at);
    // Of a run that never ended by itself there is the run's own status, `Delayed` among them.
    let status = if run.state.ended() || version.steps.len() > 1 { status } else { invocation.state.status() };
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let took = run.started.zip(run.ended).map(|(started, ended)| elapsed(ended.since(started)));
    Ok(json!({
        "CommandId": command.id, "InstanceId": instance, "Comment": command.comment, "DocumentName": command.document,
        "DocumentVersion": version.number.to_string(), "PluginName": step.name,
        "ResponseCode": run.code, "ExecutionStartDateTime": time(run.started),
        "ExecutionElapsedTime": took.unwrap_or_default(), "ExecutionEndDateTime": time(run.ended),
        "Status": status, "StatusDetails": details(fleet, words),
        "StandardOutputContent": run.stdout, "StandardOutputUrl": "",
        "StandardErrorContent": run.stderr, "StandardErrorUrl": "",
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": false},
    }))
}
