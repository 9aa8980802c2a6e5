//! Compares ways to take messages from the queue: launches over a minute, with nothing lost, and never a quiet queue.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use launchgate_tests::queue::{Delivery, Queue};
use lifecycle::Timestamp;
use serde::Serialize;

use super::{Waits, launch, percentile, scene_of};
use crate::consumer::{Bill, Consumer};
use crate::dice::Dice;
use crate::mapping::{Mapping, Way};
use crate::run::run_with;
use crate::scene::{Scene, Weather};
use crate::world::World;

/// Launches in the minute.
const SIZES: [u64; 4] = [1, 10, 100, 1_000];

/// How messages come to the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Taking {
    /// A batching window of 1 s, up to 1,000 messages.
    Window,
    /// No window, up to ten messages.
    Singly,
    /// A queue without a window for nudges, and one with a window for the rest.
    TwoQueues,
    /// No window, and the function receives the rest itself: what the template has.
    Gathered,
}

impl Taking {
    const ALL: [Self; 4] = [Self::Window, Self::Singly, Self::TwoQueues, Self::Gathered];

    const fn name(self) -> &'static str {
        match self {
            Self::Window => "window 1 s, 1,000 a batch",
            Self::Singly => "no window, 10 a batch",
            Self::TwoQueues => "two queues, nudges without a window",
            Self::Gathered => "no window, gathered by the function",
        }
    }
}

/// What one way came to.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Which.
    pub taking: Taking,
    /// AWS calls per launch, for 1, 10, 100 and 1,000 launches.
    pub calls_per_launch: Vec<f64>,
    /// Seconds from the end of the run to the completed action, 99th percentile, for the same.
    pub told_p99_s: Vec<f64>,
}

/// The table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Mappings(Vec<Row>);

impl Mappings {
    /// Measures all of it.
    #[must_use]
    pub fn measure() -> Self {
        Self(Taking::ALL.into_iter().map(measure).collect())
    }
}

impl fmt::Display for Mappings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<38}{:>30}{:>34}", "1 / 10 / 100 / 1,000 over a minute", "calls per launch", "lag p99, s")?;
        for row in &self.0 {
            let list =
                |values: &[f64]| values.iter().map(|value| format!("{value:.1}")).collect::<Vec<_>>().join(" / ");
            writeln!(f, "{:<38}{:>30}{:>34}", row.taking.name(), list(&row.calls_per_launch), list(&row.told_p99_s))?;
        }
        Ok(())
    }
}

fn measure(taking: Taking) -> Row {
    let runs = SIZES.map(|size| {
        let scene = scene(taking, size);
        let run = run_with(&scene, None, |world| Takers::of(world, taking));
        let calls: u64 = run.calls.values().sum();
        (calls as f64 / size as f64, percentile(&Waits::of(&scene, &run).since_told, 99))
    });
    Row {
        taking,
        calls_per_launch: runs.iter().map(|(calls, _)| *calls).collect(),
        told_p99_s: runs.iter().map(|(_, told)| *told).collect(),
    }
}

fn scene(taking: Taking, size: u64) -> Scene {
    let mut dice = Dice::of(size, "minute");
    let launches = (0..size).map(|number| {
        let mut launch = launch(number, &mut dice);
        launch.at = number * 60 / size;
        launch
    });
    // A function that is to receive nothing itself finds nothing.
    let empty_receives = if taking == Taking::Gathered { 0.0 } else { 1.0 };
    scene_of(size, launches.collect(), Weather { empty_receives, ..Weather::calm() })
}

/// One mapping, or two.
struct Takers(Vec<Mapping>);

impl Takers {
    fn of(world: &Arc<World>, taking: Taking) -> Self {
        let window = Delivery { window: Duration::from_secs(1), batch: 1_000, ..Delivery::TEMPLATE };
        let way = |nudges| Way { nudges, forgets: true };
        let with = |delivery, nudges| Mapping::with(world, delivery, way(nudges));
        Self(match taking {
            Taking::Window => vec![with(window, false)],
            Taking::Singly => vec![with(Delivery::TEMPLATE, false)],
            Taking::TwoQueues => {
                world.with(|inner, _| inner.nudges = Some(Queue::new(Delivery::TEMPLATE)));
                vec![with(window, false), with(Delivery::TEMPLATE, true)]
            }
            Taking::Gathered => vec![Mapping::of(world)],
        })
    }
}

impl Consumer for Takers {
    fn turn(&mut self) {
        self.0.iter_mut().for_each(Consumer::turn);
    }

    fn next(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(Consumer::next).min()
    }

    fn is_idle(&self) -> bool {
        self.0.iter().all(Consumer::is_idle)
    }

    fn bill(&self) -> Bill {
        self.0.first().map(Consumer::bill).unwrap_or_default()
    }
}
