//! The laws about blue/green deployments. That a green launch is asked for no revision is held by the law that no healthy
//! instance is abandoned: green instances do not listen.

use launchgate_tests::fleet::CopiesHooks;

use super::{Broken, of_the_run};
use crate::run::Survived;
use crate::scene::Scene;

pub(crate) const GOES_ON: &str = "no blue/green deployment is stopped";
pub(crate) const TOLD_TRULY: &str = "only an ungated copy is told of";

/// What the gate did to a blue/green deployment, or told wrongly of its copy.
pub(super) fn of_the_copy(scene: &Scene, run: &Survived) -> Vec<Broken> {
    let stopped = run.stopped_blue_green.first().map(|id| of_the_run(GOES_ON, id.clone()));
    let copied = scene.green.as_ref().is_some_and(|green| green.copies_hooks != CopiesHooks::Never);
    let told = run.lines.iter().find(|line| line["message"] == "ungated-group");
    // A hook that was added or removed in the middle may have come too late for the copy.
    let wrongly = told.filter(|_| copied && scene.edit.is_none()).map(|line| of_the_run(TOLD_TRULY, line.to_string()));
    stopped.into_iter().chain(wrongly).collect()
}
