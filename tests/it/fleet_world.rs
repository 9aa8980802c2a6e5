//! A fleet without a server, whose clock the test moves. Calls go directly to the operations.

use std::time::Duration;

use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Event, Fleet, Refused, What, api};
use lifecycle::Timestamp;
use serde_json::{Value, json};

pub(crate) const READINESS: &str = r#"
schemaVersion: "2.2"
description: readiness
parameters:
  waitSeconds: {type: String, default: "0", allowedPattern: "^[0-9]{1,4}$", interpolationType: ENV_VAR}
  agent: {type: String, default: required, allowedValues: [required, ignored]}
  repair: {type: String, default: none, allowedValues: [offered, none]}
  userData: {type: String, default: required, allowedValues: [required, ignored]}
  packages: {type: String, default: ""}
  units: {type: String, default: "", maxChars: 20}
  commands: {type: String, default: ""}
  ports: {type: String, default: ""}
  url: {type: String, default: ""}
mainSteps:
  - action: aws:runShellScript
    name: probe
    inputs: {timeoutSeconds: "60", runCommand: ["echo {{ agent }} {{waitSeconds}}", "exit 0"]}
"#;

/// The three steps of the install document.
pub(crate) const INSTALL: &str = r#"
schemaVersion: "2.2"
description: mends the agent
parameters:
  waitSeconds: {type: String, default: "240", allowedPattern: "^[0-9]{1,3}$", interpolationType: ENV_VAR}
  agent: {type: String, default: required, allowedValues: [required, ignored], interpolationType: ENV_VAR}
  packages: {type: String, default: "", interpolationType: ENV_VAR}
mainSteps:
  - action: aws:runShellScript
    name: prepare
    precondition: {StringEquals: [platformType, Linux]}
    inputs: {timeoutSeconds: "1200", runCommand: ["echo prepare"]}
  - action: aws:configurePackage
    name: distributor
    inputs: {name: AWSCodeDeployAgentV2, action: Install}
  - action: aws:runShellScript
    name: mend
    inputs: {timeoutSeconds: "1800", runCommand: ["echo mend"]}
"#;

pub(crate) struct World {
    pub(crate) fleet: Fleet,
    pub(crate) now: Timestamp,
}

impl World {
    pub(crate) fn new() -> Self {
        let now = Timestamp::parse("2026-09-14T08:00:00Z").unwrap();
        Self { fleet: Fleet::new(7, now), now }
    }

    pub(crate) fn telling(stories: &str) -> Self {
        let mut world = Self::new();
        world.fleet.tell(Stories::parse(stories).unwrap());
        world
    }

    /// A group `web` with these launch hooks (heartbeat 60 s) and one instance on its way.
    pub(crate) fn launching(hooks: &[&str], stories: &str) -> Self {
        let mut world = Self::telling(stories);
        let hooks: Vec<Value> = hooks.iter().map(|name| hook(name)).collect();
        world.group(1, &hooks);
        world.after(1);
        world
    }

    pub(crate) fn group(&mut self, desired: u32, hooks: &[Value]) {
        self.ok(
            "CreateAutoScalingGroup",
            json!({"AutoScalingGroupName": "web", "MinSize": 0, "MaxSize": 4, "DesiredCapacity": desired,
                   "AvailabilityZones": ["us-east-1a", "us-east-1b"], "LaunchTemplate": {"LaunchTemplateName": "web"},
                   "LifecycleHookSpecificationList": hooks}),
        );
    }

    pub(crate) fn documents(&mut self) {
        self.document("readiness", READINESS);
        self.document("mends", INSTALL);
    }

    pub(crate) fn document(&mut self, name: &str, content: &str) {
        self.ok(
            "CreateDocument",
            json!({"Name": name, "DocumentType": "Command", "DocumentFormat": "YAML", "Content": content}),
        );
    }

    pub(crate) fn after(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
        self.fleet.advance(self.now);
    }

    pub(crate) fn call(&mut self, operation: &str, members: impl Into<Value>) -> Result<Value, Refused> {
        let service = if SSM.contains(&operation) { "ssm" } else { "autoscaling" };
        api::call(&mut self.fleet, self.now, service, operation, &members.into()).outcome
    }

    pub(crate) fn ok(&mut self, operation: &str, members: impl Into<Value>) -> Value {
        self.call(operation, members).unwrap_or_else(|refused| panic!("{operation}: {refused:?}"))
    }

    /// The code and the message of a refusal.
    pub(crate) fn refused(&mut self, operation: &str, members: impl Into<Value>) -> (String, String) {
        let refused = self.call(operation, members).unwrap_err();
        (refused.code, refused.message)
    }

