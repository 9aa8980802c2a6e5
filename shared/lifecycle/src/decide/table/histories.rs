//! What runs there may have been.

use super::NOW;
use crate::fixtures::{found, lost, ready, repair, run};
use crate::observation::Reading;
use crate::report::Class::{self, Fatal, Repairable, Transient};
use crate::run::{Loss, Run, RunState};

pub(super) const BOOTING: (&str, &str, Class) = ("boot", "boot-running", Transient);
pub(super) const MISSING: (&str, &str, Class) = ("agent", "agent-missing", Repairable);
pub(super) const STARTING: (&str, &str, Class) = ("agent", "agent-starting", Transient);
pub(super) const NO_WORKER: (&str, &str, Class) = ("agent", "agent-no-worker", Repairable);
pub(super) const LOCKED: (&str, &str, Class) = ("package-lock", "package-lock-held", Transient);
pub(super) const NO_ROUTE: (&str, &str, Class) = ("network", "network-no-route", Transient);
pub(super) const USER_DATA: (&str, &str, Class) = ("boot", "user-data-failed", Fatal);
pub(super) const BUSY: (&str, &str, Class) = ("install", "install-busy", Transient);
pub(super) const NO_CREDENTIALS: (&str, &str, Class) = ("agent", "agent-no-credentials", Fatal);

/// A history of runs, by its name.
pub(super) type History = (&'static str, Reading<Vec<Run>>);

pub(super) fn histories() -> Vec<History> {
    [looked(), repaired()].concat()
}

/// Histories without a repair.
fn looked() -> Vec<History> {
    let runs = |runs: Vec<Run>| Reading::Known(runs);
    let gone_astray = |seconds| run(seconds, lost(seconds + 1, Loss::Undelivered));
    vec![
        ("unreadable", Reading::Failed),
        ("none", runs(vec![])),
        ("sent", runs(vec![run(30, RunState::Sent)])),
        ("sent 90 s ago", runs(vec![run(10, RunState::Sent)])),
        ("running", runs(vec![run(30, RunState::Running)])),
        ("ready", runs(vec![run(30, ready(40))])),
        ("ready, asked for before the launch", runs(vec![run(-1, ready(40))])),
        ("ready, then another sent", runs(vec![run(50, RunState::Sent), run(30, ready(40))])),
        ("fatal", runs(vec![run(30, found(40, [STARTING, MISSING, NO_CREDENTIALS]))])),
        ("repairable", runs(vec![run(30, found(40, [STARTING, MISSING]))])),
        ("repairable while booting", runs(vec![run(30, found(40, [BOOTING, MISSING]))])),
        ("repairable, just now", runs(vec![run(30, found(NOW - 1, [BOOTING, MISSING]))])),
        ("repairable without a route", runs(vec![run(30, found(90, [NO_ROUTE, MISSING]))])),
        ("repairable without a route, just now", runs(vec![run(30, found(91, [NO_ROUTE, MISSING]))])),
        ("repairable, the package lock held", runs(vec![run(30, found(40, [LOCKED, MISSING]))])),
        ("repairable, user data failed", runs(vec![run(30, found(40, [USER_DATA, MISSING]))])),
        ("transient", runs(vec![run(30, found(90, [STARTING]))])),
        ("transient, just now", runs(vec![run(30, found(91, [STARTING]))])),
        ("undelivered", runs(vec![run(30, lost(40, Loss::Undelivered))])),
        ("timed out", runs(vec![run(30, lost(40, Loss::TimedOut))])),
        ("cancelled", runs(vec![run(30, lost(40, Loss::Cancelled))])),
        ("refused", runs(vec![run(30, lost(40, Loss::Refused))])),
        ("broken", runs(vec![run(30, lost(40, Loss::Broken))])),
        ("lost twice", runs(vec![gone_astray(50), gone_astray(30)])),
        ("lost three times", runs(vec![gone_astray(70), gone_astray(50), gone_astray(30)])),
        (
            "lost, reported, lost twice",
            runs(vec![gone_astray(70), gone_astray(50), run(30, ready(40)), gone_astray(20)]),
        ),
        ("lost three times, a while ago", runs(vec![gone_astray(-21), gone_astray(-40), gone_astray(-60)])),
    ]
}

/// Histories with repairs.
fn repaired() -> Vec<History> {
    let runs = |runs: Vec<Run>| Reading::Known(runs);
    vec![
        ("repairing", runs(vec![repair(50, RunState::Running), run(30, found(40, [MISSING]))])),
        ("repaired", runs(vec![repair(50, ready(60)), run(30, found(40, [MISSING]))])),
        ("repair lost", runs(vec![repair(50, lost(60, Loss::TimedOut)), run(30, found(40, [MISSING]))])),
        ("repair sent, and a later run", runs(vec![run(60, found(70, [MISSING])), repair(50, RunState::Sent)])),
        ("repairing, and a later run", runs(vec![run(60, found(70, [MISSING])), repair(50, RunState::Running)])),
        ("repaired once, repairable", runs(vec![run(70, found(80, [MISSING])), repair(50, ready(60))])),
        (
            "repaired twice, repairable",
            runs(vec![run(30, found(41, [MISSING])), repair(20, ready(25)), repair(10, ready(15))]),
        ),
        (
            "repaired twice, repairable 60 s ago",
            runs(vec![run(30, found(40, [MISSING])), repair(20, ready(25)), repair(10, ready(15))]),
        ),
        ("in vain twice", runs(in_vain(ready(35), ready(65), [MISSING]))),
        ("in vain twice, something else passes", runs(in_vain(ready(35), ready(65), [STARTING, MISSING]))),
        ("in vain twice, another finding", runs(in_vain(ready(35), ready(65), [NO_WORKER]))),
        ("in vain once and lost once", runs(in_vain(ready(35), lost(65, Loss::Undelivered), [MISSING]))),
        ("in vain twice, the last is not yet over", runs(in_vain(ready(35), ready(71), [MISSING]))),
        ("in vain once, turned away once", runs(in_vain(ready(35), found(65, [BUSY, MISSING]), [MISSING]))),
        ("turned away by the package lock twice", runs(in_vain(found(35, [LOCKED]), found(65, [LOCKED]), [MISSING]))),
    ]
}

/// Two repairs that ended like this, and what is found after them.
pub(super) fn in_vain<const N: usize>(first: RunState, second: RunState, left: [(&str, &str, Class); N]) -> Vec<Run> {
    let still = |requested| run(requested, found(requested + 1, [MISSING]));
    vec![run(70, found(75, left)), repair(50, second), still(40), repair(20, first), still(10)]
}
