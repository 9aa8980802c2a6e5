//! Checks that each role permits the calls of its function's code and no others.

use std::collections::BTreeSet;

use launchgate_tests::stack::repository;
use regex::Regex;
use serde_json::{Value, json};

use super::{source, template, text, words};

/// What Lambda does in the function's name: it takes messages from the queues and writes the log. launch-gate takes
/// messages too, and lets some come at once.
const LAMBDAS_OWN: [&str; 6] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
];
/// The part of it that is for a function without a queue.
const ITS_LOG: [&str; 2] = ["logs:CreateLogStream", "logs:PutLogEvents"];

/// The actions that cannot be limited to a resource (aws-facts 9).
const WITHOUT_RESOURCE: [&str; 12] = [
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLifecycleHooks",
    "autoscaling:DescribeScalingActivities",
    "autoscaling:DescribeWarmPool",
    "codedeploy:BatchGetDeploymentTargets",
    "codedeploy:GetDeploymentTarget",
    "codedeploy:ListDeploymentTargets",
    "codedeploy:StopDeployment",
    "ssm:DescribeInstanceInformation",
    "ssm:GetCommandInvocation",
    "ssm:ListCommandInvocations",
];

/// A function, its role, and the code that makes its calls.
struct Function {
    role: &'static str,
    code: &'static str,
    lambdas_own: &'static [&'static str],
}

const FUNCTIONS: [Function; 3] = [
    Function { role: "LaunchGateRole", code: "functions/launch-gate/src", lambdas_own: &LAMBDAS_OWN },
    Function { role: "ValidateServiceRole", code: "functions/validate-service/src", lambdas_own: &ITS_LOG },
    Function { role: "TrafficHookRole", code: "functions/traffic-hook/src", lambdas_own: &ITS_LOG },
];

impl Function {
    /// Those of the role, and of the policies that a condition may leave out.
    fn statements(&self) -> Vec<Value> {
        let template = template();
        assert!(template.property(self.role, "/ManagedPolicyArns").is_null());
        let mut policies = template.property(self.role, "/Policies").as_array().unwrap().clone();
        let beside = template.resources("AWS::IAM::Policy").into_iter();
        let beside = beside.filter(|policy| template.property(policy, "/Roles") == json!([{ "Ref": self.role }]));
        policies.extend(beside.map(|policy| template.property(&policy, "")));
        let statements = policies.iter().map(|policy| policy["PolicyDocument"]["Statement"].clone());
        let statements = statements.flat_map(|statements| statements.as_array().unwrap().clone());
        let unconditional = |statement: Value| statement.pointer("/Fn::If/1").cloned().unwrap_or(statement);
        statements.map(unconditional).collect()
    }

    /// `.ssm.send_command()`, also over line breaks and through a getter: `ssm:SendCommand`.
    fn called(&self) -> BTreeSet<String> {
        let code = source(&repository().join(self.code));
        let services = "autoscaling|cloudwatch|codedeploy|lambda|ssm";
        let call = Regex::new(&format!(r"\.\s*({services})(?:\(\))?\s*\.\s*([a-z]+(?:_[a-z]+)+|invoke)\(")).unwrap();
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        let action = |name: &str| match name {
            // The one operation here whose action has another name.
            "invoke" => "InvokeFunction".to_owned(),
            name => name.split('_').map(capital).collect(),
        };
        call.captures_iter(&code).map(|found| format!("{}:{}", &found[1], action(&found[2]))).collect()
    }
}

fn statements() -> Vec<Value> {
    FUNCTIONS.iter().flat_map(Function::statements).collect()
}

