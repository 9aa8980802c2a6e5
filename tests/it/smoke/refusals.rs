//! Runs that do not begin.

use futures_util::future::join_all;
use launchgate_tests::fleet::api;
use serde_json::{Value, json};

use super::rehearsal::Rehearsal;
use super::{ONE, kinds, with_user_data};

/// What ministack has beforehand, and how it comes to have it.
const IN_STACK: [(&str, &str); 5] = [
    (
        "the stack launchgate-smoke-x",
        "cloudformation create-stack --stack-name launchgate-smoke-x \
         --template-body {\"Resources\":{\"T\":{\"Type\":\"AWS::SNS::Topic\"}}}",
    ),
    ("the role launchgate-smoke-x", "iam create-role --role-name launchgate-smoke-x --assume-role-policy-document {}"),
    (
        "the bucket launchgate-smoke-000000000000-us-east-1",
        "s3api create-bucket --bucket launchgate-smoke-000000000000-us-east-1",
    ),
    (
        "the EventBridge rule launchgate-smoke-x",
        "events put-rule --name launchgate-smoke-x --schedule-expression rate(1\u{a0}day)",
    ),
    (
        "the target group launchgate-smoke-x",
        "elbv2 create-target-group --name launchgate-smoke-x --protocol HTTP --port 80 --vpc-id vpc-x",
    ),
];

impl Rehearsal {
    async fn aws(&self, words: &str) {
        let mut aws = self.stack.tool("aws");
        aws.args(words.split(' ').map(|word| word.replace('\u{a0}', " ")))
            .args(["--endpoint-url", self.stack.endpoint()]);
        let told = aws.output().await.unwrap();
        assert!(told.status.success(), "{words}: {told:?}");
    }

    fn call(&self, service: &str, operation: &str, members: &Value) {
        let called = self.fleet.with(|fleet| api::call(fleet, fleet.now(), service, operation, members));
        called.outcome.unwrap();
    }

    /// What the program says that does not begin.
    async fn refused(&self, options: &[&str], leave_out: &str) -> String {
        let told = self.command(&[]).args(options).env_remove(leave_out).output().await.unwrap();
        let said = String::from_utf8(told.stderr).unwrap();
        assert!(told.status.code() == Some(2) && !said.contains("Traceback"), "{said}");
        said
    }
}

fn group(name: &str, hook: &str) -> Value {
    json!({
        "AutoScalingGroupName": name, "MinSize": 0, "MaxSize": 1, "AvailabilityZones": ["us-east-1a"],
        "LaunchTemplate": {"LaunchTemplateName": "web"}, "LifecycleHookSpecificationList":
        [{"LifecycleHookName": hook, "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}],
    })
}

#[tokio::test]
async fn an_account_in_which_names_are_taken_is_refused_and_all_of_them_told() {
    let rehearsal = Rehearsal::start_without_gate(ONE, &with_user_data()).await;
    join_all(IN_STACK.map(|(_, words)| rehearsal.aws(words))).await;
    for name in ["AmazonSQS.CreateQueue", "Logs_20140328.CreateLogGroup"] {
        let members = json!({"QueueName": "launchgate-smoke-x", "logGroupName": "/aws/lambda/launchgate-smoke-x"});
        rehearsal.stack.sqs(name, &members).await.unwrap();
    }
    rehearsal.call("autoscaling", "CreateAutoScalingGroup", &group("launchgate-smoke-x", "other"));
    rehearsal.call("autoscaling", "CreateAutoScalingGroup", &group("web", "launchgate-smoke"));
    rehearsal.call("codedeploy", "CreateApplication", &json!({"applicationName": "launchgate-smoke-x"}));
    let document =
        json!({"Name": "launchgate-smoke-x", "Content": crate::fleet_world::READINESS, "DocumentFormat": "YAML"});
    rehearsal.call("ssm", "CreateDocument", &document);
    let said = rehearsal.refused(&["--yes"], "UNUSED").await;
    for taken in IN_STACK.map(|(taken, _)| taken).into_iter().chain([
        "the queue launchgate-smoke-x",
        "the log group /aws/lambda/launchgate-smoke-x",
        "the Auto Scaling group launchgate-smoke-x",
        "the lifecycle hook launchgate-smoke of the group web",
        "the CodeDeploy application launchgate-smoke-x",
        "the SSM document launchgate-smoke-x",
        "Nothing was created",
    ]) {
        assert!(said.contains(taken), "{taken}: {said}");
    }
}

#[tokio::test]
async fn without_consent_credentials_a_region_or_what_was_built_nothing_is_created() {
    let rehearsal = Rehearsal::start_without_gate(ONE, &kinds()).await;
    rehearsal.fleet.with(|fleet| fleet.settings.host_management = true);
    let mut run = rehearsal.run(&[]);
    run.answer("yes\n").await;
    let (code, said) = run.end().await;
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("Account 000000000000") && said.contains("stack launchgate-smoke-bare"), "{said}");
    assert!(said.contains(" USD (") && said.contains("without an instance role are left out"), "{said}");
    assert!(!said.contains("launchgate-smoke-no-role"), "{said}");
    for (leave_out, options, why) in [
        ("AWS_SECRET_ACCESS_KEY", &[][..], "AWS does not take the credentials"),
        ("AWS_DEFAULT_REGION", &[], "no Region is set"),
        ("UNUSED", &["--template", "nowhere.yaml"], "nowhere.yaml is missing: `make build` makes it"),
    ] {
        let said = rehearsal.refused(options, leave_out).await;
        assert!(said.contains(why), "{why}: {said}");
    }
    assert!(rehearsal.left().await.is_empty());
}
