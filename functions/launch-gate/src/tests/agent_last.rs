//! With the agent last: what is sent, and what the line says.

use serde_json::json;

use super::repairs::{looked, ran, step};
use super::wire::{self, page};
use super::*;
use crate::telemetry::names::SETTLED;

const POLICY: &str = r#"{"agent":"last","ready_within":300,"checks":{"packages":["java"],"units":["web"]}}"#;
const STOPPED: &str = r#"[{"check":"agent","code":"agent-stopped","class":"repairable","detail":"d"}]"#;
const PACKAGE: &str = r#"[{"check":"packages","code":"package-missing","class":"repairable","detail":"d"}]"#;

fn listing(policy: &str, runs: &[Value]) -> Wire {
    talking().on("ListCommandInvocations", page(runs)).on("DescribeLifecycleHooks", wire::hook(600, policy))
}

/// The run that starts the agent, as SSM lists it.
fn started(asked: u32) -> Value {
    let steps = vec![step("prepare", 168, &wire::report("[]"))];
    let mut run = ran("install", (asked, asked + 5), "Success", steps);
    run["Comment"] = json!("launchgate: starts agent into service waits 120");
    run
}

/// A readiness run that saw the agent run too early.
fn early(asked: u32, findings: &str) -> Value {
    let report = wire::report(findings).replacen('{', r#"{"agent_early":true,"#, 1);
    let code = if findings == "[]" { 0 } else { 10 };
    ran("readiness", (asked, asked + 1), "Success", vec![step("readiness", code, &report)])
}

#[tokio::test(start_paused = true)]
async fn the_agent_is_started_when_nothing_else_is_missing_and_is_left_alone_before() {
    for (findings, agent, comment) in [
        (STOPPED, "last", "launchgate: starts agent launched 2026-09-14T08:21:43Z waits 120"),
        (PACKAGE, "ignored", "launchgate: launched 2026-09-14T08:21:43Z waits 120"),
    ] {
        let bench = Bench::at(61, listing(POLICY, &[looked(58, findings)]));
        assert_eq!(bench.handle(&[launch()]).await, ["0"]);
        let sent = bench.wire.asked("SendCommand").remove(0);
        let parameters = json!({"agent": [agent], "packages": ["java"], "waitSeconds": ["120"]});
        assert_eq!((&sent["DocumentName"], &sent["Parameters"]), (&json!("install"), &parameters));
        let told = sent["Comment"].as_str().unwrap().replace(" into service", "");
        assert_eq!(told, comment);
    }
}

#[tokio::test(start_paused = true)]
async fn on_the_way_into_a_pool_neither_the_agent_nor_what_a_revision_brings_is_asked_for() {
    let unit = Some(json!(["web"]));
    for (state, agent, units) in [("Pending:Wait", "last", unit), ("Warmed:Pending:Wait", "ignored", None)] {
        let wire = listing(POLICY, &[]).on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, state)]));
        let bench = Bench::at(61, wire);
        assert_eq!(bench.handle(&[launch()]).await, ["0"]);
        let sent = bench.wire.asked("SendCommand").remove(0);
        assert_eq!((&sent["Parameters"]["agent"], sent["Parameters"].get("units")), (&json!([agent]), units.as_ref()));
        assert_eq!(sent["Parameters"]["packages"], json!(["java"]));
    }
}

async fn settled(policy: &str, runs: &[Value]) -> Value {
    let bench = Bench::at(61, listing(policy, runs));
    assert!(bench.handle(&[launch()]).await.is_empty());
    bench.lines(SETTLED).remove(0)
}

#[tokio::test(start_paused = true)]
async fn a_start_of_the_agent_is_counted_apart_from_repairs() {
    let line = settled(POLICY, &[looked(50, "[]"), started(40), looked(30, STOPPED)]).await;
    assert_eq!((&line["started_agent"], &line["repairs"], &line["runs"]), (&json!(1), &json!(0), &json!(2)));
    assert_eq!((&line["mended"], &line["warnings"]), (&json!([]), &json!([])));
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_ran_too_early_is_warned_of_and_one_that_the_gate_started_is_not() {
    for (runs, warned) in [
        (vec![early(50, "[]")], true),
        (vec![looked(50, "[]"), early(30, PACKAGE)], true),
        (vec![looked(58, "[]"), early(48, PACKAGE), started(40), looked(30, STOPPED)], false),
    ] {
        let warnings = settled(POLICY, &runs).await["warnings"].to_string();
        assert_eq!(warnings.contains("agent-early: "), warned, "{warnings}");
        assert_eq!(warnings.contains("systemctl disable codedeploy-agent"), warned, "{warnings}");
    }
    let required = settled("{}", &[early(50, "[]")]).await;
    assert_eq!(required["warnings"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_time_beyond_what_codedeploy_surely_waits_is_warned_of() {
    for (policy, warned) in [
        (r#"{"agent":"last","ready_within":300}"#, false),
        (r#"{"agent":"last","ready_within":301}"#, true),
        (r#"{"ready_within":900}"#, false),
    ] {
        let warnings = settled(policy, &[looked(50, "[]")]).await["warnings"].to_string();
        assert_eq!(warnings.contains("CodeDeploy may give up on an agent"), warned, "{policy} {warnings}");
    }
    let observed = settled(r#"{"agent":"last","ready_within":300,"mode":"observe"}"#, &[looked(50, "[]")]).await;
    assert!(observed["warnings"].to_string().contains("nobody starts the agent"), "{observed}");
}
