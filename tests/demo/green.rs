//! Shows the launches of a copied group: they come into service before they have the revision.

use launchgate_tests::fleet::What;
use launchgate_tests::play::Play;

/// Prints them.
pub(crate) fn tell(play: &Play) {
    let green: Vec<_> = play.instances().filter(|(_, story)| play.is_green(story)).collect();
    if green.is_empty() {
        return;
    }
    println!(
        "\na green fleet: CodeDeploy copies the group, and deploys when all are in service. The policy asks for a port that\n\
         only the revision opens; the gate does not ask while the deployment runs"
    );
    for (instance, story) in green {
        println!("  {:<44}  {}", story.name, course(play, instance));
    }
}

fn course(play: &Play, instance: &str) -> String {
    let own = play.timeline.iter().filter(|entry| entry.instance == instance);
    let told = own.filter_map(|entry| {
        let what = match &entry.what {
            What::Launched { group, .. } => format!("launched into {group}"),
            What::Completed { result, .. } => format!("the gate {result}"),
            What::InService => "in service".to_owned(),
            What::Deploys { .. } => "deployment begins".to_owned(),
            What::Deployed { status, .. } => format!("deployment {status}"),
            What::Waits { .. }
            | What::Registered
            | What::AgentTakes { .. }
            | What::RunSent { .. }
            | What::RunEnded { .. }
            | What::Repaired
            | What::Heartbeat { .. }
            | What::DefaultResult { .. }
            | What::InPool { .. }
            | What::LeavesPool
            | What::Reboots
            | What::Died
            | What::Terminating { .. }
            | What::Terminated => return None,
        };
        Some(format!("{} s {what}", entry.at.since(play.began).as_secs()))
    });
    told.collect::<Vec<_>>().join(", ")
}
