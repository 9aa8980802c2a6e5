//! The breakers of groups. It judges each group in which a launch has just failed, and does what the core says.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use lifecycle::breaker::{Count, Group, Trip, first_activity, judge, list_launches, mark_abandoned};
use lifecycle::identity::InstanceId;

use crate::act::suspend_launch;
use crate::context::Context;
use crate::evidence::read_group_activities;
use crate::look::{Decided, Failure};
use crate::observe::log_failed_read;
use crate::telemetry::{Tripped, write_breaker_line};

/// Judges the breakers of the groups in which these looks have seen a launch fail. It comes after all verdicts, which are
/// worth more than a breaker: the next failure judges it again.
pub(crate) async fn judge_breakers(all: &[Decided], context: &Context<'_>) {
    let mut groups: BTreeMap<&str, Vec<&Decided>> = BTreeMap::new();
    for decided in all.iter().filter(|decided| decided.failure.is_some() && decided.look.policy.breaker.is_some()) {
        context.memory.reasons.note(&decided.look.instance, decided.decision.reason.code());
        groups.entry(decided.look.group.as_deref().unwrap_or_default()).or_default().push(decided);
    }
    join_all(groups.into_iter().map(|(name, failed)| judge_breaker(name, failed, context))).await;
}

async fn judge_breaker(name: &str, failed: Vec<&Decided>, context: &Context<'_>) {
    let is_policy_read = |decided: &&Decided| decided.look.seen.our_hook().is_some();
    let Some(newest) = failed.iter().copied().max_by_key(is_policy_read) else { return };
    let policy = &newest.look.policy;
    let Some(breaker) = &policy.breaker else { return };
    let since = first_activity(breaker, policy, context.now());
    let (activities, is_complete) = match read_group_activities(name, since, context).await {
        Ok(read) => read,
        Err(error) => return log_failed_read(&error),
    };
    let now = context.now();
    let mut launches = list_launches(&activities, now);
    mark_abandoned(&mut launches, &list_abandoned(&failed), now);
    let (may_suspend, is_policy_read) = (context.config.may_suspend, is_policy_read(&newest));
    let group = Group { name, policy, is_policy_read, may_suspend, is_complete };
    if let Some((trip, count)) = judge(&launches, &group, now) {
        trip_breaker(trip, &count, &group, context).await;
    }
}

async fn trip_breaker(trip: Trip, count: &Count<'_>, group: &Group<'_>, context: &Context<'_>) {
    let tripped = match trip {
        Trip::Alarm(hindrance) => Tripped::Alarm(hindrance),
        Trip::Suspend => match suspend_launch(group.name, context).await {
            Ok(()) => Tripped::Suspended,
            Err(error) => Tripped::Refused(error),
        },
    };
    write_breaker_line(&tripped, count, group, context);
}

fn list_abandoned(failed: &[&Decided]) -> BTreeSet<InstanceId> {
    let abandoned = failed.iter().filter(|decided| decided.failure == Some(Failure::Abandoned));
    abandoned.map(|decided| decided.look.instance.clone()).collect()
}
