//! The `_aws` member that makes CloudWatch take metrics out of a log line: the embedded metric format,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::field::NAMESPACE;

/// Fields of the line that are metrics, each with its unit, under one set of dimensions, which are fields too.
/// Each combination costs by the month, so no metric has more dimensions than somebody will ask for.
pub(super) struct Metrics<'a> {
    pub(super) by: &'a [&'a str],
    pub(super) fields: &'a [(&'a str, &'a str)],
}

/// The member for these metrics.
pub(super) fn member(now: Timestamp, metrics: &[Metrics<'_>]) -> Value {
    let directives: Vec<Value> = metrics.iter().map(directive).collect();
    json!({"Timestamp": now.millis(), "CloudWatchMetrics": directives})
}

fn directive(metrics: &Metrics<'_>) -> Value {
    let fields: Vec<Value> = metrics.fields.iter().map(|(name, unit)| json!({"Name": name, "Unit": unit})).collect();
    json!({"Namespace": NAMESPACE, "Dimensions": [metrics.by], "Metrics": fields})
}
