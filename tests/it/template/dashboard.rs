//! Checks the dashboard: its body is one that CloudWatch takes, and every metric in it exists.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use launchgate_tests::dashboard::fill_body;
use launchgate_tests::stack::repository;
use regex::Regex;
use serde_json::{Value, json};

use super::{template, text};

/// What AWS's own services report, and under which dimension (aws-facts 22).
const OF_AWS: [(&str, &str, &str); 6] = [
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName"),
    ("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName"),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName"),
    ("AWS/Lambda", "Errors", "FunctionName"),
    ("AWS/Lambda", "Throttles", "FunctionName"),
    ("AWS/Lambda", "Duration", "FunctionName"),
];

/// The body as CloudFormation would fill it in, with what stands for `UngatedGroup`.
fn body_with(ungated: &str) -> Value {
    let fill = |name: &str| match name {
        "UngatedGroup" => ungated.to_owned(),
        "OldestOpenSeconds" => "900".to_owned(),
        arn if arn.ends_with(".Arn") => format!("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{arn}"),
        name => format!("the-{name}"),
    };
    fill_body(&fill).unwrap()
}

pub(super) fn body() -> Value {
    body_with("")
}

fn widgets(kind: &str) -> Vec<Value> {
    let all = body()["widgets"].as_array().unwrap().clone();
    all.into_iter().filter(|widget| widget["type"] == kind).map(|widget| widget["properties"].clone()).collect()
}

/// The queries of the log widgets, without their source.
pub(super) fn log_queries() -> Vec<String> {
    let queries = widgets("log").into_iter().map(|widget| widget["query"].as_str().unwrap().to_owned());
    let own = queries.map(|query| query.strip_prefix("SOURCE 'the-LaunchGateLogs' | ").unwrap().to_owned());
    own.collect()
}

fn validate(body: &Value) -> Output {
    let schema = repository().join("tests/it/template/dashboard.schema.json");
    let check =
        "import json, sys, jsonschema; jsonschema.validate(json.loads(sys.argv[1]), json.load(open(sys.argv[2])))";
    let mut python = Command::new(repository().join(".venv/bin/python"));
    python.args(["-c", check, &body.to_string()]).arg(schema).output().expect("run `make setup`")
}

