//! The wire: it records what the SDK asks, and answers what the test says.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ssm::config::{
    AsyncSleep, Credentials, HttpClient, SharedAsyncSleep, SharedCredentialsProvider, SharedHttpClient,
};
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_http_client::test_util::{NeverClient, infallible_client_fn};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::time::{NeverSleep, TokioSleep, TokioTime};

/// One answer: a status and a body.
pub(super) type Answer = (u16, String);

#[derive(Default)]
pub(super) struct Wire {
    answers: Mutex<BTreeMap<&'static str, VecDeque<Answer>>>,
    asked: Mutex<Vec<(String, Value, Instant)>>,
}

impl Wire {
    /// The operation is answered like this.
    pub(super) fn on(self, operation: &'static str, answer: Answer) -> Self {
        self.in_turn(operation, [answer])
    }

    /// The operation is answered with these in turn; the last repeats.
    pub(super) fn in_turn(self, operation: &'static str, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.turn(operation, answers);
        self
    }

    /// The same for a wire in use, from now on.
    pub(super) fn turn(&self, operation: &'static str, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().insert(operation, answers.into_iter().collect());
    }

    /// The requests of this operation, as JSON; the members of a form are strings.
    pub(super) fn asked(&self, operation: &str) -> Vec<Value> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(name, ..)| name == operation).map(|(_, request, _)| request.clone()).collect()
    }

    /// When this operation was asked for.
    pub(super) fn moments(&self, operation: &str) -> Vec<Instant> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(name, ..)| name == operation).map(|(.., moment)| *moment).collect()
    }

    /// All operations, in the order of their requests.
    pub(super) fn operations(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(name, ..)| name.clone()).collect()
    }

    /// The queue is empty, unless a test says otherwise; then its requests are recorded too.
    fn answer(&self, operation: &str, request: Value) -> Answer {
        if operation == "ReceiveMessage" && !self.answers.lock().unwrap().contains_key(operation) {
            return json(&json!({}));
        }
        self.asked.lock().unwrap().push((operation.to_owned(), request, Instant::now()));
        let mut answers = self.answers.lock().unwrap();
        let Some(queue) = answers.get_mut(operation) else {
            return error("UnexpectedCall", operation);
        };
        if queue.len() > 1 { queue.pop_front().unwrap() } else { queue.front().unwrap().clone() }
    }
}

pub(super) fn sdk_config(wire: &Arc<Wire>) -> SdkConfig {
    sdk_config_over(client_of(wire), TokioSleep)
}

/// A configuration whose calls nobody ever answers.
pub(super) fn hanging() -> SdkConfig {
    sdk_config_over(NeverClient::new(), TokioSleep)
}

/// A configuration whose calls nobody ever answers if the wire throttles them: the SDK waits for ever to try again.
pub(super) fn hanging_when_throttled(wire: &Arc<Wire>) -> SdkConfig {
    sdk_config_over(client_of(wire), NeverSleep)
}

fn client_of(wire: &Arc<Wire>) -> SharedHttpClient {
    let wire = Arc::clone(wire);
    infallible_client_fn(move |request| {
        let (operation, fields) = understand(&request);
        let (status, body) = wire.answer(&operation, fields);
        http::Response::builder().status(status).body(body).unwrap()
    })
}

fn sdk_config_over(client: impl HttpClient + 'static, sleep: impl AsyncSleep + 'static) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("AKID", "secret", None, None, "test")))
        .http_client(client)
        .sleep_impl(SharedAsyncSleep::new(sleep))
        .time_source(SharedTimeSource::new(TokioTime(Instant::now())))
        .retry_config(RetryConfig::standard())
        .build()
}

fn understand(request: &http::Request<SdkBody>) -> (String, Value) {
    let body = request.body().bytes().unwrap_or_default();
    if let Some(target) = request.headers().get("x-amz-target") {
        let operation = target.to_str().unwrap().rsplit('.').next().unwrap().to_owned();
        return (operation, serde_json::from_slice(body).unwrap());
    }
    let form: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    (form["Action"].clone(), json!(form))
}

pub(super) fn json(body: &Value) -> Answer {
    (200, body.to_string())
}

pub(super) fn xml(operation: &str, result: &str) -> Answer {
    (200, format!("<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"))
}

/// An error in the form that both protocols read.
pub(super) fn error(code: &str, message: &str) -> Answer {
    (400, json!({"__type": code, "message": message}).to_string())
}

pub(super) fn xml_error(code: &str, message: &str) -> Answer {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    (400, format!("<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"))
}

pub(super) fn heard(instances: &[&str]) -> Answer {
    let heard = |id: &&str| json!({"InstanceId": id, "PingStatus": "Online", "LastPingDateTime": 1_789_374_110.5});
    json(&json!({"InstanceInformationList": instances.iter().map(heard).collect::<Vec<_>>()}))
}

pub(super) fn lifecycle_state(instances: &[(&str, &str)]) -> Answer {
    xml("DescribeAutoScalingInstances", &lifecycle_states(instances))
}

