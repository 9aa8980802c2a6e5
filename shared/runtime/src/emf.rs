//! The `_aws` member that makes CloudWatch take metrics out of a log line: the embedded metric format,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use lifecycle::Timestamp;
use serde_json::{Value, json};

/// Some fields of a line that are metrics, under one set of dimensions. AWS bills each combination of dimension values
/// by the month, so a metric has few dimensions.
#[derive(Clone, Copy, Debug)]
pub struct Metrics<'a> {
    /// The names of the fields that are the dimensions.
    pub by: &'a [&'a str],
    /// The names of the fields that are the metrics, each with its unit as CloudWatch spells it.
    pub fields: &'a [(&'a str, &'a str)],
}

/// The `_aws` member for these metrics in the CloudWatch `namespace`.
#[must_use]
pub fn describe_metrics(namespace: &str, now: Timestamp, metrics: &[Metrics<'_>]) -> Value {
    let directives: Vec<Value> = metrics.iter().map(|metrics| describe(namespace, metrics)).collect();
    json!({"Timestamp": now.millis(), "CloudWatchMetrics": directives})
}

fn describe(namespace: &str, metrics: &Metrics<'_>) -> Value {
    let fields: Vec<Value> = metrics.fields.iter().map(|(name, unit)| json!({"Name": name, "Unit": unit})).collect();
    json!({"Namespace": namespace, "Dimensions": [metrics.by], "Metrics": fields})
}
