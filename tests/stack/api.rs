//! The services of ministack that the tests call themselves, in the AWS JSON 1.1 protocol, without signatures.

use axum::body::Bytes;
use axum::http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use super::StackError;
use super::log::LogEvent;

pub(super) async fn send_message(endpoint: &str, queue: &str, body: &str) -> Result<(), StackError> {
    let message = json!({ "QueueUrl": queue, "MessageBody": body });
    call(endpoint, "AmazonSQS.SendMessage", &message).await.map(drop)
}

/// Everything in the log of a function, oldest first.
pub(super) async fn log_events(endpoint: &str, function: &str, group: &str) -> Result<Vec<LogEvent>, StackError> {
    let mut all = Vec::new();
    let mut question = json!({ "logGroupName": group });
    loop {
        let answer = call(endpoint, "Logs_20140328.FilterLogEvents", &question).await?;
        let events = answer.get("events").and_then(Value::as_array);
        all.extend(events.into_iter().flatten().filter_map(|event| {
            let (timestamp, message) = (event.get("timestamp")?.as_i64()?, event.get("message")?.as_str()?.to_owned());
            Some(LogEvent { function: function.to_owned(), timestamp, message })
        }));
        match answer.get("nextToken") {
            Some(Value::String(token)) => question = json!({ "logGroupName": group, "nextToken": token }),
            _ => return Ok(all),
        }
    }
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
