//! The EventBridge envelope (aws-facts 1.0).

use serde::Deserialize;
use serde_json::Value;

use crate::timestamp::Timestamp;

/// The fields of the envelope that are used. `detail` stays unread until its kind is known.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    pub(super) source: String,
    #[serde(rename = "detail-type")]
    pub(super) detail_type: String,
    pub(super) time: Timestamp,
    #[serde(default)]
    pub(super) resources: Vec<String>,
    #[serde(default)]
    pub(super) detail: Value,
}
