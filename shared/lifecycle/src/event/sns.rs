//! The envelope that an SNS topic puts around a message when raw delivery is off.

use serde_json::Value;

/// The message inside, if this is an SNS notification.
pub(super) fn unwrap(value: &Value) -> Option<&str> {
    let notification = value.get("Type")?.as_str()? == "Notification";
    notification.then(|| value.get("Message")?.as_str()).flatten()
}
