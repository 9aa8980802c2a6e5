//! The laws about blue/green deployments. That a green launch is asked for no revision is held by the law that no healthy
//! instance is abandoned: green instances do not listen.

use std::time::Duration;

use launchgate_tests::fleet::{CopiesHooks, Entry};

use super::{Broken, Life, of_the_run};
use crate::run::{PROVISIONS_WITHIN, Survived};
use crate::scene::Scene;
use crate::world::START;

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

impl Life<'_> {
    /// Whether this is a green instance, and the deployment that copied its group had failed by then, because the green
    /// instances did not come into service in time. Then no revision comes any more, and the launch is like others.
    pub(super) fn gets_no_revision(&self, scene: &Scene, verdict: &Entry) -> bool {
        let Some(green) = &scene.green else { return false };
        let own = green.launches.iter().any(|launch| launch.title() == self.launch.title());
        own && verdict.at.since(START) >= PROVISIONS_WITHIN + Duration::from_secs(green.at)
    }
}