#[test]
fn each_role_allows_what_the_code_calls_and_nothing_else() {
    for function in &FUNCTIONS {
        let statements = function.statements();
        let allowed: BTreeSet<_> = statements.iter().flat_map(|statement| words(&statement["Action"])).collect();
        let own = function.lambdas_own.iter().map(|action| (*action).to_owned());
        let needed: BTreeSet<_> = function.called().into_iter().chain(own).collect();
        let unused: Vec<_> = allowed.difference(&needed).collect();
        let missing: Vec<_> = needed.difference(&allowed).collect();
        assert!(unused.is_empty() && missing.is_empty(), "{}: {unused:?} unused, {missing:?} missing", function.role);
    }
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

/// AWS authorises the answer on the deployment group, though the list of resource types has none (aws-facts 9).
#[test]
fn a_traffic_hook_answers_for_deployment_groups() {
    let groups = "arn:${AWS::Partition}:codedeploy:${AWS::Region}:${AWS::AccountId}:deploymentgroup:*";
    let answers = "codedeploy:PutLifecycleEventHookExecutionStatus";
    let statements = FUNCTIONS[2].statements();
    let found = statements.iter().find(|statement| words(&statement["Action"]).contains(answers)).unwrap();
    assert_eq!(found["Resource"]["Fn::Sub"], groups);
    let example = text("examples/traffic-hook.yaml");
    let (_, found) = example.split_once(answers).unwrap();
    assert_eq!(found.lines().nth(1).unwrap().trim(), format!("Resource: !Sub {groups}"));
}

#[test]
fn commands_go_to_instances_and_with_this_stack_s_documents_only() {
    let sends = statements().into_iter().filter(|statement| words(&statement["Action"]).contains("ssm:SendCommand"));
    let mut resources: Vec<_> =
        sends.map(|statement| statement["Resource"]["Fn::Sub"].as_str().unwrap().to_owned()).collect();
    resources.sort();
    let prefix = |service| format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:");
    let document = |name: &str| prefix("ssm") + "document/${" + name + "}";
    // launch-gate runs both, validate-service the one that changes nothing.
    let instances = prefix("ec2") + "instance/*";
    let readiness = document("ReadinessDocument");
    assert_eq!(
        resources,
        [&instances, &instances, &document("InstallDocument"), &readiness, &readiness].map(Clone::clone)
    );
    let validates = FUNCTIONS[1].statements();
    assert!(!json!(validates).to_string().contains("InstallDocument"));
    let mends = template().property("RepairPermission", "/PolicyDocument/Statement");
    assert_eq!(mends[0]["Resource"]["Fn::Sub"], document("InstallDocument"));
}

/// What the statement of a queue's policy allows, and to whom.
fn assert_rules_alone_send(policy: &str, rules: &[&str]) {
    let statements = template().property(policy, "/PolicyDocument/Statement");
    let [statement] = statements.as_array().unwrap().as_slice() else { panic!("{policy}: {statements}") };
    assert_eq!(statement["Principal"], json!({"Service": "events.amazonaws.com"}), "{policy}");
    assert_eq!(statement["Action"], "sqs:SendMessage", "{policy}");
    let sources = statement["Condition"]["ArnEquals"]["aws:SourceArn"].clone();
    let sources = sources.as_array().cloned().unwrap_or_else(|| vec![sources]);
    let sources = sources.iter().map(|source| source.pointer("/Fn::If/1").unwrap_or(source)["Fn::GetAtt"].clone());
    let named: BTreeSet<String> = sources.map(|source| text_of(&source)).collect();
    assert_eq!(named, rules.iter().map(|rule| format!("{rule}.Arn")).collect(), "{policy}");
}

/// `Rule.Arn`, as text or as a list.
fn text_of(attribute: &Value) -> String {
    let parts = attribute.as_array().map(|parts| parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("."));
    parts.or_else(|| attribute.as_str().map(str::to_owned)).unwrap()
}

#[test]
fn only_the_rules_of_this_stack_write_to_its_queues() {
    let rules = template().resources("AWS::Events::Rule");
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    assert!(rules.len() > 4, "{rules:?}");
    assert_rules_alone_send("LaunchQueuePolicy", &rules);
    assert_rules_alone_send("DeadLetterQueuePolicy", &["LaunchRule"]);
    assert_eq!(template().resources("AWS::SQS::QueuePolicy").len(), 2);
}

#[test]
fn an_instance_may_ask_validate_service_and_nothing_else() {
    let statements = template().property("InvokeValidateService", "/PolicyDocument/Statement");
    let [statement] = statements.as_array().unwrap().as_slice() else { panic!("{statements}") };
    assert_eq!(
        (&statement["Action"], &statement["Resource"]["Ref"]),
        (&json!("lambda:InvokeFunction"), &json!("ValidateService.Alias"))
    );
}
