//! Which remembered answers are enough for what.

use super::*;
use crate::decide;
use crate::event::Destination;
use crate::fixtures::{at, found, hooked, lost, ready, run, talking, waiting};
use crate::next_reads::next_reads;
use crate::observation::{Beginning, GroupHooks, LifecycleState, Ping, Reading};
use crate::report::Class;
use crate::run::{Loss, Run, RunState};

/// Everything was read earlier, and an instance waits that SSM heard 5 s after its launch.
fn remembered(runs: impl IntoIterator<Item = Run>) -> Observation {
    Observation {
        lifecycle_state: Reading::Remembered(LifecycleState::Waiting(Destination::Service)),
        ping: Reading::Remembered(Ping::Heard { online: true, at: at(5) }),
        runs: Reading::Remembered(runs.into_iter().collect()),
        hooks: Reading::Remembered(GroupHooks {
            ours: hooked(3600).known().and_then(|hooks| hooks.ours),
            ..GroupHooks::default()
        }),
        ..waiting()
    }
}

fn asks(seen: &Observation, now: i64) -> Reads {
    next_reads(seen, &Policy::default(), at(now))
}

const ALL: Reads = Reads { ping: true, lifecycle_state: true, runs: true, hooks: true };

#[test]
fn what_is_remembered_starts_a_run_and_waits_for_one() {
    for runs in [vec![], vec![run(30, RunState::Sent)]] {
        let seen = remembered(runs);
        assert!(asks(&seen, 61).none());
        assert!(matches!(decide(&seen, &Policy::default(), at(61)).action, Action::Probe { .. } | Action::Wait));
    }
}

#[test]
fn a_continue_on_a_remembered_report_needs_nothing_afresh() {
    let seen = remembered([run(30, ready(40))]);
    for now in [61, 700] {
        assert!(asks(&seen, now).none());
        assert_eq!(decide(&seen, &Policy::default(), at(now)).action, Action::Complete(LifecycleResult::Continue));
    }
}

#[test]
fn an_abandon_and_a_repair_need_everything_afresh() {
    for class in [Class::Fatal, Class::Repairable] {
        let seen = remembered([run(30, found(40, [("agent", "agent-missing", class)]))]);
        assert_eq!(asks(&seen, 61), ALL);
        assert_eq!(decide(&seen, &Policy::default(), at(61)).action, Action::Wait);
    }
}

#[test]
fn after_the_deadline_everything_is_read_afresh() {
    for runs in [vec![], vec![run(599, RunState::Sent)], vec![run(30, lost(40, Loss::Undelivered))]] {
        assert_eq!(asks(&remembered(runs), 600), ALL);
    }
}

#[test]
fn a_silence_is_not_concluded_from_a_ping_that_was_heard_once() {
    let seen = remembered([]).begun(Beginning::Unknown);
    assert_eq!(asks(&seen, 400), Reads { ping: true, ..Reads::default() });
    assert_eq!(decide(&seen, &Policy::default(), at(400)).action, Action::Wait);
}

#[test]
fn an_end_is_not_concluded_from_a_remembered_state() {
    let seen = Observation { destination: Some(Destination::Pool), ..remembered([]) };
    assert_eq!(asks(&seen, 61), ALL);
    assert_eq!(asks(&talking(), 61), Reads::default());
}
