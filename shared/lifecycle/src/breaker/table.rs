//! The table of the breaker: launches of a group, and what is done about them.

use std::time::Duration;

use super::{Group, Hindrance, Launch, Trip, first_activity, judge};
use crate::fixtures::at;
use crate::identity::InstanceId;
use crate::policy::{Breaker, BreakerAction, Mode, Policy};
use crate::timestamp::Timestamp;

mod activities;

/// Every judgement of the table is made so many seconds after the beginning.
const NOW: i64 = 4_000;

/// Three failures within an hour suspend.
pub(super) fn suspending() -> Policy {
    let breaker = Breaker { failures: 3, within: Duration::from_hours(1), action: BreakerAction::Suspend };
    Policy { breaker: Some(breaker), ..Policy::default() }
}

pub(super) fn group(policy: &Policy) -> Group<'_> {
    Group { name: "web", policy, is_policy_read: true, may_suspend: true, is_complete: true }
}

pub(super) fn instance(number: usize) -> InstanceId {
    InstanceId::try_from(format!("i-{number:08x}")).unwrap()
}

/// Launches in words: `F 100-160` failed, `S 100-160` succeeded, `O 100` is open; in seconds since the beginning.
fn launches(words: &str) -> Vec<Launch> {
    let launches = words.split(", ").filter(|word| !word.is_empty()).enumerate();
    launches.map(|(number, word)| launch(number, word)).collect()
}

fn launch(number: usize, word: &str) -> Launch {
    let (end, times) = word.split_once(' ').unwrap();
    let mut times = times.split('-').map(|seconds| at(seconds.parse().unwrap()));
    let (began, ended) = (times.next().unwrap(), times.next());
    let end = match (end, ended) {
        ("F", Some(ended)) => super::End::Failed(ended, "abandoned".to_owned()),
        ("S", Some(ended)) => super::End::Succeeded(ended),
        ("O", None) => super::End::Open,
        _ => panic!("{word}"),
    };
    Launch { instance: instance(number), began, end }
}

/// `-`, or what is done, and how many failed, in a row, and are open.
fn judged(words: &str, group: &Group<'_>, now: Timestamp) -> String {
    let launches = launches(words);
    judge(&launches, group, now).map_or("-".to_owned(), |(trip, count)| {
        let did = match trip {
            Trip::Suspend => "suspend".to_owned(),
            Trip::Alarm(why) => format!("alarm {why:?}"),
        };
        format!("{did}: {} failed, {} in a row, {} open", count.failed.len(), count.row, count.open)
    })
}

/// What happened, the launches, and what is done about them by a breaker of three failures within an hour.
const ROWS: [(&str, &str, &str); 24] = [
    ("nothing was launched", "", "-"),
    ("two failed", "F 3000-3060, F 3065-3125", "-"),
    (
        "three failed one after the other",
        "F 3000-3060, F 3065-3125, F 3130-3190",
        "suspend: 3 failed, 3 in a row, 0 open",
    ),
    (
        "their order in the list means nothing",
        "F 3130-3190, F 3000-3060, F 3065-3125",
        "suspend: 3 failed, 3 in a row, 0 open",
    ),
    (
        "what replaces the last one has begun after the row",
        "F 3000-3060, F 3065-3125, F 3130-3190, O 3195, O 3196, O 3197, O 3198",
        "suspend: 3 failed, 3 in a row, 0 open",
    ),
    ("the first of three failed before the window", "F 300-400, F 3065-3125, F 3130-3190", "-"),
    ("and just within it", "F 300-401, F 3065-3125, F 3130-3190", "suspend: 3 failed, 3 in a row, 0 open"),
    ("only the end counts", "F 0-3060, F 1-3125, F 2-3190", "suspend: 3 failed, 3 in a row, 0 open"),
    (
        "one succeeded before the row",
        "S 2900-2950, F 3000-3060, F 3065-3125, F 3130-3190",
        "suspend: 3 failed, 3 in a row, 0 open",
    ),
    (
        "one succeeded in the row",
        "F 3000-3060, F 3065-3125, S 3000-3126, F 3130-3190",
        "alarm Succeeded: 3 failed, 1 in a row, 0 open",
    ),
    (
        "the newest to end succeeded",
        "F 3000-3060, F 3065-3125, F 3130-3190, S 3000-3191",
        "alarm Succeeded: 3 failed, 0 in a row, 0 open",
    ),
    (
        "one succeeded in the same second as the last failed",
        "F 3000-3060, F 3065-3125, F 3130-3190, S 3000-3190",
        "alarm Succeeded: 3 failed, 0 in a row, 0 open",
    ),
    (
        "failures before a success count for the alarm only",
        "F 2800-2900, S 2800-2950, F 3000-3060, F 3065-3125",
        "alarm Succeeded: 3 failed, 2 in a row, 0 open",
    ),
    (
        "the last three of a batch hang until their deadline",
        "S 3000-3060, S 3001-3061, S 3002-3062, F 3000-3600, F 3001-3601, F 3002-3602",
        "alarm Succeeded: 3 failed, 0 in a row, 0 open",
    ),
    (
        "so do those that replace them",
        "S 3000-3060, F 3000-3300, F 3000-3300, F 3000-3300, F 3305-3605, F 3305-3605, F 3305-3605",
        "suspend: 6 failed, 3 in a row, 0 open",
    ),
    (
        "one of them began in the second in which the last good one began",
        "S 3305-3320, F 3305-3605, F 3306-3606, F 3307-3607",
        "alarm Succeeded: 3 failed, 2 in a row, 0 open",
    ),
    (
        "as many of the batch are open as have failed",
        "F 3000-3060, F 3000-3061, F 3000-3062, O 3000, O 3000, O 3000",
        "suspend: 3 failed, 3 in a row, 3 open",
    ),
    (
        "one more is open",
        "F 3000-3060, F 3000-3061, F 3000-3062, O 3000, O 3000, O 3000, O 3000",
        "alarm Open: 3 failed, 3 in a row, 4 open",
    ),
    (
        "it began in the second in which the first failed",
        "F 3000-3060, F 3000-3061, F 3000-3062, O 3000, O 3000, O 3000, O 3060",
        "alarm Open: 3 failed, 3 in a row, 4 open",
    ),
    (
        "it began a second later",
        "F 3000-3060, F 3000-3061, F 3000-3062, O 3000, O 3000, O 3000, O 3061",
        "suspend: 3 failed, 3 in a row, 3 open",
    ),
    (
        "a new batch after a failed row",
        "F 2000-2060, F 2065-2125, F 2130-2190, O 3900, O 3900, O 3900, O 3900, O 3900, O 3900",
        "suspend: 3 failed, 3 in a row, 0 open",
    ),
    (
        "after a resume the first new failure trips",
        "F 2000-2060, F 2065-2125, F 2130-2190, F 3900-3990, O 3900, O 3900",
        "suspend: 4 failed, 4 in a row, 0 open",
    ),
    (
        "after a resume and a success it does not",
        "F 2000-2060, F 2065-2125, F 2130-2190, S 3800-3880, F 3900-3990",
        "alarm Succeeded: 4 failed, 1 in a row, 0 open",
    ),
    ("only successes, and open ones", "S 2000-2060, S 3000-3060, O 2000, O 3990", "-"),
];

