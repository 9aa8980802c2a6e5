//! awsJson 1.1, the protocol of Systems Manager and CodeDeploy.

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::super::api::{self, Answer};
use super::super::model::refused::VALIDATION;
use super::super::{Fleet, Refused};
use super::{Request, Response};

pub(super) fn answer(fleet: &mut Fleet, now: Timestamp, service: &str, request: &Request) -> Response {
    let operation = request.header("x-amz-target").rsplit('.').next().unwrap_or_default();
    request.note(service, operation);
    let answer = match members(&request.body) {
        Ok(members) => api::call(fleet, now, service, operation, &members),
        Err(refused) => Answer::refused(refused),
    };
    let mut headers =
        vec![("content-type", "application/x-amz-json-1.1".to_owned()), ("x-amzn-requestid", fleet.request_id())];
    let (status, body) = match answer.outcome {
        Ok(Value::Null) => (200, json!({})),
        Ok(output) => (200, output),
        Err(refused) => {
            headers.push(("x-amzn-errortype", code(&refused).to_owned()));
            (refused.status(), json!({"__type": code(&refused), "message": refused.message}))
        }
    };
    Response { status, headers, body: body.to_string(), delay: answer.delay }
}

fn members(body: &[u8]) -> Result<Value, Refused> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|_| Refused::new("SerializationException", "the body is not JSON"))
}

fn code(refused: &Refused) -> &str {
    if refused.code == VALIDATION { "ValidationException" } else { &refused.code }
}
