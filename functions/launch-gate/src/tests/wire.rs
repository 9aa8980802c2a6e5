//! The wire: it records what the SDK asks, and answers what the test says.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ssm::config::{AsyncSleep, Credentials, HttpClient, SharedAsyncSleep, SharedCredentialsProvider, Sleep};
use aws_smithy_http_client::test_util::{NeverClient, infallible_client_fn};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

/// One answer: a status and a body.
type Answer = (u16, String);

#[derive(Default)]
pub(super) struct Wire {
    answers: Mutex<BTreeMap<&'static str, VecDeque<Answer>>>,
    asked: Mutex<Vec<(String, Value)>>,
}

impl Wire {
    /// From now on the operation is answered like this.
    pub(super) fn on(self, operation: &'static str, answer: Answer) -> Self {
        self.answers.lock().unwrap().insert(operation, [answer].into());
        self
    }

    /// The operation is answered with these in turn; the last repeats.
    pub(super) fn in_turn(self, operation: &'static str, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.answers.lock().unwrap().insert(operation, answers.into_iter().collect());
        self
    }

    /// The requests of this operation, as JSON; the members of a form are strings.
    pub(super) fn asked(&self, operation: &str) -> Vec<Value> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(name, _)| name == operation).map(|(_, request)| request.clone()).collect()
    }

    /// All operations, in the order of their requests.
    pub(super) fn operations(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(name, _)| name.clone()).collect()
    }

    /// The queue is empty, unless a test says otherwise; then its requests are recorded too.
    fn answer(&self, operation: &str, request: Value) -> Answer {
        if operation == "ReceiveMessage" && !self.answers.lock().unwrap().contains_key(operation) {
            return json(&json!({}));
        }
        self.asked.lock().unwrap().push((operation.to_owned(), request));
        let mut answers = self.answers.lock().unwrap();
        let Some(queue) = answers.get_mut(operation) else {
            return error("UnexpectedCall", operation);
        };
        if queue.len() > 1 { queue.pop_front().unwrap() } else { queue.front().unwrap().clone() }
    }
}

pub(super) fn sdk_config(wire: &Arc<Wire>) -> SdkConfig {
    let wire = Arc::clone(wire);
    let client = infallible_client_fn(move |request| {
        let (operation, fields) = understand(&request);
        let (status, body) = wire.answer(&operation, fields);
        http::Response::builder().status(status).body(body).unwrap()
    });
    sdk_config_over(client)
}

/// A configuration whose calls nobody ever answers.
pub(super) fn hanging() -> SdkConfig {
    sdk_config_over(NeverClient::new())
}

fn sdk_config_over(client: impl HttpClient + 'static) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("AKID", "secret", None, None, "test")))
        .http_client(client)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep))
        .retry_config(RetryConfig::standard())
        .build()
}

/// Sleeps on tokio's clock, which the tests pause.
#[derive(Debug)]
struct TokioSleep;

impl AsyncSleep for TokioSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
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
    let result = format!("<{operation}Result>{result}</{operation}Result>");
    (200, format!("<{operation}Response>{result}</{operation}Response>"))
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

pub(super) fn lifecycle_states(instances: &[(&str, &str)]) -> String {
    let mut members = String::new();
    for (id, state) in instances {
        let fields = format!("<InstanceId>{id}</InstanceId><LifecycleState>{state}</LifecycleState>");
        write!(members, "<member>{fields}<AutoScalingGroupName>web</AutoScalingGroupName></member>").unwrap();
    }
    format!("<AutoScalingInstances>{members}</AutoScalingInstances>")
}

pub(super) fn hook(heartbeat: u32, metadata: &str) -> Answer {
    let times =
        format!("<HeartbeatTimeout>{heartbeat}</HeartbeatTimeout><GlobalTimeout>{}</GlobalTimeout>", heartbeat * 100);
    let metadata = metadata.replace('"', "&quot;");
    let fields = format!(
        "<LifecycleHookName>launchgate</LifecycleHookName>{times}<NotificationMetadata>{metadata}</NotificationMetadata>"
    );
    xml("DescribeLifecycleHooks", &format!("<LifecycleHooks><member>{fields}</member></LifecycleHooks>"))
}

/// Our hook, and one of `CodeDeploy`.
pub(super) fn two_hooks(other: &str) -> Answer {
    let named = |name: &str| format!("<member><LifecycleHookName>{name}</LifecycleHookName></member>");
    let hooks = format!("<LifecycleHooks>{}{}</LifecycleHooks>", named(other), named("launchgate"));
    xml("DescribeLifecycleHooks", &hooks)
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
