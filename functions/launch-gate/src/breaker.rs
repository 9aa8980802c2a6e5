//! The breakers of groups. It judges each group in which a launch has just failed, and does what the core says.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use lifecycle::breaker::{Count, Group, Trip, first_activity, judge, list_launches, mark_abandoned};
use lifecycle::identity::InstanceId;
use lifecycle::observation::Reading;
use lifecycle::policy::{BreakerAction, Policy};

use crate::act::suspend_launch;
use crate::context::Context;
use crate::evidence::read_group_activities;
use crate::look::{Decided, Failure, Look};
use crate::observe::{log_failed_read, read_hooks};
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
    let Some(newest) = failed.iter().copied().max_by_key(|decided| has_read_policy(&decided.look)) else { return };
    let (policy, is_policy_read) = read_policy(name, &newest.look, context).await;
    let Some(breaker) = &policy.breaker else { return };
    let since = first_activity(breaker, &policy, context.now());
    let (activities, is_complete) = match read_group_activities(name, since, context).await {
        Ok(read) => read,
        Err(error) => return log_failed_read(&error),
    };
    let now = context.now();
    let mut launches = list_launches(&activities, now);
    mark_abandoned(&mut launches, &list_abandoned(&failed), now);
    let may_suspend = context.config.may_suspend;
    let group = Group { name, policy: &policy, is_policy_read, may_suspend, is_complete };
    if let Some((trip, count)) = judge(&launches, &group, now) {
        trip_breaker(trip, &count, &group, context).await;
    }
}

/// Whether the policy is the hook's, read in this look.
fn has_read_policy(look: &Look) -> bool {
    matches!(look.seen.hooks, Reading::Known(_)) && look.seen.our_hook().is_some()
}

/// The policy of the group, and whether it is the hook's now. A look at an instance that is gone may not have read it; to
/// suspend it must be read.
async fn read_policy(name: &str, look: &Look, context: &Context<'_>) -> (Policy, bool) {
    let suspends = look.policy.breaker.is_some_and(|breaker| breaker.action == BreakerAction::Suspend);
    if has_read_policy(look) || !suspends {
        return (look.policy.clone(), has_read_policy(look));
    }
    let mut hooks = read_hooks(BTreeSet::from([name.to_owned()]), context).await;
    match hooks.remove(name) {
        Some(Reading::Known(listed)) if listed.hooks.ours.is_some() => {
            (context.config.policy_of(listed.metadata.as_deref()).0, true)
        }
        _ => (look.policy.clone(), false),
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
