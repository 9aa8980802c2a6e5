//! The binaries that were built can run on Lambda.

use std::fs;

use launchgate_tests::stack::built;
use regex::Regex;
use serde_json::{Value, json};

const FUNCTIONS: [&str; 3] = ["LaunchGate", "ValidateService", "TrafficHook"];

fn binary(function: &str) -> Vec<u8> {
    fs::read(built().join(function).join("bootstrap")).expect("run `make build`")
}

/// provided.al2023 has glibc 2.34 (aws-facts 7.4); a binary linked on a newer system would not start there.
#[test]
fn the_binaries_need_no_newer_glibc_than_lambda_has() {
    let version = Regex::new(r"GLIBC_2\.([0-9]+)").unwrap();
    for function in FUNCTIONS {
        let binary = binary(function);
        let text = String::from_utf8_lossy(&binary);
        let minor = |found: regex::Captures<'_>| found[1].parse::<u32>().unwrap();
        let newest = version.captures_iter(&text).map(minor).max().unwrap();
        assert!(newest <= 34, "{function} needs glibc 2.{newest}");
    }
}

/// The machine that the ELF header names.
fn architecture(binary: &[u8]) -> &'static str {
    match (&binary[..4], u16::from_le_bytes([binary[18], binary[19]])) {
        (b"\x7fELF", 62) => "x86_64",
        (b"\x7fELF", 183) => "arm64",
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_template_offers_only_the_architecture_of_the_binaries() {
    let template = fs::read_to_string(built().join("template.yaml")).expect("run `make build`");
    let template: Value = serde_yaml_ng::from_str(&template).unwrap();
    for function in FUNCTIONS {
        let offered = &template["Parameters"]["Architecture"]["AllowedValues"];
        assert_eq!(offered, &json!([architecture(&binary(function))]), "{function}");
    }
}
