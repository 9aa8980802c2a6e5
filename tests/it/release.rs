//! Releases a new version of this stack as CodeDeploy does. The fleet invokes the release binary of traffic-hook for
//! each hook; traffic-hook invokes the release binaries of the other functions with the permissions of its role, and
//! answers.

use std::time::{SystemTime, UNIX_EPOCH};

use launchgate_tests::fleet::door::server::{Clock, Server};
use launchgate_tests::fleet::endpoints::Endpoints;
use launchgate_tests::fleet::host::Network;
use launchgate_tests::fleet::{Fleet, HookCall, api};
use launchgate_tests::stack::LocalStack;
use lifecycle::Timestamp;
use serde_json::{Value, json};

struct Release {
    fleet: Server,
    stack: LocalStack,
}

impl Release {
    async fn of_the_stack() -> Self {
        // In real time: CodeDeploy tells the hook only after 2 s what is deployed (aws-facts 4.2).
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap());
        let (fleet, _) = Server::start(Fleet::new(9, now), 0, Clock::Real).await.unwrap();
        let mut stack = LocalStack::start_with_permissions(&fleet.url).await.unwrap();
        stack.deploy(&[]).await.unwrap();
        let release = Self { fleet, stack };
        release.call("CreateApplication", &json!({"applicationName": "gate", "computePlatform": "Lambda"}));
        let role = "arn:aws:iam::000000000000:role/deploy";
        let group = json!({"applicationName": "gate", "deploymentGroupName": "gate", "serviceRoleArn": role});
        release.call("CreateDeploymentGroup", &group);
        release
    }

    fn call(&self, operation: &str, members: &Value) -> Value {
        let now = self.fleet.now();
        let answer = self.fleet.with(|fleet| api::call(fleet, now, "codedeploy", operation, members));
        answer.outcome.unwrap_or_else(|refused| panic!("{operation}: {refused:?}"))
    }

    /// Begins to move the alias of a function to a version.
    fn begin(&self, function: &str, version: &str) -> String {
        let hook = self.stack.output("TrafficHookFunction").unwrap();
        let properties = json!({"Name": function, "Alias": "live", "CurrentVersion": "1", "TargetVersion": version});
        let content = json!({
            "version": 0.0, "Resources": [{"gate": {"Type": "AWS::Lambda::Function", "Properties": properties}}],
            "Hooks": [{"BeforeAllowTraffic": hook}, {"AfterAllowTraffic": hook}],
        });
        let revision = json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": content.to_string()}});
        let wanted = json!({"applicationName": "gate", "deploymentGroupName": "gate", "revision": revision});
        self.call("CreateDeployment", &wanted)["deploymentId"].as_str().unwrap().to_owned()
    }

    /// Lets Lambda run the hook functions until CodeDeploy asks none any more; how often it has asked.
    async fn answer_hooks(&self) -> usize {
        let mut asked = 0;
        loop {
            let calls = self.fleet.with(Fleet::take_hook_calls);
            if calls.is_empty() {
                return asked;
            }
            for HookCall { function, payload } in calls {
                asked += 1;
                let answer = self.stack.folder().join("answer").display().to_string();
                let invoke = ["lambda", "invoke", "--function-name", &function, "--payload"];
                self.aws(&[&invoke[..], &[&payload.to_string(), &answer]].concat()).await;
            }
        }
    }

    /// The AWS CLI of whoever owns the account.
    async fn aws(&self, words: &[&str]) -> String {
        let output = self.stack.tool("aws").args(words).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn ended(&self, deployment: &str) -> Value {
        self.call("GetDeployment", &json!({"deploymentId": deployment}))["deploymentInfo"]["status"].clone()
    }

    fn name(&self, output: &str) -> String {
        let arn = self.stack.output(output).unwrap().trim_end_matches(":live");
        arn.rsplit(':').next().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_release_passes_both_hooks_and_a_version_that_cannot_be_tried_passes_none() {
    let release = Release::of_the_stack().await;
    for output in ["LaunchGateFunction", "ValidateServiceFunction"] {
        let deployment = release.begin(&release.name(output), "1");
        assert_eq!(release.answer_hooks().await, 2, "{output}");
        assert_eq!(release.ended(&deployment), "Succeeded", "{output}");
    }
    let missing = release.begin(&release.name("LaunchGateFunction"), "99");
    assert_eq!(release.answer_hooks().await, 1, "no traffic, so nobody is asked after it");
    assert_eq!(release.ended(&missing), "Failed");
    // Its role lets it try the functions of this stack, and no others.
    let foreign = release.begin("CodeDeployHook_launchgate", "1");
    assert_eq!(release.answer_hooks().await, 1);
    assert_eq!(release.ended(&foreign), "Failed");
}

/// Its TLS works on the processor that it was built for: the health URL answers, and is trusted only with its certificate.
#[tokio::test(flavor = "multi_thread")]
async fn the_release_binary_asks_a_health_url_over_tls() {
    let release = Release::of_the_stack().await;
    let endpoints = Endpoints::shared().unwrap();
    let trusted = release.stack.folder().join("trusted.pem");
    std::fs::write(&trusted, endpoints.certificate()).unwrap();
    for (network, heard) in [(Network::Open, "status 404"), (Network::NoTls, "invalid peer certificate")] {
        let url = format!("https://{}/health", endpoints.domain(network, 0).unwrap());
        let environment = json!({"Variables": {"HEALTH_URL": url, "SSL_CERT_FILE": trusted}}).to_string();
        let hook = release.name("TrafficHookFunction");
        let configure = ["lambda", "update-function-configuration", "--timeout", "20", "--function-name"];
        release.aws(&[&configure[..], &[&hook, "--environment", &environment]].concat()).await;
        let deployment = release.begin(&release.name("LaunchGateFunction"), "1");
        assert_eq!(release.answer_hooks().await, 1);
        assert_eq!(release.ended(&deployment), "Failed");
        let log = release.stack.output("TrafficHookLogGroup").unwrap();
        let lines = release.aws(&["logs", "filter-log-events", "--log-group-name", log]).await;
        assert!(lines.contains(heard), "{lines}");
    }
}
