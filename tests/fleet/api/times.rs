//! Times in the form of each protocol.

use std::time::Duration;

use lifecycle::Timestamp;
use serde_json::{Value, json};

/// awsJson 1.1: seconds since 1970, with a fraction.
pub(super) fn epoch(at: Timestamp) -> Value {
    let (seconds, millis) = (at.millis().div_euclid(1000), at.millis().rem_euclid(1000));
    json!(format!("{seconds}.{millis:03}").parse::<f64>().unwrap_or_default())
}

/// ISO 8601 duration, as `ExecutionElapsedTime` has it; its exact form is UNCONFIRMED (aws-facts 6.7).
pub(super) fn elapsed(span: Duration) -> String {
    format!("PT{}.{:03}S", span.as_secs(), span.subsec_millis())
}
