//! When a lapsed lifecycle action is nobody's fault.

use std::time::Duration;

use launchgate_tests::fleet::What;
use lifecycle::Timestamp;
use serde_json::Value;

use super::Life;
use crate::outage::Outage;
use crate::run::Survived;
use crate::scene::{Edit, Scene};
use crate::world::START;

/// A look before the deadline and one after it.
const AROUND_THE_DEADLINE: Duration = Duration::from_mins(2);

impl Life<'_> {
    /// Whether the world left no way to settle the action that lapsed then.
    pub(super) fn is_excused(&self, scene: &Scene, run: &Survived, lapsed: Timestamp) -> bool {
        let observed = scene.observed_from().is_some_and(|from| lapsed > START + Duration::from_secs(from));
        observed
            || was_away(scene, lapsed, run.untold.contains(self.instance))
            || was_forgotten(scene, run, lapsed)
            || self.was_refused_at_its_deadline(scene, lapsed)
    }

    /// What AWS refuses is never a verdict, and a launch whose deadline has passed gets no more heartbeats. So an outage
    /// at the deadline may last until the hook's own time-out.
    fn was_refused_at_its_deadline(&self, scene: &Scene, lapsed: Timestamp) -> bool {
        let waits = |what: &What| matches!(what, What::Waits { .. });
        let began = self.entries.iter().rfind(|entry| waits(&entry.what) && entry.at <= lapsed);
        let Some(began) = began.map(|entry| entry.at) else { return false };
        let deadline = began + Duration::from_secs(ready_within_at(scene, lapsed));
        let from = deadline.since(START).saturating_sub(AROUND_THE_DEADLINE).as_secs();
        let to = lapsed.since(START).as_secs();
        to >= from && scene.weather.outages.iter().any(|outage| outage.within(from, to) > 0)
    }
}

/// Seconds that the policy gives an instance, as it is at this moment.
fn ready_within_at(scene: &Scene, moment: Timestamp) -> u64 {
    let edited = match &scene.edit {
        Some((at, Edit::Policy(policy))) if START + Duration::from_secs(*at) <= moment => policy.get("ready_within"),
        Some((_, Edit::Policy(_) | Edit::Added | Edit::Removed)) | None => None,
    };
    edited.and_then(Value::as_u64).unwrap_or(scene.ready_within())
}

/// Whether two sweeps were lost, or fell into an outage, within the heartbeat time-out before this moment. For an action
/// whose own message was lost too, nobody was left to send a heartbeat.
fn was_forgotten(scene: &Scene, run: &Survived, lapsed: Timestamp) -> bool {
    let at = lapsed.since(START).as_secs();
    let from = at.saturating_sub(scene.heartbeat);
    let lost = |minute: &u64| run.lost_sweeps.iter().any(|sweep| sweep.since(START).as_secs() / 60 == *minute);
    let away = |minute: &u64| {
        scene.weather.outages.iter().any(|outage| outage.stops_heartbeats(true) && outage.is_at(minute * 60))
    };
    (from.div_ceil(60)..=at / 60).filter(|minute| lost(minute) || away(minute)).count() >= 2
}

/// Whether no heartbeat could be sent for a third of the heartbeat time-out before this moment.
fn was_away(scene: &Scene, lapsed: Timestamp, untold: bool) -> bool {
    let at = lapsed.since(START).as_secs();
    let lasted = |outage: &Outage| outage.within(at.saturating_sub(scene.heartbeat), at);
    let silent = scene.weather.outages.iter().filter(|outage| outage.stops_heartbeats(untold));
    silent.map(lasted).sum::<u64>() * 3 >= scene.heartbeat
}
