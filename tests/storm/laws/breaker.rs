//! The laws about the breaker. They judge by what happened to the instances, and not by what AWS tells of it.

use std::time::Duration;

use launchgate_tests::fleet::What;
use lifecycle::Timestamp;

use super::Broken;
use crate::run::Survived;
use crate::scene::Scene;

pub(crate) const UNASKED: &str = "no group is suspended that did not ask";
pub(crate) const ONLY_LAUNCH: &str = "only Launch is suspended";
pub(crate) const IN_A_ROW: &str = "a group is suspended after a row only";
pub(crate) const SUSPENDED: &str = "where everything fails is suspended";

/// From the read of the activities to the suspension, at worst.
const ON_THE_WAY: Duration = Duration::from_secs(30);
/// Within this time of a failure its look has judged the breaker.
const LOOK: Duration = Duration::from_secs(20);

/// What became of one launch.
struct Launched {
    began: Timestamp,
    succeeded: Option<Timestamp>,
    failed: Option<Timestamp>,
    /// Whether the gate ended it.
    abandoned: bool,
}

/// Every law about breakers that this run broke.
pub(super) fn of_suspensions(scene: &Scene, run: &Survived) -> Vec<Broken> {
    let mut found = Vec::new();
    let failures = scene.breaker.filter(|breaker| breaker.suspends).map(|breaker| breaker.failures);
    let launched = list_launched(run);
    for suspension in &run.suspensions {
        let what = format!("{}: {} {:?}", suspension.at, suspension.group, suspension.processes);
        let row = failures.is_some_and(|failures| was_row(&launched, scene, failures, suspension.at));
        if suspension.processes != ["Launch"] {
            found.push(broke(ONLY_LAUNCH, what.clone()));
        }
        match failures {
            None => found.push(broke(UNASKED, what)),
            Some(_) if suspension.group != "web" => found.push(broke(UNASKED, what)),
            Some(_) if !row => found.push(broke(IN_A_ROW, what)),
            Some(_) => (),
        }
    }
    found.extend(failures.and_then(|failures| missed(&launched, scene, run, failures)));
    found
}

fn broke(law: &'static str, what: String) -> Broken {
    Broken { law, instance: String::new(), what }
}

fn list_launched(run: &Survived) -> Vec<Launched> {
    let begun = run.entries.iter().filter(|entry| matches!(entry.what, What::Launched { .. }));
    let lives = begun.map(|launch| {
        let own = || run.entries.iter().filter(|entry| entry.instance == launch.instance);
        let when = |is: fn(&What) -> bool| own().find(|entry| is(&entry.what)).map(|entry| entry.at);
        let succeeded = when(|what| *what == What::InService);
        let failed = when(|what| matches!(what, What::Terminating { .. })).filter(|_| succeeded.is_none());
        let abandons = |what: &What| matches!(what, What::Completed { hook, result, .. } if hook == "launchgate" && result == "ABANDON");
        Launched { began: launch.at, succeeded, failed, abandoned: own().any(|entry| abandons(&entry.what)) }
    });
    lives.collect()
}

/// How many launches had failed in a row at a moment, and how many were open that had begun when the first of them ended.
/// Successes after `told` are not known yet.
fn count(launched: &[Launched], at: Timestamp, told: Timestamp, listed: Timestamp) -> (usize, usize) {
    let succeeded = || launched.iter().filter(|launch| launch.succeeded.is_some_and(|ended| ended <= told));
    let (last_began, last_ended) =
        (succeeded().map(|launch| launch.began).max(), succeeded().filter_map(|launch| launch.succeeded).max());
    let failed = launched.iter().filter(|launch| launch.failed.is_some_and(|ended| ended <= at));
    let row: Vec<_> = failed.filter(|launch| Some(launch.began) > last_began && launch.failed > last_ended).collect();
    let first = row.iter().filter_map(|launch| launch.failed).min();
    let has_ended = |launch: &Launched| launch.failed.or(launch.succeeded).is_some_and(|ended| ended <= at);
    let open =
        launched.iter().filter(|launch| Some(launch.began) <= first && launch.began <= listed && !has_ended(launch));
    (row.len(), open.count())
}

/// Whether a breaker of so many failures may have seen its row then. AWS may tell successes late, and list launches late.
fn was_row(launched: &[Launched], scene: &Scene, failures: usize, at: Timestamp) -> bool {
    let told = at - (scene.weather.activities_told_after + ON_THE_WAY);
    let listed = at - (scene.weather.activities_seen_after + ON_THE_WAY);
    let (row, open) = count(launched, at, told, listed);
    row >= failures && open <= row
}

/// The second look that saw a launch fail after the row was told, and in which nothing went wrong. By then the group must be
/// suspended.
fn missed(launched: &[Launched], scene: &Scene, run: &Survived, failures: usize) -> Option<Broken> {
    let late = scene.weather.activities_told_after + scene.weather.activities_seen_after + LOOK;
    let is_calm = |at: Timestamp| !run.troubles.iter().any(|trouble| *trouble >= at - LOOK && *trouble <= at + LOOK);
    let is_told = |at: Timestamp| {
        let before = at - late;
        let succeeds = |launch: &Launched| launch.succeeded.is_some_and(|ended| ended > before && ended <= at + LOOK);
        let (row, open) = count(launched, before, before, before);
        row >= failures && open <= row && !launched.iter().any(succeeds)
    };
    let ours = launched.iter().filter(|launch| launch.abandoned).filter_map(|launch| launch.failed);
    let mut looks: Vec<Timestamp> = ours.filter(|at| is_calm(*at) && is_told(*at)).collect();
    looks.sort();
    looks.dedup_by(|later, earlier| later.since(*earlier) < LOOK);
    let second = *looks.get(1)?;
    let is_suspended = run.suspensions.iter().any(|suspension| suspension.at <= second + LOOK);
    (!is_suspended).then(|| broke(SUSPENDED, format!("{second}: the launches go on")))
}
