//! One run, from its scene to its end.

use std::collections::BTreeMap;
use std::time::Duration;

use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Entry, Fault, Fleet, Settings, api};
use launchgate_tests::stack::repository;
use launchgate_tests::stack::template::Template;
use lifecycle::Timestamp;
use serde_json::{Value, json};

use crate::bus::{Bus, SWEEP};
use crate::dice::Dice;
use crate::mapping::{Mapping, ends};
use crate::sabotage::Sabotage;
use crate::scene::{Edit, Scene};
use crate::world::{START, World};

/// No run is longer: by then every deadline, repair and redelivery is over.
const LONGEST: Duration = Duration::from_hours(4);
/// Seconds that an instance rests in the pool before it leaves it again.
const REST: u64 = 60;
/// A step of the loop: faster than this nothing reacts.
const BREATH: Duration = Duration::from_millis(1);

/// What came of a run.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each name says it all")]
pub struct Survived {
    pub entries: Vec<Entry>,
    pub lines: Vec<Value>,
    pub timeline: Vec<String>,
    pub met: BTreeMap<&'static str, u64>,
    pub dead_letters: Vec<String>,
    pub most_receives: u32,
    pub calls: u64,
    pub seconds: u64,
    /// Whether everything came to an end: launches, messages, invocations.
    pub ended: bool,
}

/// Lets a scene happen, under tokio's paused clock.
///
/// # Panics
/// When the scene or the repository's own files cannot be read: a mistake in the storm itself.
#[must_use]
pub fn run(scene: &Scene, sabotage: Option<Sabotage>) -> Survived {
    // The SDK draws its backoffs from here.
    fastrand::seed(scene.seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.unwrap_or_else(|error| unreachable!("no runtime: {error}"));
    tokio::task::LocalSet::new().block_on(&runtime, happen(scene, sabotage))
}

async fn happen(scene: &Scene, sabotage: Option<Sabotage>) -> Survived {
    let template = Template::read().unwrap_or_else(|error| unreachable!("{error}"));
    let fleet = fleet(scene);
    let dice = Dice::of(scene.seed, "world");
    let world = World::new(fleet, Bus::of_template(&template), dice, scene.weather.clone(), sabotage);
    prepare(&world, scene);
    let mut script = script(scene);
    let mut mapping = Mapping::of(&world);
    let mut sweep = START + SWEEP;
    let mut over = None;
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
        mapping.turn();
        let idle = script.is_empty() && mapping.is_idle() && is_over(&world, scene);
        // A minute more, to see that it stays over.
        over = if idle { over.or(Some(now)) } else { None };
        if over.is_some_and(|since| since + SWEEP * 2 <= now) {
            break;
        }
        let next = world.with(|inner, _| {
            [inner.fleet.next_due(), inner.bus.next(), inner.queue.next(), mapping.next(), Some(sweep)]
                .into_iter()
                .flatten()
                .chain(script.keys().next().copied())
                .filter(|at| *at > now)
                .min()
        });
        world.wait(next.map(|next| next.max(now + BREATH))).await;
    }
    let ended = over.is_some() && mapping.is_idle();
    survived(&world, ended)
}

fn fleet(scene: &Scene) -> Fleet {
    let mut fleet = Fleet::new(scene.seed, START);
    let weather = &scene.weather;
    fleet.settings = Settings {
        replacements: Some(0),
        invocations_seen_after: weather.invisible_runs,
        action_accepted_after: weather.accepted_after,
        registration_events: weather.registration_events,
        ..Settings::default()
    };
    fleet.tell(Stories::parse(&scene.stories()).unwrap_or_else(|error| unreachable!("{error}")));
    fleet
}

fn prepare(world: &World, scene: &Scene) {
    for name in ["readiness", "install-agent"] {
        let content = std::fs::read_to_string(repository().join(format!("documents/{name}.yaml"))).unwrap_or_default();
        let content = if content.is_empty() { INSTALL.to_owned() } else { content };
        let document = json!({"Name": name, "DocumentType": "Command", "DocumentFormat": "YAML", "Content": content});
        call(world, "ssm", "CreateDocument", &document);
    }
    let mut hooks = vec![hook("launchgate", scene.heartbeat, &scene.policy, "ABANDON")];
    if scene.other_hook {
        hooks.push(hook("CodeDeploy-managed-automatic-launch-deployment-hook-shop", 600, &json!({}), "CONTINUE"));
    }
    let most = scene.launches.len();
    call(
        world,
        "autoscaling",
        "CreateAutoScalingGroup",
        &json!({
            "AutoScalingGroupName": "web", "MinSize": 0, "MaxSize": most, "DesiredCapacity": 0,
            "AvailabilityZones": ["us-east-1a"], "LaunchTemplate": {"LaunchTemplateName": "web"},
            "LifecycleHookSpecificationList": hooks,
        }),
    );
    world.with(|inner, _| {
        if let Some((burst, per_second)) = scene.weather.throttle {
            for service in ["autoscaling", "ssm"] {
                inner.fleet.faults.add(Fault::Throttle { call: service.to_owned(), burst, per_second });
            }
        }
    });
}

