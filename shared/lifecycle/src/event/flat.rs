//! The flat lifecycle message of a hook with an SQS or SNS target, and that target's test message (aws-facts 2.4).

use serde::Deserialize;
use serde_json::Value;

use super::launch::Detail;
use super::{Event, ParseError, malformed};
use crate::timestamp::Timestamp;

const TEST: &str = "autoscaling:TEST_NOTIFICATION";

pub(super) fn recognises(value: &Value) -> bool {
    ["LifecycleTransition", "LifecycleHookName", "Event"].iter().any(|key| value.get(key).is_some())
}

pub(super) fn read(value: &Value) -> Result<Event, ParseError> {
    // The mark of a test stands in either key (aws-facts 2.4).
    let test = ["Event", "LifecycleTransition"].iter().any(|key| value.get(key).and_then(Value::as_str) == Some(TEST));
    if test {
        return Ok(Event::Unconcerned(TEST.to_owned()));
    }
    let message = Message::deserialize(value).map_err(|error| malformed("lifecycle message", error))?;
    Ok(message.detail.into_event(message.time))
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(rename = "Time")]
    time: Timestamp,
    #[serde(flatten)]
    detail: Detail,
}
