//! How long a lifecycle action has been open, and when it must be settled.

use std::time::Duration;

use crate::Timestamp;
use crate::observation::{Beginning, Observation};
use crate::policy::Policy;
use crate::reads::LATELY;

/// A scaling activity begins before its lifecycle action does, by as long as the instance is `Pending`: seconds mostly,
/// minutes for bare metal and hibernated instances. The launch message is the exact timer; a deadline counted from the
/// activity only ends what that message no longer can.
const ACTIVITY_LEAD: Duration = Duration::from_mins(15);

/// Since when the lifecycle action may have been open, if that is known.
pub(crate) fn began(seen: &Observation) -> Option<Timestamp> {
    match seen.beginning {
        Beginning::At(moment) | Beginning::SoonAfter(moment) => Some(moment),
        Beginning::Unknown => None,
    }
}

/// For how long the lifecycle action has been open; zero if that is not known.
pub(crate) fn elapsed(seen: &Observation, now: Timestamp) -> Duration {
    began(seen).map_or(Duration::ZERO, |began| now.since(began))
}

/// When the owner's patience ends, if the beginning is known.
pub(crate) fn deadline(seen: &Observation, policy: &Policy) -> Option<Timestamp> {
    let patience = patience(seen, policy);
    match seen.beginning {
        Beginning::At(moment) => Some(moment + patience),
        Beginning::SoonAfter(moment) => Some(moment + ACTIVITY_LEAD + patience),
        Beginning::Unknown => None,
    }
}

/// When it may end at the earliest, for what must not be begun too late: also where only a command, `launched` for this
/// instance and others, says when the first of them began. A nudge believes it only as long as it sees all runs since.
pub(super) fn earliest_deadline(
    seen: &Observation,
    policy: &Policy,
    launched: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let began = match seen.beginning {
        Beginning::At(moment) => moment,
        Beginning::SoonAfter(moment) => launched.map_or(moment, |launched| launched.max(moment)),
        Beginning::Unknown => launched.filter(|launched| now.since(*launched) <= LATELY)?,
    };
    Some(began + patience(seen, policy))
}

/// No heartbeat helps beyond the hook's global timeout (AWS-FACTS 2.2), so the smaller of the two holds, early enough for
/// two looks.
fn patience(seen: &Observation, policy: &Policy) -> Duration {
    let global = seen.hook.known().copied().flatten().map(|hook| hook.global_timeout.saturating_sub(2 * seen.tick));
    global.map_or(policy.ready_within, |global| global.min(policy.ready_within))
}