#[test]
fn the_dashboard_is_one_that_cloudwatch_takes() {
    let ungated = template().property("LaunchDashboard", "/DashboardBody/Fn::Sub/1/UngatedGroup");
    assert_eq!(ungated, json!({"Fn::If": ["TellsUngated", {"Fn::Sub": "\"${UngatedGroupAlarm.Arn}\","}, ""]}));
    for body in [body(), body_with("\"arn:of:the-alarm\",")] {
        let output = validate(&body);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn what_cloudwatch_would_not_take_is_found() {
    for (path, wrong) in [
        ("/widgets/0/type", json!("picture")),
        ("/widgets/0/width", json!(25)),
        ("/widgets/2/properties/region", json!("")),
        ("/widgets/2/properties/query", json!("fields @message")),
        ("/widgets/3/properties/metrics", json!([])),
        ("/widgets/3/properties/metrics/0", json!(["Launchgate", "launches", "hook"])),
        ("/widgets/3/properties/view", json!("lines")),
        ("/widgets/3/properties/period", json!(90)),
    ] {
        let mut body = body();
        *body.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = wrong;
        assert!(!validate(&body).status.success(), "{path}");
    }
}

#[test]
fn no_widget_covers_another_or_leaves_the_grid() {
    let body = body();
    let place = |widget: &Value| ["x", "y", "width", "height"].map(|name| widget[name].as_u64().unwrap());
    let places: Vec<_> = body["widgets"].as_array().unwrap().iter().map(place).collect();
    for (number, [x, y, width, height]) in places.iter().enumerate() {
        assert!(x + width <= 24, "widget {number} leaves the grid");
        for (other, [left, top, wide, high]) in places.iter().enumerate().skip(number + 1) {
            let apart = x + width <= *left || left + wide <= *x || y + height <= *top || top + high <= *y;
            assert!(apart, "widgets {number} and {other} cover each other");
        }
    }
}

/// The metrics of the gate, each with its dimensions, as its lines declare them.
fn metrics_of_the_gate() -> BTreeSet<(String, Vec<String>)> {
    let folder = repository().join("functions/launch-gate/src/telemetry");
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    files.flat_map(|code| metrics_of(&code)).collect()
}

/// The metrics of one file. Where it chooses dimensions, they are its constants `BY_…`.
fn metrics_of(code: &str) -> Vec<(String, Vec<String>)> {
    let all = |pattern: &str, text: &str| -> Vec<Vec<String>> {
        let found = Regex::new(pattern).unwrap();
        let groups = |found: regex::Captures<'_>| {
            found.iter().skip(1).map(|it| it.map_or("", |it| it.as_str()).to_owned()).collect()
        };
        found.captures_iter(text).map(groups).collect()
    };
    let words = |list: &str| all(r#""([a-z]+)""#, list).concat();
    let chosen: Vec<_> = all(r"const BY_\w+: &\[&str\] = &\[([^\]]*)\]", code).concat();
    let declared = all(r"(?s)Metrics \{\s*by(?:: &\[([^\]]*)\])?,\s*fields: &\[(.*?)\],?\s*\}", code);
    let each = declared.into_iter().flat_map(|found| {
        let by = if found[0].is_empty() { chosen.clone() } else { vec![found[0].clone()] };
        let names = all(r#"\("([a-z_]+)", "[A-Z]"#, &found[1]).concat();
        names.into_iter().flat_map(move |name| by.clone().into_iter().map(move |by| (name.clone(), by)))
    });
    each.map(|(name, by)| (name, words(&by))).collect()
}

/// What a line of a metric widget shows: namespace, name, dimensions.
fn shown(metric: &Value) -> (String, String, Vec<String>) {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let Some(expression) = metric[0]["expression"].as_str() else {
        let dimensions = metric.as_array().unwrap()[2..].iter().step_by(2).filter(|name| name.is_string());
        return (word(&metric[0]), word(&metric[1]), dimensions.map(word).collect());
    };
    let search = r#"^SEARCH\('\{(\w+),([\w,]+)\} MetricName="(\w+)" hook="the-HookName"', '(Sum|p90)', 300\)$"#;
    let found = Regex::new(search).unwrap().captures(expression).unwrap_or_else(|| panic!("{expression}"));
    (found[1].to_owned(), found[3].to_owned(), found[2].split(',').map(str::to_owned).collect())
}

#[test]
fn every_metric_of_the_dashboard_and_of_the_alarms_exists_with_its_dimensions() {
    let of_the_gate = metrics_of_the_gate();
    assert!(of_the_gate.len() > 9, "{of_the_gate:?}");
    let of_aws: BTreeSet<_> = OF_AWS.into();
    let template = template();
    let alarms = template.resources("AWS::CloudWatch::Alarm").into_iter().map(|alarm| {
        let word = |path: &str| template.property(&alarm, path).as_str().unwrap().to_owned();
        (word("/Namespace"), word("/MetricName"), vec![word("/Dimensions/0/Name")])
    });
    let widgets = widgets("metric");
    let lines = widgets.iter().flat_map(|widget| widget["metrics"].as_array().unwrap()).map(shown);
    for (namespace, name, dimensions) in lines.chain(alarms) {
        let exists = match namespace.as_str() {
            "Launchgate" => of_the_gate.contains(&(name.clone(), dimensions.clone())),
            _ => dimensions.len() == 1 && of_aws.contains(&(namespace.as_str(), name.as_str(), dimensions[0].as_str())),
        };
        assert!(exists, "{namespace} {name} {dimensions:?}");
    }
}

/// What somebody on call looks for (docs/operations.md).
#[test]
fn the_dashboard_shows_every_metric_of_the_gate() {
    let widgets = widgets("metric");
    let lines = widgets.iter().flat_map(|widget| widget["metrics"].as_array().unwrap()).map(shown);
    let shown: BTreeSet<String> = lines.map(|(_, name, _)| name).collect();
    let missing: Vec<_> = metrics_of_the_gate().into_iter().filter(|(name, _)| !shown.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let aws: BTreeSet<String> = OF_AWS.into_iter().map(|(_, name, _)| name.to_owned()).collect();
    assert!(aws.is_subset(&shown));
}

/// Dashboards are global in an account (aws-facts 22).
#[test]
fn a_dashboard_is_named_after_stack_and_region_and_can_be_left_out() {
    let template = template();
    assert_eq!(template.property("LaunchDashboard", "/DashboardName/Fn::Sub"), "${AWS::StackName}-${AWS::Region}");
    assert_eq!(template.at("/Resources/LaunchDashboard/Condition"), "HasDashboard");
    assert_eq!(template.at("/Conditions/HasDashboard"), json!({"Fn::Equals": [{"Ref": "Dashboard"}, "enabled"]}));
    let alarms = widgets("alarm")[0]["alarms"].as_array().unwrap().len() + 1;
    assert_eq!(
        alarms,
        template.resources("AWS::CloudWatch::Alarm").len(),
        "the alarm of BlueGreen is added if it exists"
    );
    assert!(text("README.md").contains("| `Dashboard` |"));
}
