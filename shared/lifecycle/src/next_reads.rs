//! Which reads of AWS a look needs next.
//!
//! A look that can already be decided asks for nothing more. This keeps a waiting instance cheap: while SSM does not
//! know it, one read is enough.

use std::time::Duration;

use crate::decide::propose;
use crate::observation::{Beginning, Observation, Reading};
use crate::ping::is_fresh;
use crate::policy::Policy;
pub use crate::reads::Reads;
use crate::reads::doubt;
use crate::run::RunState;
use crate::timestamp::Timestamp;
use crate::timing::{ACCEPTED_WITHIN, elapsed, is_late};

/// The shortest heartbeat timeout that is kept alive while SSM does not know the instance yet. A shorter one may lapse
/// before the hook is read for the first time; the settled line warns of it.
pub const SHORTEST_HEARTBEAT: Duration = Duration::from_mins(2);

/// No machine boots and registers with SSM within this time. One that comes from a warm pool may be running already.
const NO_AGENT_WITHIN: Duration = Duration::from_secs(3);

/// The reads to make before `decide` is asked.
#[must_use]
pub fn next_reads(seen: &Observation, policy: &Policy, now: Timestamp) -> Reads {
    if seen.has_failed_read() {
        return Reads::default();
    }
    let proposed = propose(seen, policy, now);
    let needs_policy = proposed.action.needs_policy();
    let unread = match seen.beginning {
        Beginning::At(_) => next_reads_of_launch(seen, policy, now, needs_policy),
        Beginning::SoonAfter(_) => next_reads_of_sweep(seen, policy, now, needs_policy),
        Beginning::Unknown => next_reads_of_nudge(seen),
    };
    unread.and(doubt(&proposed, seen, policy, now))
}

fn next_reads_of_launch(seen: &Observation, policy: &Policy, now: Timestamp, needs_policy: bool) -> Reads {
    let open = elapsed(seen, now);
    // The event of a group without a warm pool names no destination (aws-facts 1.1): the instance has only just started.
    if open < NO_AGENT_WITHIN && seen.destination.is_none() {
        return Reads::default();
    }
    // By now it may have been settled by a nudge, or be gone, and then nothing else is asked. SSM says nothing of a
    // terminated instance (aws-facts 6.1): it looks like one that never came up. The hook is read beside it, so that a
    // heartbeat can be sent also if this or a later read fails.
    if open >= ACCEPTED_WITHIN && seen.lifecycle_state.unread() {
        // Where a run is known of, its report is read beside it too.
        let runs = seen.runs.unread() && is_fresh(seen, now);
        return Reads { lifecycle_state: true, hooks: seen.hooks.unread(), runs, ping: false };
    }
    if !may_wait(seen) {
        return Reads::default();
    }
    let late = is_late(seen, policy, now);
    // From here on a heartbeat may be due at this look.
    let aged = open + 3 * seen.tick >= SHORTEST_HEARTBEAT;
    // The policy is the hook's, now: the copy in the launch message decides nothing that cannot be taken back.
    Reads {
        ping: seen.ping.unread() && !awaits_run(seen, now),
        hooks: seen.hooks.unread() && (aged || needs_policy),
        runs: seen.runs.unread() && (is_fresh(seen, now) || late),
        lifecycle_state: seen.lifecycle_state.unread() && (late || has_run(seen, now)),
    }
}

/// The policy of a swept instance stands in its hook, so the hook is read before anything is decided. In the first
/// minute an instance that SSM does not know needs no decision.
fn next_reads_of_sweep(seen: &Observation, policy: &Policy, now: Timestamp, needs_policy: bool) -> Reads {
    if seen.hooks.unread() {
        let hooks = is_fresh(seen, now) || elapsed(seen, now) >= ACCEPTED_WITHIN;
        return Reads { ping: seen.ping.unread(), hooks, ..Reads::default() };
    }
    match seen.our_hook() {
        Some(_) => next_reads_of_launch(seen, policy, now, needs_policy),
        None => Reads::default(),
    }
}

/// A nudge names only an instance. Whether the instance waits is read first, and which hooks its group has.
fn next_reads_of_nudge(seen: &Observation) -> Reads {
    let waits = seen.waits_for().is_some();
    let ours = seen.our_hook().is_some();
    Reads {
        lifecycle_state: seen.lifecycle_state.unread(),
        hooks: seen.hooks.unread() && waits,
        runs: seen.runs.unread() && waits && ours,
        ping: seen.ping.unread() && waits && ours && needs_ping(seen),
    }
}

fn may_wait(seen: &Observation) -> bool {
    seen.lifecycle_state.unread() || seen.waits_for().is_some()
}

/// The first run may be started without knowing that the instance still waits: a readiness run changes nothing. While one
/// is in progress, nothing is done.
fn has_run(seen: &Observation, now: Timestamp) -> bool {
    seen.runs.known().is_some_and(|runs| !runs.is_empty()) && !awaits_run(seen, now)
}

fn awaits_run(seen: &Observation, now: Timestamp) -> bool {
    seen.runs.known().and_then(|runs| runs.first()).is_some_and(|run| run.is_awaited(now))
}

/// A report proves more than a ping. Without one, a run may have to be started, and that needs the ping.
fn needs_ping(seen: &Observation) -> bool {
    let Reading::Known(runs) = &seen.runs else { return false };
    !runs.first().is_some_and(|run| matches!(run.state, RunState::Reported { .. }))
}

#[cfg(test)]
mod tests;
