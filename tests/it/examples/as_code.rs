//! Tests the groups of `examples/terraform` and `examples/cdk`: each has the hook of README.md in the group itself, and a
//! policy that the gate understands.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use launchgate_tests::stack::repository;
use lifecycle::policy::Policy;
use serde_json::{Value, json};

/// What stands in the place of whatever is computed.
const COMPUTED: &str = "${";

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn read_policy(text: &str) -> Policy {
    Policy::parse(text, &Policy::default()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// HCL as a parser of Terraform's language reads it.
fn parse_hcl(text: &str) -> Value {
    let mut python = Command::new(repository().join(".venv/bin/python"));
    python.arg(repository().join("tests/stack/hcl.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.stderr(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = python.wait_with_output().unwrap();
    assert!(said.status.success(), "{}\n{text}", String::from_utf8_lossy(&said.stderr));
    serde_json::from_slice(&said.stdout).unwrap()
}

/// The block of code of README.md in this language.
fn find_block(language: &str) -> String {
    let readme = read("README.md");
    let (_, block) = readme.split_once(&format!("```{language}\n")).unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

/// What a hook says beside its name and its policy.
const HOOK: [(&str, &str, Option<u64>); 3] = [
    ("lifecycle_transition", "autoscaling:EC2_INSTANCE_LAUNCHING", None),
    ("default_result", "ABANDON", None),
    ("heartbeat_timeout", "", Some(600)),
];

fn assert_hook_of_terraform(hook: &Value) {
    for (name, text, number) in HOOK {
        let told = number.map_or_else(|| json!(text), |number| json!(number));
        assert_eq!(hook[name], told, "{hook}");
    }
    assert!(hook["notification_metadata"].as_str().unwrap().starts_with("${jsonencode("), "{hook}");
    assert_eq!(hook.as_object().unwrap().len(), 5, "{hook}");
}

#[test]
fn the_terraform_example_has_the_hook_in_the_group() {
    let example = parse_hcl(&read("examples/terraform/main.tf"));
    let group = &example["resource"][0]["aws_autoscaling_group"]["web"];
    assert_hook_of_terraform(&group["initial_lifecycle_hook"][0]);
    let variable = |name: &str| {
        let variables = example["variable"].as_array().unwrap();
        variables.iter().find_map(|variable| variable.get(name)).unwrap_or_else(|| panic!("no variable {name}")).clone()
    };
    assert_eq!(variable("hook_name")["default"], "launchgate");
    read_policy(&variable("policy")["default"].to_string());
    for used in ["launch_template", "subnets"] {
        assert!(group.to_string().contains(&format!("{COMPUTED}var.{used}}}")), "{group}");
        assert!(variable(used)["description"].is_string());
    }
}

#[test]
fn the_terraform_of_the_readme_is_that_of_the_example() {
    let hook = &parse_hcl(&find_block("hcl"))["initial_lifecycle_hook"][0];
    assert_hook_of_terraform(hook);
    assert_eq!(hook["name"], "launchgate");
}

// --- the CDK -----------------------------------------------------------------------------------------------------------

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    let command = Command::new(program).args(arguments).current_dir(folder).output();
    command.unwrap_or_else(|error| panic!("{program}: {error}"))
}

/// A copy of the example with what npm installs for it. None where npm is not there, or has not installed it in two
/// minutes.
fn install() -> Option<PathBuf> {
    let folder = repository().join("target/cdk");
    fs::create_dir_all(&folder).unwrap();
    let lock = read("examples/cdk/package-lock.json");
    let same = fs::read_to_string(folder.join("package-lock.json")).is_ok_and(|installed| installed == lock);
    for entry in fs::read_dir(repository().join("examples/cdk")).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_some_and(|extension| extension == "ts" || extension == "json") {
            fs::copy(&entry, folder.join(entry.file_name().unwrap())).unwrap();
        }
    }
    // npm writes this file when it has installed everything.
    if same && folder.join("node_modules/.package-lock.json").exists() {
        return Some(folder);
    }
    Command::new("npm").arg("--version").output().ok()?;
    let npm = run(&folder, "timeout", &["120", "npm", "ci", "--no-audit", "--no-fund"]);
    npm.status.success().then_some(folder)
}

#[test]
fn the_cdk_example_synthesises_a_group_with_the_hook() {
    let Some(folder) = install() else {
        eprintln!("the CDK example was not synthesised: npm is not there, or does not have what it needs");
        return;
    };
    let compiled = run(&folder, "node_modules/.bin/tsc", &[]);
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stdout));
    let synthesised = run(&folder, "env", &["CDK_OUTDIR=cdk.out", "node", "build/app.js"]);
    assert!(synthesised.status.success(), "{}", String::from_utf8_lossy(&synthesised.stderr));
    let path = folder.join("cdk.out/GatedGroup.template.json");
    let template: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let group = resources.values().find(|resource| resource["Type"] == "AWS::AutoScaling::AutoScalingGroup").unwrap();
    let hook = &group["Properties"]["LifecycleHookSpecificationList"][0];
    assert_eq!((&hook["LifecycleHookName"], &hook["HeartbeatTimeout"]), (&json!("launchgate"), &json!(600)), "{hook}");
    assert_eq!(hook["LifecycleTransition"], "autoscaling:EC2_INSTANCE_LAUNCHING");
    assert_eq!(hook["DefaultResult"], "ABANDON");
    read_policy(hook["NotificationMetadata"].as_str().unwrap());
    let lint = run(&folder, repository().join(".venv/bin/cfn-lint").to_str().unwrap(), &[path.to_str().unwrap()]);
    assert!(lint.status.success(), "{}", String::from_utf8_lossy(&lint.stdout));
}

/// The compiler then finds a wrong key before the gate does.
#[test]
fn the_cdk_example_knows_every_key_of_the_policy() {
    let code = read("examples/cdk/gate.ts");
    let keys = regex::Regex::new(r#"(?m)^ +"([a-z_]+)" => "#).unwrap();
    for path in ["shared/lifecycle/src/policy.rs", "shared/lifecycle/src/policy/checks.rs"] {
        let text = read(path);
        let names: Vec<_> = keys.captures_iter(&text).map(|found| found[1].to_owned()).collect();
        assert!(names.len() > 4, "{path}: {names:?}");
        for name in names {
            assert!(code.contains(&format!(" {name}?: ")), "examples/cdk/gate.ts has no {name}");
        }
    }
}
