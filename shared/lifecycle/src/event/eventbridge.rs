//! Chooses the reader of an EventBridge event by its `source` and `detail-type`.

use serde::Deserialize;
use serde_json::Value;

use super::envelope::Envelope;
use super::{Event, ParseError, deployment, launch, malformed, nudge};

pub(super) fn read(value: &Value) -> Result<Event, ParseError> {
    let envelope = Envelope::deserialize(value).map_err(|error| malformed("EventBridge event", error))?;
    match (envelope.source.as_str(), envelope.detail_type.as_str()) {
        ("aws.autoscaling", "EC2 Instance-launch Lifecycle Action") => launch::read(&envelope),
        ("aws.ssm", "EC2 Command Invocation Status-change Notification") => nudge::read_run_ended(&envelope),
        ("aws.ssm", "SSM Managed Instance Registration") => Ok(nudge::read_registration(&envelope)),
        ("aws.codedeploy", "CodeDeploy Instance State-change Notification") => nudge::read_deployment(&envelope),
        ("aws.codedeploy", "CodeDeploy Deployment State-change Notification") => deployment::read(&envelope),
        ("aws.events", "Scheduled Event") => Ok(Event::Sweep),
        (source, detail_type) => Ok(Event::Unconcerned(format!("{detail_type} from {source}"))),
    }
}
