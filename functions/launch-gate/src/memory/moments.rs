//! When something last happened to each instance, as far as this process knows.
//!
//! AWS keeps no trace of it. The memory saves what would change nothing: a heartbeat soon after another, and the sweep's
//! look at an instance whose launch message will be back within a tick. Many launches share one request bucket
//! (aws-facts 2.4). It decides nothing else: without it the same is done once more.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;

/// When the memory has grown to so many instances, it begins anew.
const REMEMBERED: usize = 10_000;

/// The last moment for each instance.
#[derive(Debug, Default)]
pub(crate) struct Moments(Mutex<BTreeMap<InstanceId, Timestamp>>);

impl Moments {
    /// Notes that it is done now.
    pub(crate) fn note(&self, instance: &InstanceId, now: Timestamp) {
        let mut moments = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if moments.len() >= REMEMBERED {
            moments.clear();
        }
        moments.insert(instance.clone(), now);
    }

    /// Forgets the instance.
    pub(crate) fn forget(&self, instance: &InstanceId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(instance);
    }

    /// When it was last done for this instance, as far as this process knows.
    pub(crate) fn last(&self, instance: &InstanceId) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(instance).copied()
    }

    /// Whether it was done less than this long ago.
    pub(crate) fn is_within(&self, instance: &InstanceId, span: Duration, now: Timestamp) -> bool {
        self.last(instance).is_some_and(|last| now.since(last) < span)
    }
}
