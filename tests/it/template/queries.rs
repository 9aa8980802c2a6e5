//! Checks the queries of the dashboard and the saved ones: every field that they name is in the line that they read.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Value, json};

use super::dashboard::log_queries;
use super::{named, template, text};

const LINES: &str = "functions/launch-gate/src/telemetry";
/// Commands, functions and words of the query language.
const LANGUAGE: &str =
    "and as asc avg bin by count dedup desc fields filter in like limit max now or pct sort stats toMillis";
/// What Lambda's runtime writes into a line of its own form.
const OF_THE_RUNTIME: [&str; 1] = ["level"];

fn saved() -> Vec<(String, String)> {
    let template = template();
    let query = |name: &String| template.property(name, "/QueryString").as_str().unwrap().trim_end().to_owned();
    let names = template.resources("AWS::Logs::QueryDefinition");
    names.into_iter().map(|name| (name.clone(), query(&name))).collect()
}

fn fields_of(file: &str, structs: &str) -> BTreeSet<String> {
    let code = text(file);
    let body = Regex::new(&format!(r"(?s)struct (?:{structs})(?:<'a>)? \{{\n(.*?)\n\}}")).unwrap();
    let bodies: String = body.captures_iter(&code).map(|found| found[1].to_owned() + "\n").collect();
    named(r"(?m)^    (?:pub\(crate\) )?([a-z_]+): ", &bodies)
}

/// The fields of the line with this message.
fn fields(message: &str) -> BTreeSet<String> {
    assert!(text(&format!("{LINES}/names.rs")).contains(&format!("= \"{message}\";")), "no line is called {message}");
    let mut fields = fields_of(&format!("{LINES}/{message}_line.rs"), r"\w+Line");
    assert!(fields.contains("hook"), "{message}: {fields:?}");
    if fields.contains("deployments") {
        let each = fields_of("functions/launch-gate/src/facts.rs", "LaunchDeployment|FailedEvent");
        fields.extend(each.into_iter().map(|field| format!("deployments.0.{field}")));
    }
    fields
}

/// The words of a query that are neither texts, patterns, comments, aliases nor words of the language.
fn words_of(query: &str) -> BTreeSet<String> {
    let aliases = named(r"\bas (\w+)", query);
    let bare =
        Regex::new(r#"(?m)"[^"]*"|like /[^/]*/|^#.*$|\bbin\(5m\)"#).unwrap().replace_all(query, " ").into_owned();
    let language: BTreeSet<&str> = LANGUAGE.split(' ').collect();
    let words = named(r"([@A-Za-z_][\w.@]*)", &bare).into_iter();
    words
        .filter(|word| !language.contains(word.as_str()) && !aliases.contains(word) && !word.starts_with('@'))
        .collect()
}

#[test]
fn every_field_of_a_query_is_in_the_line_that_it_reads() {
    let queries: Vec<String> = saved().into_iter().map(|(_, query)| query).chain(log_queries()).collect();
    assert!(queries.len() > 8, "{queries:?}");
    for query in queries {
        let known = match named(r#"message = "([a-z-]+)""#, &query).first() {
            Some(message) => fields(message),
            None => OF_THE_RUNTIME.map(str::to_owned).into(),
        };
        let unknown: Vec<String> = words_of(&query).difference(&known).cloned().collect();
        assert!(unknown.is_empty(), "{unknown:?} in {query}");
    }
}

/// The rows and results that queries look for are what the core calls them.
#[test]
fn every_value_that_a_query_looks_for_exists() {
    let core = text("shared/lifecycle/src/decision.rs");
    for (_, query) in saved() {
        for rule in named(r#"rule = "([a-z]+)""#, &query) {
            assert!(core.contains(&format!("    {}{},", rule[..1].to_uppercase(), &rule[1..])), "{rule}");
        }
        for result in named(r#"decision = "([A-Z]+)""#, &query) {
            assert!(core.contains(&format!("=> \"{result}\"")), "{result}");
        }
    }
}

#[test]
fn the_table_of_what_is_held_is_the_saved_query() {
    let saved = saved();
    let (_, query) = saved.iter().find(|(name, _)| name == "WhatWaitsQuery").unwrap();
    assert!(log_queries().contains(query), "{query}");
}

/// After `dedup` a query may only have `limit` (aws-facts 22).
#[test]
fn nothing_but_a_limit_follows_a_dedup() {
    let last = Regex::new(r"^\w+\n\| limit \d+$").unwrap();
    for (name, query) in saved() {
        if let Some((_, after)) = query.split_once("| dedup ") {
            assert!(last.is_match(after), "{name}: {query}");
        }
    }
}

#[test]
fn the_saved_queries_are_told_of_and_read_the_logs_of_this_stack() {
    let (template, page) = (template(), text("docs/operations.md"));
    let names = template.resources("AWS::Logs::QueryDefinition");
    assert_eq!(names.len(), 6);
    for query in names {
        let name = template.property(&query, "/Name/Fn::Sub");
        let name = name.as_str().unwrap().strip_prefix("${AWS::StackName}/").unwrap().to_owned();
        assert!(page.contains(&format!("| {name} |")), "docs/operations.md does not tell of {name}");
        let groups = template.property(&query, "/LogGroupNames");
        let own = |group: &Value| {
            *group == json!({"Ref": "LaunchGateLogs"}) || *group == json!({"Ref": "ValidateServiceLogs"})
        };
        assert!(groups.as_array().unwrap().iter().all(own), "{query}");
    }
}
