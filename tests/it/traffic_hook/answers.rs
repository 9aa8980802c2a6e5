//! The answers of Lambda, CloudWatch and the health URL. CodeDeploy's answers come from the fleet.

use aws_smithy_types::base64;
use launchgate_tests::wire::Answer;
use serde_json::{Value, json};

use super::asked::Asked;
use super::trouble::Version;

/// What the checks see of a version; on ECS there is nobody to invoke, so that it is the alarms that cannot be read.
pub(super) fn answer(version: Version, lambda: bool, asked: &Asked) -> Answer {
    let bad = version == Version::Unhealthy;
    match (asked.service.as_str(), version) {
        ("lambda", Version::Healthy) => Answer::new(200, json!({"ok": true, "version": "2"}).to_string()),
        ("lambda", Version::Unhealthy) => crashed(),
        ("lambda", Version::CannotBeTold) => {
            let body = json!({"Type": "Service", "Message": "An internal error occurred."}).to_string();
            Answer::new(500, body).with("x-amzn-errortype", "ServiceException")
        }
        ("monitoring", Version::CannotBeTold) if !lambda => cbor_error(500, "InternalServiceFault"),
        ("monitoring", _) => {
            alarms(asked, &[("errors", if bad { "ALARM" } else { "OK" })], &[("latency", "INSUFFICIENT_DATA")])
        }
        _ => Answer::new(if bad { 503 } else { 200 }, ""),
    }
}

/// A function that raised: status 200 all the same (<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>).
pub(super) fn crashed() -> Answer {
    let log = "START RequestId: 8f5079bf Version: 2\n[ERROR] KeyError: 'TABLE'\nEND RequestId: 8f5079bf\n";
    Answer::new(200, json!({"errorType": "KeyError", "errorMessage": "'TABLE'"}).to_string())
        .with("x-amz-function-error", "Unhandled")
        .with("x-amz-log-result", base64::encode(log))
}

/// `DescribeAlarms`: the metric alarms, and the composite ones, each with its state; of the types that were asked for.
pub(super) fn alarms(asked: &Asked, metric: &[(&str, &str)], composite: &[(&str, &str)]) -> Answer {
    let types = asked.members["AlarmTypes"].as_array().unwrap();
    let told = |kind: &str, alarms: &[(&str, &str)]| -> Value {
        let alarms = if types.contains(&json!(kind)) { alarms } else { &[] };
        let told =
            |(name, state): &(&str, &str)| json!({"AlarmName": name, "StateValue": state, "StateReason": "because"});
        alarms.iter().map(told).collect()
    };
    cbor(
        200,
        &json!({"MetricAlarms": told("MetricAlarm", metric), "CompositeAlarms": told("CompositeAlarm", composite)}),
    )
}

pub(super) fn cbor(status: u16, body: &Value) -> Answer {
    let mut encoded = Vec::new();
    ciborium::into_writer(body, &mut encoded).unwrap();
    Answer::new(status, encoded).with("smithy-protocol", "rpc-v2-cbor").with("content-type", "application/cbor")
}

fn cbor_error(status: u16, code: &str) -> Answer {
    cbor(status, &json!({"__type": format!("com.amazonaws.cloudwatch#{code}"), "message": "told by the test"}))
}

/// A throttle, in the words of each.
pub(super) fn throttled(asked: &Asked) -> Answer {
    let json = |code: &str| json!({"__type": code, "message": "Rate exceeded"}).to_string();
    match asked.service.as_str() {
        "codedeploy" => Answer::new(400, json("ThrottlingException")),
        "lambda" => {
            Answer::new(429, json("TooManyRequestsException")).with("x-amzn-errortype", "TooManyRequestsException")
        }
        "monitoring" => cbor_error(400, "Throttling"),
        _ => Answer::new(429, ""),
    }
}
