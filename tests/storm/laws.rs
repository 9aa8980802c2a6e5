//! The laws that must hold in every run, whatever goes wrong.

mod agent_last;
mod breaker;
mod deployments;
mod excuses;
mod green;
mod owner;

use std::collections::BTreeMap;

use launchgate_tests::fleet::{Entry, What};
use serde_json::Value;

pub(crate) use self::agent_last::LAST;
pub(crate) use self::breaker::{IN_A_ROW, ONLY_LAUNCH, SUSPENDED, UNASKED};
pub(crate) use self::deployments::{ALONE, OUTLIVES, OWN_HOOK, outlived};
pub(crate) use self::green::{GOES_ON, TOLD_TRULY};
pub(crate) use self::owner::{HELD, OBEYED};
use crate::run::Survived;
use crate::scene::{Edit, Fate, Launch, Scene};

/// What a healthy instance may need beyond its boot in the worst weather, in seconds: outages, lost messages, whole
/// looks that fail.
const PATIENCE: u64 = 420;

/// The SDK tries a call three times.
const ATTEMPTS: u64 = 3;
/// What a look asks for, whatever the number of instances: hooks, one page of each list, the activities, twice those for
/// a breaker, and its suspension.
const OF_A_LOOK: u64 = 8;
/// And for each: its share of the pages, two outputs, a run, a heartbeat or a verdict, each alone at worst.
const OF_AN_INSTANCE: u64 = 6;
/// And for each deployment: its targets, what became of them, its end.
const OF_A_DEPLOYMENT: u64 = 3;

/// After these an attempt may have been carried out unheard.
const DEAFENING: [&str; 4] = ["slow answer", "lost answer", "connection reset", "server error"];

/// A law that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub law: &'static str,
    /// By which instance.
    pub instance: String,
    /// What happened.
    pub what: String,
}

/// Every law that this run broke.
#[must_use]
pub fn broken(scene: &Scene, run: &Survived) -> Vec<Broken> {
    let mut found = Vec::new();
    for life in lives(scene, run) {
        for (law, what) in life.broken(scene, run) {
            found.push(Broken { law, instance: life.instance.to_owned(), what });
        }
    }
    found.extend(deployments::of_others(run));
    found.extend(breaker::of_suspensions(scene, run));
    found.extend(green::of_the_copy(scene, run));
    if !run.ended {
        found.push(of_the_run("everything comes to an end", format!("after {} s it had not", run.seconds)));
    }
    let of_an_instance = OF_AN_INSTANCE + if scene.codedeploy.is_some() { OF_A_DEPLOYMENT } else { 0 };
    let launched = run.entries.iter().filter(|entry| matches!(entry.what, What::Launched { .. })).count() as u64;
    let launched = launched.max(scene.count_launches());
    let budget = ATTEMPTS * run.bill.invocations * (OF_A_LOOK + of_an_instance * launched);
    let calls: u64 = run.calls.values().sum();
    if calls > budget {
        found.push(of_the_run("calls within budget", format!("{calls} calls, at most {budget}")));
    }
    if let Some(letter) = run.dead_letters.first() {
        found.push(of_the_run("no dead letters", letter.clone()));
    }
    found
}

fn of_the_run(law: &'static str, what: String) -> Broken {
    Broken { law, instance: String::new(), what }
}

/// What happened to one instance.
struct Life<'a> {
    instance: &'a str,
    launch: &'a Launch,
    entries: Vec<&'a Entry>,
    settled: Vec<&'a Value>,
    /// Whether a process may have died between a verdict and its line.
    crashes: bool,
    /// Whether an answer may not have been heard.
    deaf: bool,
}

fn lives<'a>(scene: &'a Scene, run: &'a Survived) -> Vec<Life<'a>> {
    let green = scene.green.iter().flat_map(|green| &green.launches);
    let by_title: BTreeMap<&str, &Launch> =
        scene.launches.iter().chain(green).map(|launch| (launch.title(), launch)).collect();
    let launched = run.entries.iter().filter_map(|entry| {
        let What::Launched { story, .. } = &entry.what else { return None };
        Some((entry.instance.as_str(), *by_title.get(story.as_str())?))
    });
    let settled = |instance: &str| {
        let own = |line: &&Value| line["message"] == "settled" && line["instance"] == instance;
        run.lines.iter().filter(own).collect()
    };
    let crashes =
        ["crash", "slow answer", "lost answer", "connection reset"].iter().any(|kind| run.met.contains_key(kind));
    let deaf = run.met.keys().any(|kind| DEAFENING.contains(kind)) || !scene.weather.outages.is_empty();
    launched
        .map(|(instance, launch)| Life {
            instance,
            launch,
            entries: run.entries.iter().filter(|entry| entry.instance == instance).collect(),
            settled: settled(instance),
            crashes,
            deaf,
        })
        .collect()
}

