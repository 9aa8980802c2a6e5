//! Laws that hold for every observation, policy and moment; proptest looks for the exception.

mod repairs;
mod verdicts;

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::decide;
use crate::decision::{Action, LifecycleResult, Rule};
use crate::event::{Destination, parse};
use crate::fixtures::{at, found, hooked, lost, ready, run, talking, waiting};
use crate::observation::{Beginning, LifecycleState, Observation, Ping, Reading};
use crate::policy::{AgentPolicy, Mode, Policy};
use crate::report::{Class, Report};
use crate::run::{Loss, Purpose, Run, RunState};
use crate::timing::deadline;
use repairs::repairs;

fn reading<T: std::fmt::Debug + Clone + 'static>(
    known: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Reading<T>> {
    prop_oneof![1 => Just(Reading::Failed), 9 => known.prop_map(Reading::Known)].boxed()
}

fn remembered<T>(reading: Reading<T>) -> Reading<T> {
    if let Reading::Known(value) = reading { Reading::Remembered(value) } else { reading }
}

fn lifecycle_state() -> impl Strategy<Value = LifecycleState> {
    prop_oneof![
        6 => Just(LifecycleState::Waiting(Destination::Service)),
        2 => Just(LifecycleState::Waiting(Destination::Pool)),
        1 => Just(LifecycleState::parse("InService")),
        1 => Just(LifecycleState::Gone),
        1 => Just(LifecycleState::Absent),
    ]
}

fn ping() -> impl Strategy<Value = Ping> {
    prop_oneof![
        1 => Just(Ping::Never),
        4 => (any::<bool>(), -400..900_i64).prop_map(|(online, heard)| Ping::Heard { online, at: at(heard) }),
    ]
}

fn a_run() -> impl Strategy<Value = Run> {
    let loss = prop_oneof![Just(Loss::Undelivered), Just(Loss::TimedOut), Just(Loss::Broken), Just(Loss::Cancelled)];
    let state =
        (0..6_u8, -400..900_i64, loss, a_finding(), a_finding()).prop_map(
            |(kind, ended, loss, one, other)| match kind {
                0 => RunState::Sent,
                1 => RunState::Running,
                2 => ready(ended),
                3 => found(ended, [one]),
                4 => found(ended, [one, other]),
                _ => lost(ended, loss),
            },
        );
    let wait = prop_oneof![Just(Some(0)), Just(Some(0)), Just(Some(60)), Just(Some(240)), Just(None)];
    (-500..900_i64, 0..4_u8, state, any::<bool>(), wait).prop_map(|(requested, purpose, state, told, wait)| Run {
        purpose: [Purpose::Readiness, Purpose::Readiness, Purpose::Repair, Purpose::StartAgent][usize::from(purpose)],
        launched: told.then(|| at(0)),
        wait: wait.map(Duration::from_secs),
        ..run(requested, state)
    })
}

fn a_finding() -> impl Strategy<Value = (&'static str, &'static str, Class)> {
    prop_oneof![
        4 => Just(("agent", "agent-missing", Class::Repairable)),
        1 => Just(("agent", "agent-starting", Class::Transient)),
        1 => Just(("agent", "agent-no-credentials", Class::Fatal)),
        1 => Just(("boot", "boot-running", Class::Transient)),
        1 => Just(("packages", "package-missing", Class::Repairable)),
        1 => Just(("network", "network-no-route", Class::Transient)),
        1 => Just(("package-lock", "package-lock-held", Class::Transient)),
        1 => Just(("install", "install-busy", Class::Transient)),
    ]
}

prop_compose! {
    fn beginning()(kind in 0..3_u8) -> Beginning {
        match kind {
            0 => Beginning::At(at(0)),
            1 => Beginning::SoonAfter(at(0)),
            _ => Beginning::Unknown,
        }
    }
}

