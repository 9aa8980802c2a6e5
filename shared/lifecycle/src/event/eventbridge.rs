//! The EventBridge envelope (AWS-FACTS 1.0), and which reader each `source` and `detail-type` has.

use serde::Deserialize;
use serde_json::Value;

use super::{Event, ParseError, launch, malformed, nudge};
use crate::Timestamp;

/// The part of the envelope that is used. `detail` stays raw until its kind is known.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    source: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    pub(super) time: Timestamp,
    #[serde(default)]
    pub(super) resources: Vec<String>,
    #[serde(default)]
    pub(super) detail: Value,
}

pub(super) fn read(value: &Value) -> Result<Event, ParseError> {
    let envelope = Envelope::deserialize(value).map_err(|error| malformed("EventBridge event", error))?;
    match (envelope.source.as_str(), envelope.detail_type.as_str()) {
        ("aws.autoscaling", "EC2 Instance-launch Lifecycle Action") => launch::read(&envelope),
        ("aws.ssm", "EC2 Command Invocation Status-change Notification") => nudge::command_invocation(&envelope),
        ("aws.ssm", "SSM Managed Instance Registration") => Ok(nudge::registration(&envelope)),
        ("aws.codedeploy", "CodeDeploy Instance State-change Notification") => nudge::deployment(&envelope),
        ("aws.events", "Scheduled Event") => Ok(Event::Sweep),
        (source, detail_type) => Ok(Event::Unconcerned(format!("{detail_type} from {source}"))),
    }
}
