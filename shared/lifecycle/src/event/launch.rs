//! `EC2 Instance-launch Lifecycle Action` (aws-facts 1.1): one per hook and instance.

use serde::{Deserialize, Serialize};

use super::envelope::Envelope;
use super::{Event, ParseError, malformed};
use crate::identity::{InstanceId, Token};
use crate::timestamp::Timestamp;

/// The transition of a launch hook (aws-facts 1.1).
pub(super) const LAUNCHING: &str = "autoscaling:EC2_INSTANCE_LAUNCHING";

/// One launch lifecycle action: one instance held by one hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchAction {
    /// The instance that waits.
    pub instance: InstanceId,
    /// Its Auto Scaling group.
    pub group: String,
    /// The hook that holds it.
    pub hook: String,
    /// Names exactly this action; absent if the message has no token of the right form.
    pub token: Option<Token>,
    /// When the action began.
    pub began: Timestamp,
    /// The hook's `NotificationMetadata`: the owner's policy as text.
    pub metadata: Option<String>,
    /// Where the instance is going, if the event says so.
    pub destination: Option<Destination>,
}

/// Where an instance is going (aws-facts 1.1, the Origin/Destination matrix).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// Into service, held in `Pending:Wait`.
    Service,
    /// Into the warm pool, held in `Warmed:Pending:Wait`.
    Pool,
}

/// The keys that the EventBridge detail and the flat message share.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Detail {
    #[serde(default)]
    lifecycle_action_token: String,
    auto_scaling_group_name: String,
    lifecycle_hook_name: String,
    #[serde(rename = "EC2InstanceId")]
    instance: InstanceId,
    lifecycle_transition: String,
    notification_metadata: Option<String>,
    destination: Option<String>,
}

impl Detail {
    /// The launch that this detail tells of. Any other transition is unconcerned.
    pub(super) fn into_event(self, began: Timestamp) -> Event {
        if self.lifecycle_transition != LAUNCHING {
            return Event::Unconcerned(format!("lifecycle transition {}", self.lifecycle_transition));
        }
        Event::Launch(LaunchAction {
            token: Token::new(&self.lifecycle_action_token),
            destination: read_destination(self.destination.as_deref()),
            instance: self.instance,
            group: self.auto_scaling_group_name,
            hook: self.lifecycle_hook_name,
            began,
            metadata: self.notification_metadata,
        })
    }
}

/// A group without a warm pool sends no destination, and one with a pool sends it only "if available" (aws-facts 1.1).
fn read_destination(name: Option<&str>) -> Option<Destination> {
    match name? {
        "WarmPool" => Some(Destination::Pool),
        "AutoScalingGroup" => Some(Destination::Service),
        _ => None,
    }
}

pub(super) fn read(envelope: &Envelope) -> Result<Event, ParseError> {
    let detail = Detail::deserialize(&envelope.detail).map_err(|error| malformed("launch lifecycle action", error))?;
    Ok(detail.into_event(envelope.time))
}
