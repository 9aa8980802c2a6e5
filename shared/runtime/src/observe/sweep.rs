//! The scheduled look at everything that waits: a lost launch message costs at most one sweep.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use lifecycle::Timestamp;
use lifecycle::decide::ACCEPTED_WITHIN;
use lifecycle::identity::InstanceId;

use super::{activities, presences, unreadable};
use crate::handler::Invocation;
use crate::look::{Found, Look};

/// Looks at all instances that wait and that `looks` does not hold yet. Whether their group has our hook is read later;
/// an instance that has just begun is left to its launch message and, if that was lost, to the next sweep.
pub(crate) async fn sweep(looks: &[Look], now: Timestamp, invocation: &Invocation<'_>) -> Vec<Look> {
    let held: BTreeSet<&InstanceId> = looks.iter().filter(|look| look.launched()).map(|look| &look.instance).collect();
    let Ok(mut waiting) = presences::waiting(invocation).await.inspect_err(unreadable) else {
        return Vec::new();
    };
    waiting.retain(|found| !held.contains(&found.instance));
    let groups = waiting.into_iter().fold(BTreeMap::<String, Vec<Found>>::new(), |mut groups, found| {
        groups.entry(found.group.clone()).or_default().push(found);
        groups
    });
    let swept = groups.into_iter().map(|(group, waiting)| group_looks(group, waiting, now, invocation));
    join_all(swept).await.into_iter().flatten().collect()
}

async fn group_looks(group: String, waiting: Vec<Found>, now: Timestamp, invocation: &Invocation<'_>) -> Vec<Look> {
    let ids = waiting.iter().map(|found| &found.instance).collect();
    let Ok(known) = activities(&group, ids, invocation).await.inspect_err(unreadable) else {
        return Vec::new();
    };
    let (policy, tick) = (&invocation.config.default_policy, invocation.config.tick);
    let looks = waiting.into_iter().filter_map(|found| {
        let began = known.get(&found.instance)?.began;
        (now.since(began) >= ACCEPTED_WITHIN).then(|| Look::of_sweep(found, began, policy.clone(), tick))
    });
    looks.collect()
}
