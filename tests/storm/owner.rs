//! What the owner of the group does before a run and during it.

use std::collections::BTreeMap;
use std::time::Duration;

use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Fault, api};
use launchgate_tests::stack::files::create_document;
use lifecycle::Timestamp;
use serde_json::{Value, json};

use crate::green::DEPLOYMENT_GROUP;
use crate::scene::{Edit, Scene};
use crate::world::{START, World};

/// Seconds that an instance rests in the pool before it leaves it again.
const REST: u64 = 60;

/// The documents, the group with its hooks, and the limits of the account.
pub(crate) fn prepare(world: &World, scene: &Scene) {
    for name in ["readiness", "readiness-next", "install-agent"] {
        let document = create_document(name, name.trim_end_matches("-next"));
        let document = document.unwrap_or_else(|error| unreachable!("{error}"));
        call(world, "ssm", "CreateDocument", &document);
    }
    let mut hooks = Vec::new();
    if scene.hooked_from().is_none() {
        hooks.push(hook("launchgate", scene.heartbeat, &scene.policy, "ABANDON"));
    }
    if scene.other_hook {
        hooks.push(hook(LEFT_BEHIND, 600, &json!({}), "CONTINUE"));
    }
    let most = scene.launches.len();
    call(
        world,
        "autoscaling",
        "CreateAutoScalingGroup",
        &json!({
            "AutoScalingGroupName": "web", "MinSize": 0, "MaxSize": most, "DesiredCapacity": 0,
            "AvailabilityZones": ["us-east-1a"], "LaunchTemplate": {"LaunchTemplateName": "web"},
            "Tags": [{"Key": "tier", "Value": "web"}], "LifecycleHookSpecificationList": hooks,
        }),
    );
    if scene.codedeploy.is_some() {
        open_shop(world, scene);
    }
    begin_weather(world, scene);
}

fn begin_weather(world: &World, scene: &Scene) {
    world.with(|inner, now| {
        for body in POISON.into_iter().cycle().take(usize::try_from(scene.weather.poison).unwrap_or(0)) {
            inner.meet(now, "poison", body);
            inner.queue.send(body.to_owned(), now);
        }
        for outage in &scene.weather.outages {
            inner.meet(now, "outage", &format!("{outage:?}"));
            let seconds = (outage.from..=outage.to).step_by(30).chain([outage.to]);
            inner.troubles.extend(seconds.map(|second| START + Duration::from_secs(second)));
        }
        if let Some((burst, per_second)) = scene.weather.throttle {
            for service in ["autoscaling", "codedeploy", "ssm"] {
                inner.fleet.faults.add(Fault::Throttle { call: service.to_owned(), burst, per_second });
            }
        }
    });
}

/// The hook of a deployment group that is deleted (aws-facts 3.4).
const LEFT_BEHIND: &str =
    "CodeDeploy-managed-automatic-launch-deployment-hook-old-0b1c2d3e-4f50-4162-8374-95a6b7c8d9e0";
/// An instance whose agent polls from the first moment, and on which everything succeeds at once.
const FIRST: &str = "[default]\nstory = \"first\"\nregisters = \"never\"\nboots = 0\ndeployment = { takes = 0 }";

/// The good revision came to an instance beside the group, as AWS advises (aws-facts 3.4).
fn open_shop(world: &World, scene: &Scene) {
    tell(world, FIRST);
    let settings = world.with(|inner, _| std::mem::take(&mut inner.fleet.settings.codedeploy.next_event_after));
    let first = json!({
        "AutoScalingGroupName": "first", "MinSize": 1, "MaxSize": 1, "AvailabilityZones": ["us-east-1a"],
        "LaunchTemplate": {"LaunchTemplateName": "first"}, "Tags": [{"Key": "app", "Value": "shop"}],
    });
    call(world, "autoscaling", "CreateAutoScalingGroup", &first);
    call(world, "codedeploy", "CreateApplication", &json!({"applicationName": "shop"}));
    deployment_group(world, DEPLOYMENT_GROUP, &["web"]);
    deployment_group(world, "all", &[]);
    deploy(world, DEPLOYMENT_GROUP);
    if scene.green.is_some() {
        copy_from_now_on(world);
    }
    world.with(|inner, _| inner.fleet.settings.codedeploy.next_event_after = settings);
    tell(world, &scene.stories());
}

