//! The role: what the code calls, and nothing else.

use std::collections::BTreeSet;

use launchgate_tests::stack::repository;
use regex::Regex;
use serde_json::{Value, json};

use super::{ROLE, source, template, words};

/// What Lambda does in the function's name: it takes messages from the queues and writes the log.
const LAMBDAS_OWN: [&str; 5] =
    ["logs:CreateLogStream", "logs:PutLogEvents", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];

/// The actions that cannot be limited to a resource (AWS-FACTS 9).
const WITHOUT_RESOURCE: [&str; 9] = [
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLifecycleHooks",
    "autoscaling:DescribeScalingActivities",
    "codedeploy:BatchGetDeploymentTargets",
    "codedeploy:ListDeploymentTargets",
    "codedeploy:StopDeployment",
    "ssm:DescribeInstanceInformation",
    "ssm:GetCommandInvocation",
    "ssm:ListCommandInvocations",
];

/// Those of the role, and of the policies that a condition may leave out.
fn statements() -> Vec<Value> {
    let template = template();
    assert!(template.property(ROLE, "/ManagedPolicyArns").is_null());
    let mut policies = template.property(ROLE, "/Policies").as_array().unwrap().clone();
    for policy in template.resources("AWS::IAM::Policy") {
        assert_eq!(template.property(&policy, "/Roles"), json!([{ "Ref": ROLE }]));
        policies.push(template.property(&policy, ""));
    }
    let statements = policies.iter().map(|policy| policy["PolicyDocument"]["Statement"].clone());
    statements.flat_map(|statements| statements.as_array().unwrap().clone()).collect()
}

/// `.ssm.send_command()`, also over line breaks and through a getter: `ssm:SendCommand`.
fn called() -> BTreeSet<String> {
    let code = source(&repository().join("shared/runtime/src"));
    let call = Regex::new(r"\.\s*(autoscaling|codedeploy|ssm)(?:\(\))?\s*\.\s*([a-z]+(?:_[a-z]+)+)\(").unwrap();
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let action = |name: &str| name.split('_').map(capital).collect::<String>();
    call.captures_iter(&code).map(|found| format!("{}:{}", &found[1], action(&found[2]))).collect()
}

#[test]
fn the_role_allows_what_the_code_calls_and_nothing_else() {
    let allowed: BTreeSet<_> = statements().iter().flat_map(|statement| words(&statement["Action"])).collect();
    let needed: BTreeSet<_> = called().into_iter().chain(LAMBDAS_OWN.map(str::to_owned)).collect();
    let unused: Vec<_> = allowed.difference(&needed).collect();
    let missing: Vec<_> = needed.difference(&allowed).collect();
    assert!(unused.is_empty() && missing.is_empty(), "unused: {unused:?}, missing: {missing:?}");
}

#[test]
fn only_actions_that_take_no_resource_have_them_all() {
    for statement in statements() {
        assert_eq!(statement["Effect"], "Allow");
        let everywhere = statement["Resource"] == "*";
        for action in words(&statement["Action"]) {
            assert_eq!(WITHOUT_RESOURCE.contains(&action.as_str()), everywhere, "{action}");
        }
    }
}

#[test]
fn commands_go_to_instances_and_with_this_stack_s_documents_only() {
    let sends = statements().into_iter().filter(|statement| words(&statement["Action"]).contains("ssm:SendCommand"));
    let mut resources: Vec<_> =
        sends.map(|statement| statement["Resource"]["Fn::Sub"].as_str().unwrap().to_owned()).collect();
    resources.sort();
    let prefix = |service| format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:");
    let document = |name: &str| prefix("ssm") + "document/${" + name + "}";
    assert_eq!(resources, [prefix("ec2") + "instance/*", document("InstallDocument"), document("ReadinessDocument")]);
    let mends = template().property("RepairPermission", "/PolicyDocument/Statement");
    assert_eq!(mends[0]["Resource"]["Fn::Sub"], document("InstallDocument"));
}
