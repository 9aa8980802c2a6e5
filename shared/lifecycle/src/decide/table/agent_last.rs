//! The agent last: what follows each history of a launch whose policy says so.

use super::histories::{BOOTING, BUSY, MISSING, NO_WORKER, STARTING};
use super::{LATE, NOW, Rows};
use crate::decide::decide;
use crate::event::Destination;
use crate::fixtures::{at, found, lost, ready, repair, run, start, talking};
use crate::observation::{Beginning, LifecycleState, Observation, Reading};
use crate::policy::{AgentPolicy, Mode, Policy};
use crate::report::Class::{self, Repairable, Transient};
use crate::run::{Loss, Run, RunState};

const STOPPED: (&str, &str, Class) = ("agent", "agent-stopped", Repairable);
const PACKAGE: (&str, &str, Class) = ("packages", "package-missing", Repairable);
const COMMAND: (&str, &str, Class) = ("commands", "command-missing", Transient);
const UNIT: (&str, &str, Class) = ("units", "unit-not-active", Transient);

fn last() -> Policy {
    Policy { agent: AgentPolicy::Last, ..Policy::default() }
}

pub(super) fn by_agent_last() -> Rows {
    let rows = histories().into_iter().map(|(name, runs)| ask(name, &talking().ran(runs), &last(), NOW));
    rows.chain(elsewhere()).collect()
}

fn ask(name: &str, seen: &Observation, policy: &Policy, now: i64) -> (String, crate::decision::Decision) {
    (name.to_owned(), decide(seen, policy, at(now)))
}

fn lacks(seconds: i64) -> Run {
    run(seconds, found(seconds + 1, [STOPPED]))
}

/// Newest first, as they are listed.
fn histories() -> Vec<(&'static str, Vec<Run>)> {
    let vain = |seconds| start(seconds, found(seconds + 5, [STOPPED]));
    vec![
        ("nothing but the agent is not ready", vec![lacks(60)]),
        ("the agent is not installed", vec![run(60, found(61, [MISSING]))]),
        ("a package is missing too", vec![run(60, found(61, [PACKAGE, STOPPED]))]),
        ("a package is missing", vec![run(60, found(61, [PACKAGE]))]),
        ("booting", vec![run(60, found(61, [BOOTING]))]),
        ("a command is missing too", vec![run(60, found(61, [COMMAND, STOPPED]))]),
        ("somebody else is starting it", vec![run(60, found(61, [STARTING]))]),
        ("being started", vec![start(62, RunState::Running), lacks(60)]),
        ("started", vec![start(62, ready(67)), lacks(60)]),
        ("started, and CodeDeploy deploys", vec![run(68, found(80, [UNIT])), start(62, ready(67)), lacks(60)]),
        ("started, and lost its worker", vec![run(68, found(80, [NO_WORKER])), start(62, ready(67)), lacks(60)]),
        ("the start only waited for its turn", vec![lacks(68), start(62, found(67, [BUSY])), lacks(60)]),
        ("the start was lost", vec![start(62, lost(67, Loss::Broken)), lacks(60)]),
        ("a package repair in progress, and only the agent lacks", vec![lacks(60), repair(10, RunState::Running)]),
        (
            "a package repair in progress, and the package lacks",
            vec![run(60, found(61, [PACKAGE])), repair(10, RunState::Running)],
        ),
        ("a start in progress, and the agent lacks", vec![lacks(60), start(10, RunState::Running)]),
        ("started after two repairs", vec![lacks(70), repair(50, ready(55)), repair(30, ready(35))]),
        (
            "a third repair after two and no start",
            vec![run(70, found(71, [PACKAGE])), repair(50, ready(55)), repair(30, ready(35))],
        ),
        ("started once in vain", vec![lacks(30), vain(20), lacks(10)]),
        ("started twice in vain", vec![lacks(50), vain(40), lacks(30), vain(20), lacks(10)]),
        ("started three times in vain", vec![lacks(70), vain(60), lacks(50), vain(40), lacks(30), vain(20), lacks(10)]),
    ]
}

fn elsewhere() -> Rows {
    let into_pool =
        Observation { lifecycle_state: Reading::Known(LifecycleState::Waiting(Destination::Pool)), ..talking() };
    let observing = Policy { mode: Mode::Observe, ..last() };
    let lacking = || talking().ran([lacks(60)]);
    vec![
        ask("on the way into a pool, no run yet", &into_pool, &last(), NOW),
        ask("on the way into a pool, asked too much", &into_pool.ran([lacks(60)]), &last(), NOW),
        ask("observing", &lacking(), &observing, NOW),
        ask("of a nudge", &lacking().begun(Beginning::Unknown), &last(), NOW),
        ask("too late for a start", &talking().ran([lacks(LATE - 60)]), &last(), LATE - 40),
        ask("past the deadline", &lacking(), &last(), LATE),
    ]
}
