//! The one wide line that every settled lifecycle action leaves.

use lifecycle::decision::{Action, LifecycleResult, Rule};
use lifecycle::event::Phase;
use lifecycle::mended::{Mended, mended};
use lifecycle::observation::{Errand, Run, RunState};
use lifecycle::reads::SHORTEST_HEARTBEAT;
use lifecycle::report::Report;
use serde::Serialize;
use serde_json::Value;

use super::deployment::{Deployment, idle_hooks};
use super::field::SETTLED;
use super::metrics::{Metrics, member};
use crate::handler::Invocation;
use crate::look::Look;

/// What came of acting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// `CompleteLifecycleAction` was accepted.
    Accepted,
    /// Its answer was lost, and the action is not open any more: ours was accepted, unless the action had been settled
    /// before, which then has a line of its own.
    Presumed,
    /// The policy says to observe only; nothing was completed.
    Observed,
    /// The instance was gone before anything could be completed.
    Gone,
}

/// What is kept of an instance that is not there any more, beside its report.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    /// What its last runs wrote to standard error.
    pub(crate) text: Option<String>,
    /// What `CodeDeploy` began for its launch; unknown if it was not asked, or did not answer.
    pub(crate) deployments: Option<Vec<Deployment>>,
    /// Whether it may have begun more than these.
    pub(crate) partial: bool,
}

/// The line. Its field names are those of [`super::field::OF_SETTLED`].
#[derive(Debug, Serialize)]
pub(crate) struct Settled<'a> {
    message: &'static str,
    instance: &'a str,
    group: Option<&'a str>,
    hook: &'a str,
    transition: &'static str,
    decision: &'static str,
    rule: Option<Rule>,
    reason: &'a str,
    outcome: Outcome,
    seconds_waited: Option<u64>,
    runs: usize,
    repairs: usize,
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
    deployments: &'a [Deployment],
    #[serde(rename = "_aws")]
    aws: Value,
}

impl<'a> Settled<'a> {
    pub(crate) fn of(look: &'a Look, outcome: Outcome, evidence: &'a Evidence, invocation: &'a Invocation<'_>) -> Self {
        let now = (invocation.clock)();
        let runs = look.seen.runs.known().map(Vec::as_slice).unwrap_or_default();
        let of = |errand| runs.iter().filter(|run| run.errand == errand).count();
        let report = runs.iter().find_map(report);
        let seconds_waited = look.launched_at().map(|began| now.since(began).as_secs());
        let decision = decision(look);
        let abandoned = decision == LifecycleResult::Abandon.as_str();
        let rule = look.decision.as_ref().map(|decision| decision.rule);
        Self {
            message: SETTLED,
            instance: look.instance.as_str(),
            group: look.group.as_deref(),
            hook: &invocation.config.hook,
            transition: transition(look),
            decision,
            rule,
            reason: look.decision.as_ref().map_or("", |decision| decision.reason.code()),
            outcome,
            seconds_waited,
            runs: of(Errand::Readiness),
            repairs: of(Errand::Repair),
            mended: mended(&look.seen),
            findings: report.iter().flat_map(|report| &report.findings).map(|finding| finding.code.as_str()).collect(),
            api_calls: invocation.tally.calls(),
            warnings: warnings(look, evidence.deployments.as_deref().filter(|_| !evidence.partial), seconds_waited),
            launches: 1,
            seconds_to_ready: seconds_waited.filter(|_| rule == Some(Rule::Ready)),
            report: report.filter(|_| abandoned),
            evidence: evidence.text.as_deref(),
            deployments: evidence.deployments.as_deref().unwrap_or_default(),
            aws: member(now, &METRICS),
        }
    }

    pub(crate) fn write(&self, invocation: &Invocation<'_>) {
        super::write(self, invocation);
        for mended in &self.mended {
            super::mended::write(mended, self.instance, self.group, invocation);
        }
    }
}

const METRICS: [Metrics<'_>; 3] = [
    Metrics { by: &["decision", "reason"], fields: &[("launches", "Count")] },
    Metrics { by: &["group"], fields: &[("seconds_to_ready", "Seconds")] },
    Metrics { by: &[], fields: &[("repairs", "Count")] },
];

fn decision(look: &Look) -> &'static str {
    match look.decision.as_ref().map(|decision| decision.action) {
        Some(Action::Complete(result)) => result.as_str(),
        Some(Action::Settle | Action::Wait | Action::Probe { .. } | Action::Repair(_)) | None => "NONE",
    }
}

/// What the instance was launched into, as the hook's states name it.
fn transition(look: &Look) -> &'static str {
    match look.phase() {
        Some(Phase::Service) => "Pending:Wait",
        Some(Phase::Pool) => "Warmed:Pending:Wait",
        None => "unknown",
    }
}

fn report(run: &Run) -> Option<&Report> {
    match &run.state {
        RunState::Reported { report, .. } if run.errand == Errand::Readiness => Some(report),
        RunState::Reported { .. } | RunState::Sent | RunState::Running | RunState::Lost { .. } => None,
    }
}

/// What the owner of the group should change.
fn warnings(look: &Look, deployments: Option<&[Deployment]>, waited: Option<u64>) -> Vec<String> {
    let mut warnings = look.warnings.clone();
    warnings.extend(idle_hooks(look, deployments, waited));
    if let Some(hook) = look.seen.hook.known().copied().flatten() {
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
    }
    warnings
}
