//! Prints the table of the bursts, ratios first.

use std::fmt;

use serde::Serialize;

use super::{Figures, THROTTLE, Way};

/// All bursts that were measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Bursts {
    /// In the order in which they were measured.
    pub figures: Vec<Figures>,
}

/// A bound that a figure must keep.
#[derive(Clone, Debug, Serialize)]
pub struct Budget {
    /// What is bounded.
    pub what: &'static str,
    /// Its bound.
    pub at_most: f64,
    /// What was measured.
    pub measured: f64,
    /// Whether it is kept.
    pub met: bool,
}

impl Bursts {
    /// What was measured of one burst.
    #[must_use]
    pub fn of(&self, way: Way, throttled: bool, size: u64) -> Option<&Figures> {
        self.figures.iter().find(|it| it.way == way && it.throttled == throttled && it.size == size)
    }

    /// The budgets of the gate.
    #[must_use]
    pub fn budgets(&self) -> Vec<Budget> {
        let gate = self.of(Way::Gate, false, 1_000);
        let calls = |throttled, size| self.of(Way::Gate, throttled, size).map(|it| it.calls_per_launch);
        let throttled = |size| self.of(Way::Gate, true, size).map(|it| it.ready_p99_s);
        let alone = self.of(Way::GateWithoutNudges, false, 1_000);
        let budget = |what, at_most, measured: Option<f64>| {
            let measured = measured.unwrap_or(f64::NAN);
            Budget { what, at_most, measured, met: measured <= at_most }
        };
        vec![
            budget("calls per launch, burst of 10", 5.0, calls(false, 10)),
            budget("calls per launch, burst of 100", 2.5, calls(false, 100)),
            budget("calls per launch, burst of 1,000", 1.5, calls(false, 1_000)),
            budget("calls per launch, 1,000 throttled", 1.6, calls(true, 1_000)),
            budget("s from ready to the completed action, 1,000 throttled, p99", floor(1_000), throttled(1_000)),
            budget("calls per launch, 5,000 throttled", 2.0, calls(true, 5_000)),
            budget("s from ready to the completed action, 5,000 throttled, p99", floor(5_000), throttled(5_000)),
            budget("s from the end of the run to the completed action, p99", DELIVERED, gate.map(|it| it.told_p99_s)),
            budget("the same with every nudge lost, a tick later", TICK, alone.map(|it| it.told_p99_s)),
            budget("healthy instances lost", 0.0, Some(self.lost_by_the_gate())),
        ]
    }

    fn lost_by_the_gate(&self) -> f64 {
        let own = self.figures.iter().filter(|it| matches!(it.way, Way::Gate | Way::GateWithoutNudges));
        own.map(|it| it.lost as f64).sum()
    }
}

/// Five quarters of the seconds that the bucket needs for one verdict per launch.
pub(crate) fn floor(launches: u64) -> f64 {
    let (burst, per_second) = THROTTLE;
    1.25 * (launches as f64 - f64::from(burst)) / f64::from(per_second)
}

/// The time that messages come together in a busy queue, and up to 0.8 s in which an event is delivered in these worlds.
const DELIVERED: f64 = 2.5;
/// A tick, and what a batch of a burst takes after it: a second to come together, then calls and verdicts.
const TICK: f64 = 33.0;

impl fmt::Display for Bursts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for throttled in [false, true] {
            writeln!(f, "{}", if throttled { "\nAWS throttles" } else { "AWS does not throttle" })?;
            let head = ["calls/launch", "to the gate's", "ready, p50", "p99", "lost", "Lambda s/1,000", "USD/1,000"];
            write!(f, "{:<38}", "  launches at once")?;
            head.iter().try_for_each(|name| write!(f, "{name:>16}"))?;
            writeln!(f)?;
            for it in self.figures.iter().filter(|it| it.throttled == throttled) {
                self.row(it, f)?;
            }
        }
        writeln!(f)?;
        for budget in self.budgets() {
            let verdict = if budget.met { "met" } else { "MISSED" };
            writeln!(f, "{verdict:<8}{}: {:.2} of at most {:.1}", budget.what, budget.measured, budget.at_most)?;
        }
        Ok(())
    }
}

impl Bursts {
    fn row(&self, it: &Figures, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gate = self.of(Way::Gate, it.throttled, it.size).map_or(f64::NAN, |gate| gate.calls_per_launch);
        write!(f, "  {:<30}{:>6}", it.way.name(), it.size)?;
        write!(f, "{:>16.2}{:>15.1}x", it.calls_per_launch, it.calls_per_launch / gate)?;
        write!(f, "{:>14.1} s{:>14.1} s{:>16}", it.ready_p50_s, it.ready_p99_s, it.lost)?;
        writeln!(f, "{:>16.0}{:>16.4}", it.lambda_s_per_1000, it.usd_per_1000)
    }
}
