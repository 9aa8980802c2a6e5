//! The rows about heartbeats.

use std::time::Duration;

use super::Rows;
use crate::decide::decide;
use crate::fixtures::{at, hooked, launch, run, talking};
use crate::observation::{Beginning, Observation, Reading};
use crate::policy::Policy;
use crate::run::RunState;

pub(super) fn by_heartbeat() -> Rows {
    let mut rows = Rows::new();
    for (timeout, seconds) in [
        (30, vec![0, 1, 14, 16, 300]),
        (60, vec![0, 16, 31]),
        (120, vec![16, 39, 40, 69, 70, 76, 80, 109, 110]),
        (600, vec![199, 200, 229, 230, 400, 599]),
        // At 600 + 30 s, when this hook would time out after a missed window, nobody waits any more.
        (942, vec![320]),
        (945, vec![320]),
    ] {
        for now in seconds {
            let seen = talking().ran([run(now - 1, RunState::Running)]);
            let seen = Observation { hooks: hooked(timeout), ..seen };
            rows.push((format!("timeout {timeout:>4} s, at {now:>3} s"), decide(&seen, &Policy::default(), at(now))));
        }
    }
    let unreadable = Observation { runs: Reading::Failed, hooks: hooked(120), ..talking() };
    rows.push(("timeout  120 s, at  61 s, runs unreadable".into(), decide(&unreadable, &Policy::default(), at(61))));
    let patient = Policy { ready_within: Duration::from_hours(1), ..Policy::default() };
    for (name, beginning, now) in [
        ("of ready_within 1 h, known beginning", Beginning::At(at(0)), 601),
        ("of ready_within 1 h, soon after", Beginning::SoonAfter(at(0)), 601),
        ("of ready_within 1 h, unknown beginning", Beginning::Unknown, 601),
    ] {
        let seen = talking().ran([run(now - 1, RunState::Running)]).begun(beginning);
        let seen = Observation { hooks: hooked(1200), ..seen };
        rows.push((format!("timeout 1200 s, at 601 s, {name}"), decide(&seen, &patient, at(now))));
    }
    let blank = launch();
    rows.push(("nothing read".into(), decide(&blank, &Policy::default(), at(1))));
    rows
}
