//! Runs one scene from its beginning to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{CodeDeploySettings, Entry, Fleet, Settings};
use launchgate_tests::stack::files::sample_from;
use launchgate_tests::stack::template::Template;
use lifecycle::Timestamp;
use serde_json::Value;

use crate::bus::{Bus, SWEEP};
use crate::consumer::{Bill, Consumer};
use crate::dice::Dice;
use crate::mapping::{Mapping, ends};
use crate::owner::{prepare, script};
use crate::sabotage::Sabotage;
use crate::scene::Scene;
use crate::world::{Inner, START, Suspension, World};

/// No run is longer: by then every deadline, repair and redelivery is over.
const LONGEST: Duration = Duration::from_hours(4);
/// So that a green fleet which does not come up costs no hour.
pub(crate) const PROVISIONS_WITHIN: Duration = Duration::from_mins(20);
/// A step of the loop: faster than this nothing reacts.
const BREATH: Duration = Duration::from_millis(1);

/// The result of a run.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each name says it all")]
pub struct Survived {
    pub entries: Vec<Entry>,
    pub lines: Vec<Value>,
    pub timeline: Vec<String>,
    pub met: BTreeMap<&'static str, u64>,
    pub dead_letters: Vec<String>,
    /// When the schedule did not speak.
    pub lost_sweeps: Vec<Timestamp>,
    /// When something went wrong between the gate and AWS.
    pub troubles: Vec<Timestamp>,
    /// The instances whose launch was told late, or not at all.
    pub untold: BTreeSet<String>,
    /// What the owner deployed.
    pub owners_deployments: BTreeSet<String>,
    /// The blue/green deployments that somebody has stopped; the owner stops none.
    pub stopped_blue_green: Vec<String>,
    /// The hooks that the gate wanted to complete or to keep alive.
    pub hooks_asked_for: BTreeSet<String>,
    /// When the gate suspended processes of a group.
    pub suspensions: Vec<Suspension>,
    pub most_receives: u32,
    /// Calls of AWS until all launches had ended, throttled ones included, by operation; the owner's own left out.
    pub calls: BTreeMap<String, u64>,
    pub seconds: u64,
    pub bill: Bill,
    /// Whether everything came to an end: launches, messages, invocations.
    pub ended: bool,
}

/// Lets a scene happen, under tokio's paused clock.
///
/// # Panics
/// When the scene or the repository's own files cannot be read: a mistake in the storm itself.
#[must_use]
pub fn run(scene: &Scene, sabotage: Option<Sabotage>) -> Survived {
    run_with(scene, sabotage, Mapping::of)
}

