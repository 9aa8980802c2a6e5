//! The world of one or more invocations: the fleet, what the checks see, and a record of all requests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use launchgate_tests::fleet::door::recorder;
use launchgate_tests::fleet::{CodeDeploySettings, Fleet, HookCall};
use launchgate_tests::wire::{Answer, Remote, Sent, Trip, Trouble};
use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::answers::{answer, throttled};
use super::asked::Asked;
use super::trouble::{Fault, Kind, Place, Version};
use crate::paused::Paused;

/// How checks are answered where a test says so itself.
pub(super) type Script = Box<dyn Fn(&Asked) -> Option<Answer> + Send + Sync>;

/// The services that traffic-hook calls, with one fault and the record of all requests.
pub(super) struct World {
    platform: &'static str,
    version: Version,
    script: Script,
    fault: Fault,
    fleet: Arc<Paused>,
    met: Mutex<BTreeMap<&'static str, u32>>,
    asked: Mutex<Vec<(Timestamp, Asked)>>,
    accepted: Mutex<Vec<String>>,
}

/// How long a request travels, and its answer.
const HALF_WAY: Duration = Duration::from_millis(10);

impl World {
    pub(super) fn new(platform: &'static str, version: Version, fault: Fault) -> Arc<Self> {
        Self::scripted(platform, version, fault, Box::new(|_| None))
    }