    /// The instances that are described, by launch: (id, lifecycle state).
    pub(crate) fn instances(&mut self) -> Vec<(String, String)> {
        let described = self.ok("DescribeAutoScalingInstances", json!({}));
        let mut found: Vec<(String, String)> = list(&described, "AutoScalingInstances")
            .iter()
            .map(|instance| (text(instance, "/InstanceId"), text(instance, "/LifecycleState")))
            .collect();
        let launched: Vec<String> = self.launched();
        found.sort_by_key(|(id, _)| launched.iter().position(|one| one == id));
        found
    }

    pub(crate) fn states(&mut self) -> Vec<String> {
        self.instances().into_iter().map(|(_, state)| state).collect()
    }

    /// The ids of all instances ever launched, in order.
    pub(crate) fn launched(&self) -> Vec<String> {
        let launches = self.fleet.timeline().iter().filter(|entry| matches!(entry.what, What::Launched { .. }));
        launches.map(|entry| entry.instance.clone()).collect()
    }

    pub(crate) fn only(&self) -> String {
        self.launched().first().unwrap().clone()
    }

    pub(crate) fn events(&mut self, kind: &str) -> Vec<Event> {
        self.fleet.take_events().into_iter().filter(|event| event.text("detail-type") == kind).collect()
    }

    pub(crate) fn complete(&mut self, hook: &str, token: &str, result: &str) -> Result<Value, Refused> {
        self.call(
            "CompleteLifecycleAction",
            json!({"AutoScalingGroupName": "web", "LifecycleHookName": hook, "LifecycleActionToken": token, "LifecycleActionResult": result}),
        )
    }

    pub(crate) fn complete_by_id(&mut self, id: &str, result: &str) -> Result<Value, Refused> {
        self.call(
            "CompleteLifecycleAction",
            json!({"AutoScalingGroupName": "web", "LifecycleHookName": "gate", "InstanceId": id, "LifecycleActionResult": result}),
        )
    }

    pub(crate) fn heartbeat(&mut self, id: &str) -> Result<Value, Refused> {
        self.call(
            "RecordLifecycleActionHeartbeat",
            json!({"AutoScalingGroupName": "web", "LifecycleHookName": "gate", "InstanceId": id}),
        )
    }

    /// Sends a command with a delivery time-out of 30 s and `more` members; its id.
    pub(crate) fn send(&mut self, document: &str, ids: &[&str], more: impl Into<Value>) -> String {
        let mut members = json!({"DocumentName": document, "InstanceIds": ids, "TimeoutSeconds": 30});
        if let (Some(members), Value::Object(more)) = (members.as_object_mut(), more.into()) {
            members.extend(more);
        }
        text(&self.ok("SendCommand", members), "/Command/CommandId")
    }

    pub(crate) fn invocation(&mut self, command: &str, id: &str) -> Value {
        self.ok("GetCommandInvocation", json!({"CommandId": command, "InstanceId": id}))
    }

    /// How a run stands and its plugins, as `ListCommandInvocations` has them.
    pub(crate) fn listed(&mut self, command: &str, id: &str) -> Value {
        let listed =
            self.ok("ListCommandInvocations", json!({"CommandId": command, "InstanceId": id, "Details": true}));
        listed["CommandInvocations"][0].clone()
    }

    /// (`Status`, `StatusDetails`).
    pub(crate) fn status(&mut self, command: &str, id: &str) -> (String, String) {
        let invocation = self.invocation(command, id);
        (text(&invocation, "/Status"), text(&invocation, "/StatusDetails"))
    }
}

const SSM: [&str; 12] = [
    "CreateDocument",
    "UpdateDocument",
    "UpdateDocumentDefaultVersion",
    "DescribeDocument",
    "GetDocument",
    "DeleteDocument",
    "DescribeInstanceInformation",
    "SendCommand",
    "ListCommands",
    "CancelCommand",
    "ListCommandInvocations",
    "GetCommandInvocation",
];

/// One instance that has registered, and the documents.
pub(crate) fn ready(stories: &str) -> (World, String) {
    let mut world = World::launching(&[], stories);
    world.documents();
    world.after(9);
    let id = world.only();
    world.fleet.take_events();
    (world, id)
}

pub(crate) fn hook(name: &str) -> Value {
    json!({"LifecycleHookName": name, "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "HeartbeatTimeout": 60})
}

pub(crate) fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no string at {pointer} of {value}"))
        .to_owned()
}

pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("no list {name} in {value}"))
}
