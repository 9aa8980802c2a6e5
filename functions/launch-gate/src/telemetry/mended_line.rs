//! The lines that count repairs by what they have mended.
//!
//! A launch may have had several findings mended, and a line gives a metric dimension only one value; so each finding has
//! a line of its own. The codes are few and fixed, and a code that never occurs costs nothing. One that an instance has
//! made up is no dimension.

use lifecycle::mended::Mended;
use runtime::emf::{Metrics, describe_metrics};
use runtime::lines;
use serde::Serialize;
use serde_json::Value;

use super::names::{FINDINGS, MENDED, NAMESPACE};
use crate::context::Context;

#[derive(Debug, Serialize)]
struct MendedLine<'a> {
    message: &'static str,
    instance: &'a str,
    group: Option<&'a str>,
    hook: &'a str,
    code: &'a str,
    seconds: u64,
    mended: u8,
    #[serde(rename = "_aws")]
    aws: Value,
}

const BY_CODE: &[&str] = &["hook", "code"];
const BY_HOOK: &[&str] = &["hook"];

/// Writes one line for each finding that this repair has mended.
pub(super) fn write_mended_lines(mended: &Mended, instance: &str, group: Option<&str>, context: &Context<'_>) {
    for code in &mended.codes {
        let by = if FINDINGS.contains(&code.as_str()) { BY_CODE } else { BY_HOOK };
        let metrics = [Metrics { by, fields: &[("mended", "Count")] }];
        let aws = describe_metrics(NAMESPACE, context.now(), &metrics);
        let hook = &context.config.readiness.hook;
        let line = MendedLine { message: MENDED, instance, group, hook, code, seconds: mended.seconds, mended: 1, aws };
        lines::write(&line, context.lines);
    }
}
