//! Checks the form and the bounds of the install document on which other parts rely.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::stand::documents::{document, script};

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

/// The number behind these words in a step's script.
fn number(step: &str, words: &str) -> u64 {
    let script = script("install-agent", step);
    let (_, rest) = script.split_once(words).unwrap_or_else(|| panic!("no {words}"));
    rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

/// How long installing goes on after the wait: for the packages, for the agent, and until what ignores TERM is killed.
fn installing() -> u64 {
    let limits = ["began + SSM_waitSeconds + ", "work_until=$((work_until + ", "exec timeout -k "];
    limits.map(|words| number("prepare", words)).iter().sum()
}

/// How long the start of the agent takes: what it waits, or a start that begins last of all, with the end of what ignores
/// TERM.
fn starting(step: &str) -> u64 {
    let [start_until, give_up] = ["start_until=$((now + ", "give_up_at=$((now + "].map(|words| number(step, words));
    give_up.max(start_until + (10 + 5) + (60 + 5)) + 5
}

/// Answers of metadata that come late, without a wait between them.
const METADATA: u64 = 30;

/// The SSM Agent ends a step with KILL, and then there is no report: every wait and what it does then must fit.
#[test]
fn a_step_ends_by_itself_before_the_ssm_agent_ends_it() {
    let longest_wait = 600;
    for (step, takes) in
        [(0, longest_wait + installing() + METADATA + starting("prepare")), (2, longest_wait + starting("mend"))]
    {
        let timeout: u64 = steps()[step]["inputs"]["timeoutSeconds"].as_str().unwrap().parse().unwrap();
        assert!(timeout >= takes + 60, "step {step}: {timeout} s, and it takes {takes} s");
    }
}

/// Distributor sleeps for up to 15 s, and tries for up to 54 s (aws-facts 17). If it never answers, the repair is lost.
#[test]
fn a_repair_ends_before_the_gate_gives_it_up() {
    let distributor = 15 + 54;
    let takes = installing() + METADATA + distributor + starting("mend");
    let (delivery, given_up) = (20, 12 * 60);
    assert!(takes.max(installing() + METADATA + starting("prepare")) + delivery <= given_up, "{takes}");
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
