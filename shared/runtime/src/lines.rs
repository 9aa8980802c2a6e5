//! Writes one JSON line, for log queries and metrics.

use serde::Serialize;

use crate::process::Lines;

/// Writes `line` as JSON to `lines`, not through the log subscriber, which would nest it: CloudWatch finds metrics only
/// at the top of a line.
pub fn write(line: &impl Serialize, lines: &Lines) {
    match serde_json::to_string(line) {
        Ok(text) => lines(&text),
        Err(error) => tracing::error!(%error, "a log line could not be written as JSON"),
    }
}
