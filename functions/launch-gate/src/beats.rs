//! When this process last sent each instance a heartbeat that AWS accepted.
//!
//! AWS does not tell it. The memory saves heartbeats that would change nothing, because many launches share one request
//! bucket (aws-facts 2.4). It decides nothing else: without it, a heartbeat is sent once more.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;

use crate::look::Decided;

/// When the memory has grown to so many instances, it begins anew.
const REMEMBERED: usize = 10_000;

/// The last accepted heartbeat of each instance.
#[derive(Debug, Default)]
pub(crate) struct Beats(Mutex<BTreeMap<InstanceId, Timestamp>>);

impl Beats {
    /// Whether the hook's time-out began anew less than a third of it ago.
    pub(crate) fn is_recent(&self, decided: &Decided, now: Timestamp) -> bool {
        let third = decided.look.seen.our_hook().map(|hook| hook.heartbeat_timeout / 3);
        self.last(&decided.look.instance).zip(third).is_some_and(|(last, third)| now.since(last) < third)
    }

    /// When the instance got its last heartbeat, as far as this process knows.
    pub(crate) fn last(&self, instance: &InstanceId) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(instance).copied()
    }

    /// Notes an accepted heartbeat.
    pub(crate) fn note(&self, instance: &InstanceId, now: Timestamp) {
        let mut beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if beats.len() >= REMEMBERED {
            beats.clear();
        }
        beats.insert(instance.clone(), now);
    }
}
