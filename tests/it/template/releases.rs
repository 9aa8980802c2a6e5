//! Checks how a release of this stack gets its traffic. No emulator has a CodeDeploy that shifts traffic, so the test
//! reads the resources that SAM's own transform hands to CloudFormation.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use launchgate_tests::stack::files::sample;
use launchgate_tests::stack::repository;
use serde_json::{Value, json};

use super::{named, number, template};

const RELEASED: [&str; 2] = ["LaunchGate", "ValidateService"];

/// The resources of the transformed template.
fn resources() -> Value {
    let python = Command::new(repository().join(".venv/bin/python"))
        .arg(repository().join("tests/stack/transform.py"))
        .output()
        .expect("run `make setup`");
    assert!(python.status.success(), "{}", String::from_utf8_lossy(&python.stderr));
    serde_json::from_slice::<Value>(&python.stdout).unwrap()["Resources"].clone()
}

fn of_type(resources: &Value, wanted: &str) -> BTreeSet<String> {
    let all = resources.as_object().unwrap().iter();
    all.filter(|(_, resource)| resource["Type"] == wanted).map(|(name, _)| name.clone()).collect()
}

#[test]
fn traffic_reaches_a_release_through_its_alias_only_and_codedeploy_moves_the_alias() {
    let resources = resources();
    assert_eq!(of_type(&resources, "AWS::Lambda::Alias").len(), RELEASED.len());
    for function in RELEASED {
        let alias = &resources[format!("{function}Aliaslive")];
        assert_eq!(alias["Properties"]["Name"], "live");
        let version = alias["Properties"]["FunctionVersion"]["Fn::GetAtt"][0].as_str().unwrap();
        assert_eq!(resources[version]["DeletionPolicy"], "Retain", "the version before is there to go back to");
        assert_eq!(resources[version]["Properties"]["FunctionName"], json!({"Ref": function}));
        let moves = &alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"];
        assert_eq!(moves["DeploymentGroupName"], json!({"Ref": format!("{function}DeploymentGroup")}));
        for hook in ["BeforeAllowTrafficHook", "AfterAllowTrafficHook"] {
            assert_eq!(moves[hook], json!({"Ref": "TrafficHook"}), "{function} {hook}");
        }
    }
    let mapping = &resources["LaunchGateLaunches"];
    assert_eq!(mapping["Type"], "AWS::Lambda::EventSourceMapping");
    assert_eq!(mapping["Properties"]["FunctionName"], json!({"Ref": "LaunchGateAliaslive"}));
    let asked = template().property("InvokeValidateService", "/PolicyDocument/Statement");
    assert_eq!(asked.as_array().unwrap().len(), 1);
    assert_eq!(
        (&asked[0]["Action"], &asked[0]["Resource"]),
        (&json!("lambda:InvokeFunction"), &json!({"Ref": "ValidateService.Alias"}))
    );
}

#[test]
fn a_release_is_a_canary_that_its_alarm_takes_back() {
    let resources = resources();
    let groups = of_type(&resources, "AWS::CodeDeploy::DeploymentGroup");
    assert_eq!(groups, RELEASED.map(|function| format!("{function}DeploymentGroup")).into());
    for (function, alarm) in RELEASED.iter().zip(["ErrorAlarm", "ValidateServiceErrorAlarm"]) {
        let group = &resources[format!("{function}DeploymentGroup")]["Properties"];
        assert_eq!(group["DeploymentConfigName"]["Fn::Sub"][1]["ConfigName"], "Canary10Percent5Minutes");
        let watched = json!({"Enabled": true, "Alarms": [{"Name": {"Ref": alarm}}]});
        assert_eq!(group["AlarmConfiguration"], watched, "{function}");
        let dimensions = &resources[alarm]["Properties"]["Dimensions"];
        assert_eq!(dimensions[0]["Value"], json!({"Ref": function}), "{alarm}");
        let back = group["AutoRollbackConfiguration"]["Events"].to_string();
        assert!(back.contains("DEPLOYMENT_FAILURE") && back.contains("DEPLOYMENT_STOP_ON_ALARM"), "{back}");
        // A canary of 5 minutes that is looked at once would not see an alarm that needs longer.
        let alarm = &resources[alarm]["Properties"];
        assert!(number(&alarm["Period"]) * number(&alarm["EvaluationPeriods"]) <= 60);
    }
}

/// Some accounts let nobody create a role without a boundary, or outside of a path; SAM's own role would have neither.
#[test]
fn every_role_has_the_boundary_and_the_path() {
    let resources = resources();
    let roles = of_type(&resources, "AWS::IAM::Role");
    assert_eq!(roles.len(), 4, "{roles:?}");
    let boundary = json!({"Fn::If": ["HasBoundary", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]});
    for role in &roles {
        let properties = &resources[role]["Properties"];
        assert_eq!(properties["Path"], json!({"Ref": "RolePath"}), "{role}");
        assert_eq!(properties["PermissionsBoundary"], boundary, "{role}");
    }
    for policy in of_type(&resources, "AWS::IAM::ManagedPolicy") {
        assert_eq!(resources[&policy]["Properties"]["Path"], json!({"Ref": "RolePath"}), "{policy}");
    }
}