    pub(super) fn scripted(platform: &'static str, version: Version, fault: Fault, script: Script) -> Arc<Self> {
        let start = Timestamp::parse("2026-11-24T09:00:00Z").unwrap();
        Arc::new(Self {
            platform,
            version,
            script,
            fault,
            fleet: Paused::new(Fleet::new(7, start), start),
            met: Mutex::default(),
            asked: Mutex::default(),
            accepted: Mutex::default(),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.fleet.now()
    }

    /// Calls CodeDeploy as an operator does, without any of the faults.
    pub(super) fn code_deploy_call(&self, operation: &str, members: &Value) -> Value {
        self.fleet.call("codedeploy", operation, members)
    }

    /// Changes the clocks of CodeDeploy.
    pub(super) fn set_code_deploy(&self, change: impl FnOnce(&mut CodeDeploySettings)) {
        self.fleet.with(|fleet| change(&mut fleet.settings.codedeploy));
    }

    /// Begins a deployment that has these hooks, and returns its id.
    pub(super) fn deploy(&self, hooks: &[&str]) -> String {
        let names = json!({"applicationName": "shop", "deploymentGroupName": "prod"});
        let merged = |more: Value| {
            let mut merged = names.clone();
            merged.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            merged
        };
        self.code_deploy_call(
            "CreateApplication",
            &json!({"applicationName": "shop", "computePlatform": self.platform}),
        );
        let role = json!({"serviceRoleArn": "arn:aws:iam::111122223333:role/deploy"});
        self.code_deploy_call("CreateDeploymentGroup", &merged(role));
        let revision = json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": self.appspec(hooks)}});
        let begun = self.code_deploy_call("CreateDeployment", &merged(json!({"revision": revision})));
        begun["deploymentId"].as_str().unwrap().to_owned()
    }

    fn appspec(&self, hooks: &[&str]) -> String {
        let hooks: Vec<Value> = hooks.iter().map(|hook| json!({*hook: "CodeDeployHook_traffic"})).collect();
        let resource = if self.platform == "Lambda" {
            json!({"gate": {"Type": "AWS::Lambda::Function", "Properties": {
                "Name": "gate", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2",
            }}})
        } else {
            json!({"TargetService": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": "web:2"}}})
        };
        json!({"version": 0.0, "Resources": [resource], "Hooks": hooks}).to_string()
    }

    /// What the hook function was invoked with since the last time.
    pub(super) fn hook_calls(&self) -> Vec<Value> {
        let calls = self.fleet.with(Fleet::take_hook_calls);
        calls.into_iter().map(|HookCall { payload, .. }| payload).collect()
    }

    /// What has become of the deployment when nobody answers any more.
    pub(super) async fn ends(&self, deployment: &str) -> String {
        tokio::time::sleep(Duration::from_hours(2)).await;
        let told = self.code_deploy_call("GetDeployment", &json!({"deploymentId": deployment}));
        told["deploymentInfo"]["status"].as_str().unwrap().to_owned()
    }

    /// The statuses that `CodeDeploy` took, also those whose answers were lost.
    pub(super) fn accepted(&self) -> Vec<String> {
        self.accepted.lock().unwrap().clone()
    }

    /// All requests so far, with the moments at which they left.
    pub(super) fn asked(&self) -> Vec<(Timestamp, Asked)> {
        self.asked.lock().unwrap().clone()
    }

    /// The requests of one operation.
    pub(super) fn asked_for(&self, operation: &str) -> Vec<Asked> {
        self.asked().into_iter().map(|(_, asked)| asked).filter(|asked| asked.operation == operation).collect()
    }
}

impl Remote for World {
    fn trip(&self, sent: &Sent) -> Trip {
        let asked = Asked::of(sent);
        self.asked.lock().unwrap().push((self.now(), asked.clone()));
        // The door notes the calls of CodeDeploy itself.
        if asked.service != "codedeploy" {
            let (service, action) = asked.action();
            recorder::note(sent.header("x-amz-user-agent"), service, action);
        }
        let trouble = self.meets(&asked).map(|kind| match kind {
            Kind::Throttled => Trouble::Refused(throttled(&asked)),
            Kind::Hangs => Trouble::Hangs,
            Kind::Resets => Trouble::Reset,
            Kind::Panics => Trouble::Panics,
            Kind::AnswerLost => Trouble::AnswerLost,
        });
        Trip { there: HALF_WAY, back: HALF_WAY, trouble }
    }

    fn answer(&self, sent: &Sent) -> Answer {
        let asked = Asked::of(sent);
        if asked.service != "codedeploy" {
            return self.check(&asked);
        }
        let answer = self.code_deploy(sent);
        if asked.place() == Place::Answer && answer.status == 200 {
            self.accepted.lock().unwrap().push(asked.members["status"].as_str().unwrap().to_owned());
        }
        answer
    }
}

impl World {
    /// The trouble that this call meets.
    fn meets(&self, asked: &Asked) -> Option<Kind> {
        if self.fault == Fault::TargetsUnreadable && asked.operation == "BatchGetDeploymentTargets" {
            return Some(Kind::Throttled);
        }
        let place = asked.place();
        let (kind, times) = self.fault.of(place)?;
        let mut met = self.met.lock().unwrap();
        let met = met.entry(if place == Place::Answer { "answer" } else { "other" }).or_default();
        *met += 1;
        (*met <= times).then_some(kind)
    }

    fn check(&self, asked: &Asked) -> Answer {
        if self.fault == Fault::StoppedMeanwhile {
            let deployments = self.code_deploy_call("ListDeployments", &json!({"includeOnlyStatuses": ["InProgress"]}));
            for id in deployments["deployments"].as_array().unwrap() {
                self.code_deploy_call("StopDeployment", &json!({"deploymentId": id}));
            }
        }
        (self.script)(asked).unwrap_or_else(|| answer(self.version, self.platform == "Lambda", asked))
    }

    fn code_deploy(&self, sent: &Sent) -> Answer {
        let mut answer = self.fleet.respond(&sent.request);
        if self.fault == Fault::WrongPlatform {
            let mut body = String::from_utf8(answer.body).unwrap();
            for platform in ["Lambda", "ECS"] {
                let told = format!(r#""computePlatform":"{platform}""#);
                body = body.replace(&told, r#""computePlatform":"Server""#);
            }
            answer.body = body.into();
        }
        answer
    }
}
