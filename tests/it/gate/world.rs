//! The world of a story: a fleet with a hooked group, the event rules of the template, the queue, and launch-gate.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsMessage};
use launch_gate::{Gate, Invocation};
use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Entry, Event, Fleet, What};
use launchgate_tests::queue::{Delivery, Mapping, Queue, event_of};
use launchgate_tests::stack::files::{create_document, sample_from};
use launchgate_tests::stack::pattern::matches;
use launchgate_tests::stack::template::Template;
use lifecycle::Timestamp;
use lifecycle::event::Home;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::aws::{Aws, DOCUMENT, gate};

/// Events arrive within the second; the queue and the mapping are as in the template.
pub(super) const DELIVERY: Delivery = Delivery::TEMPLATE;

/// A story's world, under tokio's paused clock. [`World::pass`] lets time pass second by second, and invokes the gate
/// when a message is visible.
pub(super) struct World {
    pub(super) aws: Arc<Aws>,
    mapping: Mapping,
    gate: Gate,
    lines: Arc<Mutex<Vec<Value>>>,
    rules: Vec<Value>,
    began: (Timestamp, Instant),
    /// How many seconds have passed.
    seconds: u64,
    home: Home,
    /// Whether the schedule sends its sweep every minute.
    pub(super) sweeps: bool,
    /// Whether the mapping reads the queue.
    pub(super) reads: bool,
    /// Whether launch messages arrive.
    pub(super) launch_messages: bool,
    /// Everything that happened to the instances.
    pub(super) timeline: Vec<Entry>,
}

/// The end of a launch, as the gate's line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) result: String,
    pub(super) reason: String,
}

impl World {
    /// A group `web` whose hook carries this policy, and whose instances live these stories.
    pub(super) fn new(policy: &Value, stories: &str) -> Self {
        Self::hooked(&[hook("launchgate", 600, policy)], stories)
    }

    /// The same, with these hooks.
    pub(super) fn hooked(hooks: &[Value], stories: &str) -> Self {
        let began = Timestamp::parse("2026-09-14T08:00:00Z").unwrap();
        let mut fleet = Fleet::new(11, began);
        fleet.tell(Stories::parse(stories).unwrap());
        // A story is about one instance; what replaces it has a story of its own.
        fleet.settings.replacements = Some(0);
        let home = Home { region: fleet.settings.region.clone(), account: fleet.settings.account.clone() };
        let aws = Aws::new(fleet, began, Queue::new(DELIVERY));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let gate = gate(&aws, &lines);
        let mut world = Self {
            aws,
            mapping: Mapping::new(DELIVERY),
            gate,
            lines,
            rules: rules(),
            began: (began, Instant::now()),
            seconds: 0,
            home,
            sweeps: true,
            reads: true,
            launch_messages: true,
            timeline: Vec::new(),
        };
        world.create(hooks);
        world
    }

    fn create(&mut self, hooks: &[Value]) {
        for (name, file) in [(DOCUMENT, "readiness"), ("install-agent", "install-agent")] {
            self.call("ssm", "CreateDocument", &create_document(name, file).unwrap());
        }
        let group = json!({
            "AutoScalingGroupName": "web", "MinSize": 0, "MaxSize": 2000, "DesiredCapacity": 0,
            "AvailabilityZones": ["us-east-1a"], "LaunchTemplate": {"LaunchTemplateName": "web"},
            "LifecycleHookSpecificationList": hooks,
            "Tags": [{"Key": "tier", "Value": "web", "PropagateAtLaunch": true}],
        });
        self.call("autoscaling", "CreateAutoScalingGroup", &group);
    }

    pub(super) fn call(&self, service: &str, operation: &str, members: &Value) -> Value {
        self.aws.paused.call(service, operation, members)
    }

