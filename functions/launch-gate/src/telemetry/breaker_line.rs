//! The line of a breaker that trips. It says what has failed, what was done, and what a person should do.

use std::collections::BTreeMap;

use lifecycle::breaker::{Count, Group, Hindrance, Launch};
use runtime::CallError;
use runtime::emf::{Metrics, describe_metrics};
use runtime::lines;
use serde::Serialize;
use serde_json::Value;

use super::names::{BREAKER, NAMESPACE};
use super::shell::quote_word;
use crate::context::Context;

/// How many of the newest instances the line names.
const NEWEST: usize = 5;

/// What a breaker that tripped has done.
#[derive(Debug)]
pub(crate) enum Tripped {
    /// It only tells.
    Alarm(Hindrance),
    /// Launch is suspended.
    Suspended,
    /// AWS refused to suspend Launch: the role, or another operator of the group, does not allow it.
    Refused(CallError),
}

#[derive(Debug, Serialize)]
struct BreakerLine<'a> {
    message: &'static str,
    group: &'a str,
    hook: &'a str,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_suspended: Option<String>,
    failures: usize,
    within: u64,
    in_a_row: usize,
    open: usize,
    reasons: BTreeMap<String, usize>,
    newest: Vec<FailedLaunch<'a>>,
    meanwhile: &'static str,
    what_to_do: String,
    breakers: u8,
    #[serde(rename = "_aws")]
    aws: Value,
}

#[derive(Debug, Serialize)]
struct FailedLaunch<'a> {
    instance: &'a str,
    reason: String,
}

const METRICS: [Metrics<'_>; 2] = [
    Metrics { by: &["hook"], fields: &[("breakers", "Count")] },
    Metrics { by: &["hook", "group"], fields: &[("breakers", "Count")] },
];

/// Writes the line.
pub(crate) fn write_breaker_line(tripped: &Tripped, count: &Count<'_>, group: &Group<'_>, context: &Context<'_>) {
    let mut reasons = BTreeMap::new();
    for launch in &count.failed {
        *reasons.entry(name_reason(launch, context)).or_default() += 1;
    }
    let newest = count.failed.iter().take(NEWEST);
    let newest =
        newest.map(|launch| FailedLaunch { instance: launch.instance.as_str(), reason: name_reason(launch, context) });
    let is_suspended = matches!(tripped, Tripped::Suspended);
    let line = BreakerLine {
        message: BREAKER,
        group: group.name,
        hook: &context.config.readiness.hook,
        action: if is_suspended { "suspended" } else { "alarm" },
        not_suspended: tell_hindrance(tripped),
        failures: count.failed.len(),
        within: group.policy.breaker.map_or(0, |breaker| breaker.within.as_secs()),
        in_a_row: count.row,
        open: count.open,
        reasons,
        newest: newest.collect(),
        meanwhile: if is_suspended { SUSPENDED } else { LAUNCHES },
        what_to_do: advise(is_suspended, group.name),
        breakers: 1,
        aws: describe_metrics(NAMESPACE, context.now(), &METRICS),
    };
    lines::write(&line, context.lines);
}

/// The gate's own reason, if this process has seen it, or else what AWS says (aws-facts 13).
fn name_reason(launch: &Launch, context: &Context<'_>) -> String {
    let words = [
        ("Completed with ABANDON", "abandoned"),
        ("Heartbeat Timeout", "heartbeat-timeout"),
        ("became unhealthy", "unhealthy"),
    ];
    let told = || words.iter().find_map(|(words, code)| launch.why().contains(words).then(|| (*code).to_owned()));
    context.memory.reasons.find(&launch.instance).or_else(told).unwrap_or_else(|| "other".to_owned())
}

fn tell_hindrance(tripped: &Tripped) -> Option<String> {
    let hindrance = match tripped {
        Tripped::Suspended | Tripped::Alarm(Hindrance::Policy) => return None,
        Tripped::Refused(error) => return Some(format!("AWS refused it: {error}")),
        Tripped::Alarm(hindrance) => hindrance,
    };
    let told = match hindrance {
        Hindrance::Policy => "the policy asks for an alarm",
        Hindrance::Observes => "the policy's mode is observe",
        Hindrance::Stack => "the stack was deployed with Breaker=disabled, so suspend does what alarm does",
        Hindrance::Copied => "CodeDeploy has made this group for a blue/green deployment",
        Hindrance::OldPolicy => "the policy of the group's hook could not be read now",
        Hindrance::Incomplete => "the group has more activities in this time than are read",
        Hindrance::Succeeded => "a launch has succeeded that ended or began no earlier",
        Hindrance::Open => "more launches are open than have failed, and may succeed",
    };
    Some(told.to_owned())
}

/// What a group without Launch does (aws-facts 2.4, 13).
const SUSPENDED: &str = "Launch is suspended: the group launches nothing. Unhealthy instances are still terminated, and \
    not replaced. Instance refreshes halt, ExitStandby and AttachInstances fail, scripts that use Standby stop, and a warm \
    pool is not refilled.";
const LAUNCHES: &str = "Launch is not suspended: the group goes on launching.";

fn advise(is_suspended: bool, group: &str) -> String {
    let command = |processes: &str| {
        format!(
            "aws autoscaling {processes} --auto-scaling-group-name {} --scaling-processes Launch",
            quote_word(group)
        )
    };
    if is_suspended {
        return format!("Mend what the reasons name, then resume the group: {}", command("resume-processes"));
    }
    let (suspend, resume) = (command("suspend-processes"), command("resume-processes"));
    format!("Mend what the reasons name. To stop the launches until then: {suspend}; to resume them: {resume}")
}
