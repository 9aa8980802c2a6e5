//! The last look: what must have been seen before an ABANDON at the deadline.

use super::histories::{MISSING, STARTING};
use super::{LATE, Rows};
use crate::decide::decide;
use crate::fixtures::{at, found, glance, lost, ready, repair, run, talking, waiting};
use crate::observation::{Observation, Reading};
use crate::policy::Policy;
use crate::run::{Loss, Run, RunState};

/// `now` counts from the deadline.
pub(super) fn by_last_look() -> Rows {
    let sent = |seconds: i64, state| glance(LATE + seconds, state);
    let runs: Vec<(&str, i64, Vec<Run>)> = vec![
        ("a run in progress", 0, vec![run(500, RunState::Running)]),
        ("a run in progress, a repair before it", 0, vec![run(500, RunState::Running), repair(400, ready(450))]),
        ("a repair in progress", 0, vec![repair(500, RunState::Running)]),
        ("a report of long ago", 0, vec![run(30, found(40, [MISSING]))]),
        ("a report of the second before", 0, vec![run(590, found(599, [MISSING]))]),
        ("a look that does not wait, before", 0, vec![glance(LATE - 1, found(LATE, [MISSING]))]),
        ("a run that waits, after", 9, vec![run(LATE, found(LATE + 5, [MISSING]))]),
        ("last look sent", 9, vec![sent(0, RunState::Sent)]),
        ("last look in progress", 59, vec![sent(0, RunState::Running)]),
        ("last look in progress, a minute over", 60, vec![sent(0, RunState::Running)]),
        ("last look, missing", 9, vec![sent(0, found(LATE + 5, [MISSING]))]),
        ("last look, starting", 9, vec![sent(0, found(LATE + 5, [STARTING]))]),
        ("last look, ready", 9, vec![sent(0, ready(LATE + 5))]),
        ("last look lost just now", 9, vec![sent(0, lost(LATE + 5, Loss::Broken))]),
        ("last look lost 10 s ago", 15, vec![sent(0, lost(LATE + 5, Loss::Broken))]),
        (
            "two last looks lost, the first a minute ago",
            60,
            vec![sent(20, RunState::Running), sent(0, lost(LATE + 5, Loss::Broken))],
        ),
        ("last look undelivered", 9, vec![sent(0, lost(LATE + 5, Loss::Undelivered))]),
        ("the last run undelivered, heard since", 0, vec![run(500, lost(560, Loss::Undelivered))]),
        ("the last run undelivered, not heard since", 0, vec![run(596, lost(597, Loss::Undelivered))]),
    ];
    let decided = |(name, now, runs): (&str, i64, Vec<Run>)| {
        let seen = talking().heard(at(LATE - 5)).ran(runs);
        (name.to_owned(), decide(&seen, &Policy::default(), at(LATE + now)))
    };
    let mut rows: Rows = runs.into_iter().map(decided).collect();
    let ask = |seen: &Observation| decide(seen, &Policy::default(), at(LATE));
    let heard = talking().heard(at(LATE - 5));
    rows.push(("never heard".into(), ask(&waiting())));
    rows.push(("SSM refuses the instance".into(), ask(&Observation { takes_no_run: true, ..heard.clone() })));
    rows.push(("the hooks were not read".into(), ask(&Observation { hooks: Reading::Unread, ..waiting() })));
    rows
}

/// A repair that SSM never tells the end of, and looks beside it.
pub(super) fn by_repair_in_progress() -> Rows {
    let mending = || repair(12, RunState::Running);
    let before = || run(8, found(11, [MISSING]));
    let cases: Vec<(&str, i64, Vec<Run>)> = vec![
        ("for 59 s", 71, vec![mending(), before()]),
        ("for 60 s", 72, vec![mending(), before()]),
        ("a look beside it in progress", 80, vec![glance(72, RunState::Running), mending(), before()]),
        ("ended since a look beside it", 80, vec![glance(72, found(75, [MISSING])), repair(12, ready(73)), before()]),
        ("a look beside it, ready", 80, vec![glance(72, ready(75)), mending(), before()]),
        ("a look beside it, missing, 59 s ago", 134, vec![glance(72, found(75, [MISSING])), mending(), before()]),
        ("a look beside it, missing, 60 s ago", 135, vec![glance(72, found(75, [MISSING])), mending(), before()]),
        ("a look beside it, starting, 59 s ago", 134, vec![glance(72, found(75, [STARTING])), mending(), before()]),
        ("a look beside it, starting, 60 s ago", 135, vec![glance(72, found(75, [STARTING])), mending(), before()]),
    ];
    let decided = |(name, now, runs): (&str, i64, Vec<Run>)| {
        (name.to_owned(), decide(&talking().ran(runs), &Policy::default(), at(now)))
    };
    cases.into_iter().map(decided).collect()
}
