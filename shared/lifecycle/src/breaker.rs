//! The breaker of a group: whether so many of its launches fail that somebody should know, or that it should launch no
//! more.
//!
//! To count failures is not enough. Of 200 good launches a few fail, a new batch that has just begun has no success yet,
//! and the last of a batch to end are often those that hang until their deadline. So Launch is suspended only after
//! failures in a row, of launches that began after the last one that succeeded, and only if no more launches are open than
//! have failed.

mod launches;

use std::time::Duration;

pub use launches::{Activity, End, Launch, list_launches, mark_abandoned};

use crate::policy::{Breaker, BreakerAction, Mode, Policy};
use crate::timestamp::Timestamp;

/// How the names of groups begin that `CodeDeploy` copies for a blue/green deployment (aws-facts 14).
const COPIED: &str = "CodeDeploy_";
/// How long a launch may be held by others after our deadline: `CodeDeploy` waits an hour for an agent (aws-facts 3.3).
const HELD_BY_OTHERS: Duration = Duration::from_hours(1);

/// A group, as its breaker sees it.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// The group's name.
    pub name: &'a str,
    /// Its policy.
    pub policy: &'a Policy,
    /// Whether the policy was read from the hook in this look. An older one suspends nothing.
    pub is_policy_read: bool,
    /// Whether the stack may suspend Launch.
    pub may_suspend: bool,
    /// Whether all activities of the time were read.
    pub is_complete: bool,
}

/// What a breaker that trips does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trip {
    /// It only tells.
    Alarm(Hindrance),
    /// It suspends Launch too.
    Suspend,
}

/// Why a breaker that trips does not suspend Launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// The policy asks for an alarm only.
    Policy,
    /// The policy only observes.
    Observes,
    /// The stack was deployed without the permission.
    Stack,
    /// `CodeDeploy` has just copied the group for a blue/green deployment.
    Copied,
    /// The hook's policy was not read in this look.
    OldPolicy,
    /// There were more activities than were read.
    Incomplete,
    /// A launch has succeeded that ended or began no earlier.
    Succeeded,
    /// More launches are open than have failed.
    Open,
}

/// What the breaker of a group has counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count<'a> {
    /// The launches that failed within the window, the last to end first.
    pub failed: Vec<&'a Launch>,
    /// How many of them failed in a row: they ended after the last success, and began after the last launch that succeeded.
    pub row: usize,
    /// How many launches are open that had begun when the first of the row ended.
    pub open: usize,
}

/// From when on activities are read: a launch that ends within the window began before it.
#[must_use]
pub fn first_activity(breaker: &Breaker, policy: &Policy, now: Timestamp) -> Timestamp {
    now - (breaker.within + policy.ready_within + HELD_BY_OTHERS)
}

/// What the breaker of the group does about these launches; nothing if it does not trip.
#[must_use]
pub fn judge<'a>(launches: &'a [Launch], group: &Group<'_>, now: Timestamp) -> Option<(Trip, Count<'a>)> {
    let breaker = group.policy.breaker.as_ref()?;
    let count = count_failures(launches, breaker.within, now);
    if count.failed.len() < breaker.failures {
        return None;
    }
    let hindrance = find_hindrance(group, breaker).or_else(|| doubt(&count, breaker));
    Some((hindrance.map_or(Trip::Suspend, Trip::Alarm), count))
}

fn count_failures(launches: &[Launch], within: Duration, now: Timestamp) -> Count<'_> {
    let ended = |launch: &&Launch| launch.failed_at().is_some_and(|at| at + within > now);
    let mut failed: Vec<&Launch> = launches.iter().filter(ended).collect();
    failed.sort_by_key(|launch| std::cmp::Reverse(launch.failed_at()));
    let succeeded = || launches.iter().filter_map(|launch| Some((launch.began, launch.succeeded_at()?)));
    let (last_began, last_ended) = (succeeded().map(|(began, _)| began).max(), succeeded().map(|(_, at)| at).max());
    let is_since = |launch: &Launch| Some(launch.began) > last_began && launch.failed_at() > last_ended;
    let row: Vec<&Launch> = failed.iter().copied().filter(|launch| is_since(launch)).collect();
    let first = row.iter().filter_map(|launch| launch.failed_at()).min();
    let open = launches.iter().filter(|launch| launch.end == End::Open && Some(launch.began) <= first).count();
    Count { row: row.len(), failed, open }
}

/// Why this group is not suspended, whatever its launches do.
fn find_hindrance(group: &Group<'_>, breaker: &Breaker) -> Option<Hindrance> {
    let hindrances = [
        (breaker.action == BreakerAction::Alarm, Hindrance::Policy),
        (group.policy.mode == Mode::Observe, Hindrance::Observes),
        (!group.may_suspend, Hindrance::Stack),
        (group.name.starts_with(COPIED), Hindrance::Copied),
        (!group.is_policy_read, Hindrance::OldPolicy),
        (!group.is_complete, Hindrance::Incomplete),
    ];
    hindrances.into_iter().find_map(|(holds, hindrance)| holds.then_some(hindrance))
}

/// Why these launches do not prove that nothing can succeed.
fn doubt(count: &Count<'_>, breaker: &Breaker) -> Option<Hindrance> {
    if count.row < breaker.failures {
        return Some(Hindrance::Succeeded);
    }
    (count.open > count.row).then_some(Hindrance::Open)
}

#[cfg(test)]
mod table;
#[cfg(test)]
mod trials;
