//! Computes what a burst costs by the list prices of us-east-1 (aws-facts 11; secondary sources, without free tiers).

use serde_json::Value;

use super::Way;
use crate::run::Survived;

const LAMBDA_REQUEST: f64 = 0.20e-6;
const LAMBDA_GB_SECOND: f64 = 0.000_016_666_7;
const SQS_REQUEST: f64 = 0.40e-6;
const TRANSITION: f64 = 0.025e-3;
const LOG_GB: f64 = 0.50;
/// Of the template, and of the smallest function, which is enough for a loop that sleeps.
const GATE_GB: f64 = 0.25;
const POLLER_GB: f64 = 0.125;

/// In USD. Logs are counted for the gate only: what the baselines write is anybody's guess.
pub(super) fn usd(way: Way, run: &Survived) -> f64 {
    let memory = match way {
        Way::Gate | Way::GateWithoutNudges => GATE_GB,
        Way::SleepAndPoll | Way::StepFunctions => POLLER_GB,
    };
    let bill = &run.bill;
    let lambda = if way == Way::StepFunctions {
        bill.transitions as f64 * TRANSITION
    } else {
        bill.invocations as f64 * LAMBDA_REQUEST + bill.busy.as_secs_f64() * memory * LAMBDA_GB_SECOND
    };
    let logged: usize = run.lines.iter().map(Value::to_string).map(|line| line.len()).sum();
    lambda + bill.queue_requests as f64 * SQS_REQUEST + logged as f64 / 1e9 * LOG_GB
}
