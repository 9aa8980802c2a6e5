//! EventBridge with the rules of the template, and with a delivery that loses, doubles, delays and reorders events
//! (aws-facts 1.0, 7.3).

use std::collections::BTreeMap;
use std::time::Duration;

use launchgate_tests::stack::pattern::matches;
use launchgate_tests::stack::template::Template;
use lifecycle::Timestamp;
use serde_json::Value;

use crate::dice::Dice;
use crate::weather::Weather;

/// The names that the template's parameters have in a storm.
pub(crate) const REFS: [(&str, &str); 3] =
    [("HookName", "launchgate"), ("ReadinessDocument", "readiness"), ("InstallDocument", "install-agent")];

/// The rules, and the messages under way, ordered by arrival time and then by the order in which they were sent.
pub(crate) struct Bus {
    rules: Vec<Value>,
    under_way: BTreeMap<(Timestamp, u64), String>,
    sent: u64,
    last: &'static str,
}

impl Bus {
    /// A bus with the rules of the template, those of `BlueGreen` only if asked for.
    pub(crate) fn of_template(template: &Template, blue_green: bool) -> Self {
        let more = blue_green.then_some(("TellsUngated", "true"));
        let rules = template.event_patterns(&REFS.into_iter().chain(more).collect());
        Self { rules, under_way: BTreeMap::new(), sent: 0, last: "" }
    }

    /// Takes an event, if a rule wants it. Says what went wrong with it, if anything did.
    pub(crate) fn publish(
        &mut self,
        now: Timestamp,
        event: &Value,
        weather: &Weather,
        dice: &mut Dice,
    ) -> Option<&'static str> {
        if !self.rules.iter().any(|rule| matches(rule, event)) {
            return None;
        }
        self.last = kind(event);
        if dice.chance(weather.lost_events) {
            return Some("lost event");
        }
        let late = dice.chance(weather.late_events);
        let doubled = dice.chance(weather.doubled_events);
        for _ in 0..if doubled { 2 } else { 1 } {
            let delay = match (late, dice.chance(0.3)) {
                (true, true) => weather.very_late,
                (true, false) => dice.millis(1_000..=180_000),
                (false, _) => dice.millis(20..=800),
            };
            self.send(now + delay, event);
        }
        if doubled { Some("doubled event") } else { late.then_some("late event") }
    }

    /// The schedule speaks. Says whether it was lost.
    pub(crate) fn sweep(&mut self, now: Timestamp, event: &Value, weather: &Weather, dice: &mut Dice) -> bool {
        let lost = dice.chance(weather.lost_sweeps);
        if !lost {
            self.send(now + dice.millis(20..=800), event);
        }
        lost
    }

    fn send(&mut self, at: Timestamp, event: &Value) {
        self.sent += 1;
        self.under_way.insert((at, self.sent), event.to_string());
    }

    pub(crate) fn last_kind(&self) -> &'static str {
        self.last
    }

    pub(crate) fn arrived(&mut self, now: Timestamp) -> Option<String> {
        let first = self.under_way.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.under_way.keys().next().map(|(at, _)| *at)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }
}

fn kind(event: &Value) -> &'static str {
    match event.get("detail-type").and_then(Value::as_str).unwrap_or_default() {
        "EC2 Instance-launch Lifecycle Action" => "launch",
        "EC2 Command Invocation Status-change Notification" => "run ended",
        _ => "other",
    }
}

/// One minute: what the schedule of the template says.
pub(crate) const SWEEP: Duration = Duration::from_mins(1);
