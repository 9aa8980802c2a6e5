//! The line that every invocation leaves, also if its time was over.

use runtime::emf::{Metrics, describe_metrics};
use runtime::{VERSION, lines};
use serde::Serialize;
use serde_json::Value;

use super::names::{BATCH, NAMESPACE};
use crate::batch::Batch;
use crate::context::Context;
use crate::look::Progress;

#[derive(Debug, Serialize)]
struct BatchLine<'a> {
    message: &'static str,
    version: &'static str,
    hook: &'a str,
    finished: bool,
    messages: usize,
    /// How many of them the function received itself.
    received: usize,
    dropped: usize,
    looks: usize,
    open: usize,
    settled: usize,
    unfinished: usize,
    api_calls: u32,
    bad_policies: usize,
    refused_runs: usize,
    oldest_open_seconds: u64,
    #[serde(rename = "_aws")]
    aws: Value,
}

const METRICS: [Metrics<'_>; 1] = [Metrics {
    by: &["hook"],
    fields: &[
        ("oldest_open_seconds", "Seconds"),
        ("api_calls", "Count"),
        ("bad_policies", "Count"),
        ("refused_runs", "Count"),
        ("dropped", "Count"),
        ("unfinished", "Count"),
    ],
}];

/// Writes what became of a batch.
pub(crate) fn write_batch_line(batch: &Batch, received: usize, finished: bool, context: &Context<'_>) {
    let now = context.now();
    let undecided = batch.looks.iter();
    let open = batch.decided.iter().filter(|decided| decided.progress != Progress::Settled);
    let open = open.map(|decided| &decided.look).chain(undecided);
    let ages = open.filter_map(|look| Some(now.since(look.seen.began()?).as_secs()));
    let line = BatchLine {
        message: BATCH,
        version: VERSION,
        hook: &context.config.readiness.hook,
        finished,
        messages: batch.messages,
        received,
        dropped: batch.dropped,
        looks: batch.looks.len() + batch.decided.len(),
        open: batch.count(Progress::Open),
        settled: batch.count(Progress::Settled),
        unfinished: batch.looks.len() + batch.count(Progress::Unfinished),
        api_calls: context.calls.count(),
        bad_policies: batch.bad_policies,
        refused_runs: batch.refused_runs,
        oldest_open_seconds: ages.max().unwrap_or(0),
        aws: describe_metrics(NAMESPACE, now, &METRICS),
    };
    lines::write(&line, context.lines);
}
