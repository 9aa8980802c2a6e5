//! The state of the fleet, and the loop that lets time pass.

pub(crate) mod actions;
pub(crate) mod activities;
mod agent;
pub(crate) mod applications;
mod capacity;
mod chance;
pub(crate) mod codedeploy_settings;
pub(crate) mod commands;
mod content;
mod copies;
pub(crate) mod deployments;
pub(crate) mod documents;
pub(crate) mod events;
pub(crate) mod faults;
pub(crate) mod groups;
pub(crate) mod hooks;
pub(crate) mod instances;
pub(crate) mod invocations;
mod living;
mod moves;
pub(crate) mod parameters;
pub(crate) mod refused;
mod repairs;
mod runs;
mod schedule;
pub(crate) mod scripts;
pub(crate) mod settings;
pub(crate) mod sizes;
pub(crate) mod states;
pub(crate) mod steps;
pub(crate) mod tags;
pub(crate) mod timeline;
pub(crate) mod warm_pool;
mod waves;

use std::collections::{BTreeMap, BTreeSet};

use lifecycle::Timestamp;

use self::activities::Activity;
use self::applications::Application;
use self::chance::Chance;
use self::commands::Command;
use self::deployments::Deployment;
use self::deployments::revision::RevisionScript;
use self::deployments::traffic::HookCall;
use self::documents::Document;
use self::events::Event;
use self::faults::Faults;
use self::groups::Group;
use self::instances::Instance;
use self::schedule::{Due, Schedule};
use self::scripts::ScriptToRun;
use self::settings::Settings;
use self::timeline::{Entry, What};
use super::story::Stories;

/// How often an operation was called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Every call, whatever came of it.
    pub made: u64,
    /// Those that a token bucket refused.
    pub throttled: u64,
    /// Those that were refused for another cause.
    pub refused: u64,
}

/// The simulated part of AWS.
pub struct Fleet {
    /// How it behaves where AWS leaves it open, and how fast.
    pub settings: Settings,
    /// What goes wrong on purpose.
    pub faults: Faults,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) instances: BTreeMap<String, Instance>,
    pub(crate) documents: BTreeMap<String, Document>,
    pub(crate) commands: BTreeMap<String, Command>,
    pub(crate) activities: BTreeMap<u64, Activity>,
    pub(crate) applications: BTreeMap<String, Application>,
    pub(crate) deployments: BTreeMap<String, Deployment>,
    /// Every deployment, oldest first.
    pub(crate) deployment_order: Vec<String>,
    hook_calls: Vec<HookCall>,
    /// Every invocation there ever was, oldest first: (command, instance).
    pub(crate) invocations: Vec<(String, String)>,
    /// Every command, oldest first.
    pub(crate) command_order: Vec<String>,
    /// The instance that each lifecycle action token was given for.
    tokens: BTreeMap<String, String>,
    stories: Stories,
    chance: Chance,
    due: Schedule,
    now: Timestamp,
    launches: u64,
    refused_launches: u32,
    events: Vec<Event>,
    timeline: Vec<Entry>,
    told: usize,
    scripts: Vec<ScriptToRun>,
    revision_scripts: Vec<RevisionScript>,
    calls: BTreeMap<(String, String), Calls>,
    hooks_asked_for: BTreeSet<String>,
}

impl Fleet {
    /// An empty fleet: no group, no document, everything healthy.
    #[must_use]
    pub fn new(seed: u64, start: Timestamp) -> Self {
        Self {
            settings: Settings::default(),
            faults: Faults::default(),
            groups: BTreeMap::new(),
            instances: BTreeMap::new(),
            documents: BTreeMap::new(),
            commands: BTreeMap::new(),
            activities: BTreeMap::new(),
            applications: BTreeMap::new(),
            deployments: BTreeMap::new(),
            deployment_order: Vec::new(),
            hook_calls: Vec::new(),
            invocations: Vec::new(),
            command_order: Vec::new(),
            tokens: BTreeMap::new(),
            stories: Stories::default(),
            chance: Chance::new(seed),
            due: Schedule::default(),
            now: start,
            launches: 0,
            refused_launches: 0,
            events: Vec::new(),
            timeline: Vec::new(),
            told: 0,
            scripts: Vec::new(),
            revision_scripts: Vec::new(),
            calls: BTreeMap::new(),
            hooks_asked_for: BTreeSet::new(),
        }
    }

