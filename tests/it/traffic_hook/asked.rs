//! Reads from a request which service is asked for what.

use launchgate_tests::wire::Sent;
use serde_json::{Value, json};

use super::trouble::Place;

/// A request of traffic-hook.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    /// `codedeploy`, `lambda`, `monitoring`, or `web` for what nobody has signed.
    pub(super) service: String,
    /// `GetDeployment`; a method for the web.
    pub(super) operation: String,
    pub(super) uri: String,
    pub(super) members: Value,
    /// The same for all attempts of one call of the SDK.
    pub(super) invocation: String,
}

impl Asked {
    pub(super) fn of(sent: &Sent) -> Self {
        let scope = sent.header("authorization").split('/').nth(3).unwrap_or("web");
        let body = &sent.request.body[..];
        let operation = match scope {
            "codedeploy" => sent.header("x-amz-target").rsplit('.').next().unwrap(),
            "lambda" => "Invoke",
            "monitoring" => sent.uri.rsplit('/').next().unwrap(),
            _ => &sent.method,
        };
        let members = match scope {
            "codedeploy" => serde_json::from_slice(body).unwrap(),
            "monitoring" => ciborium::from_reader(body).unwrap(),
            "lambda" => json!({
                "payload": serde_json::from_slice::<Value>(body).unwrap(), "log_type": sent.header("x-amz-log-type"),
            }),
            _ => Value::Null,
        };
        Self {
            service: scope.to_owned(),
            operation: operation.to_owned(),
            uri: sent.uri.clone(),
            members,
            invocation: sent.header("amz-sdk-invocation-id").to_owned(),
        }
    }

    /// As IAM names it.
    pub(super) fn action(&self) -> (&str, &str) {
        match self.service.as_str() {
            "lambda" => ("lambda", "InvokeFunction"),
            "monitoring" => ("cloudwatch", &self.operation),
            service => (service, &self.operation),
        }
    }

    pub(super) fn place(&self) -> Place {
        match (self.service.as_str(), self.operation.as_str()) {
            ("codedeploy", "PutLifecycleEventHookExecutionStatus") => Place::Answer,
            ("codedeploy", _) => Place::Reads,
            _ => Place::Checks,
        }
    }
}
