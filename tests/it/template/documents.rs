//! Holds the parameters of the documents against those that the code sends, in this release and in the one before. During
//! a release the functions of both run the same document (CONTRIBUTING.md).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lifecycle::policy::Policy;
use regex::Regex;
use runtime::documents::Parameters;
use serde_json::{Value, json};

use super::text;

const READINESS: &str = "documents/readiness.yaml";
const INSTALL: &str = "documents/install-agent.yaml";

/// What the release before this one sends: the document, the parameter, and values that it may have.
const PREVIOUS: [(&str, &str, &[&str]); 12] = [
    (READINESS, "waitSeconds", &["0", "1", "60", "240", "300"]),
    (READINESS, "agent", &["required", "ignored"]),
    (READINESS, "repair", &["offered", "none"]),
    (READINESS, "userData", &["required", "ignored"]),
    (READINESS, "packages", &["jq", "libstdc++6 python3.11"]),
    (READINESS, "units", &["web", "getty@tty1.service db"]),
    (READINESS, "commands", &["java", "g++ x86_64-linux-gnu-gcc"]),
    (READINESS, "ports", &["80", "1 8080 65535"]),
    (READINESS, "url", &["http://localhost/", "https://[::1]:8443/health?deep=1"]),
    (INSTALL, "waitSeconds", &["15", "30", "60", "120", "240"]),
    (INSTALL, "agent", &["required", "ignored"]),
    (INSTALL, "packages", &["jq", "libstdc++6 python3.11"]),
];

fn parameters(document: &str) -> BTreeMap<String, Value> {
    let read: Value = serde_yaml_ng::from_str(&text(document)).unwrap();
    serde_json::from_value(read["parameters"].clone()).unwrap()
}

fn names(document: &str) -> BTreeSet<String> {
    parameters(document).into_keys().collect()
}

/// Every parameter that the code can send; it leaves out those that are empty.
fn sent() -> [(&'static str, BTreeSet<String>); 2] {
    let checks = json!({
        "packages": ["jq"], "units": ["web"], "commands": ["java"], "ports": [80], "url": "http://localhost/",
    });
    let policy = Policy::parse(&json!({"checks": checks}).to_string(), &Policy::default()).unwrap();
    let wait = Duration::from_mins(1);
    let named = |parameters: Parameters| parameters.to_request().into_keys().collect();
    [
        (READINESS, named(Parameters::of_readiness(&policy, true, wait))),
        (INSTALL, named(Parameters::of_repair(&policy, wait))),
    ]
}

#[test]
fn every_parameter_that_the_code_sends_is_in_its_document() {
    for (document, sent) in sent() {
        let names = names(document);
        assert!(sent.is_subset(&names), "{document}: {sent:?}");
        let before = PREVIOUS.iter().filter(|(of, ..)| *of == document).map(|(_, name, _)| (*name).to_owned());
        let needed: BTreeSet<String> = before.chain(sent).collect();
        assert_eq!(names, needed, "{document} has a parameter that neither release sends");
    }
}

/// A parameter that only the release before sends may be without a use.
#[test]
fn every_parameter_that_the_code_sends_is_used_by_its_script() {
    for (document, sent) in sent() {
        let read: Value = serde_yaml_ng::from_str(&text(document)).unwrap();
        let script = read["mainSteps"].to_string();
        for name in sent {
            assert!(script.contains(&format!("SSM_{name}")), "{document} does not use {name}");
        }
    }
}

/// The release before does not send a parameter that is new.
#[test]
fn every_parameter_has_a_default_that_its_document_accepts() {
    for document in [READINESS, INSTALL] {
        for (name, parameter) in parameters(document) {
            let default = parameter["default"].as_str().unwrap_or_else(|| panic!("{document}: {name} has no default"));
            assert!(accepts(&parameter, default), "{document}: {name}");
        }
    }
}

#[test]
fn the_documents_accept_what_the_release_before_sends() {
    for (document, name, values) in PREVIOUS {
        let parameters = parameters(document);
        let parameter = parameters.get(name).unwrap_or_else(|| panic!("{document} has no parameter {name}"));
        for value in values {
            assert!(accepts(parameter, value), "{document}: {name} {value}");
        }
    }
}

/// SSM takes documents of 64 KB. An SSM Agent that exports no parameters pastes their values into the text.
#[test]
fn a_document_with_its_longest_parameters_leaves_ten_of_sixty_four_kb() {
    let names = vec!["a".repeat(64); 16].join(" ");
    let values = [
        ("packages", names.clone()),
        ("units", names.clone()),
        ("commands", names),
        ("ports", ["65535"; 16].join(" ")),
        ("url", format!("https://localhost:65535/{}", "a".repeat(200))),
    ];
    for document in [READINESS, INSTALL] {
        let read: Value = serde_yaml_ng::from_str(&text(document)).unwrap();
        let length = read.to_string().len();
        assert!(length <= 48 * 1024, "{document} has {length} bytes as JSON");
        let parameters = parameters(document);
        let given = values.iter().filter_map(|(name, value)| Some((parameters.get(*name)?, value)));
        let longest: usize = given
            .map(|(parameter, value)| {
                assert!(accepts(parameter, value), "{document}: {value}");
                assert!(!accepts(parameter, &format!("{value}a{value}")), "{document}: more than {value}");
                value.len()
            })
            .sum();
        assert!(length + longest <= 54 * 1024, "{document} has {length} bytes and {longest} of parameters");
    }
}

fn accepts(parameter: &Value, value: &str) -> bool {
    Regex::new(parameter["allowedPattern"].as_str().unwrap()).unwrap().is_match(value)
}
