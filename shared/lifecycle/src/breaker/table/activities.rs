//! Which activities are launches, and how each ended.

use std::collections::BTreeSet;

use super::{NOW, instance};
use crate::breaker::{Activity, End, list_launches, mark_abandoned};
use crate::fixtures::at;

const ABANDONED: &str = "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token \
    c3d1f0aa-17a4-4e6b-9c0e-6a4f8d2b7e90 was abandoned: Lifecycle Action Completed with ABANDON Result";
const NO_CAPACITY: &str = "We currently do not have sufficient t3.micro capacity. Launching EC2 instance failed.";

/// From second 10 to second 70, or with no end.
fn activity(description: &str, status: &str, message: &str, ends: bool) -> Activity {
    let text = str::to_owned;
    let (description, status, message) = (text(description), text(status), text(message));
    Activity { description, cause: String::new(), status, message, began: at(10), ended: ends.then(|| at(70)) }
}

fn end_of(activity: Activity) -> Option<End> {
    let launches = list_launches(&[activity], at(NOW));
    launches.into_iter().next().map(|launch| {
        assert_eq!((launch.instance, launch.began), (instance(1), at(10)));
        launch.end
    })
}

#[test]
fn the_status_says_how_a_launch_ended() {
    let launching = "Launching a new EC2 instance: i-00000001";
    let failed = |why: &str| Some(End::Failed(at(70), why.to_owned()));
    let rows = [
        ("Successful", "", true, Some(End::Succeeded(at(70)))),
        ("WaitingForInstanceWarmup", "", false, Some(End::Succeeded(at(NOW)))),
        ("Cancelled", ABANDONED, true, failed(ABANDONED)),
        ("Failed", ABANDONED, true, failed(ABANDONED)),
        ("Failed", "", true, failed("")),
        ("Cancelled", ABANDONED, false, Some(End::Failed(at(NOW), ABANDONED.to_owned()))),
        // Taken back.
        ("Cancelled", "", true, None),
        ("PreInService", "", false, Some(End::Open)),
        ("MidLifecycleAction", "", false, Some(End::Open)),
        ("InProgress", "", false, Some(End::Open)),
        ("WaitingForInPlaceUpdateToStart", "", false, Some(End::Open)),
        ("a status of next year", "", false, Some(End::Open)),
    ];
    for (status, message, ends, end) in rows {
        assert_eq!(end_of(activity(launching, status, message, ends)), end, "{status} {message}");
    }
}

#[test]
fn only_a_launch_with_an_instance_counts() {
    let failed = |description: &str| end_of(activity(description, "Failed", NO_CAPACITY, true)).is_some();
    assert!(failed("Launching a new EC2 instance: i-00000001"));
    assert!(failed("Launching a new EC2 instance into warm pool: i-00000001"));
    assert!(failed("Launching a new EC2 instance from warm pool: i-00000001"));
    assert!(!failed("Launching a new EC2 instance"));
    assert!(!failed("Launching a new EC2 instance.  Status Reason: no capacity."));
    assert!(!failed("Terminating EC2 instance: i-00000001"));
    assert!(!failed(""));
}

#[test]
fn a_spot_interruption_is_no_failure_of_the_group() {
    let launches = |cause: &str, description: &str| {
        let failed = activity("Launching a new EC2 instance: i-00000001", "Cancelled", ABANDONED, true);
        let other = Activity { cause: cause.to_owned(), ..activity(description, "Successful", "", true) };
        list_launches(&[other, failed], at(NOW)).iter().filter(|launch| launch.failed_at().is_some()).count()
    };
    let notice = "At 2026-09-14T08:21:02Z an instance was taken out of service in response to an EC2 Spot Instance \
        interruption notice.";
    let risk = "At 2026-09-14T08:21:02Z an instance was taken out of service in response to an EC2 instance rebalance \
        recommendation.";
    let terminating = "Terminating EC2 instance: i-00000001";
    assert_eq!(launches(notice, terminating), 0);
    assert_eq!(launches(risk, terminating), 0);
    assert_eq!(launches("At 2026-09-14T08:21:02Z an instance was taken out of service.", terminating), 1);
    assert_eq!(launches(notice, "Terminating EC2 instance: i-00000002"), 1, "another instance was interrupted");
    assert_eq!(launches(notice, "Launching a new EC2 instance: i-00000001"), 1, "it replaces an interrupted one");
}

#[test]
fn an_interrupted_instance_that_had_succeeded_did_succeed() {
    let succeeded = activity("Launching a new EC2 instance: i-00000001", "Successful", "", true);
    let cause = "an EC2 Spot Instance interruption notice".to_owned();
    let interrupted = Activity { cause, ..activity("Terminating EC2 instance: i-00000001", "Successful", "", true) };
    assert_eq!(list_launches(&[interrupted, succeeded], at(NOW)).len(), 1);
}

#[test]
fn an_abandoned_launch_has_failed_before_its_activity_says_so() {
    let open = activity("Launching a new EC2 instance: i-00000001", "MidLifecycleAction", "", false);
    let other = activity("Launching a new EC2 instance: i-00000002", "MidLifecycleAction", "", false);
    let succeeded = activity("Launching a new EC2 instance into warm pool: i-00000001", "Successful", "", true);
    let mut launches = list_launches(&[open, other, succeeded], at(NOW));
    mark_abandoned(&mut launches, &BTreeSet::from([instance(1)]), at(NOW));
    let ends: Vec<_> = launches.iter().map(|launch| &launch.end).collect();
    assert_eq!(ends, [&End::Failed(at(NOW), String::new()), &End::Open, &End::Succeeded(at(70))]);
    assert_eq!((launches[0].why(), launches[1].why()), ("", ""));
}

#[test]
fn a_failed_launch_says_why() {
    let launches =
        list_launches(&[activity("Launching a new EC2 instance: i-00000001", "Cancelled", ABANDONED, true)], at(NOW));
    assert_eq!(launches[0].why(), ABANDONED);
    assert_eq!((launches[0].failed_at(), launches[0].succeeded_at()), (Some(at(70)), None));
}