/// A repair, as far as the fleet runs one: the story says what it mends.
const INSTALL: &str = "schemaVersion: \"2.2\"\ndescription: mends the agent\nmainSteps:\n\
    - {action: aws:runShellScript, name: install, inputs: {timeoutSeconds: \"300\", runCommand: [\"exit 0\"]}}\n";

fn hook(name: &str, heartbeat: u64, policy: &Value, result: &str) -> Value {
    json!({
        "LifecycleHookName": name, "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
        "HeartbeatTimeout": heartbeat, "DefaultResult": result, "NotificationMetadata": policy.to_string(),
    })
}

/// Calls the fleet as its owner would, past all weather; the owner's calls are not counted as throttled.
fn call(world: &World, service: &str, operation: &str, members: &Value) {
    world.with(|inner, now| {
        let faults = std::mem::take(&mut inner.fleet.faults);
        let answer = api::call(&mut inner.fleet, now, service, operation, members);
        inner.fleet.faults = faults;
        answer.outcome.unwrap_or_else(|refused| unreachable!("{operation}: {refused:?}"))
    });
}

type Act = Box<dyn Fn(&World)>;

/// What the owner of the group does, and when.
fn script(scene: &Scene) -> BTreeMap<Timestamp, Act> {
    let mut script: BTreeMap<Timestamp, Act> = BTreeMap::new();
    let at = |seconds: u64| START + Duration::from_secs(seconds);
    let all = scene.launches.len();
    if let Some(pool) = scene.pool {
        script.insert(at(0), Box::new(put_warm_pool));
        script.insert(at(pool.leaves), Box::new(move |world| desire(world, all)));
        if let Some(again) = pool.again {
            script.insert(at(again - REST), Box::new(|world| desire(world, 0)));
            script.insert(at(again), Box::new(move |world| desire(world, all)));
        }
    } else {
        let mut times: Vec<u64> = scene.launches.iter().map(|launch| launch.at).collect();
        times.sort_unstable();
        for (before, time) in times.iter().enumerate() {
            script.insert(at(*time), Box::new(move |world| desire(world, before + 1)));
        }
    }
    if let Some((seconds, edit)) = scene.edit.clone() {
        let heartbeat = scene.heartbeat;
        // Between two scheduled moments.
        script.insert(at(seconds) + BREATH, Box::new(move |world| change(world, heartbeat, &edit)));
    }
    script
}

/// Its size is what the group could still launch.
fn put_warm_pool(world: &World) {
    let reuse = json!({"ReuseOnScaleIn": true});
    let pool = json!({"AutoScalingGroupName": "web", "PoolState": "Stopped", "InstanceReusePolicy": reuse});
    call(world, "autoscaling", "PutWarmPool", &pool);
}

fn desire(world: &World, count: usize) {
    call(world, "autoscaling", "SetDesiredCapacity", &json!({"AutoScalingGroupName": "web", "DesiredCapacity": count}));
}

fn change(world: &World, heartbeat: u64, edit: &Edit) {
    let mut named = json!({"AutoScalingGroupName": "web", "LifecycleHookName": "launchgate"});
    match edit {
        Edit::Removed => call(world, "autoscaling", "DeleteLifecycleHook", &named),
        Edit::Policy(policy) => {
            let hook = hook("launchgate", heartbeat, policy, "ABANDON");
            if let (Some(named), Some(hook)) = (named.as_object_mut(), hook.as_object()) {
                named.extend(hook.clone());
            }
            call(world, "autoscaling", "PutLifecycleHook", &named);
        }
    }
}

/// The schedule is a rule like the others: what carries it fails like theirs. A gate that forgets has none.
fn sweep_now(world: &World) {
    if world.sabotage == Some(Sabotage::ForgetsToReturn) {
        return;
    }
    let event = json!({"launchgate": "sweep"});
    let text = std::fs::read_to_string(repository().join("events/sweep.json")).unwrap_or_default();
    let event = serde_json::from_str(&text).unwrap_or(event);
    world.with(|inner, now| {
        if inner.bus.sweep(now, &event, &world.weather, &mut inner.dice) {
            inner.meet(now, "lost sweep", "");
        }
    });
}

fn is_over(world: &World, scene: &Scene) -> bool {
    world.with(|inner, _| {
        let over = inner.fleet.timeline().iter().filter(|entry| ends(&entry.what)).count();
        over >= scene.launches.len() && !inner.fleet.has_waiting() && inner.queue.is_empty() && inner.bus.is_empty()
    })
}

fn survived(world: &World, ended: bool) -> Survived {
    world.with(|inner, _| Survived {
        entries: inner.fleet.timeline().to_vec(),
        lines: inner.lines.clone(),
        timeline: std::mem::take(&mut inner.timeline),
        met: inner.met.clone(),
        dead_letters: inner.queue.dead_letters.clone(),
        most_receives: inner.queue.most_receives,
        calls: inner.fleet.calls().values().map(|calls| calls.made).sum(),
        seconds: world.elapsed().as_secs(),
        ended,
    })
}
