//! The line that every invocation leaves, also when its time ran out.

use serde::Serialize;
use serde_json::Value;

use super::field::BATCH;
use super::metrics::{Metrics, member};
use crate::handler::Invocation;
use crate::inbox::Inbox;
use crate::look::{Fate, Look};

#[derive(Debug, Serialize)]
struct Batch {
    message: &'static str,
    finished: bool,
    messages: usize,
    dropped: usize,
    looks: usize,
    open: usize,
    settled: usize,
    unfinished: usize,
    api_calls: u32,
    bad_policies: usize,
    oldest_open_seconds: u64,
    #[serde(rename = "_aws")]
    aws: Value,
}

const METRICS: [Metrics<'_>; 1] = [Metrics {
    by: &[],
    fields: &[
        ("oldest_open_seconds", "Seconds"),
        ("api_calls", "Count"),
        ("bad_policies", "Count"),
        ("dropped", "Count"),
        ("unfinished", "Count"),
    ],
}];

/// Tells what became of a batch.
pub(crate) fn write(inbox: &Inbox, finished: bool, invocation: &Invocation<'_>) {
    let now = (invocation.clock)();
    let count = |fate| inbox.looks.iter().filter(|look| look.fate == fate).count();
    let open = |look: &&Look| look.fate != Fate::Settled;
    let ages = inbox.looks.iter().filter(open).filter_map(|look| Some(now.since(look.began()?).as_secs()));
    let line = Batch {
        message: BATCH,
        finished,
        messages: inbox.messages,
        dropped: inbox.dropped,
        looks: inbox.looks.len(),
        open: count(Fate::Open),
        settled: count(Fate::Settled),
        unfinished: count(Fate::Unfinished),
        api_calls: invocation.tally.calls(),
        bad_policies: inbox.bad_policies,
        oldest_open_seconds: ages.max().unwrap_or(0),
        aws: member(now, &METRICS),
    };
    super::write(&line, invocation);
}
