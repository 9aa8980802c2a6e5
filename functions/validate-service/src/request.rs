//! What the revision's script asks.

use lifecycle::identity::InstanceId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The request (ARCHITECTURE.md#the-questions). Unknown members are refused: a misspelt `checks` would check nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    pub(crate) deployment_id: String,
    pub(crate) instance_id: InstanceId,
    /// The lifecycle event that the script runs for, by `CodeDeploy`'s name.
    pub(crate) lifecycle_event: String,
    /// What must be true of the service, as in a policy's `checks`; without it, what the group's policy says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checks: Option<Map<String, Value>>,
    /// Any text that names this question, the same each time that it is asked. A caller that sends it asks again while
    /// the answer is `pending`. One that does not (a script of the release before) is kept waiting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) question: Option<String>,
    /// For how many seconds the caller goes on asking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) patience: Option<u64>,
}

impl Request {
    pub(crate) fn read(event: Value) -> Result<Self, String> {
        serde_json::from_value(event).map_err(|error| {
            format!(
                "the request cannot be read: {error}; expected deployment_id, instance_id, lifecycle_event, checks?, \
                 question?, patience?"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_or_misspelt_is_named() {
        let whole = json!({"deployment_id": "d-1", "instance_id": "i-0a1b2c3d", "lifecycle_event": "ValidateService"});
        assert_eq!(Request::read(whole.clone()).unwrap().checks, None);
        for (key, value, named) in [
            ("deployment_id", Value::Null, "null"),
            ("instance_id", json!("web-1"), "\"web-1\" is not an EC2 instance id"),
            ("check", json!({}), "unknown field `check`"),
            ("checks", json!([]), "expected a map"),
            ("patience", json!(-1), "expected u64"),
        ] {
            let mut request = whole.clone();
            request[key] = value;
            let error = Request::read(request).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
        assert!(Request::read(json!("?")).unwrap_err().contains("deployment_id, instance_id"));
    }
}
