//! The laws about what the owner of the group says now, and what the gate may touch.

use std::time::Duration;

use launchgate_tests::fleet::What;

use super::Life;
use crate::scene::Scene;
use crate::world::START;

pub(crate) const OBEYED: &str = "an owner's observe stops the gate";
pub(crate) const HELD: &str = "only what our hook holds is repaired";

/// An invocation that had read the hook before may still act, and an answer of AWS may lie a minute behind.
const ON_THE_WAY: Duration = Duration::from_secs(75);
/// For so long the gate remembers a hook before it continues a launch.
const REMEMBERED: Duration = Duration::from_mins(1);

impl Life<'_> {
    /// Once the hook says observe, nothing is completed and nothing is repaired.
    pub(super) fn owner_is_obeyed(&self, scene: &Scene) -> Option<(&'static str, String)> {
        let from = START + Duration::from_secs(scene.observed_from()?) + ON_THE_WAY;
        // Such an answer may be remembered for a CONTINUE. An ABANDON and a repair read the hook afresh.
        let lag = if scene.weather.states_behind > 0.0 { REMEMBERED } else { Duration::ZERO };
        let act = self.entries.iter().find(|entry| {
            let limit = if continues(&entry.what) { from + lag } else { from };
            entry.at > limit && (completes(&entry.what) || repairs(&entry.what))
        })?;
        Some((OBEYED, act.to_string()))
    }

    /// An instance that was launched before the group had our hook is held by others only, until it comes out of the pool.
    pub(super) fn only_held_is_repaired(&self, scene: &Scene) -> Option<(&'static str, String)> {
        let hooked = START + Duration::from_secs(scene.hooked_from()?);
        let begins = |what: &What| matches!(what, What::Launched { .. } | What::LeavesPool);
        let held = self.entries.iter().find(|entry| entry.at >= hooked && begins(&entry.what));
        let is_held = |at| held.is_some_and(|held| held.at <= at);
        let repair = self.entries.iter().find(|entry| repairs(&entry.what) && !is_held(entry.at))?;
        Some((HELD, repair.to_string()))
    }
}

fn completes(what: &What) -> bool {
    matches!(what, What::Completed { hook, .. } if hook == "launchgate")
}

fn continues(what: &What) -> bool {
    matches!(what, What::Completed { result, .. } if result == "CONTINUE")
}

fn repairs(what: &What) -> bool {
    matches!(what, What::RunSent { document, .. } if document == "install-agent")
}
