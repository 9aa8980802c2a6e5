//! awsQuery, the protocol of Auto Scaling: a form as the request, XML as the answer.

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::super::api::{self, Answer};
use super::super::{Fleet, Refused};
use super::{Request, Response, form, xml};

const NAMESPACE: &str = "http://autoscaling.amazonaws.com/doc/2011-01-01/";

pub(super) fn answer(fleet: &mut Fleet, now: Timestamp, request: &Request) -> Response {
    let members = form::read(&request.body).unwrap_or_else(|| json!({}));
    let operation = members.get("Action").and_then(Value::as_str).unwrap_or_default().to_owned();
    request.note("autoscaling", &operation);
    let answer = if operation.is_empty() {
        Answer::refused(Refused::new("MissingAction", "The request must contain the parameter Action"))
    } else {
        api::call(fleet, now, "autoscaling", &operation, &members)
    };
    let id = fleet.request_id();
    let (status, body) = match &answer.outcome {
        Ok(output) => (200, success(&operation, output, &id)),
        Err(refused) => (refused.status(), error(refused, &id)),
    };
    let headers = vec![("content-type", "text/xml".to_owned()), ("x-amzn-requestid", id)];
    Response { status, headers, body, delay: answer.delay }
}

fn success(operation: &str, output: &Value, id: &str) -> String {
    let mut inside = String::new();
    xml::element(&mut inside, &format!("{operation}Result"), output);
    xml::element(&mut inside, "ResponseMetadata", &json!({"RequestId": id}));
    format!("<{operation}Response xmlns=\"{NAMESPACE}\">{inside}</{operation}Response>")
}

fn error(refused: &Refused, id: &str) -> String {
    let kind = if refused.status() >= 500 { "Receiver" } else { "Sender" };
    let mut inside = String::new();
    xml::element(&mut inside, "Error", &json!({"Type": kind, "Code": refused.code, "Message": refused.message}));
    xml::element(&mut inside, "RequestId", &json!(id));
    format!("<ErrorResponse xmlns=\"{NAMESPACE}\">{inside}</ErrorResponse>")
}
