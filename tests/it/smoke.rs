//! Rehearses `make smoke`: the very program of `tests/smoke`, against the local stack and the fleet.

mod left;
mod refusals;
mod rehearsal;

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use launchgate_tests::fleet::{CopiesHooks, Fault};
use serde_json::{Value, json};

use rehearsal::Rehearsal;

/// The instances in the order of their launches; all others have no agent, as one that nobody gates.
const STORIES: &str = r#"
[all]
registers = 2
boots = 4
agent = [[0, "missing"]]
repair_takes = 1

[[launch]]
story = "with user data"
commands = { java = 3 }

[[launch]]
story = "bare"
commands = { java = 6 }

[[launch]]
story = "no role"
registers = "never"

[[launch]]
story = "agent last"
commands = { java = 3 }

[default]
story = "nobody installs the agent"
"#;

const ONE: &str = r#"
[default]
story = "with user data"
registers = 2
boots = 4
agent = [[0, "missing"]]
commands = { java = 3 }
"#;

/// The launches of an account, where the shortest deadline is as short as a policy may have it.
fn kinds() -> Value {
    let text = fs::read_to_string(rehearsal::folder().join("kinds.json")).unwrap();
    let mut kinds: Value = serde_json::from_str(&text).unwrap();
    kinds[2]["policy"] = json!({"ready_within": 30});
    kinds
}

fn with_user_data() -> Value {
    json!([kinds()[0]])
}

#[tokio::test]
async fn all_predictions_are_met_and_the_open_questions_answered() {
    let rehearsal = Rehearsal::start(STORIES, &kinds()).await;
    rehearsal.fleet.with(|fleet| {
        fleet.settings.codedeploy.silent_agent = Duration::from_secs(7);
        fleet.settings.codedeploy.agent_asks_every = Duration::from_secs(2);
    });
    let (code, said) = rehearsal.run(&["--yes", "--ask", "blue-green"]).end().await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("all predictions met") && said.contains("nothing is left"), "{said}");
    let report = rehearsal.read("report.md");
    for answer in [
        "silent agent at a launch?** 7 s from the deployment's creation to its end: Failed: HEALTH_CONSTRAINTS",
        "lag in a deployment by tag?** a deployment that was begun",
        "in the quiet launch queue?** median ",
        "copy a custom launch hook?** not copied until an instance was in service",
        "what is its payload?** sent for EC2 instances",
        "event too?** yes: ",
        "abandoned launch say?** StatusCode Failed",
        "| no-role | ABANDON: ssm-not-registered in 200 s | ABANDON: ssm-not-registered |",
    ] {
        assert!(report.contains(answer), "{answer}:\n{report}");
    }
    let timeline: Value = serde_json::from_str(&rehearsal.read("timeline.json")).unwrap();
    let rows = |lane: usize| timeline["lanes"][lane]["rows"].as_array().unwrap().len();
    assert_eq!((rows(0), rows(1)), (4, 1), "{timeline}");
    assert_eq!(timeline["lanes"][0]["rows"][2]["end"], "ABANDON: ssm-not-registered");
    assert_eq!(rehearsal.left().await, BTreeSet::new());
}

/// Beside it, the other answers: a hook that is copied, a tag that lags, a question that cannot be asked.
#[tokio::test]
async fn a_wrong_prediction_fails_and_is_told_with_the_whole_line() {
    let mut kinds = with_user_data();
    kinds[0]["predicted"]["reason"] = json!(["agent-missing"]);
    let mut rehearsal = Rehearsal::start(ONE, &kinds).await;
    rehearsal.tags_lag = Duration::from_secs(1);
    rehearsal.fleet.with(|fleet| fleet.settings.codedeploy.copies_hooks = CopiesHooks::WithTheGroup);
    let (code, said) = rehearsal.run(&["--yes", "--ask", "blue-green", "--skip", "quiet-queue"]).end().await;
    assert_eq!(code, 1, "{said}");
    for answer in [
        "at a launch?** not asked: no launch of the kind agent-last came into service",
        "in the quiet launch queue?** not asked",
        "copy a custom launch hook?** copied with its NotificationMetadata; first seen when the copy had ",
    ] {
        assert!(said.contains(answer), "{answer}:\n{said}");
    }
    assert!(!said.contains("had the instance; 0 before it had none"), "{said}");
    for told in [
        "PREDICTION FAILED: with-user-data (user data installs Java, the gate installs the agent)",
        "  reason: predicted agent-missing, seen ready",
        "\"seconds_to_ready\"",
        "nothing is left",
    ] {
        assert!(said.contains(told), "{told}:\n{said}");
    }
    assert!(!said.contains("all predictions met"), "{said}");
    assert_eq!(rehearsal.left().await, BTreeSet::new());
}

