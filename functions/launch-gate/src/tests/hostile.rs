//! Hostile text is harmless wherever it comes from (docs/security.md): each line is one line of JSON, no metric is forged,
//! and a neighbour in the same batch gets its verdict.

mod texts;

use serde_json::json;

use self::texts::{ESCAPES, OUTPUT, finding, metadata, outputs};
use super::deployments::deploying;
use super::ungated::{copied, success};
use super::wire::{self, hook, invocation, lifecycle_state, page, report};
use super::*;
use crate::telemetry::names::{FINDINGS, NAMESPACE, SETTLED, UNGATED};

const NEXT: &str = "i-00000000000000002";
const NEXT_TOKEN: &str = "00000000-0000-4000-8000-000000000002";
/// The most bytes of one log line that stays whole with everybody who reads it (aws-facts 7.4).
const LINE: usize = 262_118;
/// Asserts what holds for each line, whatever is in it.
fn assert_harmless(bench: &Bench) {
    for text in bench.texts.lock().unwrap().iter() {
        let plain = |letter: char| !letter.is_control() && !"\u{2028}\u{2029}\u{202e}\u{2066}".contains(letter);
        assert!(text.chars().all(plain), "{}", text.escape_debug());
        assert!(text.len() <= LINE, "{} bytes", text.len());
        let line: Value = serde_json::from_str(text).unwrap();
        // A line `waiting` has no metric.
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten() {
            assert_eq!(directive["Namespace"], NAMESPACE);
            assert_bounded(&line, directive["Dimensions"][0].as_array().unwrap());
        }
    }
}

/// What an instance says is the value of a dimension only if it is one of few words. AWS bills each value.
fn assert_bounded(line: &Value, dimensions: &[Value]) {
    for name in dimensions.iter().filter(|name| ["reason", "code"].contains(&name.as_str().unwrap())) {
        let value = line[name.as_str().unwrap()].as_str().unwrap();
        let own = ["ready", "probe-broken", "run-undelivered"];
        assert!(FINDINGS.contains(&value) || own.contains(&value), "{value:?} is a dimension");
    }
}

/// A wire on which two instances wait, and the second one is ready.
fn beside_a_ready_one(mut hostile: Value) -> Wire {
    hostile["CommandId"] = json!("3b1d9a1e-4a2f-4df4-8d7c-5b7f2b0d6c77");
    talking()
        .on("DescribeInstanceInformation", wire::heard(&[WEB, NEXT]))
        .on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, "Pending:Wait"), (NEXT, "Pending:Wait")]))
        .on("ListCommandInvocations", page(&[hostile, invocation(NEXT, 0, &report("[]"))]))
        .on("GetCommandInvocation", wire::json(&json!({"StandardErrorContent": ESCAPES.repeat(500)})))
}

fn launch_of_next() -> Value {
    let mut launch = launch_of(NEXT, "{}");
    launch["detail"]["LifecycleActionToken"] = json!(NEXT_TOKEN);
    launch
}

