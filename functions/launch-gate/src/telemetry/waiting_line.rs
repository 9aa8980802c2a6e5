//! The lines of the instances that are held, which the sweep leaves once a minute: what waits now, and why.
//!
//! They tell what the looks of this process have just seen, so they cost no call of AWS. They have no metric: a metric of
//! each instance would cost more than the launch.

use std::collections::BTreeMap;
use std::time::Duration;

use lifecycle::Timestamp;
use lifecycle::decision::Rule;
use lifecycle::identity::InstanceId;
use runtime::lines;
use serde::Serialize;

use super::names::WAITING;
use crate::batch::Batch;
use crate::context::Context;
use crate::evidence::tell_launch;
use crate::facts::OpenLaunch;
use crate::look::Decided;

/// The most lines of one sweep: about 30 KB.
const MOST: usize = 100;

#[derive(Debug, Serialize)]
struct WaitingLine<'a> {
    message: &'static str,
    instance: &'a InstanceId,
    group: Option<&'a str>,
    hook: &'a str,
    seconds: Option<u64>,
    reason: &'a str,
    rule: Rule,
    runs: usize,
    repairs: usize,
    deadline: Option<Timestamp>,
    /// How many instances more are held, and have no line in this sweep.
    left_out: usize,
}

/// Writes a line for each instance that is held, those that wait longest first.
pub(crate) fn write_waiting_lines(batch: &Batch, context: &Context<'_>) {
    let mut held: BTreeMap<InstanceId, OpenLaunch> = batch.known.iter().cloned().collect();
    held.extend(batch.decided.iter().filter_map(|decided| tell_held(decided, context)));
    let mut held: Vec<_> = held.into_iter().collect();
    held.sort_by_key(|(_, launch)| (launch.began.is_none(), launch.began));
    let left_out = held.len().saturating_sub(MOST);
    for (instance, launch) in held.iter().take(MOST) {
        lines::write(&WaitingLine::new(instance, launch, left_out, context), context.lines);
    }
}

fn tell_held(decided: &Decided, context: &Context<'_>) -> Option<(InstanceId, OpenLaunch)> {
    let launch = decided.tell_open_launch()?;
    Some((decided.look.instance.clone(), OpenLaunch { began: tell_launch(decided, context), ..launch }))
}

impl<'a> WaitingLine<'a> {
    fn new(instance: &'a InstanceId, launch: &'a OpenLaunch, left_out: usize, context: &'a Context<'_>) -> Self {
        Self {
            message: WAITING,
            instance,
            group: launch.group.as_deref(),
            hook: &context.config.readiness.hook,
            seconds: launch.began.map(|began| context.now().since(began)).as_ref().map(Duration::as_secs),
            reason: launch.reason.code(),
            rule: launch.rule,
            runs: launch.runs,
            repairs: launch.repairs,
            deadline: launch.deadline,
            left_out,
        }
    }
}
