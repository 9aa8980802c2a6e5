//! Laws of repairs.

use std::time::Duration;

use proptest::prelude::*;

use super::{newer_than_the_action, observation, policy, reports};
use crate::decide::decide;
use crate::decision::{Action, LifecycleResult, Reason};
use crate::event::Destination;
use crate::fixtures::{at, found, lost, ready, repair, run, waiting};
use crate::history::only_waited;
use crate::observation::{Beginning, Observation};
use crate::policy::{AgentPolicy, Mode, Policy};
use crate::report::{Class, Report};
use crate::run::{Loss, Purpose, Run, RunState};
use crate::timestamp::Timestamp;

/// The repairs of this launch that have done more than wait for somebody else, without the first start of the agent.
pub(super) fn repairs(seen: &Observation) -> impl Iterator<Item = &Run> {
    let first = starts(seen).last();
    mending(seen).filter(move |run| first.is_none_or(|first| !std::ptr::eq(*run, first)))
}

fn starts(seen: &Observation) -> impl Iterator<Item = &Run> {
    mending(seen).filter(|run| run.purpose == Purpose::StartAgent)
}

fn mending(seen: &Observation) -> impl Iterator<Item = &Run> {
    let own = seen.own_runs().filter(|run| newer_than_the_action(seen, run));
    own.filter(|run| run.purpose.mends() && !only_waited(run))
}

/// The newest report. Of a launch whose beginning is not known, only what ended within two minutes counts.
fn newest_report(seen: &Observation, now: i64) -> &Report {
    let lately = |run: &Run| run.ended_at().is_some_and(|ended| at(now).since(ended) <= Duration::from_mins(2));
    let counts = |run: &Run| newer_than_the_action(seen, run) && (seen.beginning != Beginning::Unknown || lately(run));
    reports(seen).find(|(run, _)| counts(run)).unwrap().1
}

/// How long the run that this action starts may wait, if it changes the instance.
fn wait_of(action: Action) -> Option<Duration> {
    match action {
        Action::Repair(wait) | Action::StartAgent(wait) => Some(wait),
        Action::Wait | Action::Probe { .. } | Action::Complete(_) | Action::Settle => None,
    }
}

/// Two minutes after its deadline a swept launch is left to the sweep, for 15 minutes.
fn repaired_by(seen: &Observation, policy: &Policy, now: i64) -> Timestamp {
    let deadline = at(0) + policy.ready_within;
    let swept = matches!(seen.beginning, Beginning::SoonAfter(_)) && deadline + Duration::from_mins(2) <= at(now);
    if swept { deadline + Duration::from_mins(15) } else { deadline }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_third_repair(seen in observation(), policy in policy(), now in 0..1200_i64) {
        let action = decide(&seen, &policy, at(now)).action;
        if action.mends() {
            let first_start = matches!(action, Action::StartAgent(_)) && starts(&seen).count() == 0;
            prop_assert!(first_start || repairs(&seen).count() < 2);
            prop_assert!(policy.repair && policy.mode == Mode::Enforce);
        }
    }

    /// With the agent last it is started when nothing else is missing, and is left alone by any other repair. On the way
    /// into a pool it is not started.
    #[test]
    fn the_agent_is_started_last(seen in observation(), policy in policy(), now in 0..1200_i64) {
        let action = decide(&seen, &policy, at(now)).action;
        if action.mends() {
            let report = newest_report(&seen, now);
            let only_agent = report.findings.iter().all(|finding| finding.check == "agent");
            let last = policy.agent == AgentPolicy::Last && seen.waits_for() == Some(Destination::Service);
            prop_assert_eq!(matches!(action, Action::StartAgent(_)), last && only_agent, "{:?}", action);
        }
    }

    /// A run that nobody mends after must wait for whoever else may; the one that proves a repair must not.
    #[test]
    fn what_is_offered_can_be_held(seen in observation(), policy in policy(), now in 0..1200_i64) {
        let decision = decide(&seen, &policy, at(now));
        let Action::Probe { offered, .. } = decision.action else { return Ok(()) };
        if decision.reason == Reason::Repairing {
            prop_assert_eq!(offered, policy.mends());
        } else if offered {
            let last = policy.toward(seen.waits_for()).agent == AgentPolicy::Last;
            prop_assert!(policy.mends() && (repairs(&seen).count() < 2 || last && starts(&seen).count() == 0));
            let known = seen.beginning != Beginning::Unknown;
            prop_assert!(!known || at(now) + Duration::from_secs(105) <= repaired_by(&seen, &policy, now));
        }
    }

    #[test]
    fn no_repair_without_the_time_to_mend_and_to_prove_it(seen in observation(), policy in policy(), now in 0..1200_i64) {
        if let Some(wait) = wait_of(decide(&seen, &policy, at(now)).action) {
            // Every beginning of these observations is the same moment, be it known or only told by a command.
            prop_assert!(at(now) + wait + Duration::from_secs(90) <= repaired_by(&seen, &policy, now));
        }
    }

    #[test]
    fn no_repair_beside_another_or_against_what_it_needs(seen in observation(), policy in policy(), now in 0..1200_i64) {
        let action = decide(&seen, &policy, at(now)).action;
        if action.mends() {
            let limit = |run: &Run| run.wait.unwrap_or(Duration::from_mins(5)) + Duration::from_mins(12);
            let taken_since = |run: &Run| run.state == RunState::Running && at(now).since(run.requested) < limit(run);
            // A start of the agent may follow a repair whose end SSM does not tell.
            let starts = matches!(action, Action::StartAgent(_));
            let first = mending(&seen).find(|run| taken_since(run));
            prop_assert!(first.is_none_or(|run| starts && run.purpose == Purpose::Repair));
            let report = newest_report(&seen, now);
            prop_assert!(report.findings.iter().all(|finding| !["boot", "network"].contains(&finding.check.as_str())));
        }
    }

    /// What is found before each repair and after the last ends the launch, unless one of these is otherwise.
    #[test]
    fn what_survives_two_repairs_ends_the_launch_at_once(first in 1..5_u8, second in 1..5_u8, gap in 0..9_i64, policy in policy()) {
        let end = |kind: u8, ended| match kind {
            1 => ready(ended),
            2 => found(ended, [("install", "install-failed", Class::Repairable)]),
            3 => found(ended, [("package-lock", "package-lock-held", Class::Transient)]),
            _ => lost(ended, Loss::Broken),
        };
        let policy = Policy { agent: AgentPolicy::Required, ..policy };
        let missing = |seconds| run(seconds, found(seconds + 1, [("agent", "agent-missing", Class::Repairable)]));
        let runs = [missing(21 + gap), repair(12 + gap, end(second, 20)), missing(10), repair(4, end(first, 9)), missing(1)];
        let decision = decide(&waiting().heard(at(0)).ran(runs), &policy, at(31));
        let ended = first <= 2 && second <= 2 && policy.mends() && policy.on_deadline == LifecycleResult::Abandon;
        if policy.ready_within > Duration::from_secs(31) {
            prop_assert_eq!(decision.action == Action::Complete(LifecycleResult::Abandon), ended, "{:?}", decision);
        }
    }
}
