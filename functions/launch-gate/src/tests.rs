//! The adapters, on the real SDK clients over a wire that answers what a test says. Whole stories are told in
//! `tests/it`, on the fleet; here stand the request fields, the paging and the grade of each error.

mod act;
mod agent_last;
mod breaker;
mod crowded;
mod cut_list;
mod deployments;
mod ended;
mod gather;
mod gone;
mod green;
mod hostile;
mod listed;
mod observe;
mod policy;
mod refused;
mod remembers;
mod repairs;
mod returns;
mod self_test;
mod tells;
mod time;
mod ungated;
mod waiting;
mod wire;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use lifecycle::Timestamp;
use runtime::clients::Clients;
use runtime::process::{Clock, Lines};
use serde_json::{Value, json};
use tokio::time::Instant;
use wire::{Wire, lifecycle_state, page, xml};

use crate::{Config, Gate, Invocation};

const WEB: &str = "i-0a1b2c3d4e5f60718";
const TOKEN: &str = "c3d1f0aa-17a4-4e6b-9c0e-6a4f8d2b7e90";
const BEGAN: &str = "2026-09-14T08:21:43Z";

/// A gate on a wire. It begins at some second after the launch began, and its clock goes with the paused one of tokio.
struct Bench {
    gate: Gate,
    wire: Arc<Wire>,
    lines: Arc<Mutex<Vec<Value>>>,
    /// The same lines, as they were written.
    texts: Arc<Mutex<Vec<String>>>,
    clock: Clock,
}

impl Bench {
    fn at(seconds: u64, wire: Wire) -> Self {
        let wire = Arc::new(wire);
        let sdk = wire::sdk_config(&wire);
        Self::over(&sdk, &sdk, seconds, wire)
    }

    /// A gate whose calls nobody answers.
    fn hanging() -> Self {
        let sdk = wire::hanging();
        Self::over(&sdk, &sdk, 61, Arc::new(Wire::default()))
    }

    /// A gate whose calls of the queue hang if the wire throttles them.
    fn with_hanging_queue(seconds: u64, wire: Wire) -> Self {
        let wire = Arc::new(wire);
        Self::over(&wire::sdk_config(&wire), &wire::hanging_when_throttled(&wire), seconds, wire)
    }

    fn over(sdk: &SdkConfig, queue: &SdkConfig, seconds: u64, wire: Arc<Wire>) -> Self {
        Self::of_stack("disabled", sdk, queue, seconds, wire)
    }

    /// A gate of a stack with this `Breaker`.
    fn of_stack(breaker: &str, sdk: &SdkConfig, queue: &SdkConfig, seconds: u64, wire: Arc<Wire>) -> Self {
        let (started, lines) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
        let texts = Arc::new(Mutex::new(Vec::new()));
        let now = Timestamp::parse(BEGAN).unwrap() + Duration::from_secs(seconds);
        let variables = [
            ("READINESS_DOCUMENT", "readiness"),
            ("INSTALL_DOCUMENT", "install"),
            ("BREAKER", breaker),
            ("TICK_SECONDS", "30"),
            ("QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/launches"),
        ];
        let config = Config::read(|name| Some(variables.iter().find(|(key, _)| *key == name)?.1.to_owned()));
        let (written, queue) = (Arc::clone(&lines), aws_sdk_sqs::Client::new(queue));
        let written_texts = Arc::clone(&texts);
        let clock: Clock = Arc::new(move || now + started.elapsed());
        let write: Lines = Arc::new(move |line| {
            written.lock().unwrap().push(serde_json::from_str(line).unwrap());
            written_texts.lock().unwrap().push(line.to_owned());
        });
        let gate = Gate::with_clients(config.unwrap(), Clients::new(sdk), queue, Arc::clone(&clock), write);
        Self { gate, wire, lines, texts, clock }
    }

