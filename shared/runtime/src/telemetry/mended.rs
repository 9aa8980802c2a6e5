//! The lines that count repairs by what they have mended.
//!
//! A line gives a dimension one value, and a launch may have had several findings mended: so each has a line of its own.
//! The codes are few and fixed, and one that never occurs costs nothing.

use lifecycle::mended::Mended;
use serde::Serialize;
use serde_json::Value;

use super::field::MENDED;
use super::metrics::{Metrics, member};
use crate::handler::Invocation;

/// The line. Its field names are those of [`super::field::OF_MENDED`].
#[derive(Debug, Serialize)]
struct Line<'a> {
    message: &'static str,
    instance: &'a str,
    group: Option<&'a str>,
    code: &'a str,
    seconds: u64,
    mended: u8,
    #[serde(rename = "_aws")]
    aws: Value,
}

const METRICS: [Metrics<'_>; 1] = [Metrics { by: &["code"], fields: &[("mended", "Count")] }];

/// Tells of each finding that a repair has mended.
pub(super) fn write(mended: &Mended, instance: &str, group: Option<&str>, invocation: &Invocation<'_>) {
    for code in &mended.codes {
        let aws = member((invocation.clock)(), &METRICS);
        let line = Line { message: MENDED, instance, group, code, seconds: mended.seconds, mended: 1, aws };
        super::write(&line, invocation);
    }
}
