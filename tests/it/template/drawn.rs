//! Draws the dashboard: every widget says something of the log lines, at its place.

use std::collections::BTreeSet;

use launchgate_tests::dashboard::draw;
use launchgate_tests::stack::LogEvent;
use serde_json::{Value, json};

use super::dashboard::body;
use super::text;

fn event(at: i64, line: &Value) -> LogEvent {
    LogEvent { function: "LaunchGate".to_owned(), timestamp: at * 1000, message: line.to_string() }
}

fn metric(by: &[&str], name: &str) -> Value {
    json!({"Namespace": "Launchgate", "Dimensions": [by], "Metrics": [{"Name": name, "Unit": "Count"}]})
}

/// A launch that waits, one that became ready, a breaker, and Lambda's own line.
fn events() -> Vec<LogEvent> {
    let waiting = json!({"message": "waiting", "instance": "i-held", "group": "web", "seconds": 31, "reason": "ssm-not-registered"});
    let by = [metric(&["hook", "decision", "reason"], "launches"), metric(&["hook", "group"], "seconds_to_ready")];
    let settled = json!({
        "message": "settled", "hook": "launchgate", "group": "web", "decision": "CONTINUE", "reason": "ready", "rule": "ready",
        "launches": 1, "seconds_to_ready": 37, "_aws": {"CloudWatchMetrics": by},
    });
    let breaker = json!({"message": "breaker", "hook": "launchgate", "breakers": 1, "_aws": {"CloudWatchMetrics": [metric(&["hook"], "breakers")]}});
    let oldest = json!({"hook": "launchgate", "oldest_open_seconds": 31, "_aws": {"CloudWatchMetrics": [metric(&["hook"], "oldest_open_seconds")]}});
    let report = "REPORT RequestId: 1\tDuration: 80.5 ms\tBilled Duration: 81 ms".to_owned();
    let report = LogEvent { function: "LaunchGate".to_owned(), timestamp: 30_000, message: report };
    vec![
        event(0, &oldest),
        event(5, &waiting),
        report,
        event(37, &settled),
        event(60, &breaker),
        event(300, &json!({"message": "batch"})),
    ]
}

/// The texts of a picture, each with its left end and its size.
fn texts(svg: &str) -> Vec<(f64, f64, String)> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let text = |node: roxmltree::Node<'_, '_>| {
        let number = |name: &str| node.attribute(name).unwrap().parse().unwrap();
        (number("x"), number("font-size"), node.text().unwrap().trim().to_owned())
    };
    document.descendants().filter(|node| node.has_tag_name("text")).map(text).collect()
}

/// In one text, or in several that follow each other: a long title has two lines.
fn is_written(texts: &[(f64, f64, String)], what: &str) -> bool {
    texts.iter().map(|(_, _, said)| said.as_str()).collect::<Vec<_>>().join(" ").contains(what)
}

fn titles() -> Vec<String> {
    let widgets = body()["widgets"].as_array().unwrap().clone();
    widgets.iter().filter_map(|widget| widget["properties"]["title"].as_str().map(str::to_owned)).collect()
}

#[test]
fn every_widget_is_drawn_with_what_the_lines_say() {
    let texts = texts(&draw(&events()).unwrap());
    let says: BTreeSet<&str> = texts.iter().map(|(_, _, said)| said.as_str()).collect();
    for title in titles() {
        assert!(is_written(&texts, &title), "{title}: {texts:?}");
    }
    for said in [
        "i-held",
        "ssm-not-registered",
        "31",
        "CONTINUE ready",
        "p90",
        "web",
        "Breaker: ALARM",
        "OldestOpen: OK",
        "launch-gate: p50",
    ] {
        assert!(says.contains(said), "{said}: {says:?}");
    }
    for empty in ["none in this run", "no data: the local stack has no such metrics of AWS/SQS"] {
        assert!(says.contains(empty), "{empty}: {says:?}");
    }
    for (x, size, said) in &texts {
        assert!(*x >= 0.0 && *x < 900.0 && *size >= 11.0, "{said} at {x}");
    }
}

/// Whoever changes the dashboard draws it anew (docs/operations.md says how).
#[test]
fn the_picture_in_the_docs_has_the_widgets_of_the_template_and_says_what_it_is() {
    let drawn = texts(&text("docs/dashboard.svg"));
    let missing: Vec<String> = titles().into_iter().filter(|title| !is_written(&drawn, title)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(is_written(&drawn, "not a screenshot of CloudWatch"));
    let page = text("docs/operations.md");
    assert!(page.contains("(dashboard.svg)") && page.contains("not a screenshot of CloudWatch"));
}

#[test]
fn without_any_line_there_is_nothing_to_draw() {
    assert!(draw(&[]).unwrap_err().contains("no log event"));
}
