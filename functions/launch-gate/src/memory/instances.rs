//! What is remembered of each instance whose launch is open.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lifecycle::Timestamp;
use lifecycle::event::{Destination, LaunchAction};
use lifecycle::identity::{InstanceId, Token};
use lifecycle::run::{Purpose, Run};

use crate::facts::OpenLaunch;

/// How long it is believed that an instance waits, or that a run on it is in progress: for one tick of 30 s, and not for two.
/// A death, or the end of a run of which no event told, is noticed at the second look.
pub(crate) const BELIEVED_FOR: Duration = Duration::from_secs(50);

/// For so long a list of runs may not show a run that SSM has accepted (aws-facts 6.4).
const LISTED_WITHIN: Duration = Duration::from_mins(1);

/// When the memory has grown to so many instances, it begins anew. Each takes less than a kilobyte.
const REMEMBERED: usize = 10_000;

/// What is remembered of each instance.
#[derive(Debug, Default)]
pub(crate) struct Instances(Mutex<BTreeMap<InstanceId, Known>>);

/// What is remembered of one instance. Each field is set only by what this process has seen itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// The lifecycle action, from its launch message; without its metadata, which the group has.
    pub(crate) action: Option<LaunchAction>,
    /// The last look after which its launch message comes back.
    pub(crate) looked: Option<Timestamp>,
    /// What the last look told of its launch.
    pub(crate) launch: Option<OpenLaunch>,
    /// When AWS last accepted a heartbeat.
    pub(crate) beat: Option<Timestamp>,
    /// When it was last seen to wait, and for what.
    pub(crate) waits: Option<(Timestamp, Destination)>,
    /// When SSM last heard from it.
    pub(crate) heard: Option<Timestamp>,
    /// The readiness run that was last seen in progress, and when.
    pub(crate) running: Option<(Timestamp, Run)>,
    /// The command of its newest run, if that is a readiness run.
    pub(crate) command: Option<String>,
    /// The runs that a list has shown, newest first, and when, if its launch message has not come to this process yet.
    pub(crate) listed: Option<(Timestamp, Vec<Run>)>,
    /// The run that this process has sent last. A list of runs may not show it yet.
    pub(crate) sent: Option<Run>,
    /// The readiness run that has reported ready. A report does not change, and no run follows it.
    pub(crate) ready: Option<Run>,
    /// Whether its launch message has come for the first time to this process, and no run was started or seen since.
    pub(crate) is_new: bool,
    /// Whether an event of SSM has told of it. Then the end of its run will mostly be told too.
    pub(crate) is_told: bool,
    /// Its last lifecycle action, if that needs no more looks.
    pub(crate) settled: Option<Settled>,
}

/// A lifecycle action that needs no more looks.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    /// Names the action.
    pub(crate) token: Option<Token>,
    /// If AWS has accepted a verdict of this process: where the instance was going, and when that was.
    pub(crate) accepted: Option<(Destination, Timestamp)>,
}

impl From<Settled> for Known {
    fn from(settled: Settled) -> Self {
        Self { settled: Some(settled), ..Self::default() }
    }
}

impl Instances {
    /// What is remembered of this instance.
    pub(crate) fn recall(&self, instance: &InstanceId) -> Known {
        self.read(instance, Known::clone)
    }

    /// One thing that is remembered of this instance.
    pub(crate) fn read<T>(&self, instance: &InstanceId, read: impl FnOnce(&Known) -> T) -> T {
        let instances = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        read(instances.get(instance).unwrap_or(&Known::default()))
    }

    /// Notes something about an instance.
    pub(crate) fn note(&self, instance: &InstanceId, change: impl FnOnce(&mut Known)) {
        let mut instances = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if instances.len() >= REMEMBERED {
            instances.clear();
        }
        change(instances.entry(instance.clone()).or_default());
    }

    /// Notes something about an instance whose launch is open.
    pub(crate) fn note_open(&self, instance: &InstanceId, change: impl FnOnce(&mut Known)) {
        let mut instances = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = instances.get_mut(instance).filter(|known| known.action.is_some()) {
            change(known);
        }
    }

