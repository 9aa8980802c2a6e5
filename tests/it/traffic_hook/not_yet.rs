//! Checks a hook that is invoked before `CodeDeploy` can tell what is deployed (aws-facts 4.2).

use std::sync::Arc;
use std::time::Duration;

use launchgate_tests::fleet::CodeDeploySettings;

use super::invocation::{ALL, Function};
use super::trouble::{Fault, Version};
use super::world::World;

/// From the creation of the deployment, in seconds: it has started, its targets are listed, they are told.
type Moments = [u64; 3];

fn world(platform: &'static str, moments: Moments) -> Arc<World> {
    let world = World::new(platform, Version::Healthy, Fault::None);
    let [starts, listed, told] = moments.map(Duration::from_secs);
    world.set_code_deploy(|settings| {
        *settings = CodeDeploySettings {
            shift_starts_after: starts,
            shift_listed_after: listed,
            shift_told_after: told,
            ..settings.clone()
        };
    });
    world
}

/// Answers the hook of a deployment, and returns the line and how the deployment ends.
async fn answer(world: &Arc<World>) -> (Function, String) {
    let deployment = world.deploy(&["BeforeAllowTraffic"]);
    let function = Function::new(world, ALL);
    function.invoke(&world.hook_calls()[0]).await;
    let end = world.ends(&deployment).await;
    (function, end)
}

#[tokio::test(start_paused = true)]
async fn what_is_deployed_is_asked_for_every_two_seconds_until_it_is_told() {
    for moments in [[1, 3, 5], [5, 0, 0], [0, 5, 0], [0, 0, 5]] {
        let world = world("Lambda", moments);
        let (function, end) = answer(&world).await;
        assert_eq!((&end[..], world.accepted().len()), ("Succeeded", 1), "{moments:?}: {:?}", function.reasons());
        assert_eq!(world.asked_for("ListDeploymentTargets").len(), 4, "{moments:?}");
        assert_eq!(function.lines()[0]["functions"], serde_json::json!(["gate:2"]));
    }
}

/// The function has 60 s, of which 40 s are for validation.
#[tokio::test(start_paused = true)]
async fn the_deployment_fails_with_a_reason_when_the_time_is_over() {
    for (moments, told) in [
        ([3600, 0, 0], "CodeDeploy has not started the deployment yet"),
        ([0, 3600, 0], "CodeDeploy names no target yet"),
        ([0, 0, 3600], "CodeDeploy does not tell yet which version of which function it deploys"),
    ] {
        let world = world("Lambda", moments);
        let (function, end) = answer(&world).await;
        assert_eq!((&end[..], world.accepted()), ("Failed", vec!["Failed".to_owned()]));
        let [reason] = &function.reasons()[..] else { panic!("{:?}", function.reasons()) };
        assert!(reason.contains("not done within 40 s") && reason.contains(told), "{reason}");
        assert!(reason.contains("aws deploy list-deployment-targets --deployment-id d-"), "{reason}");
    }
}

/// On ECS the targets say only how the lifecycle event is called.
#[tokio::test(start_paused = true)]
async fn on_ecs_the_name_of_the_event_is_waited_for_no_longer_than_ten_seconds() {
    for (moments, name) in [([5, 0, 0], "BeforeAllowTraffic"), ([3600, 0, 0], "")] {
        let world = world("ECS", moments);
        let (function, end) = answer(&world).await;
        assert_eq!(end, "Succeeded");
        let line = &function.lines()[0];
        assert_eq!(line["lifecycle_event"].as_str().unwrap_or_default(), name);
        assert!(line["seconds"].as_f64().unwrap() < 21.0, "{line}");
    }
}
