//! Whether Systems Manager has heard from the instance since it was started, or lately.
//!
//! `Online` alone proves nothing: it may be five minutes old, and a restarted warm-pool instance still shows its old
//! ping (aws-facts 6.1).

use std::time::Duration;

use crate::decision::Reason;
use crate::observation::{Beginning, Observation, Ping};
use crate::timestamp::Timestamp;

/// The SSM Agent of an image that boots fast may ping before the lifecycle action is announced.
const BEFORE_ANNOUNCED: Duration = Duration::from_mins(1);
/// The SSM Agent pings every five minutes (aws-facts 6.1); 30 s are added for delays. An instance of a running warm
/// pool is not restarted, so its last ping may be this old. A younger ping may still be from before a restart: to take
/// it for fresh costs one undelivered run; to take a fresh one for old would cost minutes.
const PING_INTERVAL: Duration = Duration::from_secs(330);

/// Whether the ping is known and fresh.
pub(crate) fn is_fresh(seen: &Observation, now: Timestamp) -> bool {
    seen.ping.known().is_some() && find_trouble(seen, now).is_none()
}

/// Whether Systems Manager has heard from the instance since it was started. Its connection may be lost by now: that too is
/// told late, and says nothing of a machine that has restarted meanwhile.
pub(crate) fn was_heard(seen: &Observation, now: Timestamp) -> bool {
    matches!(seen.ping.known(), Some(Ping::Heard { at, .. }) if *at >= counts_since(seen, now))
}

/// Whether Systems Manager has heard from the instance after this moment.
pub(crate) fn heard_since(seen: &Observation, moment: Timestamp) -> bool {
    matches!(seen.ping.known(), Some(Ping::Heard { at, .. }) if *at > moment)
}

/// What is wrong with the ping, if it has been read and something is.
pub(crate) fn find_trouble(seen: &Observation, now: Timestamp) -> Option<Reason> {
    match *seen.ping.known()? {
        Ping::Never => Some(Reason::SsmNotRegistered),
        Ping::Heard { online, at } => (!online || at < counts_since(seen, now)).then_some(Reason::SsmPingStale),
    }
}

/// Since when a ping counts.
fn counts_since(seen: &Observation, now: Timestamp) -> Timestamp {
    let lately = now - PING_INTERVAL;
    match seen.beginning {
        Beginning::At(began) => lately.min(began - BEFORE_ANNOUNCED),
        Beginning::SoonAfter(began) => lately.min(began),
        Beginning::Unknown => lately,
    }
}
