//! Tells of copied groups that the gate is not on. Nobody knows whether a blue/green deployment copies the hooks of others
//! (aws-facts 14); without ours, the new fleet launches without the gate and without anybody noticing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lifecycle::green::{Gating, judge_hooks, name_copied_group};
use lifecycle::observation::Reading;
use tracing::warn;

use crate::batch::Deployed;
use crate::context::Context;
use crate::evidence::find_copies;
use crate::facts::ListedHooks;
use crate::look::Progress;
use crate::observe::read_hooks;
use crate::telemetry::write_ungated_line;

/// For how long after the success AWS is asked.
const ASKED_FOR: Duration = Duration::from_hours(1);

/// Looks at the groups that these deployments have copied. What AWS does not tell now, or what may still change, comes
/// back with its message.
pub(crate) async fn tell_ungated_groups(all: &mut [Deployed], context: &Context<'_>) {
    let ids = all.iter().map(|deployed| deployed.success.deployment.clone()).collect();
    let copies = find_copies(ids, context).await;
    let has_copied = |deployed: &Deployed| copies.get(&deployed.success.deployment) == Some(&true);
    let groups: BTreeSet<String> = all.iter().filter(|deployed| has_copied(deployed)).map(name_copy).collect();
    let hooks = read_hooks(groups, context).await;
    for deployed in all {
        deployed.progress = match copies.get(&deployed.success.deployment) {
            Some(true) => judge_copy(deployed, &hooks, context),
            Some(false) => Progress::Settled,
            None => Progress::Unfinished,
        };
        if deployed.progress == Progress::Unfinished && context.now().since(deployed.success.at) > ASKED_FOR {
            warn!(
                deployment = deployed.success.deployment,
                "nobody could tell whether the gate is on its copied group"
            );
            deployed.progress = Progress::Settled;
        }
    }
}

fn judge_copy(deployed: &Deployed, hooks: &BTreeMap<String, Reading<ListedHooks>>, context: &Context<'_>) -> Progress {
    let group = name_copy(deployed);
    let Some(Reading::Known(listed)) = hooks.get(&group) else { return Progress::Unfinished };
    match judge_hooks(&listed.hooks, context.now().since(deployed.success.at)) {
        Gating::NotYet => Progress::Open,
        Gating::Gated | Gating::Unknown => Progress::Settled,
        Gating::Ungated => {
            if context.memory.told_groups.note(group.clone()) {
                write_ungated_line(&deployed.success, &group, context);
            }
            Progress::Settled
        }
    }
}

fn name_copy(deployed: &Deployed) -> String {
    name_copied_group(&deployed.success.deployment_group, &deployed.success.deployment)
}
