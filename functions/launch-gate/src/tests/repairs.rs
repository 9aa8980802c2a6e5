//! What the commands of a repair look like to SSM, and what is told of them.

use serde_json::json;

use super::wire::{self, page};
use super::*;

const MISSING: &str = r#"[{"check":"agent","code":"agent-missing","class":"repairable","detail":"d"}]"#;
const BUSY: &str = r#"[{"check":"install","code":"install-busy","class":"transient"}]"#;
const FAILED: &str = r#"[{"check":"install","code":"install-failed","class":"repairable"}]"#;

/// A run of the document, asked for and ended at these seconds after the launch began.
pub(super) fn ran(document: &str, (asked, ended): (u32, u32), status: &str, mut steps: Vec<Value>) -> Value {
    let seconds = |second: u32| 1_789_374_103.0 + f64::from(second);
    for step in &mut steps {
        step["ResponseFinishDateTime"] = json!(seconds(ended));
    }
    json!({
        "CommandId": format!("{document}-{asked}"), "InstanceId": WEB, "DocumentName": document,
        "RequestedDateTime": seconds(asked), "Status": status, "StatusDetails": status, "CommandPlugins": steps,
    })
}

pub(super) fn step(name: &str, code: i32, output: &str) -> Value {
    json!({"Name": name, "Status": "Success", "ResponseCode": code, "Output": output})
}

pub(super) fn looked(asked: u32, findings: &str) -> Value {
    let code = if findings == "[]" { 0 } else { 10 };
    ran("readiness", (asked, asked + 1), "Success", vec![step("readiness", code, &wire::report(findings))])
}

fn repaired(asked: u32, status: &str, steps: Vec<Value>) -> Value {
    ran("install", (asked, asked + 8), status, steps)
}

fn failed_mend() -> Vec<Value> {
    vec![step("prepare", 0, ""), step("distributor", 1, "failed"), step("mend", 10, &wire::report(FAILED))]
}

/// Two repairs of the same finding, which is still there: the first has failed, the second is this one.
fn after(second: Value) -> Wire {
    listing(&after_two(second))
}

fn after_two(second: Value) -> [Value; 5] {
    [looked(50, MISSING), second, looked(38, MISSING), repaired(25, "Failed", failed_mend()), looked(22, MISSING)]
}

fn listing(runs: &[Value]) -> Wire {
    talking()
        .on("ListCommandInvocations", page(runs))
        .in_turn("GetCommandInvocation", [wire::json(&json!({"StandardErrorContent": "words"}))])
}

