//! The scaling activities of launches that are about to leave a line: when they began, and how they ended.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use lifecycle::Timestamp;
use lifecycle::decision::{Action, Reason};
use lifecycle::identity::InstanceId;
use runtime::CallError;

use crate::context::Context;
use crate::look::Decided;
use crate::memory::Known;
use crate::observe::{log_failed_read, read_activities};

/// Reads the scaling activities of those looks whose line needs one, once per group. If AWS cannot be read, the line is
/// written without it.
pub(crate) async fn read_launch_activities(decided: &mut [Decided], context: &Context<'_>) {
    let mut groups: BTreeMap<&str, Vec<&InstanceId>> = BTreeMap::new();
    for decided in decided.iter().filter(|decided| needs_activity(decided, context)) {
        groups.entry(decided.look.group.as_deref().unwrap_or_default()).or_default().push(&decided.look.instance);
    }
    let reads =
        groups.into_iter().map(|(group, ids)| async move { (ids.clone(), read_activities(group, ids, context).await) });
    let mut known = BTreeMap::new();
    for (ids, answer) in join_all(reads).await {
        // A group that is gone has no activity.
        let answered = answer.as_ref().err().is_none_or(CallError::is_unknown_group);
        let mut found = answer.inspect_err(log_failed_read).unwrap_or_default();
        known.extend(ids.into_iter().filter(|_| answered).map(|id| (id.clone(), found.remove(id))));
    }
    for decided in decided {
        let answer = known.remove(&decided.look.instance);
        decided.has_no_activity = matches!(answer, Some(None));
        decided.activity = answer.flatten();
    }
}

/// When the launch began, for the settled line alone: it may tell what this process remembers.
pub(crate) fn tell_launch(decided: &Decided, context: &Context<'_>) -> Option<Timestamp> {
    decided.launched_at().or_else(|| context.memory.instances.read(&decided.look.instance, Known::began))
}

fn needs_activity(decided: &Decided, context: &Context<'_>) -> bool {
    match decided.decision.action {
        Action::Complete(_) => tell_launch(decided, context).is_none(),
        Action::Settle => decided.decision.reason == Reason::Gone && decided.look.has_launch_message(),
        Action::Wait | Action::Probe { .. } | Action::Repair(_) | Action::StartAgent(_) => false,
    }
}
