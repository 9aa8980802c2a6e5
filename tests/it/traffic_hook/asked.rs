//! One request, as far as it tells who is asked what.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::{Value, json};

use super::trouble::Place;

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
    pub(super) fn of(request: &HttpRequest) -> Self {
        let header = |name: &str| request.headers().get(name).unwrap_or_default();
        let scope = header("authorization").split('/').nth(3).unwrap_or("web");
        let body = request.body().bytes().unwrap_or_default();
        let operation = match scope {
            "codedeploy" => header("x-amz-target").rsplit('.').next().unwrap(),
            "lambda" => "Invoke",
            "monitoring" => request.uri().rsplit('/').next().unwrap(),
            _ => request.method(),
        };
        let members = match scope {
            "codedeploy" => serde_json::from_slice(body).unwrap(),
            "monitoring" => ciborium::from_reader(body).unwrap(),
            "lambda" => json!({
                "payload": serde_json::from_slice::<Value>(body).unwrap(), "log_type": header("x-amz-log-type"),
            }),
            _ => Value::Null,
        };
        Self {
            service: scope.to_owned(),
            operation: operation.to_owned(),
            uri: request.uri().to_owned(),
            members,
            invocation: header("amz-sdk-invocation-id").to_owned(),
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
