//! Checks that the template, the code, the samples in `events/` and the documentation agree.

mod alarms;
mod building;
mod dashboard;
mod documents;
mod drawn;
mod names;
mod permissions;
mod publishing;
mod queries;
mod releases;
mod rust_target;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use launchgate_tests::stack::pattern::matches;
use launchgate_tests::stack::repository;
use launchgate_tests::stack::template::Template;
use regex::Regex;
use serde_json::{Value, json};

const FUNCTION: &str = "LaunchGate";

fn template() -> Template {
    Template::read().unwrap()
}

fn text(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A whole number, written as one or as text.
fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_else(|| panic!("not a number: {value}"))
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

fn words(value: &Value) -> BTreeSet<String> {
    let many = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    many.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// What every capture of `pattern` names in `source`.
fn named(pattern: &str, source: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).unwrap();
    pattern.captures_iter(source).map(|found| found[1].to_owned()).collect()
}

/// The source of the shell and the core, without their tests.
fn source(folder: &Path) -> String {
    let mut whole = String::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            whole += &source(&entry);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let file = fs::read_to_string(&entry).unwrap();
            whole += file.split("#[cfg(test)]").next().unwrap();
        }
    }
    whole
}

// --- environment, parameters, README -----------------------------------------------------------------------------------

/// What a function reads, by the files in which it does.
const READS: [(&str, &[&str]); 3] = [
    ("LaunchGate", &["functions/launch-gate/src/config.rs", "shared/runtime/src/environment.rs"]),
    ("ValidateService", &["functions/validate-service/src/config.rs", "shared/runtime/src/environment.rs"]),
    ("TrafficHook", &["functions/traffic-hook/src/config.rs"]),
];

/// Of what traffic-hook reads, what a release of this stack has no use for.
const NOT_HERE: [&str; 2] = ["HEALTH_SUCCESSES", "HEALTH_URL"];

