//! Validates that alarms are not in ALARM.

use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use runtime::tell;

use crate::clients::Calls;
use crate::validation::Problem;

/// The most names, and the most alarms, of one `DescribeAlarms`
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>).
const MOST: usize = 100;

/// One reason for each alarm that is not silent: in ALARM, or not there. `INSUFFICIENT_DATA` is silence: a version that
/// nobody has called yet has no data.
pub(super) async fn silent(names: &[String], calls: &Calls) -> Result<Vec<Problem>, Problem> {
    let mut reasons = Vec::new();
    for names in names.chunks(MOST) {
        let mut known = states(names, AlarmType::MetricAlarm, calls).await?;
        let others: Vec<String> =
            names.iter().filter(|name| !known.iter().any(|state| is(name, state))).cloned().collect();
        // Composite alarms can only be read with the permission to describe all alarms. A user who names none does not need
        // that permission, so they are asked for last.
        if !others.is_empty() {
            known.extend(states(&others, AlarmType::CompositeAlarm, calls).await?);
        }
        reasons.extend(names.iter().filter_map(|name| wrong(name, &known)));
    }
    Ok(reasons)
}

/// An alarm's name, its state, and why it has it.
type State = (String, Option<StateValue>, Option<String>);

fn is(name: &str, (known, _, _): &State) -> bool {
    known == name
}

fn wrong(name: &str, known: &[State]) -> Option<Problem> {
    let Some((_, state, why)) = known.iter().find(|state| is(name, state)) else {
        return Some(Problem::new(format!(
            "there is no metric or composite alarm {name:?} in this Region; see ALARMS"
        )));
    };
    match state {
        Some(StateValue::Ok | StateValue::InsufficientData) => None,
        Some(state) => {
            let text = format!("the alarm {name:?} is in {}", state.as_str());
            Some(Problem { text, evidence: why.clone() })
        }
        None => Some(Problem::new(format!("the alarm {name:?} has no state that could be read"))),
    }
}

async fn states(names: &[String], kind: AlarmType, calls: &Calls) -> Result<Vec<State>, Problem> {
    let call = calls.cloudwatch.describe_alarms().set_alarm_names(Some(names.to_vec())).max_records(MAX_RECORDS);
    let call = call.alarm_types(kind);
    let (mut pages, mut states) = (call.into_paginator().send(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Problem::new(format!("DescribeAlarms failed: {}", tell(&error))))?;
        let metric = page.metric_alarms.into_iter().flatten();
        states.extend(metric.filter_map(|alarm| Some((alarm.alarm_name?, alarm.state_value, alarm.state_reason))));
        let composite = page.composite_alarms.into_iter().flatten();
        states.extend(composite.filter_map(|alarm| Some((alarm.alarm_name?, alarm.state_value, alarm.state_reason))));
    }
    Ok(states)
}

const MAX_RECORDS: i32 = 100;