/// The same, with whatever takes the messages.
pub(crate) fn run_with<C: Consumer>(
    scene: &Scene,
    sabotage: Option<Sabotage>,
    consumer: impl FnOnce(&Arc<World>) -> C,
) -> Survived {
    // The SDK draws its backoffs from here.
    fastrand::seed(scene.seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.unwrap_or_else(|error| unreachable!("no runtime: {error}"));
    tokio::task::LocalSet::new().block_on(&runtime, happen(scene, sabotage, consumer))
}

async fn happen<C: Consumer>(
    scene: &Scene,
    sabotage: Option<Sabotage>,
    consumer: impl FnOnce(&Arc<World>) -> C,
) -> Survived {
    let template = Template::read().unwrap_or_else(|error| unreachable!("{error}"));
    let fleet = fleet(scene);
    let dice = Dice::of(scene.seed, "world");
    let world =
        World::new(fleet, Bus::of_template(&template, scene.green.is_some()), dice, scene.weather.clone(), sabotage);
    prepare(&world, scene);
    let mut script = script(scene);
    let mut consumer = consumer(&world);
    let mut sweep = START + SWEEP;
    let (mut over, mut ended, mut calls) = (None, false, BTreeMap::new());
    while world.elapsed() < LONGEST {
        let now = world.now();
        while let Some((_, act)) = script.first_key_value().filter(|(at, _)| **at <= now) {
            act(&world);
            script.pop_first();
        }
        if sweep <= now {
            sweep_now(&world);
            sweep = sweep + SWEEP;
        }
        consumer.turn();
        let (settled, idle) = is_over(&world, scene);
        let settled = settled && script.is_empty();
        if settled && over.is_none() {
            calls = world.with(|inner, _| gates_calls(inner));
        }
        over = if settled { over.or(Some(now)) } else { None };
        // Two minutes more, to see that it stays over.
        ended = over.is_some_and(|since| since + SWEEP * 2 <= now) && idle && consumer.is_idle();
        if ended {
            break;
        }
        let next = next_due(&world, now, [consumer.next(), Some(sweep), script.keys().next().copied()]);
        world.wait(next.map(|next| next.max(now + BREATH))).await;
    }
    Survived { calls, ..survived(&world, ended, consumer.bill()) }
}

/// When the next thing happens: in AWS, or at one of these moments.
fn next_due(world: &World, now: Timestamp, others: [Option<Timestamp>; 3]) -> Option<Timestamp> {
    let aws = world.with(|inner, _| [inner.fleet.next_due(), inner.bus.next(), inner.next_message()]);
    aws.into_iter().chain(others).flatten().filter(|at| *at > now).min()
}

fn fleet(scene: &Scene) -> Fleet {
    let mut fleet = Fleet::new(scene.seed, START);
    let weather = &scene.weather;
    fleet.settings = Settings {
        replacements: Some(scene.breaker.map_or(0, |breaker| breaker.replacements)),
        invocations_seen_after: weather.invisible_runs,
        action_accepted_after: weather.accepted_after,
        registration_events: weather.registration_events,
        nudges: weather.nudges,
        codedeploy: codedeploy(scene),
        activities_told_after: weather.activities_told_after,
        activities_seen_after: weather.activities_seen_after,
        ..Settings::default()
    };
    fleet.tell(Stories::parse(&scene.stories()).unwrap_or_else(|error| unreachable!("{error}")));
    fleet.refuse_launches(scene.breaker.map_or(0, |breaker| breaker.refused));
    fleet
}

fn codedeploy(scene: &Scene) -> CodeDeploySettings {
    let settings = CodeDeploySettings::default();
    let copies_hooks = scene.green.as_ref().map_or(settings.copies_hooks, |green| green.copies_hooks);
    scene.codedeploy.map_or(settings.clone(), |drawn| CodeDeploySettings {
        copies_hooks,
        provisions_within: PROVISIONS_WITHIN,
        silent_agent: drawn.silent_agent,
        stopped_abandons: drawn.stopped_abandons,
        next_event_after: drawn.next_event_after,
        ..settings
    })
}

/// The schedule is a rule like the others: what carries it fails like theirs. A gate that forgets has none.
fn sweep_now(world: &World) {
    if world.sabotage == Some(Sabotage::ForgetsToReturn) {
        return;
    }
    let home = world.home();
    let event = sample_from("sweep", &home.region, &home.account).unwrap_or_else(|error| unreachable!("{error}"));
    world.with(|inner, now| {
        if inner.bus.sweep(now, &event, &world.weather, &mut inner.dice) {
            inner.meet(now, "lost sweep", "");
            inner.lost_sweeps.push(now);
        }
    });
}

fn gates_calls(inner: &Inner) -> BTreeMap<String, u64> {
    let made = inner.fleet.calls().iter().map(|((_, name), calls)| (name, calls.made));
    let gates = made.map(|(name, made)| (name.clone(), made - inner.owners_calls.get(name).copied().unwrap_or(0)));
    gates.filter(|(_, made)| *made > 0).collect()
}

/// Whether all launches have ended, and whether no message is left.
fn is_over(world: &World, scene: &Scene) -> (bool, bool) {
    world.with(|inner, _| {
        let over = inner.fleet.timeline().iter().filter(|entry| ends(&entry.what)).count();
        // The one that brought the revision came into service too.
        let launched = scene.launches.len() + usize::from(scene.codedeploy.is_some());
        // What is not launched any more does not end.
        let all = over >= launched || !inner.suspensions.is_empty();
        let settled = all && !inner.fleet.has_waiting() && !inner.fleet.has_blue_green_under_way();
        (settled, !inner.has_messages() && inner.bus.is_empty())
    })
}

fn survived(world: &World, ended: bool, bill: Bill) -> Survived {
    world.with(|inner, _| Survived {
        entries: inner.fleet.timeline().to_vec(),
        lines: inner.lines.clone(),
        timeline: std::mem::take(&mut inner.timeline),
        met: inner.met.clone(),
        lost_sweeps: inner.lost_sweeps.clone(),
        troubles: inner.troubles.clone(),
        untold: inner.untold.clone(),
        owners_deployments: inner.owners_deployments.clone(),
        stopped_blue_green: inner.fleet.list_stopped_blue_green(),
        hooks_asked_for: inner.fleet.hooks_asked_for().clone(),
        suspensions: inner.suspensions.clone(),
        dead_letters: inner.queue.dead_letters.clone(),
        most_receives: inner.queue.most_receives,
        calls: BTreeMap::new(),
        seconds: world.elapsed().as_secs(),
        bill: Bill { queue_requests: inner.queue.requests, ..bill },
        ended,
    })
}
