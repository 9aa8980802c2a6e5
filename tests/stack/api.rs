//! The services of ministack that the tests call themselves, in the AWS JSON 1.1 protocol, without signatures.

use axum::body::Bytes;
use axum::http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use super::StackError;

pub(super) async fn send_message(endpoint: &str, queue: &str, body: &str) -> Result<(), StackError> {
    let message = json!({ "QueueUrl": queue, "MessageBody": body });
    call(endpoint, "AmazonSQS.SendMessage", &message).await.map(drop)
}

pub(super) async fn log_lines(endpoint: &str, group: &str) -> Result<Vec<String>, StackError> {
    let mut lines = Vec::new();
    let mut question = json!({ "logGroupName": group });
    loop {
        let answer = call(endpoint, "Logs_20140328.FilterLogEvents", &question).await?;
        let events = answer.get("events").and_then(Value::as_array);
        let messages = events.into_iter().flatten().filter_map(|event| event.get("message")?.as_str());
        lines.extend(messages.filter(|line| !is_lambdas_own(line)).map(str::to_owned));
        match answer.get("nextToken") {
            Some(Value::String(token)) => question = json!({ "logGroupName": group, "nextToken": token }),
            _ => return Ok(lines),
        }
    }
}

fn is_lambdas_own(line: &str) -> bool {
    ["START", "END", "REPORT"].iter().any(|word| line.starts_with(&format!("{word} RequestId: ")))
}

pub(super) async fn call(endpoint: &str, operation: &'static str, body: &Value) -> Result<Value, StackError> {
    let failed = |answer: String| StackError::Api { operation, answer };
    let request = Request::post(endpoint)
        .header("x-amz-target", operation)
        .header("content-type", "application/x-amz-json-1.1")
        .body(Full::new(Bytes::from(body.to_string())))
        .map_err(|error| failed(error.to_string()))?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request).await.map_err(|error| failed(error.to_string()))?;
    let status = answer.status();
    let bytes = answer.into_body().collect().await.map_err(|error| failed(error.to_string()))?.to_bytes();
    if !status.is_success() {
        return Err(failed(format!("{status} {}", String::from_utf8_lossy(&bytes))));
    }
    serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))
}