    /// Handles these bodies as one batch; the answer is the ids that come back, counted from 0.
    async fn handle(&self, bodies: &[Value]) -> Vec<String> {
        self.handle_within(Duration::from_secs(10), bodies).await
    }

    async fn handle_within(&self, time: Duration, bodies: &[Value]) -> Vec<String> {
        self.handle_batch(batch(bodies, 1), &self.invocation(time.as_secs())).await
    }

    async fn handle_batch(&self, batch: SqsEvent, invocation: &Invocation) -> Vec<String> {
        let response = self.gate.handle_batch(batch, invocation).await;
        let ids = response.batch_item_failures.into_iter().map(|failure| failure.item_identifier);
        let mut ids: Vec<String> = ids.collect();
        ids.sort_by_key(|id| id.parse::<usize>().unwrap());
        ids
    }

    /// An invocation that has these seconds.
    fn invocation(&self, seconds: u64) -> Invocation {
        Invocation { deadline: (self.clock)() + Duration::from_secs(seconds), home: None }
    }

    fn lines(&self, message: &str) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| line["message"] == message).cloned().collect()
    }
}

fn batch(bodies: &[Value], receives: u32) -> SqsEvent {
    let mut event = SqsEvent::default();
    event.records = bodies
        .iter()
        .enumerate()
        .map(|(number, body)| {
            let mut message = SqsMessage::default();
            message.message_id = Some(number.to_string());
            message.body = Some(body.as_str().map_or_else(|| body.to_string(), str::to_owned));
            message.attributes.insert("ApproximateReceiveCount".into(), receives.to_string());
            message
        })
        .collect();
    event
}

fn launch_of(instance: &str, metadata: &str) -> Value {
    json!({
        "source": "aws.autoscaling",
        "detail-type": "EC2 Instance-launch Lifecycle Action",
        "time": BEGAN,
        "detail": {
            "LifecycleActionToken": TOKEN,
            "AutoScalingGroupName": "web",
            "LifecycleHookName": "launchgate",
            "EC2InstanceId": instance,
            "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
            "NotificationMetadata": metadata,
        },
    })
}

fn launch() -> Value {
    launch_of(WEB, "{}")
}

fn nudge(instance: &str) -> Value {
    json!({
        "source": "aws.ssm",
        "detail-type": "EC2 Command Invocation Status-change Notification",
        "time": BEGAN,
        "detail": {"instance-id": instance, "status": "Success"},
    })
}

fn sweep() -> Value {
    json!({"source": "aws.events", "detail-type": "Scheduled Event", "time": BEGAN, "detail": {}})
}

/// A wire on which the instance waits and SSM has heard from it; runs are for the test to say.
fn talking() -> Wire {
    Wire::default()
        .on("DescribeInstanceInformation", wire::heard(&[WEB]))
        .on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, "Pending:Wait")]))
        .on("DescribeLifecycleHooks", wire::hook(600, "{}"))
        .on("CompleteLifecycleAction", xml("CompleteLifecycleAction", ""))
        .on("RecordLifecycleActionHeartbeat", xml("RecordLifecycleActionHeartbeat", ""))
        .on("ListDeployments", wire::json(&json!({"deployments": []})))
        .on("SendCommand", wire::json(&json!({"Command": {"CommandId": "2b1d9a1e-4a2f-4df4-8d7c-5b7f2b0d6c77"}})))
        .on("ListCommandInvocations", page(&[]))
}

/// The same, with one ended run whose report is ready.
fn ready() -> Wire {
    talking().on("ListCommandInvocations", page(&[wire::invocation(WEB, 0, &wire::report("[]"))]))
}

/// The same, with one ended run whose report has this finding.
fn found(class: &str) -> Wire {
    let finding = format!(r#"[{{"check":"agent","code":"agent-x","class":"{class}","detail":"d"}}]"#);
    talking().on("ListCommandInvocations", page(&[wire::invocation(WEB, 10, &wire::report(&finding))]))
}
