//! Laws of verdicts, and of the heartbeats that last until them.

use std::time::Duration;

use proptest::prelude::*;

use super::{observation, policy};
use crate::decide::decide;
use crate::decision::{Action, Heartbeat, LifecycleResult, Rule};
use crate::fixtures::{at, glance, hooked, waiting};
use crate::observation::{Observation, Reading};
use crate::ping::{heard_since, was_heard};
use crate::policy::Policy;
use crate::run::{Loss, Purpose, Run, RunState};
use crate::timing::deadline;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// An instance that SSM hears from, and that has taken its last run, is looked at after the deadline.
    #[test]
    fn nobody_is_given_up_unseen(seen in observation(), policy in policy(), now in 0..1200_i64) {
        let decision = decide(&seen, &policy, at(now));
        if decision.rule != Rule::Deadline || decision.action != Action::Complete(LifecycleResult::Abandon) {
            return Ok(());
        }
        let end = deadline(&seen, &policy).unwrap();
        let is_last_look = |run: &&Run| run.purpose == Purpose::Readiness && run.requested >= end && run.wait == Some(Duration::ZERO);
        let mut last_looks = seen.own_runs().filter(is_last_look);
        let looked = last_looks.any(|run| run.report().is_some() || at(now) >= run.requested + Duration::from_mins(1));
        let undelivered = |run: &Run| match run.state {
            RunState::Lost { loss, .. } => loss == Loss::Undelivered,
            RunState::Running | RunState::Reported { .. } => false,
            RunState::Sent => at(now).since(run.requested) >= Duration::from_secs(90),
        };
        let silent = |run: &Run| run.requested >= end || !heard_since(&seen, run.requested);
        let takes_none = seen.takes_no_run || seen.own_runs().next().is_some_and(|run| undelivered(run) && silent(run));
        prop_assert!(looked || takes_none || !was_heard(&seen, at(now)), "{decision:?}");
    }

    #[test]
    fn nothing_is_completed_or_changed_on_a_policy_that_was_not_read_now(seen in observation(), policy in policy(), now in 0..1200_i64) {
        let seen = Observation { hooks: Reading::Unread, ..seen };
        let action = decide(&seen, &policy, at(now)).action;
        prop_assert!(matches!(action, Action::Wait | Action::Probe { .. } | Action::Settle), "{action:?}");
    }

    #[test]
    fn no_repair_without_a_heartbeat(seen in observation(), policy in policy(), now in 0..1200_i64) {
        let decision = decide(&seen, &policy, at(now));
        prop_assert!(!decision.action.mends() || decision.heartbeat == Heartbeat::Due);
    }

    #[test]
    fn what_was_settled_at_the_deadline_stays_settled(seen in observation(), policy in policy(), now in 0..1200_i64, later in 0..600_i64) {
        let decided = |now| decide(&seen, &policy, at(now));
        if decided(now).rule == Rule::Deadline {
            prop_assert_eq!(decided(now + later).action, decided(now).action);
        }
    }

    /// With looks every tick no gap between heartbeats reaches the hook's timeout, even if all heartbeats of one window are
    /// lost. An instance that SSM hears from gets a last look, accepted at the first look after the deadline.
    #[test]
    fn heartbeats_never_lapse_while_waiting(timeout in 120..1200_u64, first in 0..30_i64, ready_within in 30..4000_u64, lost in 0..20_i64, heard in any::<bool>()) {
        let policy = Policy { ready_within: Duration::from_secs(ready_within), ..Policy::default() };
        let mut seen = Observation { hooks: hooked(timeout), ..waiting() };
        let third = i64::try_from(timeout / 3).unwrap();
        let mut alive_until = i64::try_from(timeout).unwrap();
        for now in (first..5000).step_by(30) {
            prop_assert!(now < alive_until, "lapsed at {alive_until} s, looked at {now} s");
            if heard {
                seen = seen.heard(at(now));
            }
            let decision = decide(&seen, &policy, at(now));
            match decision.action {
                Action::Complete(_) => break,
                Action::Probe { wait, .. } if wait.is_zero() => seen = seen.ran([glance(now, RunState::Running)]),
                Action::Wait | Action::Probe { .. } | Action::Repair(_) | Action::StartAgent(_) | Action::Settle => {}
            }
            let arrives = timeout < 180 || now / third != lost;
            if decision.heartbeat != Heartbeat::No && arrives {
                alive_until = now + i64::try_from(timeout).unwrap();
            }
        }
    }
}
