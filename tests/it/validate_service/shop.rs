//! A group with one instance, a deployment whose `ValidateService` runs there, and the validate-service that is asked
//! about it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lambda_runtime::{Context, LambdaEvent};
use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Fault, Fleet};
use launchgate_tests::stack::files::create_document;
use launchgate_tests::wire::{Wire, settings};
use lifecycle::Timestamp;
use runtime::clients::Clients;
use serde_json::{Value, json};
use validate_service::{Validator, handle, read_config};

use crate::paused::Paused;

/// The function's time-out in the template.
pub(super) const TIMEOUT: Duration = Duration::from_mins(3);

/// A group with one instance, to which a revision is deployed whose `ValidateService` does not end by itself.
pub(super) struct Shop {
    pub(super) fleet: Arc<Paused>,
    pub(super) validator: Validator,
    lines: Arc<Mutex<Vec<Value>>>,
    pub(super) instance: String,
    pub(super) deployment: String,
}

impl Shop {
    /// The service listens on port 8080 from this second on.
    pub(super) async fn whose_service_comes_up_at(seconds: u32) -> Self {
        Self::of(&format!("ports = {{ 8080 = {seconds} }}")).await
    }

    pub(super) async fn of(story: &str) -> Self {
        Self::deployed(story, "hangs = \"ValidateService\"").await
    }

    pub(super) async fn deployed(story: &str, deployment: &str) -> Self {
        let began = Timestamp::parse("2026-09-14T08:00:00Z").unwrap();
        let mut fleet = Fleet::new(5, began);
        let story = format!("[[launch]]\nstory = \"shop\"\n{story}\n[launch.deployment]\n{deployment}");
        fleet.tell(Stories::parse(&story).unwrap());
        let fleet = Paused::new(fleet, began);
        let lines = Arc::new(Mutex::new(Vec::new()));
        let validator = validator(&fleet, &lines);
        let (instance, deployment) = (String::new(), String::new());
        let mut shop = Self { fleet, validator, lines, instance, deployment };
        shop.open().await;
        shop
    }

    async fn open(&mut self) {
        let document = create_document("readiness", "readiness").unwrap();
        self.fleet.call("ssm", "CreateDocument", &document);
        let group = json!({
            "AutoScalingGroupName": "web", "MinSize": 0, "MaxSize": 9, "DesiredCapacity": 1,
            "AvailabilityZones": ["us-east-1a"], "LaunchTemplate": {"LaunchTemplateName": "web"},
        });
        self.fleet.call("autoscaling", "CreateAutoScalingGroup", &group);
        tokio::time::sleep(Duration::from_mins(1)).await;
        let all = self.fleet.call("autoscaling", "DescribeAutoScalingInstances", &json!({}));
        all["AutoScalingInstances"][0]["InstanceId"].as_str().unwrap().clone_into(&mut self.instance);
        self.fleet.call("codedeploy", "CreateApplication", &json!({"applicationName": "shop"}));
        let named = json!({"applicationName": "shop", "deploymentGroupName": "prod"});
        let group = json!({"serviceRoleArn": "arn:aws:iam::111122223333:role/deploy", "autoScalingGroups": ["web"]});
        self.fleet.call("codedeploy", "CreateDeploymentGroup", &both(&named, &group));
        self.deployment = self.deploy();
        // Long enough for the agent to come to ValidateService.
        tokio::time::sleep(Duration::from_mins(1)).await;
    }

    /// Adds a version of the document, and leaves the first one the default.
    pub(super) fn update_document(&self) {
        let mut members = create_document("readiness", "readiness").unwrap();
        let content = format!("{}\n# newer\n", members["Content"].as_str().unwrap());
        members["Content"] = json!(content);
        self.fleet.call("ssm", "UpdateDocument", &members);
    }

    pub(super) fn newest_command(&self) -> Value {
        self.fleet.call("ssm", "ListCommands", &json!({}))["Commands"][0].clone()
    }

    pub(super) fn hook(&self, policy: &Value) {
        let hook = json!({
            "AutoScalingGroupName": "web", "LifecycleHookName": "launchgate",
            "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "NotificationMetadata": policy.to_string(),
        });
        self.fleet.call("autoscaling", "PutLifecycleHook", &hook);
    }

    fn deploy(&self) -> String {
        let named = json!({"applicationName": "shop", "deploymentGroupName": "prod"});
        let revision = json!({"revision": {"revisionType": "S3", "s3Location": {"bucket": "shop", "key": "1.zip"}}});
        let begun = self.fleet.call("codedeploy", "CreateDeployment", &both(&named, &revision));
        begun["deploymentId"].as_str().unwrap().to_owned()
    }

    pub(super) fn fault(&self, fault: Fault) {
        self.fleet.with(|fleet| fleet.faults.add(fault));
    }

    pub(super) fn request(&self) -> Value {
        json!({"deployment_id": self.deployment, "instance_id": self.instance, "lifecycle_event": "ValidateService"})
    }

    /// Asks, and makes sure that the answer comes before the time-out and leaves one line that says the same.
    pub(super) async fn ask(&self, request: Value) -> Value {
        let began = self.fleet.now();
        let mut context = Context::default();
        context.deadline = (began + TIMEOUT).millis().unsigned_abs();
        let answer = handle(&self.validator, LambdaEvent::new(request, context)).await.unwrap();
        assert!(self.fleet.now().since(began) < TIMEOUT, "answered too late");
        let answer = serde_json::to_value(answer).unwrap();
        let lines = std::mem::take(&mut *self.lines.lock().unwrap());
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!((&lines[0]["message"], &lines[0]["verdict"]), (&json!("validated"), &answer["verdict"]));
        answer
    }

    pub(super) async fn ask_with(&self, checks: Value) -> Value {
        self.ask(both(&self.request(), &json!({"checks": checks}))).await
    }

    pub(super) fn calls(&self, operation: &str) -> u64 {
        let calls = self.fleet.with(|fleet| fleet.calls().clone());
        calls.iter().filter(|((_, name), _)| name == operation).map(|(_, calls)| calls.made).sum()
    }

    pub(super) async fn refuses_as(&self, why: &str) {
        self.refuses(self.request(), why).await;
    }

    /// Inconclusive, for a reason with this in it, and without a run.
    pub(super) async fn refuses(&self, request: Value, why: &str) {
        let answer = self.ask(request).await;
        assert_eq!(answer["verdict"], "inconclusive");
        assert!(answer["reasons"][0].as_str().unwrap().contains(why), "{answer}");
        assert_eq!(self.calls("SendCommand"), 0, "{why}");
    }
}

fn validator(fleet: &Arc<Paused>, lines: &Arc<Mutex<Vec<Value>>>) -> Validator {
    let config = read_config(|name| (name == "READINESS_DOCUMENT").then(|| "readiness".to_owned())).unwrap();
    let clients = Clients::new(&settings(Wire::to(fleet), "validate-service"));
    let (clock, written) = (Arc::clone(fleet), Arc::clone(lines));
    let write = move |line: &str| written.lock().unwrap().push(serde_json::from_str(line).unwrap());
    Validator::new(config, clients, Arc::new(move || clock.now()), Arc::new(write))
}

pub(super) fn both(one: &Value, other: &Value) -> Value {
    let members = [one, other].into_iter().flat_map(|value| value.as_object().unwrap().clone());
    Value::Object(members.collect())
}