    /// The stories that the instances launched from now on live through, in order.
    pub fn tell(&mut self, stories: Stories) {
        self.stories = stories;
    }

    /// Runs everything that is due up to `now`, in the order of time.
    pub fn advance(&mut self, now: Timestamp) {
        while let Some((at, due)) = self.due.take(now) {
            self.now = self.now.max(at);
            self.happen(self.now, due);
        }
        self.now = self.now.max(now);
    }

    /// When something happens next by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.next()
    }

    /// How far the fleet has come.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The events published since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Everything that happened, in order.
    #[must_use]
    pub fn timeline(&self) -> &[Entry] {
        &self.timeline
    }

    /// What happened since the last call; [`Fleet::timeline`] keeps it all.
    pub fn take_timeline(&mut self) -> Vec<Entry> {
        let news = self.timeline.get(self.told..).unwrap_or_default().to_vec();
        self.told = self.timeline.len();
        news
    }

    /// The calls made, by service and operation.
    #[must_use]
    pub fn calls(&self) -> &BTreeMap<(String, String), Calls> {
        &self.calls
    }

    /// The hooks whose actions callers wanted to complete or to keep alive, whatever came of it.
    #[must_use]
    pub fn hooks_asked_for(&self) -> &BTreeSet<String> {
        &self.hooks_asked_for
    }

    pub(crate) fn asked_for_hook(&mut self, name: &str) {
        self.hooks_asked_for.insert(name.to_owned());
    }

    pub(crate) fn count_call(&mut self, service: &str, operation: &str, count: impl FnOnce(&mut Calls)) {
        count(self.calls.entry((service.to_owned(), operation.to_owned())).or_default());
    }

    /// A fresh id for an answer or an event.
    pub(crate) fn request_id(&mut self) -> String {
        self.chance.uuid()
    }

    fn note(&mut self, at: Timestamp, instance: &str, what: What) {
        self.timeline.push(Entry { at, instance: instance.to_owned(), what });
    }

    fn happen(&mut self, now: Timestamp, due: Due) {
        match due {
            Due::Step { instance, number } => self.step(now, &instance, number),
            Due::Heartbeat { token } => self.heartbeat_lapses(now, &token),
            Due::Registers { instance, session } => self.registers(now, &instance, session),
            Due::Reboots { instance } => self.reboots(now, &instance),
            Due::IsUp { instance } => self.is_up(now, &instance),
            Due::Dies { instance } => self.dies(now, &instance),
            Due::DeathSeen { instance } => self.death_is_seen(now, &instance),
            Due::Gone { instance } => drop(self.instances.remove(&instance)),
            Due::Balance { group } => self.balance(now, &group),
            Due::Deliver(run) => self.deliver(now, &run.command, &run.instance),
            Due::Begins(run) => self.turn_comes(now, &run.command, &run.instance),
            Due::WorkerMissed(run) => self.worker_missed(now, &run.command, &run.instance),
            Due::DeliveryEnds { command } => self.delivery_ends(now, &command),
            Due::StepEnds(run) => self.step_ends(now, &run.command, &run.instance),
            Due::StepTimesOut { run, step } => self.step_times_out(now, &run.command, &run.instance, step),
            Due::ExecutionEnds(run) => self.execution_ends(now, &run.command, &run.instance),
            Due::Cancelled(run) => self.cancelled(now, &run.command, &run.instance),
            Due::DeploysOnLaunch { instance, hook } => self.deploys_on_launch(now, instance, hook),
            Due::DeploymentHeartbeat { deployment } => self.deployment_heartbeat(now, deployment),
            Due::AgentAsks(event) => self.agent_asks(now, event),
            Due::EventEnds(event) => self.event_ends(now, event),
            Due::EventLost { event, stands } => self.event_lost(now, &event, stands),
            Due::HookUnanswered(event) => self.hook_unanswered(now, &event),
            Due::Green { deployment, step } => self.green_step(now, &deployment, step),
        }
    }
}
