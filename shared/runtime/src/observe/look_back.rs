//! What the line of a settled action needs and the decision did not: when its launch began, and how it ended.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use lifecycle::decision::{Action, Reason};
use lifecycle::identity::InstanceId;

use super::{activities, unreadable};
use crate::handler::Invocation;
use crate::look::Look;

/// Reads the scaling activities of looks that are about to leave a line without knowing enough; once per group.
/// A line without them is written all the same.
pub(crate) async fn look_back(looks: &mut [Look], invocation: &Invocation<'_>) {
    let mut groups: BTreeMap<&str, Vec<&InstanceId>> = BTreeMap::new();
    for look in looks.iter().filter(|look| needs(look)) {
        groups.entry(look.group.as_deref().unwrap_or_default()).or_default().push(&look.instance);
    }
    let reads = groups.into_iter().map(|(group, ids)| activities(group, ids, invocation));
    let mut known = BTreeMap::new();
    for answer in join_all(reads).await {
        known.extend(answer.inspect_err(unreadable).unwrap_or_default());
    }
    for look in looks.iter_mut() {
        look.activity = known.remove(&look.instance);
    }
}

fn needs(look: &Look) -> bool {
    look.decision.as_ref().is_some_and(|decision| match decision.action {
        Action::Complete(_) => look.launched_at().is_none(),
        Action::Settle => decision.reason == Reason::Gone && look.has_launch_message(),
        Action::Wait | Action::Probe { .. } | Action::Repair(_) => false,
    })
}