/// The next deployment copies the group, and deletes it a minute after.
fn copy_from_now_on(world: &World) {
    let changes = json!({
        "applicationName": "shop", "currentDeploymentGroupName": DEPLOYMENT_GROUP,
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "blueGreenDeploymentConfiguration": {
            "greenFleetProvisioningOption": {"action": "COPY_AUTO_SCALING_GROUP"},
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 1},
        },
    });
    call(world, "codedeploy", "UpdateDeploymentGroup", &changes);
}

fn tell(world: &World, stories: &str) {
    let stories = Stories::parse(stories).unwrap_or_else(|error| unreachable!("{error}"));
    world.with(|inner, _| inner.fleet.tell(stories));
}

/// Those of a deployment group without Auto Scaling groups are all that have one of the tags.
fn deployment_group(world: &World, name: &str, groups: &[&str]) {
    let tags = if groups.is_empty() { vec!["app", "tier"] } else { vec!["app"] };
    let tags: Vec<Value> = tags.iter().map(|key| json!({"Key": key, "Type": "KEY_ONLY"})).collect();
    let members = json!({
        "applicationName": "shop", "deploymentGroupName": name, "autoScalingGroups": groups, "ec2TagFilters": tags,
        "serviceRoleArn": "arn:aws:iam::000000000000:role/deploy",
    });
    call(world, "codedeploy", "CreateDeploymentGroup", &members);
}

/// What the owner deploys is noted: nobody else may stop it.
fn deploy(world: &World, group: &str) {
    let revision = json!({"revisionType": "S3", "s3Location": {"bucket": "shop", "key": "1.zip", "bundleType": "zip"}});
    let members = json!({"applicationName": "shop", "deploymentGroupName": group, "revision": revision});
    let begun = call(world, "codedeploy", "CreateDeployment", &members);
    let id = begun.get("deploymentId").and_then(Value::as_str).unwrap_or_default().to_owned();
    world.with(|inner, _| inner.owners_deployments.insert(id));
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
fn call(world: &World, service: &str, operation: &str, members: &Value) -> Value {
    world.with(|inner, now| {
        let faults = std::mem::take(&mut inner.fleet.faults);
        let answer = api::call(&mut inner.fleet, now, service, operation, members);
        inner.fleet.faults = faults;
        *inner.owners_calls.entry(operation.to_owned()).or_default() += 1;
        answer.outcome.unwrap_or_else(|refused| unreachable!("{operation}: {refused:?}"))
    })
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
    if let Some(seconds) = scene.codedeploy.and_then(|codedeploy| codedeploy.by_owner) {
        script.insert(at(seconds) + Duration::from_millis(2), Box::new(|world| deploy(world, "all")));
    }
    if let Some(green) = &scene.green {
        script.insert(at(green.at) + Duration::from_millis(3), Box::new(|world| deploy(world, DEPLOYMENT_GROUP)));
    }
    if let Some((seconds, edit)) = scene.edit.clone() {
        let (heartbeat, policy) = (scene.heartbeat, scene.policy.clone());
        let change = move |world: &World| change(world, heartbeat, &policy, &edit);
        // Between two scheduled moments.
        script.insert(at(seconds) + Duration::from_millis(1), Box::new(change));
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

fn change(world: &World, heartbeat: u64, policy: &Value, edit: &Edit) {
    let mut named = json!({"AutoScalingGroupName": "web", "LifecycleHookName": "launchgate"});
    match edit {
        Edit::Removed => drop(call(world, "autoscaling", "DeleteLifecycleHook", &named)),
        Edit::Added | Edit::Policy(_) => {
            let policy = if let Edit::Policy(edited) = edit { edited } else { policy };
            let hook = hook("launchgate", heartbeat, policy, "ABANDON");
            if let (Some(named), Some(hook)) = (named.as_object_mut(), hook.as_object()) {
                named.extend(hook.clone());
            }
            call(world, "autoscaling", "PutLifecycleHook", &named);
        }
    }
}