impl Life<'_> {
    fn broken(&self, scene: &Scene, run: &Survived) -> Vec<(&'static str, String)> {
        let laws =
            [self.healthy_lives(scene), self.unready_stays_out(), self.settled_in_time(scene, run), self.told_once()];
        let laws = laws.into_iter().chain([self.deployment_ends(run), self.stopped_in_life()]);
        let laws =
            laws.chain([self.owner_is_obeyed(scene), self.only_held_is_repaired(scene), self.agent_comes_last(scene)]);
        laws.flatten().collect()
    }

    fn verdicts(&self) -> impl Iterator<Item = (&Entry, &str)> {
        self.entries.iter().filter_map(|entry| {
            let What::Completed { hook, result, .. } = &entry.what else { return None };
            (hook == "launchgate").then_some((*entry, result.as_str()))
        })
    }

    /// A healthy instance is never abandoned.
    fn healthy_lives(&self, scene: &Scene) -> Option<(&'static str, String)> {
        let Fate::Ready(after) = self.launch.fate else { return None };
        if after + PATIENCE > scene.ready_within() {
            return None;
        }
        let (entry, _) = self.verdicts().find(|(_, result)| *result == "ABANDON")?;
        if self.gets_no_revision(scene, entry) {
            return None;
        }
        Some(("no healthy instance abandoned", entry.to_string()))
    }

    /// Every CONTINUE of ours follows a ready report of this very launch phase.
    fn unready_stays_out(&self) -> Option<(&'static str, String)> {
        let (entry, _) = self.verdicts().find(|(verdict, result)| *result == "CONTINUE" && !self.was_ready(verdict))?;
        Some(("no unready instance continued", entry.to_string()))
    }

    fn was_ready(&self, verdict: &Entry) -> bool {
        let before = self.entries.iter().filter(|entry| entry.at <= verdict.at);
        let since_wait = before.rev().take_while(|entry| !matches!(entry.what, What::Waits { .. }));
        since_wait
            .into_iter()
            .any(|entry| matches!(&entry.what, What::RunEnded { document, code: 0, .. } if document.starts_with("readiness")))
    }

    /// Our action never times out, unless its hook was removed. A hopeless launch may lapse where hardly any look comes
    /// to its end: nobody is harmed. For a healthy one that is no excuse.
    fn settled_in_time(&self, scene: &Scene, run: &Survived) -> Option<(&'static str, String)> {
        let healthy = matches!(self.launch.fate, Fate::Ready(_));
        if matches!(scene.edit, Some((_, Edit::Removed))) || !healthy && scene.weather.is_rough() {
            return None;
        }
        let lapsed = self.entries.iter().find(|entry| has_lapsed(entry))?;
        if self.is_excused(scene, run, lapsed.at) {
            return None;
        }
        Some(("every action settled before its time-out", lapsed.to_string()))
    }

    /// One line for each verdict. A process that dies between the two loses its line; one that never heard the answer
    /// says that it presumes.
    fn told_once(&self) -> Option<(&'static str, String)> {
        let verdicts = self.verdicts().count();
        let with = |outcome: &str| self.settled.iter().filter(|line| line["outcome"] == outcome).count();
        let (accepted, presumed) = (with("accepted"), with("presumed"));
        let lost = accepted + presumed < verdicts && !self.crashes;
        (accepted > verdicts || lost || presumed > 0 && !self.deaf).then(|| {
            ("exactly one line per verdict", format!("{accepted} accepted and {presumed} presumed of {verdicts}"))
        })
    }
}

/// Whether one of our actions was ended by its hook's time-out.
pub(crate) fn has_lapsed(entry: &Entry) -> bool {
    matches!(&entry.what, What::DefaultResult { hook, .. } if hook == "launchgate")
}
