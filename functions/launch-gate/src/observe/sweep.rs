//! The sweep: finds every instance that waits, so that a lost launch message costs at most one minute.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;
use lifecycle::observation::LifecycleState;

use super::activities::read_activities;
use super::failed::log_failed_read;
use super::waiting::read_waiting;
use crate::context::Context;
use crate::facts::{GroupInstance, OpenLaunch};
use crate::look::{Decided, Look};
use crate::memory::Known;

/// For this long the sweep leaves out an instance whose launch this process has settled.
const SETTLED_FOR: Duration = Duration::from_mins(5);

/// What waits, beside what the batch has looked at.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) looks: Vec<Look>,
    /// The launches whose message will be back within a tick, as this process saw them last.
    pub(crate) known: Vec<(InstanceId, OpenLaunch)>,
    /// Whether everything could be read.
    pub(crate) all: bool,
}

/// Looks at all instances that wait, except those whose launch message will be back within a tick. Whether an instance's
/// group has our hook is read later, when there is something to decide.
pub(crate) async fn find_waiting(decided: &[Decided], context: &Context<'_>) -> Waiting {
    let seen: BTreeSet<&InstanceId> = decided.iter().map(|decided| &decided.look.instance).collect();
    let Ok(mut waiting) = read_waiting(context).await.inspect_err(log_failed_read) else {
        return Waiting::default();
    };
    let mut known = Vec::new();
    waiting.retain(|found| !seen.contains(&found.instance) && !is_cared_for(found, &mut known, context));
    let groups = waiting.into_iter().fold(BTreeMap::<String, Vec<GroupInstance>>::new(), |mut groups, found| {
        groups.entry(found.group.clone()).or_default().push(found);
        groups
    });
    let swept = groups.into_iter().map(|(group, waiting)| look_at_group(group, waiting, context));
    let swept = join_all(swept).await;
    let all = swept.iter().all(Option::is_some);
    Waiting { looks: swept.into_iter().flatten().flatten().collect(), known, all }
}

/// Notes that the instance waits. Returns whether its launch message will be back within a tick; then `launches` get what is
/// known of it.
fn is_cared_for(found: &GroupInstance, launches: &mut Vec<(InstanceId, OpenLaunch)>, context: &Context<'_>) -> bool {
    let (now, instances) = (context.now(), &context.memory.instances);
    let LifecycleState::Waiting(destination) = found.state else { return true };
    instances.note_open(&found.instance, |known| known.waits = Some((now, destination)));
    let Known { looked, launch, .. } = instances.recall(&found.instance);
    let comes_back = looked.is_some_and(|looked| now.since(looked) < 2 * context.config.tick);
    launches.extend(launch.filter(|_| comes_back).map(|launch| (found.instance.clone(), launch)));
    comes_back
}

/// Whether this process has settled the launch that began then, so that only another hook of the group still holds it. A
/// launch that began after the verdict is another one.
fn is_settled(found: &GroupInstance, began: Timestamp, context: &Context<'_>) -> bool {
    let accepted = context.memory.instances.read(&found.instance, |known| known.settled.as_ref()?.accepted);
    accepted.is_some_and(|(of, at)| {
        found.state == LifecycleState::Waiting(of) && began <= at && context.now().since(at) < SETTLED_FOR
    })
}

/// The looks at the waiting instances of one group; nothing if AWS could not be read.
async fn look_at_group(group: String, waiting: Vec<GroupInstance>, context: &Context<'_>) -> Option<Vec<Look>> {
    let ids = waiting.iter().map(|found| &found.instance).collect();
    let known = read_activities(&group, ids, context).await.inspect_err(log_failed_read).ok()?;
    let policy = &context.config.readiness.default_policy;
    let looks = waiting.into_iter().filter_map(|found| {
        // A launch that has ended is not the reason for this wait: a scale-in also returns an instance to the warm pool
        // through a wait state.
        let launch = known.get(&found.instance).filter(|launch| launch.ended.is_none())?;
        if is_settled(&found, launch.began, context) {
            return None;
        }
        Some(Look::of_sweep(found, launch.began, policy.clone()))
    });
    Some(looks.collect())
}