/// Otherwise the role that CodeDeploy takes may not invoke it (aws-facts 4.2), and the deployment would wait.
#[test]
fn codedeploy_may_invoke_the_hook_and_the_hook_may_invoke_the_versions() {
    let resources = resources();
    let name = resources["TrafficHook"]["Properties"]["FunctionName"]["Fn::Sub"].as_str().unwrap().to_owned();
    assert!(name.starts_with("CodeDeployHook_"), "{name}");
    let role = &resources["CodeDeployRole"]["Properties"];
    assert!(role["ManagedPolicyArns"].to_string().contains("service-role/AWSCodeDeployRoleForLambda\""), "{role}");
    let trusted = &role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"];
    assert_eq!(*trusted, json!({"Service": "codedeploy.amazonaws.com"}));
    for function in RELEASED {
        let moved_by = &resources[format!("{function}DeploymentGroup")]["Properties"]["ServiceRoleArn"];
        assert_eq!(*moved_by, json!({"Fn::GetAtt": ["CodeDeployRole", "Arn"]}), "{function}");
    }
    let statements = template().property("TrafficHookRole", "/Policies/0/PolicyDocument/Statement");
    let invokes =
        statements.as_array().unwrap().iter().find(|statement| statement["Sid"] == "TryTheNewVersion").unwrap();
    let versions = RELEASED.map(|function| json!({"Fn::Sub": format!("${{{function}.Arn}}:*")}));
    assert_eq!(invokes["Resource"], json!(versions));
    // It answers before its own time-out, and CodeDeploy waits for an hour (aws-facts 4.2).
    assert!(number(&resources["TrafficHook"]["Properties"]["Timeout"]) <= 900);
    assert!(resources["TrafficHookAliaslive"].is_null(), "who tests a release is not released by itself");
}

/// SAM publishes a version when code or template change, and does not look at the values of parameters.
#[test]
fn a_parameter_that_a_function_reads_makes_a_version_of_its_own() {
    let template = template();
    for function in RELEASED {
        assert_eq!(template.property(function, "/AutoPublishAliasAllProperties"), true);
        let (description, variables) = description_of(function);
        let environment = template.property(function, "/Environment/Variables").to_string();
        let conditions = named(r#""Fn::If":\["([A-Za-z]+)""#, &environment).into_iter();
        let conditions = conditions.map(|name| template.at(&format!("/Conditions/{name}")).to_string());
        let parameters = template.at("/Parameters");
        let read = named(r#""Ref":"([A-Za-z]+)""#, &(environment + &conditions.collect::<String>()));
        let mut longest = description.matches(' ').count() as u64;
        for name in read.iter().filter(|name| parameters.get(name.as_str()).is_some()) {
            let variable = variables.get(name);
            let named = format!("${{{}}}", variable.unwrap_or(name));
            assert!(description.contains(&named), "{function} would not see a changed {name}");
            longest += variable.map_or_else(|| longest_value(&parameters[name.as_str()]), |_| 1);
        }
        assert!(longest <= 256, "the description may grow to {longest} of 256 characters");
    }
}

/// The text of a version's description, and its variables that stand for a parameter with one of two characters.
fn description_of(function: &str) -> (String, BTreeMap<String, String>) {
    let template = template();
    let given = template.property(function, "/VersionDescription/Fn::Sub");
    let Some([text, variables]) = given.as_array().map(Vec::as_slice) else {
        return (given.as_str().unwrap().to_owned(), BTreeMap::new());
    };
    let variables = variables.as_object().unwrap().iter().map(|(variable, value)| {
        let [condition, holds, not] = value["Fn::If"].as_array().unwrap().as_slice() else { panic!("{value}") };
        let (holds, not) = (holds.as_str().unwrap(), not.as_str().unwrap());
        assert!(holds != not && holds.len() == 1 && not.len() == 1, "{variable}");
        let condition = template.at(&format!("/Conditions/{}", condition.as_str().unwrap()));
        (condition["Fn::Equals"][0]["Ref"].as_str().unwrap().to_owned(), variable.clone())
    });
    (text.as_str().unwrap().to_owned(), variables.collect())
}

pub(super) fn longest_value(parameter: &Value) -> u64 {
    if let Some(values) = parameter["AllowedValues"].as_array() {
        return values.iter().map(|value| value.as_str().unwrap().len() as u64).max().unwrap();
    }
    let pattern = parameter["AllowedPattern"].as_str().unwrap_or_default();
    let bound = pattern.rsplit_once(',').and_then(|(_, bound)| bound.trim_end_matches('}').parse().ok());
    bound.unwrap_or_else(|| number(&parameter["MaxLength"]))
}

#[test]
fn the_hook_asks_each_release_for_the_self_test_in_events() {
    let sent = template().property("TrafficHook", "/Environment/Variables/SMOKE_EVENT/Fn::Sub");
    let sent = sent.as_str().unwrap().replace("${HookName}", "launchgate");
    assert_eq!(serde_json::from_str::<Value>(&sent).unwrap(), sample("self-test").unwrap());
    let expected = template().property("TrafficHook", "/Environment/Variables/SMOKE_EXPECT");
    assert_eq!(expected, r#"{"self-test":{"passed":true}}"#);
}