#[test]
fn every_row_is_judged_as_the_table_says() {
    let policy = suspending();
    for (what, words, expected) in ROWS {
        assert_eq!(judged(words, &group(&policy), at(NOW)), expected, "{what}");
    }
}

const BAD: &str = "F 3000-3060, F 3065-3125, F 3130-3190";

#[test]
fn a_group_without_the_key_has_no_breaker() {
    assert_eq!(judged(BAD, &group(&Policy::default()), at(NOW)), "-");
}

#[test]
fn what_forbids_a_suspension_leaves_the_alarm() {
    let policy = suspending();
    let alarm = Breaker { action: BreakerAction::Alarm, ..policy.breaker.unwrap() };
    let alarming = Policy { breaker: Some(alarm), ..policy.clone() };
    let observing = Policy { mode: Mode::Observe, ..policy.clone() };
    let all = group(&policy);
    for (group, hindrance) in [
        (group(&alarming), Hindrance::Policy),
        (group(&observing), Hindrance::Observes),
        (Group { may_suspend: false, ..all }, Hindrance::Stack),
        (Group { name: "CodeDeploy_prod_d-ABCDEF123", ..all }, Hindrance::Copied),
        (Group { is_policy_read: false, ..all }, Hindrance::OldPolicy),
        (Group { is_complete: false, ..all }, Hindrance::Incomplete),
    ] {
        let expected = format!("alarm {hindrance:?}: 3 failed, 3 in a row, 0 open");
        assert_eq!(judged(BAD, &group, at(NOW)), expected);
    }
    let named = Group { name: "web-CodeDeploy_prod", ..all };
    assert_eq!(judged(BAD, &named, at(NOW)), "suspend: 3 failed, 3 in a row, 0 open");
}

#[test]
fn the_policy_sets_how_many_and_within_which_time() {
    for (failures, within, trips) in
        [(1, 60, false), (1, 811, true), (2, 874, false), (2, 876, true), (4, 3_600, false)]
    {
        let breaker = Breaker { failures, within: Duration::from_secs(within), action: BreakerAction::Suspend };
        let policy = Policy { breaker: Some(breaker), ..Policy::default() };
        assert_eq!(judged(BAD, &group(&policy), at(NOW)) != "-", trips, "{failures} within {within} s");
    }
}

#[test]
fn the_last_to_end_is_the_first_of_those_that_failed() {
    let launches = launches("F 3065-3125, F 3000-3190, F 3130-3140");
    let policy = suspending();
    let (_, count) = judge(&launches, &group(&policy), at(NOW)).unwrap();
    let failed: Vec<_> = count.failed.iter().map(|launch| launch.instance.clone()).collect();
    assert_eq!(failed, [instance(1), instance(2), instance(0)]);
}

#[test]
fn activities_are_read_from_before_the_window() {
    let policy = Policy { ready_within: Duration::from_mins(10), ..suspending() };
    // The window, a launch that ends at its deadline, and an hour for other hooks.
    assert_eq!(first_activity(&policy.breaker.unwrap(), &policy, at(NOW)), at(NOW - 3_600 - 600 - 3_600));
}
