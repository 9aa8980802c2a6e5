//! Hooks that `CodeDeploy` has left on a group. They hold launches that are long continued by us, until their time-outs
//! end them, and no line of ours tells of that.

use super::deployments::Deployments;
use crate::handler::Invocation;
use crate::look::Look;

/// Seconds after the launch at which one sweep, they come every minute, looks for the reason that an instance still waits.
const LONG_HELD: std::ops::Range<u64> = 180..240;

/// Tells why instances are held that the sweep has found waiting for minutes.
pub(super) async fn tell(looks: &[Look], deployments: &Deployments<'_>, invocation: &Invocation<'_>) {
    for look in looks.iter().filter(|look| look.mail.is_empty()) {
        let waited = look.launched_at().map(|began| (invocation.clock)().since(began).as_secs());
        let shared = look.codedeploy_hooks.as_ref().is_some_and(|hooks| !hooks.is_empty());
        if let (Some(waited), true) = (waited.filter(|waited| LONG_HELD.contains(waited)), shared) {
            deployments.tell_idle_hooks(look, waited).await;
        }
    }
}
