//! Which reads of AWS the next decision needs. A look that can already be decided asks for nothing more; that is what
//! keeps a waiting instance cheap: one that SSM does not know needs no other read yet.

use std::time::Duration;

use crate::Timestamp;
use crate::decide::{ACCEPTED_WITHIN, deadline, elapsed, fresh};
use crate::observation::{Beginning, Observation, Presence, Reading, RunState};
use crate::policy::Policy;

/// The shortest heartbeat timeout that is kept alive while SSM does not know the instance yet. A shorter one may lapse
/// before the hook is read for the first time; the line of every launch that sees one warns.
pub const SHORTEST_HEARTBEAT: Duration = Duration::from_mins(2);

/// How far back a look sees whose beginning is not known: longer than a launch takes that is repaired once.
pub const LATELY: Duration = Duration::from_mins(30);

/// The reads that a look needs next.
#[expect(clippy::struct_excessive_bools, reason = "a set of four, and a set crate would say no more")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// `DescribeInstanceInformation`.
    pub ping: bool,
    /// `DescribeAutoScalingInstances`.
    pub presence: bool,
    /// `ListCommandInvocations`.
    pub runs: bool,
    /// `DescribeLifecycleHooks`.
    pub hook: bool,
}

impl Reads {
    /// Whether nothing is needed any more.
    #[must_use]
    pub fn none(self) -> bool {
        self == Self::default()
    }
}

/// The reads that are worth making before `decide` is asked.
#[must_use]
pub fn wanted(seen: &Observation, policy: &Policy, now: Timestamp) -> Reads {
    if seen.unreadable() {
        return Reads::default();
    }
    match seen.beginning {
        Beginning::At(_) => wanted_by_launch(seen, policy, now),
        Beginning::SoonAfter(_) => wanted_by_sweep(seen, policy, now),
        Beginning::Unknown => wanted_by_nudge(seen),
    }
}

fn wanted_by_launch(seen: &Observation, policy: &Policy, now: Timestamp) -> Reads {
    let late = deadline(seen, policy).is_some_and(|deadline| deadline <= now);
    // From here on a heartbeat may be due at this look.
    let aged = elapsed(seen, now) + 3 * seen.tick >= SHORTEST_HEARTBEAT;
    let talks = fresh(seen, now) || late;
    let unheard = seen.ping.known().is_some() && !talks;
    Reads {
        ping: seen.ping.unread(),
        hook: seen.hook.unread() && aged,
        runs: seen.runs.unread() && talks && may_wait(seen),
        // CodeDeploy may have ended the launch, and SSM says nothing of an instance that is terminated (AWS-FACTS 6.1): it
        // looks like one that never came up.
        presence: seen.presence.unread() && (late || has_run(seen) || seen.shared && unheard),
    }
}

/// The policy of a swept instance stands in its hook, so nothing is decided before that is read. In the first minute
/// an instance that SSM does not know needs no decision.
fn wanted_by_sweep(seen: &Observation, policy: &Policy, now: Timestamp) -> Reads {
    match seen.hook {
        Reading::Unread => Reads {
            ping: seen.ping.unread(),
            hook: fresh(seen, now) || elapsed(seen, now) >= ACCEPTED_WITHIN,
            ..Reads::default()
        },
        Reading::Known(Some(_)) => wanted_by_launch(seen, policy, now),
        Reading::Known(None) | Reading::Failed => Reads::default(),
    }
}

/// A nudge names an instance and nothing else: whether it waits, and in which group, comes first.
fn wanted_by_nudge(seen: &Observation) -> Reads {
    let waits = matches!(seen.presence, Reading::Known(Presence::Waiting(_)));
    let ours = matches!(seen.hook, Reading::Known(Some(_)));
    Reads {
        presence: seen.presence.unread(),
        hook: seen.hook.unread() && waits,
        runs: seen.runs.unread() && waits && ours,
        ping: seen.ping.unread() && waits && ours && !seen.glance && runs_leave_doubt(seen),
    }
}

fn may_wait(seen: &Observation) -> bool {
    matches!(seen.presence, Reading::Unread | Reading::Known(Presence::Waiting(_)))
}

/// The first run may be started without knowing that the instance still waits: it changes nothing.
fn has_run(seen: &Observation) -> bool {
    seen.runs.known().is_some_and(|runs| !runs.is_empty())
}

/// A report has just proved more than any ping could; anything else may want a run started.
fn runs_leave_doubt(seen: &Observation) -> bool {
    let newest = seen.runs.known().and_then(|runs| runs.first());
    seen.runs.known().is_some() && !newest.is_some_and(|run| matches!(run.state, RunState::Reported { .. }))
}

#[cfg(test)]
mod tests;
