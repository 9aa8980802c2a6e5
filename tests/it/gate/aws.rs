//! AWS as a story has it: the fleet and the launch queue, which the gate's real SDK clients call in process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use launch_gate::Config;
use launch_gate::Gate;
use launchgate_tests::fleet::Fleet;
use launchgate_tests::queue::{Queue, door};
use launchgate_tests::wire::{Answer, Remote, Sent, Wire, settings};
use lifecycle::Timestamp;
use serde_json::Value;

use super::world::DELIVERY;
use crate::paused::Paused;

/// The name of the readiness document in the fleet.
pub(super) const DOCUMENT: &str = "readiness";

/// The fleet and the queue.
pub(super) struct Aws {
    pub(super) paused: Arc<Paused>,
    queue: Mutex<Queue>,
}

impl Aws {
    pub(super) fn new(fleet: Fleet, now: Timestamp, queue: Queue) -> Arc<Self> {
        Arc::new(Self { paused: Paused::new(fleet, now), queue: Mutex::new(queue) })
    }

    pub(super) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap()
    }
}

impl Remote for Aws {
    fn answer(&self, sent: &Sent) -> Answer {
        if door::operation(&sent.request).is_none() {
            return self.paused.respond(&sent.request);
        }
        door::answer(&mut self.queue(), self.paused.now(), &sent.request, || DELIVERY.tick).into()
    }
}

/// The gate with this AWS and its clock. It writes its lines to `lines`.
pub(super) fn gate(aws: &Arc<Aws>, lines: &Arc<Mutex<Vec<Value>>>) -> Gate {
    let variables = BTreeMap::from([
        ("READINESS_DOCUMENT", DOCUMENT),
        ("INSTALL_DOCUMENT", "install-agent"),
        ("BREAKER", "enabled"),
        ("TICK_SECONDS", "30"),
        ("QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/000000000000/launches"),
    ]);
    let config = Config::read(|name| variables.get(name).map(|value| (*value).to_owned())).unwrap();
    let (clock, written) = (Arc::clone(aws), Arc::clone(lines));
    Gate::new(
        config,
        &settings(Wire::to(aws), "launch-gate"),
        Arc::new(move || clock.paused.now()),
        Arc::new(move |line| written.lock().unwrap().push(serde_json::from_str(line).unwrap())),
    )
}
