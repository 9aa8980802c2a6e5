//! Tests one launch for every finding code that a report can contain.

use std::collections::BTreeSet;

use launchgate_tests::fleet::What;
use launchgate_tests::fleet::story::{Stories, Story};
use launchgate_tests::stack::repository;
use lifecycle::report::Report;
use regex::Regex;
use serde_json::{Value, json};

use super::world::World;

fn file(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap()
}

fn stories() -> Vec<Story> {
    Stories::parse(&file("tests/stories/codes.toml")).unwrap().upcoming().cloned().collect()
}

/// The code that a title begins with.
fn told(story: &Story) -> String {
    story.name.split_once(": ").unwrap_or_else(|| panic!("{} names no code", story.name)).0.to_owned()
}

fn captures(text: &str, pattern: &str) -> BTreeSet<String> {
    Regex::new(pattern).unwrap().captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// What the scripts call their findings.
fn of_documents() -> BTreeSet<String> {
    let scripts = file("documents/readiness.yaml") + &file("documents/install-agent.yaml");
    captures(&scripts, r"(?:finding|agent_is) [^ ]+ ([a-z]+(?:-[a-z]+)+) (?:transient|repairable|fatal)")
}

/// The findings that docs/reasons.md explains.
fn explained() -> BTreeSet<String> {
    let page = file("docs/reasons.md");
    let findings = page.split("## Findings").nth(1).unwrap().split("## While a launch is open").next().unwrap();
    captures(findings, r"(?m)^\| `([a-z]+(?:-[a-z]+)+)`")
}

/// What the runs of this story's instance found, the first one first.
fn found(world: &World, story: &str) -> Vec<String> {
    let launched = |what: &What| matches!(what, What::Launched { story: told, .. } if told == story);
    let instance = &world.timeline.iter().find(|entry| launched(&entry.what)).unwrap().instance;
    let listed = world.call("ssm", "ListCommandInvocations", &json!({"InstanceId": instance, "Details": true}));
    let plugins = |run: &Value| run["CommandPlugins"].as_array().unwrap().clone();
    let plugins = listed["CommandInvocations"].as_array().unwrap().iter().rev().flat_map(plugins);
    let reports = plugins.filter_map(|step| Report::read(step["Output"].as_str()?));
    reports.flat_map(|report| report.findings.into_iter().map(|finding| finding.code)).collect()
}

#[test]
fn every_code_has_a_launch_and_an_explanation() {
    let stories: BTreeSet<String> = stories().iter().map(told).collect();
    let none = BTreeSet::new();
    assert_eq!(explained().difference(&stories).collect::<BTreeSet<_>>(), none.iter().collect(), "without a launch");
    assert_eq!(of_documents().difference(&stories).collect::<BTreeSet<_>>(), none.iter().collect(), "without a launch");
    assert_eq!(stories.difference(&explained()).collect::<BTreeSet<_>>(), none.iter().collect(), "not explained");
}

#[tokio::test(start_paused = true)]
async fn every_code_is_found_and_its_launch_ends_as_the_file_predicts() {
    let checks = json!({"packages": ["jdk"], "units": ["web"], "commands": ["java"], "ports": [8080],
                        "url": "http://127.0.0.1:8081/health"});
    let policy = json!({"ready_within": 300, "checks": checks});
    let mut world = World::new(&policy, &file("tests/stories/codes.toml"));
    let stories = stories();
    world.scale_out(u32::try_from(stories.len()).unwrap());
    world.settle().await;
    let ends = world.ends();
    for story in &stories {
        let found = found(&world, &story.name);
        assert!(found.contains(&told(story)), "{}: {found:?}\n{}", story.name, world.story());
        if let Some(expect) = &story.expect {
            let end = &ends[&story.name];
            assert_eq!((&end.result, &end.reason), (&expect.result, &expect.reason), "{}\n{found:?}", story.name);
        }
    }
    let lines: Vec<Value> = world.settled();
    assert_eq!(lines.len(), stories.len(), "one line each");
}
