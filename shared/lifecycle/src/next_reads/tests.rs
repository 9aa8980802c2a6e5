//! What each look costs.

use super::*;
use crate::event::Destination;
use crate::fixtures::{WAIT, at, found, hooked, launch, ready, run, talking, waiting};
use crate::observation::{GroupHooks, LifecycleState, Ping};
use crate::report::Class;

fn asks(seen: &Observation, now: i64) -> Vec<&'static str> {
    let reads = next_reads(seen, &Policy::default(), at(now));
    let named = [
        (reads.ping, "ping"),
        (reads.lifecycle_state, "lifecycle state"),
        (reads.runs, "runs"),
        (reads.hooks, "hooks"),
    ];
    named.into_iter().filter_map(|(needed, name)| needed.then_some(name)).collect()
}

fn nudged() -> Observation {
    launch().begun(Beginning::Unknown)
}

#[test]
fn an_instance_that_ssm_does_not_know_needs_no_other_read_yet() {
    assert_eq!(asks(&launch(), 2), Vec::<&str>::new(), "no machine boots in 2 s");
    let from_pool = Observation { destination: Some(Destination::Service), ..launch() };
    assert_eq!(asks(&from_pool, 2), ["ping"]);
    assert_eq!(asks(&launch(), 3), ["ping"]);
    let silent = Observation { ping: Reading::Known(Ping::Never), ..launch() };
    assert!(next_reads(&silent, &Policy::default(), at(16)).none());
}

#[test]
fn a_heartbeat_may_be_due_from_the_30th_second() {
    let silent = Observation { ping: Reading::Known(Ping::Never), ..launch() };
    assert_eq!(asks(&silent, 29), Vec::<&str>::new());
    assert_eq!(asks(&silent, 30), ["hooks"]);
    assert_eq!(asks(&launch(), 31), ["ping", "hooks"]);
}

#[test]
fn from_the_second_minute_on_it_is_first_asked_whether_it_still_waits() {
    assert_eq!(asks(&launch(), 59), ["ping", "hooks"]);
    assert_eq!(asks(&launch(), 60), ["lifecycle state", "hooks"]);
    let gone = Observation { lifecycle_state: Reading::Known(LifecycleState::Gone), ..launch() };
    assert_eq!(asks(&gone, 60), Vec::<&str>::new());
    let waits = Observation { lifecycle_state: waiting().lifecycle_state, hooks: hooked(3600), ..launch() };
    assert_eq!(asks(&waits, 60), ["ping"]);
}

#[test]
fn no_verdict_and_no_repair_on_the_policy_of_the_message() {
    let blank = || Observation { lifecycle_state: waiting().lifecycle_state, ..launch() }.heard(at(5));
    for end in [
        ready(12),
        found(12, [("agent", "agent-missing", Class::Repairable)]),
        found(12, [("agent", "agent-no-credentials", Class::Fatal)]),
    ] {
        assert_eq!(asks(&blank().ran([run(10, end)]), 16), ["hooks"]);
    }
    let transient = found(12, [("boot", "boot-running", Class::Transient)]);
    assert_eq!(asks(&blank().ran([run(10, transient)]), 16), Vec::<&str>::new());
    let silent = Observation { ping: Reading::Known(Ping::Never), ..blank().ran([]) };
    assert_eq!(asks(&silent, 600), ["hooks"]);
}

#[test]
fn one_that_talks_is_looked_at_whole() {
    assert_eq!(asks(&launch().heard(at(5)), 16), ["runs"]);
    let first = launch().heard(at(5)).ran([]);
    assert!(next_reads(&first, &Policy::default(), at(16)).none(), "the first run needs no more");
    assert_eq!(asks(&launch().heard(at(5)).ran([run(10, ready(12))]), 16), ["lifecycle state"]);
    assert!(next_reads(&talking(), &Policy::default(), at(100)).none());
}

#[test]
fn a_verdict_at_the_deadline_needs_every_read() {
    let (lifecycle_state, hooks) = (waiting().lifecycle_state, hooked(3600));
    let silent = Observation { ping: Reading::Known(Ping::Never), lifecycle_state, hooks, ..launch() };
    assert_eq!(asks(&silent, 599), Vec::<&str>::new());
    assert_eq!(asks(&silent, 600), ["runs"]);
}

#[test]
fn one_that_has_left_needs_no_runs() {
    let left =
        Observation { lifecycle_state: Reading::Known(LifecycleState::parse("InService")), ..launch().heard(at(5)) };
    assert_eq!(asks(&left, 16), Vec::<&str>::new());
}

#[test]
fn a_nudge_asks_where_the_instance_is_and_then_for_the_rest() {
    assert_eq!(asks(&nudged(), 1), ["lifecycle state"]);
    let waits = Observation { lifecycle_state: waiting().lifecycle_state, ..nudged() };
    assert_eq!(asks(&waits, 1), ["hooks"]);
    let hooked = Observation { hooks: waiting().hooks, ..waits.clone() };
    assert_eq!(asks(&hooked, 1), ["runs"]);
    assert_eq!(asks(&hooked.clone().ran([]), 1), ["ping"]);
    assert_eq!(asks(&hooked.clone().ran([run(0, ready(1))]), 1), Vec::<&str>::new());
    let finding = found(1, [("boot", "boot-running", Class::Transient)]);
    assert_eq!(asks(&hooked.ran([run(0, finding)]), 1), Vec::<&str>::new());
    let unhooked = Observation { hooks: Reading::Known(GroupHooks::default()), ..waits };
    assert_eq!(asks(&unhooked, 1), Vec::<&str>::new());
}

#[test]
fn a_failed_read_ends_the_look() {
    let failed = Observation { ping: Reading::Failed, ..launch() };
    assert!(next_reads(&failed, &Policy::default(), at(300)).none());
}

#[test]
fn a_swept_instance_is_decided_by_the_policy_in_its_hook() {
    let swept =
        Observation { lifecycle_state: waiting().lifecycle_state, ..launch() }.begun(Beginning::SoonAfter(at(0)));
    assert_eq!(asks(&swept, 59), ["ping"]);
    assert_eq!(asks(&swept, 60), ["ping", "hooks"]);
    let silent = Observation { ping: Reading::Known(Ping::Never), ..swept.clone() };
    assert_eq!(asks(&silent, 59), Vec::<&str>::new());
    assert_eq!(asks(&silent, 60), ["hooks"]);
    assert_eq!(asks(&swept.clone().heard(at(5)), 59), ["hooks"]);
    let hooked = Observation { hooks: waiting().hooks, ..swept.clone().heard(at(5)) };
    assert_eq!(asks(&hooked, 70), ["runs"]);
    assert_eq!(asks(&Observation { hooks: Reading::Known(GroupHooks::default()), ..swept }, 70), Vec::<&str>::new());
}

#[test]
fn while_a_run_is_awaited_no_ping_is_read_but_once_it_must_have_ended() {
    let seen = Observation { ping: Reading::Unread, ..waiting() }.ran([run(60, RunState::Running)]);
    let over = 60 + 80 + WAIT.as_secs().cast_signed();
    assert_eq!(asks(&seen, over - 1), Vec::<&str>::new());
    assert_eq!(asks(&seen, over), ["ping"]);
}
