//! What is remembered of each group: its hooks, and the policy in its last launch message.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lifecycle::Timestamp;

use crate::facts::ListedHooks;

/// The hooks of a group are read afresh after this time, so that a changed policy counts within a minute.
pub(crate) const HOOKS_FOR: Duration = Duration::from_mins(1);
/// While SSM does not know an instance, its policy decides nothing: of the hook only the heartbeat's time-out counts.
pub(crate) const TIMEOUTS_FOR: Duration = Duration::from_mins(5);
/// When the memory has grown to so many groups, it begins anew. Each takes up to some kilobytes.
const REMEMBERED: usize = 500;

/// What is remembered of each group.
#[derive(Debug, Default)]
pub(crate) struct Groups(Mutex<BTreeMap<String, Group>>);

#[derive(Debug, Default)]
struct Group {
    hooks: Option<(Timestamp, ListedHooks)>,
    metadata: Option<String>,
}

impl Groups {
    /// Notes the hooks that were read now.
    pub(crate) fn note_hooks(&self, group: &str, hooks: &ListedHooks, now: Timestamp) {
        self.change(group, |known| known.hooks = Some((now, hooks.clone())));
    }

    /// Notes the policy in a launch message.
    pub(crate) fn note_metadata(&self, group: &str, metadata: Option<String>) {
        self.change(group, |known| known.metadata = metadata);
    }

    /// The hooks, if they were read less than `span` ago and ours was among them.
    pub(crate) fn recall_hooks(&self, group: &str, span: Duration, now: Timestamp) -> Option<ListedHooks> {
        let groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read, hooks) = groups.get(group)?.hooks.as_ref()?;
        (hooks.hooks.ours.is_some() && now.since(*read) < span).then(|| hooks.clone())
    }

    /// The policy in the last launch message of the group.
    pub(crate) fn recall_metadata(&self, group: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(group)?.metadata.clone()
    }

    fn change(&self, group: &str, change: impl FnOnce(&mut Group)) {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if groups.len() >= REMEMBERED {
            groups.clear();
        }
        change(groups.entry(group.to_owned()).or_default());
    }
}
