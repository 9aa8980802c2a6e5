//! One launch alone, in six ways to become ready or not: how many calls it costs, all events and sweeps included.

use std::fmt;

use serde::Serialize;

use super::{figures, scene_of};
use crate::mapping::Mapping;
use crate::run::run_with;
use crate::scene::{Fate, Launch, Scene, Weather};

/// A launch, and the most calls that it may cost.
struct Case {
    what: &'static str,
    story: &'static str,
    fate: Fate,
    ready_within: u64,
    at_most: f64,
}

const CASES: [Case; 6] = [
    Case {
        what: "SSM knows it at 60 s, ready at 70 s",
        story: "registers = 60\nboots = 70\n",
        fate: Fate::Ready(70),
        ready_within: 3600,
        at_most: 9.0,
    },
    Case {
        what: "SSM knows it at 20 s, ready at 25 s",
        story: "registers = 20\nboots = 25\n",
        fate: Fate::Ready(25),
        ready_within: 3600,
        at_most: 8.0,
    },
    Case {
        what: "SSM knows it at 60 s, ready at 240 s",
        story: "registers = 60\nboots = 240\n",
        fate: Fate::Ready(240),
        ready_within: 3600,
        at_most: 16.0,
    },
    Case {
        what: "SSM knows it at 300 s, ready at 310 s",
        story: "registers = 300\nboots = 310\n",
        fate: Fate::Ready(310),
        ready_within: 3600,
        at_most: 24.0,
    },
    Case {
        what: "boot never ends, 600 s",
        story: "registers = 20\nboots = \"never\"\n",
        fate: Fate::Any,
        ready_within: 600,
        at_most: 50.0,
    },
    Case {
        what: "SSM never knows it, 600 s",
        story: "registers = \"never\"\n",
        fate: Fate::Any,
        ready_within: 600,
        at_most: 40.0,
    },
];

/// What one launch cost.
#[derive(Clone, Debug, Serialize)]
pub struct Lone {
    /// Which launch.
    pub what: &'static str,
    /// AWS calls in all.
    pub calls: f64,
    /// How many it may be.
    pub at_most: f64,
    /// The calls by operation, the most frequent first.
    pub by_operation: Vec<(String, u64)>,
}

/// All of them.
#[derive(Clone, Debug, Serialize)]
pub struct LoneLaunches(Vec<Lone>);

impl LoneLaunches {
    /// Lets each happen.
    #[must_use]
    pub fn measure() -> Self {
        Self(CASES.iter().map(measure).collect())
    }
}

fn measure(case: &Case) -> Lone {
    let story = format!("story = \"0\"\nrun_takes = 1\n{}", case.story);
    let launch = Launch { at: 0, story, fate: case.fate };
    let policy = serde_json::json!({"ready_within": case.ready_within});
    let scene = Scene { policy, ..scene_of(1, vec![launch], Weather::calm()) };
    let run = run_with(&scene, None, Mapping::of);
    let figures = figures(super::Way::Gate, false, &scene, &run);
    let mut by_operation: Vec<_> = figures.calls.into_iter().collect();
    by_operation.sort_by_key(|(_, calls)| std::cmp::Reverse(*calls));
    Lone { what: case.what, calls: figures.calls_per_launch, at_most: case.at_most, by_operation }
}

impl fmt::Display for LoneLaunches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<44}{:>6}{:>10}", "one launch alone", "calls", "at most")?;
        for it in &self.0 {
            let verdict = if it.calls <= it.at_most { "met" } else { "MISSED" };
            let by = it.by_operation.iter().map(|(operation, calls)| format!("{operation} {calls}"));
            writeln!(f, "  {:<42}{:>6}{:>10}  {verdict}", it.what, it.calls, it.at_most)?;
            writeln!(f, "      {}", by.collect::<Vec<_>>().join(", "))?;
        }
        Ok(())
    }
}