#[tokio::test(start_paused = true)]
async fn whichever_step_reports_is_believed_with_its_own_exit_code() {
    let report = wire::report;
    for (name, status, steps, believed) in [
        ("prepare restarted the agent", "Success", vec![step("prepare", 168, &report("[]"))], true),
        ("prepare gave up", "Failed", vec![step("prepare", 169, &report(FAILED)), step("mend", 0, "")], true),
        (
            "Distributor failed, mend did not",
            "Failed",
            vec![step("distributor", 1, "x"), step("mend", 0, &report("[]"))],
            true,
        ),
        ("mend failed", "Failed", failed_mend(), true),
        (
            "a step was cut off before",
            "TimedOut",
            vec![step("prepare", 137, ""), step("mend", 10, &report(FAILED))],
            true,
        ),
        ("the code says otherwise", "Failed", vec![step("mend", 169, &report("[]"))], false),
        ("the code is another's", "Failed", vec![step("mend", 1, &report(FAILED))], false),
        ("nobody reports", "Success", vec![step("prepare", 0, ""), step("distributor", 0, "installed")], false),
        ("no step at all", "Failed", vec![], false),
    ] {
        let bench = Bench::at(61, after(repaired(40, status, steps)));
        let open = bench.handle(&[launch()]).await;
        assert_eq!(open.is_empty(), believed, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_readiness_run_is_believed_by_its_first_step_and_its_two_codes_only() {
    for steps in [
        vec![step("readiness", 168, &wire::report("[]"))],
        vec![step("readiness", 1, ""), step("other", 0, &wire::report("[]"))],
    ] {
        let runs = page(&[ran("readiness", (20, 30), "Success", steps)]);
        let bench = Bench::at(61, talking().on("ListCommandInvocations", runs));
        assert_eq!(bench.handle(&[launch()]).await, ["0"]);
        assert_eq!(
            bench.wire.asked("SendCommand")[0]["DocumentName"],
            "readiness",
            "it is lost, so another is started"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_repair_is_started_with_what_it_can_mend_and_the_time_it_has() {
    for (now, wait) in [(61, Some("240")), (400, Some("60")), (496, None)] {
        let runs = page(&[looked(now - 2, MISSING)]);
        let metadata = r#"{"checks":{"packages":["java-17","jq"],"units":["web"]}}"#;
        let wire = talking().on("ListCommandInvocations", runs);
        let bench = Bench::at(u64::from(now), wire.on("DescribeLifecycleHooks", wire::hook(600, metadata)));
        assert_eq!(bench.handle(&[launch()]).await, ["0"]);
        let sent = bench.wire.asked("SendCommand");
        let parameters =
            wait.map(|wait| json!({"agent": ["required"], "packages": ["java-17 jq"], "waitSeconds": [wait]}));
        assert_eq!(sent.first().map(|sent| sent["Parameters"].clone()), parameters, "{now}");
        assert!(sent.iter().all(|sent| sent["DocumentName"] == "install"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_no_repair_can_follow_waits_for_whoever_else_mends() {
    for (now, repair) in [(400, "offered"), (510, "none")] {
        let mut lost = looked(now - 20, MISSING);
        lost["CommandPlugins"][0]["Output"] = json!("");
        let wire = talking().on("ListCommandInvocations", page(&[lost]));
        let bench = Bench::at(u64::from(now), wire);
        assert_eq!(bench.handle(&[launch()]).await, ["0"]);
        assert_eq!(bench.wire.asked("SendCommand")[0]["Parameters"]["repair"], json!([repair]), "{now}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_nudge_repairs_at_once_where_a_command_says_when_the_launch_began() {
    for (comment, repairs) in [("launchgate: launched 2026-09-14T08:21:43Z", 1), ("launchgate", 0)] {
        let mut run = looked(59, MISSING);
        run["Comment"] = json!(comment);
        let bench = Bench::at(61, talking().on("ListCommandInvocations", page(&[run])));
        bench.handle(&[nudge(WEB)]).await;
        assert_eq!(bench.wire.asked("SendCommand").len(), repairs, "{comment}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_another_run_kept_waiting_leaves_both_repairs() {
    let busy = repaired(40, "Failed", vec![step("prepare", 169, &wire::report(BUSY))]);
    let bench = Bench::at(61, after(busy));
    assert_eq!(bench.handle(&[launch()]).await, ["0"]);
    assert_eq!(bench.wire.asked("SendCommand")[0]["DocumentName"], "install");
}

#[tokio::test(start_paused = true)]
async fn a_finding_that_survives_two_repairs_ends_the_launch_with_the_words_of_both_runs() {
    let bench = Bench::at(61, after(repaired(40, "Failed", failed_mend())));
    assert!(bench.handle(&[launch()]).await.is_empty());
    let asked = bench.wire.asked("GetCommandInvocation");
    let named = |asked: &Value| (asked["CommandId"].clone(), asked.get("PluginName").cloned());
    let mut named: Vec<_> = asked.iter().map(named).collect();
    named.sort_by_key(|(command, _)| command.to_string());
    assert_eq!(named, [(json!("install-40"), Some(json!("mend"))), (json!("readiness-50"), None)]);
    let line = &bench.lines("settled")[0];
    assert_eq!(
        (&line["decision"], &line["rule"], &line["reason"]),
        (&json!("ABANDON"), &json!("repairable"), &json!("agent-missing"))
    );
    assert_eq!((&line["repairs"], &line["mended"]), (&json!(2), &json!([])));
    assert_eq!(line["evidence"], "words\n== the last repair, step mend\nwords");
    assert!(bench.wire.operations().len() <= 14);
}

#[tokio::test(start_paused = true)]
async fn a_repair_that_left_no_report_is_asked_for_the_step_that_ran_last() {
    let broken = repaired(
        40,
        "Failed",
        vec![step("prepare", 0, ""), step("distributor", 1, "no such package"), step("mend", 0, "")],
    );
    let mut runs = after_two(broken).to_vec();
    runs.insert(0, wire::last_look(WEB, 10, &wire::report(MISSING)));
    let bench = Bench::at(640, listing(&runs));
    bench.handle(&[launch()]).await;
    let asked = bench.wire.asked("GetCommandInvocation");
    assert!(asked.iter().any(|asked| asked["PluginName"] == "distributor"), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn one_that_has_mended_all_it_could_needs_no_words() {
    let fatal = MISSING.replace("repairable", "fatal");
    let runs = [
        looked(50, &fatal),
        repaired(40, "Success", vec![step("prepare", 168, &wire::report("[]"))]),
        looked(38, MISSING),
    ];
    let wire = talking().on("ListCommandInvocations", page(&runs));
    let bench = Bench::at(61, wire.on("GetCommandInvocation", wire::json(&json!({"StandardErrorContent": "seen"}))));
    assert!(bench.handle(&[launch()]).await.is_empty());
    assert_eq!(bench.wire.asked("GetCommandInvocation").len(), 1);
    assert_eq!(bench.lines("settled")[0]["evidence"], "seen");
}

#[tokio::test(start_paused = true)]
async fn what_was_mended_is_told_with_its_seconds_and_counted_by_its_code() {
    let both = r#"[{"check":"packages","code":"package-missing","class":"repairable"},
        {"check":"agent","code":"agent-missing","class":"repairable"}]"#;
    let runs = [looked(50, "[]"), repaired(40, "Failed", failed_mend()), looked(38, &both.replace('\n', ""))];
    let bench = Bench::at(61, talking().on("ListCommandInvocations", page(&runs)));
    assert!(bench.handle(&[launch()]).await.is_empty());
    let settled = bench.lines("settled");
    assert_eq!(settled.len(), 1);
    let mended = json!([{"codes": ["package-missing", "agent-missing"], "seconds": 8}]);
    assert_eq!((&settled[0]["mended"], &settled[0]["repairs"]), (&mended, &json!(1)));
    let lines = bench.lines("mended");
    let told: Vec<_> =
        lines.iter().map(|line| (line["code"].as_str().unwrap(), &line["seconds"], &line["mended"])).collect();
    assert_eq!(told, [("package-missing", &json!(8), &json!(1)), ("agent-missing", &json!(8), &json!(1))]);
    for line in &lines {
        let declared = json!([{"Namespace": "Launchgate", "Dimensions": [["hook", "code"]], "Metrics": [{"Name": "mended", "Unit": "Count"}]}]);
        assert_eq!(line["_aws"]["CloudWatchMetrics"], declared);
        let names: std::collections::BTreeSet<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["message", "instance", "group", "hook", "code", "seconds", "mended", "_aws"].into());
    }
}
