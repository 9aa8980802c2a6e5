//! Shows the launches of a copied group: they come into service before they have the revision.

use launchgate_tests::fleet::What;
use launchgate_tests::play::Play;

use crate::codedeploy::{course, tell_end};

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
        println!("  {:<44}  {}", story.name, course(play, instance, tell_step));
    }
}

/// Where it was launched, when its deployment begins, and how it ends.
fn tell_step(what: &What) -> Option<String> {
    if let What::Launched { group, .. } = what {
        Some(format!("launched into {group}"))
    } else if let What::Deploys { .. } = what {
        Some("deployment begins".to_owned())
    } else {
        tell_end(what)
    }
}
