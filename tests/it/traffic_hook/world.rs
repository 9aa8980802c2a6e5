//! The world of one invocation, or of one after the other: the fleet, what the checks see, and what was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use launchgate_tests::fleet::door::{self, Request};
use launchgate_tests::fleet::{Fleet, HookCall, api};
use runtime::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::answers::{Answer, answer};
use super::asked::Asked;
use super::trouble::{Fault, Kind, Place, Version};

/// How checks are answered where a test says so itself.
pub(super) type Script = Box<dyn Fn(&Asked) -> Option<Answer> + Send + Sync>;

pub(super) struct World {
    began: Instant,
    platform: &'static str,
    version: Version,
    script: Script,
    fault: Fault,
    fleet: Mutex<Fleet>,
    met: Mutex<BTreeMap<&'static str, u32>>,
    asked: Mutex<Vec<(Timestamp, Asked)>>,
    accepted: Mutex<Vec<String>>,
}

const START: &str = "2026-11-24T09:00:00Z";

impl World {
    pub(super) fn new(platform: &'static str, version: Version, fault: Fault) -> Arc<Self> {
        Self::scripted(platform, version, fault, Box::new(|_| None))
    }

    pub(super) fn scripted(platform: &'static str, version: Version, fault: Fault, script: Script) -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            platform,
            version,
            script,
            fault,
            fleet: Mutex::new(Fleet::new(7, Timestamp::parse(START).unwrap())),
            met: Mutex::default(),
            asked: Mutex::default(),
            accepted: Mutex::default(),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::parse(START).unwrap() + self.began.elapsed()
    }

    // --- what the wire does ------------------------------------------------------------------------------------------

    pub(super) fn note(&self, asked: &Asked) {
        self.asked.lock().unwrap().push((self.now(), asked.clone()));
    }

    /// The trouble that this call meets.
    pub(super) fn meets(&self, asked: &Asked) -> Option<Kind> {
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

    pub(super) fn check(&self, asked: &Asked) -> Answer {
        if self.fault == Fault::StoppedMeanwhile {
            let deployments = self.code_deploy_call("ListDeployments", &json!({"includeOnlyStatuses": ["InProgress"]}));
            for id in deployments["deployments"].as_array().unwrap() {
                self.code_deploy_call("StopDeployment", &json!({"deploymentId": id}));
            }
        }
        (self.script)(asked).unwrap_or_else(|| answer(self.version, self.platform == "Lambda", asked))
    }

    pub(super) fn code_deploy(&self, request: &Request) -> Answer {
        let told = door::answer(&mut self.fleet.lock().unwrap(), self.now(), request);
        let mut body = told.body;
        if self.fault == Fault::WrongPlatform {
            body = body.replace(r#""computePlatform":"Lambda""#, r#""computePlatform":"Server""#);
            body = body.replace(r#""computePlatform":"ECS""#, r#""computePlatform":"Server""#);
        }
        Answer { status: told.status, headers: told.headers, body: body.into() }
    }

    pub(super) fn accepts(&self, members: &Value) {
        self.accepted.lock().unwrap().push(members["status"].as_str().unwrap().to_owned());
    }

    // --- what a test does ---------------------------------------------------------------------------------------------

    /// One call as an operator makes it: nothing goes wrong with it.
    pub(super) fn code_deploy_call(&self, operation: &str, members: &Value) -> Value {
        api::call(&mut self.fleet.lock().unwrap(), self.now(), "codedeploy", operation, members).outcome.unwrap()
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
        let calls = self.fleet.lock().unwrap().take_hook_calls();
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
