//! Tests the fleet as a server, in real time, with the real SDK clients, and with events that it sends to a bus.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_autoscaling::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_autoscaling::error::ProvideErrorMetadata;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use launchgate_tests::fleet::door::put_events::EventBus;
use launchgate_tests::fleet::door::server::{Clock, News, Server};
use launchgate_tests::fleet::{Fleet, api};
use lifecycle::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc::unbounded_channel;

use crate::fleet_world::{READINESS, World, hook};

/// A served group whose one instance waits for its hook, registered with SSM.
async fn waiting() -> (Server, String) {
    let mut world = World::launching(&["gate"], "[default]\nstory = \"soon\"\nboots = 1");
    world.documents();
    world.after(9);
    let (id, now) = (world.only(), world.now);
    let (server, _) = Server::start(world.fleet, 0, Clock::moved(now)).await.unwrap();
    (server, id)
}

fn sdk(server: &Server) -> SdkConfig {
    let ring = tls::Provider::Rustls(CryptoMode::Ring);
    SdkConfig::builder()
        .http_client(Builder::new().tls_provider(ring).build_https())
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
        .endpoint_url(&server.url)
        .build()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_understands_auto_scaling() {
    let (server, id) = waiting().await;
    let client = aws_sdk_autoscaling::Client::new(&sdk(&server));
    let described = client.describe_auto_scaling_instances().instance_ids(&id).send().await.unwrap();
    assert_eq!(described.auto_scaling_instances()[0].lifecycle_state(), Some("Pending:Wait"));
    let complete = client.complete_lifecycle_action().auto_scaling_group_name("web").lifecycle_hook_name("gate");
    let complete = complete.instance_id(&id).lifecycle_action_result("CONTINUE");
    complete.clone().send().await.unwrap();
    let again = complete.send().await.unwrap_err();
    assert_eq!(again.code(), Some("ValidationError"));
    assert_eq!(again.message(), Some(format!("No active Lifecycle Action found with instance ID {id}").as_str()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_understands_systems_manager() {
    let (server, id) = waiting().await;
    let client = aws_sdk_ssm::Client::new(&sdk(&server));
    let send = client.send_command().document_name("readiness").timeout_seconds(30);
    let unknown = send.clone().instance_ids("i-0000000000000dead").send().await.unwrap_err();
    assert!(unknown.into_service_error().is_invalid_instance_id());
    let command = send.instance_ids(&id).parameters("waitSeconds", vec!["5".to_owned()]).send().await.unwrap();
    assert_eq!(command.command().unwrap().document_name(), Some("readiness"));
    server.move_to(server.now() + Duration::from_secs(5));
    let listed = client.list_command_invocations().details(true).max_results(50).send().await.unwrap();
    let plugin = &listed.command_invocations()[0].command_plugins()[0];
    assert_eq!(
        (plugin.response_code(), plugin.output().is_some_and(|text| text.contains("\"ready\":true"))),
        (0, true)
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_reads_who_is_registered() {
    let (server, id) = waiting().await;
    let client = aws_sdk_ssm::Client::new(&sdk(&server));
    let pings = client.describe_instance_information().max_results(50).send().await.unwrap();
    assert_eq!(pings.instance_information_list()[0].instance_id(), Some(id.as_str()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_in_real_time_goes_on_by_itself() {
    let now = Clock::Real.now();
    let mut fleet = Fleet::new(1, now);
    fleet.settings.pending = Duration::from_millis(20);
    let (server, mut news) = Server::start(fleet, 0, Clock::Real).await.unwrap();
    let group = json!({"AutoScalingGroupName": "web", "MinSize": 1, "MaxSize": 1, "AvailabilityZones": ["a"],
        "LaunchConfigurationName": "any", "LifecycleHookSpecificationList": [hook("gate")]});
    let created = server.with(|fleet| {
        let now = fleet.now();
        api::call(fleet, now, "autoscaling", "CreateAutoScalingGroup", &group)
    });
    assert_eq!(created.outcome, Ok(Value::Null));
    let mut told = Vec::new();
    while let Some(one) = news.recv().await {
        match one {
            News::Entry(entry) => told.push(entry.what.to_string()),
            News::Event(_) => break,
            News::Script(_) | News::Revision(_) => {}
        }
    }
    assert_eq!(told, ["launched into web: healthy", "Pending:Wait"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_put_as_event_bridge_takes_them() {
    let (seen, mut requests) = unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let bus = Router::new().fallback(async move |headers: HeaderMap, body: Bytes| {
        seen.send((headers["x-amz-target"].clone(), body)).unwrap();
        r#"{"FailedEntryCount":0,"Entries":[]}"#
    });
    let bus = tokio::spawn(async move { axum::serve(listener, bus).await });
    let event = json!({
        "source": "aws.ssm", "detail-type": "Kind", "time": "2026-09-14T08:22:00.4Z", "resources": ["arn"],
        "detail": {"instance-id": "i-1"},
    });
    EventBus::at(&url).put(&[event]).await.unwrap();
    let (target, body) = requests.recv().await.unwrap();
    assert_eq!(target, "AWSEvents.PutEvents");
    let entry = json!({"Source": "aws.ssm", "DetailType": "Kind", "Detail": "{\"instance-id\":\"i-1\"}", "Resources": ["arn"], "Time": 1_789_374_120});
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), json!({"Entries": [entry]}));
    bus.abort();
    let nobody = EventBus::at("http://127.0.0.1:1").put(&[json!({})]).await.unwrap_err();
    assert!(nobody.to_string().starts_with("http://127.0.0.1:1: "), "{nobody}");
}

#[test]
fn whatever_a_request_holds_there_is_an_answer() {
    use launchgate_tests::fleet::door::{Request, answer};
    let mut fleet = Fleet::new(1, Timestamp::from_millis(0));
    let bodies: [&[u8]; 7] =
        [b"", b"\xff\xfe", b"{", b"[]", b"Action=", b"Action=PutLifecycleHook&A.member.x=1", READINESS.as_bytes()];
    for body in bodies {
        for target in ["", "AmazonSSM.SendCommand", "AmazonSSM.Nonsense", "CodeDeploy_20141006.ListDeployments"] {
            let headers = [("x-amz-target".to_owned(), target.to_owned())].into();
            let request = Request { headers, body: body.to_vec() };
            assert_eq!(answer(&mut fleet, Timestamp::from_millis(1), &request).status, 400, "{target} {body:?}");
        }
    }
}
