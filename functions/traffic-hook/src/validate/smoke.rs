//! Invokes the new version of a function with a smoke event, before it gets traffic.

use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use aws_smithy_types::base64;
use runtime::tell;
use serde_json::Value;

use crate::clients::Calls;
use crate::config::Smoke;
use crate::json_subset::mismatch;
use crate::targets::Function;
use crate::validation::Problem;

/// How many characters of an answer are kept as evidence.
const ANSWER: usize = 2_000;

/// Invokes exactly the version that is deployed, not the alias, which still has the old one. A connection that breaks
/// makes the SDK invoke again, so the function must tolerate the event twice.
pub(super) async fn smoke(function: &Function, smoke: &Smoke, calls: &Calls) -> Result<(), Problem> {
    let call = calls.lambda.invoke().function_name(function.to_string());
    let call = call.log_type(LogType::Tail).payload(Blob::new(smoke.event.to_string()));
    let answer = call.send().await;
    let answer = answer.map_err(|error| Problem::new(format!("{function} could not be invoked: {}", tell(&error))))?;
    match wrong(smoke, &answer) {
        Some(why) => Err(Problem { text: format!("{function} {why}"), evidence: Some(evidence(&answer)) }),
        None => Ok(()),
    }
}

fn wrong(smoke: &Smoke, answer: &InvokeOutput) -> Option<String> {
    if let Some(kind) = answer.function_error() {
        return Some(format!("fails on the smoke event ({kind})"));
    }
    let expect = smoke.expect.as_ref()?;
    match serde_json::from_slice::<Value>(payload(answer)) {
        Ok(found) => mismatch(expect, &found).map(|found| format!("answers the smoke event wrongly: {found}")),
        Err(error) => Some(format!("answers the smoke event with what is not JSON: {error}")),
    }
}

fn payload(answer: &InvokeOutput) -> &[u8] {
    answer.payload().map(AsRef::as_ref).unwrap_or_default()
}

/// What it answered, and the last 4 KB of its log (<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>).
fn evidence(answer: &InvokeOutput) -> String {
    let said: String = String::from_utf8_lossy(payload(answer)).chars().take(ANSWER).collect();
    let log = answer.log_result().and_then(|log| base64::decode(log).ok()).unwrap_or_default();
    format!("{said}\n{}", String::from_utf8_lossy(&log)).trim().to_owned()
}
