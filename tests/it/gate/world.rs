//! The world of a story: a fleet with a hooked group, the event rules of the template, the queue, and launch-gate.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use launch_gate::Gate;
use launchgate_tests::fleet::door::server::{Clock, News, Server};
use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Entry, Event, Fleet, What, api};
use launchgate_tests::queue::{Delivery, Mapping, Queue, ids};
use launchgate_tests::stack::files::{create_document, sample};
use launchgate_tests::stack::pattern::matches;
use launchgate_tests::stack::template::Template;
use lifecycle::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use super::aws::{DOCUMENT, gate};

/// Messages are delivered within the second, all in one batch, so a story waits for the tick only.
pub(super) const DELIVERY: Delivery = Delivery::IDEAL;

/// A story's world. [`World::pass`] moves the fleet's clock second by second, and invokes the gate when a message is
/// visible.
pub(super) struct World {
    pub(super) server: Arc<Server>,
    pub(super) queue: Queue,
    mapping: Mapping,
    gate: Gate,
    lines: Arc<Mutex<Vec<Value>>>,
    news: UnboundedReceiver<News>,
    rules: Vec<Value>,
    began: Timestamp,
    /// Whether the schedule sends its sweep every minute.
    pub(super) sweeps: bool,
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
    pub(super) async fn new(policy: &Value, stories: &str) -> Self {
        Self::hooked(&[hook("launchgate", 600, policy)], stories).await
    }

    /// The same, with these hooks.
    pub(super) async fn hooked(hooks: &[Value], stories: &str) -> Self {
        let began = Timestamp::parse("2026-09-14T08:00:00Z").unwrap();
        let mut fleet = Fleet::new(11, began);
        fleet.tell(Stories::parse(stories).unwrap());
        // A story is about one instance; what replaces it has a story of its own.
        fleet.settings.replacements = Some(0);
        let (server, news) = Server::start(fleet, 0, Clock::moved(began)).await.unwrap();
        let server = Arc::new(server);
        let lines = Arc::new(Mutex::new(Vec::new()));
        let gate = gate(&server, &lines);
        let mut world = Self {
            server,
            queue: Queue::new(DELIVERY),
            mapping: Mapping::new(DELIVERY),
            gate,
            lines,
            news,
            rules: rules(),
            began,
            sweeps: true,
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
        let now = self.server.now();
        let answer = self.server.with(|fleet| api::call(fleet, now, service, operation, members));
        answer.outcome.unwrap_or_else(|refused| panic!("{operation}: {refused:?}"))
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
        self.server.with(act)
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
            if self.queue.is_empty() && launched > 0 && self.count(ended) >= launched {
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

    async fn second(&mut self) {
        let now = self.server.now() + Duration::from_secs(1);
        self.server.move_to(now);
        self.deliver(now);
        if self.sweeps && self.elapsed().is_multiple_of(60) {
            self.queue.send(sample("sweep").unwrap().to_string(), now);
        }
        if let Some(batch) = self.mapping.poll(&mut self.queue, now, 0, || DELIVERY.tick) {
            let ids = ids(&batch);
            let response = self.handle(batch).await;
            self.queue.answer(&ids, &response);
        }
    }

    pub(super) async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        self.gate.handle_batch(batch, DELIVERY.timeout).await
    }

    /// Sends the fleet's events through the rules of the template into the queue.
    fn deliver(&mut self, now: Timestamp) {
        while let Ok(news) = self.news.try_recv() {
            match news {
                News::Event(event) if self.rules.iter().any(|rule| matches(rule, &event.envelope)) => {
                    if self.launch_messages || !is_launch(&event) {
                        self.queue.send(event.envelope.to_string(), now);
                    }
                }
                News::Entry(entry) => self.timeline.push(entry),
                News::Event(_) | News::Script(_) | News::Revision(_) => {}
            }
        }
    }

    /// Seconds since the story began.
    pub(super) fn elapsed(&self) -> u64 {
        self.server.now().since(self.began).as_secs()
    }

    /// The lines with the message `settled`.
    pub(super) fn settled(&self) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| line["message"] == "settled").cloned().collect()
    }

    /// How the instances of each story ended, as the one line of each says.
    pub(super) fn ends(&self) -> BTreeMap<String, End> {
        let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
        let end = |line: &Value| End { result: text(line, "decision"), reason: text(line, "reason") };
        self.settled().iter().map(|line| (self.story_of(line["instance"].as_str().unwrap()), end(line))).collect()
    }

    /// The seconds after which something happened to the instance of this story for the first time.
    pub(super) fn when(&self, story: &str, happened: impl Fn(&What) -> bool) -> Option<f64> {
        let entry =
            self.timeline.iter().find(|entry| happened(&entry.what) && self.story_of(&entry.instance) == story)?;
        Some(entry.at.since(self.began).as_secs_f64())
    }

    /// How often something happened.
    pub(super) fn count(&self, happened: impl Fn(&What) -> bool) -> usize {
        self.timeline.iter().filter(|entry| happened(&entry.what)).count()
    }

    pub(super) fn story_of(&self, instance: &str) -> String {
        let mut own = self.timeline.iter().filter(|entry| entry.instance == instance);
        let told =
            own.find_map(|entry| if let What::Launched { story, .. } = &entry.what { Some(story) } else { None });
        told.cloned().unwrap_or_default()
    }

    /// The whole timeline, for a failed test.
    pub(super) fn story(&self) -> String {
        self.timeline.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
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
    let refs: BTreeMap<_, _> = documents.into_iter().chain([("HookName", "launchgate"), ("Repairs", "true")]).collect();
    Template::read().unwrap().event_patterns(&refs)
}
