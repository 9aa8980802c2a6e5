//! How long a lifecycle action has been open, and when it must be settled.

use std::time::Duration;

use crate::observation::{Beginning, Observation};
use crate::policy::Policy;
use crate::timestamp::Timestamp;

/// For this long after an action began, AWS's views of it may disagree: the instance may be seen in the wait state
/// before the action can be completed, and the event may arrive before the wait state is seen. Until then, wait instead
/// of concluding (ARCHITECTURE.md#the-decision-table).
pub const ACCEPTED_WITHIN: Duration = Duration::from_mins(1);

/// How far back runs are read for a look whose beginning is not known. It is longer than a launch with one repair takes.
pub const LATELY: Duration = Duration::from_mins(30);

/// How long the verdict waits for a last look, from when SSM accepted it.
pub(crate) const LAST_LOOK: Duration = Duration::from_mins(1);

/// A scaling activity begins before its lifecycle action, by as long as the instance is `Pending`: mostly seconds, but
/// minutes for bare metal and hibernated instances. The launch message has the exact time. A deadline that is counted
/// from the activity only ends launches whose message is lost, so it may be late.
const ACTIVITY_LEAD: Duration = Duration::from_mins(15);

/// For how long the lifecycle action has been open; zero if that is not known.
pub(crate) fn elapsed(seen: &Observation, now: Timestamp) -> Duration {
    seen.began().map_or(Duration::ZERO, |began| now.since(began))
}

/// When the instance must be ready, if the beginning is known.
#[must_use]
pub fn deadline(seen: &Observation, policy: &Policy) -> Option<Timestamp> {
    let allowed = time_allowed(seen, policy);
    match seen.beginning {
        Beginning::At(moment) => Some(moment + allowed),
        Beginning::SoonAfter(moment) => Some(moment + ACTIVITY_LEAD + allowed),
        Beginning::Unknown => None,
    }
}

/// Whether the deadline is known and has passed.
#[must_use]
pub fn is_late(seen: &Observation, policy: &Policy, now: Timestamp) -> bool {
    deadline(seen, policy).is_some_and(|deadline| deadline <= now)
}

/// The earliest that the deadline can be; for what must not be begun too late.
///
/// `launched` is the time in a command's comment. It counts where nothing better is known, although the command may
/// serve several instances and the time is that of the first of them. A nudge uses it only while it sees all runs since.
pub(crate) fn earliest_deadline(
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
    Some(began + time_allowed(seen, policy))
}

/// Until when a repair must have been proven: the earliest deadline. If a swept instance still waits two minutes after that,
/// its launch message is lost, because a look for that message would have ended the launch. Then the later deadline of the
/// sweep counts.
pub(crate) fn repairs_until(
    seen: &Observation,
    policy: &Policy,
    launched: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let earliest = earliest_deadline(seen, policy, launched, now)?;
    let is_left_to_sweep =
        matches!(seen.beginning, Beginning::SoonAfter(_)) && earliest + LAST_LOOK + 2 * seen.tick <= now;
    if is_left_to_sweep { deadline(seen, policy) } else { Some(earliest) }
}

/// `ready_within`, or the hook's global timeout less a last look and two ticks where that is smaller: no heartbeat helps
/// beyond the global timeout (aws-facts 2.2), and the verdict must still fit before it.
fn time_allowed(seen: &Observation, policy: &Policy) -> Duration {
    let reserve = LAST_LOOK + 2 * seen.tick;
    let global = seen.our_hook().map(|hook| hook.global_timeout.saturating_sub(reserve));
    global.map_or(policy.ready_within, |global| global.min(policy.ready_within))
}
