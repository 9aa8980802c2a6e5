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
use validate_service::{Payload, Validator, handle, read_config};

use crate::paused::Paused;

/// The function's time-out in the template.
pub(super) const TIMEOUT: Duration = Duration::from_mins(1);
/// Longer than a question takes whose caller asks again, whatever AWS does.
const LONGEST_QUESTION: Duration = Duration::from_secs(8);
/// The script of `examples/app` asks every five seconds, for 200.
pub(super) const APART: Duration = Duration::from_secs(5);
pub(super) const PATIENCE: Duration = Duration::from_secs(200);

/// A group with one instance, to which a revision is deployed whose `ValidateService` does not end by itself.
pub(super) struct Shop {
    pub(super) fleet: Arc<Paused>,
    pub(super) validator: Validator,
    pub(super) lines: Arc<Mutex<Vec<Value>>>,
    /// The same lines, as they were written.
    pub(super) texts: Arc<Mutex<Vec<String>>>,
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
        Self::of_size(1, story, deployment).await
    }

    /// A group of this many instances with the same story; `instance` is one of them.
    pub(super) async fn of_size(instances: u32, story: &str, deployment: &str) -> Self {
        let began = Timestamp::parse("2026-09-14T08:00:00Z").unwrap();
        let mut fleet = Fleet::new(5, began);
        let story = format!("[default]\nstory = \"shop\"\n{story}\n[default.deployment]\n{deployment}");
        fleet.tell(Stories::parse(&story).unwrap());
        let fleet = Paused::new(fleet, began);
        let lines = Arc::new(Mutex::new(Vec::new()));
        let texts = Arc::new(Mutex::new(Vec::new()));
        let validator = validator(&fleet, &lines, &texts);
        let (instance, deployment) = (String::new(), String::new());
        let mut shop = Self { fleet, validator, lines, texts, instance, deployment };
        shop.open(instances).await;
        shop
    }

    async fn open(&mut self, instances: u32) {
        let document = create_document("readiness", "readiness").unwrap();
        self.fleet.call("ssm", "CreateDocument", &document);
        let group = json!({
            "AutoScalingGroupName": "web", "MinSize": 0, "MaxSize": 1000, "DesiredCapacity": instances,
            "AvailabilityZones": ["us-east-1a"], "LaunchTemplate": {"LaunchTemplateName": "web"},
        });
        self.fleet.call("autoscaling", "CreateAutoScalingGroup", &group);
        tokio::time::sleep(Duration::from_mins(1)).await;
        self.instances()[0].clone_into(&mut self.instance);
        self.fleet.call("codedeploy", "CreateApplication", &json!({"applicationName": "shop"}));
        let named = json!({"applicationName": "shop", "deploymentGroupName": "prod"});
        let group = json!({"serviceRoleArn": "arn:aws:iam::111122223333:role/deploy", "autoScalingGroups": ["web"]});
        self.fleet.call("codedeploy", "CreateDeploymentGroup", &both(&named, &group));
        self.deployment = self.deploy();
        // Long enough for the agent to come to ValidateService.
        tokio::time::sleep(Duration::from_mins(1)).await;
    }

    /// All instances of the group.
    pub(super) fn instances(&self) -> Vec<String> {
        let named = json!({"AutoScalingGroupNames": ["web"]});
        let groups = self.fleet.call("autoscaling", "DescribeAutoScalingGroups", &named);
        let all = groups["AutoScalingGroups"][0]["Instances"].as_array().unwrap();
        all.iter().map(|one| one["InstanceId"].as_str().unwrap().to_owned()).collect()
    }

    /// Adds a version of the document, and leaves the first one the default.
    pub(super) fn update_document(&self) {
        let mut members = create_document("readiness", "readiness").unwrap();
        let content = format!("{}\n# newer\n", members["Content"].as_str().unwrap());
        members["Content"] = json!(content);
        self.fleet.call("ssm", "UpdateDocument", &members);
    }

    /// The command that was sent last. It is listed a moment later.
    pub(super) async fn newest_command(&self) -> Value {
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.fleet.call("ssm", "ListCommands", &json!({}))["Commands"][0].clone()
    }

    /// Somebody else runs the document, with this comment.
    pub(super) fn run_readiness(&self, comment: &str) {
        let mut command = json!({"DocumentName": "readiness", "InstanceIds": [self.instance]});
        if !comment.is_empty() {
            command["Comment"] = json!(comment);
        }
        self.fleet.call("ssm", "SendCommand", &command);
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

    /// Asks once. The answer comes before the time-out, and leaves one line that says the same.
    pub(super) async fn ask(&self, request: Value) -> Value {
        let began = self.fleet.now();
        let mut context = Context::default();
        context.deadline = (began + TIMEOUT).millis().unsigned_abs();
        context.request_id = began.to_string();
        let longest = if request.get("question").is_some() { LONGEST_QUESTION } else { TIMEOUT };
        let answer =
            handle(&self.validator, LambdaEvent::new(Payload::read(&request.to_string()), context)).await.unwrap();
        assert!(self.fleet.now().since(began) < longest, "answered too late");
        let answer = serde_json::to_value(answer).unwrap();
        let lines = std::mem::take(&mut *self.lines.lock().unwrap());
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!((&lines[0]["message"], &lines[0]["verdict"]), (&json!("validated"), &answer["verdict"]));
        answer
    }

    /// Asks as the script does: again while the answer is pending, under the name of a question of its own.
    pub(super) async fn validate(&self, request: Value) -> Value {
        let name = json!({"question": self.fleet.now().to_string()});
        self.validate_as(both(&request, &name)).await
    }

    pub(super) async fn validate_as(&self, question: Value) -> Value {
        let began = self.fleet.now();
        loop {
            let left = PATIENCE.saturating_sub(self.fleet.now().since(began));
            let answer = self.ask(both(&question, &json!({"patience": left.as_secs()}))).await;
            if answer["verdict"] != "pending" || left <= APART {
                return answer;
            }
            tokio::time::sleep(APART).await;
        }
    }

    pub(super) async fn validate_with(&self, checks: Value) -> Value {
        self.validate(both(&self.request(), &json!({"checks": checks}))).await
    }

    /// A question that its caller asks again.
    pub(super) fn question(&self, name: &str) -> Value {
        both(&self.request(), &json!({"question": name, "patience": 200}))
    }

    pub(super) fn calls(&self, operation: &str) -> u64 {
        let calls = self.fleet.with(|fleet| fleet.calls().clone());
        calls.iter().filter(|((_, name), _)| name == operation).map(|(_, calls)| calls.made).sum()
    }

    pub(super) async fn refuses_as(&self, why: &str) {
        self.refuses(self.request(), why).await;
    }

    /// Inconclusive, for a reason with this in it, and without a run, whether the caller asks again or not.
    pub(super) async fn refuses(&self, request: Value, why: &str) {
        let again = request.as_object().map(|_| both(&request, &json!({"question": "1"})));
        for request in [Some(request), again].into_iter().flatten() {
            let answer = self.ask(request).await;
            assert_eq!(answer["verdict"], "inconclusive");
            assert!(answer["reasons"][0].as_str().unwrap().contains(why), "{answer}");
            assert_eq!(self.calls("SendCommand"), 0, "{why}");
        }
    }
}

fn validator(fleet: &Arc<Paused>, lines: &Arc<Mutex<Vec<Value>>>, texts: &Arc<Mutex<Vec<String>>>) -> Validator {
    let config = read_config(|name| (name == "READINESS_DOCUMENT").then(|| "readiness".to_owned())).unwrap();
    let clients = Clients::new(&settings(Wire::to(fleet), "validate-service"));
    let (clock, written, texts) = (Arc::clone(fleet), Arc::clone(lines), Arc::clone(texts));
    let write = move |line: &str| {
        written.lock().unwrap().push(serde_json::from_str(line).unwrap());
        texts.lock().unwrap().push(line.to_owned());
    };
    Validator::new(config, clients, Arc::new(move || clock.now()), Arc::new(write))
}

pub(super) fn both(one: &Value, other: &Value) -> Value {
    let members = [one, other].into_iter().flat_map(|value| value.as_object().unwrap().clone());
    Value::Object(members.collect())
}
