//! The policy is the hook's, as it stands now. The copy in the launch message only counts until the hook was read.

use serde_json::json;

use super::wire::{self, hook, last_look, page, report};
use super::*;

const OBSERVE: &str = r#"{"mode":"observe"}"#;
const NOT_READY: &str = r#"[{"check":"ports","code":"port-closed","class":"transient","detail":"d"}]"#;

fn hooked(wire: Wire, metadata: &str) -> Wire {
    wire.on("DescribeLifecycleHooks", hook(600, metadata)).on("GetCommandInvocation", wire::json(&json!({})))
}

/// At 211 s a heartbeat is due, and the message says to enforce.
#[tokio::test(start_paused = true)]
async fn a_hook_that_was_set_to_observe_stops_the_gate_at_once() {
    for (wire, lines) in [(ready(), 1), (found("fatal"), 1), (found("repairable"), 0), (found("transient"), 0)] {
        let bench = Bench::at(211, hooked(wire, OBSERVE));
        assert_eq!(bench.handle(&[launch()]).await.len(), 1 - lines);
        for changing in ["CompleteLifecycleAction", "RecordLifecycleActionHeartbeat"] {
            assert!(bench.wire.asked(changing).is_empty(), "{changing}");
        }
        assert!(bench.wire.asked("SendCommand").iter().all(|sent| sent["DocumentName"] == "readiness"));
        let settled = bench.lines("settled");
        assert_eq!(settled.len(), lines);
        assert!(settled.iter().all(|line| line["outcome"] == "observed"));
    }
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_a_hook_that_was_set_to_observe_leaves_one_line_and_no_verdict() {
    let hook = r#"{"ready_within":120,"mode":"observe"}"#;
    let wire = talking().on("ListCommandInvocations", page(&[last_look(WEB, 10, &report(NOT_READY))]));
    let bench = Bench::at(640, hooked(wire, hook));
    assert!(bench.handle(&[launch_of(WEB, r#"{"ready_within":120}"#), nudge(WEB)]).await.is_empty());
    assert!(bench.wire.asked("CompleteLifecycleAction").is_empty());
    let settled = bench.lines("settled");
    assert_eq!(settled.len(), 1);
    let told = (&settled[0]["decision"], &settled[0]["rule"], &settled[0]["outcome"]);
    assert_eq!(told, (&json!("ABANDON"), &json!("deadline"), &json!("observed")));
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_was_set_to_enforce_completes() {
    let bench = Bench::at(61, hooked(ready(), "{}"));
    assert!(bench.handle(&[launch_of(WEB, OBSERVE)]).await.is_empty());
    assert_eq!(bench.wire.asked("CompleteLifecycleAction").len(), 1);
    assert_eq!(bench.lines("settled")[0]["outcome"], "accepted");
}

/// 640 s after the launch its last look has found it not ready.
#[tokio::test(start_paused = true)]
async fn the_deadline_is_that_of_the_hook() {
    for (message, hook, verdicts) in [
        (r#"{"ready_within":600}"#, r#"{"ready_within":3600}"#, 0),
        (r#"{"ready_within":3600}"#, r#"{"ready_within":600}"#, 1),
    ] {
        let wire = talking().on("ListCommandInvocations", page(&[last_look(WEB, 10, &report(NOT_READY))]));
        let bench = Bench::at(640, hooked(wire, hook));
        assert_eq!(bench.handle(&[launch_of(WEB, message)]).await.len(), 1 - verdicts, "{hook}");
        assert_eq!(bench.wire.asked("CompleteLifecycleAction").len(), verdicts, "{hook}");
    }
}

/// 20 s after the launch nothing else needs the hook yet.
#[tokio::test(start_paused = true)]
async fn no_verdict_and_no_repair_without_the_hook() {
    for wire in [ready(), found("fatal"), found("repairable")] {
        let unreadable = wire::xml_error("Throttling", "Rate exceeded");
        let bench = Bench::at(20, wire.on("DescribeLifecycleHooks", unreadable));
        assert_eq!(bench.handle(&[launch()]).await, ["0"]);
        assert!(!bench.wire.asked("DescribeLifecycleHooks").is_empty());
        assert!(bench.wire.asked("CompleteLifecycleAction").is_empty());
        assert!(bench.wire.asked("SendCommand").is_empty());
        assert!(bench.lines("settled").is_empty());
    }
}
