//! Tests an instance with two lifecycle actions: one on its way into the warm pool, and later one on its way into
//! service.

use launchgate_tests::fleet::What;
use serde_json::json;

use super::world::World;

#[tokio::test(start_paused = true)]
async fn what_an_instance_said_before_the_pool_does_not_let_it_into_service() {
    let stories = "[default]\nstory = \"pooled\"\nregisters = 5\nboots = 8\n";
    let mut world = World::new(&json!({}), stories);
    let pool =
        json!({"AutoScalingGroupName": "web", "MinSize": 1, "MaxGroupPreparedCapacity": 1, "PoolState": "Stopped"});
    world.call("autoscaling", "PutWarmPool", &pool);
    world.pass(120).await;
    assert_eq!(world.count(|what| matches!(what, What::InPool { .. })), 1, "{}", world.story());
    assert_eq!(world.settled().len(), 1);

    world.scale_out(1);
    world.pass(120).await;
    assert_eq!(world.count(|what| *what == What::LeavesPool), 1);
    assert!(world.count(|what| *what == What::InService) >= 1, "{}", world.story());
    let runs = world.timeline.iter().filter(|entry| matches!(entry.what, What::RunEnded { .. }));
    let pooled = world.timeline.iter().find(|entry| entry.what == What::LeavesPool).unwrap();
    let own = runs.filter(|run| run.instance == pooled.instance).map(|run| run.at);
    assert!(own.filter(|at| *at > pooled.at).count() >= 1, "no run after it left the pool\n{}", world.story());
}
