//! Measures bursts: many launches at once without faults, through the gate and through the baselines, in the same world
//! with the same seeds. Reports what each costs, and how long a ready instance waits.

#![expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]

mod cost;
pub mod lone;
pub mod mappings;
pub mod plot;
pub mod report;

use std::collections::BTreeMap;
use std::time::Duration;

use launchgate_tests::fleet::What;
use lifecycle::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::dice::Dice;
use crate::mapping::Mapping;
use crate::poller::{Poller, Style};
use crate::run::{Survived, run_with};
use crate::scene::{Fate, Launch, Scene, Weather};

/// Launches at once.
pub const SIZES: [u64; 5] = [1, 10, 100, 1_000, 5_000];

/// What decides about launches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The gate.
    Gate,
    /// The gate, with every nudge lost.
    GateWithoutNudges,
    /// A Lambda invocation per launch that sleeps and polls.
    SleepAndPoll,
    /// A state machine per launch that waits and polls.
    StepFunctions,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gate, Self::GateWithoutNudges, Self::SleepAndPoll, Self::StepFunctions];

    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gate => "launch-gate",
            Self::GateWithoutNudges => "launch-gate, nudges lost",
            Self::SleepAndPoll => "sleep and poll in Lambda",
            Self::StepFunctions => "poll loop in Step Functions",
        }
    }
}

/// What a burst came to.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// What let the instances in.
    pub way: Way,
    /// Whether AWS throttles.
    pub throttled: bool,
    /// Launches at once.
    pub size: u64,
    /// AWS calls per launch, throttled ones included.
    pub calls_per_launch: f64,
    /// The same, all of them, by operation.
    pub calls: BTreeMap<String, u64>,
    /// Healthy instances that did not come into service.
    pub lost: u64,
    /// Seconds from ready on the instance to the completed action, the median.
    pub ready_p50_s: f64,
    /// The same, 99th percentile.
    pub ready_p99_s: f64,
    /// Seconds from the end of the run that found it ready, 99th percentile.
    pub told_p99_s: f64,
    /// Seconds that Lambda ran, per 1,000 launches.
    pub lambda_s_per_1000: f64,
    /// List price in USD, per 1,000 launches.
    pub usd_per_1000: f64,
}

/// Lets a burst happen.
#[must_use]
pub fn measure(way: Way, throttled: bool, size: u64) -> Figures {
    let scene = scene(way, throttled, size);
    let run = match way {
        Way::Gate | Way::GateWithoutNudges => run_with(&scene, None, Mapping::of),
        Way::SleepAndPoll => run_with(&scene, None, |world| Poller::of(world, Style::Lambda)),
        Way::StepFunctions => run_with(&scene, None, |world| Poller::of(world, Style::StepFunctions)),
    };
    figures(way, throttled, &scene, &run)
}

/// Rates of AWS are not published and differ by account: these are of the order that people report.
const THROTTLE: (u32, u32) = (40, 20);

fn scene(way: Way, throttled: bool, size: u64) -> Scene {
    let mut dice = Dice::of(size, "burst");
    let weather =
        Weather { nudges: way != Way::GateWithoutNudges, throttle: throttled.then_some(THROTTLE), ..Weather::calm() };
    scene_of(size, (0..size).map(|number| launch(number, &mut dice)).collect(), weather)
}

/// A group without CodeDeploy, pool or edit, whose instances have 3,600 s to become ready.
fn scene_of(seed: u64, launches: Vec<Launch>, weather: Weather) -> Scene {
    Scene {
        seed,
        heartbeat: 900,
        policy: json!({"ready_within": 3600}),
        other_hook: false,
        codedeploy: None,
        green: None,
        pool: None,
        edit: None,
        breaker: None,
        launches,
        weather,
    }
}

fn launch(number: u64, dice: &mut Dice) -> Launch {
    let (registers, boots, run_takes) = (dice.number(20..=45), dice.number(30..=90), dice.number(1..=3));
    let story = format!("story = \"{number}\"\nregisters = {registers}\nboots = {boots}\nrun_takes = {run_takes}\n");
    Launch { at: 0, story, fate: Fate::Ready(registers.max(boots)) }
}

fn figures(way: Way, throttled: bool, scene: &Scene, run: &Survived) -> Figures {
    let size = scene.launches.len() as u64;
    let per = |amount: f64| amount / size as f64;
    let waits = Waits::of(scene, run);
    Figures {
        way,
        throttled,
        size,
        calls_per_launch: per(run.calls.values().sum::<u64>() as f64),
        calls: run.calls.clone(),
        lost: size - waits.since_ready.len() as u64,
        ready_p50_s: percentile(&waits.since_ready, 50),
        ready_p99_s: percentile(&waits.since_ready, 99),
        told_p99_s: percentile(&waits.since_told, 99),
        lambda_s_per_1000: per(run.bill.busy.as_secs_f64()) * 1_000.0,
        usd_per_1000: per(cost::usd(way, run)) * 1_000.0,
    }
}

/// How long ready instances waited, in seconds, in order.
#[derive(Default)]
struct Waits {
    since_ready: Vec<f64>,
    since_told: Vec<f64>,
}

impl Waits {
    fn of(scene: &Scene, run: &Survived) -> Self {
        let fates: BTreeMap<&str, Fate> = scene.launches.iter().map(|launch| (launch.title(), launch.fate)).collect();
        let (mut ready, mut told) = (BTreeMap::new(), BTreeMap::new());
        let mut waits = Self::default();
        let seconds = |from: Option<&Timestamp>, to: Timestamp| from.map(|from| to.since(*from).as_secs_f64());
        for entry in &run.entries {
            let instance = &entry.instance;
            if let What::Launched { story, .. } = &entry.what
                && let Some(Fate::Ready(after)) = fates.get(story.as_str())
            {
                ready.insert(instance, entry.at + Duration::from_secs(*after));
            } else if let What::RunEnded { code: 0, .. } = &entry.what {
                told.insert(instance, entry.at);
            } else if matches!(&entry.what, What::Completed { result, .. } if result == "CONTINUE") {
                waits.since_ready.extend(seconds(ready.get(instance), entry.at));
                waits.since_told.extend(seconds(told.get(instance), entry.at));
            }
        }
        waits.since_ready.sort_by(f64::total_cmp);
        waits.since_told.sort_by(f64::total_cmp);
        waits
    }
}

/// By the nearest rank.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