prop_compose! {
    fn observation()(
        beginning in beginning(),
        lifecycle_state in reading(lifecycle_state()),
        ping in reading(ping()),
        runs in reading(vec(a_run(), 0..6)),
        heartbeat in 30..7200_u64,
        takes_no_run in (0..8_u8).prop_map(|chance| chance == 0),
    ) -> Observation {
        let hooks = hooked(heartbeat);
        Observation { beginning, lifecycle_state, ping, runs, hooks, takes_no_run, ..waiting() }
    }
}

prop_compose! {
    fn policy()(ready_within in 30..900_u64, lenient in any::<bool>(), repair in 0..8_u8, observing in 0..8_u8, last in any::<bool>()) -> Policy {
        let on_deadline = if lenient { LifecycleResult::Continue } else { LifecycleResult::Abandon };
        let mode = if observing == 0 { Mode::Observe } else { Mode::Enforce };
        let agent = if last && repair > 0 { AgentPolicy::Last } else { AgentPolicy::Required };
        let ready_within = Duration::from_secs(ready_within);
        Policy { ready_within, on_deadline, repair: repair > 0, mode, agent, ..Policy::default() }
    }
}

fn reports(seen: &Observation) -> impl Iterator<Item = (&Run, &Report)> {
    seen.runs.known().into_iter().flatten().filter_map(|run| match &run.state {
        RunState::Reported { report, .. } => (run.purpose == Purpose::Readiness).then_some((run, report)),
        RunState::Sent | RunState::Running | RunState::Lost { .. } => None,
    })
}

fn newer_than_the_action(seen: &Observation, run: &Run) -> bool {
    seen.beginning == Beginning::Unknown || run.requested >= at(0)
}

