//! The state that everything in a run shares: the fleet, the bus, the queue, the dice, and the paused clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use launchgate_tests::fleet::Fleet;
use launchgate_tests::fleet::door::Response;
use launchgate_tests::queue::{Delivery, Queue};
use lifecycle::Timestamp;
use lifecycle::event::Home;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::bus::Bus;
use crate::dice::Dice;
use crate::sabotage::{FirstAnswers, Sabotage};
use crate::weather::Weather;

/// The moment at which every run starts.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_789_372_800_000);

/// What may cost the gate a look, or part of one.
const BETWEEN: [&str; 8] = [
    "slow answer",
    "connection reset",
    "server error",
    "lost answer",
    "throttled call",
    "state behind",
    "stale ping",
    "crash",
];

/// The world of one run.
pub(crate) struct World {
    inner: Mutex<Inner>,
    pub(crate) weather: Weather,
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) woken: Notify,
    began: Instant,
}

/// One accepted `SuspendProcesses`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// When.
    pub at: Timestamp,
    /// Of which group.
    pub group: String,
    /// Which of its processes; all if there is none.
    pub processes: Vec<String>,
}

/// What changes.
pub(crate) struct Inner {
    pub(crate) fleet: Fleet,
    pub(crate) bus: Bus,
    pub(crate) queue: Queue,
    /// A queue of its own for nudges, in a comparison.
    pub(crate) nudges: Option<Queue>,
    pub(crate) dice: Dice,
    /// Every line that a gate wrote.
    pub(crate) lines: Vec<Value>,
    /// What happened, as text: the same for the same seed.
    pub(crate) timeline: Vec<String>,
    /// The last answer to each read, and when it was given.
    pub(crate) answers: BTreeMap<(String, Vec<u8>), (Timestamp, Response)>,
    /// The first answers, for the broken gates that believe them for ever.
    pub(crate) first_answers: FirstAnswers,
    pub(crate) lost_sweeps: Vec<Timestamp>,
    pub(crate) suspensions: Vec<Suspension>,
    /// What the owner of the group called, by operation.
    pub(crate) owners_calls: BTreeMap<String, u64>,
    /// What the owner deployed.
    pub(crate) owners_deployments: BTreeSet<String>,
    /// Faults that were met, by kind.
    pub(crate) met: BTreeMap<&'static str, u64>,
    /// When something went wrong between the gate and AWS.
    pub(crate) troubles: Vec<Timestamp>,
    /// The instances whose launch was told late, or not at all.
    pub(crate) untold: BTreeSet<String>,
}

impl Inner {
    /// Counts a fault and notes it.
    pub(crate) fn meet(&mut self, now: Timestamp, kind: &'static str, what: &str) {
        *self.met.entry(kind).or_default() += 1;
        if BETWEEN.contains(&kind) {
            self.troubles.push(now);
        }
        self.note(now, format!("{kind} {what}"));
    }

    pub(crate) fn note(&mut self, now: Timestamp, what: impl std::fmt::Display) {
        self.timeline.push(format!("{now}  {what}"));
    }

    /// Moves the fleet to now, and what it published onto the bus.
    fn advance(&mut self, now: Timestamp, weather: &Weather) {
        self.fleet.advance(now);
        for entry in self.fleet.take_timeline() {
            self.timeline.push(entry.to_string());
        }
        for event in self.fleet.take_events() {
            if self.dice.chance(weather.foreign_events) && event.text("detail-type").ends_with("Lifecycle Action") {
                self.meet(now, "foreign event", "");
                self.queue.send(from_elsewhere(&event.envelope, self.dice.chance(0.5)).to_string(), now);
            }
            let fates = self.bus.publish(now, &event.envelope, weather, &mut self.dice);
            if let Some(fate) = fates {
                self.meet(now, fate, event_name(&self.bus));
                let late = fate != "doubled event" || weather.late_events > 0.0;
                if event_name(&self.bus) == "launch" && late {
                    self.untold.insert(event.detail("EC2InstanceId").to_owned());
                }
            }
        }
        while let Some(body) = self.bus.arrived(now) {
            let is_nudge = body.contains("\"aws.ssm\"") || body.contains("\"aws.codedeploy\"");
            self.nudges.as_mut().filter(|_| is_nudge).unwrap_or(&mut self.queue).send(body, now);
        }
    }

    /// The messages that are left.
    pub(crate) fn has_messages(&self) -> bool {
        !self.queue.is_empty() || self.nudges.as_ref().is_some_and(|queue| !queue.is_empty())
    }

    /// When the first message is visible.
    pub(crate) fn next_message(&self) -> Option<Timestamp> {
        self.queue.next().into_iter().chain(self.nudges.as_ref().and_then(Queue::next)).min()
    }
}

/// The same launch in another Region or account, where the gate cannot look.
fn from_elsewhere(envelope: &Value, region: bool) -> Value {
    let mut event = envelope.clone();
    let changes = [
        if region { ("/region", "us-east-2") } else { ("/account", "111122223333") },
        ("/detail/EC2InstanceId", "i-0f0e0d0c0b0a09080"),
    ];
    for (pointer, text) in changes {
        event.pointer_mut(pointer).into_iter().for_each(|value| *value = text.into());
    }
    event
}

fn event_name(bus: &Bus) -> &'static str {
    bus.last_kind()
}

impl World {
    pub(crate) fn new(fleet: Fleet, bus: Bus, dice: Dice, weather: Weather, sabotage: Option<Sabotage>) -> Arc<Self> {
        let inner = Inner {
            fleet,
            bus,
            queue: Queue::new(Delivery::TEMPLATE),
            nudges: None,
            dice,
            lines: Vec::new(),
            timeline: Vec::new(),
            answers: BTreeMap::new(),
            first_answers: FirstAnswers::new(),
            lost_sweeps: Vec::new(),
            suspensions: Vec::new(),
            owners_calls: BTreeMap::new(),
            owners_deployments: BTreeSet::new(),
            met: BTreeMap::new(),
            troubles: Vec::new(),
            untold: BTreeSet::new(),
        };
        Arc::new(Self { inner: Mutex::new(inner), weather, sabotage, woken: Notify::new(), began: Instant::now() })
    }

    /// Where everything happens.
    pub(crate) fn home(&self) -> Home {
        self.with(|inner, _| {
            let settings = &inner.fleet.settings;
            Home { region: settings.region.clone(), account: settings.account.clone() }
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        START + self.began.elapsed()
    }

    /// Does something at this moment, after everything that is due. Who is not the loop of the run wakes it after.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Inner, Timestamp) -> T) -> T {
        let now = self.now();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.advance(now, &self.weather);
        let done = act(&mut inner, now);
        inner.advance(now, &self.weather);
        done
    }

    /// Lets time pass until something is due, or somebody did something.
    pub(crate) async fn wait(&self, next: Option<Timestamp>) {
        let span = next.map_or(Duration::from_mins(1), |next| next.since(self.now()));
        // A timer of tokio ends on the millisecond after.
        tokio::select! {
            biased;
            () = self.woken.notified() => {}
            () = tokio::time::sleep(span) => {}
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}
