//! The `_aws` member that makes CloudWatch take metrics out of a log line: the embedded metric format,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::field::NAMESPACE;

/// The member for these fields of the line, each with its unit, under each of these sets of dimensions.
pub(super) fn metrics(now: Timestamp, dimensions: &Value, fields: &[(&str, &str)]) -> Value {
    let metrics: Vec<Value> = fields.iter().map(|(name, unit)| json!({"Name": name, "Unit": unit})).collect();
    json!({
        "Timestamp": now.millis(),
        "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics}],
    })
}
