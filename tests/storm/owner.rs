//! What the owner of the group does: before the run, and in the middle of it.

use std::collections::BTreeMap;
use std::time::Duration;

use launchgate_tests::fleet::{Fault, api};
use launchgate_tests::stack::repository;
use lifecycle::Timestamp;
use serde_json::{Value, json};

use crate::scene::{Edit, Scene};
use crate::world::{START, World};

/// Seconds that an instance rests in the pool before it leaves it again.
const REST: u64 = 60;

/// The documents, the group with its hooks, and the limits of the account.
pub(crate) fn prepare(world: &World, scene: &Scene) {
    for name in ["readiness", "readiness-next", "install-agent"] {
        let file = format!("documents/{}.yaml", name.trim_end_matches("-next"));
        let content = std::fs::read_to_string(repository().join(file)).unwrap_or_else(|error| unreachable!("{error}"));
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
    world.with(|inner, now| {
        for body in POISON.into_iter().cycle().take(usize::try_from(scene.weather.poison).unwrap_or(0)) {
            inner.meet(now, "poison", body);
            inner.queue.send(body.to_owned(), now);
        }
        if let Some((burst, per_second)) = scene.weather.throttle {
            for service in ["autoscaling", "ssm"] {
                inner.fleet.faults.add(Fault::Throttle { call: service.to_owned(), burst, per_second });
            }
        }
    });
}

/// What no rule of ours sends.
const POISON: [&str; 4] = ["", "not JSON", "{\"detail\": {\"EC2InstanceId\": 7}}", "[\"launchgate\", \"sweep\"]"];

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
        *inner.owners_calls.entry(operation.to_owned()).or_default() += 1;
        answer.outcome.unwrap_or_else(|refused| unreachable!("{operation}: {refused:?}"))
    });
}

pub(crate) type Act = Box<dyn Fn(&World)>;

/// What happens in the middle, and when.
pub(crate) fn script(scene: &Scene) -> BTreeMap<Timestamp, Act> {
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
        script.insert(at(seconds) + Duration::from_millis(1), Box::new(move |world| change(world, heartbeat, &edit)));
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