    /// Notes the runs of an instance, newest first, as a list shows them now. Instances that may have no launch here do not
    /// drive out the others.
    pub(crate) fn note_listed(&self, instance: &InstanceId, runs: &[Run], now: Timestamp) {
        let mut instances = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if instances.len() < REMEMBERED / 2 || instances.contains_key(instance) {
            instances.entry(instance.clone()).or_default().note_listed(runs, now);
        }
    }

    /// How many launches are open, as far as this process knows.
    pub(crate) fn count_open(&self) -> usize {
        let instances = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        instances.values().filter(|known| known.action.is_some()).count()
    }

    /// Forgets an instance.
    pub(crate) fn forget(&self, instance: &InstanceId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(instance);
    }
}

impl Known {
    /// Notes the launch message of this action.
    pub(crate) fn open(&mut self, action: &LaunchAction, first: bool) {
        let mut listed = None;
        if self.action.as_ref().map(|known| &known.token) != Some(&action.token) {
            listed = self.listed.take();
            *self = Self { is_new: first, ..Self::default() };
        }
        self.action = Some(LaunchAction { metadata: None, ..action.clone() });
        if let Some((at, runs)) = listed {
            self.note_listed(&runs, at);
        }
    }

    /// Notes those runs of a list, newest first, that are of its launch. If its launch is not known yet, they are kept
    /// until it is: messages of one launch may come to several processes.
    fn note_listed(&mut self, runs: &[Run], at: Timestamp) {
        match &self.action {
            None if self.settled.is_some() => (),
            None => self.listed = Some((at, runs.to_vec())),
            Some(action) => {
                let (began, destination) = (action.began, action.destination);
                let own = |run: &&Run| run.requested >= began && is_for(run, destination);
                self.note_runs(&runs.iter().filter(own).collect::<Vec<_>>(), at);
            }
        }
    }

    /// Notes the runs of its lifecycle action, newest first, as they were seen now.
    pub(crate) fn note_runs(&mut self, runs: &[&Run], now: Timestamp) {
        let readiness = runs.iter().rev().filter(|run| run.purpose == Purpose::Readiness);
        let last = readiness.max_by_key(|run| run.report().map(|(at, _)| at));
        self.ready = last.filter(|run| run.report().is_some_and(|(_, report)| report.ready)).map(|run| (*run).clone());
        let newest = runs.first().filter(|run| run.purpose == Purpose::Readiness);
        self.command = newest.map(|run| run.command.clone());
        self.running = newest.filter(|run| run.is_in_progress()).map(|run| (now, (*run).clone()));
        self.is_new &= runs.is_empty();
    }

    /// The run that was sent last, while a list may not show it yet.
    pub(crate) fn sent_lately(&self, now: Timestamp) -> Option<&Run> {
        self.sent.as_ref().filter(|run| now.since(run.requested) < LISTED_WITHIN)
    }

    /// Notes that the run of this command has ended, as an event tells. A ready report of another run may be outdated by it.
    pub(crate) fn note_ended(&mut self, command: Option<&str>, now: Timestamp) {
        (self.is_told, self.heard, self.running) = (true, Some(now), None);
        self.ready = self.ready.take().filter(|run| Some(run.command.as_str()) == command);
    }

    /// Whether exactly this action was settled.
    pub(crate) fn has_settled(&self, token: Option<&Token>) -> bool {
        let settled = self.settled.as_ref().and_then(|settled| settled.token.as_ref());
        settled.is_some() && settled == token
    }

    /// Whether SSM has not heard from it, and it has no run: then its policy decides nothing.
    pub(crate) fn is_silent(&self) -> bool {
        self.heard.is_none() && self.ready.is_none() && self.running.is_none() && self.command.is_none()
    }

    /// Whether its launch is known, and no run of it.
    pub(crate) fn has_no_run(&self) -> bool {
        let seen = self.command.is_some() || self.ready.is_some() || self.running.is_some() || self.sent.is_some();
        self.action.is_some() && !seen
    }

    /// When the lifecycle action began.
    pub(crate) fn began(&self) -> Option<Timestamp> {
        self.action.as_ref().map(|action| action.began)
    }
}

fn is_for(run: &Run, destination: Option<Destination>) -> bool {
    run.destination.is_none() || destination.is_none() || run.destination == destination
}
