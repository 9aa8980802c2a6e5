//! Laws of repairs.

use std::time::Duration;

use proptest::prelude::*;

use super::{newer_than_the_action, observation, policy, reports};
use crate::decide::decide;
use crate::decision::{Action, LifecycleResult, Reason};
use crate::fixtures::{at, found, lost, ready, repair, run, waiting};
use crate::history::only_waited;
use crate::observation::{Beginning, Observation};
use crate::policy::Mode;
use crate::report::Class;
use crate::run::{Loss, Purpose, Run, RunState};

/// The repairs of this launch that have done more than wait for somebody else.
pub(super) fn repairs(seen: &Observation) -> impl Iterator<Item = &Run> {
    let all = seen.runs.known().into_iter().flatten();
    all.filter(|run| run.purpose == Purpose::Repair && newer_than_the_action(seen, run) && !only_waited(run))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_third_repair(seen in observation(), policy in policy(), now in 0..1200_i64) {
        if let Action::Repair(_) = decide(&seen, &policy, at(now)).action {
            prop_assert!(repairs(&seen).count() < 2 && policy.repair && policy.mode == Mode::Enforce);
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
            prop_assert!(policy.mends() && repairs(&seen).count() < 2);
            let known = seen.beginning != Beginning::Unknown;
            prop_assert!(!known || at(now) + Duration::from_secs(105) <= at(0) + policy.ready_within);
        }
    }

    #[test]
    fn no_repair_without_the_time_to_mend_and_to_prove_it(seen in observation(), policy in policy(), now in 0..1200_i64) {
        if let Action::Repair(wait) = decide(&seen, &policy, at(now)).action {
            // Every beginning of these observations is the same moment, be it known or only told by a command.
            prop_assert!(at(now) + wait + Duration::from_secs(90) <= at(0) + policy.ready_within);
        }
    }

    #[test]
    fn no_repair_beside_another_or_against_what_it_needs(seen in observation(), policy in policy(), now in 0..1200_i64) {
        if let Action::Repair(_) = decide(&seen, &policy, at(now)).action {
            let limit = |run: &Run| run.wait.unwrap_or(Duration::from_mins(5)) + Duration::from_mins(12);
            let taken_since = |run: &Run| run.state == RunState::Running && at(now).since(run.requested) < limit(run);
            prop_assert!(!repairs(&seen).any(taken_since));
            let last = reports(&seen).find(|(run, _)| newer_than_the_action(&seen, run));
            let (_, report) = last.unwrap();
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
        let missing = |seconds| run(seconds, found(seconds + 1, [("agent", "agent-missing", Class::Repairable)]));
        let runs = [missing(21 + gap), repair(12 + gap, end(second, 20)), missing(10), repair(4, end(first, 9)), missing(1)];
        let decision = decide(&waiting().heard(at(0)).ran(runs), &policy, at(31));
        let ended = first <= 2 && second <= 2 && policy.mends() && policy.on_deadline == LifecycleResult::Abandon;
        if policy.ready_within > Duration::from_secs(31) {
            prop_assert_eq!(decision.action == Action::Complete(LifecycleResult::Abandon), ended, "{:?}", decision);
        }
    }
}
