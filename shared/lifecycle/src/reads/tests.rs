//! What each look costs.

use super::*;
use crate::fixtures::{at, found, hook, launch, ready, run, talking, waiting};
use crate::observation::Ping;
use crate::report::Class;

fn asks(seen: &Observation, now: i64) -> Vec<&'static str> {
    let reads = wanted(seen, &Policy::default(), at(now));
    let named = [(reads.ping, "ping"), (reads.presence, "presence"), (reads.runs, "runs"), (reads.hook, "hook")];
    named.into_iter().filter_map(|(wanted, name)| wanted.then_some(name)).collect()
}

fn nudged() -> Observation {
    launch().begun(Beginning::Unknown)
}

#[test]
fn an_instance_that_ssm_does_not_know_needs_no_other_read_yet() {
    assert_eq!(asks(&launch(), 1), ["ping"]);
    let silent = Observation { ping: Reading::Known(Ping::Never), ..launch() };
    assert!(wanted(&silent, &Policy::default(), at(16)).none());
}

#[test]
fn a_heartbeat_may_be_due_from_the_75th_second() {
    let silent = Observation { ping: Reading::Known(Ping::Never), ..launch() };
    assert_eq!(asks(&silent, 74), Vec::<&str>::new());
    assert_eq!(asks(&silent, 75), ["hook"]);
    assert_eq!(asks(&launch(), 76), ["ping", "hook"]);
}

#[test]
fn where_codedeploy_may_end_the_launch_one_that_ssm_does_not_know_is_looked_for() {
    let silent = Observation { ping: Reading::Known(Ping::Never), shared: true, ..launch() };
    assert_eq!(asks(&silent, 75), ["presence", "hook"]);
    let there = Observation { presence: waiting().presence, hook: waiting().hook, ..silent.clone() };
    assert_eq!(asks(&there, 75), Vec::<&str>::new());
    assert_eq!(asks(&silent.heard(at(70)), 75), ["runs", "hook"]);
}

#[test]
fn one_that_talks_is_looked_at_whole() {
    assert_eq!(asks(&launch().heard(at(5)), 16), ["runs"]);
    let first = launch().heard(at(5)).ran([]);
    assert!(wanted(&first, &Policy::default(), at(16)).none(), "the first run needs no more");
    assert_eq!(asks(&launch().heard(at(5)).ran([run(10, ready(12))]), 16), ["presence"]);
    assert!(wanted(&talking(), &Policy::default(), at(100)).none());
}

#[test]
fn a_verdict_at_the_deadline_needs_every_read() {
    let silent = Observation { ping: Reading::Known(Ping::Never), hook: Reading::Known(Some(hook(3600))), ..launch() };
    assert_eq!(asks(&silent, 599), Vec::<&str>::new());
    assert_eq!(asks(&silent, 600), ["presence", "runs"]);
}

#[test]
fn one_that_has_left_needs_no_runs() {
    let left = Observation { presence: Reading::Known(Presence::of("InService")), ..launch().heard(at(5)) };
    assert_eq!(asks(&left, 16), Vec::<&str>::new());
}

#[test]
fn a_nudge_asks_where_the_instance_is_and_then_for_the_rest() {
    assert_eq!(asks(&nudged(), 1), ["presence"]);
    let waits = Observation { presence: waiting().presence, ..nudged() };
    assert_eq!(asks(&waits, 1), ["hook"]);
    let hooked = Observation { hook: waiting().hook, ..waits.clone() };
    assert_eq!(asks(&hooked, 1), ["runs"]);
    assert_eq!(asks(&hooked.clone().ran([]), 1), ["ping"]);
    assert_eq!(asks(&hooked.clone().ran([run(0, ready(1))]), 1), Vec::<&str>::new());
    let finding = found(1, [("boot", "boot-running", Class::Transient)]);
    assert_eq!(asks(&hooked.ran([run(0, finding)]), 1), Vec::<&str>::new());
    let unhooked = Observation { hook: Reading::Known(None), ..waits };
    assert_eq!(asks(&unhooked, 1), Vec::<&str>::new());
}

#[test]
fn a_failed_read_ends_the_look() {
    let failed = Observation { ping: Reading::Failed, ..launch() };
    assert!(wanted(&failed, &Policy::default(), at(300)).none());
}

#[test]
fn a_swept_instance_is_decided_by_the_policy_in_its_hook() {
    let swept = Observation { presence: waiting().presence, ..launch() }.begun(Beginning::SoonAfter(at(0)));
    assert_eq!(asks(&swept, 59), ["ping"]);
    assert_eq!(asks(&swept, 60), ["ping", "hook"]);
    let silent = Observation { ping: Reading::Known(Ping::Never), ..swept.clone() };
    assert_eq!(asks(&silent, 59), Vec::<&str>::new());
    assert_eq!(asks(&silent, 60), ["hook"]);
    assert_eq!(asks(&swept.clone().heard(at(5)), 59), ["hook"]);
    let hooked = Observation { hook: waiting().hook, ..swept.clone().heard(at(5)) };
    assert_eq!(asks(&hooked, 70), ["runs"]);
    assert_eq!(asks(&Observation { hook: Reading::Known(None), ..swept }, 70), Vec::<&str>::new());
}