/// The scaling activity may be read a moment late, and then still be that of the way into the pool.
#[test]
fn what_was_said_on_the_way_into_the_pool_lets_nobody_out_again() {
    for beginning in [Beginning::At(at(0)), Beginning::SoonAfter(at(0)), Beginning::Unknown] {
        let into_pool = Run { destination: Some(Destination::Pool), ..run(30, ready(40)) };
        let seen = talking().begun(beginning).ran([into_pool]);
        assert_ne!(decide(&seen, &Policy::default(), at(60)).action, Action::Complete(LifecycleResult::Continue));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_continue_without_a_ready_report_newer_than_the_action(seen in observation(), policy in policy(), now in 0..1200_i64) {
        let decision = decide(&seen, &policy, at(now));
        if decision.action == Action::Complete(LifecycleResult::Continue) && decision.rule != Rule::Deadline {
            let proven = reports(&seen).any(|(run, report)| report.ready && newer_than_the_action(&seen, run));
            prop_assert!(proven, "{decision:?}");
        }
    }

    #[test]
    fn a_nudge_takes_no_report_older_than_two_minutes(seen in observation(), policy in policy(), now in 0..1200_i64) {
        let decision = decide(&Observation { beginning: Beginning::Unknown, ..seen.clone() }, &policy, at(now));
        if let Action::Complete(_) = decision.action {
            let recent = reports(&seen).any(|(run, _)| matches!(run.state, RunState::Reported { at: ended, .. } if at(now).since(ended) <= Duration::from_mins(2)));
            prop_assert!(recent, "{decision:?}");
        }
    }

    #[test]
    fn no_abandon_before_the_deadline_without_a_fatal_finding_or_two_vain_repairs(seen in observation(), policy in policy(), now in 0..1200_i64) {
        let decision = decide(&seen, &policy, at(now));
        let early = deadline(&seen, &policy).is_none_or(|deadline| at(now) < deadline);
        if early && decision.action == Action::Complete(LifecycleResult::Abandon) {
            let fatal = reports(&seen).any(|(_, report)| report.worst().is_some_and(|worst| worst.class == Class::Fatal));
            let vain = repairs(&seen).filter(|run| matches!(run.state, RunState::Reported { .. })).count() >= 2;
            prop_assert!(fatal || (vain && policy.mends() && policy.on_deadline == LifecycleResult::Abandon), "{decision:?}");
        }
    }

    #[test]
    fn a_failed_read_never_gives_a_verdict(seen in observation(), policy in policy(), now in 0..1200_i64, which in 0..5_u8) {
        let seen = match which {
            0 => Observation { lifecycle_state: Reading::Failed, ..seen },
            1 => Observation { ping: Reading::Failed, ..seen },
            2 => Observation { runs: Reading::Failed, ..seen },
            3 => Observation { hooks: Reading::Failed, ..seen },
            _ => Observation { is_copied_now: Reading::Failed, ..seen },
        };
        let action = decide(&seen, &policy, at(now)).action;
        prop_assert!(matches!(action, Action::Wait | Action::Settle), "{action:?}");
    }

    /// What is remembered never ends a launch and never changes an instance.
    #[test]
    fn what_is_remembered_does_nothing_that_cannot_be_taken_back(seen in observation(), policy in policy(), now in 0..1200_i64, which in 0..4_u8) {
        let seen = match which {
            0 => Observation { lifecycle_state: remembered(seen.lifecycle_state), ..seen },
            1 => Observation { ping: remembered(seen.ping), ..seen },
            2 => Observation { runs: remembered(seen.runs), ..seen },
            _ => Observation { hooks: remembered(seen.hooks), ..seen },
        };
        prop_assume!(!seen.has_failed_read());
        let decision = decide(&seen, &policy, at(now));
        let continued = decision.rule == Rule::Ready;
        let harmless = matches!(decision.action, Action::Wait | Action::Probe { .. }) || continued;
        prop_assert!(harmless, "{decision:?}");
    }

    #[test]
    fn deciding_twice_is_deciding_once(seen in observation(), policy in policy(), now in 0..1200_i64) {
        prop_assert_eq!(decide(&seen, &policy, at(now)), decide(&seen, &policy, at(now)));
    }

    #[test]
    fn a_ready_instance_is_continued_however_late(seen in observation(), policy in policy(), now in 0..1200_i64, run_at in 0..900_i64) {
        let seen = Observation { beginning: Beginning::At(at(0)), ..seen }.ran([run(run_at, ready(run_at + 5))]);
        let readable = !seen.has_failed_read() && matches!(seen.lifecycle_state, Reading::Known(LifecycleState::Waiting(_)));
        if readable {
            prop_assert_eq!(decide(&seen, &policy, at(now)).action, Action::Complete(LifecycleResult::Continue));
        }
    }

    #[test]
    fn a_run_ends_before_the_deadline(seen in observation(), policy in policy(), now in 0..1200_i64) {
        if let (Action::Probe { wait, .. }, Some(deadline)) = (decide(&seen, &policy, at(now)).action, deadline(&seen, &policy)) {
            prop_assert!(wait.is_zero() || at(now) + wait < deadline);
        }
    }

    #[test]
    fn parse_never_panics_on_any_bytes(bytes in vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes, None);
    }

    #[test]
    fn parse_never_panics_on_json_of_nearly_the_right_shape(
        source in "aws\\.(autoscaling|ssm|codedeploy|events)|x",
        detail_type in "EC2 Instance-launch Lifecycle Action|EC2 Command Invocation Status-change Notification|SSM Managed Instance Registration|CodeDeploy Instance State-change Notification|Scheduled Event",
        key in "EC2InstanceId|instance-id|instanceId|LifecycleHookName",
        value in ".{0,24}",
        time in ".{0,24}",
    ) {
        let body = serde_json::json!({"source": source, "detail-type": detail_type, "time": time, "detail": {key: value}});
        let _ = parse(body.to_string().as_bytes(), None);
    }

    #[test]
    fn a_policy_never_panics(text in "\\{\"(mode|ready_within|checks|x)\":.{0,40}\\}|.{0,40}") {
        let _ = Policy::parse(&text, &Policy::default());
    }
}
