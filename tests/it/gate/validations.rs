//! Runs of validate-service on an instance that launches: its deployment asks while the launch still waits.

use launchgate_tests::fleet::What;
use runtime::documents::comment::write_validation;
use serde_json::json;

use super::world::World;

/// The policy waits for a port; what the script asked for is there.
#[tokio::test(start_paused = true)]
async fn what_a_deployments_script_has_run_does_not_let_a_launch_into_service() {
    let own = write_validation("d-ABCDEF123", "ValidateService", "1");
    for (comment, counts) in [
        (own.as_str(), false),
        ("launchgate: validates d-ABCDEF123", false),
        // The same run would be enough if it were the gate's own.
        ("launchgate: into service waits 5", true),
    ] {
        let policy = json!({"ready_within": 600, "checks": {"ports": [9090]}});
        let mut world = World::new(&policy, "[[launch]]\nstory = \"it\"\nregisters = 3\nboots = 5\n");
        world.scale_out(1);
        world.pass(30).await;
        let all = world.call("autoscaling", "DescribeAutoScalingInstances", &json!({}));
        let instance = &all["AutoScalingInstances"][0]["InstanceId"];
        world.call(
            "ssm",
            "SendCommand",
            &json!({"DocumentName": "readiness", "InstanceIds": [instance], "Comment": comment}),
        );
        world.pass(120).await;
        let ready = world.count(|what| matches!(what, What::RunEnded { code: 0, .. }));
        assert_eq!(ready, 1, "{comment}: no run was ready\n{}", world.story());
        let completed = world.count(|what| matches!(what, What::Completed { .. }));
        assert_eq!(completed > 0, counts, "{comment}\n{}", world.story());
    }
}
