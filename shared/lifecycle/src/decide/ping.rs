//! Whether Systems Manager has heard from the instance since it was started, or lately. `Online` alone proves nothing: it may be
//! five minutes old, and a restarted warm-pool instance still shows its old ping (AWS-FACTS 6.1).

use std::time::Duration;

use crate::Timestamp;
use crate::decision::Reason;
use crate::observation::{Beginning, Observation, Ping, Reading};

/// The SSM Agent of a fast image may ping before its lifecycle action is announced.
const BEFORE_ANNOUNCED: Duration = Duration::from_mins(1);
/// The SSM Agent pings every five minutes (AWS-FACTS 6.1), and a little slack. An instance of a running warm pool is not
/// restarted and may have pinged last this long ago. A ping that is younger may still be one from before a restart:
/// taking it for fresh costs one undelivered run, taking a fresh one for old would cost the minutes to the next.
const PING_INTERVAL: Duration = Duration::from_secs(330);

/// Whether the ping is known and fresh.
pub(crate) fn fresh(seen: &Observation, now: Timestamp) -> bool {
    seen.ping.known().is_some() && trouble(seen, now).is_none()
}

/// What is wrong with the ping, if it has been read.
pub(super) fn trouble(seen: &Observation, now: Timestamp) -> Option<Reason> {
    let lately = now - PING_INTERVAL;
    let since = match seen.beginning {
        Beginning::At(began) => lately.min(began - BEFORE_ANNOUNCED),
        Beginning::SoonAfter(began) => lately.min(began),
        Beginning::Unknown => lately,
    };
    match seen.ping {
        Reading::Known(Ping::Never) => Some(Reason::SsmNotRegistered),
        Reading::Known(Ping::Heard { online, at }) => (!online || at < since).then_some(Reason::SsmPingStale),
        Reading::Unread | Reading::Failed => None,
    }
}