/// The neighbour is in service, and its line tells the truth.
fn assert_neighbour_continued(bench: &Bench, told: &str) {
    let lines = bench.lines(SETTLED);
    let own: Vec<_> = lines.iter().filter(|line| line["instance"] == NEXT).collect();
    assert_eq!(own.len(), 1, "{told}");
    assert_eq!((&own[0]["decision"], &own[0]["launches"]), (&json!("CONTINUE"), &json!(1)), "{told}");
    assert!(lines.len() <= 2, "{told}");
    let completed = bench.wire.asked("CompleteLifecycleAction");
    let results = completed.iter().filter(|asked| asked["LifecycleActionToken"] == NEXT_TOKEN);
    let results: Vec<&Value> = results.map(|asked| &asked["LifecycleActionResult"]).collect();
    assert_eq!(results, ["CONTINUE"], "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_hostile_report_forges_no_metric_and_hurts_no_neighbour() {
    for (code, output) in outputs() {
        let output: String = output.chars().take(OUTPUT).collect();
        let bench = Bench::at(61, beside_a_ready_one(invocation(WEB, code, &output)));
        bench.handle(&[launch(), launch_of_next()]).await;
        assert_neighbour_continued(&bench, &output);
        assert_harmless(&bench);
    }
}

/// Each of them would be a metric of its own that is billed by the month.
#[tokio::test(start_paused = true)]
async fn a_code_that_no_document_has_is_told_and_is_no_dimension() {
    for (code, dimensions) in
        [("agent-missing", json!(["hook", "decision", "reason"])), ("made-up", json!(["hook", "decision"]))]
    {
        let bench = Bench::at(61, beside_a_ready_one(invocation(WEB, 10, &finding(code, "fatal", ""))));
        bench.handle(&[launch()]).await;
        let line = &bench.lines(SETTLED)[0];
        assert_eq!((&line["reason"], &line["findings"]), (&json!(code), &json!([code])));
        let launches = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!((&launches["Dimensions"][0], &launches["Metrics"][0]["Name"]), (&dimensions, &json!("launches")));
    }
}

/// Whoever may run the document on the instance may write any comment.
#[tokio::test(start_paused = true)]
async fn a_hostile_comment_of_a_run_hurts_no_neighbour() {
    for comment in [
        "launchgate: waits 18446744073709551615".to_owned(),
        "launchgate: into service launched 9999-12-31T23:59:59Z waits 99999999999".to_owned(),
        "launchgate: launched 0000-01-01T00:00:00Z waits -1".to_owned(),
        format!("launchgate: {ESCAPES}"),
    ] {
        for status in ["InProgress", "Failed"] {
            let mut run = invocation(WEB, 1, "");
            (run["Comment"], run["Status"]) = (json!(comment), json!(status));
            let bench = Bench::at(61, beside_a_ready_one(run));
            bench.handle(&[launch(), nudge(WEB), launch_of_next(), sweep()]).await;
            assert_neighbour_continued(&bench, &comment);
            assert_harmless(&bench);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn hostile_metadata_is_the_default_policy_with_one_warning() {
    for metadata in metadata() {
        let wire = beside_a_ready_one(invocation(WEB, 0, &report("[]")));
        let bench = Bench::at(61, wire.on("DescribeLifecycleHooks", hook(600, &metadata)));
        bench.handle(&[launch_of(WEB, &metadata), launch_of_next()]).await;
        assert_neighbour_continued(&bench, &metadata);
        assert_harmless(&bench);
        let lines = bench.lines(SETTLED);
        let line = lines.iter().find(|line| line["instance"] == WEB).unwrap();
        assert_eq!(
            (&line["decision"], line["warnings"].as_array().unwrap().len()),
            (&json!("CONTINUE"), 1),
            "{metadata}"
        );
        assert_eq!(bench.lines("batch")[0]["bad_policies"], 1, "{metadata}");
    }
}

/// The most that AWS gives of each text (aws-facts 5, 6.4), and every character takes the most bytes in JSON.
#[tokio::test(start_paused = true)]
async fn log_tails_with_terminal_escapes_are_kept_whole_and_told_in_one_line() {
    for filler in ["\u{1b}", "\u{9b}", "\u{2028}", "\u{10ffff}"] {
        let (evidence, tail) = (filler.repeat(8_000), filler.repeat(2_048));
        let said = json!({"errorCode": "ScriptFailed", "scriptName": tail, "message": tail, "logTail": tail});
        let events = json!([{"lifecycleEventName": "ValidateService", "status": "Failed", "diagnostics": said}]);
        let wire = deploying("autoscaling", "Failed", &[WEB], &events)
            .on("GetCommandInvocation", wire::json(&json!({"StandardErrorContent": evidence})));
        let bench = Bench::at(61, wire);
        bench.handle(&[launch()]).await;
        assert_harmless(&bench);
        let line = &bench.lines(SETTLED)[0];
        assert_eq!((&line["evidence"], &line["deployments"][0]["log_tail"]), (&json!(evidence), &json!(tail)));
    }
}

/// An operator pastes the commands that a line offers.
#[tokio::test(start_paused = true)]
async fn a_command_that_a_line_offers_is_one_command() {
    let mut event = success();
    event["detail"]["deploymentGroup"] = json!("prod;$(reboot)`id`'\u{1b}");
    let bench = Bench::at(60, copied());
    bench.handle(&[event]).await;
    assert_harmless(&bench);
    let line = &bench.lines(UNGATED)[0];
    let command = line["command"].as_str().unwrap();
    let quoted = r"--auto-scaling-group-name 'CodeDeploy_prod;$(reboot)`id`'\''";
    assert!(command.contains(quoted), "{command}");
    assert!(!command.contains(char::is_control), "{command:?}");
}

/// What a body may hold that somebody could write to the queue.
#[tokio::test(start_paused = true)]
async fn hostile_messages_hurt_no_neighbour() {
    let changed = |key: &str, value: Value| {
        let mut launch = launch();
        launch["detail"][key] = value;
        launch.to_string()
    };
    let mut nudge = nudge(WEB);
    nudge["detail"]["command-id"] = json!(ESCAPES);
    for body in [
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        r#"{"detail-type":"\ud800","time":1e999}"#.to_owned(),
        json!({"Type": "Notification", "Message": "[".repeat(1_000)}).to_string(),
        json!({"source": ESCAPES, "detail-type": "x".repeat(200_000), "time": BEGAN}).to_string(),
        changed("LifecycleHookName", json!(ESCAPES)),
        changed("AutoScalingGroupName", json!(ESCAPES)),
        changed("EC2InstanceId", json!(format!("i-{ESCAPES}"))),
        changed("LifecycleActionToken", json!(ESCAPES)),
        changed("_aws", json!({"CloudWatchMetrics": []})),
        launch().to_string().replace(BEGAN, "9999-12-31T23:59:59Z"),
        launch().to_string().replace(BEGAN, "0000-01-01T00:00:00Z"),
        nudge.to_string(),
    ] {
        let bench = Bench::at(61, beside_a_ready_one(invocation(WEB, 0, &report("[]"))));
        bench.handle(&[json!(body), launch_of_next()]).await;
        assert_neighbour_continued(&bench, &body.chars().take(200).collect::<String>());
        assert_harmless(&bench);
    }
}
