//! Builds launch-gate with the real SDK clients, as one process of the function.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use launch_gate::Config;
use launch_gate::Gate;
use launchgate_tests::wire::{Wire, settings};
use lifecycle::Timestamp;
use runtime::clients::Clients;
use runtime::process::Clock;
use serde_json::Value;

use crate::world::World;

/// One process of the function.
pub(crate) struct Environment {
    pub(crate) gate: Gate,
    pub(crate) number: u64,
    clock: Clock,
}

impl Environment {
    /// The time by the clock of this process.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// The gate as the template configures it, with a clock that is `ahead - behind` off, in milliseconds.
pub(crate) fn gate(world: &Arc<World>, ahead: Duration, behind: u64, next: bool, number: u64) -> Environment {
    let variables = BTreeMap::from([
        ("READINESS_DOCUMENT", if next { "readiness-next" } else { "readiness" }),
        ("INSTALL_DOCUMENT", "install-agent"),
        ("BREAKER", "enabled"),
        ("TICK_SECONDS", "30"),
        ("QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/000000000000/launches"),
    ]);
    let config = Config::read(|name| variables.get(name).map(|value| (*value).to_owned()));
    let config = config.unwrap_or_else(|error| unreachable!("{error}"));
    let (clock, lines) = (Arc::clone(world), Arc::clone(world));
    let ahead = i64::try_from(ahead.as_millis()).unwrap_or(0) - i64::try_from(behind).unwrap_or(0);
    let clock: Clock = Arc::new(move || Timestamp::from_millis(clock.now().millis() + ahead));
    let gate = Gate::new(
        config,
        &settings(Wire::to(world), "launch-gate"),
        Arc::clone(&clock),
        Arc::new(move |line| {
            let line: Value = serde_json::from_str(line).unwrap_or_default();
            lines.with(|inner, now| {
                if let Some(told) = told(&line) {
                    inner.note(now, told);
                }
                inner.lines.push(line);
            });
        }),
    );
    Environment { gate, number, clock }
}

/// What a settling line says, for the timeline.
fn told(line: &Value) -> Option<String> {
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    (text("message")? == "settled")
        .then(|| ["instance", "decision", "reason", "outcome"].map(|name| text(name).unwrap_or_default()).join(" "))
        .map(|rest| format!("settled {rest}"))
}

/// The real clients.
pub(crate) fn clients(world: &Arc<World>) -> Clients {
    Clients::new(&settings(Wire::to(world), "launch-gate"))
}
