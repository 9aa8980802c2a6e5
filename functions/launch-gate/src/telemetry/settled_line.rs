//! The one wide line that every settled lifecycle action leaves.

use lifecycle::decision::{Action, LifecycleResult, Reason, Rule};
use lifecycle::event::Destination;
use lifecycle::history::History;
use lifecycle::mended::{Mended, list_mended};
use lifecycle::next_reads::SHORTEST_HEARTBEAT;
use lifecycle::report::Report;
use lifecycle::run::Purpose;
use runtime::emf::{Metrics, describe_metrics};
use runtime::{VERSION, lines};
use serde::Serialize;
use serde_json::Value;

use super::agent_last::list_agent_warnings;
use super::idle_hooks::list_idle_hooks;
use super::mended_line::write_mended_lines;
use super::names::{FINDINGS, NAMESPACE, SETTLED};
use crate::context::Context;
use crate::evidence::{Evidence, tell_launch};
use crate::facts::LaunchDeployment;
use crate::look::{Decided, Look};

/// What came of acting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// `CompleteLifecycleAction` was accepted.
    Accepted,
    /// The answer to `CompleteLifecycleAction` was lost, and the action is not open any more. Our call was accepted, unless
    /// the action had been settled before; then there is another line.
    Presumed,
    /// The policy says to observe only; nothing was completed.
    Observed,
    /// The instance was gone before anything could be completed.
    Gone,
}

#[derive(Debug, Serialize)]
struct SettledLine<'a> {
    message: &'static str,
    version: &'static str,
    instance: &'a str,
    group: Option<&'a str>,
    hook: &'a str,
    transition: &'static str,
    decision: &'static str,
    rule: Rule,
    reason: &'a str,
    outcome: Outcome,
    seconds_waited: Option<u64>,
    runs: usize,
    repairs: usize,
    started_agent: usize,
    mended: Vec<Mended>,
    findings: Vec<&'a str>,
    api_calls: u32,
    warnings: Vec<String>,
    launches: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_to_ready: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<&'a Report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    deployments: &'a [LaunchDeployment],
    #[serde(rename = "_aws")]
    aws: Value,
}

const BY_REASON: &[&str] = &["hook", "decision", "reason"];
const BY_DECISION: &[&str] = &["hook", "decision"];

/// The metrics of a launch. A reason that no document of this release can have reported is no dimension.
fn list_metrics(reason: &Reason) -> [Metrics<'static>; 3] {
    let made_up = matches!(reason, Reason::Finding(code) if !FINDINGS.contains(&code.as_str()));
    let by = if made_up { BY_DECISION } else { BY_REASON };
    [
        Metrics { by, fields: &[("launches", "Count")] },
        Metrics { by: &["hook", "group"], fields: &[("seconds_to_ready", "Seconds")] },
        Metrics { by: &["hook"], fields: &[("repairs", "Count")] },
    ]
}

/// Writes the line, and a line for each finding that a repair has mended.
pub(crate) fn write_settled_line(decided: &Decided, outcome: Outcome, evidence: &Evidence, context: &Context<'_>) {
    let history = decided.history();
    let line = SettledLine::new(decided, &history, outcome, evidence, context);
    lines::write(&line, context.lines);
    for mended in &line.mended {
        write_mended_lines(mended, line.instance, line.group, context);
    }
}

impl<'a> SettledLine<'a> {
    fn new(
        decided: &'a Decided,
        history: &'a History<'_>,
        outcome: Outcome,
        evidence: &'a Evidence,
        context: &'a Context<'_>,
    ) -> Self {
        let (look, decision) = (&decided.look, &decided.decision);
        let report = history.weighed_report(decision.rule).map(|(_, report)| report);
        let seconds_waited = tell_launch(decided, context).map(|began| context.now().since(began).as_secs());
        let abandoned = decision.action == Action::Complete(LifecycleResult::Abandon);
        Self {
            message: SETTLED,
            version: VERSION,
            instance: look.instance.as_str(),
            group: look.group.as_deref(),
            hook: &context.config.readiness.hook,
            transition: name_transition(look),
            decision: name_result(decision.action),
            rule: decision.rule,
            reason: decision.reason.code(),
            outcome,
            seconds_waited,
            runs: history.count(Purpose::Readiness),
            repairs: history.count(Purpose::Repair),
            started_agent: history.count(Purpose::StartAgent),
            mended: list_mended(&look.seen),
            findings: report.iter().flat_map(|report| &report.findings).map(|finding| finding.code.as_str()).collect(),
            api_calls: context.calls.count(),
            warnings: list_warnings(look, history, evidence.deployments.complete(), seconds_waited),
            launches: 1,
            seconds_to_ready: seconds_waited.filter(|_| decision.rule == Rule::Ready),
            report: report.filter(|_| abandoned),
            evidence: evidence.output.as_deref(),
            deployments: evidence.deployments.listed.as_deref().unwrap_or_default(),
            aws: describe_metrics(NAMESPACE, context.now(), &list_metrics(&decision.reason)),
        }
    }
}

fn name_result(action: Action) -> &'static str {
    match action {
        Action::Complete(result) => result.as_str(),
        Action::Settle | Action::Wait | Action::Probe { .. } | Action::Repair(_) | Action::StartAgent(_) => "NONE",
    }
}

/// The wait state of the instance, which says where it was going.
fn name_transition(look: &Look) -> &'static str {
    match look.destination() {
        Some(Destination::Service) => "Pending:Wait",
        Some(Destination::Pool) => "Warmed:Pending:Wait",
        None => "unknown",
    }
}

/// What the owner of the group should change.
fn list_warnings(
    look: &Look,
    history: &History<'_>,
    deployments: Option<&[LaunchDeployment]>,
    waited: Option<u64>,
) -> Vec<String> {
    let mut warnings: Vec<String> = look.policy_warning.iter().chain(&look.warnings).cloned().collect();
    warnings.extend(list_idle_hooks(look, deployments, waited));
    warnings.extend(list_agent_warnings(&look.policy, history));
    let Some(hook) = look.seen.our_hook() else { return warnings };
    if hook.heartbeat_timeout < SHORTEST_HEARTBEAT {
        warnings.push(format!(
            "the hook's heartbeat timeout of {} s may lapse before SSM knows an instance; set at least {} s",
            hook.heartbeat_timeout.as_secs(),
            SHORTEST_HEARTBEAT.as_secs()
        ));
    }
    if hook.global_timeout < look.policy.ready_within {
        warnings.push(format!(
            "ready_within of {} s is beyond the hook's global timeout of {} s, and the smaller holds",
            look.policy.ready_within.as_secs(),
            hook.global_timeout.as_secs()
        ));
    }
    warnings
}
