//! Tests the fleet's CodeDeploy deployments with the AWS CLI.

mod green;
mod shop;
mod stopped;
mod traffic;

use std::time::Duration;

use launchgate_tests::fleet::RevisionScript;
use serde_json::json;

use self::shop::{REVISION, ROLE, SHOP, Shop};
use crate::fleet_aws_cli::Cli;
use crate::fleet_world::list;

#[tokio::test(flavor = "multi_thread")]
async fn what_succeeded_last_is_deployed_to_each_instance_that_launches() {
    let shop = Shop::open("").await;
    let first = shop.begin();
    shop.0.after(3);
    assert_eq!(
        shop.events(&first)[1..4],
        ["DownloadBundle Succeeded", "BeforeInstall Succeeded", "Install InProgress"]
    );
    shop.0.after(10);
    let done = shop.deployment(&first);
    assert_eq!((&done["status"], &done["creator"]), (&json!("Succeeded"), &json!("user")));
    shop.scale_out();
    shop.0.after(20);
    assert_eq!(shop.serving(), 1, "held by CodeDeploy's hook");
    let second = shop.newest();
    assert_eq!(shop.deployment(&second)["creator"], "autoscaling");
    assert_eq!(shop.deployment(&second)["revision"], done["revision"]);
    shop.0.after(40);
    assert_eq!((shop.serving(), &shop.deployment(&second)["status"]), (2, &json!("Succeeded")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_revision_the_hook_is_continued() {
    let shop = Shop::open("").await;
    shop.scale_out();
    shop.0.after(15);
    assert_eq!(shop.serving(), 2);
    assert_eq!(shop.deploy(&format!("list-deployments {SHOP}"))["deployments"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_fails_leaves_its_log_and_the_instance_is_abandoned() {
    let told = "[[launch]]\nstory = \"first\"\n[[launch]]\nstory = \"second\"\n[launch.deployment]\n\
        fails = \"ValidateService\"\nscript = \"scripts/validate.sh\"\nlog = \"curl: (7) Failed to connect\"";
    let shop = Shop::open(told).await;
    shop.begin();
    shop.0.after(20);
    shop.scale_out();
    shop.0.after(60);
    let id = shop.deploy(&format!("list-deployments {SHOP} --include-only-statuses Failed"))["deployments"][0].clone();
    let failed = shop.deployment(id.as_str().unwrap());
    assert_eq!(
        (&failed["status"], &failed["errorInformation"]["code"]),
        (&json!("Failed"), &json!("HEALTH_CONSTRAINTS"))
    );
    let target = shop.target(id.as_str().unwrap())["instanceTarget"].clone();
    let event = list(&target, "lifecycleEvents").last().unwrap();
    let diagnostics = &event["diagnostics"];
    assert_eq!((&event["status"], &diagnostics["errorCode"]), (&json!("Failed"), &json!("ScriptFailed")));
    assert_eq!(
        diagnostics["logTail"],
        "LifecycleEvent - ValidateService\nScript - scripts/validate.sh\n[stderr]curl: (7) Failed to connect\n"
    );
    let activities = shop.0.scaling("describe-scaling-activities --auto-scaling-group-name web");
    assert!(activities.to_string().contains("ABANDON"), "{activities}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_never_asks_costs_an_hour() {
    let told = "[[launch]]\nstory = \"first\"\n[[launch]]\nstory = \"second\"\nagent = \"missing\"";
    let shop = Shop::open(told).await;
    shop.begin();
    shop.0.after(20);
    shop.scale_out();
    shop.0.after(3590);
    let silent = shop.newest();
    assert_eq!(shop.deployment(&silent)["status"], "InProgress");
    assert_eq!(shop.events(&silent)[0], "ApplicationStop Pending");
    shop.0.after(20);
    let failed = shop.target(&silent)["instanceTarget"]["lifecycleEvents"][0].clone();
    assert_eq!(failed["diagnostics"]["errorCode"], "UnknownError");
    assert!(failed["diagnostics"]["message"].as_str().unwrap().starts_with("CodeDeploy agent was not able to receive"));
    assert_eq!(shop.events(&silent)[1], "DownloadBundle Skipped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_deployment_is_over_and_stops_once() {
    let shop = Shop::open("[[launch]]\nstory = \"silent\"\nagent = \"missing\"").await;
    let id = shop.begin();
    let already = ("DeploymentLimitExceededException", "already has an active Deployment");
    shop.0.refuses("deploy", &format!("create-deployment {SHOP} {REVISION}"), already.0, already.1);
    assert_eq!(shop.deploy(&format!("stop-deployment --deployment-id {id}"))["status"], "Succeeded");
    let stopped = shop.deployment(&id);
    assert_eq!((&stopped["status"], &stopped["errorInformation"]["code"]), (&json!("Stopped"), &json!("MANUAL_STOP")));
    let again = format!("stop-deployment --deployment-id {id}");
    shop.0.refuses("deploy", &again, "DeploymentAlreadyCompletedException", &id);
    let open = format!("list-deployments {SHOP} --include-only-statuses InProgress Created Queued");
    assert_eq!(shop.deploy(&open)["deployments"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_is_refused_by_name() {
    let shop = Shop::open("").await;
    for (words, code) in [
        ("get-deployment --deployment-id d-AAAAAAAAA", "DeploymentDoesNotExistException"),
        ("stop-deployment --deployment-id d-AAAAAAAAA", "DeploymentDoesNotExistException"),
        ("list-deployments --application-name shop", "DeploymentGroupNameRequiredException"),
        ("create-deployment --application-name shop --deployment-group-name no", "RevisionRequiredException"),
    ] {
        assert_eq!(shop.0.refused("deploy", words).0, code, "{words}");
    }
    let id = shop.begin();
    let none = format!("get-deployment-target --deployment-id {id} --target-id i-0");
    shop.0.refuses("deploy", &none, "DeploymentTargetDoesNotExistException", "i-0");
    let many = format!("batch-get-deployment-targets --deployment-id {id} --target-ids {}", "i-0 ".repeat(26));
    shop.0.refuses("deploy", &many, "DeploymentTargetListSizeExceededException", "25");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_tags_deploys_to_who_has_them() {
    let cli = Cli::start("").await;
    let tags = "--tags Key=app,Value=shop,PropagateAtLaunch=true";
    cli.create_group(&format!("--desired-capacity 1 {tags}"));
    cli.after(60);
    let shop = Shop(cli);
    shop.deploy("create-application --application-name shop");
    let filters = "--ec2-tag-filters Key=app,Value=shop,Type=KEY_AND_VALUE";
    shop.deploy(&format!("create-deployment-group {SHOP} {filters} {ROLE}"));
    let id = shop.begin();
    shop.0.after(10);
    assert_eq!(shop.deployment(&id)["deploymentOverview"]["Succeeded"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_has_the_time_that_it_is_given() {
    let told = "deployment = { takes = 0, hangs = \"BeforeInstall\", script = \"scripts/stop.sh\", timeout = 30 }";
    let shop = Shop::with_a_good_revision(told).await;
    let id = shop.launches();
    shop.0.after(20);
    assert_eq!(shop.events(&id)[1..3], ["DownloadBundle Succeeded", "BeforeInstall InProgress"]);
    shop.0.after(20);
    let event = shop.target(&id)["instanceTarget"]["lifecycleEvents"][2].clone();
    assert_eq!((&shop.status(&id), &event["diagnostics"]["errorCode"]), (&json!("Failed"), &json!("ScriptTimedOut")));
    let message = event["diagnostics"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("scripts/stop.sh failed to complete in 30 seconds"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_stops_between_two_events_costs_five_minutes() {
    let shop = Shop::with_a_good_revision("agent = [[0, \"polling\"], [11, \"stopped\"]]").await;
    shop.0.server.with(|fleet| fleet.settings.codedeploy.next_event_after = Duration::from_secs(4));
    let id = shop.launches();
    // The first event takes the fourth second, the second the ninth, and the third would take the fourteenth.
    shop.0.after(15);
    assert_eq!(
        shop.events(&id)[..3],
        ["ApplicationStop Succeeded", "DownloadBundle Succeeded", "BeforeInstall Pending"]
    );
    shop.0.after(285);
    assert_eq!(shop.status(&id), "InProgress");
    shop.0.after(10);
    assert_eq!((&shop.status(&id), &shop.events(&id)[2]), (&json!("Failed"), &"BeforeInstall Failed".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_stops_while_a_script_runs_costs_an_hour() {
    let told = "agent = [[0, \"polling\"], [8, \"stopped\"]]\ndeployment = { takes = 10 }";
    let shop = Shop::with_a_good_revision(told).await;
    let id = shop.launches();
    shop.0.after(3600);
    assert_eq!(
        (&shop.status(&id), &shop.events(&id)[0]),
        (&json!("InProgress"), &"ApplicationStop InProgress".to_owned())
    );
    shop.0.after(20);
    assert_eq!(shop.status(&id), "Failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_codedeploy_are_throttled_like_those_of_the_others() {
    let shop = Shop::open("").await;
    shop.0.throttle("codedeploy");
    for words in ["list-applications", "list-deployments", "stop-deployment --deployment-id d-AAAAAAAAA"] {
        shop.0.refuses("deploy", words, "ThrottlingException", "Rate exceeded");
    }
    assert_eq!(shop.serving(), 1, "Auto Scaling has a bucket of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_really_runs_ends_its_lifecycle_event_with_its_code_and_its_last_words() {
    let really = "[[launch]]\nstory = \"real\"\ndeployment = { real = true, script = \"scripts/validate.sh\" }";
    for (code, output, status) in
        [(0, "fine\n", "Succeeded"), (3, "[stdout]port-closed: 8080\n[stdout]unhealthy\n", "Failed")]
    {
        let shop = Shop::open(really).await;
        let id = shop.begin();
        shop.0.after(30);
        assert_eq!(shop.events(&id)[6], "ValidateService InProgress");
        let instance = shop.deploy(&format!("list-deployment-targets --deployment-id {id}"))["targetIds"][0].clone();
        let script = RevisionScript {
            deployment: id.clone(),
            instance: instance.as_str().unwrap().to_owned(),
            lifecycle_event: "ValidateService",
        };
        shop.0.server.revision_script_ended(&script, code, output);
        assert_eq!(shop.deployment(&id)["status"], status);
        // Once is enough.
        shop.0.server.revision_script_ended(&script, 9, "again");
        let last = shop.target(&id)["instanceTarget"]["lifecycleEvents"][6].clone();
        assert_eq!(last["status"], status);
        if code != 0 {
            let told = &last["diagnostics"];
            assert_eq!(told["errorCode"], "ScriptFailed");
            assert!(
                told["message"].as_str().unwrap().ends_with("scripts/validate.sh failed with exit code 3"),
                "{told}"
            );
            assert!(told["logTail"].as_str().unwrap().ends_with("\n[stdout]port-closed: 8080\n[stdout]unhealthy\n"));
        }
    }
}