#[test]
fn each_function_is_given_what_it_reads_and_nothing_else() {
    for (function, files) in READS {
        let given = keys(&template().property(function, "/Environment/Variables"));
        let code: String =
            files.iter().map(|file| text(file).split("#[cfg(test)]").next().unwrap().to_owned()).collect();
        let mut read = named(r#""([A-Z]+(?:_[A-Z]+)*)""#, &code);
        read.retain(|name| !NOT_HERE.contains(&name.as_str()));
        assert_eq!(given, read, "{function}");
    }
}

/// Without the permission a document would only be refused, without the document the permission would be for nothing.
#[test]
fn a_stack_that_does_not_mend_has_nothing_to_mend_with() {
    let template = template();
    let conditions = template.at("/Conditions/Repairs");
    assert_eq!(conditions, json!({"Fn::Equals": [{"Ref": "Repair"}, "enabled"]}));
    for path in ["/Resources/InstallDocument", "/Resources/RepairPermission", "/Outputs/InstallDocumentName"] {
        assert_eq!(template.at(&format!("{path}/Condition")), "Repairs", "{path}");
    }
    let given = template.property(FUNCTION, "/Environment/Variables/INSTALL_DOCUMENT");
    let refs = BTreeMap::from([("InstallDocument", "install")]);
    assert_eq!(Template::resolved(&given, &refs), "", "the code takes an empty name for none");
    let refs = BTreeMap::from([("InstallDocument", "install"), ("Repairs", "true")]);
    assert_eq!(Template::resolved(&given, &refs), "install");
}

/// The event of every deployment of the account would only cost calls where nobody asks for it.
#[test]
fn only_a_stack_that_asks_for_it_hears_of_deployments() {
    let template = template();
    assert_eq!(template.at("/Conditions/TellsUngated"), json!({"Fn::Equals": [{"Ref": "BlueGreen"}, "enabled"]}));
    assert_eq!(template.at("/Parameters/BlueGreen/Default"), "disabled");
    for resource in ["DeploymentSucceededRule", "UngatedGroupAlarm"] {
        assert_eq!(template.at(&format!("/Resources/{resource}/Condition")), "TellsUngated", "{resource}");
    }
}

#[test]
fn a_stack_that_does_not_suspend_has_no_permission_for_it() {
    let template = template();
    assert_eq!(template.at("/Conditions/Suspends"), json!({"Fn::Equals": [{"Ref": "Breaker"}, "enabled"]}));
    assert_eq!(template.at("/Parameters/Breaker/Default"), "disabled");
    assert_eq!(template.at("/Resources/SuspendPermission/Condition"), "Suspends");
    let resumes = text("template.yaml").contains("ResumeProcesses");
    assert!(!resumes, "nothing is ever resumed by us");
}

#[test]
fn the_readme_explains_every_template_parameter() {
    let readme = text("README.md");
    let silent: Vec<_> =
        keys(&template().at("/Parameters")).into_iter().filter(|name| !readme.contains(name)).collect();
    assert!(silent.is_empty(), "README.md does not mention {silent:?}");
}

#[test]
fn the_opt_in_command_names_the_hook_that_the_rule_listens_to() {
    let command = template().at("/Outputs/OptIn/Value/Fn::Sub").to_string();
    for part in
        ["--lifecycle-hook-name ${HookName} ", "autoscaling:EC2_INSTANCE_LAUNCHING", "--notification-metadata '{"]
    {
        assert!(command.contains(part), "{part} is not in {command}");
    }
    let hook = template().property("LaunchRule", "/EventPattern/detail/LifecycleHookName");
    assert_eq!(hook, json!([{"Ref": "HookName"}]));
}

// --- rules and samples -------------------------------------------------------------------------------------------------

/// Which rule takes which sample of `events/`. Samples that are not listed are taken by none.
const TAKEN: [(&str, &str); 11] = [
    ("launch-ec2-to-group", "LaunchRule"),
    ("launch-with-origin", "LaunchRule"),
    ("launch-into-warm-pool", "LaunchRule"),
    ("launch-from-warm-pool", "LaunchRule"),
    ("launch-with-milliseconds", "LaunchRule"),
    ("command-invocation-success", "RunEndedRule"),
    ("command-invocation-failed", "RunEndedRule"),
    ("managed-instance-registration", "RegisteredRule"),
    ("codedeploy-instance-success", "DeploymentEndedRule"),
    ("codedeploy-instance-failure", "DeploymentEndedRule"),
    ("codedeploy-deployment-success", "DeploymentSucceededRule"),
];

fn samples() -> BTreeMap<String, Value> {
    let files = fs::read_dir(repository().join("events")).unwrap().map(|entry| entry.unwrap().path());
    let samples = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    samples.map(|path| (name(&path), serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap())).collect()
}

/// The name of the document that mends, in these tests.
const INSTALL: &str = "install";

/// The rules that take an event, in a stack whose readiness document has this name.
fn takers(event: &Value, document: &str) -> Vec<String> {
    let template = template();
    let documents = [("ReadinessDocument", document), ("InstallDocument", INSTALL)];
    let refs: BTreeMap<_, _> = documents.into_iter().chain([("HookName", "launchgate"), ("Repairs", "true")]).collect();
    let takes = |rule: &String| matches(&Template::resolved(&template.property(rule, "/EventPattern"), &refs), event);
    template.resources("AWS::Events::Rule").into_iter().filter(takes).collect()
}

#[test]
fn each_sample_is_taken_by_its_rule_and_by_no_other() {
    let samples = samples();
    let document = samples["command-invocation-success"]["detail"]["document-name"].as_str().unwrap();
    let taken = BTreeMap::from(TAKEN);
    for (name, event) in &samples {
        let expected: Vec<_> = taken.get(name.as_str()).into_iter().copied().collect();
        assert_eq!(takers(event, document), expected, "{name}");
    }
    assert!(taken.keys().all(|name| samples.contains_key(*name)));
}

#[test]
fn a_run_that_is_on_its_way_or_is_not_ours_is_no_nudge() {
    let mut event = samples()["command-invocation-success"].clone();
    assert!(takers(&event, "another-document").is_empty());
    let document = event["detail"]["document-name"].as_str().unwrap().to_owned();
    for status in ["Pending", "InProgress", "Delayed"] {
        event["detail"]["status"] = json!(status);
        assert!(takers(&event, &document).is_empty(), "{status}");
    }
    for status in ["Cancelled", "Canceled", "TimedOut", "Delivery Timed Out", "Undeliverable"] {
        event["detail"]["status"] = json!(status);
        assert_eq!(takers(&event, &document), ["RunEndedRule"], "{status}");
    }
    event["detail"]["document-name"] = json!(INSTALL);
    assert_eq!(takers(&event, &document), ["RunEndedRule"], "a repair that ended is a nudge too");
}

#[test]
fn the_list_of_samples_names_each_file() {
    let listed = named(r"(?m)^\| `([a-z0-9-]+)` \|", &text("events/README.md"));
    assert_eq!(listed, samples().into_keys().collect());
}

#[test]
fn every_rule_sends_to_the_launch_queue_and_the_queue_lets_in_exactly_the_rules() {
    let template = template();
    let rules = template.resources("AWS::Events::Rule");
    for rule in &rules {
        assert_eq!(template.property(rule, "/Targets/0/Arn"), json!({"Fn::GetAtt": "LaunchQueue.Arn"}), "{rule}");
        assert!(template.property(rule, "/Targets/0/Input").is_null(), "{rule} alters the event");
    }
    let statement = template.property("LaunchQueuePolicy", "/PolicyDocument/Statement");
    assert_eq!(statement.as_array().unwrap().len(), 1);
    assert_eq!(statement[0]["Principal"], json!({"Service": "events.amazonaws.com"}));
    let let_in = statement[0]["Condition"]["ArnEquals"]["aws:SourceArn"].as_array().unwrap();
    let arn = |arn: &Value| arn.pointer("/Fn::If/1").unwrap_or(arn)["Fn::GetAtt"].as_str().unwrap().to_owned();
    let let_in: BTreeSet<_> = let_in.iter().map(arn).collect();
    assert_eq!(let_in, rules.iter().map(|rule| format!("{rule}.Arn")).collect());
}

#[test]
fn sam_and_cfn_lint_find_nothing() {
    let sam = Command::new(repository().join(".venv/bin/sam"))
        .args(["validate", "--lint", "--template-file"])
        .arg(repository().join("template.yaml"))
        .envs([("SAM_CLI_TELEMETRY", "0"), ("AWS_DEFAULT_REGION", "us-east-1")])
        .output()
        .expect("run `make setup`");
    assert!(sam.status.success(), "{}{}", String::from_utf8_lossy(&sam.stdout), String::from_utf8_lossy(&sam.stderr));
}
