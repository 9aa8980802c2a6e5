//! Checks the form and the bounds of the install document on which other parts rely.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::stand::documents::document;

fn steps() -> Vec<Value> {
    document("install-agent")["mainSteps"].as_array().unwrap().clone()
}

#[test]
fn the_steps_are_prepare_distributor_and_mend() {
    let named: Vec<_> = steps().iter().map(|step| (step["name"].clone(), step["action"].clone())).collect();
    let expected =
        [("prepare", "aws:runShellScript"), ("distributor", "aws:configurePackage"), ("mend", "aws:runShellScript")];
    assert_eq!(named, expected.map(|(name, action)| (Value::from(name), Value::from(action))));
    let inputs = &steps()[1]["inputs"];
    assert_eq!((&inputs["name"], &inputs["action"]), (&"AWSCodeDeployAgentV2".into(), &"Install".into()));
}

#[test]
fn the_document_is_small_enough_for_ssm_and_its_parameters() {
    assert!(document("install-agent").to_string().len() < 60_000);
}

/// The SSM Agent ends a step with KILL, and then there is no report: every wait and one attempt more must fit.
#[test]
fn a_step_ends_by_itself_before_the_ssm_agent_ends_it() {
    for (step, attempts) in [(0, 1), (2, 2)] {
        let timeout: u64 = steps()[step]["inputs"]["timeoutSeconds"].as_str().unwrap().parse().unwrap();
        let longest_wait = 600;
        let (attempt, start_of_the_agent) = (300, 60 + 2 * 60);
        assert!(timeout >= longest_wait + attempts * attempt + start_of_the_agent, "{timeout}");
    }
}

#[test]
fn every_parameter_is_bounded_and_goes_by_the_environment() {
    let document = document("install-agent");
    let parameters = document["parameters"].as_object().unwrap();
    // The order of a map depends on what else is built with it.
    assert_eq!(
        parameters.keys().collect::<BTreeSet<_>>(),
        BTreeSet::from(["agent", "packages", "waitSeconds"].map(str::to_owned).each_ref())
    );
    for (name, parameter) in parameters {
        assert_eq!(parameter["interpolationType"], "ENV_VAR", "{name}");
        let pattern = regex::Regex::new(parameter["allowedPattern"].as_str().unwrap()).unwrap();
        assert!(pattern.is_match(parameter["default"].as_str().unwrap()), "{name}");
        assert!(!pattern.is_match("x'; reboot; '"), "{name}");
    }
}
