//! `CodeDeploy Deployment State-change Notification` (aws-facts 1.7).

use serde::Deserialize;

use super::envelope::Envelope;
use super::{Event, ParseError, malformed};
use crate::timestamp::Timestamp;

/// A deployment that has succeeded on all its instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentSuccess {
    /// Its id.
    pub deployment: String,
    /// Its application.
    pub application: String,
    /// Its deployment group.
    pub deployment_group: String,
    /// When it succeeded.
    pub at: Timestamp,
}

pub(super) fn read(envelope: &Envelope) -> Result<Event, ParseError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Detail {
        deployment_id: String,
        application: String,
        deployment_group: String,
        state: String,
    }
    let detail =
        Detail::deserialize(&envelope.detail).map_err(|error| malformed("CodeDeploy deployment event", error))?;
    if detail.state != "SUCCESS" {
        return Ok(Event::Unconcerned(format!("deployment in the state {}", detail.state)));
    }
    Ok(Event::Deployed(DeploymentSuccess {
        deployment: detail.deployment_id,
        application: detail.application,
        deployment_group: detail.deployment_group,
        at: envelope.time,
    }))
}
