//! `CodeDeploy`'s deployments in the fleet, through the AWS CLI.

use std::time::Duration;

use launchgate_tests::fleet::RevisionScript;
use serde_json::{Value, json};

use crate::fleet_aws_cli::Cli;
use crate::fleet_world::list;

const ROLE: &str = "--service-role-arn arn:aws:iam::111122223333:role/deploy";
const REVISION: &str = "--revision revisionType=S3,s3Location={bucket=shop,key=app-1.zip,bundleType=zip}";
const SHOP: &str = "--application-name shop --deployment-group-name prod";

struct Shop(Cli);

impl Shop {
    /// One instance in service; from then on the group is one of the deployment group's.
    async fn open(stories: &str) -> Self {
        let shop = Self(Cli::start(stories).await);
        shop.0.create_group("--desired-capacity 1");
        shop.0.after(60);
        shop.deploy("create-application --application-name shop");
        shop.deploy(&format!("create-deployment-group {SHOP} --auto-scaling-groups web {ROLE}"));
        shop
    }

    fn deploy(&self, words: &str) -> Value {
        self.0.ok("deploy", words, &[])
    }

    fn begin(&self) -> String {
        let begun = self.deploy(&format!("create-deployment {SHOP} {REVISION}"));
        begun["deploymentId"].as_str().unwrap().to_owned()
    }

    fn deployment(&self, id: &str) -> Value {
        self.deploy(&format!("get-deployment --deployment-id {id}"))["deploymentInfo"].clone()
    }

    fn newest(&self) -> String {
        let all = self.deploy(&format!("list-deployments {SHOP}"));
        all["deployments"][0].as_str().unwrap().to_owned()
    }

    /// The deployment's only target.
    fn target(&self, id: &str) -> Value {
        let targets = self.deploy(&format!("list-deployment-targets --deployment-id {id}"));
        let target = targets["targetIds"][0].as_str().unwrap();
        let found = self.deploy(&format!("batch-get-deployment-targets --deployment-id {id} --target-ids {target}"));
        found["deploymentTargets"][0].clone()
    }

    fn events(&self, id: &str) -> Vec<String> {
        let target = self.target(id);
        let told = |event: &Value| format!("{} {}", event["lifecycleEventName"], event["status"]).replace('"', "");
        list(&target["instanceTarget"], "lifecycleEvents").iter().map(told).collect()
    }

    fn scale_out(&self) {
        self.0.scaling("set-desired-capacity --auto-scaling-group-name web --desired-capacity 2");
    }

    /// How many instances are in service.
    fn serving(&self) -> usize {
        let all = self.0.scaling("describe-auto-scaling-instances");
        list(&all, "AutoScalingInstances").iter().filter(|one| one["LifecycleState"] == "InService").count()
    }
}

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

const APPSPEC: &str = "version: 0.0\nResources:\n  - gate:\n      Type: AWS::Lambda::Function\n      Properties: {Name: gate, \
    Alias: live, CurrentVersion: '1', TargetVersion: '2'}\nHooks:\n  - BeforeAllowTraffic: CodeDeployHook_before\n";

impl Shop {
    /// A deployment of a Lambda function, and the execution that its hook function was asked about.
    async fn shifting() -> (Self, String, String) {
        let shop = Self(Cli::start("").await);
        shop.deploy("create-application --application-name shop --compute-platform Lambda");
        shop.deploy(&format!("create-deployment-group {SHOP} {ROLE}"));
        let revision = json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": APPSPEC}}).to_string();
        let begun = shop.0.ok("deploy", &format!("create-deployment {SHOP} --revision"), &[&revision]);
        let calls = shop.0.server.with(launchgate_tests::fleet::Fleet::take_hook_calls);
        assert_eq!((calls.len(), calls[0].function.as_str()), (1, "CodeDeployHook_before"));
        assert_eq!(calls[0].payload.as_object().unwrap().len(), 2);
        let execution = calls[0].payload["LifecycleEventHookExecutionId"].as_str().unwrap().to_owned();
        (shop, begun["deploymentId"].as_str().unwrap().to_owned(), execution)
    }

    fn answer(id: &str, execution: &str, status: &str) -> String {
        format!(
            "put-lifecycle-event-hook-execution-status --deployment-id {id} \
             --lifecycle-event-hook-execution-id {execution} --status {status}"
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_function_is_asked_and_its_first_answer_counts() {
    let (shop, id, execution) = Shop::shifting().await;
    let info = &shop.target(&id)["lambdaTarget"];
    assert_eq!(info["lambdaFunctionInfo"]["targetVersion"], "2");
    let pending = Shop::answer(&id, &execution, "Pending");
    shop.0.refuses("deploy", &pending, "InvalidLifecycleEventHookExecutionStatusException", "Pending");
    let stranger = Shop::answer(&id, "another", "Succeeded");
    shop.0.refuses("deploy", &stranger, "InvalidLifecycleEventHookExecutionIdException", "another");
    shop.deploy(&Shop::answer(&id, &execution, "Succeeded"));
    assert_eq!(shop.deployment(&id)["status"], "Succeeded");
    let second = Shop::answer(&id, &execution, "Failed");
    shop.0.refuses("deploy", &second, "LifecycleEventAlreadyCompletedException", &execution);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_function_that_does_not_answer_fails_its_deployment_after_an_hour() {
    let (shop, id, execution) = Shop::shifting().await;
    shop.0.after(3599);
    assert_eq!(shop.deployment(&id)["status"], "InProgress");
    shop.0.after(2);
    let failed = shop.deployment(&id);
    let code = &failed["errorInformation"]["code"];
    assert_eq!((&failed["status"], code), (&json!("Failed"), &json!("HOOK_EXECUTION_FAILURE")));
    let late = Shop::answer(&id, &execution, "Succeeded");
    shop.0.refuses("deploy", &late, "LifecycleEventAlreadyCompletedException", &execution);
}

impl Shop {
    /// The next launch lives this story; the last revision was good.
    async fn with_a_good_revision(story: &str) -> Self {
        let told = format!("[[launch]]\nstory = \"first\"\n[[launch]]\nstory = \"second\"\nboots = 0\n{story}");
        let shop = Self::open(&told).await;
        shop.begin();
        shop.0.after(20);
        shop
    }

    /// The deployment that a launch begins; at its fifth second.
    fn launches(&self) -> String {
        self.scale_out();
        self.0.after(5);
        let id = self.newest();
        assert_eq!(self.deployment(&id)["creator"], "autoscaling");
        id
    }

    fn status(&self, id: &str) -> Value {
        self.deployment(id)["status"].clone()
    }
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
