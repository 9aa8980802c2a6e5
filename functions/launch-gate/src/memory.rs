//! What a process remembers between invocations. It saves calls and lines.
//!
//! A process that remembers nothing reads AWS instead, and decides the same. What is remembered is given to a look as
//! such ([`Reading::Remembered`]); the core says before what it must be read afresh.
//!
//! [`Reading::Remembered`]: lifecycle::observation::Reading::Remembered

mod groups;
mod instances;
mod reasons;
mod rests;
mod told;

use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lifecycle::Timestamp;
use lifecycle::identity::{InstanceId, Token};

pub(crate) use self::groups::{Groups, HOOKS_FOR, TIMEOUTS_FOR};
pub(crate) use self::instances::{BELIEVED_FOR, Instances, Known, Settled};
pub(crate) use self::reasons::Reasons;
pub(crate) use self::rests::{Rest, Rests};
pub(crate) use self::told::Told;

/// A process that ended a batch of several messages less than this ago finds the queue busy.
const BUSY_FOR: Duration = Duration::from_secs(1);

/// What a process remembers.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// The launches of which a line was written without completing them.
    pub(crate) told: Told<(InstanceId, Option<Token>)>,
    /// The copied groups of which a line says that the gate is not on them.
    pub(crate) told_groups: Told<String>,
    /// The instances with open launches.
    pub(crate) instances: Instances,
    /// Their groups.
    pub(crate) groups: Groups,
    /// Why launches of groups with a breaker failed. Its line alone uses it.
    pub(crate) reasons: Reasons,
    /// How many pages the runs of our documents filled when they were read last.
    pub(crate) pages: AtomicUsize,
    /// The rests of lists that AWS did not give to their ends.
    pub(crate) rests: Rests,
    /// When the last batch of several messages ended.
    last_batch: Mutex<Option<Timestamp>>,
}

impl Memory {
    /// Whether the queue is busy, as far as the last batch tells.
    pub(crate) fn is_busy(&self, now: Timestamp) -> bool {
        let last = *self.last_batch.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|ended| now.since(ended) < BUSY_FOR)
    }

    /// Notes that a batch of several messages ends now.
    pub(crate) fn note_batch(&self, now: Timestamp) {
        *self.last_batch.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
}
