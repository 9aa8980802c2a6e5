//! Tests `examples/fleet.yaml`. Its user data really runs, with stand-ins for the commands that it calls. The stack is
//! deployed into ministack with its group in the fleet, where the release binary gates the launches.

mod as_code;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use launchgate_tests::play::Play;
use launchgate_tests::stack::repository;
use tempfile::TempDir;

/// More than a rehearsal takes on two busy cores.
const PATIENCE: Duration = Duration::from_mins(3);

/// What dnf says when another transaction holds the lock, and fails.
const LOCKED: &str = "echo \"error: can't create transaction lock on /var/lib/rpm/.rpm.lock \
    (Resource temporarily unavailable)\" >&2; exit 1";

fn user_data() -> String {
    let python = repository().join(".venv/bin/python");
    let script = Command::new(python)
        .arg(repository().join("tests/stack/user_data.py"))
        .arg(repository().join("examples/fleet.yaml"))
        .output()
        .unwrap();
    assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stderr));
    String::from_utf8(script.stdout).unwrap()
}

/// A command that notes its call and then does `then`.
fn stand_in(folder: &Path, name: &str, then: &str) {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\necho \"{name} $*\" >>\"{}/calls\"\n{then}\n", folder.display())).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs the user data where dnf does this; gives what it said and the calls that it made, one a line.
fn boot(dnf: &str) -> (Output, String) {
    let folder = TempDir::new().unwrap();
    stand_in(folder.path(), "dnf", dnf);
    for name in ["curl", "systemctl", "sleep"] {
        stand_in(folder.path(), name, "");
    }
    let ran = Command::new("sh")
        .args(["-c", &user_data()])
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()))
        .output()
        .unwrap();
    (ran, fs::read_to_string(folder.path().join("calls")).unwrap())
}

fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

#[test]
fn the_user_data_installs_java_and_leaves_the_agent_to_the_gate() {
    let (ran, calls) = boot("");
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(calls, "dnf --assumeyes --quiet install java-17-amazon-corretto-headless\n");
}

#[test]
fn the_user_data_outlasts_a_package_lock() {
    let (ran, calls) = boot(&format!("[ \"$(grep -c dnf \"${{0%/*}}/calls\")\" -gt 2 ] || {{ {LOCKED}; }}"));
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(calls.matches("dnf ").count(), 3);
    assert_eq!(calls.matches("sleep ").count(), 2);
    assert!(said(&ran).contains("installing Java failed, attempt 2; the package lock is free"), "{ran:?}");
}

#[test]
fn the_user_data_gives_up_inside_its_bound_and_says_at_what() {
    let (ran, calls) = boot(LOCKED);
    assert_eq!(ran.status.code(), Some(1));
    assert!(said(&ran).ends_with("user data: FAILED: installing Java, tried 12 times\n"), "{ran:?}");
    let pauses: Vec<u64> = calls.lines().filter_map(|call| call.strip_prefix("sleep ")?.parse().ok()).collect();
    assert_eq!(pauses.len(), 11);
    assert!(pauses.iter().all(|pause| (5..15).contains(pause)), "{pauses:?}");
}

/// Deploys the example beside Launchgate; its one instance lives this story.
async fn rehearse(story: &str, user_data: &str) -> Play {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("story.toml");
    fs::write(&path, story).unwrap();
    let mut play = Play::prepare(&path, &|_| ()).await.unwrap();
    let mut aws = play.stack.tool("aws");
    let stack = ["--stack-name", "example", "--capabilities", "CAPABILITY_IAM"];
    aws.args(["cloudformation", "deploy", "--template-file"]).arg(repository().join("examples/fleet.yaml")).args(stack);
    aws.args(["--parameter-overrides", &format!("UserData={user_data}")]);
    let deployed = aws.output().await.unwrap();
    let mut events = play.stack.tool("aws");
    events.args(["cloudformation", "describe-stack-events", "--stack-name", "example", "--output", "text"]);
    let events = events.output().await.unwrap().stdout;
    assert!(deployed.status.success(), "{deployed:?}\n{}", String::from_utf8_lossy(&events));
    let end = Instant::now() + PATIENCE;
    while !play.over() {
        play.pass(Duration::from_millis(200)).await.unwrap();
        let story: Vec<String> = play.timeline.iter().map(ToString::to_string).collect();
        assert!(Instant::now() < end, "not done in {PATIENCE:?}:\n{}", story.join("\n"));
    }
    play
}

