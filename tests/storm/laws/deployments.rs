//! The laws about deployments and about CodeDeploy's own hook.

use std::time::Duration;

use launchgate_tests::fleet::{By, Entry, What};
use lifecycle::Timestamp;

use super::{Broken, Life, of_the_run};
use crate::run::Survived;
use crate::world::START;

pub(crate) const OWN_HOOK: &str = "CodeDeploy's hook is CodeDeploy's alone";
pub(crate) const OUTLIVES: &str = "no deployment outlives its launch";
pub(crate) const ALONE: &str = "only a dead launch's own is stopped";

/// A minute in which nothing went wrong between the gate and AWS is enough to stop a deployment.
const CALM: Duration = Duration::from_mins(1);
/// The 60th second, from which on a look first asks whether the instance still waits, and a tick.
const LOOKED_FOR: Duration = Duration::from_secs(90);
/// An invocation, and what came before it in the same batch.
const A_LOOK: Duration = Duration::from_secs(15);

/// What the gate did that it must leave to others.
pub(super) fn of_others(run: &Survived) -> Vec<Broken> {
    let asked = run.hooks_asked_for.iter().find(|hook| *hook != "launchgate").cloned();
    let entry = |wrong: fn(&Survived, &What) -> bool| run.entries.iter().find(move |entry| wrong(run, &entry.what));
    let touched = asked.or_else(|| entry(touches).map(ToString::to_string));
    let stopped = entry(stops_owners).map(ToString::to_string);
    let touched = touched.map(|what| of_the_run(OWN_HOOK, what));
    touched.into_iter().chain(stopped.map(|what| of_the_run(ALONE, what))).collect()
}

fn touches(_: &Survived, what: &What) -> bool {
    let (What::Completed { hook, by, .. } | What::Heartbeat { hook, by }) = what else { return false };
    hook != "launchgate" && *by != By::CodeDeploy
}

fn stops_owners(run: &Survived, what: &What) -> bool {
    is_stop(what, |deployment| run.owners_deployments.contains(deployment))
}

fn is_stop(what: &What, of: impl Fn(&str) -> bool) -> bool {
    matches!(what, What::Deployed { deployment, status } if status == "Stopped" && of(deployment))
}

impl Life<'_> {
    /// Whose launch goes on keeps its deployment.
    pub(super) fn stopped_in_life(&self) -> Option<(&'static str, String)> {
        let dead = |entry: &&&Entry| matches!(entry.what, What::Terminating { .. } | What::Died);
        let died = self.entries.iter().find(dead).map(|entry| entry.at);
        let alive = |entry: &&&Entry| died.is_none_or(|died| entry.at < died);
        let stop = self.entries.iter().filter(alive).find(|entry| is_stop(&entry.what, |_| true))?;
        Some((ALONE, stop.to_string()))
    }

    /// Nothing that `CodeDeploy` began for a launch runs on for a calm minute after we have abandoned it.
    pub(super) fn deployment_ends(&self, run: &Survived) -> Option<(&'static str, String)> {
        let (abandoned, _) = self.verdicts().find(|(_, result)| *result == "ABANDON")?;
        let begun = self.entries.iter().filter_map(|entry| {
            let What::Deploys { deployment } = &entry.what else { return None };
            let from = entry.at.max(abandoned.at).max(self.looked_for());
            (!run.owners_deployments.contains(deployment)).then_some((from, deployment))
        });
        let outlives = |(from, id): &(Timestamp, &String)| {
            calm_between(run, *from, self.ended(id, run)) && !self.is_forgotten(run, *from)
        };
        let (_, id) = begun.into_iter().find(outlives)?;
        Some((OUTLIVES, format!("{id} after {abandoned}")))
    }

    fn ended(&self, id: &str, run: &Survived) -> Timestamp {
        let end = |entry: &&&Entry| matches!(&entry.what, What::Deployed { deployment, .. } if deployment == id);
        self.entries.iter().find(end).map_or(START + Duration::from_secs(run.seconds), |entry| entry.at)
    }

    /// What went wrong at the verdict is made good by a look that finds the instance gone. SSM does not list one that is
    /// terminated; from the 60th second on each look asks first whether the instance still waits.
    fn looked_for(&self) -> Timestamp {
        self.entries.first().map_or(START, |entry| entry.at) + LOOKED_FOR
    }

    /// Nobody comes back to what went wrong where no message of the launch is left: it was lost or late, or was told as one
    /// that somebody else had ended, because AWS could not say how; or the owner said observe between the verdict of a nudge
    /// and the look of the launch message.
    fn is_forgotten(&self, run: &Survived, verdict: Timestamp) -> bool {
        let gone = self.settled.iter().any(|line| line["outcome"] == "gone" || line["outcome"] == "observed");
        let around = (verdict - A_LOOK)..=(verdict + CALM + CALM);
        (gone || run.untold.contains(self.instance)) && run.troubles.iter().any(|trouble| around.contains(trouble))
    }
}

/// How many of an abandoned launch's deployments ran on for more than a minute, excused or not.
pub(crate) fn outlived(run: &Survived) -> u64 {
    let abandons = |what: &What| matches!(what, What::Completed { hook, result, .. } if hook == "launchgate" && result == "ABANDON");
    let begun = |entry: &&Entry| matches!(&entry.what, What::Deploys { deployment } if !run.owners_deployments.contains(deployment));
    let outlives = |entry: &&Entry| {
        let own = || run.entries.iter().filter(|other| other.instance == entry.instance);
        let Some(verdict) = own().find(|other| abandons(&other.what)) else { return false };
        let What::Deploys { deployment: id } = &entry.what else { return false };
        let ends = |what: &What| matches!(what, What::Deployed { deployment, .. } if deployment == id);
        let ended = own().find(|other| ends(&other.what)).map(|other| other.at);
        ended.is_none_or(|ended| ended.since(verdict.at.max(entry.at)) > CALM)
    };
    run.entries.iter().filter(begun).filter(outlives).count() as u64
}

/// Whether a calm minute goes by in this time.
fn calm_between(run: &Survived, from: Timestamp, to: Timestamp) -> bool {
    let within = run.troubles.iter().copied().filter(|trouble| (from..=to).contains(trouble));
    let mut moments: Vec<Timestamp> = std::iter::once(from).chain(within).chain([to]).collect();
    moments.sort();
    from < to && moments.iter().zip(moments.iter().skip(1)).any(|(one, next)| next.since(*one) > CALM)
}
