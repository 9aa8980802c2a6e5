//! What operators read. Names are an interface: they are constants, and tests hold them.

pub(crate) mod batch;
pub(crate) mod deployment;
pub mod field;
mod mended;
mod metrics;
pub(crate) mod settled;

use std::sync::Arc;

use serde::Serialize;

use crate::handler::Invocation;

/// Takes one JSON line at a time: the standard output of a function, a list in a test.
pub type Lines = Arc<dyn Fn(&str) + Send + Sync>;

/// Writes one JSON line. It goes past the log subscriber, which would nest it: CloudWatch finds metrics only at the top.
fn write(line: &impl Serialize, invocation: &Invocation<'_>) {
    match serde_json::to_string(line) {
        Ok(text) => (invocation.lines)(&text),
        Err(error) => tracing::error!(%error, "a log line could not be written"),
    }
}