#[tokio::test]
async fn the_example_s_first_instance_is_gated() {
    let story = "[[launch]]\nstory = \"user data installs Java\"\nregisters = 2\nboots = 6\nagent = [[0, \"missing\"]]\n\
        commands = { java = 4 }\nrepair_takes = 2\n";
    let play = rehearse(story, "script").await;
    let line = play.settled.values().next().unwrap();
    assert_eq!((&line["decision"], &line["repairs"]), (&"CONTINUE".into(), &0.into()), "{line}");
    assert_eq!((&line["started_agent"], &line["warnings"]), (&1.into(), &serde_json::json!([])), "{line}");
}

#[tokio::test]
async fn without_user_data_the_gate_installs_java_and_the_agent() {
    let story = "[[launch]]\nstory = \"a bare image\"\nregisters = 2\nboots = 3\nagent = [[0, \"missing\"]]\n\
        commands = { java = 20 }\nrepair_takes = 2\n";
    let play = rehearse(story, "none").await;
    let line = play.settled.values().next().unwrap();
    assert_eq!((&line["decision"], &line["repairs"]), (&"CONTINUE".into(), &1.into()), "{line}");
    assert_eq!(line["mended"][0]["codes"], serde_json::json!(["package-missing"]), "{line}");
    assert_eq!(line["started_agent"], 1, "{line}");
}

fn appspec() -> serde_json::Value {
    let text = fs::read_to_string(repository().join("examples/app/appspec.yml")).unwrap();
    serde_yaml_ng::from_str(&text).unwrap()
}

#[test]
fn the_application_s_hooks_stand_in_the_order_in_which_codedeploy_runs_them() {
    // Those of an in-place deployment without a load balancer that have scripts (aws-facts 4.1).
    let order = ["ApplicationStop", "BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService"];
    let text = fs::read_to_string(repository().join("examples/app/appspec.yml")).unwrap();
    let places: Vec<_> = order.iter().map(|event| text.find(&format!("\n  {event}:\n")).expect(event)).collect();
    assert!(places.is_sorted(), "{places:?}");
    let appspec = appspec();
    assert_eq!(appspec["hooks"].as_object().unwrap().len(), order.len());
    for event in order {
        let script = &appspec["hooks"][event][0];
        let path = repository().join("examples/app").join(script["location"].as_str().unwrap());
        let mode = fs::metadata(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions();
        assert_eq!(mode.mode() & 0o111, 0o111, "the agent cannot run {}", path.display());
        // All scripts of one event together have an hour (aws-facts 3.3).
        assert!(script["timeout"].as_u64().unwrap() <= 3600);
    }
    for file in appspec["files"].as_array().unwrap() {
        assert!(repository().join("examples/app").join(file["source"].as_str().unwrap()).exists(), "{file}");
    }
}

/// Otherwise one of them gives up while the next still works, and its reasons are lost. A last question may begin when the
/// script's patience ends.
#[test]
fn the_function_answers_before_the_script_gives_up_and_the_script_before_its_lifecycle_event() {
    let template = launchgate_tests::stack::template::Template::read().unwrap();
    let function = template.property("ValidateService", "/Timeout").as_u64().unwrap();
    let script = fs::read_to_string(repository().join("examples/app/scripts/validate_service.sh")).unwrap();
    let patience = script
        .lines()
        .find_map(|line| line.strip_prefix("patience=${LAUNCHGATE_PATIENCE:-")?.strip_suffix('}')?.parse::<u64>().ok())
        .unwrap();
    let event = appspec()["hooks"]["ValidateService"][0]["timeout"].as_u64().unwrap();
    assert!(function < patience && patience < event, "{function}, {patience}, {event} s");
}

/// The hook for one's own deployments can be given everything that the code reads, and may do what the code calls.
#[test]
fn the_example_of_a_traffic_hook_gives_it_all_that_it_reads() {
    let text = fs::read_to_string(repository().join("examples/traffic-hook.yaml")).unwrap();
    let code = fs::read_to_string(repository().join("functions/traffic-hook/src/config.rs")).unwrap();
    let read = regex::Regex::new(r#""([A-Z]+(?:_[A-Z]+)*)""#).unwrap();
    let code = code.split("#[cfg(test)]").next().unwrap();
    let names: std::collections::BTreeSet<_> = read.captures_iter(code).map(|found| found[1].to_owned()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
    for name in names {
        assert!(text.contains(&format!("          {name}: !Ref ")), "{name}");
    }
    assert!(text.contains("SSL_CERT_FILE: !If [HasHealthUrl, /etc/pki/tls/certs/ca-bundle.crt, !Ref AWS::NoValue]"));
    let stack = fs::read_to_string(repository().join("template.yaml")).unwrap();
    for action in
        ["GetDeployment", "BatchGetDeploymentTargets", "ListDeploymentTargets", "PutLifecycleEventHookExecutionStatus"]
    {
        assert!(text.contains(&format!("codedeploy:{action}")) && stack.contains(&format!("codedeploy:{action}")));
    }
}
