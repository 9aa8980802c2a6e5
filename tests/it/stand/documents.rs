//! The SSM documents of this repository, and their parameters.

use std::collections::BTreeMap;
use std::fs;

use launchgate_tests::stack::repository;
use serde_json::Value;

/// A document of `documents/`, parsed.
pub(crate) fn document(name: &str) -> Value {
    let path = repository().join(format!("documents/{name}.yaml"));
    serde_yaml_ng::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The script of one step.
pub(crate) fn script(name: &str, step: &str) -> String {
    let document = document(name);
    let found = document["mainSteps"].as_array().unwrap().iter().find(|it| it["name"] == step).unwrap();
    let lines = found["inputs"]["runCommand"].as_array().unwrap();
    lines.iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Every parameter, as SSM fills in the defaults.
pub(crate) fn parameters(name: &str, given: &[(&str, &str)]) -> BTreeMap<String, String> {
    let document = document(name);
    let declared = document["parameters"].as_object().unwrap();
    let defaults = declared.iter().map(|(name, it)| (name.clone(), it["default"].as_str().unwrap().to_owned()));
    defaults.chain(given.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()))).collect()
}