#[tokio::test]
async fn after_ctrl_c_in_the_middle_nothing_is_left() {
    let rehearsal = Rehearsal::start_without_gate(ONE, &with_user_data()).await;
    let mut run = rehearsal.run(&["--yes"]);
    run.until("is launched").await;
    assert!(rehearsal.left().await.len() > 5, "the run has created nothing");
    run.interrupt();
    // Only a second ctrl-C ends the removal.
    run.until("removing what this run has created").await;
    run.hang_up();
    let (code, said) = run.end().await;
    assert_eq!(code, 130, "{said}");
    assert!(said.contains("interrupted: no report") && said.contains("nothing is left"), "{said}");
    assert_eq!(rehearsal.left().await, BTreeSet::new());
}

#[tokio::test]
async fn a_second_ctrl_c_tells_what_is_left_and_the_commands_that_remove_it() {
    let rehearsal = Rehearsal::start_without_gate(ONE, &with_user_data()).await;
    // So the second one comes while CloudFormation removes the example.
    let slow = Fault::Slow { call: "DeleteAutoScalingGroup".into(), by: Duration::from_secs(20) };
    rehearsal.fleet.with(|fleet| fleet.faults.add(slow));
    let mut run = rehearsal.run(&["--yes"]);
    run.until("launching 1 instances").await;
    run.interrupt();
    run.until("removing stack launchgate-smoke-with-user-data").await;
    run.interrupt();
    let (code, said) = run.end().await;
    assert_eq!(code, 130, "{said}");
    assert!(
        said.contains("THIS IS LEFT") && said.contains("  bucket launchgate-smoke-000000000000-us-east-1"),
        "{said}"
    );
    assert!(said.contains("aws s3 rb --force s3://launchgate-smoke-000000000000-us-east-1"), "{said}");
    assert_ne!(rehearsal.left().await, BTreeSet::new());
    rehearsal.fleet.with(|fleet| fleet.faults.clear());
    let refused = rehearsal.remove_by_hand("111122223333").await;
    let why = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && why.contains("Nothing was removed"), "{refused:?}");
    assert_ne!(rehearsal.left().await, BTreeSet::new());
    let told = rehearsal.remove_by_hand("000000000000").await;
    assert!(told.status.success(), "{told:?}");
    assert_eq!(rehearsal.left().await, BTreeSet::new());
}

#[test]
fn a_report_has_neither_the_account_id_nor_the_name_of_the_caller() {
    let caller = "arn:aws:sts::123456789012:assumed-role/Admin/jane@example.org";
    let told = format!(
        "arn:aws:sns:eu-west-1:123456789012:x 1796098964416 i-0edc74d61a39a4d0d 210987654321 {caller} \
         assumed-role/Admin/jane@example.org"
    );
    let script =
        "import sys; sys.path.insert(0, sys.argv[1]); import report; print(report.mask(*sys.argv[2:]), end='')";
    let python = launchgate_tests::stack::repository().join(".venv/bin/python");
    let mut python = std::process::Command::new(python);
    let masked = python
        .args(["-B", "-c", script])
        .arg(rehearsal::folder())
        .args([told.as_str(), "123456789012", caller])
        .output()
        .unwrap();
    let masked = String::from_utf8(masked.stdout).unwrap();
    assert_eq!(
        masked,
        "arn:aws:sns:eu-west-1:000000000000:x 1796098964416 i-0edc74d61a39a4d0d 000000000000 CALLER CALLER"
    );
}
