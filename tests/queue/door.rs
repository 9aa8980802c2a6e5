//! Answers the function's own requests to SQS (JSON 1.0).

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsMessage;
use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::Queue;
use crate::fleet::door::{Request, Response};

const TARGET: &str = "AmazonSQS.";

/// The operation that this request asks of SQS, if it is one for SQS.
#[must_use]
pub fn operation(request: &Request) -> Option<&str> {
    request.headers.get("x-amz-target")?.strip_prefix(TARGET)
}

/// Answers one request for SQS. The function may receive, delete, and let come at once what it received.
pub fn answer(queue: &mut Queue, now: Timestamp, request: &Request, visibility: impl FnMut() -> Duration) -> Response {
    let members: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    match operation(request) {
        Some("ReceiveMessage") => {
            let most = members.get("MaxNumberOfMessages").and_then(Value::as_u64).unwrap_or(1);
            if !(1..=10).contains(&most) {
                return respond(400, &json!({"__type": "com.amazonaws.sqs#InvalidParameterValue"}));
            }
            let received = queue.receive(now, usize::try_from(most).unwrap_or(1), visibility);
            respond(200, &json!({"Messages": received.iter().map(tell).collect::<Vec<_>>()}))
        }
        Some(name @ ("DeleteMessageBatch" | "ChangeMessageVisibilityBatch")) => {
            let entries = members.get("Entries").and_then(Value::as_array).cloned().unwrap_or_default();
            let text =
                |entry: &Value, name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let receipts: Vec<_> = entries.iter().map(|entry| text(entry, "ReceiptHandle")).collect();
            if name == "DeleteMessageBatch" {
                queue.delete(&receipts);
            } else {
                queue.hand_back(&receipts, now);
            }
            let done: Vec<Value> = entries.iter().map(|entry| json!({"Id": text(entry, "Id")})).collect();
            respond(200, &json!({"Successful": done, "Failed": []}))
        }
        _ => respond(400, &json!({"__type": "com.amazonaws.sqs#UnsupportedOperation"})),
    }
}

fn tell(message: &SqsMessage) -> Value {
    let (id, receipt, body) = (&message.message_id, &message.receipt_handle, &message.body);
    json!({"MessageId": id, "ReceiptHandle": receipt, "Body": body, "Attributes": message.attributes})
}

/// An answer of SQS.
#[must_use]
pub fn respond(status: u16, body: &Value) -> Response {
    let headers = vec![("content-type", "application/x-amz-json-1.0".to_owned())];
    Response { status, headers, body: body.to_string(), delay: Duration::ZERO }
}