    /// Sets the desired capacity of the group.
    pub(super) fn scale_out(&self, desired: u32) {
        self.call(
            "autoscaling",
            "SetDesiredCapacity",
            &json!({"AutoScalingGroupName": "web", "DesiredCapacity": desired}),
        );
    }

    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Fleet) -> T) -> T {
        self.aws.paused.with(act)
    }

    /// Lets this many seconds pass.
    pub(super) async fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.second().await;
        }
    }

    /// Lets time pass until every launch has ended and its messages are gone. Panics after 700 s, with the
    /// timeline.
    pub(super) async fn settle(&mut self) {
        for _ in 0..700 {
            self.second().await;
            let ended = |what: &What| matches!(what, What::InService | What::InPool { .. } | What::Terminating { .. });
            let launched = self.count(|what| matches!(what, What::Launched { .. }));
            if self.aws.queue().is_empty() && launched > 0 && self.count(ended) >= launched {
                return;
            }
        }
        panic!("still open:\n{}", self.story());
    }

    /// Lets time pass until the first lifecycle action is completed.
    pub(super) async fn completed(&mut self) {
        for _ in 0..700 {
            if self.count(|what| matches!(what, What::Completed { .. })) > 0 {
                return;
            }
            self.second().await;
        }
        panic!("no verdict:\n{}", self.story());
    }

    /// Waits for the next whole second. An invocation may take longer.
    async fn second(&mut self) {
        self.seconds += 1;
        sleep_until(self.began.1 + Duration::from_secs(self.seconds)).await;
        self.deliver();
        if self.sweeps && self.seconds.is_multiple_of(60) {
            self.send(sample_from("sweep", &self.home.region, &self.home.account).unwrap());
        }
        while let Some(batch) = self.poll() {
            let response = self.handle(&batch).await;
            self.aws.queue().answer(&batch, &response);
        }
        self.deliver();
    }

    pub(super) fn send(&self, event: impl std::fmt::Display) {
        self.aws.queue().send(event.to_string(), self.now());
    }

    pub(super) fn poll(&mut self) -> Option<Vec<SqsMessage>> {
        if !self.reads {
            return None;
        }
        let now = self.now();
        self.mapping.poll(&mut self.aws.queue(), now, 0, || DELIVERY.tick)
    }

    pub(super) async fn handle(&self, batch: &[SqsMessage]) -> SqsBatchResponse {
        let invocation = Invocation { deadline: self.now() + DELIVERY.timeout, home: Some(self.home.clone()) };
        self.gate.handle_batch(event_of(batch.to_vec()), &invocation).await
    }

    pub(super) fn now(&self) -> Timestamp {
        self.aws.paused.now()
    }

    /// Sends the fleet's events through the rules of the template into the queue.
    fn deliver(&mut self) {
        let (events, entries) = self.with(|fleet| (fleet.take_events(), fleet.take_timeline()));
        self.timeline.extend(entries);
        for event in events.iter().filter(|event| self.rules.iter().any(|rule| matches(rule, &event.envelope))) {
            if self.launch_messages || !is_launch(event) {
                self.send(&event.envelope);
            }
        }
    }

    /// Seconds since the story began.
    pub(super) fn elapsed(&self) -> u64 {
        self.now().since(self.began.0).as_secs()
    }

    /// The lines with the message `settled`.
    pub(super) fn settled(&self) -> Vec<Value> {
        self.lines("settled")
    }

    /// The lines with this message.
    pub(super) fn lines(&self, message: &str) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| line["message"] == message).cloned().collect()
    }

    /// When this happened, in seconds since the story began.
    pub(super) fn seconds_of(&self, entry: &Entry) -> f64 {
        entry.at.since(self.began.0).as_secs_f64()
    }
}

fn is_launch(event: &Event) -> bool {
    event.text("detail-type") == "EC2 Instance-launch Lifecycle Action"
}

pub(super) fn hook(name: &str, heartbeat: u32, policy: &Value) -> Value {
    json!({
        "LifecycleHookName": name, "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
        "HeartbeatTimeout": heartbeat, "DefaultResult": "ABANDON", "NotificationMetadata": policy.to_string(),
    })
}

fn rules() -> Vec<Value> {
    let documents = [("ReadinessDocument", DOCUMENT), ("InstallDocument", "install-agent")];
    let others = [("HookName", "launchgate"), ("Repairs", "true"), ("TellsUngated", "true")];
    let refs: BTreeMap<_, _> = documents.into_iter().chain(others).collect();
    Template::read().unwrap().event_patterns(&refs)
}
