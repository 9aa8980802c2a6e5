//! A fleet whose time is tokio's paused clock, for tests in which the function itself waits.

use std::sync::{Arc, Mutex};

use launchgate_tests::fleet::door::{self, Request};
use launchgate_tests::fleet::{Fleet, api};
use launchgate_tests::wire::{Answer, Remote, Sent};
use lifecycle::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

/// The fleet with its clock. As a [`Remote`] it answers every request at once.
pub(crate) struct Paused {
    fleet: Mutex<Fleet>,
    began: (Timestamp, Instant),
}

impl Paused {
    pub(crate) fn new(fleet: Fleet, now: Timestamp) -> Arc<Self> {
        Arc::new(Self { fleet: Mutex::new(fleet), began: (now, Instant::now()) })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.began.0 + self.began.1.elapsed()
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Fleet) -> T) -> T {
        let mut fleet = self.fleet.lock().unwrap();
        fleet.advance(self.now());
        act(&mut fleet)
    }

    /// Calls an operation as its caller would, and panics if AWS refuses it.
    pub(crate) fn call(&self, service: &str, operation: &str, members: &Value) -> Value {
        let answer = self.with(|fleet| api::call(fleet, self.now(), service, operation, members));
        answer.outcome.unwrap_or_else(|refused| panic!("{operation}: {refused:?}"))
    }

    /// Answers a request of the SDK.
    pub(crate) fn respond(&self, request: &Request) -> Answer {
        self.with(|fleet| door::answer(fleet, self.now(), request)).into()
    }
}

impl Remote for Paused {
    fn answer(&self, sent: &Sent) -> Answer {
        self.respond(&sent.request)
    }
}