/// The group web with these instances. With a warm pool, if it `has_pool`.
pub(super) fn groups(instances: &[(&str, &str)], has_pool: bool) -> Answer {
    let pool = if has_pool { "<WarmPoolConfiguration><MinSize>1</MinSize></WarmPoolConfiguration>" } else { "" };
    let name = "<AutoScalingGroupName>web</AutoScalingGroupName>";
    let group = format!("<member>{name}{}{pool}</member>", members_in_states(instances));
    xml("DescribeAutoScalingGroups", &format!("<AutoScalingGroups>{group}</AutoScalingGroups>"))
}

/// As groups and warm pools list their instances.
pub(super) fn members_in_states(instances: &[(&str, &str)]) -> String {
    let mut members = String::new();
    for (id, state) in instances {
        let fields = format!("<InstanceId>{id}</InstanceId><LifecycleState>{state}</LifecycleState>");
        write!(members, "<member>{fields}</member>").unwrap();
    }
    format!("<Instances>{members}</Instances>")
}

pub(super) fn lifecycle_states(instances: &[(&str, &str)]) -> String {
    let mut members = String::new();
    for (id, state) in instances {
        let fields = format!("<InstanceId>{id}</InstanceId><LifecycleState>{state}</LifecycleState>");
        write!(members, "<member>{fields}<AutoScalingGroupName>web</AutoScalingGroupName></member>").unwrap();
    }
    format!("<AutoScalingInstances>{members}</AutoScalingInstances>")
}

/// Our hook alone. Its metadata is the policy.
pub(super) fn hook(heartbeat: u32, metadata: &str) -> Answer {
    xml("DescribeLifecycleHooks", &format!("<LifecycleHooks>{}</LifecycleHooks>", our_hook(heartbeat, metadata)))
}

fn our_hook(heartbeat: u32, metadata: &str) -> String {
    let times =
        format!("<HeartbeatTimeout>{heartbeat}</HeartbeatTimeout><GlobalTimeout>{}</GlobalTimeout>", heartbeat * 100);
    let metadata = format!("<NotificationMetadata>{}</NotificationMetadata>", metadata.replace('"', "&quot;"));
    format!("<member><LifecycleHookName>launchgate</LifecycleHookName>{times}{metadata}</member>")
}

/// Our hook with this metadata, and one of `CodeDeploy`.
pub(super) fn two_hooks(other: &str, metadata: &str) -> Answer {
    let other = format!("<member><LifecycleHookName>{other}</LifecycleHookName></member>");
    let ours = our_hook(600, metadata);
    xml("DescribeLifecycleHooks", &format!("<LifecycleHooks>{other}{ours}</LifecycleHooks>"))
}

/// This hook and no other.
pub(super) fn only_hook(name: &str) -> Answer {
    let hook = format!("<member><LifecycleHookName>{name}</LifecycleHookName></member>");
    xml("DescribeLifecycleHooks", &format!("<LifecycleHooks>{hook}</LifecycleHooks>"))
}

/// The launch activity of the instance. It goes on, or it has ended with this message.
pub(super) fn activity(instance: &str, ended: Option<&str>) -> Answer {
    let description = format!("<Description>Launching a new EC2 instance: {instance}</Description>");
    let fields = "<ActivityId>a</ActivityId><AutoScalingGroupName>web</AutoScalingGroupName><Cause>c</Cause>\
        <StartTime>2026-09-14T08:21:40Z</StartTime>";
    let state = match ended {
        None => "<StatusCode>MidLifecycleAction</StatusCode>".to_owned(),
        Some(message) => format!(
            "<StatusCode>Cancelled</StatusCode><EndTime>2026-09-14T08:22:40Z</EndTime>\
             <StatusMessage>{message}</StatusMessage>"
        ),
    };
    let member = format!("<member>{fields}{description}{state}</member>");
    xml("DescribeScalingActivities", &format!("<Activities>{member}</Activities>"))
}

pub(super) fn page(invocations: &[Value]) -> Answer {
    json(&json!({"CommandInvocations": invocations}))
}

pub(super) fn report(findings: &str) -> String {
    format!(r#"{{"v":1,"ready":{},"waited_s":3,"findings":{findings}}}"#, findings == "[]")
}

/// An ended readiness run, asked for 20 s after the launch and ended 10 s later.
pub(super) fn invocation(instance: &str, code: i32, output: &str) -> Value {
    let status = if code == 0 { "Success" } else { "Failed" };
    json!({
        "CommandId": "2b1d9a1e-4a2f-4df4-8d7c-5b7f2b0d6c77",
        "InstanceId": instance,
        "DocumentName": "readiness",
        "RequestedDateTime": 1_789_374_123.0,
        "Status": status,
        "StatusDetails": status,
        "CommandPlugins": [{
            "Name": "readiness", "Status": status, "ResponseCode": code, "Output": output,
            "ResponseFinishDateTime": 1_789_374_133.0,
        }],
    })
}

/// An ended last look: a readiness run that does not wait, asked for 620 s after the launch and ended 10 s later.
pub(super) fn last_look(instance: &str, code: i32, output: &str) -> Value {
    let mut run = invocation(instance, code, output);
    run["CommandId"] = json!("4c3e0b2f-last-look");
    run["Comment"] = json!("launchgate: waits 0");
    run["RequestedDateTime"] = json!(1_789_374_723.0);
    run["CommandPlugins"][0]["ResponseFinishDateTime"] = json!(1_789_374_733.0);
    run
}
