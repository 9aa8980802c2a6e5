//! Checks what `make` does around `sam build` and `sam deploy`.

use std::fs;
use std::process::Command;

use launchgate_tests::stack::repository;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::text;

#[test]
fn a_built_template_offers_only_the_architecture_that_was_built() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("template.yaml");
    fs::copy(repository().join("template.yaml"), &path).unwrap();
    let python = Command::new(repository().join(".venv/bin/python"))
        .arg(repository().join("pin_architecture.py"))
        .arg(&path)
        .arg("arm64")
        .output()
        .unwrap();
    assert!(python.status.success(), "{python:?}");
    let built: Value = serde_yaml_ng::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let parameter = &built["Parameters"]["Architecture"];
    assert_eq!((&parameter["Default"], &parameter["AllowedValues"]), (&json!("arm64"), &json!(["arm64"])));
    assert_eq!(built["Parameters"]["HookName"]["Default"], "launchgate");
}

/// On the command line they replace all the parameters of the last deployment.
#[test]
fn make_deploy_keeps_the_parameters_of_the_last_deployment() {
    assert!(text("Makefile").contains("\n\t$(BIN)/sam deploy --guided\n"));
}

#[test]
fn make_deploy_says_what_it_costs_what_it_needs_and_how_it_is_removed_as_the_readme_does() {
    let (makefile, readme, operations) = (text("Makefile"), text("README.md"), text("docs/operations.md"));
    let told: Vec<_> = makefile.lines().filter(|line| line.starts_with("\t@echo") && line.contains('#')).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    for line in told {
        let page = line.split_once('(').unwrap().1.split_once(')').unwrap().0;
        assert!(readme.contains(&format!("]({page})")), "README.md does not lead to {page}");
    }
    let cost = "about 8 with 10 groups and 200 launches a day";
    assert!(makefile.contains(cost) && readme.contains(cost) && operations.contains("| together | about 8 |"));
}

/// Otherwise the hook is offered the name of the gate's stack, and its answers are saved over the gate's.
#[test]
fn the_example_of_a_traffic_hook_is_a_stack_of_its_own() {
    let command = "sam deploy --guided --stack-name NAME --s3-prefix NAME --config-env NAME";
    for page in ["examples/traffic-hook.yaml", "examples/README.md"] {
        assert!(text(page).contains(command), "{page}");
    }
}
