//! Deploys the template into the local stack, and follows an event through rule, queue and event source mapping to the
//! release binary.

mod binaries;
mod package;

use std::time::Duration;

use futures_util::future::join_all;
use launchgate_tests::fleet::Fleet;
use launchgate_tests::fleet::door::server::{Clock, Server};
use launchgate_tests::stack::LocalStack;
use launchgate_tests::stack::files::sample;
use lifecycle::Timestamp;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

/// A fleet of its own for each test; it ends when dropped.
async fn fleet() -> Server {
    let now = Timestamp::parse("2026-09-14T08:00:00Z").unwrap();
    Server::start(Fleet::new(1, now), 0, Clock::moved(now)).await.unwrap().0
}

/// The first line that the function writes with all these parts in it.
async fn line(stack: &LocalStack, parts: &[&str]) -> String {
    let found = async {
        loop {
            let lines = stack.log_lines().await.unwrap();
            if let Some(line) = lines.into_iter().find(|line| parts.iter().all(|part| line.contains(part))) {
                return line;
            }
            sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(Duration::from_secs(30), found).await.unwrap_or_else(|_| panic!("no line with {parts:?} in 30 s"))
}

#[tokio::test]
async fn a_launch_reaches_the_function_and_a_foreign_hook_does_not() {
    let fleet = fleet().await;
    let mut stack = LocalStack::start(&fleet.url).await.unwrap();
    stack.deploy(&[]).await.unwrap();
    stack.put_events(&[sample("launch-other-hook").unwrap(), sample("launch-ec2-to-group").unwrap()]).await.unwrap();
    line(&stack, &["\"messages\":1,", "\"open\":1,"]).await;
    stack.send_message("not an event").await.unwrap();
    line(&stack, &["\"dropped\":1,"]).await;
    let lines = stack.log_lines().await.unwrap().join("\n");
    assert!(!lines.contains("CodeDeploy-managed"), "a foreign hook came through:\n{lines}");
}

/// A batch of the mapping has ten messages at most.
#[tokio::test]
async fn the_function_receives_what_else_is_in_the_queue_and_deletes_it() {
    const SENT: u64 = 60;
    let fleet = fleet().await;
    let mut stack = LocalStack::start(&fleet.url).await.unwrap();
    stack.deploy(&[]).await.unwrap();
    join_all((0..SENT).map(|_| stack.send_message("not an event"))).await;
    let handled = async {
        loop {
            let lines = stack.log_lines().await.unwrap();
            let lines: Vec<Value> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
            let sum = |name: &str| lines.iter().filter_map(|line| line[name].as_u64()).sum::<u64>();
            if sum("dropped") >= SENT {
                return (sum("dropped"), sum("received"));
            }
            sleep(Duration::from_millis(200)).await;
        }
    };
    let (dropped, received) = timeout(Duration::from_secs(30), handled).await.unwrap();
    assert_eq!(dropped, SENT, "each once");
    assert!(received > 0, "the mapping alone delivered all of them");
    let asked = json!({"QueueUrl": stack.output("LaunchQueueUrl"), "AttributeNames": ["All"]});
    let told = stack.sqs("AmazonSQS.GetQueueAttributes", &asked).await.unwrap();
    for left in ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] {
        assert_eq!(told["Attributes"][left], "0", "{left}: {told}");
    }
}

#[tokio::test]
async fn an_update_keeps_the_stack() {
    let fleet = fleet().await;
    let mut stack = LocalStack::start(&fleet.url).await.unwrap();
    stack.deploy(&[]).await.unwrap();
    let queue = stack.output("LaunchQueueUrl").map(str::to_owned);
    assert!(stack.output("InstallDocumentName").is_some());
    stack.deploy(&[("HookName", "gate"), ("LogRetentionDays", "7"), ("Repair", "disabled")]).await.unwrap();
    assert_eq!(stack.output("LaunchQueueUrl").map(str::to_owned), queue);
    assert_eq!(stack.output("InstallDocumentName"), None, "the document that mends is gone");
    assert!(stack.output("OptIn").unwrap().contains("--lifecycle-hook-name gate "));
    // What traffic gets is the alias, and a version keeps the environment that it was published with.
    for function in ["LaunchGateFunction", "ValidateServiceFunction"] {
        let name = stack.output(function).unwrap().trim_end_matches(":live");
        let asked = ["--function-name", name, "--qualifier", "live", "--query", "Environment.Variables.HOOK_NAME"];
        let mut aws = stack.tool("aws");
        aws.args(["lambda", "get-function-configuration", "--output", "text"]).args(asked);
        let told = String::from_utf8(aws.output().await.unwrap().stdout).unwrap();
        assert_eq!(told.trim(), "gate", "{function}");
    }
}

/// What traffic-hook does before a release gets traffic, on the version itself.
#[tokio::test]
async fn each_release_passes_its_self_test_on_the_release_binary() {
    let fleet = fleet().await;
    let mut stack = LocalStack::start(&fleet.url).await.unwrap();
    stack.deploy(&[("HookName", "gate")]).await.unwrap();
    let sent = stack.folder().join("self-test.json");
    let sample = sample("self-test").unwrap().to_string().replace("launchgate", "gate");
    std::fs::write(&sent, sample).unwrap();
    for function in ["LaunchGateFunction", "ValidateServiceFunction"] {
        let (answer, name) = (stack.folder().join("answer"), stack.output(function).unwrap().trim_end_matches(":live"));
        let mut aws = stack.tool("aws");
        aws.args(["lambda", "invoke", "--qualifier", "1", "--function-name", name, "--payload"]);
        aws.arg(format!("fileb://{}", sent.display())).arg(&answer);
        assert!(aws.output().await.unwrap().status.success(), "{function}");
        let told: Value = serde_json::from_slice(&std::fs::read(&answer).unwrap()).unwrap();
        assert_eq!(told["self-test"]["passed"], true, "{function}: {told}");
    }
    assert_eq!(fleet.with(|fleet| fleet.calls().keys().filter(|(service, _)| service == "autoscaling").count()), 0);
}

#[tokio::test]
async fn stacks_stand_side_by_side_and_end_when_dropped() {
    let fleet = fleet().await;
    let (one, other) = tokio::join!(LocalStack::start(&fleet.url), LocalStack::start(&fleet.url));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_ne!(one.endpoint(), other.endpoint());
    let gone = one.endpoint().trim_start_matches("http://").to_owned();
    drop(one);
    assert!(tokio::net::TcpStream::connect(gone).await.is_err());
    other.put_events(&[sample("sweep").unwrap()]).await.unwrap();
}
