//! The log events of a run, one JSON object in each line of a file, as `FilterLogEvents` of CloudWatch Logs has them.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One event of a log.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LogEvent {
    /// The function whose log it is in, by its logical name in the template.
    pub function: String,
    /// When, in milliseconds since 1970.
    pub timestamp: i64,
    /// The line.
    pub message: String,
}

impl LogEvent {
    /// Reads a file.
    ///
    /// # Errors
    /// Which file, which line, and why.
    pub fn read_all(path: &Path) -> Result<Vec<Self>, String> {
        let name = path.display();
        let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
        let read = |(number, line)| {
            serde_json::from_str(line).map_err(|error| format!("{name}: line {}: {error}", number + 1))
        };
        text.lines().enumerate().map(read).collect()
    }

    /// Writes such a file.
    ///
    /// # Errors
    /// What the system says.
    pub fn write_all(events: &[Self], path: &Path) -> std::io::Result<()> {
        let lines: Result<Vec<String>, _> = events.iter().map(serde_json::to_string).collect();
        fs::write(path, lines?.join("\n") + "\n")
    }

    /// Whether Lambda itself has written it.
    pub(super) fn is_lambdas_own(&self) -> bool {
        ["START", "END", "REPORT"].iter().any(|word| self.message.starts_with(&format!("{word} RequestId: ")))
    }

    /// The line as JSON; `null` if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.message).unwrap_or_default()
    }
}
