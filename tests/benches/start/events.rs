//! Makes launch messages from `events/sqs-batch.json`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use launchgate_tests::stack::repository;
use lifecycle::Timestamp;
use serde_json::{Value, json};

use crate::Failure;

pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(0) + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// How long ago the launches began. A look at one that has just begun reads nothing, one after some seconds the ping.
const AGO: Duration = Duration::from_secs(5);

/// A batch of `size` launches, each of an instance of its own.
pub(crate) fn batch(size: u32) -> Result<Value, Failure> {
    let text = std::fs::read_to_string(repository().join("events/sqs-batch.json"))?;
    let sample: Value = serde_json::from_str(&text)?;
    let record = sample.pointer("/Records/0").ok_or("events/sqs-batch.json has no record")?;
    let records = (0..size).map(|number| launch(record, number)).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "Records": records }))
}

fn launch(record: &Value, number: u32) -> Result<Value, Failure> {
    let body = record.get("body").and_then(Value::as_str).unwrap_or_default();
    let mut event = serde_json::from_str(body)?;
    set(&mut event, "/time", (now() - AGO).to_string())?;
    set(&mut event, "/detail/EC2InstanceId", format!("i-{number:017x}"))?;
    set(&mut event, "/detail/LifecycleActionToken", format!("4e6d2b90-7c15-4f83-a0b9-{number:012x}"))?;
    let mut record = record.clone();
    set(&mut record, "/messageId", format!("6f1c9a4b-d83e-4057-b2a9-{number:012x}"))?;
    set(&mut record, "/body", event.to_string())?;
    Ok(record)
}

fn set(value: &mut Value, pointer: &str, text: impl Into<Value>) -> Result<(), Failure> {
    *value.pointer_mut(pointer).ok_or_else(|| format!("events/sqs-batch.json has no {pointer}"))? = text.into();
    Ok(())
}
