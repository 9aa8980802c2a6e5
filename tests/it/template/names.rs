//! Checks that names and environments fit, with the longest parameters that the template allows.

use regex::Regex;
use serde_json::{Value, json};

use super::releases::longest_value;
use super::{template, text};

/// All variables of a function together, names and values (aws-facts 7.4).
const ENVIRONMENT: u64 = 4096;
/// A function's name (aws-facts 7.4).
const FUNCTION: u64 = 64;
/// More than the name, URL or ARN of a resource of this stack has.
const RESOURCE: u64 = 300;
/// The longest name of this stack, as the documentation has it.
const STACK: u64 = 47;

/// The longest that a value of the template becomes.
fn longest(value: &Value) -> u64 {
    let length = |text: &str| text.len() as u64;
    if let Some(text) = value.as_str() {
        return length(text);
    }
    if let Some(name) = value["Ref"].as_str() {
        return longest_reference(name);
    }
    if let Some(text) = value["Fn::Sub"].as_str() {
        let references = Regex::new(r"\$\{([A-Za-z:]+)\}").unwrap();
        let more: u64 = references.captures_iter(text).map(|found| longest_reference(&found[1])).sum();
        return length(&references.replace_all(text, "")) + more;
    }
    if let Some(chosen) = value["Fn::If"].as_array() {
        return chosen.iter().skip(1).map(longest).max().unwrap();
    }
    assert!(value.get("Fn::GetAtt").is_some(), "{value}");
    RESOURCE
}

fn longest_reference(name: &str) -> u64 {
    if name == "AWS::StackName" {
        return STACK;
    }
    let parameter = template().at(&format!("/Parameters/{name}"));
    if parameter.is_null() { RESOURCE } else { longest_value(&parameter) }
}

#[test]
fn the_environment_of_each_function_fits_whatever_the_parameters_are() {
    let template = template();
    for function in template.resources("AWS::Serverless::Function") {
        let variables = template.property(&function, "/Environment/Variables");
        let variables: Vec<String> = variables.as_object().unwrap().keys().cloned().collect();
        let size = |name: &String| {
            name.len() as u64 + longest(&template.property(&function, &format!("/Environment/Variables/{name}")))
        };
        let size: u64 = variables.iter().map(size).sum();
        assert!(size <= ENVIRONMENT, "{function}: {size} bytes");
    }
}

#[test]
fn a_stack_name_of_the_documented_length_fits_and_a_longer_one_does_not() {
    let template = template();
    let names: Vec<Value> = template
        .resources("AWS::Serverless::Function")
        .iter()
        .map(|function| template.property(function, "/FunctionName"))
        .filter(|name| *name != json!(null))
        .collect();
    assert_eq!(names.iter().map(longest).max(), Some(FUNCTION), "{names:?}");
    let limit = format!("at most {STACK} characters");
    for page in ["template.yaml", "docs/operations.md"] {
        assert!(text(page).contains(&limit), "{page}");
    }
}
