//! Shows the launches that both the gate and CodeDeploy hold: the end of the deployment, and what is reported about it.

use launchgate_tests::fleet::story::Story;
use launchgate_tests::fleet::{By, What};
use launchgate_tests::play::{End, Play};
use serde_json::Value;

/// Whether a launch of this story is held by both.
pub(crate) fn beside_gate(play: &Play, story: &Story) -> bool {
    let group = story.group.as_ref().and_then(|group| play.groups.get(group));
    group.is_some_and(|group| group.codedeploy && group.policy.is_some())
}

/// Prints them.
pub(crate) fn tell(play: &Play) {
    let ends = play.ends().0;
    let launches: Vec<_> = play.instances().zip(&ends).filter(|((_, story), _)| beside_gate(play, story)).collect();
    if launches.is_empty() {
        return;
    }
    println!("\nCodeDeploy beside the gate: each launch has a deployment, and two hooks to pass");
    for ((instance, story), end) in launches {
        println!("  {:<44}  {}", story.name, course(play, instance, tell_end) + &stopped(end));
        for line in reasons(play, instance) {
            println!("      {line}");
        }
    }
}

/// What this tells of an instance, in the order of time.
pub(crate) fn course(play: &Play, instance: &str, tell: fn(&What) -> Option<String>) -> String {
    let own = play.timeline.iter().filter(|entry| entry.instance == instance);
    let told = own.filter_map(|entry| {
        let what = tell(&entry.what)?;
        Some(format!("{} s {what}", entry.at.since(play.began).as_secs()))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// How the gate and `CodeDeploy` settle a launch.
pub(crate) fn tell_end(what: &What) -> Option<String> {
    match what {
        What::Completed { result, by: By::Token | By::Instance, .. } => Some(format!("the gate {result}")),
        What::Deployed { status, .. } => Some(format!("deployment {status}")),
        What::InService => Some("in service".to_owned()),
        What::Terminating { .. } => Some("terminating".to_owned()),
        What::Launched { .. }
        | What::Waits { .. }
        | What::Registered
        | What::RunSent { .. }
        | What::RunEnded { .. }
        | What::Repaired
        | What::Heartbeat { .. }
        | What::Completed { .. }
        | What::DefaultResult { .. }
        | What::HookDeleted { .. }
        | What::Deploys { .. }
        | What::AgentTakes { .. }
        | What::InPool { .. }
        | What::LeavesPool
        | What::Reboots
        | What::Died
        | What::Terminated => None,
    }
}

fn stopped(end: &End) -> String {
    match (end.deployment.as_deref(), end.to_stop) {
        (Some("Stopped"), Some(seconds)) => {
            format!(": {seconds:.1} s after the ABANDON (predicted: within 60), not after an hour")
        }
        _ => String::new(),
    }
}

/// What `CodeDeploy` itself says, and the function's line.
fn reasons(play: &Play, instance: &str) -> Vec<String> {
    let line = play.line(instance).and_then(|line| line.get("deployments"));
    let mut told: Vec<String> = Vec::new();
    for deployment in line.and_then(Value::as_array).into_iter().flatten() {
        let id = deployment.get("id").and_then(Value::as_str).unwrap_or_default();
        if let Some(tail) = play.log_tail(id, instance) {
            told.push(format!(
                "the log tail, as aws deploy get-deployment-target --deployment-id {id} --target-id {instance} has it:"
            ));
            told.extend(tail.lines().map(|line| format!("  | {line}")));
        }
        told.push(format!("the gate's line has \"deployments\": [{deployment}]"));
    }
    told
}
