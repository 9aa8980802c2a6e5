//! The scheduled look at everything that waits: a lost launch message costs at most one sweep.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use lifecycle::identity::InstanceId;

use super::{activities, presences, unreadable};
use crate::handler::Invocation;
use crate::look::{Found, Look};

/// Looks at all instances that wait and that `looks` does not hold yet. Whether their group has our hook is read when
/// there is something to decide. Also says whether everything could be read.
pub(crate) async fn sweep(looks: &[Look], invocation: &Invocation<'_>) -> (Vec<Look>, bool) {
    let held: BTreeSet<&InstanceId> = looks.iter().map(|look| &look.instance).collect();
    let Ok(mut waiting) = presences::waiting(invocation).await.inspect_err(unreadable) else {
        return (Vec::new(), false);
    };
    waiting.retain(|found| !held.contains(&found.instance));
    let groups = waiting.into_iter().fold(BTreeMap::<String, Vec<Found>>::new(), |mut groups, found| {
        groups.entry(found.group.clone()).or_default().push(found);
        groups
    });
    let swept = groups.into_iter().map(|(group, waiting)| group_looks(group, waiting, invocation));
    let swept = join_all(swept).await;
    let all = swept.iter().all(Option::is_some);
    (swept.into_iter().flatten().flatten().collect(), all)
}

/// None, if AWS could not be read.
async fn group_looks(group: String, waiting: Vec<Found>, invocation: &Invocation<'_>) -> Option<Vec<Look>> {
    let ids = waiting.iter().map(|found| &found.instance).collect();
    let known = activities(&group, ids, invocation).await.inspect_err(unreadable).ok()?;
    let policy = &invocation.config.default_policy;
    let looks = waiting.into_iter().filter_map(|found| {
        // An activity that has ended is not this wait's: a scale-in returns an instance to the pool through a wait too.
        let launch = known.get(&found.instance).filter(|launch| !launch.ended)?;
        Some(Look::of_sweep(found, launch.began, policy.clone()))
    });
    Some(looks.collect())
}
