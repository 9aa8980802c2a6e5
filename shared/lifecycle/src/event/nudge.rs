//! Events that only say "look at this instance now". The look reads AWS itself and does not believe the event, but for
//! one thing: a registration saves the read of the ping before a readiness run, which changes nothing on the instance and
//! which SSM refuses if it does not know the instance. So an event that is late, sent twice, lost or forged does no harm.

use serde::Deserialize;
use serde_json::Value;

use super::envelope::Envelope;
use super::{Event, ParseError, malformed};
use crate::identity::InstanceId;
use crate::timestamp::Timestamp;

/// A reason to look at one instance now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nudge {
    /// The instance to look at.
    pub instance: InstanceId,
    /// What is said to have happened there.
    pub news: News,
}

/// What is said to have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A run of this command ended.
    RunEnded(Option<String>),
    /// The SSM agent registered, at this moment.
    Registered(Timestamp),
    /// A deployment changed its state on the instance.
    Deployment,
}

/// `EC2 Command Invocation Status-change Notification` (aws-facts 1.5). The sample that AWS publishes names another
/// instance in `resources` than in `detail`: the detail is right.
pub(super) fn read_run_ended(envelope: &Envelope) -> Result<Event, ParseError> {
    #[derive(Deserialize)]
    struct Detail {
        #[serde(rename = "instance-id")]
        instance: InstanceId,
        #[serde(rename = "command-id")]
        command: Option<String>,
    }
    let detail = Detail::deserialize(&envelope.detail).map_err(|error| malformed("command invocation event", error))?;
    Ok(nudge(detail.instance, News::RunEnded(detail.command)))
}

/// `SSM Managed Instance Registration`. Its payload is unconfirmed (aws-facts 1.6), so the instance is looked for under
/// every spelling that SSM uses elsewhere, then among the resources.
pub(super) fn read_registration(envelope: &Envelope) -> Event {
    let spelled = ["instance-id", "instanceId", "InstanceId", "managed-instance-id", "managedInstanceId"];
    let named = spelled.iter().filter_map(|key| envelope.detail.get(key)?.as_str());
    let instance = named
        .filter_map(|id| InstanceId::try_from(id.to_owned()).ok())
        .chain(envelope.resources.iter().filter_map(|arn| InstanceId::from_arn(arn)))
        .next();
    // A hybrid node (`mi-…`) registers too; it is in no Auto Scaling group.
    instance.map_or_else(
        || Event::Unconcerned("registration of a node that is not an EC2 instance".into()),
        |instance| nudge(instance, News::Registered(envelope.time)),
    )
}

/// `CodeDeploy Instance State-change Notification` (aws-facts 1.8). On-premises instances have these too, under `mi-…` or
/// a name of their own; they are in no Auto Scaling group.
pub(super) fn read_deployment(envelope: &Envelope) -> Result<Event, ParseError> {
    let id = envelope.detail.get("instanceId").and_then(Value::as_str).unwrap_or_default();
    if is_on_premises(id) {
        return Ok(Event::Unconcerned("deployment to an instance that is not of EC2".into()));
    }
    // The SNS trigger writes a whole ARN here (aws-facts 1.8); both name the same instance.
    let instance = InstanceId::from_arn(id).map_or_else(|| InstanceId::try_from(id.to_owned()), Ok);
    instance
        .map(|instance| nudge(instance, News::Deployment))
        .map_err(|error| malformed("CodeDeploy instance event", error))
}

/// Whether this names an instance, alone or at the end of an ARN, and not one of EC2.
fn is_on_premises(id: &str) -> bool {
    let name = id.rsplit_once("instance/").map_or(id, |(_, name)| name);
    !name.is_empty() && !name.starts_with("i-")
}

fn nudge(instance: InstanceId, news: News) -> Event {
    Event::Nudge(Nudge { instance, news })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Event, ParseError, parse};

    fn read_deployment(detail: &serde_json::Value) -> Result<Event, ParseError> {
        let body = json!({
            "detail-type": "CodeDeploy Instance State-change Notification", "source": "aws.codedeploy",
            "time": "2026-09-14T08:33:05Z", "detail": detail,
        });
        parse(body.to_string().as_bytes(), None)
    }

    #[test]
    fn a_deployment_on_premises_concerns_nobody() {
        for id in ["mi-0a1b2c3d4e5f60718", "rack-7", "arn:aws:codedeploy:us-east-1:111122223333:instance/rack-7_abc"] {
            let read = read_deployment(&json!({"instanceId": id}));
            assert!(matches!(read, Ok(Event::Unconcerned(_))), "{id}: {read:?}");
        }
    }

    #[test]
    fn a_deployment_without_a_well_formed_instance_is_malformed() {
        for detail in [json!({}), json!({"instanceId": ""}), json!({"instanceId": 7}), json!({"instanceId": "i-xyz"})] {
            let read = read_deployment(&detail);
            assert!(matches!(read, Err(ParseError::Malformed { kind: "CodeDeploy instance event", .. })), "{read:?}");
        }
    }
}
