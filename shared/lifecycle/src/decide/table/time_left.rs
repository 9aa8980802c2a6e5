//! Repairs, by the time that is left for them.

use std::time::Duration;

use super::histories::MISSING;
use super::{LATE, Rows};
use crate::decide::decide;
use crate::fixtures::{at, found, repair, run, talking};
use crate::observation::Beginning;
use crate::policy::Policy;
use crate::run::{Run, RunState};

/// From the ladder's rungs; a command of other launches too says when the first of them began.
pub(super) fn by_time_left() -> Rows {
    let lefts = [600, 330, 329, 210, 209, 150, 149, 120, 119, 105, 104, 1];
    let asked = |name: &str, beginning, launched: Option<i64>, left| {
        let last = Run { launched: launched.map(at), ..run(LATE - left - 2, found(LATE - left - 1, [MISSING])) };
        let seen = talking().ran([last]).heard(at(LATE - left - 5)).begun(beginning);
        (format!("{name:<34} | {left} s left"), decide(&seen, &Policy::default(), at(LATE - left)))
    };
    let mut rows: Rows = lefts.map(|left| asked("known", Beginning::At(at(0)), None, left)).into();
    for left in [330, 104] {
        rows.push(asked("soon after", Beginning::SoonAfter(at(0)), None, left));
        rows.push(asked("soon after, launched 60 s later", Beginning::SoonAfter(at(0)), Some(60), left));
        rows.push(asked("soon after, launched 60 s before", Beginning::SoonAfter(at(0)), Some(-60), left));
        rows.push(asked("unknown", Beginning::Unknown, None, left));
        rows.push(asked("unknown, launched then", Beginning::Unknown, Some(0), left));
        rows.push(asked("unknown, launched 60 s before", Beginning::Unknown, Some(-60), left));
    }
    for after in [119, 120, 600, 794, 796] {
        rows.push(asked("soon after, of a lost message", Beginning::SoonAfter(at(0)), None, -after));
    }
    let patient = Policy { ready_within: Duration::from_hours(24), ..Policy::default() };
    for now in [1800, 1801] {
        let last = Run { launched: Some(at(0)), ..run(now - 2, found(now - 1, [MISSING])) };
        let seen = talking().ran([last]).heard(at(now - 5)).begun(Beginning::Unknown);
        rows.push((format!("unknown, launched {now} s ago, ready_within 24 h"), decide(&seen, &patient, at(now))));
    }
    for (name, state) in [("sent", RunState::Sent), ("running", RunState::Running)] {
        for now in [69, 70, 99, 100, 969, 970] {
            let seen = talking().ran([repair(10, state.clone()), run(5, found(9, [MISSING]))]).heard(at(now - 5));
            rows.push((format!("a repair of 10 s, {name}, at {now} s"), decide(&seen, &patient, at(now))));
        }
    }
    rows
}
